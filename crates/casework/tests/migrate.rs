//! Cases that move to another version of their pack: where states go, what becomes of every clock, and what is refused.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use chrono::{DateTime, Utc};
use peshi_calendar::Calendar;
use peshi_casework::pack::diff::{ChangeKind, diff};
use peshi_casework::pack::{Pack, PackFiles, TimerPolicy, load};
use peshi_casework::{
    Actor, Case, CaseId, Command, Context, Decision, EffectId, Entry, Fact, Fields, InstanceId, Purpose,
    Rejection, decide, migrate,
};
use serde_json::{Value, json};
use uuid::Uuid;

const WORKFLOW: &str = r#"
workflow: sample
version: 1
title: { en: Sample }
calendar: plain
roles: [clerk]
charts:
  case:
    initial: open
    states:
      open:
        on:
          pause: { to: paused }
          finish: { to: closed }
        states:
          received:
            deadlines: [answer]
            after: { 20 days: { to: waiting } }
            on:
              ask: { to: waiting, do: [{ send: { event: nudge, after: 5 days, id: nudging } }] }
          waiting:
            on:
              nudge: { roles: [], do: [{ task: call }] }
              meet: { form: meeting, do: [{ spawn: visit, with: { at: "=form.at" } }] }
          back: { type: history, deep: true, default: received }
      paused:
        on:
          resume: { to: back }
      closed: { type: final, closes_case: true }
  visit:
    states:
      planned: { deadlines: [visit], on: { held: { to: over } } }
      over: { type: final }
"#;

const DEADLINES: &str = r#"
deadlines:
  answer: { kind: internal, period: 10 days, who: us, reminders: ["3 days before"], on_miss: [{ task: late }] }
  visit: { kind: internal, from: at, hearing: true, who: us, reminders: ["1 day before"] }
"#;

const FORMS: &str = "forms: { meeting: { fields: { at: { type: datetime, required: true } } } }";

/// The sample with texts replaced, and perhaps with a way to it.
fn version(number: u32, replaced: &[(&str, &str)], migration: &str) -> PackFiles {
    let mut texts = [
        WORKFLOW.replace("version: 1", &format!("version: {number}")),
        DEADLINES.to_owned(),
    ];
    for (from, to) in replaced {
        assert!(texts.iter().any(|t| t.contains(from)), "the sample has {from}");
        texts = texts.map(|t| t.replace(from, to));
    }
    let [workflow, deadlines] = texts;
    let mut files = PackFiles::from([
        ("workflow.yaml".to_owned(), workflow),
        ("deadlines.yaml".to_owned(), deadlines),
        ("forms.yaml".to_owned(), FORMS.to_owned()),
        ("locales/en.ftl".to_owned(), String::new()),
        ("locales/ur.ftl".to_owned(), String::new()),
    ]);
    if !migration.is_empty() {
        files.insert("migration.yaml".to_owned(), migration.to_owned());
    }
    files
}

fn pack(number: u32, replaced: &[(&str, &str)], migration: &str) -> Pack {
    let (pack, findings) = load(&version(number, replaced, migration));
    pack.unwrap_or_else(|| panic!("{findings:?}"))
}

/// Every day is a working day but Sunday, in UTC.
fn calendar() -> Calendar {
    use chrono::Weekday::{Fri, Mon, Sat, Thu, Tue, Wed};
    Calendar {
        name: "plain".to_owned(),
        zone: chrono_tz::UTC,
        open_weekdays: vec![Mon, Tue, Wed, Thu, Fri, Sat],
        closed: Vec::new(),
        vacations: Vec::new(),
    }
}

/// Noon on a day of March 2026; the case opens on the second, a Monday.
fn day(n: u32) -> DateTime<Utc> {
    format!("2026-03-{n:02}T12:00:00Z").parse().unwrap()
}

/// The end of a day of March, as a date that counts days is missed after it.
fn end_of(n: u32) -> DateTime<Utc> {
    format!("2026-03-{:02}T00:00:00Z", n + 1).parse().unwrap()
}

struct Life {
    pack: Pack,
    calendar: Calendar,
    case: Option<Case>,
    journal: Vec<Entry>,
}

impl Life {
    fn new(pack: Pack) -> Self {
        let mut life = Self {
            pack,
            calendar: calendar(),
            case: None,
            journal: Vec::new(),
        };
        let open = Command::Open {
            case: CaseId(Uuid::from_u128(1)),
            reference: "2026-0001".to_owned(),
            form: Fields::new(),
            team: Vec::new(),
        };
        life.ask(day(2), &Actor::Importer, &open).unwrap();
        life
    }

