//! Fills a database through the service, case by case, and arms timers for them. The first cases belong to real accounts,
//! fifty to each; so do the others, to accounts nobody signs in with. To a few an application is given, so that the clock of
//! the police runs; those of a hundred cases fall due before everybody else's.

use anyhow::{Context, Result, anyhow};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use peshi_casework::{AccountId, Actor, CaseId, Command, InstanceId};
use peshi_service::{Submission, Viewer};
use peshi_store::{JobKind, NewJob};
use peshi_test_support::House;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::ground::{Stopwatch, fields, float};

/// Members of staff with cases of their own.
pub(crate) const LAWYERS: u64 = 20;
/// Cases of one team.
const CASELOAD: u64 = 50;
/// Cases whose timers fall due together.
pub(crate) const SOON: u64 = 100;
/// Cases opened in one transaction.
const GROUP: u64 = 250;
/// Groups on their way at the same time.
const AT_ONCE: usize = 4;
/// Timers written in one transaction.
const TIMERS: u64 = 20_000;

/// Who works here.
pub(crate) struct Staff {
    pub(crate) lawyers: Vec<Viewer>,
    pub(crate) coordinator: Viewer,
    pub(crate) administrator: Viewer,
}

/// When the timers of the `n`th hundred cases fall due, seen from `now`: in the past, before everybody else's.
pub(crate) fn soon(n: i32, now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::hours(2 - i64::from(n))
}

/// The case of a number.
pub(crate) fn case_id(n: u64) -> Uuid {
    Uuid::from_u128((0x5CA1_E000 << 96) | u128::from(n))
}

pub(crate) struct Filler<'a> {
    house: &'a House,
    staff: &'a Staff,
    now: DateTime<Utc>,
    most: u64,
    cases: u64,
    timers: u64,
    reference: u64,
    watch: Stopwatch,
}

impl<'a> Filler<'a> {
    pub(crate) fn new(house: &'a House, staff: &'a Staff, now: DateTime<Utc>, most: u64) -> Self {
        Self {
            house,
            staff,
            now,
            most,
            cases: 0,
            timers: 0,
            reference: 0,
            watch: Stopwatch::start(),
        }
    }

    /// A hundred cases whose timers are the first to fall due.
    pub(crate) async fn due_soon(&mut self, n: i32) -> Result<()> {
        let opened = soon(n, self.now) - TimeDelta::hours(24);
        let from = u64::MAX - 1_000 * (1 + u64::from(n.unsigned_abs()));
        let mut group = Vec::new();
        for k in from..from + SOON {
            group.extend(self.case(k, self.reference, opened));
            self.reference += 1;
        }
        accepted(self.house, &group, opened).await
    }

    /// Opens cases until there are so many.
    pub(crate) async fn cases_to(&mut self, count: u64) -> Result<()> {
        let mut tasks = JoinSet::new();
        while self.cases < count || !tasks.is_empty() {
            while tasks.len() < AT_ONCE && self.cases < count {
                let until = count.min(self.cases + GROUP);
                let mut group = Vec::new();
                let mut at = self.now;
                for n in self.cases..until {
                    // Spread over eight hours that ended an hour ago.
                    let part = float(n) / float(self.most.max(1));
                    #[expect(clippy::cast_possible_truncation, reason = "eight hours are few microseconds")]
                    let passed = (part * 288e8) as i64;
                    at = self.now - TimeDelta::hours(9) + TimeDelta::microseconds(passed);
                    let [opening, given] = self.case(n, self.reference, at);
                    group.push(opening);
                    // Those whose pages are looked at have dates.
                    group.extend((n < LAWYERS * CASELOAD).then_some(given));
                    self.reference += 1;
                }
                self.cases = until;
                let service = self.house.service.clone();
                tasks.spawn(async move {
                    for outcome in service.submit(&group, at).await? {
                        outcome.map_err(|rejection| anyhow!("{rejection}"))?;
                    }
                    anyhow::Ok(())
                });
            }
            if let Some(done) = tasks.join_next().await {
                done??;
                if self.cases.is_multiple_of(GROUP * 200) {
                    self.tell("cases", self.cases);
                }
            }
        }
        self.tell("cases", self.cases);
        Ok(())
    }

    /// More timers for the cases there are, until so many wait: each months away.
    pub(crate) async fn timers_to(&mut self, count: u64) -> Result<()> {
        let store = &self.house.store;
        while self.timers < count {
            let until = count.min(self.timers + TIMERS);
            let jobs: Vec<NewJob> = (self.timers..until)
                .map(|number| {
                    let n = number % self.cases.max(1);
                    let due = self.now
                        + TimeDelta::days(60)
                        + TimeDelta::seconds(i64::try_from(number).unwrap_or(0));
                    let id = format!("{}:9000:{number}", case_id(n));
                    let mut job = NewJob::new(id, JobKind::Timer, due, self.now);
                    job.case_id = Some(case_id(n));
                    job
                })
                .collect();
            let mut tx = store.begin().await?;
            tx.insert_jobs(&jobs).await?;
            tx.commit().await?;
            self.timers = until;
            if self.timers.is_multiple_of(TIMERS * 25) {
                self.tell("timers", self.timers);
            }
        }
        self.tell("timers", self.timers);
        store.refresh_statistics().await?;
        Ok(())
    }

    fn tell(&self, what: &str, count: u64) {
        let seconds = self.watch.seconds();
        eprintln!(
            "{count:>9} {what:<6} after {seconds:>6.1} s, {:>6} MiB",
            crate::ground::memory_mib()
        );
    }

    /// A case is opened and an application given.
    fn case(&self, n: u64, reference: u64, at: DateTime<Utc>) -> [Submission; 2] {
        let id = case_id(n);
        let lawyer = usize::try_from(n / CASELOAD)
            .ok()
            .and_then(|n| self.staff.lawyers.get(n));
        let member = lawyer.map_or_else(
            || AccountId(Uuid::from_u128((0x5CA1_EACC << 96) | u128::from(n / CASELOAD))),
            |lawyer| lawyer.account,
        );
        let actor = Actor::Account(member);
        let opening =
            json!({"province": "punjab", "district": "Invented", "reported_at": "2026-04-12T18:00"});
        let open = Command::Open {
            case: CaseId(id),
            reference: format!("{}-{:04}", at.year(), reference + 1),
            form: fields(&opening),
            team: vec![(member, "lawyer".to_owned())],
        };
        let given = Command::Event {
            instance: InstanceId::root(),
            event: "application_given".to_owned(),
            form: fields(&json!({"station": "Invented", "receipt": "e_tag"})),
            known: peshi_casework::Knowledge::default(),
        };
        let submit = |command| Submission::new(id, command, actor.clone(), Some("lawyer".to_owned()), at);
        let opening = Submission {
            pack: Some("abduction".to_owned()),
            ..submit(open)
        };
        [opening, submit(given)]
    }
}

async fn accepted(house: &House, group: &[Submission], now: DateTime<Utc>) -> Result<()> {
    for outcome in house.service.submit(group, now).await? {
        outcome.context("a case is opened")?;
    }
    Ok(())
}
