//! Functions over dates, ages and hours. Each is written once, for both evaluators and for the check before they run.
//! Knows kept texts of dates; a birth or a day that is known roughly has a youngest and an oldest reading, never a guess.

use chrono::NaiveDate;

use super::kind::Kind;
use crate::approximate::{ApproximateDate, years_between};
use crate::form;

/// A function over dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dated {
    DaysBetween,
    HoursBetween,
    YearsBetween,
    AgeOn,
    YoungestAge,
    OldestAge,
    CertainlyUnder,
    PossiblyUnder,
    Earliest,
    Latest,
}

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// A date, or the day of a moment.
    Day,
    /// A local date and time.
    Moment,
    /// A date that may be known only roughly.
    Rough,
    /// A number of years.
    Years,
}

/// An argument.
#[derive(Debug, Clone, Copy)]
pub(super) enum Argument<'a> {
    Text(&'a str),
    Int(i64),
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Int(i64),
    Bool(bool),
    Text(String),
}

impl Dated {
    /// Every function with its name.
    pub(super) const ALL: [(&'static str, Self); 10] = [
        ("days_between", Self::DaysBetween),
        ("hours_between", Self::HoursBetween),
        ("years_between", Self::YearsBetween),
        ("age_on", Self::AgeOn),
        ("youngest_age", Self::YoungestAge),
        ("oldest_age", Self::OldestAge),
        ("certainly_under", Self::CertainlyUnder),
        ("possibly_under", Self::PossiblyUnder),
        ("earliest", Self::Earliest),
        ("latest", Self::Latest),
    ];

    /// The one that a word names.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find_map(|(n, f)| (n == name).then_some(f))
    }

    /// What it takes.
    pub(super) fn parameters(self) -> &'static [Parameter] {
        use Parameter::{Day, Moment, Rough, Years};
        match self {
            Self::DaysBetween | Self::YearsBetween | Self::AgeOn => &[Day, Day],
            Self::HoursBetween => &[Moment, Moment],
            Self::YoungestAge | Self::OldestAge => &[Rough, Rough],
            Self::CertainlyUnder | Self::PossiblyUnder => &[Rough, Years, Rough],
            Self::Earliest | Self::Latest => &[Rough],
        }
    }

    /// The kind of what comes out.
    pub(super) fn gives(self) -> Kind {
        match self {
            Self::CertainlyUnder | Self::PossiblyUnder => Kind::Bool,
            Self::Earliest | Self::Latest => Kind::Date,
            _ => Kind::Int,
        }
    }

    /// The answer; none where an argument is not what it should be.
    pub(super) fn answer(self, arguments: &[Argument<'_>]) -> Option<Answer> {
        use Argument::{Int, Text};
        Some(match (self, arguments) {
            (Self::DaysBetween, [Text(a), Text(b)]) => Answer::Int((date(b)? - date(a)?).num_days()),
            (Self::HoursBetween, [Text(a), Text(b)]) => {
                Answer::Int((form::moment(b)? - form::moment(a)?).num_hours())
            }
            (Self::YearsBetween | Self::AgeOn, [Text(a), Text(b)]) => {
                Answer::Int(years_between(date(a)?, date(b)?))
            }
            (Self::YoungestAge, [Text(born), Text(day)]) => Answer::Int(ages(born, day)?.0),
            (Self::OldestAge, [Text(born), Text(day)]) => Answer::Int(ages(born, day)?.1),
            (Self::CertainlyUnder, [Text(born), Int(years), Text(day)]) => {
                Answer::Bool(ages(born, day)?.1 < *years)
            }
            (Self::PossiblyUnder, [Text(born), Int(years), Text(day)]) => {
                Answer::Bool(ages(born, day)?.0 < *years)
            }
            (Self::Earliest, [Text(day)]) => Answer::Text(bounds(day)?.0.to_string()),
            (Self::Latest, [Text(day)]) => Answer::Text(bounds(day)?.1.to_string()),
            _ => return None,
        })
    }
}

impl Parameter {
    /// Whether a value of this kind will do.
    pub(super) fn takes(self, kind: &Kind) -> bool {
        match (self, kind) {
            (_, Kind::Any) | (Self::Rough, Kind::ApproximateDate) | (Self::Years, Kind::Int) => true,
            (Self::Moment, Kind::Date) | (Self::Years, _) => false,
            (_, kind) => kind.is_text(),
        }
    }

    /// Whether a written text is one.
    pub(super) fn reads(self, text: &str) -> bool {
        match self {
            Self::Day => date(text).is_some(),
            Self::Moment => form::moment(text).is_some(),
            Self::Rough => bounds(text).is_some(),
            Self::Years => false,
        }
    }

