//! Table `agenda`: deadlines, hearings and tasks.

use sea_orm::entity::prelude::*;

use crate::error::StoreError;
use crate::rows::AgendaRow;
use crate::sql::{micros, word};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agenda")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub item: String,
    pub kind: String,
    pub rule: String,
    pub instance: Option<String>,
    pub due_at: Option<DateTimeUtc>,
    pub last_day: Option<Date>,
    pub state: String,
    pub legal_kind: Option<String>,
    pub account_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "case_id", to = "id")]
    pub case: BelongsTo<super::case::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&AgendaRow> for Model {
    fn from(row: &AgendaRow) -> Self {
        Self {
            case_id: row.case_id,
            item: row.item.clone(),
            kind: row.kind.clone(),
            rule: row.rule.clone(),
            instance: row.instance.clone(),
            due_at: row.due_at.map(micros),
            last_day: row.last_day,
            state: row.state.as_str().to_owned(),
            legal_kind: row.legal_kind.clone(),
            account_id: row.account_id,
        }
    }
}

impl TryFrom<Model> for AgendaRow {
    type Error = StoreError;

    fn try_from(model: Model) -> Result<Self, StoreError> {
        Ok(Self {
            case_id: model.case_id,
            item: model.item,
            kind: model.kind,
            rule: model.rule,
            instance: model.instance,
            due_at: model.due_at,
            last_day: model.last_day,
            state: word("agenda", &model.state)?,
            legal_kind: model.legal_kind,
            account_id: model.account_id,
        })
    }
}
