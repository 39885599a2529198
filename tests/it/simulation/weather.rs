//! The way out of the house, in all weathers: the real files of an outbox, and before them a mail server that is busy,
//! refuses, or takes a message just before the sender dies.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use peshi_delivery::{Envelope, FileTransport, Outcome, Transport};

use super::fuse::Fuse;

/// How the mail server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sky {
    /// It takes everything.
    Clear,
    /// It is busy for the next so many messages.
    Busy(u32),
    /// It refuses the next so many for good.
    Refusing(u32),
    /// It takes the next one, and the sender dies before it can note so.
    DeathAfterAcceptance,
}

/// A message that left: its Message-ID, and how many nodes were lost by then.
pub(super) type Left = (String, u32);

/// The mail server, and what left the house.
#[derive(Debug)]
pub(super) struct Weather {
    sky: Mutex<Sky>,
    accepted: Mutex<Vec<Left>>,
    outbox: FileTransport,
    fuse: Arc<Fuse>,
}

impl Weather {
    pub(super) fn new(outbox: FileTransport, fuse: Arc<Fuse>) -> Self {
        Self {
            sky: Mutex::new(Sky::Clear),
            accepted: Mutex::new(Vec::new()),
            outbox,
            fuse,
        }
    }

    pub(super) fn set(&self, sky: Sky) {
        *self.sky.lock().unwrap_or_else(PoisonError::into_inner) = sky;
    }

    /// What left since the last call.
    pub(super) fn take(&self) -> Vec<Left> {
        std::mem::take(&mut *self.accepted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How it is for this message.
    fn now(&self) -> Sky {
        let mut sky = self.sky.lock().unwrap_or_else(PoisonError::into_inner);
        let now = *sky;
        *sky = match now {
            Sky::Busy(n) if n > 1 => Sky::Busy(n - 1),
            Sky::Refusing(n) if n > 1 => Sky::Refusing(n - 1),
            _ => Sky::Clear,
        };
        now
    }
}

#[async_trait]
impl Transport for Weather {
    async fn send(&self, envelope: &Envelope) -> Outcome {
        let sky = self.now();
        match sky {
            Sky::Busy(_) => Outcome::Transient {
                reason: "451 busy, try again".to_owned(),
            },
            Sky::Refusing(_) => Outcome::Permanent {
                reason: "550 no such mailbox".to_owned(),
            },
            Sky::Clear | Sky::DeathAfterAcceptance => {
                let outcome = self.outbox.send(envelope).await;
                self.accepted
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((envelope.message_id.clone(), self.fuse.losses()));
                if sky == Sky::DeathAfterAcceptance {
                    self.fuse.die();
                }
                outcome
            }
        }
    }

    fn describe(&self) -> String {
        "a mail server in all weathers".to_owned()
    }
}
