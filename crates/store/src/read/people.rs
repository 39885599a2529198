//! Questions about accounts, their permissions and sessions.
//!
//! It does not know names or addresses: those are sealed in the profile.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entities::{account, permission, session};
use crate::error::{OnTable, StoreError};
use crate::rows::{AccountRow, PermissionRow, SessionRow};
use crate::sql::{IN_CHUNK, count_limited};
use crate::store::Store;

impl Store {
    /// One account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account(&self, id: Uuid) -> Result<Option<AccountRow>, StoreError> {
        let found = account::Entity::find_by_id(id)
            .one(self.reader())
            .await
            .on("accounts")?;
        found.map(AccountRow::try_from).transpose()
    }

    /// The account with this blind index of its login name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account_by_login(&self, login_index: &str) -> Result<Option<AccountRow>, StoreError> {
        let found = account::Entity::find()
            .filter(account::Column::LoginIndex.eq(login_index))
            .one(self.reader())
            .await
            .on("accounts")?;
        found.map(AccountRow::try_from).transpose()
    }

    /// These accounts; unknown ids are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts_by_ids(&self, ids: &BTreeSet<Uuid>) -> Result<Vec<AccountRow>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().copied().collect();
        let mut rows = Vec::new();
        for chunk in ids.chunks(IN_CHUNK) {
            let found = account::Entity::find()
                .filter(account::Column::Id.is_in(chunk.iter().copied()))
                .all(self.reader())
                .await
                .on("accounts")?;
            for account in found {
                rows.push(AccountRow::try_from(account)?);
            }
        }
        rows.sort_by_key(|row| row.id);
        Ok(rows)
    }

    /// Whether anybody has an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        let one = account::Entity::find().limit(1);
        Ok(count_limited(self.reader(), one).await.on("accounts")? > 0)
    }

    /// All accounts of the organisation, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let found = account::Entity::find()
            .order_by_asc(account::Column::CreatedAt)
            .order_by_asc(account::Column::Id)
            .all(self.reader())
            .await
            .on("accounts")?;
        found.into_iter().map(AccountRow::try_from).collect()
    }

    /// All permissions an account ever gave, the oldest first, revoked and expired ones too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn permissions(&self, account: Uuid) -> Result<Vec<PermissionRow>, StoreError> {
        let found = permission::Entity::find()
            .filter(permission::Column::AccountId.eq(account))
            .order_by_asc(permission::Column::GrantedAt)
            .order_by_asc(permission::Column::Id)
            .all(self.reader())
            .await
            .on("permissions")?;
        Ok(found.into_iter().map(PermissionRow::from).collect())
    }

    /// One session by the hash of its token, expired or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, id: &str) -> Result<Option<SessionRow>, StoreError> {
        let found = session::Entity::find_by_id(id)
            .one(self.reader())
            .await
            .on("sessions")?;
        Ok(found.map(SessionRow::from))
    }
}
