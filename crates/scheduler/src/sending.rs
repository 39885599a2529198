//! One message: looked at once more, written, handed over. Says how the job ends; settles nothing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use peshi_casework::Channel;
use peshi_delivery::{Address, Envelope, Outcome, Transport};
use peshi_service::{Outgoing, Prepared, Service, ServiceError};
use peshi_store::{JobRow, Settlement};
use peshi_templates::{Lang, Renderer};
use tracing::Instrument;

use crate::retry::{TRIES, retry_at};
use crate::write::Writer;

/// What is needed to send; cheap to copy, so that several messages can be on their way at once.
#[derive(Clone)]
pub(crate) struct Hand {
    pub(crate) service: Arc<Service>,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) base_url: Option<String>,
}

impl Hand {
    /// Sends one message, or says why not.
    ///
    /// # Errors
    /// The database is in trouble. A message whose case cannot be read is no error: it is tried again, then dead.
    pub(crate) async fn send(&self, job: &JobRow, now: DateTime<Utc>) -> Result<Settlement, ServiceError> {
        match self.service.prepare(job, now).await {
            Ok(Prepared::Suppress(refusal)) => Ok(Settlement::Suppressed {
                reason: refusal.key().to_owned(),
            }),
            Ok(Prepared::Defer { until, reason }) => Ok(Settlement::DeferTo {
                at: until,
                reason: reason.to_owned(),
            }),
            Ok(Prepared::Send(outgoing)) => Ok(self.hand_over(job, &outgoing, now).await),
            Err(error) if error.is_outage() => Err(error),
            Err(error) => Ok(again(job, error.to_string(), now)),
        }
    }

    async fn hand_over(&self, job: &JobRow, outgoing: &Outgoing, now: DateTime<Utc>) -> Settlement {
        if outgoing.permission.channel() == Channel::Sms {
            return Settlement::Failed {
                reason: "no_sms_gateway".to_owned(),
            };
        }
        let writer = Writer {
            renderer: &self.renderer,
            base_url: self.base_url.as_deref(),
            now,
            zone: self.service.zone(),
        };
        let text = match writer.write(outgoing) {
            Ok(text) => text,
            // A text that cannot be written today cannot be written tomorrow: a person must mend the template.
            Err(e) => {
                return Settlement::Failed {
                    reason: e.to_string(),
                };
            }
        };
        let to = match Address::parse(outgoing.permission.address()) {
            Ok(to) => to,
            Err(e) => {
                return Settlement::Failed {
                    reason: e.to_string(),
                };
            }
        };
        let envelope = Envelope {
            // The effect's id is the Message-ID, so that a second copy after a crash is recognised as the same.
            message_id: job.id.replace(':', "."),
            to,
            subject: text.subject.unwrap_or_default(),
            text: text.text,
            html: text.html,
            lang: text.lang.to_string(),
            dir: if text.lang == Lang::Ur { "rtl" } else { "ltr" }.to_owned(),
            list_unsubscribe: None,
            // Not when it is tried: a second copy must be the same to the last byte.
            date: job.created_at,
        };
        let channel = outgoing.permission.channel().as_str();
        let delivery = tracing::debug_span!("deliver", channel);
        match self.transport.send(&envelope).instrument(delivery).await {
            Outcome::Accepted { detail } => Settlement::Done { result: Some(detail) },
            Outcome::Permanent { reason } => Settlement::Failed { reason },
            Outcome::Transient { reason } => again(job, reason, now),
        }
    }
}

/// Once more after a wait, or never again after the last try.
pub(crate) fn again(job: &JobRow, reason: String, now: DateTime<Utc>) -> Settlement {
    if job.tries() >= TRIES {
        Settlement::Dead { reason }
    } else {
        Settlement::RetryAt {
            at: retry_at(job, now),
            reason,
        }
    }
}
