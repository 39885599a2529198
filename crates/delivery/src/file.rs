//! Messages as files in a folder: the default on a machine without a mail server, and an outbox to look at.
//!
//! File names hold a time and the message id, nothing personal; the files themselves are readable by their owner only.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::envelope::{Envelope, Sender};
use crate::error::DeliveryError;
use crate::transport::{Outcome, Transport, log};

/// Writes each message as `TIME-ID.eml`.
#[derive(Debug)]
pub struct FileTransport {
    dir: PathBuf,
    sender: Sender,
    /// Escaped message id → file name, so that a repeated message finds its file whatever its date. Filled from the folder
    /// at start; a second process on the same folder could at worst write the same message under a second time.
    names: Arc<Mutex<BTreeMap<String, String>>>,
}

impl FileTransport {
    /// Uses `dir`, creating it if needed.
    ///
    /// # Errors
    /// [`DeliveryError::Folder`].
    pub fn new(dir: impl Into<PathBuf>, sender: Sender) -> Result<Self, DeliveryError> {
        let dir = dir.into();
        let names = fs::create_dir_all(&dir)
            .and_then(|()| names_in(&dir))
            .map_err(|source| DeliveryError::Folder {
                dir: dir.clone(),
                source,
            })?;
        Ok(FileTransport {
            dir,
            sender,
            names: Arc::new(Mutex::new(names)),
        })
    }

    /// The file name for a message: the one it has already, or a new one.
    fn name(&self, envelope: &Envelope) -> String {
        let id = escape(&envelope.message_id);
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names
            .entry(id)
            .or_insert_with_key(|id| format!("{}-{id}.eml", envelope.date.format("%Y%m%dT%H%M%SZ")))
            .clone()
    }
}

#[async_trait]
impl Transport for FileTransport {
    async fn send(&self, envelope: &Envelope) -> Outcome {
        let outcome = match self.sender.compose(envelope) {
            Err(reason) => Outcome::Permanent { reason },
            Ok(message) => {
                let name = self.name(envelope);
                let (dir, file) = (self.dir.clone(), name.clone());
                let written =
                    tokio::task::spawn_blocking(move || write(&dir, &file, &message.formatted())).await;
                match written {
                    Ok(Ok(())) => Outcome::Accepted { detail: name },
                    Ok(Err(error)) => Outcome::Transient {
                        reason: explain(&self.dir, &error),
                    },
                    Err(error) => Outcome::Transient {
                        reason: format!("the writing task ended early: {error}"),
                    },
                }
            }
        };
        log(&self.sender.message_id(envelope), envelope, &outcome);
        outcome
    }

    fn describe(&self) -> String {
        format!("files in {}", self.dir.display())
    }
}

/// Names already in the folder, by message id.
fn names_in(dir: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // `TIME-ID.eml`: the time has no hyphen.
        if let Some((_, id)) = name
            .strip_suffix(".eml")
            .filter(|n| !n.starts_with('.'))
            .and_then(|n| n.split_once('-'))
        {
            names.insert(id.to_owned(), name.clone());
        }
    }
    Ok(names)
}

