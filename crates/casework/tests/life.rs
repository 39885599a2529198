//! One case of the shipped pack, from the refusal of the FIR to an adjourned hearing, on a virtual clock.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

mod common;

use chrono::{DateTime, Utc};
use common::{calendar, filled, pack};
use peshi_calendar::Calendar;
use peshi_casework::pack::Pack;
use peshi_casework::{
    AccountId, Actor, Case, CaseId, Command, Context, Decision, Effect, Entry, Fact, Fields, InstanceId,
    Rejection, allowed, decide,
};
use serde_json::{Value, json};
use uuid::Uuid;

fn fields(value: &Value) -> Fields {
    value.as_object().cloned().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

struct Desk {
    pack: Pack,
    calendar: Calendar,
    case: Option<Case>,
    journal: Vec<Entry>,
    lawyer: AccountId,
}

impl Desk {
    fn new() -> Self {
        let lawyer = AccountId(Uuid::from_u128(7));
        Self {
            pack: pack("abduction"),
            calendar: calendar(),
            case: None,
            journal: Vec::new(),
            lawyer,
        }
    }

    fn ask(&mut self, now: &str, actor: &Actor, command: &Command) -> Result<Decision, Rejection> {
        let ctx = Context {
            pack: &self.pack,
            calendar: &self.calendar,
            now: at(now),
            occurred_at: at(now),
            actor,
            role: Some("lawyer"),
            expected_version: None,
        };
        let decision = decide(self.case.as_ref(), command, &ctx)?;
        self.case = Some(decision.case().clone());
        self.journal.extend_from_slice(decision.entries());
        assert_eq!(
            Case::replay(&self.journal).unwrap(),
            *decision.case(),
            "replay equals state"
        );
        Ok(decision)
    }

    fn record(
        &mut self,
        now: &str,
        instance: &str,
        event: &str,
        form: &Value,
    ) -> Result<Decision, Rejection> {
        let actor = Actor::Account(self.lawyer);
        let command = Command::Event {
            instance: InstanceId::named(instance),
            event: event.to_owned(),
            form: fields(form),
            known: peshi_casework::Knowledge::default(),
        };
        self.ask(now, &actor, &command)
    }

    fn open(&mut self, now: &str) -> Decision {
        let form = fields(&json!({"province": "punjab", "district": "Invented District",
            "reported_at": "2026-03-01T18:00", "age_claimed": 14}));
        let form = form
            .into_iter()
            .filter(|(k, _)| self.pack.forms["opening"].fields.iter().any(|f| &f.name == k))
            .collect();
        let command = Command::Open {
            case: CaseId(Uuid::from_u128(1)),
            reference: "2026-0001".to_owned(),
            form,
            team: vec![(self.lawyer, "lawyer".to_owned())],
        };
        let actor = Actor::Account(self.lawyer);
        self.ask(now, &actor, &command).unwrap()
    }

    fn due(&mut self, now: &str) -> usize {
        let mut fired = 0;
        loop {
            let due = self
                .case
                .as_ref()
                .unwrap()
                .timers
                .iter()
                .filter(|(_, t)| t.due_at <= at(now));
            let Some(timer) = due
                .min_by_key(|(id, t)| (t.due_at, (*id).clone()))
                .map(|(id, _)| id.clone())
            else {
                return fired;
            };
            self.ask(now, &Actor::Machine, &Command::TimerDue { timer })
                .unwrap();
            fired += 1;
        }
    }
}

#[test]
fn a_refusal_becomes_a_petition_and_the_hearing_has_a_ladder() {
    let mut desk = Desk::new();
    let opened = desk.open("2026-03-02T05:00:00Z");
    assert_eq!(opened.entries()[0].seq, 1);
    assert!(opened.board().waiting_on.is_some());

    let refusal = Value::Object(filled(&desk.pack, "refusal", at("2026-03-02T09:00:00Z")));
    let refused = desk
        .record("2026-03-02T09:00:00Z", "case", "fir_refused", &refusal)
        .unwrap();
    assert!(
        refused
            .entries()
            .iter()
            .any(|e| matches!(&e.fact, Fact::ViolationNoted { code, .. } if code == "P01"))
    );

    let petition = desk
        .record("2026-03-03T05:00:00Z", "case", "petition_22a", &json!({}))
        .unwrap();
    assert!(
        petition
            .case()
            .instances
            .contains_key(&InstanceId::named("proceeding-1"))
    );
    let ctx_events: Vec<String> = {
        let actor = Actor::Account(desk.lawyer);
        let ctx = Context {
            pack: &desk.pack,
            calendar: &desk.calendar,
            now: at("2026-03-03T05:00:00Z"),
            occurred_at: at("2026-03-03T05:00:00Z"),
            actor: &actor,
            role: Some("lawyer"),
            expected_version: None,
        };
        allowed(&ctx, desk.case.as_ref().unwrap())
            .into_iter()
            .map(|a| format!("{} {}", a.instance, a.event))
            .collect()
    };
    assert!(
        ctx_events.iter().any(|e| e.starts_with("proceeding-1 ")),
        "{ctx_events:?}"
    );
}

#[test]
fn a_stranger_to_the_chart_is_told_what_is_possible() {
    let mut desk = Desk::new();
    desk.open("2026-03-02T05:00:00Z");
    let unknown = desk
        .record("2026-03-02T06:00:00Z", "case", "no_such_event", &json!({}))
        .unwrap_err();
    assert!(
        matches!(&unknown, Rejection::NotNow { possible, .. } if possible.contains(&"fir_refused".to_owned()))
    );
    let elsewhere = desk
        .record("2026-03-02T06:00:00Z", "hearing-9", "adjourned", &json!({}))
        .unwrap_err();
    assert_eq!(elsewhere, Rejection::NoInstance(InstanceId::named("hearing-9")));
}

#[test]
fn an_investigation_that_does_not_report_is_noted_on_day_14_and_day_17() {
    let mut desk = Desk::new();
    desk.open("2026-03-02T05:00:00Z");
    let fir = Value::Object(filled(&desk.pack, "fir", at("2026-03-04T09:00:00Z")));
    let registered = desk
        .record("2026-03-02T09:00:00Z", "case", "fir_registered", &fir)
        .unwrap();
    let armed = registered
        .effects()
        .iter()
        .filter(|e| matches!(e, Effect::Arm { .. }))
        .count();
    assert!(armed >= 2, "the deadline and its ladder are armed: {armed}");
    // Day 14 is 16 March; it is missed when that day ends in Karachi, at 19:00 UTC.
    desk.due("2026-03-16T18:59:00Z");
    let missed = |desk: &Desk| {
        let case = desk.case.as_ref().unwrap();
        case.deadlines
            .values()
            .filter(|d| d.missed_at.is_some())
            .map(|d| d.rule.clone())
            .collect::<Vec<_>>()
    };
    assert!(
        !missed(&desk).iter().any(|r| r.contains("investigation")),
        "{:?}",
        missed(&desk)
    );
    desk.due("2026-03-16T19:00:00Z");
    assert!(!missed(&desk).is_empty());
    desk.due("2026-03-19T19:00:00Z");
    let codes: Vec<&str> = desk
        .case
        .as_ref()
        .unwrap()
        .violations
        .iter()
        .map(|v| v.code.as_str())
        .collect();
    assert!(codes.contains(&"P14"), "{codes:?}");
}

#[test]
fn a_state_entered_again_begins_its_clock_anew() {
    let mut desk = Desk::new();
    desk.open("2026-03-02T05:00:00Z");
    let pressed = desk
        .record(
            "2026-03-08T05:00:00Z",
            "case",
            "search_pressed",
            &json!({"check_note": "invented"}),
        )
        .unwrap();
    assert_eq!(pressed.case().root().since["unknown"], at("2026-03-08T05:00:00Z"));
    let states: Vec<&str> = pressed.entries().iter().map(|e| e.fact.kind()).collect();
    assert!(states.contains(&"moved"), "{states:?}");
}
