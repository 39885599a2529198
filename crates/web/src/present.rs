//! Read models shaped for a page: facts by how they are shown, lines of history, groups of what can be done.
//! Knows no sentence: only which key, which number, which order.

use chrono::{DateTime, TimeDelta, Utc};
use peshi_service::views::{ActionView, ChildView, DateView, JournalView, OutboxView};
use serde::Serialize;

use crate::shown::Shown;

/// An entry learned so much later than it happened says so, in hours.
const LATE: i64 = 24;

/// An instance in words: "Hearing 3" is the key of its chart and a number. The root has no such name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct InstanceName {
    /// Locale key of the chart.
    pub key: String,
    /// Counting from 1 within the case.
    pub number: String,
}

impl InstanceName {
    /// The name of `proceeding-1`; none for the root.
    pub(crate) fn of(instance: &str) -> Option<Self> {
        let (chart, number) = instance.rsplit_once('-')?;
        let counted = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        counted.then(|| Self {
            key: format!("chart-{chart}"),
            number: number.to_owned(),
        })
    }
}

/// A hearing or deadline with the name of the child it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DateLine {
    #[serde(flatten)]
    pub(crate) date: DateView,
    pub(crate) name: Option<InstanceName>,
}

impl DateLine {
    pub(crate) fn new(date: &DateView) -> Self {
        Self {
            name: InstanceName::of(&date.instance),
            date: date.clone(),
        }
    }
}

/// A child with the children below it: a proceeding with its hearings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Branch {
    /// The child.
    pub child: ChildView,
    /// Its number.
    pub name: Option<InstanceName>,
    /// Its kept fields.
    pub facts: Vec<Shown>,
    /// Its own children, the newest first.
    pub below: Vec<Branch>,
}

/// The children of `parent`, the open ones first, then the newest.
pub(crate) fn branches(children: &[ChildView], parent: &str) -> Vec<Branch> {
    let mut found: Vec<Branch> = children
        .iter()
        // A child of itself would never end.
        .filter(|child| child.parent == parent && child.instance != parent)
        .map(|child| Branch {
            name: InstanceName::of(&child.instance),
            facts: Shown::all(&child.facts),
            below: branches(children, &child.instance),
            child: child.clone(),
        })
        .collect();
    let number = |branch: &Branch| {
        branch
            .name
            .as_ref()
            .and_then(|n| n.number.parse::<u32>().ok())
            .unwrap_or(0)
    };
    found.sort_by_key(|branch| (!branch.child.open, std::cmp::Reverse(number(branch))));
    found
}

/// What can be done in one place: a region of the case or one of its children.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ActionGroup {
    /// The child; none for the case itself.
    pub name: Option<InstanceName>,
    /// Locale key of the region.
    pub region_key: String,
    /// The first few events, in the order of the chart.
    pub actions: Vec<ActionView>,
    /// The others, folded away.
    pub more: Vec<ActionView>,
}

/// So many events of one place stand open; the others are folded away.
const OPEN_ACTIONS: usize = 4;

/// Actions that belong together, in the order given: those of one child, and in the case itself those of one region.
/// Children come first: a hearing or a proceeding is what is in hand.
pub(crate) fn action_groups(actions: &[ActionView]) -> Vec<ActionGroup> {
    let mut groups: Vec<ActionGroup> = Vec::new();
    for action in actions {
        let name = InstanceName::of(&action.instance);
        let known = groups
            .iter_mut()
            .find(|group| group.name == name && group.region_key == action.region_key);
        let group = if let Some(group) = known {
            group
        } else {
            groups.push(ActionGroup {
                name,
                region_key: action.region_key.clone(),
                actions: Vec::new(),
                more: Vec::new(),
            });
            groups.last_mut().expect("one was pushed just now")
        };
        if group.actions.len() < OPEN_ACTIONS {
            group.actions.push(action.clone());
        } else {
            group.more.push(action.clone());
        }
    }
    groups.sort_by_key(|group| group.name.is_none());
    groups
}

/// Who did something: a name, or the key of the machine's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Named {
    /// A person's name as kept.
    pub name: Option<String>,
    /// A locale key.
    pub key: Option<String>,
}

impl Named {
    /// Who the service says did it.
    pub(crate) fn actor(actor: &str) -> Self {
        match actor {
            key @ ("actor-machine" | "actor-importer") => Self::by_key(key),
            name => Self::by_name(name),
        }
    }

