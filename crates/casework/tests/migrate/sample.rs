//! A small pack in versions, and the life of one case of it, for the tests beside this file.

use chrono::{DateTime, Utc};
use peshi_calendar::Calendar;
use peshi_casework::pack::{Pack, PackFiles, TimerPolicy, load};
use peshi_casework::{
    Actor, Case, CaseId, Command, Context, Decision, EffectId, Entry, Fields, InstanceId, Purpose, Rejection,
    decide, migrate,
};
use serde_json::Value;
use uuid::Uuid;

pub(crate) const WORKFLOW: &str = r#"
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

pub(crate) const DEADLINES: &str = r#"
deadlines:
  answer: { kind: internal, period: 10 days, who: us, reminders: ["3 days before"], on_miss: [{ task: late }] }
  visit: { kind: internal, from: at, hearing: true, who: us, reminders: ["1 day before"] }
"#;

pub(crate) const FORMS: &str = "forms: { meeting: { fields: { at: { type: datetime, required: true } } } }";

/// The sample with texts replaced, and perhaps with a way to it.
pub(crate) fn version(number: u32, replaced: &[(&str, &str)], migration: &str) -> PackFiles {
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

pub(crate) fn pack(number: u32, replaced: &[(&str, &str)], migration: &str) -> Pack {
    let (pack, findings) = load(&version(number, replaced, migration));
    pack.unwrap_or_else(|| panic!("{findings:?}"))
}

/// Every day is a working day but Sunday, in UTC.
pub(crate) fn calendar() -> Calendar {
    use chrono::Weekday::{Fri, Mon, Sat, Thu, Tue, Wed};
    Calendar {
        name: "plain".to_owned(),
        zone: chrono_tz::UTC,
        open_weekdays: vec![Mon, Tue, Wed, Thu, Fri, Sat],
        closed: Vec::new(),
        vacations: Vec::new(),
        hours: Vec::new(),
        courts: std::collections::BTreeMap::new(),
    }
}

/// Noon on a day of March 2026; the case opens on the second, a Monday.
pub(crate) fn day(n: u32) -> DateTime<Utc> {
    format!("2026-03-{n:02}T12:00:00Z").parse().unwrap()
}

/// The end of a day of March, as a date that counts days is missed after it.
pub(crate) fn end_of(n: u32) -> DateTime<Utc> {
    format!("2026-03-{:02}T00:00:00Z", n + 1).parse().unwrap()
}

pub(crate) struct Life {
    pub(crate) pack: Pack,
    pub(crate) calendar: Calendar,
    pub(crate) case: Option<Case>,
    pub(crate) journal: Vec<Entry>,
}

impl Life {
    pub(crate) fn new(pack: Pack) -> Self {
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

    pub(crate) fn take(&mut self, decision: &Decision) {
        self.case = Some(decision.case().clone());
        self.journal.extend_from_slice(decision.entries());
        assert_eq!(
            &Case::replay(&self.journal).unwrap(),
            decision.case(),
            "replay equals state"
        );
    }

    pub(crate) fn ctx<'a>(
        pack: &'a Pack,
        calendar: &'a Calendar,
        now: DateTime<Utc>,
        actor: &'a Actor,
    ) -> Context<'a> {
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

    pub(crate) fn ask(
        &mut self,
        now: DateTime<Utc>,
        actor: &Actor,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        let decision = decide(
            self.case.as_ref(),
            command,
            &Self::ctx(&self.pack, &self.calendar, now, actor),
        )?;
        self.take(&decision);
        Ok(decision)
    }

    pub(crate) fn record(&mut self, now: DateTime<Utc>, event: &str, form: &Value) {
        self.record_in(now, "case", event, form);
    }

    pub(crate) fn record_in(&mut self, now: DateTime<Utc>, instance: &str, event: &str, form: &Value) {
        let command = Command::Event {
            instance: InstanceId::named(instance),
            event: event.to_owned(),
            form: form.as_object().cloned().unwrap(),
            known: peshi_casework::Knowledge::default(),
        };
        self.ask(now, &Actor::Importer, &command).unwrap();
    }

    /// Brings what is due until `now`, in order; gives the rungs and events that fired.
    pub(crate) fn live_until(&mut self, now: DateTime<Utc>) -> Vec<String> {
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

    pub(crate) fn migrate(
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

    pub(crate) fn case(&self) -> &Case {
        self.case.as_ref().unwrap()
    }

    pub(crate) fn leaves(&self, instance: &str) -> Vec<String> {
        let there = &self.case().instances[&InstanceId::named(instance)];
        there.snapshot.as_ref().unwrap().active_leaves().to_vec()
    }

    /// What is armed: purpose in words, and when.
    pub(crate) fn armed(&self) -> Vec<(String, DateTime<Utc>)> {
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

    pub(crate) fn ids(&self) -> Vec<EffectId> {
        self.case().timers.keys().cloned().collect()
    }
}

pub(crate) fn kinds(decision: &Decision) -> Vec<&'static str> {
    decision.entries().iter().map(|e| e.fact.kind()).collect()
}

pub(crate) const RENAMED: &[(&str, &str)] = &[
    ("received", "registered"),
    ("waiting", "pending"),
    ("[answer]", "[reply]"),
    ("  answer:", "  reply:"),
    ("event: nudge", "event: remind"),
    ("nudge: {", "remind: {"),
    ("over", "finished"),
];

pub(crate) const WAY: &str = "
from: 1
states:
  case: { received: registered, waiting: pending }
  visit: { over: finished }
deadlines: { answer: reply }
events: { nudge: remind }
";
