//! What may be asked of the store, by subject. Every query runs on the reading connections and sees committed rows only.
//!
//! No query here reads all cases: each is bounded by keys, by an index or by a limit.

mod agenda;
mod cases;
mod documents;
mod jobs;
mod people;
mod system;
mod violations;

pub use violations::ListedViolation;

pub use jobs::COUNTED;
use uuid::Uuid;

use crate::entities::team;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Query, SelectStatement};

/// The cases an account is in the team of.
fn cases_of(account: Uuid) -> SelectStatement {
    Query::select()
        .column(team::Column::CaseId)
        .from(team::Entity)
        .and_where(team::Column::AccountId.eq(account))
        .take()
}
