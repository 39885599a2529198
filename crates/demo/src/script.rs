//! A story as steps at local times: what a writer of stories needs, and nothing of the service.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Asia::Karachi;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// One step of a story.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) at: DateTime<Utc>,
    pub(crate) act: Act,
}

/// What happens.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// An event is recorded.
    Event {
        instance: String,
        event: &'static str,
        form: Value,
    },
    /// Somebody of the family is recorded, and perhaps agrees to be written to.
    Contact { permission: Option<Permission> },
    /// A paper is added to the case.
    Document { name: &'static str, text: &'static str },
    /// The open tasks are done.
    FinishTasks,
    /// Whatever standing duty can be done now is done: safety and welfare checks, the review of the contact, tasks.
    Upkeep,
}

/// What a family agreed to.
#[derive(Debug, Clone)]
pub(crate) struct Permission {
    pub(crate) channel: &'static str,
    pub(crate) language: &'static str,
    pub(crate) days: i64,
    pub(crate) phone_at_risk: bool,
}

/// A story being written.
pub(crate) struct Script<'r> {
    pub(crate) steps: Vec<Step>,
    /// Where the story is, local.
    pub(crate) at: NaiveDateTime,
    /// The last moment of the demonstration, local.
    pub(crate) now: NaiveDateTime,
    pub(crate) rng: &'r mut ChaCha8Rng,
    /// How often somebody looks after the case, in days; none: nobody does.
    pub(crate) upkeep: Option<i64>,
    /// Which story of the caseload it is, from 0: what must occur in every caseload goes by turns, not by chance.
    pub(crate) turn: usize,
    /// The family says that she is under 18: the police owe an alert.
    pub(crate) child: bool,
    /// The local day of the hearing fixed last.
    pub(crate) hearing_on: NaiveDate,
    closed: &'r BTreeSet<NaiveDate>,
    proceedings: u32,
    hearings: u32,
}

impl<'r> Script<'r> {
    /// A story that begins at `at`; on the days of `closed` neither the office nor a court works.
    pub(crate) fn new(
        turn: usize,
        at: NaiveDateTime,
        now: NaiveDateTime,
        closed: &'r BTreeSet<NaiveDate>,
        rng: &'r mut ChaCha8Rng,
    ) -> Self {
        Self {
            turn,
            child: false,
            hearing_on: at.date(),
            closed,
            steps: Vec::new(),
            at,
            now,
            rng,
            upkeep: Some(6),
            proceedings: 0,
            hearings: 0,
        }
    }

    /// The story with its upkeep: somebody looks after the case until the story ends, or to this day if it is still cared
    /// for then.
    pub(crate) fn finish(mut self, to_the_end: bool) -> Vec<Step> {
        let Some(every) = self.upkeep else {
            return self.steps;
        };
        // Not before the beginning is over: the story itself agrees the contact and does the first tasks.
        let begun = self
            .steps
            .iter()
            .find(|step| matches!(step.act, Act::FinishTasks));
        let (Some(first), Some(last)) = (begun, self.steps.last()) else {
            return self.steps;
        };
        let end = if to_the_end { utc(self.now) } else { last.at };
        let begun = first.at.with_timezone(&Karachi).naive_local() + TimeDelta::minutes(1);
        let mut day = begun.date();
        loop {
            day = self.working(day + TimeDelta::days(every));
            let at = utc(day.and_time(begun.time()));
            if at >= end {
                break;
            }
            self.steps.push(Step { at, act: Act::Upkeep });
        }
        self.steps.sort_by_key(|step| step.at);
        self.steps
    }

    /// Some days pass; work goes on in office hours of the next working day.
    pub(crate) fn days(&mut self, from: i64, to: i64) -> &mut Self {
        let days = self.rng.random_range(from..=to);
        let day = self.working(self.at.date() + TimeDelta::days(days));
        let minute = self.rng.random_range(0..360);
        let next = day.and_hms_opt(9, 30, 0).unwrap_or(self.at) + TimeDelta::minutes(minute);
        self.at = next.max(self.at + TimeDelta::minutes(7));
        self
    }

    /// Records an event of the case itself.
    pub(crate) fn event(&mut self, event: &'static str, form: Value) -> &mut Self {
        self.event_in("case", event, form)
    }

    pub(crate) fn event_in(&mut self, instance: &str, event: &'static str, form: Value) -> &mut Self {
        self.push(Act::Event {
            instance: instance.to_owned(),
            event,
            form,
        })
    }

    pub(crate) fn push(&mut self, act: Act) -> &mut Self {
        let at = utc(self.at);
        self.steps.push(Step { at, act });
        // Two steps of one story never share an instant.
        self.at += TimeDelta::minutes(3);
        self
    }

    /// The local date of the story, as forms take it.
    pub(crate) fn today(&self) -> String {
        self.at.date().to_string()
    }

    /// Some hours ago, as forms take it.
    pub(crate) fn hours_ago(&self, hours: i64) -> String {
        (self.at - TimeDelta::hours(hours))
            .format("%Y-%m-%dT%H:%M")
            .to_string()
    }