    fn take(&mut self, decision: &Decision) {
        self.case = Some(decision.case().clone());
        self.journal.extend_from_slice(decision.entries());
        assert_eq!(
            &Case::replay(&self.journal).unwrap(),
            decision.case(),
            "replay equals state"
        );
    }

    fn ctx<'a>(pack: &'a Pack, calendar: &'a Calendar, now: DateTime<Utc>, actor: &'a Actor) -> Context<'a> {
        Context {
            pack,
            calendar,
            now,
            occurred_at: now,
            actor,
            role: Some("clerk"),
            expected_version: None,
        }
    }

    fn ask(&mut self, now: DateTime<Utc>, actor: &Actor, command: &Command) -> Result<Decision, Rejection> {
        let decision = decide(
            self.case.as_ref(),
            command,
            &Self::ctx(&self.pack, &self.calendar, now, actor),
        )?;
        self.take(&decision);
        Ok(decision)
    }

    fn record(&mut self, now: DateTime<Utc>, event: &str, form: &Value) {
        self.record_in(now, "case", event, form);
    }

    fn record_in(&mut self, now: DateTime<Utc>, instance: &str, event: &str, form: &Value) {
        let command = Command::Event {
            instance: InstanceId::named(instance),
            event: event.to_owned(),
            form: form.as_object().cloned().unwrap(),
        };
        self.ask(now, &Actor::Importer, &command).unwrap();
    }

    /// Brings what is due until `now`, in order; gives the rungs and events that fired.
    fn live_until(&mut self, now: DateTime<Utc>) -> Vec<String> {
        let mut fired = Vec::new();
        while let Some((id, timer)) = self
            .case()
            .timers
            .iter()
            .filter(|(_, t)| t.due_at <= now)
            .min_by_key(|(id, t)| (t.due_at, (*id).clone()))
            .map(|(id, t)| (id.clone(), t.clone()))
        {
            fired.push(match timer.purpose {
                Purpose::Event { event, .. } => event,
                Purpose::Due { .. } => "due".to_owned(),
                Purpose::Rung { rung, .. } => rung,
            });
            self.ask(now, &Actor::Machine, &Command::TimerDue { timer: id })
                .unwrap();
        }
        fired
    }

    fn migrate(
        &mut self,
        to: Pack,
        now: DateTime<Utc>,
        timers: Option<TimerPolicy>,
    ) -> Result<Decision, Rejection> {
        let decision = migrate(
            self.case(),
            &self.pack,
            &Self::ctx(&to, &self.calendar, now, &Actor::Machine),
            timers,
        )?;
        self.take(&decision);
        self.pack = to;
        Ok(decision)
    }

    fn case(&self) -> &Case {
        self.case.as_ref().unwrap()
    }

    fn leaves(&self, instance: &str) -> Vec<String> {
        let there = &self.case().instances[&InstanceId::named(instance)];
        there.snapshot.as_ref().unwrap().active_leaves().to_vec()
    }

    /// What is armed: purpose in words, and when.
    fn armed(&self) -> Vec<(String, DateTime<Utc>)> {
        let mut armed: Vec<_> = self
            .case()
            .timers
            .values()
            .map(|t| {
                let what = match &t.purpose {
                    Purpose::Event { event, key } if event == key => event.clone(),
                    Purpose::Event { event, key } => format!("{event}/{key}"),
                    Purpose::Due { .. } => "due".to_owned(),
                    Purpose::Rung { rung, .. } => rung.clone(),
                };
                (what, t.due_at)
            })
            .collect();
        armed.sort();
        armed
    }

    fn ids(&self) -> Vec<EffectId> {
        self.case().timers.keys().cloned().collect()
    }
}

fn kinds(decision: &Decision) -> Vec<&'static str> {
    decision.entries().iter().map(|e| e.fact.kind()).collect()
}

#[test]
fn a_version_that_changes_nothing_for_a_case_is_one_entry() {
    let mut life = Life::new(pack(1, &[], ""));
    let (before, ids) = (life.case().clone(), life.ids());
    let moved = life.migrate(pack(2, &[], ""), day(4), None).unwrap();
    assert_eq!(kinds(&moved), ["migrated"]);
    assert!(moved.effects().is_empty());
    assert_eq!(life.ids(), ids, "no timer is touched");
    assert_eq!(life.case().pack.version, 2);
    assert_eq!(life.case().earlier_packs, [before.pack.clone()]);
    assert_eq!(life.case().root().since, before.root().since);
    assert_eq!(
        life.live_until(day(30)),
        ["3 days before", "due", "after.received.0"]
    );
    let again = life.migrate(pack(2, &[], ""), day(30), None);
    assert_eq!(again.unwrap_err(), Rejection::SameVersion);
}

