//! Packs that want to harm: each is refused with a finding that says why, in bounded time and stack, and no text ends the loader.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::fmt::Write;
use std::path::Path;

use peshi_casework::pack::{PackFiles, as_text, load, load_loose, parse_calendar};
use proptest::prelude::*;

fn files(workflow: &str, forms: &str) -> PackFiles {
    [("workflow.yaml", workflow), ("forms.yaml", forms)]
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

const HEAD: &str = "workflow: x\nversion: 1\ntitle: {}\ncalendar: pk\nroles: [clerk]\n";

fn chart(states: &str) -> String {
    format!("{HEAD}charts:\n  case:\n    states:\n{states}")
}

#[test]
fn what_is_too_large_or_too_deep_is_refused_with_the_reason() {
    let many_states: String = (0..10_001).fold(String::new(), |mut text, n| {
        let _ = writeln!(
            text,
            "      s{n}: {{ on: {{ e: {{ to: s{} }} }} }}",
            (n + 1) % 10_001
        );
        text
    });
    let nested_block: String = (0..500).fold(String::new(), |mut text, n| {
        let _ = write!(text, "{0}s{n}:\n{0} states:\n", " ".repeat(6 + 2 * n));
        text
    });
    let nested_flow = |n: usize| format!("      s: {}{}", "{states: {a: ".repeat(n), "}}".repeat(n));
    let json = |n: usize| format!("{{\"charts\": {}1{}}}", "{\"a\": ".repeat(n), "}".repeat(n));
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (name, of) in ["b", "c", "d", "e", "f", "g"]
        .iter()
        .zip(["a", "b", "c", "d", "e", "f"])
    {
        let _ = writeln!(
            bomb,
            "{name}: &{name} [{}]",
            vec![format!("*{of}"); 10].join(", ")
        );
    }
    let guard = |n: usize| {
        let long = "data.x == 1 || ".repeat(n / 15);
        chart(&format!(
            "      s: {{ on: {{ e: {{ to: s, if: '{long}true' }} }} }}\n"
        ))
    };
    let forms = |n: usize| {
        (0..n).fold(String::from("forms:\n"), |mut text, n| {
            let _ = writeln!(text, " f{n}: {{}}");
            text
        })
    };
    let sound = chart("      s: { closes_case: true }\n");
    // what it is, the two files, the code, part of the message
    let table = [
        (
            "ten thousand and one states",
            chart(&many_states),
            "",
            "chart",
            "more than 10000 states",
        ),
        (
            "a thousand mappings in each other, as a block",
            chart(&nested_block),
            "",
            "unreadable-file",
            "",
        ),
        (
            "a thousand mappings in each other, in braces",
            chart(&nested_flow(500)),
            "",
            "unreadable-file",
            "",
        ),
        (
            "a thousand objects in each other, as JSON",
            json(1_000),
            "",
            "unreadable-file",
            "",
        ),
        (
            "a hundred thousand objects in each other",
            json(100_000),
            "",
            "unreadable-file",
            "",
        ),
        (
            "aliases that unfold to ten million",
            format!("{HEAD}charts: {{}}\n{bomb}"),
            "",
            "unreadable-file",
            "",
        ),
        (
            "a guard of ten megabytes",
            guard(10_000_000),
            "",
            "file-too-large",
            "limit is 1000000",
        ),
        (
            "a guard of nine hundred kilobytes",
            guard(900_000),
            "",
            "condition",
            "the limit is 2000",
        ),
        (
            "a list of a million elements",
            format!("{HEAD}public: [{}]", "a,".repeat(1_000_000)),
            "",
            "file-too-large",
            "",
        ),
        (
            "a list of four hundred thousand",
            format!("{HEAD}public: [{}]", "a,".repeat(400_000)),
            "",
            "unreadable-file",
            "",
        ),
        (
            "a hundred thousand forms",
            sound.clone(),
            &forms(100_000),
            "file-too-large",
            "",
        ),
        (
            "sixty thousand forms",
            sound.clone(),
            &forms(60_000),
            "too-many",
            "60000 forms; the limit is 1000",
        ),
        ("a NUL", format!("{HEAD}\0"), "", "unreadable-file", ""),
        ("nothing", String::new(), "", "unreadable-file", ""),
        (
            "two documents",
            format!("{sound}---\n{sound}"),
            "",
            "unreadable-file",
            "",
        ),
        (
            "a million brackets",
            "[".repeat(1_000_000),
            "",
            "unreadable-file",
            "",
        ),
        (
            "a million hyphens",
            "- ".repeat(400_000),
            "",
            "unreadable-file",
            "",
        ),
        (
            "a key of half a megabyte",
            format!("{}: 1", "k".repeat(500_000)),
            "",
            "unreadable-file",
            "",
        ),
    ];
    for (what, workflow, forms, code, message) in table {
        let mut files = files(&workflow, forms);
        if forms.is_empty() {
            files.remove("forms.yaml");
        }
        let (pack, findings) = load(&files);
        assert!(pack.is_none(), "{what}");
        let found = findings.iter().find(|f| f.code == code);
        let found =
            found.unwrap_or_else(|| panic!("{what}: {:#?}", findings.iter().take(3).collect::<Vec<_>>()));
        assert!(
            found.message.contains(message) && !found.help.is_empty(),
            "{what}: {found}"
        );
        assert!(
            found.message.len() < 500 && findings.len() <= 501,
            "{what}: {}",
            found.message.len()
        );
        assert!(
            load_loose(&files, None).0.is_none() || code == "too-many" || code == "file-too-large",
            "{what}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_shown_where_they_stand() {
    let broken = as_text("forms.yaml", b"forms:\n  \xff\xfe".to_vec()).unwrap_err();
    assert_eq!((broken.code, broken.line, broken.column), ("not-text", 2, 3));
    let nul = as_text("forms.yaml", b"a\0b".to_vec()).unwrap_err();
    assert_eq!((nul.code, nul.line, nul.column), ("not-text", 1, 2));
    assert!(nul.to_string().contains("UTF-8"));
    assert_eq!(as_text("forms.yaml", b"ok".to_vec()).unwrap(), "ok");
}

/// A shipped pack's three files.
fn shipped(name: &str) -> Vec<(&'static str, String)> {
    ["workflow.yaml", "forms.yaml", "deadlines.yaml"]
        .map(|file| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../workflows")
                .join(name)
                .join(file);
            (file, std::fs::read_to_string(path).unwrap())
        })
        .to_vec()
}

/// One thing done to a text.
#[derive(Debug, Clone)]
enum Harm {
    Drop(usize),
    Double(usize),
    Swap(usize, usize),
    Indent(usize),
    Flip(usize, u8),
    Insert(usize, &'static str),
    Cut(usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    let signs = vec![
        "&a ",
        "*a",
        "{",
        "}",
        "[",
        "]",
        ": ",
        "- ",
        "'",
        "\"",
        "<<: ",
        "!!x ",
        "|\n",
        ">-\n",
        "\t",
        "\u{0}",
        "é",
        "#",
        "\n---\n",
        "(",
        "?",
        "=",
        "$",
        "\u{feff}",
        "\r",
        "%YAML 1.2\n",
    ];
    prop_oneof![
        any::<usize>().prop_map(Harm::Drop),
        any::<usize>().prop_map(Harm::Double),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Harm::Swap(a, b)),
        any::<usize>().prop_map(Harm::Indent),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Harm::Flip(at, byte)),
        (any::<usize>(), prop::sample::select(signs)).prop_map(|(at, sign)| Harm::Insert(at, sign)),
        any::<usize>().prop_map(Harm::Cut),
    ]
}

fn harmed(text: &str, harm: &Harm) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let count = lines.len().max(1);
    match harm {
        Harm::Drop(n) if !lines.is_empty() => drop(lines.remove(n % count)),
        Harm::Double(n) if !lines.is_empty() => {
            let line = lines[n % count].clone();
            lines.insert(n % count, line);
        }
        Harm::Swap(a, b) if !lines.is_empty() => lines.swap(a % count, b % count),
        Harm::Indent(n) if !lines.is_empty() => lines[n % count].insert_str(0, "  "),
        Harm::Flip(at, byte) if !text.is_empty() => {
            let mut bytes = text.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] ^= byte;
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        Harm::Insert(at, sign) => {
            let mut text = text.to_owned();
            let at = text.floor_char_boundary(at % (text.len() + 1));
            text.insert_str(at, sign);
            return text;
        }
        Harm::Cut(at) => return text[..text.floor_char_boundary(at % (text.len() + 1))].to_owned(),
        _ => {}
    }
    lines.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is done to a shipped pack, the loader answers; and what it points at lies in the file.
    #[test]
    fn harmed_packs_are_read_or_refused(
        name in prop::sample::select(vec!["abduction", "road-traffic-fine"]),
        file in 0usize..3,
        harms in prop::collection::vec(harm(), 1..5),
    ) {
        let mut parts = shipped(name);
        for harm in &harms {
            parts[file].1 = harmed(&parts[file].1, harm);
        }
        let files: PackFiles = parts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
        for (_, findings) in [load(&files), load_loose(&files, None)] {
            for found in findings {
                if let Some(text) = files.get(&found.file).filter(|_| found.line > 0) {
                    prop_assert!(found.span.0 <= text.len(), "{}", found);
                    prop_assert!(text.is_char_boundary(found.span.0), "{}", found);
                }
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}", yaml in "[a-c:{}\\[\\]&*!|>'\"\\- \n]{0,80}") {
        for text in [text, yaml] {
            drop(load(&files(&text, &text)));
            drop(load_loose(&files(&text, &text), None));
            drop(parse_calendar("x.yaml", &text));
        }
    }
}
