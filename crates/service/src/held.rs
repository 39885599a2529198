//! Cases in the hands of a group: read, locked and opened before anything is decided, or made anew.
//! Knows what a group needs, and nothing of what is decided.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use peshi_casework::pack::Pack;
use peshi_casework::{Board, Case, Command};
use peshi_store::{CaseRow, PackRow, WriteTx};
use peshi_vault::CaseKey;
use peshi_vault::WrappedKey;
use peshi_vault::chain::{GENESIS, Hash};
use serde_json::json;
use uuid::Uuid;

use crate::core::Core;
use crate::erasure::is_erased;
use crate::error::ServiceError;
use crate::group::{Group, counter, latest};
use crate::sealing::{open_case, stored_hash};
use crate::writing::{Request, Submission};

/// A case in the hands of a group.
pub(crate) struct Held {
    pub(crate) case: Option<Case>,
    pub(crate) pack: Arc<Pack>,
    pub(crate) key: CaseKey,
    pub(crate) head: Hash,
    /// As it is in the database; none while it is being opened.
    pub(crate) stored: Option<Stored>,
    /// The wrapped key of a case that is being opened.
    pub(crate) new_key: Option<Vec<u8>>,
    pub(crate) external_key: Option<String>,
    /// Its board after the last accepted command; none if nothing changed it.
    pub(crate) changed: Option<Board>,
}

/// What a case's row said, or says once the group before is written.
pub(crate) struct Stored {
    pub(crate) version: i64,
    pub(crate) head: Hash,
    pub(crate) opened_at: DateTime<Utc>,
}

/// The versions and journal heads at which cases were found.
pub(crate) type Found = BTreeMap<Uuid, (i64, Vec<u8>)>;

impl Held {
    /// The same once it is written: what the next group finds. None for a case that was not opened after all.
    pub(crate) fn kept(mut self) -> Option<Self> {
        let case = self.case.as_ref()?;
        self.stored = Some(Stored {
            version: case.version,
            head: self.head,
            opened_at: self.stored.map_or(case.opened_at, |stored| stored.opened_at),
        });
        self.new_key = None;
        self.changed = None;
        Some(self)
    }
}

impl Core {
    /// Reads and locks what the requests need: numbers, then the calendars, then cases, then claimed jobs; always in this order, so that two
    /// transactions never wait for each other in a circle.
    pub(crate) async fn hold(&self, tx: &mut WriteTx, requests: &[Request]) -> Result<Group, ServiceError> {
        let all = || requests.iter().flat_map(|r| &r.group);
        let steps = requests
            .iter()
            .filter_map(|r| r.step.as_ref())
            .map(|(run, _)| run.clone());
        let names = steps
            .chain(all().filter_map(|s| s.numbered_in).map(counter))
            .collect();
        let numbers = if BTreeSet::is_empty(&names) {
            BTreeMap::new()
        } else {
            tx.counters(&names).await?
        };
        if all().next().is_some() {
            self.hold_calendars(tx).await?;
        }
        let mut held = self.open_held(tx, all()).await?;
        let mut packs = BTreeMap::new();
        for submission in all().filter(|s| matches!(s.command, Command::Open { .. })) {
            if let Entry::Vacant(place) = held.entry(submission.case) {
                let new = self.new_case(submission)?;
                packs.insert(new.pack.id.hash.clone(), Arc::clone(&new.pack));
                place.insert(new);
            }
        }
        if !packs.is_empty() {
            self.require_current_key(tx).await?;
            self.put_packs(tx, &packs, latest(requests)).await?;
        }
        let claims = claims(requests);
        let claims = if claims.is_empty() {
            BTreeSet::new()
        } else {
            tx.hold_claims(&claims).await?
        };
        Ok(Group {
            held,
            claims,
            numbers,
            packs: packs.into_keys().collect(),
            ..Group::default()
        })
    }

    /// Stores the files of the packs that new cases are pinned to, unless it is known that they are stored.
    async fn put_packs(
        &self,
        tx: &mut WriteTx,
        packs: &BTreeMap<String, Arc<Pack>>,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        for (hash, pack) in packs.iter().filter(|(hash, _)| !self.has_stored(hash)) {
            tx.put_pack(&PackRow {
                hash: hash.clone(),
                name: pack.id.name.clone(),
                version: i32::try_from(pack.id.version).unwrap_or(i32::MAX),
                content: json!(pack.files),
                first_used_at: now,
            })
            .await?;
        }
        Ok(())
    }

    async fn open_held(
        &self,
        tx: &mut WriteTx,
        submissions: impl Iterator<Item = &Submission>,
    ) -> Result<BTreeMap<Uuid, Held>, ServiceError> {
        let ids: Vec<Uuid> = submissions
            .map(|s| s.case)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = tx.cases_for_update(&ids).await?;
        let keys = tx.case_keys(&ids).await?;
        self.open_rows(rows, keys).await
    }

    /// Cases as they lie in the database now, kept from nobody.
    pub(crate) async fn read_ahead(&self, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Held>, ServiceError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = self.store.cases_by_ids(ids).await?;
        let keys = self.store.case_keys(ids).await?;
        self.open_rows(rows, keys).await
    }

    async fn open_rows(
        &self,
        rows: Vec<CaseRow>,
        mut keys: BTreeMap<Uuid, Vec<u8>>,
    ) -> Result<BTreeMap<Uuid, Held>, ServiceError> {
        let mut held = BTreeMap::new();
        // An erased case is not there for anybody.
        for row in rows.into_iter().filter(|row| !is_erased(row)) {
            let wrapped = keys.remove(&row.id).ok_or_else(|| ServiceError::Corrupt {
                case: row.reference.clone(),
                problem: "its key is gone: the case was erased".to_owned(),
            })?;
            let key = self
                .key
                .unwrap(&row.id.to_string(), &WrappedKey::from_bytes(wrapped))?;
            let case = open_case(row.id, &row.state, &key)?;
            let pack = self.pinned(&case).await?;
            let head = stored_hash(row.id, &row.head)?;
            held.insert(
                row.id,
                Held {
                    case: Some(case),
                    pack,
                    key,
                    head,
                    stored: Some(Stored {
                        version: row.version,
                        head,
                        opened_at: row.opened_at,
                    }),
                    new_key: None,
                    external_key: row.external_key,
                    changed: None,
                },
            );
        }
        Ok(held)
    }

    fn new_case(&self, submission: &Submission) -> Result<Held, ServiceError> {
        let name = submission.pack.as_deref().unwrap_or_default();
        let pack = self
            .library
            .current(name)
            .ok_or_else(|| ServiceError::invalid(format!("there is no pack named `{name}`")))?;
        let (key, wrapped) =
            self.with_entropy(|fill| self.key.new_case_key(&submission.case.to_string(), fill));
        Ok(Held {
            case: None,
            pack,
            key,
            head: GENESIS,
            stored: None,
            new_key: Some(wrapped.into_bytes()),
            external_key: submission.external_key.clone(),
            changed: None,
        })
    }
}

/// The claimed jobs that requests settle, with their attempts.
pub(crate) fn claims(requests: &[Request]) -> BTreeMap<String, i32> {
    let all = requests.iter().flat_map(|r| &r.group);
    all.filter_map(|s| s.settles.as_ref())
        .map(|s| (s.job.clone(), s.attempt))
        .collect()
}
