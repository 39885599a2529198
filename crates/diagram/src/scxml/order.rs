//! Transitions sorted by event, as packs write them, without a change in which one answers.
//!
//! Knows descriptors; nothing of what a transition does.

use serde_json::{Map, Value};

use super::import::Importer;
use super::read::Element;

impl Importer<'_> {
    /// Sorts transitions by event, as packs do. Where that would let a later one go before an earlier one that answers to the
    /// same event, the same descriptor is spelt another way.
    pub(super) fn arrange(
        &mut self,
        element: &Element,
        transitions: Vec<(Vec<String>, Value)>,
        state: &mut Map<String, Value>,
    ) {
        let mut on: Vec<(String, Vec<Value>)> = Vec::new();
        let mut always = Vec::new();
        for (events, transition) in transitions {
            if events.is_empty() {
                always.push(transition);
                continue;
            }
            for event in events {
                match place(&on, &event) {
                    Some(Place::With(n)) => on[n].1.push(transition.clone()),
                    Some(Place::New(key)) => on.push((key, vec![transition.clone()])),
                    None => self.refuse(
                        element,
                        format!("too many transitions for `{event}` stand between others that answer to it"),
                        "put the transitions for one event together",
                    ),
                }
            }
        }
        if !on.is_empty() {
            let on = on.into_iter().map(|(event, list)| (event, one_or_list(list)));
            state.insert("on".to_owned(), Value::Object(on.collect()));
        }
        if !always.is_empty() {
            state.insert("always".to_owned(), Value::Array(always));
        }
    }
}

fn one_or_list(mut list: Vec<Value>) -> Value {
    if list.len() == 1 {
        list.remove(0)
    } else {
        Value::Array(list)
    }
}

/// Where a transition belongs among those sorted by event.
enum Place {
    With(usize),
    New(String),
}

fn place(on: &[(String, Vec<Value>)], event: &str) -> Option<Place> {
    let bare = |key: &str| key.trim_end_matches('*').trim_end_matches('.').to_owned();
    let same = |key: &str| bare(key) == bare(event);
    let Some(last) = on.iter().rposition(|(key, _)| same(key)) else {
        return Some(Place::New(event.to_owned()));
    };
    // Others in between that may answer to the same event must stay in between.
    if on[last + 1..]
        .iter()
        .all(|(key, _)| !overlap(&bare(key), &bare(event)))
    {
        return Some(Place::With(last));
    }
    let spellings = [
        bare(event),
        format!("{}.*", bare(event)),
        format!("{}.", bare(event)),
    ];
    spellings
        .into_iter()
        .find(|s| !bare(event).is_empty() && on.iter().all(|(key, _)| key != s))
        .map(Place::New)
}

/// Whether some event answers to both descriptors.
fn overlap(a: &str, b: &str) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| short.is_empty() || rest.is_empty() || rest.starts_with('.'))
    };
    begins(a, b) || begins(b, a)
}
