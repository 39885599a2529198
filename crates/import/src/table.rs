//! The log as rows in time order. Knows CSV and dates; no pack. A row that cannot be read is listed, not dropped.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use peshi_casework::form;

use crate::error::ImportError;
use crate::mapping::Mapping;

/// One row that could be read.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its line in the file, from 1, counting the line of column names.
    pub(crate) line: u64,
    pub(crate) case: String,
    pub(crate) activity: String,
    pub(crate) at: DateTime<Utc>,
    order: f64,
    pub(crate) values: BTreeMap<String, String>,
}

/// One row that could not.
#[derive(Debug, Clone)]
pub(crate) struct BadRow {
    pub(crate) line: u64,
    pub(crate) case: String,
    pub(crate) activity: String,
    /// Its date, if that could be read.
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) problem: String,
}

/// The whole log.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    pub(crate) bad: Vec<BadRow>,
}

/// Reads everything before anything is applied: a broken file changes nothing. Rows after `now` are bad rows.
pub(crate) fn read(
    source: impl Read,
    mapping: &Mapping,
    now: Option<DateTime<Utc>>,
) -> Result<Table, ImportError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
    let headers = reader
        .headers()
        .map_err(|e| ImportError::Table {
            problem: e.to_string(),
        })?
        .clone();
    let names: Vec<String> = headers
        .iter()
        .map(|h| h.trim_start_matches('\u{feff}').to_owned())
        .collect();
    for column in mapping.columns() {
        if !names.contains(column) {
            return Err(ImportError::Column {
                column: column.clone(),
                found: names.join(", "),
            });
        }
    }
    let mut table = Table {
        rows: Vec::new(),
        bad: Vec::new(),
    };
    for record in reader.records() {
        let record = record.map_err(|e| ImportError::Table {
            problem: e.to_string(),
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let value = |column: &str| {
            names
                .iter()
                .position(|n| n == column)
                .and_then(|i| record.get(i))
                .unwrap_or("")
                .trim()
        };
        let (case, activity) = (
            value(&mapping.case).to_owned(),
            value(&mapping.activity).to_owned(),
        );
        let bad = |problem: &str| BadRow {
            line,
            case: case.clone(),
            activity: activity.clone(),
            at: None,
            problem: problem.to_owned(),
        };
        if record.len() != names.len() {
            table
                .bad
                .push(bad("the row has another number of columns than the first line"));
            continue;
        }
        if case.is_empty() || activity.is_empty() {
            table.bad.push(bad("the row names no case or no activity"));
            continue;
        }
        let Some(at) = instant(value(&mapping.at), mapping.zone) else {
            table.bad.push(bad(
                "the date cannot be read; write dd/mm/yyyy or yyyy-mm-dd, with HH:MM if needed",
            ));
            continue;
        };
        if now.is_some_and(|now| at > now) {
            let future = bad("the date lies in the future; nothing that is still to come can be replayed");
            table.bad.push(BadRow {
                at: Some(at),
                ..future
            });
            continue;
        }
        let order = mapping.order.as_deref().and_then(|c| value(c).parse().ok());
        let values = names
            .iter()
            .map(|n| (n.clone(), value(n).to_owned()))
            .filter(|(_, v)| !v.is_empty());
        table.rows.push(Row {
            line,
            at,
            #[expect(
                clippy::cast_precision_loss,
                reason = "a line number only orders rows of one instant"
            )]
            order: order.unwrap_or(line as f64),
            values: values.collect(),
            case,
            activity,
        });
    }
    if table.rows.is_empty() && table.bad.is_empty() {
        return Err(ImportError::Empty);
    }
    table.rows.sort_by_key(|row| (row.at, row.line));
    // Rows of one instant keep the log's own order.
    table
        .rows
        .sort_by(|a, b| a.at.cmp(&b.at).then(a.order.total_cmp(&b.order)));
    Ok(table)
}

/// The moment a row names: a local date or date and time in the log's zone, day before month, or a moment with its own
/// offset from UTC, as tools of process mining write it.
fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let local = form::moment(text).or_else(|| Some(form::date(text)?.and_time(NaiveTime::MIN)));
    match local {
        Some(local) => at_local(local, zone),
        None => DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|at| at.to_utc())
            .filter(|at| (1900..2200).contains(&at.year())),
    }
}

/// Of a local time that occurs twice the first; a local time that a clock change skipped is the end of the gap, since
/// whole days begin there: Pakistan's summer times of 2002, 2008 and 2009 began at midnight.
fn at_local(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let known = zone.from_local_datetime(&local).earliest();
    known
        .or_else(|| GapInfo::new(&local, &zone)?.end)
        .map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_comes_first() {
        let zone = chrono_tz::Europe::Rome;
        let iso = instant("2006-07-24", zone).unwrap();
        assert_eq!(instant("24/07/2006", zone), Some(iso));
        assert_eq!(iso.to_rfc3339(), "2006-07-23T22:00:00+00:00");
        assert_eq!(instant("2006-13-01", zone), None);
        assert_eq!(instant("07/24/2006", zone), None);
    }

    #[test]
    fn moments_may_bring_their_own_offset_and_days_may_begin_at_one() {
        let karachi = chrono_tz::Asia::Karachi;
        for (text, expected) in [
            ("2006-07-24T00:00:00+02:00", "2006-07-23T22:00:00Z"),
            ("2006-07-24 00:00:00+02:00", "2006-07-23T22:00:00Z"),
            ("2006-07-24T08:30:00.250Z", "2006-07-24T08:30:00.250Z"),
            ("24/07/2006 08:30", "2006-07-24T03:30:00Z"),
            ("01/06/2008", "2008-05-31T19:00:00Z"),
            ("2009-04-15", "2009-04-14T19:00:00Z"),
        ] {
            assert_eq!(instant(text, karachi), expected.parse().ok(), "{text}");
        }
        for text in ["", "0006-07-24T00:00:00Z", "24/07/2006 25:00", "yesterday"] {
            assert_eq!(instant(text, karachi), None, "{text}");
        }
    }
}
