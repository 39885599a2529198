//! Table `accounts`: who may log in.

use sea_orm::entity::prelude::*;

use crate::error::StoreError;
use crate::rows::AccountRow;
use crate::sql::{micros, word};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub login_index: String,
    pub profile: Vec<u8>,
    pub role: String,
    pub language: String,
    pub password_hash: String,
    pub active: bool,
    pub digest: String,
    pub created_at: DateTimeUtc,
    pub failed_logins: i32,
    pub locked_until: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&AccountRow> for Model {
    fn from(row: &AccountRow) -> Self {
        Self {
            id: row.id,
            login_index: row.login_index.clone(),
            profile: row.profile.clone(),
            role: row.role.clone(),
            language: row.language.clone(),
            password_hash: row.password_hash.clone(),
            active: row.active,
            digest: row.digest.as_str().to_owned(),
            created_at: micros(row.created_at),
            failed_logins: row.failed_logins,
            locked_until: row.locked_until.map(micros),
        }
    }
}

impl TryFrom<Model> for AccountRow {
    type Error = StoreError;

    fn try_from(model: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: model.id,
            login_index: model.login_index,
            profile: model.profile,
            role: model.role,
            language: model.language,
            password_hash: model.password_hash,
            active: model.active,
            digest: word("accounts", &model.digest)?,
            created_at: model.created_at,
            failed_logins: model.failed_logins,
            locked_until: model.locked_until,
        })
    }
}
