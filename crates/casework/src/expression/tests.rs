//! Conditions seen from outside: what they see, what they refuse, and that both evaluators agree.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn scope_with(check: impl FnOnce(&Scope<'_>)) {
    let data = json!({"amount": 35.0, "paid": 10, "notified_on": "2026-01-01"});
    let form = json!({"result": "acquittal"});
    let empty = Map::new();
    let children =
        [json!({"id": "proceeding-1", "chart": "proceeding", "open": true, "data": {"kind": "s22a"}})];
    let active = ["registered".to_owned()];
    check(&Scope {
        data: data.as_object().unwrap(),
        form: form.as_object().unwrap(),
        root: &empty,
        active: &active,
        case_active: &active,
        children: &children,
        now: "2026-03-02T04:00:00Z".parse().unwrap(),
        today: "2026-03-02".parse().unwrap(),
        occurred_at: "2026-03-02T09:00:00".parse().unwrap(),
    });
}

#[test]
fn conditions_see_the_case() {
    scope_with(|scope| {
        for (text, expected) in [
            ("data.paid < data.amount", true),
            ("form.result == 'acquittal'", true),
            ("has(form.other)", false),
            ("in_state('registered') && !in_state('refused')", true),
            ("case_in_state('registered')", true),
            (
                "children('proceeding').exists(p, p.open && p.data.kind == 's22a')",
                true,
            ),
            ("children('hearing').size() == 0", true),
            ("data.paid + 1 == 11 && double(data.paid) < data.amount", true),
            ("days_between(data.notified_on, occurred_on) <= 60", true),
            (
                "hours_between(data.notified_on + 'T09:00', occurred_at) == 1440",
                true,
            ),
            (
                "certainly_under('2011', 16, occurred_on) && !possibly_under('2009', 16, today)",
                true,
            ),
            (
                "youngest_age('2010~', today) == 14 && oldest_age('2010~', today) == 17",
                true,
            ),
            (
                "age_on('2010-03-02', today) == 16 && latest('2010-02') == '2010-02-28'",
                true,
            ),
            ("now > timestamp('2026-01-01T00:00:00Z')", true),
            ("children('proceeding').all(p, in_state('registered'))", true),
            ("form.result in ['acquittal', 'conviction']", true),
            ("has(form.x) ? form.x > 1 : data.paid == 10", true),
            (
                "children('proceeding').filter(p, p.open).map(p, p.id) == ['proceeding-1']",
                true,
            ),
            ("children('proceeding').exists_one(p, p.open)", true),
            ("'kind' in children('proceeding')[0].data", true),
        ] {
            let expression = Expression::compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(expression.holds(scope), Ok(expected), "{text}");
        }
    });
}

#[test]
fn what_packs_write_is_lowered() {
    for text in [
        "data.amount >= 100 && form.kind == \"a\"",
        "in_state(\"x\") || !case_in_state(\"y\")",
        "has(form.total) ? double(form.total) : double(data.paid) + double(form.part)",
        "children(\"p\").exists(p, p.open && p.data.kind == \"s22a\" && has(p.data.result))",
        "form.resolution in [\"a\", \"b\"] && days_between(data.on, today) > 3",
        "data.name.startsWith(\"x\") && size(data.list) > int(2) && -data.n < 4",
    ] {
        let compiled = Expression::compile(text).unwrap();
        assert!(compiled.0.lowered.is_some(), "{text}");
    }
}

#[test]
fn what_cannot_be_answered_is_an_error_not_a_guess() {
    scope_with(|scope| {
        let missing = Expression::compile("form.nothing == 1").unwrap();
        let error = missing.holds(scope).unwrap_err().to_string();
        assert!(error.contains("nothing"), "{error}");
        let number = Expression::compile("data.paid").unwrap();
        let error = number.holds(scope).unwrap_err().to_string();
        assert!(error.contains("not true or false"), "{error}");
        assert_eq!(number.value(scope).unwrap(), json!(10));
    });
}

