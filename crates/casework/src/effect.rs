//! What a decision asks the world to do: data, closed, serialisable, each with a deterministic id.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::fact::MessageOrder;
use crate::ids::EffectId;
use crate::permission::Refusal;

/// One effect. The store turns each into a job row in the same transaction as the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// A timer will be due.
    Arm {
        /// Its id.
        id: EffectId,
        /// When.
        due_at: DateTime<Utc>,
    },
    /// A timer will not be due after all.
    Cancel {
        /// Its id.
        id: EffectId,
        /// Why.
        reason: String,
    },
    /// A message goes out, if it is still right when its time comes.
    Message {
        /// Its id: the job's key and the Message-ID.
        id: EffectId,
        /// What and for whom.
        order: MessageOrder,
        /// From when.
        due_at: DateTime<Utc>,
    },
    /// A message was expected and will not go out: the row says why.
    Suppressed {
        /// Its id.
        id: EffectId,
        /// What and for whom.
        order: MessageOrder,
        /// Why.
        reason: Refusal,
    },
}
