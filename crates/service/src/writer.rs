//! The writer: commands queue up, whatever waits is decided as one group and written in one transaction, and everyone is
//! answered after the commit has reached the disk. So a busy desk pays for one flush of the disk where it would pay for fifty.
//!
//! On SQLite one task writes (`pipeline`); on PostgreSQL a few do, and the rows' locks put two groups on one case in order.
//! Nobody waits for a group to fill: it is what came while the one before was being written. What goes wrong with one
//! request stays with it: the group is undone and each of its requests goes alone. Knows nothing of what is decided.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;

use peshi_store::{Backend, StoreError};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::core::Core;
use crate::error::ServiceError;
use crate::group::{Decided, Mark};
use crate::held::Held;
use crate::pipeline;
use crate::writing::{Answer, Request};

/// Requests that may wait; whoever comes then waits for a place, as people do.
const QUEUE: usize = 1_024;
/// Commands after which a group takes no further request.
pub(crate) const GROUP: usize = 256;
/// Tasks that write at the same time on PostgreSQL.
const WRITERS: usize = 4;
/// Waits before a group is tried again after a deadlock or a lost connection, in milliseconds; then the caller hears of it.
/// With the connection's own patience a server may take several seconds to come back.
const WAITS: [u64; 6] = [20, 60, 180, 500, 1_500, 3_000];

pub(crate) type Reply = oneshot::Sender<Result<Answer, ServiceError>>;

/// A request in the queue.
pub(crate) struct Waiting {
    request: Request,
    reply: Reply,
}

/// The queue and the tasks behind it.
pub(crate) struct Writer {
    core: Arc<Core>,
    state: Lock<State>,
}

enum State {
    /// Nothing was submitted yet.
    Idle,
    Running {
        queue: mpsc::Sender<Waiting>,
        tasks: Vec<JoinHandle<()>>,
    },
    Finished,
}

impl Writer {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            state: Lock::new(State::Idle),
        }
    }

    /// Queues a request and waits for its answer.
    pub(crate) async fn write(&self, request: Request) -> Result<Answer, ServiceError> {
        let queue = self.queue().ok_or_else(stopped)?;
        let (reply, answer) = oneshot::channel();
        let request = request.traced();
        queue
            .send(Waiting { request, reply })
            .await
            .map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// The open queue. The first caller starts the tasks: making a service needs no runtime, using it does.
    fn queue(&self) -> Option<mpsc::Sender<Waiting>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Idle) {
            let (queue, waiting) = mpsc::channel(QUEUE);
            let core = &self.core;
            let tasks = match core.store.backend() {
                Backend::Sqlite => vec![tokio::spawn(pipeline::run(Arc::clone(core), waiting))],
                Backend::Postgres => {
                    let waiting = Arc::new(Mutex::new(waiting));
                    let one = || tokio::spawn(run(Arc::clone(core), Arc::clone(&waiting)));
                    std::iter::repeat_with(one).take(WRITERS).collect()
                }
            };
            *state = State::Running { queue, tasks };
        }
        match &*state {
            State::Running { queue, .. } => Some(queue.clone()),
            State::Idle | State::Finished => None,
        }
    }

    /// Requests that wait for their turn.
    pub(crate) fn waiting(&self) -> usize {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Running { queue, .. } => queue.max_capacity() - queue.capacity(),
            State::Idle | State::Finished => 0,
        }
    }

    /// Takes nothing more, and returns when everything taken is written.
    pub(crate) async fn finish(&self) {
        let before = std::mem::replace(
            &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner),
            State::Finished,
        );
        if let State::Running { queue, tasks } = before {
            drop(queue);
            for task in tasks {
                if let Err(error) = task.await {
                    tracing::error!(%error, "a writer broke off");
                }
            }
        }
    }
}

fn stopped() -> ServiceError {
    ServiceError::Store(StoreError::Unreachable {
        place: "in use".to_owned(),
        what: "Peshi is shutting down".to_owned(),
        remedy: "Start it again and repeat what you did".to_owned(),
    })
}

async fn run(core: Arc<Core>, waiting: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    loop {
        let group = {
            let mut waiting = waiting.lock().await;
            let Some(first) = waiting.recv().await else {
                return;
            };
            fill(first, &mut waiting, GROUP)
        };
        let (requests, replies) = parted(group);
        let (answers, _) = serve(&core, requests).await;
        answer(replies, answers);
        // Lets those just answered submit what they do next, so that it joins the next group.
        tokio::task::yield_now().await;
    }
}

/// The first request and what waits behind it, up to so many requests and to the bound on commands.
pub(crate) fn fill(first: Waiting, waiting: &mut mpsc::Receiver<Waiting>, most: usize) -> Vec<Waiting> {
    let mut commands = first.request.group.len();
    let mut group = vec![first];
    while group.len() < most
        && commands < GROUP
        && let Ok(next) = waiting.try_recv()
    {
        commands += next.request.group.len();
        group.push(next);
    }
    group
}

/// Requests, and who waits for each.
pub(crate) fn parted(group: Vec<Waiting>) -> (Arc<[Request]>, Vec<Reply>) {
    let (requests, replies): (Vec<Request>, Vec<Reply>) =
        group.into_iter().map(|w| (w.request, w.reply)).unzip();
    (requests.into(), replies)
}

/// Tells everyone. Whoever stopped waiting is not told; what was asked has happened all the same.
pub(crate) fn answer(replies: Vec<Reply>, answers: Vec<Result<Answer, ServiceError>>) {
    for (reply, answer) in replies.into_iter().zip(answers) {
        drop(reply.send(answer));
    }
}

