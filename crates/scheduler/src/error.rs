//! What can stop a tick.

use peshi_service::ServiceError;
use peshi_store::StoreError;
use thiserror::Error;

/// Why a tick ended early. The jobs it had claimed come back when their lease ends.
#[derive(Debug, Error)]
pub enum SchedulerError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A use case.
    #[error(transparent)]
    Service(#[from] ServiceError),
}
