//! Which key the database is sealed with, case keys by the page for a rotation, and the blind index of names.
//! It holds fingerprints and sealed bytes; it knows no key.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::entities::{case_key, name_token, organisation_key};
use crate::error::{OnTable, StoreError};
use crate::sql::{IN_CHUNK, chunks, micros, word};
use crate::store::Store;
use crate::tx::WriteTx;
use crate::words::KeyState;

/// An organisation key by its fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Sixteen digits that name the key.
    pub fingerprint: String,
    /// What it is to this database.
    pub state: KeyState,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl TryFrom<organisation_key::Model> for KeyRow {
    type Error = StoreError;

    fn try_from(model: organisation_key::Model) -> Result<Self, StoreError> {
        Ok(Self {
            state: word("organisation_keys", &model.state)?,
            fingerprint: model.fingerprint,
            since: model.since,
        })
    }
}

impl Store {
    /// Every key this database was ever sealed with, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organisation_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        let found = organisation_key::Entity::find()
            .order_by_asc(organisation_key::Column::Since)
            .order_by_asc(organisation_key::Column::Fingerprint)
            .all(self.reader())
            .await
            .on("organisation_keys")?;
        found.into_iter().map(KeyRow::try_from).collect()
    }

    /// How many cases have a key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_case_keys(&self) -> Result<u64, StoreError> {
        case_key::Entity::find()
            .count(self.reader())
            .await
            .on("case_keys")
    }

    /// Cases that have a key, by id, after this one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_with_keys(&self, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>, StoreError> {
        let mut query = case_key::Entity::find()
            .select_only()
            .column(case_key::Column::CaseId)
            .order_by_asc(case_key::Column::CaseId)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(case_key::Column::CaseId.gt(after));
        }
        query.into_tuple().all(self.reader()).await.on("case_keys")
    }

    /// The blind indexes of the names of a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn name_tokens(&self, case: Uuid) -> Result<BTreeSet<String>, StoreError> {
        let found = name_token::Entity::find()
            .filter(name_token::Column::CaseId.eq(case))
            .all(self.reader())
            .await
            .on("name_tokens")?;
        Ok(found.into_iter().map(|row| row.token).collect())
    }
}

impl WriteTx {
    /// What this key is to the database. Until this transaction ends, nobody makes it something else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_state(&mut self, fingerprint: &str) -> Result<Option<KeyState>, StoreError> {
        self.enter()?;
        let found = organisation_key::Entity::find_by_id(fingerprint)
            .lock(LockType::Share)
            .one(self.raw())
            .await
            .on("organisation_keys")?;
        let state = found.map(KeyRow::try_from).transpose()?.map(|row| row.state);
        Ok(self.leave(state))
    }

    /// Notes what a key is to the database from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_key(&mut self, row: &KeyRow) -> Result<(), StoreError> {
        self.enter()?;
        let model = organisation_key::Model {
            fingerprint: row.fingerprint.clone(),
            state: row.state.as_str().to_owned(),
            since: micros(row.since),
        };
        let mut clause = OnConflict::column(organisation_key::Column::Fingerprint);
        clause.update_columns([organisation_key::Column::State, organisation_key::Column::Since]);
        organisation_key::Entity::insert(model.into_active_model())
            .on_conflict(clause)
            .exec_without_returning(self.raw())
            .await
            .on("organisation_keys")?;
        self.leave(());
        Ok(())
    }

    /// Takes every indexed name of these cases away.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_names(&mut self, cases: &[Uuid]) -> Result<(), StoreError> {
        self.enter()?;
        for chunk in cases.chunks(IN_CHUNK) {
            name_token::Entity::delete_many()
                .filter(name_token::Column::CaseId.is_in(chunk.iter().copied()))
                .exec(self.raw())
                .await
                .on("name_tokens")?;
        }
        self.leave(());
        Ok(())
    }

    /// Adds indexed names, as (case, token); known ones are left alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_names(&mut self, names: &[(Uuid, String)]) -> Result<(), StoreError> {
        self.enter()?;
        let distinct: BTreeSet<_> = names.iter().collect();
        let rows = distinct
            .into_iter()
            .map(|(case_id, token)| name_token::Model {
                case_id: *case_id,
                token: token.clone(),
            })
            .collect();
        for chunk in chunks::<name_token::Entity>(self.raw(), rows) {
            let mut clause = OnConflict::columns([name_token::Column::CaseId, name_token::Column::Token]);
            clause.do_nothing();
            name_token::Entity::insert_many(chunk.into_iter().map(IntoActiveModel::into_active_model))
                .on_conflict(clause)
                .exec_without_returning(self.raw())
                .await
                .on("name_tokens")?;
        }
        self.leave(());
        Ok(())
    }
}
