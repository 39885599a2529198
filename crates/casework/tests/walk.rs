//! Random lives of a case: whatever people record and whenever timers fire, the journal replays to the same case, the
//! same inputs give the same decision, a timer fires once, and nothing is sent without a permission.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use common::{calendar, filled, pack};
use peshi_calendar::Calendar;
use peshi_casework::pack::{Pack, PackFiles, TimerPolicy, load};
use peshi_casework::{
    AccountId, Actor, Case, CaseId, Channel, Command, ContactPermission, Context, Decision, Effect, Entry,
    Fact, Permission, Purpose, Recipient, Rejection, allowed, decide, migrate,
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
            known: peshi_casework::Knowledge::default(),
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

    /// Moves the case to another version and lives on by that.
    fn migrate<'p>(self, to: &'p Pack, timers: TimerPolicy) -> Walk<'p>
    where
        Self: 'p,
    {
        let case = self.case.as_ref().unwrap();
        let ctx = Context {
            pack: to,
            calendar: self.calendar,
            now: self.now,
            occurred_at: self.now,
            actor: &Actor::Machine,
            role: None,
            expected_version: None,
        };
        let decision = migrate(case, self.pack, &ctx, Some(timers)).unwrap();
        self.check(&decision);
        let mut walk = Walk { pack: to, ..self };
        walk.case = Some(decision.case().clone());
        walk.journal.extend_from_slice(decision.entries());
        walk
    }

    /// Every instance stands in a legal configuration of the chart of its version.
    fn stands_rightly(&self) {
        for (id, instance) in &self.case.as_ref().unwrap().instances {
            let chart = &self.pack.charts[&instance.chart].chart;
            chart
                .restore(instance.snapshot.as_ref().unwrap())
                .unwrap_or_else(|e| panic!("{id}: {e}"));
            let active: BTreeSet<&str> = chart
                .configuration(instance.snapshot.as_ref().unwrap())
                .into_iter()
                .collect();
            let since: BTreeSet<&str> = instance.since.keys().map(String::as_str).collect();
            assert_eq!(active, since, "{id}");
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

/// The abduction pack as a later version might be: names changed, periods changed, a region more.
fn later_version() -> Pack {
    let renames = [
        ("fir_silent", "fir_unanswered"),
        ("monitoring", "watching"),
        ("on_hold", "held_back"),
        ("intake", "reception"),
        ("refusal_answer", "refusal_reply"),
        ("work_so_far", "work_until_now"),
    ];
    let periods = [
        ("period: 24 hours", "period: 36 hours"),
        ("period: 7 days", "period: 5 days"),
    ];
    let mut files: PackFiles = pack("abduction").files;
    for name in ["workflow.yaml", "deadlines.yaml"] {
        let mut text = files.remove(name).unwrap().replace("version: 2", "version: 3");
        for (old, new) in renames {
            text = words(&text, old, new);
        }
        for (old, new) in periods {
            text = text.replace(old, new);
        }
        files.insert(name.to_owned(), text);
    }
    let mapped = |names: &[(&str, &str)]| -> String {
        let each: Vec<String> = names.iter().map(|(old, new)| format!("{old}: {new}")).collect();
        each.join(", ")
    };
    let (states, rules): (Vec<_>, Vec<_>) =
        renames.into_iter().partition(|(old, _)| *old != "refusal_answer");
    let way = format!(
        "from: 2\nstates: {{ case: {{ {} }} }}\ndeadlines: {{ {} }}\n",
        mapped(&states),
        mapped(&rules)
    );
    files.insert("migration.yaml".to_owned(), way);
    let (pack, findings) = load(&files);
    pack.unwrap_or_else(|| panic!("{findings:?}"))
}

/// Replaces a whole word.
fn words(text: &str, old: &str, new: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, after) = (&rest[..at], &rest[at + old.len()..]);
        out.push_str(before);
        let whole = !out.ends_with(part) && !after.starts_with(part);
        out.push_str(if whole { new } else { old });
        rest = after;
    }
    out + rest
}

/// How often each timer fired, and each deadline was missed.
fn turns(journal: &[Entry]) -> BTreeMap<String, usize> {
    let mut turns = BTreeMap::new();
    for entry in journal {
        let what = match &entry.fact {
            Fact::TimerFired { timer } => format!("timer {timer}"),
            Fact::DeadlineMissed { deadline } => format!("deadline {deadline}"),
            _ => continue,
        };
        *turns.entry(what).or_default() += 1;
    }
    turns
}

/// How often each rung of each deadline was armed and fired.
fn rungs(journal: &[Entry]) -> BTreeMap<String, usize> {
    let mut purposes = BTreeMap::new();
    let mut fired = BTreeMap::new();
    for entry in journal {
        match &entry.fact {
            Fact::TimerArmed { timer, purpose, .. } => {
                purposes.insert(timer.clone(), purpose.clone());
            }
            Fact::TimerFired { timer } => {
                if let Purpose::Rung { deadline, rung, to } = &purposes[timer] {
                    *fired.entry(format!("{deadline} {rung} {to:?}")).or_default() += 1;
                }
            }
            _ => {}
        }
    }
    fired
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn a_random_life_moves_to_another_version_and_goes_on(
        before in prop::collection::vec((0usize..38, 0i64..200), 1..25),
        after in prop::collection::vec((0usize..38, 0i64..200), 1..15),
        policy in 0usize..3,
    ) {
        let (old, new, calendar) = (pack("abduction"), later_version(), calendar());
        let lawyer = AccountId(Uuid::from_u128(7));
        let mut walk = Walk {
            pack: &old,
            calendar: &calendar,
            case: None,
            journal: Vec::new(),
            now: "2026-03-02T05:00:00Z".parse().unwrap(),
        };
        walk.open(lawyer);
        for (event, hours) in before {
            walk.record(lawyer, event);
            walk.pass(hours);
        }
        let version = walk.case.as_ref().unwrap().version;
        let mut walk = walk.migrate(&new, TimerPolicy::ALL[policy]);
        walk.stands_rightly();
        let case = walk.case.as_ref().unwrap();
        prop_assert_eq!(&Case::replay(&walk.journal).unwrap(), case);
        // The old entries are as they were: a history up to the move replays to the case before it.
        let until = usize::try_from(version).unwrap();
        prop_assert_eq!(Case::replay(&walk.journal[..until]).unwrap().pack, old.id.clone());
        for (event, hours) in after {
            walk.pass(hours);
            walk.record(lawyer, event);
        }
        walk.stands_rightly();
        prop_assert_eq!(Case::replay(&walk.journal).unwrap(), walk.case.clone().unwrap());
        for (what, times) in turns(&walk.journal).into_iter().chain(rungs(&walk.journal)) {
            prop_assert_eq!(times, 1, "{} had its turn once", what);
        }
    }
}