    /// One of several words.
    pub(crate) fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.rng.random_range(0..words.len())]
    }

    /// A proceeding was started by the event just recorded; gives its name.
    pub(crate) fn proceeding(&mut self) -> String {
        self.proceedings += 1;
        format!("proceeding-{}", self.proceedings)
    }

    /// The proceeding is filed and its first hearing fixed in `days`.
    pub(crate) fn filed(&mut self, proceeding: &str, forum: &'static str, days: i64) -> &mut Self {
        self.filing(proceeding, forum);
        self.fixed(proceeding, days)
    }

    /// The same, with the first hearing on `day` or, should the filing have taken longer, on the day after it.
    pub(crate) fn filed_for(&mut self, proceeding: &str, forum: &'static str, day: NaiveDate) -> &mut Self {
        self.filing(proceeding, forum);
        let days = (day - self.at.date()).num_days().max(1);
        self.fixed(proceeding, days)
    }

    /// The petition is filed; some days later the court has looked at it.
    fn filing(&mut self, proceeding: &str, forum: &'static str) {
        let number = self.rng.random_range(100..9_999);
        let filing = json!({"forum": forum, "court_name": "Invented court", "case_number": format!("{number}-X"),
            "filed_on": self.today()});
        self.event_in(proceeding, "filed", filing).days(1, 4);
    }

    /// A hearing is fixed in `days`; the story stays where it is.
    fn fixed(&mut self, proceeding: &str, days: i64) -> &mut Self {
        let at = self.next_hearing(days);
        let court = format!("Invented court, room {}", self.rng.random_range(1..9));
        let purpose = self.one_of(&["report", "arguments", "production", "evidence"]);
        self.event_in(
            proceeding,
            "hearing_fixed",
            json!({"at": at, "court": court, "purpose": purpose}),
        )
    }

    /// The moment of a hearing in `days`, as forms take it; from now on it is the hearing the story goes to.
    fn next_hearing(&mut self, days: i64) -> String {
        self.hearings += 1;
        self.hearing_on = self.working(self.at.date() + TimeDelta::days(days));
        let time = self.one_of(&["09:00", "09:30", "10:00", "11:00"]);
        format!("{}T{time}", self.hearing_on)
    }

    /// The day of the hearing comes, and it is put off by `days`.
    pub(crate) fn adjourned(&mut self, days: i64) -> &mut Self {
        let hearing = self.hearing_day();
        let reason = self.one_of(&[
            "judge_on_leave",
            "lawyers_strike",
            "io_or_record_absent",
            "time_over",
            "opposing_counsel",
            "not_listed",
            "girl_not_produced",
        ]);
        let next = self.next_hearing(days);
        self.event_in(&hearing, "adjourned", json!({"reason": reason, "next_at": next}))
    }

    /// The day of the hearing comes, something is done, and the matter goes on in `days`.
    pub(crate) fn heard(&mut self, outcome: &'static str, days: i64) -> &mut Self {
        let hearing = self.hearing_day();
        let next = self.next_hearing(days);
        self.event_in(&hearing, "heard", json!({"outcome": outcome, "next_at": next}))
    }

    /// The day of the hearing comes, and the matter is decided.
    pub(crate) fn decided(&mut self, proceeding: &str, result: &'static str) -> &mut Self {
        let hearing = self.hearing_day();
        let today = self.today();
        self.event_in(&hearing, "decided_in_court", json!({}))
            .days(0, 1)
            .event_in(
                proceeding,
                "decision_recorded",
                json!({"result": result, "decided_on": today}),
            )
    }

    /// The story moves to the afternoon of its hearing; gives the hearing's name.
    fn hearing_day(&mut self) -> String {
        let minute = self.rng.random_range(0..150);
        let afternoon = self.hearing_on.and_hms_opt(13, 0, 0).unwrap_or(self.at);
        self.at = self.at.max(afternoon + TimeDelta::minutes(minute));
        format!("hearing-{}", self.hearings)
    }

    /// The day itself, or the next one on which the courts sit.
    fn working(&self, day: NaiveDate) -> NaiveDate {
        working(self.closed, day)
    }

    /// What was decided is taken as it is.
    pub(crate) fn accepted(&mut self, proceeding: &str) -> &mut Self {
        self.days(4, 9).event_in(
            proceeding,
            "result_accepted",
            json!({"why_no_remedy": "result_favourable"}),
        )
    }
}

/// `day`, or the first day after it that is not in `closed`.
pub(crate) fn working(closed: &BTreeSet<NaiveDate>, mut day: NaiveDate) -> NaiveDate {
    while closed.contains(&day) {
        day += TimeDelta::days(1);
    }
    day
}

/// The instant of a local time.
pub(crate) fn utc(local: NaiveDateTime) -> DateTime<Utc> {
    local
        .and_local_timezone(Karachi)
        .earliest()
        .map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}
