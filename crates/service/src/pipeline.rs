//! The one writer of a SQLite file: while one group is on its way to the disk, the next is decided.
//!
//! Deciding and writing cost about the same, and each keeps one processor busy. So a group is decided ahead, on the state
//! the group before is about to leave, cases that are not open being read meanwhile; before it is written the database is
//! asked whether the cases and the calendars still are as they were found, and whether the claimed jobs still are ours. If
//! another process has changed one, or the group before was not kept, what was decided is thrown away and the group goes
//! the plain way: read, decide and write in one transaction. Everything that needs more from the database than cases and
//! claims goes that way at once.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use peshi_store::StoreError;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::core::Core;
use crate::group::Decided;
use crate::held::Found;
use crate::open::OpenCases;
use crate::writer::{GROUP, Reply, Waiting, answer, everyones, fill, parted, serve};
use crate::writing::{Answer, Request};

/// So many waiting requests are worth two groups.
const SPLIT: usize = 16;

/// A group on its way to the disk.
struct Flight {
    requests: Arc<[Request]>,
    replies: Vec<Reply>,
    answers: Vec<Answer>,
    /// Whether the cases were still as they had been found, and the group was kept.
    task: JoinHandle<Result<bool, StoreError>>,
}

/// Writes what waits until the queue is closed and empty.
pub(crate) async fn run(core: Arc<Core>, mut waiting: mpsc::Receiver<Waiting>) {
    let mut line = Line {
        core,
        open: OpenCases::default(),
        flight: None,
    };
    loop {
        let first = match &mut line.flight {
            None => waiting.recv().await,
            Some(flight) => tokio::select! {
                biased;
                landed = &mut flight.task => {
                    line.landed(landed.unwrap_or(Ok(false))).await;
                    // Lets those just answered submit what they do next, so that it joins the next group.
                    tokio::task::yield_now().await;
                    continue;
                }
                first = waiting.recv() => first,
            },
        };
        let Some(first) = first else {
            line.land().await;
            return;
        };
        // With nothing on its way, half of a full queue goes ahead: else all would wait for one group, and then ask again
        // all at once, and nothing would ever be decided while something is written.
        let most = match line.flight {
            None if waiting.len() >= SPLIT => waiting.len().div_ceil(2),
            _ => GROUP,
        };
        let (requests, replies) = parted(fill(first, &mut waiting, most));
        line.next(requests, replies).await;
    }
}

struct Line {
    core: Arc<Core>,
    open: OpenCases,
    flight: Option<Flight>,
}

impl Line {
    async fn next(&mut self, requests: Arc<[Request]>, replies: Vec<Reply>) {
        let ahead = self.decide_ahead(&requests).await;
        let stands = self.land().await;
        match ahead {
            Some((decided, found)) if stands => {
                self.take_off(requests, replies, decided, found);
                // Those whose group has just landed submit what they do next, so that it is decided as one.
                tokio::task::yield_now().await;
            }
            _ => self.plainly(requests, replies).await,
        }
    }

    /// The group as decided on what is open or can be read beside the writing, with the versions it stands on; none if it
    /// cannot be decided so. A fault, be it of a case or of the program, shows itself again on the plain way, where it is
    /// told from the others' requests.
    async fn decide_ahead(&mut self, requests: &[Request]) -> Option<(Decided, Found)> {
        let (mut held, missing) = self.open.take_all(requests)?;
        let core = &self.core;
        held.extend(core.read_ahead(&missing).await.ok()?);
        let decided = catch_unwind(AssertUnwindSafe(|| core.decide_ahead(held, requests)));
        let mut decided = decided.ok()?.ok()?;
        let found = decided.found();
        self.open.keep(std::mem::take(&mut decided.held));
        Some((decided, found))
    }

    fn take_off(
        &mut self,
        requests: Arc<[Request]>,
        replies: Vec<Reply>,
        mut decided: Decided,
        found: Found,
    ) {
        let answers = std::mem::take(&mut decided.answers);
        let core = Arc::clone(&self.core);
        let task = tokio::spawn(async move { write(&core, &decided, &found).await });
        self.flight = Some(Flight {
            requests,
            replies,
            answers,
            task,
        });
    }

    /// Waits for the group on its way; whether everything decided ahead still stands.
    async fn land(&mut self) -> bool {
        match &mut self.flight {
            None => true,
            Some(flight) => {
                let landed = (&mut flight.task).await;
                self.landed(landed.unwrap_or(Ok(false))).await
            }
        }
    }

    async fn landed(&mut self, landed: Result<bool, StoreError>) -> bool {
        let Some(flight) = self.flight.take() else {
            return true;
        };
        if let Ok(true) = landed {
            answer(flight.replies, flight.answers.into_iter().map(Ok).collect());
            return true;
        }
        self.open.clear();
        match landed {
            Err(error) if error.is_outage() => {
                answer(flight.replies, everyones(&error, flight.requests.len()));
            }
            _ => self.plainly(flight.requests, flight.replies).await,
        }
        false
    }

    /// Reads, decides and writes in one transaction; nothing else is on its way.
    async fn plainly(&mut self, requests: Arc<[Request]>, replies: Vec<Reply>) {
        self.open.forget(&requests);
        let (answers, held) = serve(&self.core, requests).await;
        self.open.keep(held);
        answer(replies, answers);
        tokio::task::yield_now().await;
    }
}

/// Writes a group decided ahead; false, and nothing kept, if a case or the calendars are no longer as they were found.
async fn write(core: &Core, decided: &Decided, found: &Found) -> Result<bool, StoreError> {
    let mut tx = core.store.begin().await?;
    let ids: BTreeSet<Uuid> = found.keys().copied().collect();
    // Cases first, then claims: always in this order.
    let heads = tx.hold_heads(&ids).await?;
    let stands = heads.cases == *found
        && heads.added_days.is_none_or(|days| days == decided.added_days)
        && (decided.claims.is_empty()
            || tx.hold_claims(&decided.claims).await?.len() == decided.claims.len());
    if !stands {
        tx.rollback().await?;
        return Ok(false);
    }
    decided.write(&mut tx).await?;
    core.commit(tx, decided.commands).await?;
    if decided.due {
        core.store.ring();
    }
    Ok(true)
}
