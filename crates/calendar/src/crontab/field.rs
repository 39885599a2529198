//! One field of a crontab line: from its text to the set of values it names, and to the dialect of `cron`.
//!
//! It knows one field at a time; how day of month and weekday combine is not known here.

use std::collections::BTreeSet;

use crate::CronError;

/// What a field accepts.
pub(super) struct Field {
    name: &'static str,
    min: u32,
    max: u32,
    /// Names of the values from `min` up; empty if the field takes numbers only.
    names: &'static [&'static str],
    /// Whether a range may wrap around, as FRI-MON does.
    wraps: bool,
    /// A second number for `min`: 7 for Sunday.
    also_min: Option<u32>,
}

pub(super) const MINUTE: Field = number_field("minute", 0, 59);
pub(super) const HOUR: Field = number_field("hour", 0, 23);
pub(super) const DAY_OF_MONTH: Field = number_field("day of month", 1, 31);
pub(super) const MONTH: Field = Field {
    name: "month",
    min: 1,
    max: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
    wraps: true,
    also_min: None,
};
pub(super) const WEEKDAY: Field = Field {
    name: "day of week",
    min: 0,
    max: 6,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    wraps: true,
    also_min: Some(7),
};

const fn number_field(name: &'static str, min: u32, max: u32) -> Field {
    Field {
        name,
        min,
        max,
        names: &[],
        wraps: false,
        also_min: None,
    }
}

/// Whether a field is written with a star, on which the meaning of the day fields depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Star {
    /// Exactly `*` (or `*/1`).
    Bare,
    /// A star with a step somewhere in the field.
    Stepped,
    /// No star: the field is a restriction, even if it happens to name every value.
    Absent,
}

/// The values a field names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) set: BTreeSet<u32>,
    pub(super) star: Star,
}

impl Field {
    /// Every value, as from a bare star.
    pub(super) fn all(&self) -> Values {
        Values {
            set: (self.min..=self.max).collect(),
            star: Star::Bare,
        }
    }

    /// Reads the field's text.
    pub(super) fn parse(&self, line: &str, text: &str) -> Result<Values, CronError> {
        if text == "*" || text == "*/1" {
            return Ok(self.all());
        }
        let mut values = Values {
            set: BTreeSet::new(),
            star: Star::Absent,
        };
        for part in text.split(',') {
            let named = self.part(part).map_err(|advice| CronError::Part {
                line: line.to_owned(),
                field: self.name,
                part: part.to_owned(),
                advice,
            })?;
            if part.starts_with('*') {
                values.star = Star::Stepped;
            }
            values.set.extend(named);
        }
        Ok(values)
    }

    /// Writes values in the dialect of the crate `cron`: a star or a list, with names where the field has them.
    pub(super) fn write(&self, values: &Values) -> String {
        if values.set.len() == self.all().set.len() {
            return "*".to_owned();
        }
        let words: Vec<String> = values.set.iter().map(|value| self.word(*value)).collect();
        words.join(",")
    }

    /// The values of one part of a list, or advice on what to write instead.
    fn part(&self, part: &str) -> Result<Vec<u32>, String> {
        if part == "*" {
            return Err(
                "a star already means every value, so a list with it says two things; keep one".to_owned(),
            );
        }
        let (base, step) = match part.split_once('/') {
            Some((base, step)) => (base, Some(self.step(step)?)),
            None => (part, None),
        };
        let (first, last) = match (base, base.split_once('-')) {
            ("*", _) => (self.min, self.max),
            (_, Some((first, last))) => self.range(first, last)?,
            (_, None) if step.is_some() => {
                return Err(format!(
                    "a step needs a star or a range, such as */{} or {base}-{}/{}",
                    step.unwrap_or(1),
                    self.max,
                    step.unwrap_or(1)
                ));
            }
            (_, None) => {
                let value = self.value(base)?;
                (value, value)
            }
        };
        let span = self.max - self.min + 1;
        // A wrapped range runs past the highest value, so each value is folded back into the field.
        let fold = |value| (value - self.min) % span + self.min;
        Ok((first..=last).step_by(step.unwrap_or(1)).map(fold).collect())
    }

    /// A step of at most the field's whole round, so that it cannot be taken for a longer cycle than the field has.
    fn step(&self, text: &str) -> Result<usize, String> {
        let most = self.max - self.min + 1;
        number(text)
            .filter(|step| (1..=most).contains(step))
            .and_then(|step| usize::try_from(step).ok())
            .ok_or_else(|| format!("a step of the {} field is a number from 1 to {most}", self.name))
    }

    /// The ends of a range; the last may lie past the highest value when the range wraps.
    fn range(&self, first: &str, last: &str) -> Result<(u32, u32), String> {
        let (mut low, high) = (self.value(first)?, self.value(last)?);
        // 7 as the start of a range is the Sunday before Monday; as its end it is the Sunday after Saturday.
        if self.also_min == Some(low) && low != high {
            low = self.min;
        }
        if low <= high {
            return Ok((low, high));
        }
        if self.wraps {
            return Ok((low, high + self.max - self.min + 1));
        }
        Err(format!(
            "the range runs backwards; write {low}-{},{}-{high}",
            self.max, self.min
        ))
    }

    /// One value, by number or name.
    fn value(&self, text: &str) -> Result<u32, String> {
        let by_name = (self.min..)
            .zip(self.names)
            .find(|(_, name)| name.eq_ignore_ascii_case(text));
        if let Some((value, _)) = by_name {
            return Ok(value);
        }
        number(text)
            .filter(|value| (self.min..=self.max).contains(value) || self.also_min == Some(*value))
            .ok_or_else(|| self.advice())
    }

