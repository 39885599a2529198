//! The one thing the rest of the program knows of delivery: send, and what became of it.

use async_trait::async_trait;

use crate::envelope::Envelope;

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The next hop took responsibility. Not "read", not even "arrived".
    Accepted {
        /// Its words, or the file's name.
        detail: String,
    },
    /// Not now; the same message may be tried again under the same Message-ID.
    Transient {
        /// Why, and what would help.
        reason: String,
    },
    /// Never in this form; a person has to look.
    Permanent {
        /// Why, and what would help.
        reason: String,
    },
}

/// A way out of the house.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Tries once. Never panics and never retries on its own.
    async fn send(&self, envelope: &Envelope) -> Outcome;

    /// One line for the health page and `doctor`; no password.
    fn describe(&self) -> String;
}

/// One log line an attempt: Message-ID and masked recipient, never a subject or a text.
pub(crate) fn log(message_id: &str, envelope: &Envelope, outcome: &Outcome) {
    let to = envelope.to.masked();
    match outcome {
        Outcome::Accepted { .. } => {
            tracing::info!(message_id, to, "message accepted");
        }
        Outcome::Transient { reason } => {
            tracing::warn!(message_id, to, reason, "message not accepted, may be tried again");
        }
        Outcome::Permanent { reason } => {
            tracing::error!(message_id, to, reason, "message refused for good");
        }
    }
}