const RENAMED: &[(&str, &str)] = &[
    ("received", "registered"),
    ("waiting", "pending"),
    ("[answer]", "[reply]"),
    ("  answer:", "  reply:"),
    ("event: nudge", "event: remind"),
    ("nudge: {", "remind: {"),
    ("over", "finished"),
];

const WAY: &str = "
from: 1
states:
  case: { received: registered, waiting: pending }
  visit: { over: finished }
deadlines: { answer: reply }
events: { nudge: remind }
";

#[test]
fn what_has_no_place_is_refused_by_name_and_all_at_once() {
    let mut life = Life::new(pack(1, &[], ""));
    life.record(day(2), "ask", &json!({}));
    life.record(day(3), "meet", &json!({"at": "2026-03-09T09:00"}));
    life.record_in(day(3), "visit-1", "held", &json!({}));
    life.record(day(3), "pause", &json!({}));
    let before = life.case().clone();
    let refused = life.migrate(pack(2, RENAMED, ""), day(4), None).unwrap_err();
    assert_eq!(life.case(), &before, "nothing changed");
    insta::assert_snapshot!(refused, @"case 2026-0001 cannot go to version 2: `case` remembers `waiting` in `back`, which it does not have; `visit-1` is in `over`, which it does not have; the event `nudge` is on its way to `case`, and nothing there takes it; say in the new version's migration.yaml where it goes");
    let mut other = Life::new(pack(1, &[], ""));
    let refused = other.migrate(pack(2, RENAMED, ""), day(4), None).unwrap_err();
    insta::assert_snapshot!(refused, @"case 2026-0001 cannot go to version 2: `case` is in `received`, which it does not have; the deadline `answer` runs in `case`, and it has no such rule; say in the new version's migration.yaml where it goes");
    let elsewhere = other.migrate(
        pack(3, RENAMED, &WAY.replace("from: 1", "from: [2, \"abcdef01\"]")),
        day(4),
        None,
    );
    insta::assert_snapshot!(elsewhere.unwrap_err(), @"case 2026-0001 cannot go to version 3: its migration.yaml speaks of cases from version 2, abcdef01, and this one is on version 1; move it to one of those first; say in the new version's migration.yaml where it goes");
}

#[test]
fn names_go_where_the_new_version_says_and_history_with_them() {
    let mut life = Life::new(pack(1, &[], ""));
    life.record(day(2), "ask", &json!({}));
    life.record(day(3), "meet", &json!({"at": "2026-03-09T09:00"}));
    life.record_in(day(3), "visit-1", "held", &json!({}));
    life.record(day(4), "meet", &json!({"at": "2026-03-19T09:00"}));
    life.record(day(4), "pause", &json!({}));
    life.migrate(pack(2, RENAMED, WAY), day(5), None).unwrap();
    assert_eq!(life.leaves("case"), ["paused"]);
    assert_eq!(life.leaves("visit-1"), ["finished"]);
    assert_eq!(
        life.armed(),
        [
            ("1 day before".to_owned(), "2026-03-18T08:00:00Z".parse().unwrap()),
            ("due".to_owned(), "2026-03-19T09:00:00Z".parse().unwrap()),
            ("remind/nudging".to_owned(), day(7)),
        ]
    );
    life.record(day(6), "resume", &json!({}));
    assert_eq!(life.leaves("case"), ["pending"], "it went back to where it was");
    assert_eq!(life.live_until(day(8)), ["remind"]);
}

#[test]
fn a_state_counts_as_entered_when_it_was() {
    let mut life = Life::new(pack(1, &[], ""));
    let inside = &[
        ("received", "registered"),
        (
            "          waiting:",
            "          desk: { states: { quiet: {}, loud: {} }, on: { calm: { to: quiet } } }\n          waiting:",
        ),
    ];
    life.migrate(
        pack(
            2,
            inside,
            "states: { case: { received: desk } }\ndeadlines: { answer: drop }",
        ),
        day(5),
        None,
    )
    .unwrap();
    assert_eq!(
        life.leaves("case"),
        ["quiet"],
        "a state with states inside begins in its first"
    );
    let since = &life.case().root().since;
    assert_eq!(
        (since["open"], since["desk"], since["quiet"]),
        (day(2), day(2), day(5))
    );
    assert_eq!(
        life.armed(),
        [],
        "a dropped deadline and a clock its state does not have end"
    );
}