/// An answer for each request, in order, and the cases as they are now.
pub(crate) async fn serve(
    core: &Arc<Core>,
    requests: Arc<[Request]>,
) -> (Vec<Result<Answer, ServiceError>>, BTreeMap<Uuid, Held>) {
    let count = requests.len();
    let error = match guarded(core, &requests).await {
        Ok(decided) => return (decided.answers.into_iter().map(Ok).collect(), decided.held),
        Err(error) => error,
    };
    let answers = match error {
        ServiceError::Store(error) if error.is_outage() => everyones(&error, count),
        error if count == 1 => vec![Err(error)],
        // Somebody's request is at fault, and nothing was kept: each goes alone.
        _ => {
            let mut answers = Vec::with_capacity(count);
            for request in requests.iter() {
                let alone: Arc<[Request]> = Arc::from([request.clone()]);
                let decided = guarded(core, &alone).await;
                answers.push(decided.map(|mut d| d.answers.pop().flatten()));
            }
            answers
        }
    };
    (answers, BTreeMap::new())
}

/// One failure of the database is everyone's failure.
pub(crate) fn everyones(error: &StoreError, count: usize) -> Vec<Result<Answer, ServiceError>> {
    (0..count).map(|_| Err(error.repeated().into())).collect()
}

/// Writes in a task of its own: a fault in the program ends this group, not the writer.
async fn guarded(core: &Arc<Core>, requests: &Arc<[Request]>) -> Result<Decided, ServiceError> {
    let (core, requests) = (Arc::clone(core), Arc::clone(requests));
    let task = tokio::spawn(async move { core.write_patiently(&requests).await });
    match task.await {
        Ok(decided) => decided,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => Err(ServiceError::Faulty { what: said(&panic) }),
            Err(_) => Err(stopped()),
        },
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

impl Core {
    /// Writes the requests as one group; again, a bounded number of times, where nothing was kept and the cause has likely
    /// passed. Where the connection broke at the commit, it first looks whether the group was kept.
    async fn write_patiently(&self, requests: &[Request]) -> Result<Decided, ServiceError> {
        let mut unsure: Option<Decided> = None;
        let mut waits = WAITS.iter();
        loop {
            let error = match self.write_once(requests, &mut unsure).await {
                Ok(decided) => return Ok(decided),
                Err(ServiceError::Store(error)) => error,
                Err(other) => return Err(other),
            };
            let again = error.is_momentary() || matches!(error, StoreError::Uncertain { .. });
            let Some(wait) = waits.next().filter(|_| again) else {
                return Err(if unsure.is_some() {
                    still_unsure(&error)
                } else {
                    error
                }
                .into());
            };
            tracing::warn!(%error, wait, "a group is written again");
            let jitter = self.with_entropy(|fill| {
                let mut byte = [0];
                fill(&mut byte);
                u64::from(byte[0]) * wait / 512
            });
            tokio::time::sleep(Duration::from_millis(wait + jitter)).await;
        }
    }

    async fn write_once(
        &self,
        requests: &[Request],
        unsure: &mut Option<Decided>,
    ) -> Result<Decided, ServiceError> {
        if let Some(decided) = self.kept_after_all(unsure).await? {
            return Ok(decided);
        }
        match self.write_now(requests).await {
            Err(Failed::Open(decided, error)) => {
                *unsure = Some(*decided);
                Err(error.into())
            }
            // A new case's rows are not there to be locked, so an old commit may arrive until the new try meets it: by
            // its numbers or its unique keys. Then the old answers are the right ones.
            answered if unsure.is_some() => match self.kept_after_all(unsure).await? {
                Some(decided) => Ok(decided),
                None => answered.map_err(Failed::into_error),
            },
            answered => answered.map_err(Failed::into_error),
        }
    }

    async fn write_now(&self, requests: &[Request]) -> Result<Decided, Failed> {
        let mut tx = self.store.begin().await?;
        let decided = match self.write_group(&mut tx, requests).await {
            Ok(decided) => decided,
            Err(error) => {
                // The first error is the one to tell; an undo that fails is done by the database itself.
                drop(tx.rollback().await);
                return Err(Failed::Surely(error));
            }
        };
        match self.commit(tx, decided.commands).await {
            Ok(()) => {
                self.now_stored(&decided.packs);
                if decided.due {
                    self.store.ring();
                }
                Ok(decided)
            }
            Err(error @ StoreError::Uncertain { .. }) => Err(Failed::Open(Box::new(decided), error)),
            Err(error) => Err(error.into()),
        }
    }

    /// The group whose commit had no answer, if it turns out to have been kept. Locking the case waits for the
    /// old transaction, should the server still be busy with it.
    async fn kept_after_all(&self, unsure: &mut Option<Decided>) -> Result<Option<Decided>, ServiceError> {
        let Some(Mark { case, seq, hash }) = unsure.as_ref().and_then(|d| d.mark.clone()) else {
            return Ok(None);
        };
        let mut tx = self.store.begin().await?;
        tx.cases_for_update(&[case]).await?;
        let found = tx.journal_hash(case, seq).await?;
        tx.rollback().await?;
        if found.as_deref() != Some(hash.as_slice()) {
            return Ok(None);
        }
        let decided = unsure.take();
        if decided.as_ref().is_some_and(|d| d.due) {
            self.store.ring();
        }
        Ok(decided)
    }
}

/// Why a group was not written.
enum Failed {
    /// Nothing was kept.
    Surely(ServiceError),
    /// The commit had no answer.
    Open(Box<Decided>, StoreError),
}

impl Failed {
    fn into_error(self) -> ServiceError {
        match self {
            Self::Surely(error) => error,
            Self::Open(_, error) => error.into(),
        }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Surely(error.into())
    }
}

fn still_unsure(error: &StoreError) -> StoreError {
    StoreError::Uncertain {
        what: error.to_string(),
    }
}
