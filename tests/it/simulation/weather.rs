//! The way out of the house, in all weathers: the real files of an outbox, and before them a mail server that is busy,
//! refuses, or takes a message just before the sender dies.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
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

/// A message that left.
#[derive(Debug, Clone)]
pub(super) struct Left {
    /// Its Message-ID.
    pub(super) id: String,
    /// How many nodes were lost by then.
    pub(super) losses: u32,
    /// What the clock of the node said that sent it.
    pub(super) at: DateTime<Utc>,
}

/// The mail server, and what left the house.
#[derive(Debug)]
pub(super) struct Weather {
    sky: Mutex<Sky>,
    accepted: Mutex<Vec<Left>>,
    outbox: FileTransport,
    losses: Arc<AtomicU32>,
}

impl Weather {
    pub(super) fn new(outbox: FileTransport, losses: Arc<AtomicU32>) -> Self {
        Self {
            sky: Mutex::new(Sky::Clear),
            accepted: Mutex::new(Vec::new()),
            outbox,
            losses,
        }
    }

    pub(super) fn losses(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.losses)
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

/// A node's way to the mail server.
#[derive(Debug)]
pub(super) struct Door {
    weather: Arc<Weather>,
    fuse: Arc<Fuse>,
    now: Mutex<DateTime<Utc>>,
}

impl Door {
    pub(super) const fn new(weather: Arc<Weather>, fuse: Arc<Fuse>) -> Self {
        Self {
            weather,
            fuse,
            now: Mutex::new(DateTime::UNIX_EPOCH),
        }
    }

    /// What goes out goes out at this instant.
    pub(super) fn opens(&self, now: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

#[async_trait]
impl Transport for Door {
    async fn send(&self, envelope: &Envelope) -> Outcome {
        // The dead send nothing more, whatever task of theirs still tries; and a node may die on its way to the server.
        self.fuse.burn();
        let weather = &self.weather;
        let sky = weather.now();
        match sky {
            Sky::Busy(_) => Outcome::Transient {
                reason: "451 busy, try again".to_owned(),
            },
            Sky::Refusing(_) => Outcome::Permanent {
                reason: "550 no such mailbox".to_owned(),
            },
            Sky::Clear | Sky::DeathAfterAcceptance => {
                let outcome = weather.outbox.send(envelope).await;
                weather
                    .accepted
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(Left {
                        id: envelope.message_id.clone(),
                        losses: weather.losses.load(Ordering::SeqCst),
                        at: *self.now.lock().unwrap_or_else(PoisonError::into_inner),
                    });
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