    fn by_key(key: impl Into<String>) -> Self {
        Self {
            name: None,
            key: Some(key.into()),
        }
    }

    fn by_name(name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            key: None,
        }
    }
}

/// One line of history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Line {
    pub seq: i64,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    /// It was learned long after it happened.
    pub late: bool,
    pub actor: Named,
    pub instance: Option<InstanceName>,
    pub key: String,
    pub subject_key: Option<String>,
    pub entered: Vec<String>,
    pub facts: Vec<Shown>,
    pub moment: Option<DateTime<Utc>>,
    pub reason_key: Option<String>,
    /// Whose words name it: another version's of the pack; none for the page's own.
    pub words: Option<String>,
    /// The machine's own bookkeeping: set small.
    pub quiet: bool,
    /// The beginning of the entry's hash.
    pub hash: String,
}

/// Kinds of entries that are the machine's bookkeeping.
const BOOKKEEPING: [&str; 5] = [
    "fact-timer_armed",
    "fact-timer_fired",
    "fact-timer_cancelled",
    "fact-data_set",
    "fact-moved",
];

impl Line {
    pub(crate) fn new(entry: &JournalView) -> Self {
        Self {
            seq: entry.seq,
            occurred_at: entry.occurred_at,
            recorded_at: entry.recorded_at,
            late: entry.recorded_at - entry.occurred_at >= TimeDelta::hours(LATE),
            actor: Named::actor(&entry.actor),
            instance: entry.instance.as_deref().and_then(InstanceName::of),
            key: entry.key.clone(),
            subject_key: entry.subject_key.clone(),
            entered: entry.entered.clone(),
            facts: entry
                .facts
                .iter()
                .chain(&entry.said)
                .map(|fact| Shown {
                    words: entry.words.clone(),
                    ..Shown::new(fact)
                })
                .collect(),
            moment: entry.moment,
            reason_key: entry.reason_key.clone(),
            words: entry.words.clone(),
            quiet: BOOKKEEPING.contains(&entry.key.as_str()),
            hash: entry.hash.chars().take(12).collect(),
        }
    }

    /// The newest first.
    pub(crate) fn newest_first(entries: &[JournalView]) -> Vec<Self> {
        let mut lines: Vec<Self> = entries.iter().map(Self::new).collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.seq));
        lines
    }

    /// The newest `count` that people care for.
    pub(crate) fn latest(entries: &[JournalView], count: usize) -> Vec<Self> {
        Self::newest_first(entries)
            .into_iter()
            .filter(|line| !line.quiet)
            .take(count)
            .collect()
    }
}

/// One expected message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct MessageLine {
    pub id: String,
    pub reference: Option<String>,
    /// What it is, in words.
    pub title: String,
    pub recipient: Named,
    /// `waiting` … : locale key `fate-WORD`.
    pub state: String,
    /// Why, in words: ours, or the transport's.
    pub reason: Option<String>,
    pub due_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub attempt: i32,
    pub may_have_left: bool,
}

