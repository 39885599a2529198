//! Table `cases`: cases.

use sea_orm::entity::prelude::*;

use crate::rows::CaseRow;
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cases")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub reference: String,
    pub pack_name: String,
    pub pack_version: i32,
    pub pack_hash: String,
    pub version: i64,
    pub head: Vec<u8>,
    pub opened_at: DateTimeUtc,
    pub closed: bool,
    pub waiting_on: Option<String>,
    pub waiting_since: Option<DateTimeUtc>,
    pub stalled_at: Option<DateTimeUtc>,
    pub next_court_at: Option<DateTimeUtc>,
    pub next_deadline_at: Option<DateTimeUtc>,
    pub overdue_since: Option<DateTimeUtc>,
    pub blind_since: Option<DateTimeUtc>,
    pub last_event_at: DateTimeUtc,
    pub public_status: Option<String>,
    pub state: Vec<u8>,
    pub external_key: Option<String>,
    #[sea_orm(has_many)]
    pub agenda: HasMany<super::agenda::Entity>,
    #[sea_orm(has_many)]
    pub violations: HasMany<super::violation::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&CaseRow> for Model {
    fn from(row: &CaseRow) -> Self {
        Self {
            id: row.id,
            reference: row.reference.clone(),
            pack_name: row.pack_name.clone(),
            pack_version: row.pack_version,
            pack_hash: row.pack_hash.clone(),
            version: row.version,
            head: row.head.clone(),
            opened_at: micros(row.opened_at),
            closed: row.closed,
            waiting_on: row.waiting_on.clone(),
            waiting_since: row.waiting_since.map(micros),
            stalled_at: row.stalled_at.map(micros),
            next_court_at: row.next_court_at.map(micros),
            next_deadline_at: row.next_deadline_at.map(micros),
            overdue_since: row.overdue_since.map(micros),
            blind_since: row.blind_since.map(micros),
            last_event_at: micros(row.last_event_at),
            public_status: row.public_status.clone(),
            state: row.state.clone(),
            external_key: row.external_key.clone(),
        }
    }
}

impl From<Model> for CaseRow {
    fn from(model: Model) -> Self {
        Self {
            id: model.id,
            reference: model.reference,
            pack_name: model.pack_name,
            pack_version: model.pack_version,
            pack_hash: model.pack_hash,
            version: model.version,
            head: model.head,
            opened_at: model.opened_at,
            closed: model.closed,
            waiting_on: model.waiting_on,
            waiting_since: model.waiting_since,
            stalled_at: model.stalled_at,
            next_court_at: model.next_court_at,
            next_deadline_at: model.next_deadline_at,
            overdue_since: model.overdue_since,
            blind_since: model.blind_since,
            last_event_at: model.last_event_at,
            public_status: model.public_status,
            state: model.state,
            external_key: model.external_key,
        }
    }
}