    /// In words, for a message.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Day => "an exact date",
            Self::Moment => "a date and time",
            Self::Rough => "a date",
            Self::Years => "a whole number of years",
        }
    }

    /// What to do about a value of this kind.
    pub(super) fn help(self, kind: &Kind) -> &'static str {
        match (self, kind) {
            (Self::Day, Kind::ApproximateDate) => {
                "it may be known only roughly: ask `youngest_age`, `oldest_age`, `certainly_under` or `possibly_under`, or \
                 take `earliest(…)` or `latest(…)` of it"
            }
            (Self::Moment, Kind::Moment) => {
                "`now` is another kind of moment; use `occurred_at`, when the event happened"
            }
            (Self::Moment, _) => {
                "a date has no hour: record it in a field of type `datetime`, or use `days_between`"
            }
            (Self::Years, _) => {
                "write the years without quotation marks: `certainly_under(data.born, 16, today)`"
            }
            (Self::Day | Self::Rough, _) => "give it a date, such as `data.filed_on` or `today`",
        }
    }
}

/// The least and the greatest age that the two allow.
fn ages(born: &str, day: &str) -> Option<(i64, i64)> {
    let ((first_born, last_born), (first, last)) = (bounds(born)?, bounds(day)?);
    Some((years_between(last_born, first), years_between(first_born, last)))
}

fn bounds(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    if let Some(day) = date(text) {
        return Some((day, day));
    }
    let read = ApproximateDate::read(text)?;
    Some((read.earliest()?, read.latest()?))
}

/// The date a kept text is or begins with, as a moment does. Read by hand, without the general reader's cost.
fn date(text: &str) -> Option<NaiveDate> {
    let (day, rest) = text.split_at_checked(10)?;
    if !(rest.is_empty() || rest.starts_with('T')) {
        return None;
    }
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| !part.starts_with('+'));
    let dashes = day.get(4..5)? == "-" && day.get(7..8)? == "-";
    let year = i32::try_from(number(day.get(..4)?)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(day.get(5..7)?)?, number(day.get(8..)?)?)?;
    dashes.then_some(date)
}

#[cfg(test)]
mod tests {
    use super::Argument::{Int, Text};
    use super::*;

    #[test]
    fn ages_have_a_youngest_and_an_oldest_reading() {
        // born, day, youngest, oldest, certainly under 16, possibly under 16
        for (born, day, youngest, oldest, certainly, possibly) in [
            ("2010-03-12", "2026-03-11", 15, 15, true, true),
            ("2010-03-12", "2026-03-12T09:00", 16, 16, false, false),
            ("2010", "2026-06-01", 15, 16, false, true),
            ("2010-07", "2026-06-01", 15, 15, true, true),
            ("2010~", "2026-06-01", 14, 17, false, true),
            ("2008/2010", "2026-12-31", 16, 18, false, false),
            ("2010-03-12", "2026-03", 15, 16, false, true),
            ("2012", "2026-06~", 13, 14, true, true),
        ] {
            let two = [Text(born), Text(day)];
            let three = [Text(born), Int(16), Text(day)];
            assert_eq!(
                Dated::YoungestAge.answer(&two),
                Some(Answer::Int(youngest)),
                "{born} {day}"
            );
            assert_eq!(
                Dated::OldestAge.answer(&two),
                Some(Answer::Int(oldest)),
                "{born} {day}"
            );
            assert_eq!(
                Dated::CertainlyUnder.answer(&three),
                Some(Answer::Bool(certainly)),
                "{born} {day}"
            );
            assert_eq!(
                Dated::PossiblyUnder.answer(&three),
                Some(Answer::Bool(possibly)),
                "{born} {day}"
            );
        }
    }

    #[test]
    fn what_is_no_date_has_no_answer() {
        for (function, arguments) in [
            (Dated::AgeOn, vec![Text("2010"), Text("2026-03-12")]),
            (
                Dated::DaysBetween,
                vec![Text("2026-03-12 09:00"), Text("2026-03-12")],
            ),
            (
                Dated::HoursBetween,
                vec![Text("2026-03-12"), Text("2026-03-13T09:00")],
            ),
            (Dated::Earliest, vec![Text("soon")]),
            (
                Dated::CertainlyUnder,
                vec![Text("2010"), Text("16"), Text("2026")],
            ),
            (Dated::YearsBetween, vec![Text("2010-03-12")]),
        ] {
            assert_eq!(function.answer(&arguments), None, "{function:?}");
        }
        let hours = Dated::HoursBetween.answer(&[Text("2026-03-12T09:30"), Text("2026-03-13T09:00")]);
        assert_eq!(hours, Some(Answer::Int(23)));
    }
}
