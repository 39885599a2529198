//! From what a message is about to its text: contexts for the templates, titles in the reader's language.
//! Knows templates and the service's data; sends nothing.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use peshi_casework::Channel;
use peshi_service::views::{BoardView, CaseSummary, DateView, DayView};
use peshi_service::{About, CaseHead, DeadlineAbout, Outgoing};
use peshi_templates::contexts::{
    AlarmContext, BlindLine, Confidence, DeadlineKind, DeadlineLine, FamilyContext, HearingLine, JournalHead,
    Matter, MissedContext, MorningDigestContext, OutcomeQuestionContext, ReminderContext,
    StalledDigestContext, StalledLine, TaskContext, WaitingOn,
};
use peshi_templates::{Lang, Rendered, Renderer, TemplateError};

/// Writes messages in their reader's language.
pub(crate) struct Writer<'a> {
    pub(crate) renderer: &'a Renderer,
    /// The desk's address for links in staff mail; none writes no links.
    pub(crate) base_url: Option<&'a str>,
    pub(crate) now: DateTime<Utc>,
    /// The organisation's zone, for what belongs to no case.
    pub(crate) zone: Tz,
}

impl Writer<'_> {
    /// The text of a message.
    pub(crate) fn write(&self, outgoing: &Outgoing) -> Result<Rendered, TemplateError> {
        let lang: Lang = outgoing.permission.language().parse().unwrap_or(Lang::En);
        let page = Page {
            writer: self,
            lang,
            pack: outgoing.pack.as_deref(),
        };
        match &outgoing.about {
            About::Family { moment, zone } => page.render(
                outgoing,
                &FamilyContext {
                    when: *moment,
                    zone: *zone,
                },
            ),
            About::Deadline(about) => page.deadline(outgoing, about),
            About::Morning(day) => page.render(outgoing, &page.morning(day)),
            About::Silence { from, until } => page.render(
                outgoing,
                &AlarmContext {
                    from: *from,
                    until: *until,
                    zone: self.zone,
                    url: page.url("today"),
                },
            ),
            About::Stalled(board, heads) => page.render(outgoing, &page.stalled(board, heads)),
        }
    }
}

struct Page<'a> {
    writer: &'a Writer<'a>,
    lang: Lang,
    pack: Option<&'a str>,
}

