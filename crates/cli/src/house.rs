//! Composition: the data folder, the key, the store, packs, templates and delivery put together once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use peshi_casework::pack::{PackFiles, disclosures};
use peshi_delivery::{DeliveryConfig, Kind, SmtpConfig, Tls, Transport};
use peshi_scheduler::{Scheduler, Settings as SchedulerSettings};
use peshi_service::{Clock, Library, ScheduleSpec, Service, earlier_words as library_words};
use peshi_store::{Backend, KeyState, Store, StoreOptions};
use peshi_templates::{Lang, Renderer, Texts};
use peshi_vault::{OrganisationKey, VaultError};

use crate::clock::{SystemClock, entropy};
use crate::packs::{Folders, forbidden};
use crate::settings::Settings;

/// Everything a command needs.
pub(crate) struct House {
    pub(crate) settings: Settings,
    pub(crate) service: Arc<Service>,
    pub(crate) store: Arc<Store>,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) schedules: Vec<ScheduleSpec>,
}

/// Places in the data folder.
pub(crate) struct Places {
    pub(crate) data: PathBuf,
    pub(crate) key: PathBuf,
    /// Where the next key lies while the key is being replaced.
    pub(crate) next_key: PathBuf,
    pub(crate) outbox: PathBuf,
    pub(crate) database: String,
}

impl Places {
    pub(crate) fn of(settings: &Settings) -> Result<Self> {
        let data = std::path::absolute(&settings.data)
            .with_context(|| format!("the data folder {} has no absolute path", settings.data.display()))?;
        let database = settings
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", data.join("peshi.sqlite").display()));
        Ok(Self {
            key: data.join("key"),
            next_key: data.join("key.next"),
            outbox: data.join("outbox"),
            data,
            database,
        })
    }

    /// Puts the next key in the key's place; the old one stays beside it under its fingerprint. Gives where.
    pub(crate) fn replace_key(&self) -> Result<Option<PathBuf>> {
        let mut old = None;
        if self.key.exists() {
            let fingerprint = OrganisationKey::load(&self.key)?.fingerprint().to_owned();
            let place = self.data.join(format!("key.former-{fingerprint}"));
            std::fs::rename(&self.key, &place)?;
            old = Some(place);
        }
        std::fs::rename(&self.next_key, &self.key)?;
        std::fs::File::open(&self.data)?.sync_all()?;
        Ok(old)
    }

    /// Makes the folders, readable by their owner alone.
    pub(crate) fn make(&self) -> Result<()> {
        for folder in [&self.data, &self.outbox] {
            private_folder(folder)?;
        }
        Ok(())
    }
}

fn private_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| {
            format!(
                "the folder {} cannot be made; check the path and its owner",
                folder.display()
            )
        })
}

impl House {
    /// Opens the house; with `found` a fresh one is founded where there is none: folder, key, database.
    pub(crate) async fn open(settings: Settings, found: bool) -> Result<Self> {
        let places = Places::of(&settings)?;
        let schedules = settings.schedules()?;
        if found {
            places.make()?;
        } else if !places.data.is_dir() {
            anyhow::bail!(
                "there is no data folder at {}; `peshi serve` makes one, `--data DIR` names another",
                places.data.display()
            );
        }
        let folders = Folders::gather(&settings.packs)?;
        let library = folders.library()?;
        let mut renderer = renderer(&folders)?;
        let options = StoreOptions::default();
        let store = Arc::new(Store::connect(&places.database, &options).await?);
        if found && store.backend() == Backend::Postgres {
            store.migrate_beside_others().await?;
        } else if found {
            store.migrate().await?;
        } else {
            let pending = store.pending_migrations().await?;
            if !pending.is_empty() {
                anyhow::bail!(
                    "the database needs {} more steps; run `peshi migrate` first",
                    pending.len()
                );
            }
        }
        earlier_words(&mut renderer, &store, &library).await?;
        finish_replacing(&places, &store).await?;
        let key = Arc::new(key(&places, &store, found).await?);
        let transport = transport(&settings, &places)?;
        let service = Service::new(Arc::clone(&store), key, library, entropy()).in_zone(settings.zone);
        let service = Arc::new(service);
        service.meters().time_by(Arc::new(SystemClock));
        // Told at once whether this key belongs to this database: no page and no tick works with another.
        service.check_key(SystemClock.now()).await?;
        service.refresh_calendars().await?;
        Ok(Self {
            settings,
            service,
            store,
            renderer: Arc::new(renderer),
            transport,
            schedules,
        })
    }

    /// A worker of this house.
    pub(crate) fn scheduler(&self, base_url: Option<String>) -> Scheduler {
        let mut settings = SchedulerSettings::usual(worker());
        settings.schedules.clone_from(&self.schedules);
        settings.base_url = base_url.or_else(|| self.settings.base_url.clone());
        Scheduler::new(
            Arc::clone(&self.service),
            Arc::clone(&self.store),
            Arc::clone(&self.renderer),
            Arc::clone(&self.transport),
            settings,
        )
    }
}

