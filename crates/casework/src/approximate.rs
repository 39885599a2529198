//! Dates and times of day that are known only roughly: read from what people write, kept in one form, and bounded.
//! The kept form of a date is a part of the Extended Date/Time Format (ISO 8601-2): `2010`, `2010-05`, `2009/2011`, `2010~`.
//! Knows no field, no words for people.

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};

use crate::form;

/// Parts of a day that stand for a time.
pub const PARTS_OF_DAY: [&str; 6] = ["dawn", "morning", "noon", "afternoon", "evening", "night"];

/// What people write before something they are not sure of.
const ABOUT: [&str; 9] = [
    "about",
    "around",
    "approximately",
    "approx.",
    "circa",
    "c.",
    "~",
    "تقریباً",
    "تقریبا",
];

/// What people write between the two ends of a span.
const SPANS: [&str; 5] = ["..", "…", "–", " to ", " تا "];

/// One end, as exactly as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Year(i32),
    Month(i32, u32),
    Day(NaiveDate),
}

/// A date that may be known only roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApproximateDate {
    from: End,
    to: Option<End>,
    about: bool,
}

impl ApproximateDate {
    /// Reads what a person wrote or what is kept: a day, a month, a year, two of them with `..` between, any of it "about".
    /// A date and time counts as its day.
    pub fn read(text: &str) -> Option<Self> {
        let text = form::ascii_digits(text);
        let (text, about) = without_about(&text);
        if let Some(from) = End::read(text) {
            return Some(Self {
                from,
                to: None,
                about,
            });
        }
        let (from, to) = SPANS
            .iter()
            .find_map(|span| text.split_once(span))
            .or_else(|| text.split_once('/').filter(|(from, _)| from.len() >= 4))?;
        let ((from, first), (to, second)) = (without_about(from), without_about(to));
        let read = Self {
            from: End::read(from)?,
            to: Some(End::read(to)?),
            about: about || first || second,
        };
        (read.from.first()? <= read.to?.last()?).then_some(read)
    }

    /// The first day it may be. "About" leaves one more year, month or day, whichever was said.
    pub fn earliest(&self) -> Option<NaiveDate> {
        if self.about {
            self.from.before()?.first()
        } else {
            self.from.first()
        }
    }

    /// The last day it may be.
    pub fn latest(&self) -> Option<NaiveDate> {
        let to = self.to.unwrap_or(self.from);
        if self.about { to.after()?.last() } else { to.last() }
    }
}

impl fmt::Display for ApproximateDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.about { "~" } else { "" };
        write!(f, "{}{about}", self.from)?;
        match self.to {
            Some(to) => write!(f, "/{to}{about}"),
            None => Ok(()),
        }
    }
}

impl End {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let day = text.split_once('T').map_or(text, |(day, _)| day);
        if let Some(day) = form::date(day) {
            return Some(Self::Day(day));
        }
        let year = |text: &str| {
            let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
            let year: i32 = text.parse().ok().filter(|_| digits)?;
            (1900..2200).contains(&year).then_some(year)
        };
        if let Some(year) = year(text) {
            return Some(Self::Year(year));
        }
        let (a, b) = text.split_once(['/', '-', '.'])?;
        let (year, month) = match (year(a), year(b)) {
            (Some(year), None) => (year, b),
            (None, Some(year)) => (year, a),
            _ => return None,
        };
        let month: u32 = month.parse().ok().filter(|_| month.len() <= 2)?;
        (1..=12).contains(&month).then_some(Self::Month(year, month))
    }

    fn first(self) -> Option<NaiveDate> {
        match self {
            Self::Year(year) => NaiveDate::from_ymd_opt(year, 1, 1),
            Self::Month(year, month) => NaiveDate::from_ymd_opt(year, month, 1),
            Self::Day(day) => Some(day),
        }
    }

    fn last(self) -> Option<NaiveDate> {
        match self {
            Self::Year(year) => NaiveDate::from_ymd_opt(year, 12, 31),
            Self::Month(..) => self.first()?.checked_add_months(Months::new(1))?.pred_opt(),
            Self::Day(day) => Some(day),
        }
    }

    fn before(self) -> Option<Self> {
        Some(match self {
            Self::Year(year) => Self::Year(year - 1),
            Self::Month(..) => Self::month_of(self.first()?.checked_sub_months(Months::new(1))?),
            Self::Day(day) => Self::Day(day.pred_opt()?),
        })
    }

    fn after(self) -> Option<Self> {
        Some(match self {
            Self::Year(year) => Self::Year(year + 1),
            Self::Month(..) => Self::month_of(self.last()?.checked_add_days(Days::new(1))?),
            Self::Day(day) => Self::Day(day.succ_opt()?),
        })
    }

    fn month_of(day: NaiveDate) -> Self {
        Self::Month(day.year(), day.month())
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year}"),
            Self::Month(year, month) => write!(f, "{year}-{month:02}"),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

/// The text without what says that it is not sure, and whether anything did.
fn without_about(text: &str) -> (&str, bool) {
    let text = text.trim();
    if let Some(text) = text.strip_suffix('~') {
        return (text.trim(), true);
    }
    let word = ABOUT.iter().find_map(|about| {
        let begins = text.get(..about.len())?.to_lowercase() == *about;
        begins.then(|| text[about.len()..].trim())
    });
    word.map_or((text, false), |text| (text, true))
}

