//! What every use case stands on, and the writer's tasks share: the store, the key, the packs, random bytes.
//! Knows no use case.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use peshi_casework::Case;
use peshi_casework::pack::{Pack, PackFiles, load};
use peshi_store::{Store, StoreError, WriteTx};
use peshi_vault::{Fill, OrganisationKey};

use crate::Entropy;
use crate::error::ServiceError;
use crate::library::Library;
use crate::meters::Meters;

/// The shared ground of the use cases.
pub(crate) struct Core {
    pub(crate) store: Arc<Store>,
    pub(crate) key: Arc<OrganisationKey>,
    pub(crate) library: Arc<Library>,
    pub(crate) meters: Meters,
    entropy: Mutex<Entropy>,
    /// Packs whose files are known to be in the database, where nothing removes them.
    stored_packs: Mutex<BTreeSet<String>>,
}

impl Core {
    pub(crate) fn new(
        store: Arc<Store>,
        key: Arc<OrganisationKey>,
        library: Arc<Library>,
        entropy: Entropy,
    ) -> Self {
        Self {
            store,
            key,
            library,
            meters: Meters::default(),
            entropy: Mutex::new(entropy),
            stored_packs: Mutex::default(),
        }
    }

    /// Runs `use_it` with the random source; never across an await.
    pub(crate) fn with_entropy<T>(&self, use_it: impl FnOnce(&mut Fill<'static>) -> T) -> T {
        use_it(&mut **self.entropy.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a pack's files are known to be stored.
    pub(crate) fn has_stored(&self, hash: &str) -> bool {
        let stored = self.stored_packs.lock().unwrap_or_else(PoisonError::into_inner);
        stored.contains(hash)
    }

    /// These packs' files were stored, and the transaction was kept.
    pub(crate) fn now_stored(&self, hashes: &[String]) {
        let mut stored = self.stored_packs.lock().unwrap_or_else(PoisonError::into_inner);
        stored.extend(hashes.iter().cloned());
    }

    /// Keeps a transaction in which so many commands were written.
    pub(crate) async fn commit(&self, tx: WriteTx, commands: usize) -> Result<(), StoreError> {
        let since = self.meters.steady();
        tx.commit().await?;
        self.meters.committed(since, commands);
        Ok(())
    }

    /// The pack a case is pinned to, from the library or, for an older version, from the store.
    pub(crate) async fn pinned(&self, case: &Case) -> Result<Arc<Pack>, ServiceError> {
        if let Some(pack) = self.library.pinned(&case.pack.hash) {
            return Ok(pack);
        }
        let corrupt = |problem: String| ServiceError::Corrupt {
            case: case.reference.clone(),
            problem,
        };
        let row = self.store.pack(&case.pack.hash).await?.ok_or_else(|| {
            corrupt(format!(
                "its pack `{}` version {} is not stored",
                case.pack.name, case.pack.version
            ))
        })?;
        let files: PackFiles = serde_json::from_value(row.content).map_err(|e| corrupt(e.to_string()))?;
        let pack = load(&files)
            .0
            .ok_or_else(|| corrupt(format!("its stored pack `{}` can no longer be read", row.name)))?;
        let pack = Arc::new(pack);
        self.library.remember(Arc::clone(&pack));
        Ok(pack)
    }
}