#[test]
fn an_instance_does_not_end_or_come_back_by_moving() {
    let mut life = Life::new(pack(1, &[], ""));
    let ends = life.migrate(
        pack(
            2,
            RENAMED,
            &WAY.replace("received: registered", "received: closed"),
        ),
        day(3),
        None,
    );
    assert!(
        ends.unwrap_err()
            .to_string()
            .contains("`case` still runs and would be at an end there, in `closed`")
    );
    life.record(day(2), "ask", &json!({}));
    life.record(day(3), "meet", &json!({"at": "2026-03-09T09:00"}));
    life.record_in(day(3), "visit-1", "held", &json!({}));
    let back = life.migrate(
        pack(2, RENAMED, &WAY.replace("over: finished", "over: planned")),
        day(4),
        None,
    );
    assert!(
        back.unwrap_err()
            .to_string()
            .contains("`visit-1` has ended and would not be at an end there")
    );
}

/// Day of opening 2, period 10 days, so the old date is the end of the 12th and its reminder goes on the 9th at 08:00.
#[test]
fn the_three_policies() {
    use TimerPolicy::{KeepDue, KeepRemaining, Rederive};
    let cases = [
        // On the 6th, six days are left.
        (KeepDue, "14 days", 6, end_of(12)),
        (KeepRemaining, "14 days", 6, end_of(12)),
        (Rederive, "14 days", 6, end_of(16)),
        (Rederive, "6 days", 6, end_of(8)),
        // Six days left become six working days left: the 8th, a Sunday, does not count.
        (KeepRemaining, "20 working days", 6, end_of(13)),
        (KeepRemaining, "100 hours", 6, end_of(12)),
        (Rederive, "100 hours", 4, "2026-03-06T16:00:00Z".parse().unwrap()),
    ];
    for (policy, period, today, due) in cases {
        let mut life = Life::new(pack(1, &[], ""));
        let v2 = pack(2, &[("period: 10 days", &format!("period: {period}"))], "");
        let ids = life.ids();
        let moved = life.migrate(v2, day(today), Some(policy)).unwrap();
        let case = life.case();
        let deadline = case.deadlines.values().next().unwrap();
        assert_eq!(deadline.computed.due_at, due, "{policy} {period}");
        let armed = life.armed();
        assert!(
            armed.contains(&("due".to_owned(), due)),
            "{policy} {period}: {armed:?}"
        );
        if due == end_of(12) {
            assert_eq!(life.ids(), ids, "{policy} {period}: what stays is not armed anew");
        } else {
            assert!(
                kinds(&moved).contains(&"task_raised"),
                "people hear of another date"
            );
            assert_eq!(moved.agenda().iter().filter(|i| i.due_at == Some(due)).count(), 1);
        }
    }
}

#[test]
fn a_rule_may_have_a_policy_of_its_own() {
    let mut life = Life::new(pack(1, &[], ""));
    let way = "timers: keep_due\ntimers_for: { answer: rederive }";
    life.migrate(
        pack(2, &[("period: 10 days", "period: 14 days")], way),
        day(4),
        Some(TimerPolicy::KeepDue),
    )
    .unwrap();
    assert_eq!(
        life.case().deadlines.values().next().unwrap().computed.due_at,
        end_of(16)
    );
}

#[test]
fn a_reminder_that_went_out_does_not_come_back() {
    for policy in TimerPolicy::ALL {
        let mut life = Life::new(pack(1, &[], ""));
        assert_eq!(life.live_until(day(10)), ["3 days before"]);
        let ladder = &[
            ("period: 10 days", "period: 18 days"),
            ("[\"3 days before\"]", "[\"3 days before\", \"1 day before\"]"),
        ];
        life.migrate(pack(2, ladder, ""), day(10), Some(policy)).unwrap();
        let fired: Vec<String> = life
            .live_until(day(30))
            .into_iter()
            .filter(|f| !f.starts_with("after"))
            .collect();
        assert_eq!(fired, ["1 day before", "due"], "{policy}");
        assert_eq!(missed(&life), 1, "{policy}");
    }
}

fn missed(life: &Life) -> usize {
    let facts = life.journal.iter().map(|e| &e.fact);
    facts.filter(|f| matches!(f, Fact::DeadlineMissed { .. })).count()
}

