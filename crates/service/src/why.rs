//! Why a date is what it is: the lines of its explanation, as keys of texts with what stands in them.
//! Reads a case and its pack; writes no words itself and changes nothing.

use std::borrow::Cow;

use chrono::NaiveDate;
use peshi_calendar::{Calendar, ClosedReason, Computed, Explained, Period, Why};
use peshi_casework::pack::{DeadlineRule, Pack, Standing};
use peshi_casework::{Case, Deadline, Stop, calendar_for};
use serde::Serialize;

/// One line of an explanation: a text's key and everything that may stand in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhyLine {
    /// The key of its text.
    pub key: String,
    /// The day it speaks of.
    pub date: NaiveDate,
    /// A second day, where there is one; else the same.
    pub until: NaiveDate,
    /// A name, a reason, a time of day.
    pub text: String,
    /// A number of days.
    pub number: u32,
    /// The unit of the number: `day`, `working_day`, `hour` …
    pub unit: &'static str,
}

impl WhyLine {
    fn new(key: &str, date: NaiveDate) -> Self {
        Self {
            key: format!("why-{key}"),
            date,
            until: date,
            text: String::new(),
            number: 0,
            unit: "day",
        }
    }

    fn until(self, until: NaiveDate) -> Self {
        Self { until, ..self }
    }

    fn text(self, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..self
        }
    }

    fn number(self, number: u32, unit: &'static str) -> Self {
        Self { number, unit, ..self }
    }
}

/// The explanation of a date, from its event to what is not sure about it.
pub(crate) fn why(
    pack: &Pack,
    case: &Case,
    deadline: &Deadline,
    calendar: &Calendar,
    today: NaiveDate,
) -> Vec<WhyLine> {
    let calendar: Cow<'_, Calendar> = calendar_for(case, &deadline.instance, calendar);
    let rule = pack.deadlines.get(&deadline.rule);
    let mut lines = standing(rule, today);
    let reckoned = deadline
        .overridden
        .as_ref()
        .map_or(&deadline.computed, |by| &by.reckoned);
    lines.extend(steps(reckoned, &calendar));
    lines.extend(copy_awaited(rule, deadline, &calendar));
    lines.extend(deadline.stops.iter().map(|stop| stopped(stop, &calendar)));
    if let Some(by) = &deadline.overridden {
        let line = WhyLine::new("overridden", by.reckoned.day(&calendar));
        lines.push(line.until(deadline.computed.day(&calendar)).text(&by.reason));
    }
    if let Some(settled) = &deadline.settled {
        let ended = deadline.ended_at.map_or(today, |at| calendar.local_date(at));
        let key = if settled.excused { "excused" } else { "met" };
        lines.push(WhyLine::new(key, ended).text(&settled.text));
    }
    lines
}

/// What a reader must know before anything else: the law may not be in force.
fn standing(rule: Option<&DeadlineRule>, today: NaiveDate) -> Vec<WhyLine> {
    let Some(rule) = rule else { return Vec::new() };
    match rule.standing(today) {
        Standing::InForce => Vec::new(),
        Standing::NotInForce => vec![WhyLine::new("not_in_force", today)],
        Standing::MayHaveLapsed => {
            vec![WhyLine::new("may_have_lapsed", rule.lapses_on.unwrap_or(today))]
        }
    }
}

fn copy_awaited(rule: Option<&DeadlineRule>, deadline: &Deadline, calendar: &Calendar) -> Option<WhyLine> {
    let excluded = |step: &Explained| {
        matches!(
            step,
            Explained::Excluded {
                reason: Why::CopyTime,
                ..
            }
        )
    };
    let waits = rule.is_some_and(|r| r.excludes_copy_time) && !deadline.computed.steps.iter().any(excluded);
    waits.then(|| WhyLine::new("copy_awaited", deadline.computed.day(calendar)))
}

fn stopped(stop: &Stop, calendar: &Calendar) -> WhyLine {
    let from = calendar.local_date(stop.from);
    match stop.until {
        None => WhyLine::new("stands_still", from).text(&stop.reason),
        Some(until) => WhyLine::new("stood_still", from)
            .until(calendar.local_date(until))
            .text(&stop.reason),
    }
}

fn steps(computed: &Computed, calendar: &Calendar) -> Vec<WhyLine> {
    if computed.steps.is_empty() {
        return vec![WhyLine::new("moment", computed.day(calendar))];
    }
    computed.steps.iter().map(|step| line(step, calendar)).collect()
}

fn line(step: &Explained, calendar: &Calendar) -> WhyLine {
    match step {
        Explained::TriggerDay { date, excluded: true } => WhyLine::new("trigger", *date),
        Explained::TriggerDay { date, .. } => WhyLine::new("trigger_same_day", *date),
        Explained::Counted { period, to } => {
            let (number, unit) = counted(*period);
            WhyLine::new("counted", *to).number(number, unit)
        }
        Explained::ClockHours { from, to } => {
            let local = |at: &chrono::DateTime<chrono::Utc>| at.with_timezone(&calendar.zone).naive_local();
            WhyLine::new("clock", local(from).date())
                .until(local(to).date())
                .text(local(to).format("%H:%M").to_string())
        }
        Explained::SkippedClosed {
            date,
            reason: ClosedReason::Weekly,
        } => WhyLine::new("closed_weekday", *date),
        Explained::SkippedClosed {
            date,
            reason: ClosedReason::Holiday { name, .. },
        } => WhyLine::new("closed_day", *date).text(name),
        Explained::MovedFromClosed { from, to } => WhyLine::new("moved", *from).until(*to),
        Explained::VacationNote { name, date } => WhyLine::new("vacation", *date).text(name),
        Explained::InternalMargin { working_days, to } => {
            WhyLine::new("internal", *to).number(*working_days, "working_day")
        }
        Explained::Excluded {
            from,
            until,
            days,
            reason,
        } => {
            let key = match reason {
                Why::CopyTime => "excluded_copy",
                Why::Stopped { .. } => "excluded_stop",
            };
            WhyLine::new(key, *from)
                .until(*until)
                .number(days.unwrap_or(0), "day")
        }
        Explained::OfficeHour { date, time, opening } => {
            let key = if *opening { "opens" } else { "closes" };
            WhyLine::new(key, *date).text(time.format("%H:%M").to_string())
        }
        Explained::ProvisionalDay { date, name } => WhyLine::new("provisional", *date).text(name),
    }
}

fn counted(period: Period) -> (u32, &'static str) {
    match period {
        Period::Days(n) => (n, "day"),
        Period::Weeks(n) => (n, "week"),
        Period::Months(n) => (n, "month"),
        Period::Years(n) => (n, "year"),
        Period::WorkingDays(n) => (n, "working_day"),
        Period::Hours(n) => (n, "hour"),
        Period::Millis(n) => (u32::try_from(n / 60_000).unwrap_or(u32::MAX), "minute"),
    }
}