/// The kept form of a moment: a local date and time, or a date known roughly.
pub fn moment(text: &str) -> Option<String> {
    let exact = form::moment(text).map(|at| at.format("%Y-%m-%dT%H:%M").to_string());
    exact.or_else(|| ApproximateDate::read(text).map(|d| d.to_string()))
}

/// The kept form of a time of day: `16:30`, `16:30~`, `16:00/18:00`, or a part of the day.
pub fn time(text: &str) -> Option<String> {
    let text = form::ascii_digits(text).to_lowercase();
    let (text, about) = without_about(&text);
    let sign = if about { "~" } else { "" };
    if PARTS_OF_DAY.contains(&text) {
        return Some(text.to_owned());
    }
    if let Some(at) = clock(text) {
        return Some(format!("{at}{sign}"));
    }
    let span = SPANS.iter().find_map(|span| text.split_once(span));
    let (from, to) = span.or_else(|| text.split_once('/'))?;
    let (from, to) = (without_about(from).0, without_about(to).0);
    Some(format!("{}{sign}/{}{sign}", clock(from)?, clock(to)?))
}

fn clock(text: &str) -> Option<String> {
    let time = NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()?;
    Some(time.format("%H:%M").to_string())
}

/// Whole years completed from one day to another.
pub fn years_between(from: NaiveDate, to: NaiveDate) -> i64 {
    let birthday_to_come = (to.month(), to.day()) < (from.month(), from.day());
    i64::from(to.year() - from.year()) - i64::from(birthday_to_come)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_write_is_kept_in_one_form_and_bounded() {
        // written, kept, earliest, latest
        for (written, kept, earliest, latest) in [
            ("12/03/2010", "2010-03-12", "2010-03-12", "2010-03-12"),
            ("2010-03-12T09:00", "2010-03-12", "2010-03-12", "2010-03-12"),
            ("03/2010", "2010-03", "2010-03-01", "2010-03-31"),
            ("2010-03", "2010-03", "2010-03-01", "2010-03-31"),
            ("2010", "2010", "2010-01-01", "2010-12-31"),
            ("۲۰۱۰", "2010", "2010-01-01", "2010-12-31"),
            ("2009..2011", "2009/2011", "2009-01-01", "2011-12-31"),
            (
                "05/2010 to 06/2010",
                "2010-05/2010-06",
                "2010-05-01",
                "2010-06-30",
            ),
            ("about 2010", "2010~", "2009-01-01", "2011-12-31"),
            ("About 12/03/2010", "2010-03-12~", "2010-03-11", "2010-03-13"),
            ("~ 01/2010", "2010-01~", "2009-12-01", "2010-02-28"),
            ("تقریباً 2010", "2010~", "2009-01-01", "2011-12-31"),
            ("about 2009..2011", "2009~/2011~", "2008-01-01", "2012-12-31"),
        ] {
            let read = ApproximateDate::read(written).unwrap_or_else(|| panic!("{written}"));
            assert_eq!(read.to_string(), kept, "{written}");
            assert_eq!(read.earliest().unwrap().to_string(), earliest, "{written}");
            assert_eq!(read.latest().unwrap().to_string(), latest, "{written}");
            assert_eq!(ApproximateDate::read(kept), Some(read), "{kept} is read again");
        }
        for wrong in [
            "",
            "soon",
            "31/02/2010",
            "13/2010",
            "2011..2009",
            "10",
            "about",
            "2010..",
            "1/2",
            "99999",
        ] {
            assert_eq!(ApproximateDate::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_of_day_are_kept_in_one_form() {
        for (written, kept) in [
            ("9:05", Some("09:05")),
            ("about 16:30", Some("16:30~")),
            ("16:00..18:00", Some("16:00/18:00")),
            ("16:00~/18:00~", Some("16:00~/18:00~")),
            ("Evening", Some("evening")),
            ("25:00", None),
            ("later", None),
        ] {
            assert_eq!(time(written).as_deref(), kept, "{written}");
            if let Some(kept) = kept {
                assert_eq!(time(kept).as_deref(), Some(kept), "{kept} is read again");
            }
        }
    }

    #[test]
    fn a_year_is_complete_on_the_birthday() {
        let day = |text: &str| text.parse().unwrap();
        for (born, on, years) in [
            ("2010-03-12", "2026-03-11", 15),
            ("2010-03-12", "2026-03-12", 16),
            ("2008-02-29", "2024-02-28", 15),
            ("2008-02-29", "2023-03-01", 15),
            ("2026-03-12", "2026-03-11", -1),
        ] {
            assert_eq!(years_between(day(born), day(on)), years, "{born} {on}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_bounds_do_not_cross(text in "(about |~)?[0-9/.~ -]{0,24}|\\PC{0,20}") {
            let _ = time(&text);
            if let Some(read) = ApproximateDate::read(&text) {
                prop_assert_eq!(ApproximateDate::read(&read.to_string()), Some(read));
                if let (Some(a), Some(b)) = (read.earliest(), read.latest()) {
                    prop_assert!(a <= b);
                }
            }
        }
    }
}
