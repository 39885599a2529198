//! What differs between what a story expects and what is seen. Only what the story names is compared.
//! Knows the story's words for dates and statuses; no case.

use std::fmt::Write;

use chrono::{NaiveDate, NaiveDateTime};
use peshi_casework::form;
use serde_saphyr::{Location, Spanned};

use super::situation::{DeadlineSeen, MessageSeen, Situation};
use super::yaml::{ExpectYaml, MessageYaml, MessagesYaml};

/// One difference, with its place.
pub(super) struct Found {
    pub(super) line: u64,
    pub(super) what: String,
    pub(super) expected: String,
    pub(super) got: String,
}

/// Every difference, in the order of the lines. `refused` is why the step was refused, if it was.
pub(super) fn compare(expect: &ExpectYaml, seen: &Situation, refused: Option<&str>) -> Vec<Found> {
    let mut found = Finder(Vec::new());
    if let Some(states) = &expect.states {
        let active = seen.instances.get("case").cloned().flatten().unwrap_or_default();
        found.among(states.referenced, "states", states.value.as_slice(), &active);
    }
    for (child, states) in &expect.children.0 {
        found.child(child, states.as_slice(), seen);
    }
    found.word(expect.public.as_ref(), "public", seen.public.as_deref(), "none");
    found.word(
        expect.waiting_on.as_ref(),
        "waiting_on",
        seen.waiting_on.as_deref(),
        "nobody",
    );
    found.flag(expect.closed.as_ref(), "closed", seen.closed);
    found.flag(expect.blind.as_ref(), "blind", seen.blind);
    found.flag(expect.stalled.as_ref(), "stalled", seen.stalled);
    for (rule, statuses) in &expect.deadlines.0 {
        found.deadline(rule, statuses.as_slice(), &seen.deadlines);
    }
    if let Some(tasks) = &expect.tasks {
        found.among(tasks.referenced, "tasks", tasks.value.as_slice(), &seen.tasks);
    }
    if let Some(noted) = &expect.violations {
        found.among(
            noted.referenced,
            "violations",
            noted.value.as_slice(),
            &seen.violations,
        );
    }
    if let Some(messages) = &expect.messages {
        found.messages(messages, &seen.messages);
    }
    for (field, value) in &expect.data.0 {
        let got = seen.data.get(&field.value);
        if got != Some(value) {
            let got = got.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            found.push(
                field.referenced,
                format!("data {}", field.value),
                value.to_string(),
                got,
            );
        }
    }
    match (&expect.refused, refused) {
        (Some(why), None) => found.push(why.referenced, "refused", why.value.clone(), "it was accepted"),
        (Some(why), Some(reason)) if !reason.contains(&why.value) => {
            found.push(why.referenced, "refused", why.value.clone(), reason);
        }
        _ => {}
    }
    let mut found = found.0;
    found.sort_by_key(|one| one.line);
    found
}

struct Finder(Vec<Found>);

impl Finder {
    fn push(
        &mut self,
        at: Location,
        what: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        self.0.push(Found {
            line: at.line(),
            what: what.into(),
            expected: expected.into(),
            got: got.into(),
        });
    }

    /// Each expected word is there, as often as it is expected.
    fn among(&mut self, at: Location, what: &str, expected: &[String], got: &[String]) {
        let mut left: Vec<&String> = got.iter().collect();
        let missing: Vec<&str> = expected
            .iter()
            .filter(|word| match left.iter().position(|have| have == word) {
                Some(n) => {
                    left.swap_remove(n);
                    false
                }
                None => true,
            })
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            self.push(at, what, missing.join(", "), listed(got));
        }
    }

    fn child(&mut self, child: &Spanned<String>, expected: &[String], seen: &Situation) {
        let what = format!("children {}", child.value);
        let at = child.referenced;
        let got = match seen.instances.get(&child.value) {
            None => vec!["none".to_owned()],
            Some(None) => vec!["ended".to_owned()],
            Some(Some(active)) => active.clone(),
        };
        self.among(at, &what, expected, &got);
    }

    fn word(&mut self, expected: Option<&Spanned<String>>, what: &str, got: Option<&str>, none: &str) {
        let Some(expected) = expected else { return };
        let got = got.unwrap_or(none);
        if expected.value != got {
            self.push(expected.referenced, what, expected.value.clone(), got);
        }
    }

    fn flag(&mut self, expected: Option<&Spanned<bool>>, what: &str, got: bool) {
        if let Some(expected) = expected.filter(|e| e.value != got) {
            self.push(
                expected.referenced,
                what,
                expected.value.to_string(),
                got.to_string(),
            );
        }
    }

    /// The last deadline of a rule, or of `INSTANCE.RULE`.
    fn deadline(&mut self, name: &Spanned<String>, statuses: &[String], seen: &[DeadlineSeen]) {
        let (instance, rule) = match name.value.split_once('.') {
            Some((instance, rule)) => (Some(instance), rule),
            None => (None, name.value.as_str()),
        };
        let last = seen
            .iter()
            .rev()
            .find(|d| d.rule == rule && instance.is_none_or(|i| d.instance == i));
        for status in statuses {
            let holds = match (status.as_str(), last) {
                ("none", None) => true,
                ("none", Some(_)) | (_, None) => false,
                (status, Some(deadline)) => has_status(deadline, status),
            };
            if !holds {
                let got = last.map_or_else(|| "none".to_owned(), status_of);
                self.push(
                    name.referenced,
                    format!("deadline {}", name.value),
                    status.clone(),
                    got,
                );
            }
        }
    }

    fn messages(&mut self, expected: &MessagesYaml, seen: &[MessageSeen]) {
        let mut left: Vec<&MessageSeen> = seen.iter().collect();
        for message in &expected.list {
            if let Some(n) = left.iter().position(|have| fits(&message.value, have)) {
                left.remove(n);
            } else {
                let got: Vec<String> = seen.iter().map(message_seen).collect();
                let told = message_told(&message.value);
                self.push(message.referenced, "message", told, listed(&got));
            }
        }
        if let Some(exactly) = &expected.exactly
            && !left.is_empty()
        {
            let more: Vec<String> = left.into_iter().map(message_seen).collect();
            self.push(
                exactly.referenced,
                "messages exactly",
                "no other message",
                listed(&more),
            );
        }
    }
}

