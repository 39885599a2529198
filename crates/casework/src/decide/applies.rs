//! Which rule applies: by province, by court, by the dates in which it is in force, and, of several rules of one code that
//! stand in one state, the one that fits best. Knows rules and cases; no date is reckoned here.

use std::borrow::Cow;

use chrono::NaiveDate;
use peshi_calendar::{Calendar, Place};
use serde_json::Value;

use crate::case::Case;
use crate::ids::InstanceId;
use crate::pack::{DeadlineRule, Pack};

/// The field of the case that names its city or district.
const CITY: &str = "district";
/// The field of a proceeding that names the kind of court.
const FORUM: &str = "forum";

/// A field of an instance, or else of the nearest instance it belongs to.
pub(super) fn inherited<'c>(case: &'c Case, instance: &InstanceId, field: &str) -> Option<&'c Value> {
    let mut at = Some(instance);
    while let Some(running) = at.and_then(|id| case.instances.get(id)) {
        match running.data.get(field) {
            None | Some(Value::Null) => at = running.parent.as_ref(),
            found => return found,
        }
    }
    None
}

/// Which court an instance is about.
pub fn place(case: &Case, instance: &InstanceId) -> Place {
    let word = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    Place {
        province: case.province().map(str::to_owned),
        city: word(case.root().data.get(CITY)),
        court: word(inherited(case, instance, FORUM)),
    }
}

/// The calendar as it is for the court that an instance is about.
pub fn calendar_for<'c>(case: &Case, instance: &InstanceId, calendar: &'c Calendar) -> Cow<'c, Calendar> {
    calendar.within(&place(case, instance))
}

/// Whether `rule` is the one that counts for an instance on a day.
pub(super) fn applies(
    pack: &Pack,
    case: &Case,
    instance: &InstanceId,
    rule: &DeadlineRule,
    on: NaiveDate,
) -> bool {
    let place = place(case, instance);
    let Some(fit) = fit(rule, &place).filter(|_| rule.in_force(on)) else {
        return false;
    };
    // The better rule wins; of two that fit as well, the one written first.
    let (before, after) = rivals(pack, case, instance, rule);
    let best = |rivals: &[&DeadlineRule]| {
        rivals
            .iter()
            .filter(|r| r.in_force(on))
            .filter_map(|r| self::fit(r, &place))
            .max()
    };
    best(&before).is_none_or(|other| other < fit) && best(&after).is_none_or(|other| other <= fit)
}

/// How well a rule fits a place: the number of its words that are known to be the place's; none if one is another's. What
/// the case does not say excludes nothing, so that a date is rather shown once too often.
fn fit(rule: &DeadlineRule, place: &Place) -> Option<u8> {
    let word = |asked: &[String], is: &Option<String>| match is {
        _ if asked.is_empty() => Some(0),
        None => Some(0),
        Some(is) => asked.contains(is).then_some(1),
    };
    Some(word(&rule.provinces, &place.province)? + word(&rule.courts, &place.court)?)
}

/// The other rules of the same code in the states that ask for `rule`, if one of them all names a province or a court:
/// those written before it, and those after.
fn rivals<'p>(
    pack: &'p Pack,
    case: &Case,
    instance: &InstanceId,
    rule: &DeadlineRule,
) -> (Vec<&'p DeadlineRule>, Vec<&'p DeadlineRule>) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let spec = case.instances.get(instance).and_then(|i| pack.chart(&i.chart));
    let (Some(spec), Some(code)) = (spec, &rule.code) else {
        return (before, after);
    };
    for state in spec.states.values() {
        let Some(own) = state.deadlines.iter().position(|name| *name == rule.name) else {
            continue;
        };
        for (n, name) in state.deadlines.iter().enumerate().filter(|(n, _)| *n != own) {
            if let Some(other) = pack.deadlines.get(name).filter(|r| r.code.as_ref() == Some(code)) {
                if n < own {
                    before.push(other);
                } else {
                    after.push(other);
                }
            }
        }
    }
    let local = rule.is_local() || before.iter().chain(&after).any(|r| r.is_local());
    if local {
        (before, after)
    } else {
        (Vec::new(), Vec::new())
    }
}

/// A rule that a state of the case asks for and that does not run there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle {
    /// The instance.
    pub instance: InstanceId,
    /// The rule's name.
    pub rule: String,
    /// Why not.
    pub why: WhyIdle,
}

/// Why a rule does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyIdle {
    /// Its law was not in force when the state was entered.
    NotInForce,
    /// It is meant for another province or court, or another rule of its code fits better.
    Elsewhere,
    /// The field it counts from is empty.
    NoMoment,
    /// The duty has no length: it is owed at once.
    AtOnce,
}

impl WhyIdle {
    /// The word in pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotInForce => "not_in_force",
            Self::Elsewhere => "elsewhere",
            Self::NoMoment => "no_moment",
            Self::AtOnce => "at_once",
        }
    }
}

/// The rules that the states of the case ask for and that never began there, so that nobody takes their silence for a date
/// that is kept.
pub fn idle_rules(pack: &Pack, case: &Case, calendar: &Calendar) -> Vec<Idle> {
    let mut idle = Vec::new();
    for (id, instance) in case.instances.iter().filter(|(_, i)| !i.done) {
        let Some(spec) = pack.chart(&instance.chart) else {
            continue;
        };
        for (state, entered) in &instance.since {
            for name in spec.states.get(state).into_iter().flat_map(|s| &s.deadlines) {
                let began = |d: &crate::deadline::Deadline| {
                    d.instance == *id && d.rule == *name && d.ended_at.is_none_or(|ended| ended >= *entered)
                };
                let Some(rule) = pack.deadlines.get(name) else {
                    continue;
                };
                if case.deadlines.values().any(began) {
                    continue;
                }
                let on = calendar.local_date(*entered);
                let why = if !rule.in_force(on) {
                    WhyIdle::NotInForce
                } else if applies(pack, case, id, rule, on) {
                    if rule.at_once {
                        WhyIdle::AtOnce
                    } else {
                        WhyIdle::NoMoment
                    }
                } else {
                    WhyIdle::Elsewhere
                };
                idle.push(Idle {
                    instance: id.clone(),
                    rule: name.clone(),
                    why,
                });
            }
        }
    }
    idle
}