#[test]
fn a_date_that_is_past_by_the_new_rule_is_missed_once() {
    let mut life = Life::new(pack(1, &[], ""));
    let short = &[("period: 10 days", "period: 2 days")];
    life.migrate(pack(2, short, ""), day(8), Some(TimerPolicy::Rederive))
        .unwrap();
    assert_eq!(life.live_until(day(8)), ["due"]);
    assert_eq!(missed(&life), 1);
    let tasks: Vec<&str> = life.case().tasks.values().map(|t| t.key.as_str()).collect();
    assert!(
        tasks.contains(&"late"),
        "the miss has its usual consequences: {tasks:?}"
    );
    // Missed is missed: a longer period does not bring it back to life.
    let long = &[("period: 10 days", "period: 25 days")];
    for (number, policy) in (3..).zip(TimerPolicy::ALL) {
        life.migrate(pack(number, long, ""), day(9), Some(policy))
            .unwrap();
    }
    assert!(!life.armed().iter().any(|(what, _)| what == "due"));
    life.live_until(day(31));
    assert_eq!(missed(&life), 1);
}

#[test]
fn rules_stop_and_begin_with_what_the_states_ask_for() {
    let other = &[
        ("[answer]", "[visited]"),
        (
            "deadlines:\n  answer",
            "deadlines:\n  visited: { kind: internal, period: 3 days, who: us }\n  answer",
        ),
    ];
    for (policy, due) in [
        (TimerPolicy::KeepDue, end_of(8)),
        (TimerPolicy::Rederive, end_of(5)),
    ] {
        let mut life = Life::new(pack(1, &[], ""));
        life.migrate(pack(2, other, ""), day(5), Some(policy)).unwrap();
        let open: Vec<(&str, DateTime<Utc>)> = life
            .case()
            .deadlines
            .values()
            .filter(|d| d.is_open())
            .map(|d| (d.rule.as_str(), d.computed.due_at))
            .collect();
        assert_eq!(open, [("visited", due)], "{policy}");
        assert_eq!(life.armed().iter().filter(|(what, _)| what == "due").count(), 1);
    }
}

#[test]
fn clocks_of_states_go_on_begin_and_stay_spent() {
    use TimerPolicy::{KeepDue, Rederive};
    let after = |period: &str| [("20 days", period.to_owned())];
    for (policy, due) in [(KeepDue, day(22)), (Rederive, day(12))] {
        let mut life = Life::new(pack(1, &[], ""));
        let replaced = after("10 days");
        let replaced: Vec<(&str, &str)> = replaced.iter().map(|(a, b)| (*a, b.as_str())).collect();
        let all: Vec<(&str, &str)> = RENAMED.iter().copied().chain(replaced).collect();
        life.migrate(pack(2, &all, WAY), day(5), Some(policy)).unwrap();
        let clock = life
            .armed()
            .into_iter()
            .find(|(what, _)| what.starts_with("after"))
            .unwrap();
        assert_eq!(clock, ("after.registered.0".to_owned(), due), "{policy}");
    }
    // A clock its state did not have begins; one whose guard let nothing happen had its turn.
    let none: &[(&str, &str)] = &[("            after: { 20 days: { to: waiting } }\n", "")];
    let mut life = Life::new(pack(1, none, ""));
    life.migrate(pack(2, &[], ""), day(5), None).unwrap();
    assert!(life.armed().contains(&("after.received.0".to_owned(), day(25))));
    let idle: &[(&str, &str)] = &[("20 days: { to: waiting }", "1 day: { do: [{ task: call }] }")];
    let mut life = Life::new(pack(1, idle, ""));
    assert_eq!(life.live_until(day(4)), ["after.received.0"]);
    life.migrate(pack(2, &[], ""), day(5), Some(Rederive)).unwrap();
    assert!(!life.armed().iter().any(|(what, _)| what.starts_with("after")));
}

#[test]
fn events_on_their_way_are_renamed_dropped_or_refused() {
    let mut life = Life::new(pack(1, &[], ""));
    life.record(day(2), "ask", &json!({}));
    life.migrate(
        pack(2, RENAMED, &WAY.replace("nudge: remind", "nudge: drop")),
        day(3),
        None,
    )
    .unwrap();
    assert_eq!(life.armed(), []);
}

