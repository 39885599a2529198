//! A small pack with rules of several provinces and courts, and a desk that keeps one case of it.

use chrono::{DateTime, NaiveDate, Utc};
use peshi_calendar::{Calendar, Computed};
use peshi_casework::pack::{Pack, PackFiles, load, parse_calendar};
use peshi_casework::{
    Actor, Case, CaseId, Command, Context, Deadline, DeadlineAct, Decision, EffectId, Entry, Fields,
    InstanceId, Purpose, Rejection, decide,
};
use serde_json::{Value, json};
use uuid::Uuid;

const WORKFLOW: &str = r#"
workflow: sample
version: 1
title: { en: Sample, ur: Sample }
calendar: plain
calendars: { sindh: karachi }
roles: [clerk, lawyer]
opening: opening
charts:
  case:
    initial: open
    states:
      open:
        deadlines: [answer, answer_sindh, answer_punjab, duty]
        on:
          sue: { form: suit, do: [{ spawn: proceeding, with: { forum: "=has(form.forum) ? form.forum : null" } }] }
          finish: { to: closed }
      closed: { type: final, closes_case: true }
  proceeding:
    states:
      heard:
        on: { judged: { to: lost, form: judgment } }
      lost:
        deadlines: [revision_sessions, revision_high_court, appeal]
        on:
          copy: { form: copy }
          listed: { to: listed, form: meeting }
      listed:
        deadlines: [hearing]
"#;

const DEADLINES: &str = r#"
deadlines:
  answer: { code: D1, kind: internal, period: 10 days, who: us, reminders: ["3 days before"] }
  answer_punjab: { code: D1, kind: internal, period: 12 days, who: us, province: punjab }
  answer_sindh: { code: D1, kind: internal, period: 14 days, who: us, province: [sindh, balochistan] }
  duty:
    { code: D2, kind: statutory, period: 24 hours, who: police, basis: b, source: s, confidence: high,
      in_force_from: 2026-03-01, in_force_until: 2026-12-31, lapses_on: 2026-06-01 }
  revision_sessions: { code: D40, kind: internal, period: 30 days, who: us, court: sessions_court }
  revision_high_court: { code: D40, kind: internal, period: 60 days, who: us, court: high_court }
  appeal:
    { code: D34, kind: limitation, from: judged_on, period: 30 days, who: us, basis: b, source: s, confidence: high,
      excludes: copy_time, reminders: ["7 days before at 09:00", "internal day at 10:00"] }
  hearing: { kind: internal, from: at, hearing: true, who: us }
"#;

const FORMS: &str = "
forms:
  opening: { fields: { province: { type: choice, choices: [punjab, sindh, balochistan, ict] }, district: { type: text } } }
  suit: { fields: { forum: { type: choice, choices: [sessions_court, high_court] } } }
  judgment: { fields: { judged_on: { type: date, required: true } } }
  copy: { fields: { copy_applied_on: { type: date }, copy_received_on: { type: date } } }
  meeting: { fields: { at: { type: datetime, required: true } } }
";

const CALENDAR: &str = "
name: plain
zone: Asia/Karachi
open_weekdays: [mon, tue, wed, thu, fri, sat]
closed: [{ date: 2026-05-01, name: Labour Day, status: confirmed }]
courts: { high_court: { open_weekdays: [mon, tue, wed, thu, fri] } }
";

