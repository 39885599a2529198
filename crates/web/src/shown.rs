//! Kept fields and computed rows as a page shows them: by their kind, in words of the locales where there are some.
//! Knows kinds of fields; no page and no sentence.

use peshi_casework::approximate::PARTS_OF_DAY;
use peshi_service::views::{FactView, PanelRow};
use serde::Serialize;
use serde_json::Value;

/// A kept field, ready to show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Shown {
    /// Locale key of the field's name.
    pub key: String,
    /// `text`, `long`, `code` (a number of any sort, kept in one piece), `date`, `moment`, `word` (a locale key), `words`
    /// (several), `rough` (a date or time known more or less).
    pub how: &'static str,
    /// The value: text, `YYYY-MM-DD`, an instant, or the key.
    pub value: String,
    /// Keys of several words, or the two ends of a span.
    pub values: Vec<String>,
    /// It is known only roughly.
    pub about: bool,
    /// It is somebody's account: folded away.
    pub narrative: bool,
    /// Whose words name it; none for the page's own.
    pub words: Option<String>,
}

impl Shown {
    /// A date or moment that is none is shown as it was kept.
    pub(crate) fn new(fact: &FactView) -> Self {
        let text = match &fact.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (mut values, mut about) = (Vec::new(), false);
        let (how, value) = match (fact.kind.as_str(), &fact.choice_key) {
            ("choices", _) => {
                values.clone_from(&fact.choice_keys);
                ("words", String::new())
            }
            ("approximate_time", _) if PARTS_OF_DAY.contains(&text.as_str()) => {
                ("word", format!("time-{text}"))
            }
            ("approximate_date" | "approximate_time", _) => {
                about = text.contains('~');
                values = text.split('/').map(rough_end).collect();
                ("rough", String::new())
            }
            (_, Some(key)) => ("word", key.clone()),
            ("yes_no", None) => (
                "word",
                if fact.value == Value::Bool(true) {
                    "yes"
                } else {
                    "no"
                }
                .to_owned(),
            ),
            ("date", None) if text.parse::<chrono::NaiveDate>().is_ok() => ("date", text),
            ("datetime", None) => match local_moment(&text) {
                Some(moment) => ("moment", moment),
                None => ("text", text),
            },
            ("number" | "money" | "phone" | "cnic", None) => ("code", text),
            ("long_text", None) => ("long", text),
            _ => ("text", text),
        };
        Self {
            key: fact.key.clone(),
            how,
            value,
            values,
            about,
            narrative: fact.sensitivity == "narrative",
            words: None,
        }
    }

    /// A row of a panel: what was computed, or that the case does not say enough.
    pub(crate) fn computed(row: &PanelRow) -> Self {
        let (how, value) = match (&row.value, &row.value_key) {
            (None, _) => ("word", "panel-unknown".to_owned()),
            (Some(_), Some(key)) => ("word", key.clone()),
            (Some(Value::Bool(yes)), None) => ("word", if *yes { "yes" } else { "no" }.to_owned()),
            (Some(Value::String(text)), None) if text.parse::<chrono::NaiveDate>().is_ok() => {
                ("date", text.clone())
            }
            (Some(Value::String(text)), None) => ("text", text.clone()),
            (Some(other), None) => ("code", other.to_string()),
        };
        Self {
            key: row.key.clone(),
            how,
            value,
            values: Vec::new(),
            about: false,
            narrative: false,
            words: None,
        }
    }

    pub(crate) fn all(facts: &[FactView]) -> Vec<Self> {
        facts.iter().map(Self::new).collect()
    }
}

/// One end as people write it: a month as `03/2010`; a day stays as it is kept, for the page's own form of dates.
fn rough_end(kept: &str) -> String {
    let kept = kept.trim_end_matches('~');
    match kept.split_once('-') {
        Some((year, month)) if month.len() == 2 => format!("{month}/{year}"),
        _ => kept.to_owned(),
    }
}

/// `YYYY-MM-DDTHH:MM` as an instant to be shown in the zone UTC, which leaves the local hour as it is.
fn local_moment(text: &str) -> Option<String> {
    peshi_casework::form::moment(text).map(|local| format!("{}Z", local.format("%Y-%m-%dT%H:%M:%S")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fact(kind: &str, value: Value, choice: Option<&str>) -> FactView {
        FactView {
            key: "field-f-x".to_owned(),
            value,
            choice_key: choice.map(str::to_owned),
            choice_keys: Vec::new(),
            kind: kind.to_owned(),
            sensitivity: "open".to_owned(),
        }
    }

    #[test]
    fn facts_are_shown_by_their_kind_and_never_break_a_page() {
        let table = [
            (
                fact("datetime", json!("2026-03-12T09:00"), None),
                "moment",
                "2026-03-12T09:00:00Z",
            ),
            (fact("datetime", json!("soon"), None), "text", "soon"),
            (fact("date", json!("2026-03-12"), None), "date", "2026-03-12"),
            (fact("date", json!("12th"), None), "text", "12th"),
            (
                fact("choice", json!("none"), Some("choice-proof-none")),
                "word",
                "choice-proof-none",
            ),
            (fact("yes_no", json!(true), None), "word", "yes"),
            (fact("yes_no", json!(false), None), "word", "no"),
            (fact("money", json!(35.5), None), "code", "35.5"),
            (fact("long_text", json!("a\nb"), None), "long", "a\nb"),
            (fact("text", json!(null), None), "text", "null"),
        ];
        for (fact, how, value) in table {
            let shown = Shown::new(&fact);
            assert_eq!((shown.how, shown.value.as_str()), (how, value), "{fact:?}");
        }
    }

    #[test]
    fn what_is_known_roughly_and_several_words_are_shown_as_such() {
        let shown = |kind: &str, value: Value, choice_keys: Vec<String>| {
            let fact = FactView {
                key: "field-a-b".to_owned(),
                value,
                choice_key: None,
                choice_keys,
                kind: kind.to_owned(),
                sensitivity: "open".to_owned(),
            };
            let shown = Shown::new(&fact);
            (shown.how, shown.about, shown.values)
        };
        let text = |text: &str| Value::String(text.to_owned());
        let ends = |ends: &[&str]| ends.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>();
        for (kind, kept, expected) in [
            (
                "approximate_date",
                "2010-03~",
                ("rough", true, ends(&["03/2010"])),
            ),
            (
                "approximate_date",
                "2009/2010-03-12",
                ("rough", false, ends(&["2009", "2010-03-12"])),
            ),
            (
                "approximate_time",
                "16:00/18:00",
                ("rough", false, ends(&["16:00", "18:00"])),
            ),
            ("approximate_time", "evening", ("word", false, Vec::new())),
        ] {
            assert_eq!(shown(kind, text(kept), Vec::new()), expected, "{kept}");
        }
        let chosen = ends(&["choice-b-x", "choice-b-y"]);
        let several = shown("choices", serde_json::json!(["x", "y"]), chosen.clone());
        assert_eq!(several, ("words", false, chosen));
    }
}