fn has_status(deadline: &DeadlineSeen, status: &str) -> bool {
    match status {
        "open" => !deadline.ended && !deadline.missed,
        "missed" => !deadline.ended && deadline.missed,
        "met" => deadline.ended && !deadline.missed,
        "late" => deadline.ended && deadline.missed,
        other => match other.split_once(' ') {
            Some(("due", at)) => !deadline.ended && is_at(at, deadline.day, deadline.due),
            Some(("internal", day)) => form::date(day).is_some() && form::date(day) == deadline.internal,
            _ => false,
        },
    }
}

/// A date is the day; a date and a time the moment.
fn is_at(text: &str, day: NaiveDate, moment: NaiveDateTime) -> bool {
    match form::moment(text) {
        Some(at) => at == moment,
        None => form::date(text) == Some(day),
    }
}

fn status_of(deadline: &DeadlineSeen) -> String {
    let word = match (deadline.ended, deadline.missed) {
        (false, false) => "open",
        (false, true) => "missed",
        (true, false) => "met",
        (true, true) => "late",
    };
    let mut text = format!(
        "{word}, due {} (last moment {})",
        deadline.day,
        deadline.due.format(MINUTE)
    );
    if let Some(internal) = deadline.internal {
        let _ = write!(text, ", internal {internal}");
    }
    text
}

const MINUTE: &str = "%Y-%m-%d %H:%M";

fn fits(expected: &MessageYaml, seen: &MessageSeen) -> bool {
    let moment = |text: &Option<String>, at: Option<NaiveDateTime>| match (text, at) {
        (None, _) => true,
        (Some(text), Some(at)) => is_at(text, at.date(), at),
        (Some(_), None) => false,
    };
    expected.kind == seen.kind
        && expected.to.as_ref().is_none_or(|to| *to == seen.to)
        && expected
            .rule
            .as_ref()
            .is_none_or(|rule| Some(rule) == seen.rule.as_ref())
        && moment(&expected.at, Some(seen.at))
        && moment(&expected.moment, seen.moment)
        && expected.sent.is_none_or(|sent| sent == seen.suppressed.is_none())
        && expected
            .suppressed
            .as_ref()
            .is_none_or(|why| Some(why) == seen.suppressed.as_ref())
}

fn message_told(message: &MessageYaml) -> String {
    let mut text = message.kind.clone();
    let parts = [
        (" to ", &message.to),
        (" of ", &message.rule),
        (" at ", &message.at),
        (" for ", &message.moment),
        (", suppressed: ", &message.suppressed),
    ];
    for (word, part) in parts {
        if let Some(part) = part {
            text = text + word + part;
        }
    }
    match message.sent {
        Some(true) => text + ", sent",
        Some(false) => text + ", not sent",
        None => text,
    }
}

fn message_seen(message: &MessageSeen) -> String {
    let local = |at: NaiveDateTime| at.format(MINUTE).to_string();
    message_told(&MessageYaml {
        kind: message.kind.clone(),
        to: Some(message.to.clone()),
        rule: message.rule.clone(),
        at: Some(local(message.at)),
        moment: message.moment.map(local),
        sent: message.suppressed.is_none().then_some(true),
        suppressed: message.suppressed.clone(),
    })
}

fn listed(words: &[String]) -> String {
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join("; ")
    }
}
