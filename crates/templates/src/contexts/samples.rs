//! A sample of each context, for the check at start and for tests. Invented matters and neutral references only.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

use super::{
    AlarmContext, BlindLine, Confidence, DeadlineKind, DeadlineLine, FamilyContext, HearingLine, JournalHead,
    Matter, MissedContext, MorningDigestContext, OutcomeQuestionContext, ReminderContext,
    StalledDigestContext, StalledLine, TaskContext, WaitingOn,
};

const KARACHI: Tz = chrono_tz::Asia::Karachi;

/// 12 March 2026, a Thursday, at the hour and minute of Karachi.
fn sample_instant(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
    KARACHI
        .with_ymd_and_hms(2026, 3, day, hour, minute, 0)
        .earliest()
        .map(|local| local.with_timezone(&Utc))
        .unwrap_or_default()
}

fn sample_date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap_or_default()
}

fn sample_url(path: &str) -> String {
    format!("https://desk.example.org/{path}")
}

fn sample_hearing(reference: &str, day: u32) -> HearingLine {
    HearingLine {
        reference: reference.to_owned(),
        title: "Sample <title> & more".to_owned(),
        when: sample_instant(day, 9, 0),
        place: Some("Room 4".to_owned()),
        url: Some(sample_url(&format!("cases/{reference}"))),
    }
}

fn sample_deadline(reference: &str, day: u32, kind: DeadlineKind) -> DeadlineLine {
    DeadlineLine {
        reference: reference.to_owned(),
        title: "Sample rule".to_owned(),
        when: sample_instant(day, 16, 0),
        kind,
        url: Some(sample_url(&format!("cases/{reference}"))),
    }
}

impl ReminderContext {
    /// A hearing at 09:00, with every optional field.
    #[must_use]
    pub fn sample() -> Self {
        ReminderContext {
            reference: "2026-0042".to_owned(),
            title: "Sample hearing".to_owned(),
            matter: Matter::Hearing,
            when: sample_instant(12, 9, 0),
            zone: KARACHI,
            all_day: false,
            internal_due: None,
            place: Some("Room 4".to_owned()),
            basis: None,
            kind: None,
            confidence: None,
            caution: None,
            url: Some(sample_url("cases/2026-0042")),
        }
    }

    /// A limitation deadline, by the day.
    #[must_use]
    pub fn sample_deadline() -> Self {
        ReminderContext {
            title: "Sample rule".to_owned(),
            matter: Matter::Deadline,
            all_day: true,
            internal_due: Some(sample_date(9)),
            place: None,
            basis: Some("Sample Act 1908, s. 5".to_owned()),
            kind: Some(DeadlineKind::Limitation),
            confidence: Some(Confidence::Medium),
            caution: None,
            ..ReminderContext::sample()
        }
    }
}

impl OutcomeQuestionContext {
    /// A hearing this morning.
    #[must_use]
    pub fn sample() -> Self {
        OutcomeQuestionContext {
            reference: "2026-0042".to_owned(),
            title: "Sample hearing".to_owned(),
            when: sample_instant(12, 9, 30),
            zone: KARACHI,
            url: Some(sample_url("cases/2026-0042/do/outcome")),
        }
    }
}

impl MissedContext {
    /// A duty of the state that was not met.
    #[must_use]
    pub fn sample() -> Self {
        MissedContext {
            reference: "2026-0042".to_owned(),
            title: "Sample rule".to_owned(),
            when: sample_instant(11, 10, 0),
            zone: KARACHI,
            all_day: false,
            basis: Some("Sample Code 1898, s. 1".to_owned()),
            kind: Some(DeadlineKind::Statutory),
            confidence: Some(Confidence::High),
            caution: None,
            next_step: Some("Write the sample complaint.".to_owned()),
            url: Some(sample_url("cases/2026-0042")),
        }
    }
}

