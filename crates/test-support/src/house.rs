//! A whole house: store, key, packs, templates, delivery, put together as the binary does it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use peshi_delivery::{FileTransport, Sender, Transport};
use peshi_scheduler::{Scheduler, Settings};
use peshi_service::{
    Backup, BackupError, Clock, Library, ManualClock, NewAccount, Role, Service, Viewer, earlier_words,
};
use peshi_store::{Store, StoreOptions};
use peshi_templates::Renderer;
use peshi_vault::OrganisationKey;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use tempfile::TempDir;

use crate::database::{Database, DatabaseKind};
use crate::shipped::{Folder, learn, renderer, shipped};

/// The password of every account a test makes.
pub const PASSWORD: &str = "an invented password";

/// A house of its own for one test.
pub struct House {
    /// Its folder; it goes with the house.
    pub dir: TempDir,
    /// Its database.
    pub database: Database,
    /// Its use cases.
    pub service: Arc<Service>,
    /// Its store.
    pub store: Arc<Store>,
    /// Its texts.
    pub renderer: Arc<Renderer>,
    /// Its way out.
    pub transport: Arc<dyn Transport>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House")
            .field("database", &self.database.url)
            .finish_non_exhaustive()
    }
}

impl House {
    /// A house with the shipped packs, mail as files in `outbox`, and the clock at `now`.
    ///
    /// # Panics
    /// When anything real is missing.
    pub async fn new(kind: DatabaseKind, now: DateTime<Utc>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let database = Database::fresh(kind, dir.path()).await;
        let store = Store::connect(&database.url, &StoreOptions::default())
            .await
            .expect("the database opens");
        store.migrate().await.expect("the schema is made");
        let mut random = ChaCha20Rng::seed_from_u64(7);
        OrganisationKey::create(&dir.path().join("key"), &mut |bytes: &mut [u8]| {
            random.fill_bytes(bytes);
        })
        .expect("the key is made");
        Self::over(dir, database, store, now)
    }