    fn advice(&self) -> String {
        let highest = self.also_min.unwrap_or(self.max);
        let names = match self.names {
            [first, .., last] => format!(", or names from {first} to {last}"),
            _ => String::new(),
        };
        format!(
            "write * or numbers from {} to {highest}, lists, ranges and steps{names}",
            self.min
        )
    }

    fn word(&self, value: u32) -> String {
        let name = (self.min..).zip(self.names).find(|(known, _)| *known == value);
        name.map_or_else(|| value.to_string(), |(_, name)| (*name).to_owned())
    }
}

/// Plain ASCII digits as a number.
fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_their_translation() {
        for (field, text, written) in [
            (MINUTE, "*", "*"),
            (MINUTE, "*/1", "*"),
            (MINUTE, "0-59", "*"),
            (MINUTE, "*/15", "0,15,30,45"),
            (MINUTE, "5-20/5,59", "5,10,15,20,59"),
            (HOUR, "22,6", "6,22"),
            (HOUR, "09", "9"),
            (DAY_OF_MONTH, "*/10", "1,11,21,31"),
            (MONTH, "jan,Mar,12", "JAN,MAR,DEC"),
            (MONTH, "NOV-FEB", "JAN,FEB,NOV,DEC"),
            (WEEKDAY, "0", "SUN"),
            (WEEKDAY, "7", "SUN"),
            (WEEKDAY, "7-7", "SUN"),
            (WEEKDAY, "1-5", "MON,TUE,WED,THU,FRI"),
            (WEEKDAY, "MON-SAT", "MON,TUE,WED,THU,FRI,SAT"),
            (WEEKDAY, "mon-sun", "*"),
            (WEEKDAY, "0-7", "*"),
            (WEEKDAY, "1-7", "*"),
            (WEEKDAY, "5-7", "SUN,FRI,SAT"),
            (WEEKDAY, "7-2", "SUN,MON,TUE"),
            (WEEKDAY, "FRI-MON", "SUN,MON,FRI,SAT"),
            (WEEKDAY, "FRI-MON/2", "SUN,FRI"),
            (WEEKDAY, "sat-Sun", "SUN,SAT"),
            (WEEKDAY, "*/2", "SUN,TUE,THU,SAT"),
            (WEEKDAY, "*/7", "SUN"),
            (WEEKDAY, "MON-SUN", "*"),
            (WEEKDAY, "Mon-Sun/2", "SUN,MON,WED,FRI"),
            (MINUTE, "*/60", "0"),
            (HOUR, "*/24", "0"),
            (WEEKDAY, "mon-5/2", "MON,WED,FRI"),
        ] {
            assert_eq!(
                field.write(&field.parse("line", text).unwrap()),
                written,
                "{text}"
            );
        }
    }

    #[test]
    fn stars_are_told_apart() {
        for (text, star) in [
            ("*", Star::Bare),
            ("*/1", Star::Bare),
            ("*/2", Star::Stepped),
            ("5,*/9", Star::Stepped),
        ] {
            assert_eq!(DAY_OF_MONTH.parse("line", text).unwrap().star, star, "{text}");
        }
        assert_eq!(DAY_OF_MONTH.parse("line", "1-31").unwrap().star, Star::Absent);
    }

    #[test]
    fn refused_parts() {
        for (field, text) in [
            (MINUTE, "60"),
            (MINUTE, "-1"),
            (MINUTE, ""),
            (MINUTE, "1,,2"),
            (MINUTE, "1,"),
            (MINUTE, "*,5"),
            (MINUTE, "*/0"),
            (MINUTE, "*/61"),
            (MINUTE, "*/-5"),
            (MINUTE, "5/15"),
            (MINUTE, "1-2-3"),
            (MINUTE, "**"),
            (MINUTE, "*/5/5"),
            (MINUTE, "+5"),
            (MINUTE, "1.5"),
            (MINUTE, "99999999999"),
            (MINUTE, "MON"),
            (MINUTE, "*-5"),
            (HOUR, "24"),
            (HOUR, "22-6"),
            (DAY_OF_MONTH, "0"),
            (DAY_OF_MONTH, "32"),
            (DAY_OF_MONTH, "L"),
            (DAY_OF_MONTH, "15W"),
            (DAY_OF_MONTH, "?"),
            (MONTH, "13"),
            (MONTH, "0"),
            (MONTH, "january"),
            (WEEKDAY, "8"),
            (WEEKDAY, "MON#2"),
            (WEEKDAY, "5L"),
            (WEEKDAY, "FRI-"),
            (WEEKDAY, "Freitag"),
            (WEEKDAY, "*/8"),
            (HOUR, "*/25"),
            (WEEKDAY, "٣"),
        ] {
            let result = field.parse("line", text);
            assert!(
                matches!(result, Err(CronError::Part { .. })),
                "{} {text:?}: {result:?}",
                field.name
            );
        }
        insta::assert_snapshot!(HOUR.parse("0 22-6 * * *", "22-6").unwrap_err(), @r#"the schedule "0 22-6 * * *" is wrong in its hour field at "22-6": the range runs backwards; write 22-23,0-6"#);
        insta::assert_snapshot!(MINUTE.parse("5/15 * * * *", "5/15").unwrap_err(), @r#"the schedule "5/15 * * * *" is wrong in its minute field at "5/15": a step needs a star or a range, such as */15 or 5-59/15"#);
        insta::assert_snapshot!(WEEKDAY.parse("0 7 * * 8", "8").unwrap_err(), @r#"the schedule "0 7 * * 8" is wrong in its day of week field at "8": write * or numbers from 0 to 7, lists, ranges and steps, or names from SUN to SAT"#);
    }
}