impl TaskContext {
    /// A task of a case.
    #[must_use]
    pub fn sample() -> Self {
        TaskContext {
            reference: Some("2026-0042".to_owned()),
            title: "Call the sample contact".to_owned(),
            due: Some(sample_date(13)),
            reason: Some("A message could not be delivered.".to_owned()),
            url: Some(sample_url("tasks")),
        }
    }
}

impl MorningDigestContext {
    /// A full day.
    #[must_use]
    pub fn sample() -> Self {
        MorningDigestContext {
            today: sample_date(12),
            zone: KARACHI,
            hearings_today: vec![sample_hearing("2026-0042", 12)],
            hearings_week: vec![sample_hearing("2026-0007", 16)],
            deadlines_week: vec![sample_deadline("2026-0042", 14, DeadlineKind::Limitation)],
            overdue: vec![sample_deadline("2026-0031", 10, DeadlineKind::Statutory)],
            outcomes_owed: vec![sample_hearing("2026-0019", 11)],
            tasks: vec![TaskContext::sample()],
            url: Some(sample_url("today")),
            unsubscribe_url: Some(sample_url("unsubscribe/sample")),
        }
    }

    /// A day with nothing.
    #[must_use]
    pub fn sample_empty() -> Self {
        MorningDigestContext {
            hearings_today: Vec::new(),
            hearings_week: Vec::new(),
            deadlines_week: Vec::new(),
            overdue: Vec::new(),
            outcomes_owed: Vec::new(),
            tasks: Vec::new(),
            url: None,
            unsubscribe_url: None,
            ..MorningDigestContext::sample()
        }
    }
}

impl AlarmContext {
    /// A night.
    #[must_use]
    pub fn sample() -> Self {
        AlarmContext {
            from: sample_instant(11, 18, 0),
            until: sample_instant(12, 9, 0),
            zone: KARACHI,
            url: Some(sample_url("today")),
        }
    }
}

impl StalledDigestContext {
    /// Two stalled cases, one blind, one journal head.
    #[must_use]
    pub fn sample() -> Self {
        let stalled = |reference: &str, waiting_on: WaitingOn, day: u32| StalledLine {
            reference: reference.to_owned(),
            title: "Sample state".to_owned(),
            waiting_on,
            since: sample_instant(day, 11, 0),
            url: Some(sample_url(&format!("cases/{reference}"))),
        };
        StalledDigestContext {
            today: sample_date(12),
            now: sample_instant(12, 7, 0),
            zone: KARACHI,
            stalled: vec![
                stalled("2026-0042", WaitingOn::Police, 3),
                stalled("2026-0007", WaitingOn::Us, 11),
            ],
            blind: vec![BlindLine {
                reference: "2026-0019".to_owned(),
                title: "Sample proceeding".to_owned(),
                last: Some(sample_date(2)),
                url: Some(sample_url("cases/2026-0019")),
            }],
            heads: vec![JournalHead {
                reference: "2026-0042".to_owned(),
                seq: 17,
                hash: "9f2c51aa07e3".to_owned(),
            }],
            url: Some(sample_url("board")),
            unsubscribe_url: Some(sample_url("unsubscribe/sample")),
        }
    }
}

impl FamilyContext {
    /// Thursday 12 March 2026, 9 in the morning.
    #[must_use]
    pub fn sample() -> Self {
        FamilyContext {
            when: Some(sample_instant(12, 9, 0)),
            zone: KARACHI,
        }
    }

    /// No instant yet, each weekday, each part of the day, full and broken hours.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let at = |day, hour, minute| FamilyContext {
            when: Some(sample_instant(day, hour, minute)),
            zone: KARACHI,
        };
        let mut samples = vec![FamilyContext {
            when: None,
            zone: KARACHI,
        }];
        samples.extend((9..=15).map(|day| at(day, 9, 0)));
        samples.extend([at(12, 12, 30), at(12, 17, 45), at(12, 21, 0)]);
        samples
    }
}