#[test]
fn a_number_taken_by_a_renamed_chart_is_not_given_again() {
    let mut life = Life::new(pack(1, &[], ""));
    life.record(day(2), "ask", &json!({}));
    life.record(day(3), "meet", &json!({"at": "2026-03-09T09:00"}));
    let renamed = &[
        ("  visit:\n    states", "  meeting:\n    states"),
        ("spawn: visit", "spawn: meeting"),
    ];
    life.migrate(pack(2, renamed, "charts: { visit: meeting }"), day(4), None)
        .unwrap();
    assert_eq!(
        life.case().instances[&InstanceId::named("visit-1")].chart,
        "meeting"
    );
    life.record(day(4), "meet", &json!({"at": "2026-03-19T09:00"}));
    assert!(
        life.case()
            .instances
            .contains_key(&InstanceId::named("meeting-2"))
    );
}

#[test]
fn a_migration_file_is_checked_where_it_is_written() {
    let wrong = "
from: [1, \"0a1b2c3d\"]
charts: { visit: vist }
states:
  case: { received: registerd }
deadlines: { answer: replay, visit: drop }
events: { nudge: remid }
timers: keep
timers_for: { none: rederive }
";
    let (pack, findings) = load(&version(2, RENAMED, wrong));
    assert!(pack.is_none());
    let found: Vec<String> = findings
        .iter()
        .filter(|f| f.file == "migration.yaml")
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(found.join("\n"), @r"
    migration.yaml:3:18: error[unknown-in-migration]: this version has no chart named `vist`
      help: did you mean `visit`?
    migration.yaml:5:21: error[unknown-in-migration]: this version has no state named `registerd`
      help: did you mean `registered`?
    migration.yaml:6:22: error[unknown-in-migration]: this version has no deadline rule named `replay`
      help: did you mean `reply`?
    migration.yaml:7:18: error[unknown-in-migration]: no transition of this version takes the event `remid`
      help: name an event of an `on:`, or write `drop`
    migration.yaml:8:9: error[unknown-word]: `keep` is not one of the words known here
      help: use one of: keep_due, keep_remaining, rederive
    migration.yaml:9:15: error[unknown-in-migration]: this version has no deadline rule named `none`
      help: this version has: reply, visit
    ");
}

#[test]
fn the_way_is_no_part_of_what_a_case_is() {
    assert_eq!(pack(2, RENAMED, "").id, pack(2, RENAMED, WAY).id);
}

#[test]
fn a_diff_says_what_changed_and_what_has_no_place() {
    let (old, new) = (pack(1, &[], ""), pack(2, RENAMED, ""));
    let differs = diff(&old, &new);
    let needed: Vec<String> = differs
        .needs_mapping
        .iter()
        .map(|n| format!("{} {}", n.under, n.name))
        .collect();
    assert_eq!(
        needed,
        [
            "deadlines answer",
            "events nudge",
            "states received",
            "states waiting",
            "states over"
        ]
    );
    assert!(diff(&old, &pack(2, RENAMED, WAY)).is_safe());
    let idle = diff(&old, &pack(2, RENAMED, &format!("{WAY}charts: {{ gone: case }}"))).idle_mapping;
    assert_eq!(
        (idle[0].under, idle[0].name.as_str(), idle.len()),
        ("charts", "gone", 1)
    );
    let lines = |old: &Pack, new: &Pack| -> String {
        let mut text = String::new();
        for change in diff(old, new).changes {
            let sign = match change.kind {
                ChangeKind::Added => "+",
                ChangeKind::Removed => "-",
                ChangeKind::Moved => ">",
                ChangeKind::Changed => "~",
            };
            text.push_str(&format!("{sign} {}\n", change.name));
            for d in change.details.iter().filter(|_| sign == "~" || sign == ">") {
                text.push_str(&format!("    {}: {:?} -> {:?}\n", d.what, d.old, d.new));
            }
        }
        text
    };
    let changed = &[
        ("period: 10 days", "period: 2 weeks"),
        ("roles: []", "roles: [clerk]"),
        (
            "finish: { to: closed }",
            "finish: { to: closed, if: \"in_state('waiting')\" }",
        ),
        ("\"3 days before\"", "\"2 days before\""),
        ("20 days", "30 days"),
    ];
    insta::assert_snapshot!(lines(&old, &pack(2, changed, "")), @r#"
    ~ case: received
        after: Some("20 days") -> Some("30 days")
    ~ case: open on finish
        if: None -> Some("in_state('waiting')")
    ~ case: waiting on nudge
        roles: Some("the program alone") -> Some("clerk")
    ~ answer
        period: Some("10 days") -> Some("2 weeks")
        reminders: Some("3 days before") -> Some("2 days before")
    "#);
    insta::assert_snapshot!(lines(&old, &old), @"");
}