pub(crate) fn files() -> PackFiles {
    [
        ("workflow.yaml", WORKFLOW),
        ("deadlines.yaml", DEADLINES),
        ("forms.yaml", FORMS),
        ("locales/en.ftl", ""),
        ("locales/ur.ftl", ""),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

pub(crate) fn pack() -> Pack {
    let (pack, findings) = load(&files());
    pack.unwrap_or_else(|| panic!("{findings:#?}"))
}

pub(crate) fn calendar() -> Calendar {
    parse_calendar("plain.yaml", CALENDAR).unwrap().0
}

/// Noon in Pakistan.
pub(crate) fn noon(day: &str) -> DateTime<Utc> {
    format!("{day}T07:00:00Z").parse().unwrap()
}

/// One case, its journal, and who asks.
pub(crate) struct Desk {
    pub(crate) pack: Pack,
    pub(crate) calendar: Calendar,
    pub(crate) role: &'static str,
    case: Option<Case>,
    journal: Vec<Entry>,
}

impl Desk {
    /// Opens a case at noon of a day.
    pub(crate) fn open(day: &str, form: Value) -> Self {
        let mut desk = Self {
            pack: pack(),
            calendar: calendar(),
            role: "lawyer",
            case: None,
            journal: Vec::new(),
        };
        let command = Command::Open {
            case: CaseId(Uuid::nil()),
            reference: "2026-0001".to_owned(),
            form: fields(form),
            team: Vec::new(),
        };
        desk.ask(noon(day), &command).unwrap();
        desk
    }

    pub(crate) fn ask(&mut self, now: DateTime<Utc>, command: &Command) -> Result<Decision, Rejection> {
        let actor = Actor::Importer;
        let ctx = Context {
            pack: &self.pack,
            calendar: &self.calendar,
            now,
            occurred_at: now,
            actor: &actor,
            role: Some(self.role),
            expected_version: None,
        };
        let decision = decide(self.case.as_ref(), command, &ctx)?;
        self.journal.extend(decision.entries().iter().cloned());
        self.case = Some(decision.case().clone());
        assert_eq!(
            &Case::replay(&self.journal).unwrap(),
            self.case(),
            "replay equals state"
        );
        self.check_timers();
        Ok(decision)
    }

    /// Every running deadline has its last moment armed exactly once, at its own date; a stopped or ended one has nothing.
    fn check_timers(&self) {
        for (id, deadline) in &self.case().deadlines {
            let armed: Vec<_> = self
                .case()
                .timers
                .values()
                .filter(|t| t.purpose.deadline() == Some(id))
                .collect();
            let last: Vec<_> = armed
                .iter()
                .filter(|t| matches!(t.purpose, Purpose::Due { .. }))
                .map(|t| t.due_at)
                .collect();
            if deadline.is_stopped() || !deadline.is_open() {
                assert!(armed.is_empty(), "{}: {armed:?}", deadline.rule);
            } else if deadline.missed_at.is_none() {
                assert_eq!(last, [deadline.computed.due_at], "{}", deadline.rule);
                for (n, timer) in armed.iter().enumerate() {
                    assert!(
                        armed[..n].iter().all(|t| t.purpose != timer.purpose),
                        "armed twice: {timer:?}"
                    );
                }
            }
        }
    }

    pub(crate) fn case(&self) -> &Case {
        self.case.as_ref().unwrap()
    }

    pub(crate) fn record(&mut self, day: &str, instance: &str, event: &str, form: Value) -> Decision {
        let command = Command::Event {
            instance: InstanceId::named(instance),
            event: event.to_owned(),
            form: fields(form),
            known: peshi_casework::Knowledge::default(),
        };
        self.ask(noon(day), &command).unwrap()
    }

    pub(crate) fn act(&mut self, day: &str, rule: &str, act: DeadlineAct) -> Result<Decision, Rejection> {
        let deadline = self.id(rule);
        self.ask(noon(day), &Command::Deadline { deadline, act })
    }

    /// The rules that run, in order.
    pub(crate) fn running(&self) -> Vec<&str> {
        let open = self.case().deadlines.values().filter(|d| d.is_open());
        let mut names: Vec<&str> = open.map(|d| d.rule.as_str()).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn id(&self, rule: &str) -> EffectId {
        let found = self.case().deadlines.iter().filter(|(_, d)| d.rule == rule);
        found
            .max_by_key(|(_, d)| d.computed.trigger)
            .map(|(id, _)| id.clone())
            .unwrap()
    }

    pub(crate) fn deadline(&self, rule: &str) -> &Deadline {
        &self.case().deadlines[&self.id(rule)]
    }

    pub(crate) fn date(&self, rule: &str) -> &Computed {
        &self.deadline(rule).computed
    }

    pub(crate) fn last_day(&self, rule: &str) -> NaiveDate {
        self.date(rule).last_day.unwrap()
    }

    /// When each reminder of a rule is due.
    pub(crate) fn rungs(&self, rule: &str) -> Vec<(String, DateTime<Utc>)> {
        let id = self.id(rule);
        let timers = self.case().timers.values();
        let mut rungs: Vec<_> = timers
            .filter_map(|t| match &t.purpose {
                Purpose::Rung { deadline, rung, .. } if *deadline == id => Some((rung.clone(), t.due_at)),
                _ => None,
            })
            .collect();
        rungs.sort();
        rungs
    }
}

pub(crate) fn fields(form: Value) -> Fields {
    match form {
        Value::Object(fields) => fields,
        other => panic!("{other} is not a form"),
    }
}

/// A case in Punjab whose proceeding in `forum` was lost on a day.
pub(crate) fn lost(forum: &str, day: &str) -> Desk {
    let mut desk = Desk::open(day, json!({ "province": "punjab", "district": "Lahore" }));
    desk.record(day, "case", "sue", json!({ "forum": forum }));
    desk.record(day, "proceeding-1", "judged", json!({ "judged_on": day }));
    desk
}
