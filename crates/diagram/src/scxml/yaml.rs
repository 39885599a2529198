//! Writes plain data as YAML the way a pack's author would: blocks, short lists in brackets, quotes only where needed.
//!
//! Knows no chart.

use serde_json::{Map, Value};

/// A mapping as a block, each line indented by `depth` steps.
pub(crate) fn block(map: &Map<String, Value>, depth: usize) -> String {
    let mut out = String::new();
    write(map, depth, &mut out);
    out
}

fn write(map: &Map<String, Value>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for (key, value) in map {
        out.push_str(&indent);
        entry(key, value, depth, out);
    }
}

fn entry(key: &str, value: &Value, depth: usize, out: &mut String) {
    out.push_str(&name(key));
    out.push(':');
    let line = inline(value);
    match value {
        Value::Object(map) if !map.is_empty() && (line.len() > 90 || is_deep(value)) => {
            out.push('\n');
            write(map, depth + 1, out);
        }
        Value::Array(items) if line.len() > 90 => {
            out.push('\n');
            let indent = "  ".repeat(depth + 1);
            for item in items {
                out.push_str(&indent);
                out.push_str("- ");
                match item {
                    // The first key stands behind the dash, the others below it.
                    Value::Object(map) if !map.is_empty() && inline(item).len() > 90 => {
                        for (n, (key, value)) in map.iter().enumerate() {
                            if n > 0 {
                                out.push_str(&indent);
                                out.push_str("  ");
                            }
                            entry(key, value, depth + 2, out);
                        }
                    }
                    _ => {
                        out.push_str(&inline(item));
                        out.push('\n');
                    }
                }
            }
        }
        _ => {
            out.push(' ');
            out.push_str(&line);
            out.push('\n');
        }
    }
}

/// States read as a tree, whatever their length.
fn is_deep(value: &Value) -> bool {
    let Value::Object(map) = value else { return false };
    map.contains_key("states") || map.values().any(Value::is_object)
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(k, v)| format!("{}: {}", name(k), inline(v)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A key: packs write `on` bare.
fn name(key: &str) -> String {
    if key == "on" { key.to_owned() } else { scalar(key) }
}

/// A text, in quotes unless it is plainly a word or a few.
fn scalar(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ' ');
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        || text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(' ');
    let reserved = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ];
    if starts
        && text.chars().all(word)
        && !text.ends_with(' ')
        && !reserved.contains(&text.to_ascii_lowercase().as_str())
    {
        return text.to_owned();
    }
    let printable = text.chars().all(|c| !c.is_control());
    if printable && !text.contains('\'') {
        return format!("'{text}'");
    }
    // JSON's quoted text is YAML's.
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_read_like_a_hand_written_file() {
        let Value::Object(map) = json!({
            "type": "parallel",
            "states": { "a": { "on": { "go": { "to": "b", "if": "data.x == \"y\"" } } }, "b": {} },
        }) else {
            unreachable!("an object")
        };
        insta::assert_snapshot!(block(&map, 0), @r#"
        type: parallel
        states:
          a:
            on:
              go: { to: b, if: 'data.x == "y"' }
          b: {}
        "#);
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in any::<String>(), other in "[ -~]{0,40}") {
            let map: Map<String, Value> = [("k".to_owned(), json!([text, { "x": other }]))].into_iter().collect();
            let back: Value = serde_saphyr::from_str(&block(&map, 0)).unwrap();
            prop_assert_eq!(back, Value::Object(map));
        }
    }
}
