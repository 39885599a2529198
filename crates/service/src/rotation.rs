//! A new organisation key: every case key is wrapped anew, every account sealed anew, every blind index made anew. In portions,
//! so that a rotation that broke off goes on where it stopped; until the last step nothing needs only the new key.
//!
//! Knows both keys; where their files lie is the caller's affair.

use chrono::{DateTime, Utc};
use peshi_store::{AuditEntry, CaseBatch, KeyRow, KeyState, WriteTx};
use peshi_vault::{OrganisationKey, Sealed, WrappedKey};
use uuid::Uuid;

use crate::Service;
use crate::accounts::login_index;
use crate::core::Core;
use crate::error::ServiceError;
use crate::sealing::open_case;
use crate::search::rows_of;

/// Cases of one transaction.
const PORTION: u64 = 200;

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rotated {
    /// Cases whose key is wrapped by the new key now.
    pub cases: u64,
    /// Cases whose key neither key opens: they could not be read before either.
    pub unreadable: Vec<Uuid>,
}

impl Core {
    /// Refuses to seal something new while the key is being replaced: it would be left behind with the old one.
    pub(crate) async fn require_current_key(&self, tx: &mut WriteTx) -> Result<(), ServiceError> {
        match tx.key_state(self.key.fingerprint()).await? {
            // None: the database learns its key at the next start.
            Some(KeyState::Current) | None => Ok(()),
            Some(_) => Err(ServiceError::KeyRotation),
        }
    }
}

impl Service {
    /// Whether this service's key is the one the database is sealed with. A database that does not know yet learns it.
    ///
    /// # Errors
    /// [`ServiceError::OtherKey`] with what to do; when the database fails.
    pub async fn check_key(&self, now: DateTime<Utc>) -> Result<(), ServiceError> {
        let ours = self.key.fingerprint();
        let known = self.store.organisation_keys().await?;
        let state = known
            .iter()
            .find(|row| row.fingerprint == ours)
            .map(|row| row.state);
        match state {
            Some(KeyState::Current) => Ok(()),
            None if known.is_empty() => self.learn_key(now).await,
            Some(KeyState::Retiring | KeyState::Next) => Err(ServiceError::KeyRotation),
            Some(KeyState::Former) | None => {
                let current = known
                    .iter()
                    .find(|row| matches!(row.state, KeyState::Current | KeyState::Retiring));
                Err(ServiceError::OtherKey {
                    given: ours.to_owned(),
                    needed: current.map(|row| row.fingerprint.clone()).unwrap_or_default(),
                })
            }
        }
    }

    /// A database from before keys were noted: opening one sealed thing tells whether this key belongs to it.
    async fn learn_key(&self, now: DateTime<Utc>) -> Result<(), ServiceError> {
        if let Some(account) = self.store.accounts().await?.first() {
            self.profile(account)?;
        }
        let mut tx = self.store.begin().await?;
        self.note_key(&mut tx, self.key.fingerprint(), KeyState::Current, now)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Replaces this service's key by `next`, or goes on with a rotation that broke off. `progress` is told cases done.
    /// Afterwards this service is of no use: its key is a former one.
    ///
    /// # Errors
    /// [`ServiceError::OtherKey`] if a rotation to another key was begun; when the database fails: then call again.
    pub async fn rotate_key(
        &self,
        next: &OrganisationKey,
        now: DateTime<Utc>,
        mut progress: impl FnMut(u64),
    ) -> Result<Rotated, ServiceError> {
        // What a newer version has sealed in tables of its own must not be left behind under the old key.
        self.store.schema().await?;
        self.begin_rotation(next, now).await?;
        let mut rotated = Rotated::default();
        let mut after = None;
        loop {
            let ids = self.store.cases_with_keys(after, PORTION).await?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            self.rewrap(&ids, next, now, &mut rotated).await?;
            progress(rotated.cases);
        }
        self.end_rotation(next, now).await?;
        Ok(rotated)
    }

    async fn begin_rotation(&self, next: &OrganisationKey, now: DateTime<Utc>) -> Result<(), ServiceError> {
        let known = self.store.organisation_keys().await?;
        let begun = known.iter().find(|row| row.state == KeyState::Next);
        if let Some(other) = begun.filter(|row| row.fingerprint != next.fingerprint()) {
            return Err(ServiceError::OtherKey {
                given: next.fingerprint().to_owned(),
                needed: other.fingerprint.clone(),
            });
        }
        let mut tx = self.store.begin().await?;
        self.note_key(&mut tx, self.key.fingerprint(), KeyState::Retiring, now)
            .await?;
        self.note_key(&mut tx, next.fingerprint(), KeyState::Next, now)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn rewrap(
        &self,
        ids: &[Uuid],
        next: &OrganisationKey,
        now: DateTime<Utc>,
        rotated: &mut Rotated,
    ) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let rows = tx.cases_for_update(ids).await?;
        let keys = tx.case_keys(ids).await?;
        let mut batch = CaseBatch::default();
        for row in rows {
            let Some(wrapped) = keys.get(&row.id).cloned().map(WrappedKey::from_bytes) else {
                continue;
            };
            let place = row.id.to_string();
            if next.unwrap(&place, &wrapped).is_err() {
                let Ok(key) = self.key.unwrap(&place, &wrapped) else {
                    rotated.unreadable.push(row.id);
                    continue;
                };
                let wrapped = self.with_entropy(|fill| next.wrap(&place, &key, fill));
                batch.keys.push((row.id, wrapped.into_bytes()));
                // A case that does not open keeps its key all the same; `verify` speaks of it.
                if let Ok(case) = open_case(row.id, &row.state, &key) {
                    batch.names.extend(rows_of(next, &case));
                }
            }
            rotated.cases += 1;
        }
        let renamed: Vec<Uuid> = batch.keys.iter().map(|(id, _)| *id).collect();
        tx.forget_names(&renamed).await?;
        tx.write(&batch, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The last step, whole or not at all: accounts, and which key is the current one.
    async fn end_rotation(&self, next: &OrganisationKey, now: DateTime<Utc>) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        for account in self.store.accounts().await? {
            let Some(mut row) = tx.account_for_update(account.id).await? else {
                continue;
            };
            let place = crate::accounts::profile_place(row.id);
            let clear = self.key.open(&place, &Sealed::from_bytes(row.profile.clone()))?;
            row.login_index = login_index(next, &self.profile(&row)?.email);
            row.profile = self
                .with_entropy(|fill| next.seal(&place, &clear, fill))
                .into_bytes();
            tx.update_account(&row).await?;
        }
        self.note_key(&mut tx, self.key.fingerprint(), KeyState::Former, now)
            .await?;
        self.note_key(&mut tx, next.fingerprint(), KeyState::Current, now)
            .await?;
        tx.audit(&[AuditEntry {
            at: now,
            actor: "console".to_owned(),
            action: "key_rotated".to_owned(),
            resource: format!("key:{}", next.fingerprint()),
            detail: None,
        }])
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn note_key(
        &self,
        tx: &mut WriteTx,
        fingerprint: &str,
        state: KeyState,
        since: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let row = KeyRow {
            fingerprint: fingerprint.to_owned(),
            state,
            since,
        };
        Ok(tx.put_key(&row).await?)
    }
}