impl Page<'_> {
    fn render(
        &self,
        outgoing: &Outgoing,
        context: &impl serde::Serialize,
    ) -> Result<Rendered, TemplateError> {
        let channel = match outgoing.permission.channel() {
            Channel::Email => peshi_templates::Channel::Email,
            Channel::Sms => peshi_templates::Channel::Sms,
        };
        let level = outgoing.permission.level();
        self.writer
            .renderer
            .message(self.pack, &outgoing.kind, channel, self.lang, level, context)
    }

    fn text(&self, pack: Option<&str>, key: &str) -> String {
        self.writer
            .renderer
            .text(pack, self.lang, key, &[])
            .unwrap_or_else(|| key.to_owned())
    }

    fn url(&self, path: &str) -> Option<String> {
        self.writer
            .base_url
            .map(|base| format!("{}/{path}", base.trim_end_matches('/')))
    }

    fn deadline(&self, outgoing: &Outgoing, about: &DeadlineAbout) -> Result<Rendered, TemplateError> {
        let title = self.text(self.pack, &about.key);
        let url = self.url(&format!("cases/{}", about.reference));
        let (when, all_day) = (about.shown_at, about.whole_day);
        let kind = (!about.hearing).then(|| legal_kind(&about.legal_kind));
        let confidence = about.confidence.as_deref().map(confidence);
        match outgoing.kind.as_str() {
            "outcome_question" => {
                let context = OutcomeQuestionContext {
                    reference: about.reference.clone(),
                    title,
                    when,
                    zone: about.zone,
                    url,
                };
                self.render(outgoing, &context)
            }
            "missed" => {
                let context = MissedContext {
                    reference: about.reference.clone(),
                    title,
                    when,
                    zone: about.zone,
                    all_day,
                    basis: about.basis.clone(),
                    kind,
                    confidence,
                    caution: about.caution.clone(),
                    next_step: None,
                    url,
                };
                self.render(outgoing, &context)
            }
            _ => {
                let context = ReminderContext {
                    reference: about.reference.clone(),
                    title,
                    matter: if about.hearing {
                        Matter::Hearing
                    } else {
                        Matter::Deadline
                    },
                    when,
                    zone: about.zone,
                    all_day,
                    internal_due: about.internal_last_day,
                    place: about.place.clone(),
                    basis: about.basis.clone(),
                    kind,
                    confidence,
                    caution: about.caution.clone(),
                    url,
                };
                self.render(outgoing, &context)
            }
        }
    }

    fn morning(&self, day: &DayView) -> MorningDigestContext {
        let (owed, overdue): (Vec<&DateView>, Vec<&DateView>) = day
            .overdue
            .iter()
            .partition(|d| d.key == "deadline-hearing_outcome");
        MorningDigestContext {
            today: day.date,
            zone: self.writer.zone,
            hearings_today: day.hearings_today.iter().map(|d| self.hearing(d)).collect(),
            hearings_week: day.hearings_soon.iter().map(|d| self.hearing(d)).collect(),
            deadlines_week: day.deadlines_soon.iter().map(|d| self.deadline_line(d)).collect(),
            overdue: overdue.into_iter().map(|d| self.deadline_line(d)).collect(),
            outcomes_owed: owed.into_iter().map(|d| self.hearing(d)).collect(),
            tasks: day
                .tasks
                .iter()
                .map(|t| TaskContext {
                    reference: Some(t.reference.clone()),
                    title: self.text(Some(&t.pack), &t.key),
                    due: None,
                    reason: None,
                    url: self.url(&format!("cases/{}", t.reference)),
                })
                .collect(),
            url: self.url("today"),
            unsubscribe_url: None,
        }
    }

    fn hearing(&self, date: &DateView) -> HearingLine {
        HearingLine {
            reference: date.reference.clone(),
            title: self.text(Some(&date.pack), &date.key),
            when: date.due_at,
            place: None,
            url: self.url(&format!("cases/{}", date.reference)),
        }
    }

    fn deadline_line(&self, date: &DateView) -> DeadlineLine {
        DeadlineLine {
            reference: date.reference.clone(),
            title: self.text(Some(&date.pack), &date.key),
            when: date.shown_at,
            kind: legal_kind(&date.legal_kind),
            url: self.url(&format!("cases/{}", date.reference)),
        }
    }

    fn stalled(&self, board: &BoardView, heads: &[CaseHead]) -> StalledDigestContext {
        StalledDigestContext {
            today: self.writer.now.with_timezone(&self.writer.zone).date_naive(),
            now: self.writer.now,
            zone: self.writer.zone,
            stalled: board.stalled.iter().map(|c| self.stalled_line(c)).collect(),
            blind: board
                .blind
                .iter()
                .map(|c| BlindLine {
                    reference: c.reference.clone(),
                    title: self.text(Some(&c.pack), "chart-proceeding"),
                    last: c
                        .next_court_at
                        .map(|at| at.with_timezone(&self.writer.zone).date_naive()),
                    url: self.url(&format!("cases/{}", c.reference)),
                })
                .collect(),
            heads: heads
                .iter()
                .map(|head| JournalHead {
                    reference: head.reference.clone(),
                    seq: u64::try_from(head.seq).unwrap_or_default(),
                    hash: head.hash.clone(),
                })
                .collect(),
            url: self.url("board"),
            unsubscribe_url: None,
        }
    }

    fn stalled_line(&self, case: &CaseSummary) -> StalledLine {
        StalledLine {
            reference: case.reference.clone(),
            title: self.text(Some(&case.pack), "workflow-title"),
            waiting_on: waiting_on(case.waiting_on.as_deref()),
            since: case
                .waiting_since
                .or(case.stalled_since)
                .unwrap_or(case.last_event_at),
            url: self.url(&format!("cases/{}", case.reference)),
        }
    }
}

fn legal_kind(word: &str) -> DeadlineKind {
    match word {
        "statutory" => DeadlineKind::Statutory,
        "limitation" => DeadlineKind::Limitation,
        "policy" => DeadlineKind::Policy,
        _ => DeadlineKind::Internal,
    }
}

/// Between two words the lower one: nobody is told a rule is surer than its source says.
fn confidence(word: &str) -> Confidence {
    match word {
        "high" => Confidence::High,
        "medium" | "medium-high" => Confidence::Medium,
        "low" | "low-medium" => Confidence::Low,
        _ => Confidence::Unknown,
    }
}

fn waiting_on(word: Option<&str>) -> WaitingOn {
    match word {
        Some("us") => WaitingOn::Us,
        Some("family") => WaitingOn::Family,
        Some("police") => WaitingOn::Police,
        Some("prosecution") => WaitingOn::Prosecution,
        Some("court") => WaitingOn::Court,
        _ => WaitingOn::Other,
    }
}
