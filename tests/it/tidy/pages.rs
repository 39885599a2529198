//! Pages keep to the content security policy: no script, no style, no handler of their own.

/// Whether `style="…"` may stand in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Styles {
    /// Pages have a stylesheet.
    Refused,
    /// Mail has none: what a mail program shows must be written into the element.
    Allowed,
}

/// Script, style and handlers inside a template.
pub(super) fn inline(path: &str, text: &str, styles: Styles) -> Vec<String> {
    let mut findings = Vec::new();
    let lower = without_marks(&text.to_ascii_lowercase());
    for (at, tag) in tags(&lower) {
        let line = lower[..at].matches('\n').count() + 1;
        if let Some((what, remedy)) = wrong(tag, styles) {
            findings.push(format!("{path}:{line}: {what}; {remedy}"));
        }
    }
    findings
}

/// The text with the template's own marks blanked out: what stands in them is no HTML, and their quotes close nothing.
fn without_marks(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = ["{{", "{%", "{#"].iter().filter_map(|open| rest.find(open)).min() {
        let close = match &rest[at..at + 2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        out.push_str(&rest[..at]);
        let end = rest[at..]
            .find(close)
            .map_or(rest.len(), |n| at + n + close.len());
        out.extend(rest[at..end].chars().map(|c| if c == '\n' { c } else { ' ' }));
        rest = &rest[end..];
    }
    out + rest
}

/// Opening tags with their place: from `<` to the `>` outside quotes.
fn tags(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('<').filter_map(|(at, _)| {
        let rest = &text[at..];
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let mut quote = None;
        for (n, c) in rest.char_indices() {
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if c == open => quote = None,
                (None, '>') => return Some((at, &rest[..n])),
                _ => {}
            }
        }
        Some((at, rest))
    })
}

fn wrong(tag: &str, styles: Styles) -> Option<(String, &'static str)> {
    let (name, attributes) = tag[1..]
        .split_once(|c: char| c.is_whitespace())
        .unwrap_or((&tag[1..], ""));
    if name == "script" {
        return Some(("a script in the page".to_owned(), "pages work without any"));
    }
    if name == "style" {
        return Some((
            "a style block".to_owned(),
            "write the rule into crates/web/static/peshi.css",
        ));
    }
    if attributes.contains("javascript:") {
        return Some(("a script as an address".to_owned(), "link to a page"));
    }
    for attribute in names(attributes) {
        if attribute == "style" && styles == Styles::Refused {
            return Some((
                "a style attribute".to_owned(),
                "give the element a class and the class a rule",
            ));
        }
        if attribute.len() > 2 && attribute.starts_with("on") {
            return Some((format!("the handler `{attribute}`"), "pages work without scripts"));
        }
    }
    None
}

/// Names of attributes that are followed by a value.
fn names(attributes: &str) -> impl Iterator<Item = &str> {
    attributes.match_indices('=').map(|(at, _)| {
        let before = &attributes[..at];
        let begin = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .map_or(0, |b| b + 1);
        &before[begin..]
    })
}

#[test]
fn scripts_styles_and_handlers_are_caught() {
    for wrong in [
        "<p>a</p>\n<script>x()</script>",
        "<p>a</p>\n<SCRIPT src='x.js'></SCRIPT>",
        "\n<style>p { color: red }</style>",
        "\n<p style=\"color:red\">a</p>",
        "\n<p class=\"a\" style='color:red'>a</p>",
        "\n<button type=\"button\" onclick=\"x()\">a</button>",
        "\n<a href=\"javascript:x()\">a</a>",
        "\n<body {% if a > b %}dir=\"rtl\"{% endif %}\n onload=x>",
    ] {
        let findings = inline("a.html", wrong, Styles::Refused);
        assert_eq!(findings.len(), 1, "{wrong}: {findings:?}");
        assert!(findings[0].starts_with("a.html:2: "), "{findings:?}");
    }
}

#[test]
fn ordinary_pages_pass_and_mail_may_have_styles() {
    let page = "<a class=\"b\" href=\"/cases?on=1\">style = none, on time</a> {% if a < b %}<br>{% endif %}";
    assert_eq!(inline("a.html", page, Styles::Refused), Vec::<String>::new());
    let mail = "<p style=\"margin:0\">a</p>";
    assert_eq!(inline("a.html.tera", mail, Styles::Allowed), Vec::<String>::new());
    assert_eq!(inline("a.html.tera", "<p onclick='x'>", Styles::Allowed).len(), 1);
}