#[test]
fn bad_texts_are_refused_at_load_with_their_place() {
    // text, the part the caret shows, part of the message
    for (text, part, message) in [
        ("data.x ==", "", "ends where more is expected"),
        ("data.x = 1", "=", "`=` alone"),
        ("data.x == 1 and data.y == 2", "and", "`and` is not a word"),
        ("data.x == 1 & data.y == 2", "&", "single `&`"),
        ("data.x == 'a", "'", "does not end"),
        ("has(1)", "1", "`has` asks about one field"),
        ("dta.x == 1", "dta", "unknown name `dta`"),
        ("data.x == 1 && dta.x == 1", "dta", "unknown name `dta`"),
        ("frobnicate(1)", "frobnicate", "unknown name `frobnicate`"),
        ("data.x == size", "size", "unknown name `size`"),
        ("Message{x: 1}", "Message", "unknown name `Message`"),
    ] {
        let error = Expression::compile(text).unwrap_err();
        let at = match &error {
            ExpressionError::Syntax { at, .. } | ExpressionError::UnknownName { at, .. } => at.clone(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(&text[at], part, "{text}: {error}");
        assert!(error.to_string().contains(message), "{text}: {error}");
    }
}

#[test]
fn what_is_too_large_is_refused_and_nothing_overflows() {
    let chains = [
        format!("{}1{}", "(".repeat(40), ")".repeat(40)),
        "1 == 1 && ".repeat(400) + "true",
        "1+".repeat(990) + "1",
        "data".to_owned() + &".a".repeat(900),
        "data".to_owned() + &"[0]".repeat(600),
        "true?1:".repeat(250) + "1",
        "1<".repeat(990) + "1",
        "data".to_owned() + &".size()".repeat(280),
        "!".repeat(1_990) + "true",
        "-".repeat(1_990) + "1",
        "[".repeat(1_990),
        "{".repeat(31) + &"}".repeat(31),
        "'".repeat(1_999),
        "\u{0}\u{1}é&&é".repeat(100),
    ];
    for text in chains {
        match Expression::compile(&text) {
            Ok(compiled) => scope_with(|scope| drop(compiled.holds(scope))),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

/// A generated expression: the grammar of what packs write, right and wrong alike.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("null".to_owned()),
        (-3i64..4).prop_map(|i| i.to_string()),
        prop_oneof![
            Just(0.5),
            Just(2.0),
            Just(-1.0),
            Just(9_223_372_036_854_775_807.0)
        ]
        .prop_map(|f: f64| format!("{f:?}")),
        Just("9223372036854775807".to_owned()),
        prop::sample::select(vec![
            "''",
            "'a'",
            "'b'",
            "'2026-01-01'",
            "'2010~'",
            "'2010-03'",
            "'2026-01-01T09:00'",
            "'12'",
            "'x-1'",
            "'پ'"
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "data",
            "form",
            "root",
            "data.a",
            "data.b",
            "data.c",
            "data.d",
            "form.a",
            "form.z",
            "root.a",
            "data.d.a",
            "now",
            "today",
            "occurred_on",
            "occurred_at",
            "x",
            "x.a",
            "x.data.a",
            "x.open",
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "has(data.a)",
            "has(form.z)",
            "has(data.d.z)",
            "has(data.a.b)",
            "in_state('s')",
            "in_state('t')",
            "case_in_state('s')",
            "children('c')",
            "children('none')",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 40, 3, |inner| {
        let operator = prop::sample::select(vec![
            "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in", "&&", "||", "&&", "||",
        ]);
        let function = prop::sample::select(vec!["size", "int", "double", "string", "in_state", "children"]);
        let method = prop::sample::select(vec!["contains", "startsWith", "endsWith"]);
        let looping = prop::sample::select(vec!["exists", "all", "filter", "map", "exists_one"]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone()).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            1 => inner.clone().prop_map(|a| format!("!({a})")),
            1 => inner.clone().prop_map(|a| format!("-({a})")),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(c, a, b)| format!("(({c}) ? ({a}) : ({b}))")),
            1 => (function, inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            1 => (inner.clone(), method, inner.clone()).prop_map(|(a, m, b)| format!("({a}).{m}({b})")),
            2 => (prop::sample::select(vec!["days_between", "hours_between", "years_between", "age_on", "youngest_age", "oldest_age"]), inner.clone(), inner.clone())
                .prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
            1 => (prop::sample::select(vec!["certainly_under", "possibly_under"]), inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(f, a, n, b)| format!("{f}({a}, {n}, {b})")),
            1 => (prop::sample::select(vec!["earliest", "latest"]), inner.clone())
                .prop_map(|(f, a)| format!("{f}({a})")),
            2 => (inner.clone(), looping, inner.clone()).prop_map(|(r, l, b)| format!("({r}).{l}(x, {b})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}]")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("({a})[{b}]")),
        ]
    })
}

fn anything() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3i64..4).prop_map(Json::from),
        Just(json!(0.5)),
        Just(json!(2.0)),
        prop::sample::select(vec![
            "",
            "a",
            "b",
            "s",
            "c",
            "2026-01-01",
            "2026-02-30",
            "12",
            "پ"
        ])
        .prop_map(Json::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            prop::collection::btree_map("[a-d]", inner, 0..3)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

fn fields() -> impl Strategy<Value = Map<String, Json>> {
    prop::collection::btree_map("[a-d]", anything(), 0..5).prop_map(|map| map.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever the lowered tree answers, the language's own interpreter answers too; and where it has none, nor have we.
    #[test]
    fn both_evaluators_agree(
        text in expression(),
        data in fields(),
        form in fields(),
        root in fields(),
        child in fields(),
        open in any::<bool>(),
    ) {
        let Ok(compiled) = Expression::compile(&text) else { return Ok(()) };
        let ids = ["s".to_owned(), "u".to_owned()];
        let children = [json!({"id": "c-1", "chart": "c", "open": open, "data": child, "a": 1})];
        let scope = Scope {
            data: &data,
            form: &form,
            root: &root,
            active: &ids,
            case_active: &ids[1..],
            children: &children,
            now: "2026-03-02T04:00:00Z".parse().unwrap(),
            today: "2026-03-02".parse().unwrap(),
            occurred_at: "2026-03-01T09:00:00".parse().unwrap(),
        };
        let by_library = library::json(compiled.0.syntax.root(), &scope);
        if let Some(node) = &compiled.0.lowered {
            if let Some(ours) = evaluate::json(node, &scope) {
                prop_assert_eq!(Ok(&ours), by_library.as_ref(), "{}", text);
            }
            if let Some(ours) = evaluate::truth(node, &scope) {
                prop_assert_eq!(Ok(&Json::Bool(ours)), by_library.as_ref(), "{}", text);
            }
        }
        prop_assert_eq!(compiled.value(&scope).ok(), by_library.ok(), "{}", text);
    }

    #[test]
    fn any_text_is_compiled_or_refused(text in "\\PC{0,80}") {
        let _ = Expression::compile(&text);
    }

    #[test]
    fn places_of_errors_lie_in_the_text(text in "[a-z.()'&|=!<>\\[\\]{}?:,0-9 é]{0,60}") {
        if let Err(ExpressionError::Syntax { at, .. } | ExpressionError::UnknownName { at, .. }) = Expression::compile(&text) {
            prop_assert!(text.get(at).is_some(), "{}", text);
        }
    }
}
