//! Whoever watches what a store does: to measure it, or to die at a chosen moment and let others go first, as the
//! simulation does. It does not know what the steps are for.

use std::fmt;
use std::sync::Arc;

/// What a store has just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A transaction that writes has begun.
    Begun,
    /// A statement was answered, in a transaction or alone.
    Statement,
    /// A transaction was kept; whoever asked for it does not know yet.
    Committed,
    /// A transaction is over, kept or not. Told while unwinding too, so whoever is told this must not panic.
    Ended,
}

type Told = Arc<dyn Fn(Step) + Send + Sync>;

/// Nobody, or one who is told.
#[derive(Clone, Default)]
pub(crate) struct Watcher(Option<Told>);

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "watched" } else { "unwatched" })
    }
}

impl Watcher {
    pub(crate) fn new(told: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    pub(crate) fn tell(&self, step: Step) {
        if let Some(told) = &self.0 {
            told(step);
        }
    }

    /// A transaction has begun; dropping what this gives says that it is over.
    pub(crate) fn begun(&self) -> Watched {
        self.tell(Step::Begun);
        Watched(self.clone())
    }
}

/// A transaction somebody watches.
#[derive(Debug)]
pub(crate) struct Watched(Watcher);

impl Watched {
    pub(crate) fn committed(&self) {
        self.0.tell(Step::Committed);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.tell(Step::Ended);
    }
}
