//! The arguments of `peshi deadline` and `peshi calendar`. What they do is in `commands`.

use clap::{Args, Subcommand};

use super::{As, JsonArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum DeadlineCommand {
    /// List the dates of a case, running and ended
    List {
        /// The case's reference
        case: String,
        #[command(flatten)]
        who: As,
        #[command(flatten)]
        json: JsonArgs,
    },
    /// Say in words why a date is what it is
    Explain {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        json: JsonArgs,
    },
    /// Stop the clock; a limitation stands still only for a stay of a court
    Stop {
        #[command(flatten)]
        which: Which,
        /// `court_stay`, `adjourned_by_consent`, `record_requisitioned`, `family_request` or other
        #[arg(long, value_name = "WORD")]
        category: String,
        /// The reason in words
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// When it happened, as 2026-03-02T09:00:00Z [default: now]
        #[arg(long, value_name = "MOMENT")]
        at: Option<chrono::DateTime<chrono::Utc>>,
    },
    /// Let the clock run again with the time that was left
    Resume {
        #[command(flatten)]
        which: Which,
        /// When it happened, as 2026-03-02T09:00:00Z [default: now]
        #[arg(long, value_name = "MOMENT")]
        at: Option<chrono::DateTime<chrono::Utc>>,
    },
    /// Set another date; the reckoned one is kept beside it. For lawyers
    Override {
        #[command(flatten)]
        which: Which,
        /// The last day: 2026-05-04
        #[arg(long, value_name = "DATE")]
        day: chrono::NaiveDate,
        /// The local time on it, as 14:00 [default: the whole day]
        #[arg(long, value_name = "TIME", value_parser = time_of_day)]
        time: Option<chrono::NaiveTime>,
        /// The reason in words
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Record that it was met
    Met {
        #[command(flatten)]
        which: Which,
        /// How one can see that: a diary number, a receipt
        #[arg(long, value_name = "TEXT")]
        proof: String,
    },
    /// Record that it was not met and need not be
    Excuse {
        #[command(flatten)]
        which: Which,
        /// The reason in words
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Which date of which case.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The case's reference
    pub(crate) case: String,
    /// The date: its number in `peshi deadline list`, or the rule's name if it runs once
    pub(crate) deadline: String,
    #[command(flatten)]
    pub(crate) who: As,
}

fn time_of_day(text: &str) -> Result<chrono::NaiveTime, String> {
    chrono::NaiveTime::parse_from_str(text, "%H:%M")
        .map_err(|_| format!("{text} is no time of day; write 14:00"))
}

#[derive(Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    /// The closed days that lie ahead, from the files and added by staff
    List {
        /// From which day on [default: today]
        #[arg(long, value_name = "DATE")]
        from: Option<chrono::NaiveDate>,
        #[command(flatten)]
        who: As,
        #[command(flatten)]
        json: JsonArgs,
    },
    /// Add a day: shows which dates of which cases move, asks, then moves them
    Add {
        #[command(flatten)]
        day: DayArgs,
        /// confirmed, provisional, or open: it was thought closed and is not
        #[arg(long, default_value = "confirmed", value_name = "WORD")]
        status: String,
    },
    /// Confirm a provisional day, such as a feast that waited for the moon
    Confirm {
        #[command(flatten)]
        day: DayArgs,
    },
}

/// A day of a calendar.
#[derive(Debug, Args)]
pub(crate) struct DayArgs {
    /// The calendar: the name of its file; calendars that extend it have the day too
    pub(crate) calendar: String,
    /// The day: 2026-05-04
    pub(crate) day: chrono::NaiveDate,
    /// What it is called
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: String,
    /// For cases of this province alone
    #[arg(long, value_name = "WORD")]
    pub(crate) province: Option<String>,
    /// For cases of this city or district alone
    #[arg(long, value_name = "WORD")]
    pub(crate) city: Option<String>,
    /// For this kind of court alone, as the field `forum` names it
    #[arg(long, value_name = "WORD")]
    pub(crate) court: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) who: As,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}