/// This process among others: the machine's name, its number there, and a few random letters, for in containers the
/// first two are often the same.
fn worker() -> String {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let mut random = [0_u8; 2];
    entropy()(&mut random);
    let letters = u16::from_be_bytes(random);
    format!("{}-pid-{}-{letters:04x}", machine.trim(), std::process::id())
}

/// The key file; a new one only for a database that holds nothing yet, for no other key opens what one has sealed.
async fn key(places: &Places, store: &Store, found: bool) -> Result<OrganisationKey> {
    let bare = found && !store.has_accounts().await? && store.organisation_keys().await?.is_empty();
    if !places.key.exists() && bare {
        let mut source = entropy();
        match OrganisationKey::create(&places.key, &mut *source) {
            // Another process founded the same house at the same moment: its key is the one.
            Err(VaultError::KeyFileExists { .. }) => {}
            made => return Ok(made?),
        }
    }
    Ok(OrganisationKey::load(&places.key)?)
}

/// A rotation that was cut off between the database's last step and the renaming of the files is finished here.
pub(crate) async fn finish_replacing(places: &Places, store: &Store) -> Result<()> {
    if !places.next_key.exists() {
        return Ok(());
    }
    let next = OrganisationKey::load(&places.next_key)?;
    let known = store.organisation_keys().await?;
    let current = known
        .iter()
        .any(|row| row.fingerprint == next.fingerprint() && row.state == KeyState::Current);
    if current {
        places.replace_key()?;
    }
    Ok(())
}

/// Templates with every pack's words.
pub(crate) fn renderer(folders: &Folders) -> Result<Renderer> {
    let mut renderer = Renderer::new(Texts::new())?;
    for (name, files) in &folders.packs {
        if let Some(finding) = disclosures(files, &forbidden).first() {
            anyhow::bail!("the pack {name} cannot be used: {finding}");
        }
        learn(&mut renderer, name, files)?;
    }
    Ok(renderer)
}

/// Teaches the renderer the words of the versions that are in use and not among the folders.
async fn earlier_words(renderer: &mut Renderer, store: &Store, library: &Library) -> Result<()> {
    for row in store.packs().await? {
        if library.pinned(&row.hash).is_some() {
            continue;
        }
        let name = library_words(&row.name, &row.hash);
        let learned = serde_json::from_value::<PackFiles>(row.content)
            .map_err(anyhow::Error::from)
            .and_then(|files| learn(renderer, &name, &files));
        // Old words that no longer pass must not keep the desk shut; the current ones stand in for them.
        if let Err(error) = learned {
            tracing::warn!(pack = name, %error, "the words of an earlier version cannot be used");
        }
    }
    Ok(())
}

fn learn(renderer: &mut Renderer, name: &str, files: &PackFiles) -> Result<()> {
    let mut texts = Vec::new();
    let mut messages = Vec::new();
    for (file, text) in files {
        let lang = match file.as_str() {
            "locales/en.ftl" => Some(Lang::En),
            "locales/ur.ftl" => Some(Lang::Ur),
            "locales/ur-Latn.ftl" => Some(Lang::UrLatn),
            _ => None,
        };
        if let Some(lang) = lang {
            texts.push((lang, file.clone(), text.clone()));
        } else if let Some(message) = file.strip_prefix("messages/") {
            messages.push((message.to_owned(), text.clone()));
        }
    }
    renderer.add_pack(name, &texts, &messages)?;
    Ok(())
}

fn transport(settings: &Settings, places: &Places) -> Result<Arc<dyn Transport>> {
    let mail = &settings.mail;
    let kind = match mail.kind.as_str() {
        "file" => Kind::File,
        "smtp" => Kind::Smtp,
        other => anyhow::bail!("mail.kind is `{other}`; use `file` or `smtp`"),
    };
    let smtp = match &mail.smtp {
        None => None,
        Some(smtp) => {
            let password = match &smtp.password_file {
                None => None,
                Some(file) => Some(
                    std::fs::read_to_string(file)
                        .with_context(|| format!("the password file {} cannot be read", file.display()))?,
                ),
            };
            let mut config = SmtpConfig::new(&smtp.host);
            config.port = smtp.port;
            config.tls = match smtp.tls.as_str() {
                "none" => Tls::None,
                "starttls" => Tls::StartTls,
                "tls" => Tls::Tls,
                other => anyhow::bail!("mail.smtp.tls is `{other}`; use none, starttls or tls"),
            };
            config.username.clone_from(&smtp.username);
            config.password = password.map(|p| p.trim_end().to_owned().into());
            Some(config)
        }
    };
    let config = DeliveryConfig {
        kind,
        from: mail.from.clone(),
        domain: None,
        dir: Some(places.outbox.clone()),
        smtp,
    };
    Ok(peshi_delivery::from_config(&config)?)
}