impl MessageLine {
    /// `text` finds the words of a key, if anybody has them.
    pub(crate) fn new(message: &OutboxView, text: impl Fn(&str) -> Option<String>) -> Self {
        let recipient = match message.recipient.as_str() {
            "nobody" => Named::by_key("recipient-nobody"),
            key if key.starts_with("person-") => Named::by_key(key),
            name => Named::by_name(name),
        };
        let kind = || message.key.trim_start_matches("message-").replace('_', " ");
        let reason = message.reason.as_deref().map(|reason| {
            text(reason)
                .or_else(|| text(&format!("reason-{reason}")))
                .unwrap_or_else(|| reason.to_owned())
        });
        Self {
            id: message.id.clone(),
            reference: message.reference.clone(),
            title: text(&message.key).unwrap_or_else(kind),
            recipient,
            state: message.state.clone(),
            reason,
            due_at: message.due_at,
            settled_at: message.settled_at,
            attempt: message.attempt,
            may_have_left: message.may_have_left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_named_by_chart_and_number() {
        let name = |id| InstanceName::of(id).map(|n| (n.key, n.number));
        assert_eq!(
            name("proceeding-12"),
            Some(("chart-proceeding".to_owned(), "12".to_owned()))
        );
        assert_eq!(
            name("counter-case-2"),
            Some(("chart-counter-case".to_owned(), "2".to_owned()))
        );
        assert_eq!(name("case"), None);
        assert_eq!(name("odd-"), None);
    }

    #[test]
    fn hearings_stand_below_their_proceeding_the_open_and_newest_first() {
        let child = |instance: &str, parent: &str, open: bool| ChildView {
            instance: instance.to_owned(),
            parent: parent.to_owned(),
            key: "chart-x".to_owned(),
            states: Vec::new(),
            open,
            facts: Vec::new(),
        };
        let children = [
            child("proceeding-1", "case", false),
            child("proceeding-2", "case", true),
            child("hearing-1", "proceeding-2", false),
            child("hearing-2", "proceeding-2", false),
            child("hearing-10", "proceeding-2", true),
            child("loop", "loop", true),
        ];
        let tree = branches(&children, "case");
        let names: Vec<&str> = tree.iter().map(|b| b.child.instance.as_str()).collect();
        assert_eq!(names, ["proceeding-2", "proceeding-1"]);
        let below: Vec<&str> = tree[0].below.iter().map(|b| b.child.instance.as_str()).collect();
        assert_eq!(below, ["hearing-10", "hearing-2", "hearing-1"]);
    }

    #[test]
    fn actions_are_grouped_by_region_and_by_child() {
        let action = |instance: &str, region: &str, event: &str| ActionView {
            instance: instance.to_owned(),
            chart_key: "chart-x".to_owned(),
            region_key: region.to_owned(),
            event: event.to_owned(),
            key: format!("event-{event}"),
            form: None,
        };
        let actions = [
            action("case", "state-case-fir", "a"),
            action("case", "state-case-safety", "b"),
            action("case", "state-case-fir", "c"),
            action("case", "state-case-fir", "d"),
            action("case", "state-case-fir", "e"),
            action("case", "state-case-fir", "f"),
            action("hearing-2", "chart-hearing", "g"),
            action("hearing-3", "chart-hearing", "h"),
        ];
        let groups: Vec<(String, String, String)> = action_groups(&actions)
            .into_iter()
            .map(|group| {
                let events = |actions: &[ActionView]| actions.iter().map(|a| a.event.as_str()).collect();
                let place = group.name.map_or(group.region_key, |name| name.number);
                (place, events(&group.actions), events(&group.more))
            })
            .collect();
        let expected = [
            ("2", "g", ""),
            ("3", "h", ""),
            ("state-case-fir", "acde", "f"),
            ("state-case-safety", "b", ""),
        ];
        assert_eq!(
            groups,
            expected.map(|(place, open, more)| (place.to_owned(), open.to_owned(), more.to_owned()))
        );
    }

    #[test]
    fn a_message_tells_its_reason_in_words_where_there_are_words() {
        let message = |reason: &str, recipient: &str| OutboxView {
            id: "x".to_owned(),
            reference: None,
            key: "message-court_bundle".to_owned(),
            recipient: recipient.to_owned(),
            state: "suppressed".to_owned(),
            reason: Some(reason.to_owned()),
            due_at: "2026-03-01T00:00:00Z".parse().unwrap(),
            settled_at: None,
            attempt: 0,
            may_have_left: false,
        };
        let text = |key: &str| (key == "reason-no_permission").then(|| "Nobody was asked".to_owned());
        let line = |reason, recipient| MessageLine::new(&message(reason, recipient), text);
        assert_eq!(
            line("reason-no_permission", "nobody").reason.as_deref(),
            Some("Nobody was asked")
        );
        assert_eq!(
            line("no_permission", "nobody").reason.as_deref(),
            Some("Nobody was asked")
        );
        assert_eq!(
            line("550 no such box", "nobody").reason.as_deref(),
            Some("550 no such box")
        );
        assert_eq!(
            line("x", "nobody").title,
            "court bundle",
            "a kind without words is still named"
        );
        assert_eq!(
            line("x", "nobody").recipient.key.as_deref(),
            Some("recipient-nobody")
        );
        assert_eq!(
            line("x", "person-family_contact").recipient.key.as_deref(),
            Some("person-family_contact")
        );
        assert_eq!(
            line("x", "Example Lawyer").recipient.name.as_deref(),
            Some("Example Lawyer")
        );
    }
}