/// Whole or not at all: written beside, forced to disk, then renamed; the folder is forced to disk as well.
fn write(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let beside = dir.join(format!(".{name}.tmp"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let result = (|| {
        let mut file = options.open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, dir.join(name))?;
        #[cfg(unix)]
        fs::File::open(dir)?.sync_all()?;
        Ok(())
    })();
    if result.is_err() {
        // A half-written file helps nobody; that it cannot be removed changes nothing.
        let _ = fs::remove_file(&beside);
    }
    result
}

/// The message id as part of a file name: what a file system may dislike becomes `%XX`, one to one.
fn escape(message_id: &str) -> String {
    use std::fmt::Write as _;
    message_id.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"._-+".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The system's reason with what a person can do about it.
fn explain(dir: &Path, error: &io::Error) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space on that disk",
        io::ErrorKind::PermissionDenied => "give this program write permission there",
        io::ErrorKind::ReadOnlyFilesystem => "mount that disk writable or choose another folder",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file stands where the folder should be: move it away"
        }
        _ => "check the disk and the folder",
    };
    format!(
        "the folder {} cannot be written ({error}): {remedy}",
        dir.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::tests::{sample, sender};
    use chrono::TimeDelta;

    fn files(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_repeated_message_is_one_file_even_after_a_restart_and_at_another_time() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = dir.path().join("outbox");
        let expected = "20260309T020000Z-0192-sample%3A17%3A0.eml";
        let transport = FileTransport::new(&outbox, sender()).unwrap();
        assert_eq!(
            transport.send(&sample()).await,
            Outcome::Accepted {
                detail: expected.to_owned()
            }
        );
        assert_eq!(files(&outbox), [expected]);

        let later = Envelope {
            date: sample().date + TimeDelta::hours(5),
            subject: "Again".to_owned(),
            ..sample()
        };
        assert_eq!(
            transport.send(&later).await,
            Outcome::Accepted {
                detail: expected.to_owned()
            }
        );
        let restarted = FileTransport::new(&outbox, sender()).unwrap();
        assert_eq!(
            restarted.send(&later).await,
            Outcome::Accepted {
                detail: expected.to_owned()
            }
        );
        assert_eq!(files(&outbox), [expected]);
        let content = fs::read_to_string(outbox.join(expected)).unwrap();
        assert!(
            content.contains("Subject: Again\r\n")
                && content.contains("Message-ID: <0192-sample:17:0@mail.example.org>")
        );

        let other = Envelope {
            message_id: "other".to_owned(),
            ..sample()
        };
        restarted.send(&other).await;
        assert_eq!(files(&outbox).len(), 2);
        assert!(transport.describe().contains("outbox"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn files_are_readable_by_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let transport = FileTransport::new(dir.path(), sender()).unwrap();
        transport.send(&sample()).await;
        let mode = fs::metadata(dir.path().join(&files(dir.path())[0]))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn an_unusable_folder_is_transient_with_a_remedy_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = dir.path().join("outbox");
        let transport = FileTransport::new(&outbox, sender()).unwrap();
        // Works as root too, unlike permissions: the folder became a file.
        fs::remove_dir(&outbox).unwrap();
        fs::write(&outbox, "in the way").unwrap();
        let Outcome::Transient { reason } = transport.send(&sample()).await else {
            panic!("transient expected")
        };
        assert!(reason.contains("move it away"), "{reason}");
        // Once the cause is gone, the same message goes out.
        fs::remove_file(&outbox).unwrap();
        assert!(matches!(
            transport.send(&sample()).await,
            Outcome::Accepted { .. }
        ));
        assert_eq!(files(&outbox).len(), 1);
        assert!(FileTransport::new(outbox.join(&files(&outbox)[0]), sender()).is_err());
    }

    #[tokio::test]
    async fn a_faulty_envelope_is_permanent() {
        let dir = tempfile::tempdir().unwrap();
        let transport = FileTransport::new(dir.path(), sender()).unwrap();
        let wrong = Envelope {
            message_id: "../../etc/x".to_owned(),
            ..sample()
        };
        assert!(matches!(transport.send(&wrong).await, Outcome::Permanent { .. }));
        assert_eq!(files(dir.path()), Vec::<String>::new());
    }

    #[test]
    fn remedies_fit_the_cause() {
        for (kind, expected) in [
            (io::ErrorKind::StorageFull, "free some space"),
            (io::ErrorKind::ReadOnlyFilesystem, "writable"),
            (io::ErrorKind::PermissionDenied, "permission"),
            (io::ErrorKind::Other, "check the disk"),
        ] {
            let reason = explain(Path::new("/outbox"), &io::Error::from(kind));
            assert!(
                reason.contains(expected) && reason.contains("/outbox"),
                "{reason}"
            );
        }
    }
}