    /// A second house of the same organisation, in a place of its own, restored from a backup.
    ///
    /// # Errors
    /// What is wrong with the backup.
    ///
    /// # Panics
    /// When anything real is missing.
    pub async fn restored(&self, kind: DatabaseKind, backup: &[u8]) -> Result<Self, BackupError> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let database = Database::fresh(kind, dir.path()).await;
        let store = Store::connect(&database.url, &StoreOptions::default())
            .await
            .expect("the database opens");
        let restored = match Backup::read(backup) {
            Ok(backup) => backup.restore(&store, &self.key(), |_, _| {}).await,
            Err(error) => Err(error),
        };
        if let Err(error) = restored {
            let bare = store.pending_migrations().await.expect("the store answers");
            assert!(!bare.is_empty(), "a failed restore leaves no tables behind");
            drop(store);
            database.remove().await;
            return Err(error);
        }
        OrganisationKey::copy(&self.dir.path().join("key"), &dir.path().join("key"))
            .expect("the key is copied");
        Ok(Self::over(dir, database, store, self.clock.now()))
    }

    /// The organisation key as it lies in the folder.
    ///
    /// # Panics
    /// When it does not.
    pub fn key(&self) -> OrganisationKey {
        OrganisationKey::load(&self.dir.path().join("key")).expect("the key is there")
    }

    /// Services over a store that is ready, with the key in the folder.
    fn over(dir: TempDir, database: Database, store: Store, now: DateTime<Utc>) -> Self {
        let store = Arc::new(store);
        let key = OrganisationKey::load(&dir.path().join("key")).expect("the key is there");
        let mut random = ChaCha20Rng::seed_from_u64(8);
        let service = Service::new(
            Arc::clone(&store),
            Arc::new(key),
            shipped().library(),
            Box::new(move |bytes: &mut [u8]| random.fill_bytes(bytes)),
        );
        let sender = Sender::new("desk@peshi.invalid", None).expect("the sender is an address");
        let transport = FileTransport::new(dir.path().join("outbox"), sender).expect("the outbox is made");
        Self {
            service: Arc::new(service),
            store,
            renderer: Arc::clone(&shipped().renderer),
            transport: Arc::new(transport),
            clock: Arc::new(ManualClock::at(now)),
            database,
            dir,
        }
    }

    /// The use cases and texts of the same house after a new start with other packs: as when a new binary brings them.
    ///
    /// # Panics
    /// When the packs are not sound.
    pub async fn reopened(&self, packs: &BTreeMap<String, Folder>) -> (Arc<Service>, Arc<Renderer>) {
        let library = shipped().library_of(packs);
        let mut renderer = renderer(packs);
        for row in self.store.packs().await.expect("the store answers") {
            if library.pinned(&row.hash).is_none() {
                let files: Folder = serde_json::from_value(row.content).expect("stored files are texts");
                learn(&mut renderer, &earlier_words(&row.name, &row.hash), &files);
            }
        }
        let key = OrganisationKey::load(&self.dir.path().join("key")).expect("the key is there");
        let mut random = ChaCha20Rng::seed_from_u64(9);
        let entropy = Box::new(move |bytes: &mut [u8]| random.fill_bytes(bytes));
        let service = Service::new(Arc::clone(&self.store), Arc::new(key), library, entropy);
        (Arc::new(service), Arc::new(renderer))
    }

    /// The shipped packs, for a second service over the same store.
    ///
    /// # Panics
    /// When they are not sound.
    pub fn library(&self) -> Library {
        shipped().library()
    }

    /// The folder of the mail that left.
    pub fn outbox(&self) -> PathBuf {
        self.dir.path().join("outbox")
    }

    /// The mails that left, by Message-ID.
    ///
    /// # Panics
    /// When a mail has no Message-ID.
    pub fn mails(&self) -> BTreeMap<String, String> {
        let Ok(files) = std::fs::read_dir(self.outbox()) else {
            return BTreeMap::new();
        };
        files
            .map(|file| {
                std::fs::read_to_string(file.expect("a file of the outbox").path()).expect("a mail is text")
            })
            .map(|mail| {
                let id = mail
                    .lines()
                    .find_map(|l| l.strip_prefix("Message-ID: "))
                    .expect("it has a Message-ID");
                (id.to_owned(), mail.clone())
            })
            .collect()
    }

    /// Another node on the same database, reached at `url`, with the same key and packs and random bytes of its own.
    ///
    /// # Panics
    /// When anything real is missing.
    pub async fn beside(&self, url: &str, seed: u64) -> Arc<Service> {
        let store = Store::connect(url, &StoreOptions::default())
            .await
            .expect("the database opens");
        let key = OrganisationKey::load(&self.dir.path().join("key")).expect("the house has a key");
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        Arc::new(Service::new(
            Arc::new(store),
            Arc::new(key),
            shipped().library(),
            Box::new(move |bytes: &mut [u8]| random.fill_bytes(bytes)),
        ))
    }

    /// A worker of this house.
    pub fn scheduler(&self, worker: &str) -> Scheduler {
        self.scheduler_with(worker, Arc::clone(&self.transport))
    }

    /// A worker with a way out of its own.
    pub fn scheduler_with(&self, worker: &str, transport: Arc<dyn Transport>) -> Scheduler {
        Scheduler::new(
            Arc::clone(&self.service),
            Arc::clone(&self.store),
            Arc::clone(&self.renderer),
            transport,
            Settings::usual(worker),
        )
    }

    /// A member of staff who agreed to be written to.
    ///
    /// # Panics
    /// When the account cannot be made.
    pub async fn staff(&self, role: Role, login: &str, now: DateTime<Utc>) -> Viewer {
        self.staff_with(role, login, "en", true, now).await
    }

    /// A member of staff with a language and an answer to being written to.
    ///
    /// # Panics
    /// When the account cannot be made.
    pub async fn staff_with(
        &self,
        role: Role,
        login: &str,
        language: &str,
        may_be_mailed: bool,
        now: DateTime<Utc>,
    ) -> Viewer {
        let new = NewAccount {
            name: format!("{login} (invented)"),
            email: format!("{login}@demo.invalid"),
            role,
            language: language.to_owned(),
            password: PASSWORD.to_owned(),
            may_be_mailed,
        };
        self.service
            .create_account(&new, now)
            .await
            .expect("the account is made");
        self.service
            .viewer_by_login(&new.email)
            .await
            .expect("the account is there")
    }

    /// Ticks at every instant at which something is due, up to `until`, and leaves the clock there.
    ///
    /// # Panics
    /// When a tick fails.
    pub async fn live_until(&self, scheduler: &Scheduler, until: DateTime<Utc>) {
        scheduler
            .live_until(&self.clock, until)
            .await
            .expect("the ticks succeed");
    }
}
