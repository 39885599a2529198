//! What was measured, beside what was aimed at: a table on stderr, JSON on stdout.

use crate::machine::Machine;
use crate::measure::Figure;
use anyhow::{Context, Result};
use serde::Serialize;
use std::io::Write;

/// The figures of one subcommand.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    bench: &'static str,
    machine: Machine,
    cases: Vec<Case>,
}

/// One thing measured; the figures are those of the median round, but for the one that says otherwise.
#[derive(Debug, Serialize)]
struct Case {
    name: String,
    /// What is counted: `transitions`, `loads` …
    unit: &'static str,
    count: u64,
    seconds: f64,
    per_second: f64,
    ns_each: f64,
    fastest_per_second: f64,
    rounds: usize,
    /// The fewest a second that would do; none where the figure is for information.
    aim: Option<f64>,
    met: Option<bool>,
}

impl Report {
    pub(crate) fn new(bench: &'static str) -> Self {
        Self {
            bench,
            machine: Machine::this(),
            cases: Vec::new(),
        }
    }

    /// Adds a figure, and what was aimed at, in units a second.
    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        unit: &'static str,
        figure: Figure,
        rounds: usize,
        aim: Option<f64>,
    ) {
        let median = figure.median;
        self.cases.push(Case {
            name: name.into(),
            unit,
            count: median.count,
            seconds: median.seconds,
            per_second: median.per_second(),
            ns_each: median.ns_each(),
            fastest_per_second: figure.fastest.per_second(),
            rounds,
            aim,
            met: aim.map(|aim| median.per_second() >= aim),
        });
    }

    /// Prints both forms.
    pub(crate) fn print(&self) -> Result<()> {
        eprint!("{}", self.table());
        let json = serde_json::to_string_pretty(self).context("the report has no JSON form")?;
        writeln!(std::io::stdout(), "{json}").context("the report could not be written to standard output")
    }

    fn table(&self) -> String {
        let mut lines = vec![self.machine.line()];
        if self.machine.profile != "release" {
            lines.push("This is a debug build: the figures mean nothing. Run it with --release.".to_owned());
        }
        let width = self.cases.iter().map(|case| case.name.len()).max().unwrap_or(0);
        for case in &self.cases {
            let verdict = match (case.aim, case.met) {
                (Some(aim), Some(true)) => format!("  met (aim {})", grouped(aim)),
                (Some(aim), _) => format!("  MISSED (aim {})", grouped(aim)),
                (None, _) => String::new(),
            };
            lines.push(format!(
                "{:width$}  {:>12} {}/s (fastest round {}), {} ns each{verdict}",
                case.name,
                grouped(case.per_second),
                case.unit,
                grouped(case.fastest_per_second),
                grouped(case.ns_each),
            ));
        }
        lines.join("\n") + "\n"
    }
}

/// A number of three digits or more without its fraction, in groups of three digits.
fn grouped(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let groups = (0..rest.len() / 3).map(|n| &rest[n * 3..n * 3 + 3]);
    let all: Vec<&str> = Some(head)
        .filter(|head| !head.is_empty())
        .into_iter()
        .chain(groups)
        .collect();
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::{Report, grouped};
    use crate::measure::{Figure, Round};

    #[test]
    fn numbers_are_grouped() {
        let table = [
            (1.25, "1.2"),
            (99.94, "99.9"),
            (123.4, "123"),
            (1234.0, "1,234"),
            (123_456.7, "123,457"),
            (12_345_678.0, "12,345,678"),
        ];
        for (number, expected) in table {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn a_figure_stands_beside_its_aim_in_both_forms() {
        let mut report = Report::new("test");
        let round = Round {
            count: 1000,
            seconds: 0.5,
        };
        let figure = Figure {
            median: round,
            fastest: round,
        };
        report.add("fast enough", "turns", figure, 3, Some(2000.0));
        report.add("too slow", "turns", figure, 3, Some(2001.0));
        report.add("for information", "turns", figure, 3, None);
        let json = serde_json::to_value(&report).unwrap();
        let met: Vec<_> = json["cases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|case| &case["met"])
            .collect();
        assert_eq!(
            met,
            [
                &serde_json::json!(true),
                &serde_json::json!(false),
                &serde_json::Value::Null
            ]
        );
        assert_eq!(json["cases"][0]["ns_each"], 500_000.0);
        let table = report.table();
        assert!(
            table.contains("met (aim 2,000)") && table.contains("MISSED (aim 2,001)"),
            "{table}"
        );
    }
}
