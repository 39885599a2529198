//! Random lives of a case: whatever people record and whenever timers fire, the journal replays to the same case, the
//! same inputs give the same decision, a timer fires once, and nothing is sent without a permission.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{calendar, filled, pack};
use peshi_calendar::Calendar;
use peshi_casework::pack::Pack;
use peshi_casework::{
    AccountId, Actor, Case, CaseId, Channel, Command, ContactPermission, Context, Decision, Effect, Entry,
    Permission, Recipient, Rejection, allowed, decide,
};
use proptest::prelude::*;
use uuid::Uuid;

struct Walk<'a> {
    pack: &'a Pack,
    calendar: &'a Calendar,
    case: Option<Case>,
    journal: Vec<Entry>,
    now: DateTime<Utc>,
}

impl Walk<'_> {
    fn decide(&mut self, actor: &Actor, command: &Command) -> Result<Decision, Rejection> {
        let ctx = Context {
            pack: self.pack,
            calendar: self.calendar,
            now: self.now,
            occurred_at: self.now,
            actor,
            role: Some("lawyer"),
            expected_version: None,
        };
        let first = decide(self.case.as_ref(), command, &ctx);
        assert_eq!(
            first,
            decide(self.case.as_ref(), command, &ctx),
            "decide is deterministic"
        );
        let decision = first?;
        self.check(&decision);
        self.case = Some(decision.case().clone());
        self.journal.extend_from_slice(decision.entries());
        Ok(decision)
    }

    fn check(&self, decision: &Decision) {
        for effect in decision.effects() {
            // Silence by default: a family member is written to only with a permission recorded in this case.
            if let Effect::Message { order, .. } = effect
                && let Recipient::Person(person) = &order.to
            {
                let known = &decision.case().people[person];
                let frozen = decision.case().safety_critical();
                let allowed = Permission::check(&known.permissions, 0, frozen, self.now);
                assert!(allowed.is_ok(), "{person}: {allowed:?}");
            }
        }
        let armed = decision
            .effects()
            .iter()
            .filter(|e| matches!(e, Effect::Arm { .. }))
            .count();
        let cancelled = decision
            .effects()
            .iter()
            .filter(|e| matches!(e, Effect::Cancel { .. }))
            .count();
        assert!(armed < 500 && cancelled < 500, "a decision stays bounded");
    }

    fn open(&mut self, lawyer: AccountId) {
        let form = filled(self.pack, self.pack.opening.as_deref().unwrap(), self.now);
        let command = Command::Open {
            case: CaseId(Uuid::from_u128(1)),
            reference: "2026-0001".to_owned(),
            form,
            team: vec![(lawyer, "lawyer".to_owned())],
        };
        self.decide(&Actor::Account(lawyer), &command).unwrap();
    }

    /// Records the `n`th event that is allowed now.
    fn record(&mut self, lawyer: AccountId, n: usize) {
        let actor = Actor::Account(lawyer);
        let ctx = Context {
            pack: self.pack,
            calendar: self.calendar,
            now: self.now,
            occurred_at: self.now,
            actor: &actor,
            role: Some("lawyer"),
            expected_version: None,
        };
        let possible = allowed(&ctx, self.case.as_ref().unwrap());
        let Some(chosen) = possible.get(n % possible.len().max(1)) else {
            return;
        };
        let form = chosen
            .form
            .as_ref()
            .map(|f| filled(self.pack, f, self.now))
            .unwrap_or_default();
        let command = Command::Event {
            instance: chosen.instance.clone(),
            event: chosen.event.clone(),
            form,
        };
        match self.decide(&actor, &command) {
            Ok(_) | Err(Rejection::Guarded { .. }) => {}
            Err(other) => panic!("{} {}: {other}", chosen.instance, chosen.event),
        }
    }

    fn person(&mut self, lawyer: AccountId) {
        let command = Command::AddPerson {
            role: "family_contact".to_owned(),
            name: "Contact Invented".to_owned(),
        };
        self.decide(&Actor::Account(lawyer), &command).unwrap();
    }

    fn permission(&mut self, lawyer: AccountId, hours: i64) {
        let permission = ContactPermission {
            channel: Channel::Email,
            address: "contact@demo.invalid".to_owned(),
            language: "ur".to_owned(),
            level: 0,
            safe_from: None,
            safe_until: None,
            phone_at_risk: hours % 3 == 0,
            granted_at: self.now,
            expires_at: self.now + TimeDelta::hours(hours),
        };
        let command = Command::GrantPermission {
            person: "person-1".to_owned(),
            permission,
        };
        match self.decide(&Actor::Account(lawyer), &command) {
            Ok(_) | Err(Rejection::Unknown { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }

    /// Lets time pass and brings every timer that became due, each twice.
    fn pass(&mut self, hours: i64) {
        self.now += TimeDelta::hours(hours);
        for _ in 0..200 {
            let timers = &self.case.as_ref().unwrap().timers;
            let due = timers.iter().filter(|(_, t)| t.due_at <= self.now);
            let Some(timer) = due
                .min_by_key(|(id, t)| (t.due_at, (*id).clone()))
                .map(|(id, _)| id.clone())
            else {
                return;
            };
            self.decide(&Actor::Machine, &Command::TimerDue { timer: timer.clone() })
                .unwrap();
            let again = self.decide(&Actor::Machine, &Command::TimerDue { timer });
            assert_eq!(again.unwrap_err(), Rejection::TimerGone, "a timer fires once");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn a_random_life_replays_to_the_same_case(steps in prop::collection::vec((0usize..40, 0i64..400), 1..40)) {
        let (pack, calendar) = (pack("abduction"), calendar());
        let lawyer = AccountId(Uuid::from_u128(7));
        let mut walk = Walk {
            pack: &pack,
            calendar: &calendar,
            case: None,
            journal: Vec::new(),
            now: "2026-03-02T05:00:00Z".parse().unwrap(),
        };
        walk.open(lawyer);
        for (event, hours) in steps {
            match event {
                39 => walk.person(lawyer),
                38 => walk.permission(lawyer, hours),
                event => walk.record(lawyer, event),
            }
            walk.pass(hours);
        }
        let case = walk.case.unwrap();
        prop_assert_eq!(Case::replay(&walk.journal).unwrap(), case.clone());
        prop_assert_eq!(case.version, i64::try_from(walk.journal.len()).unwrap());
        let through_json: Case = serde_json::from_value(serde_json::to_value(&case).unwrap()).unwrap();
        prop_assert_eq!(through_json, case);
    }
}
