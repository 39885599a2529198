//! Backup and restore: the whole database as one sealed file that either database reads back.
//!
//! A file is one line in the clear, the header, and then frames: the lines of the store's copy, deflated (RFC 1951), cut into
//! frames and sealed (`peshi_vault::FrameSealer`). Before each frame stand 4 bytes for the length of what is sealed,
//! big-endian, and 1 byte that is 1 for the last frame and else 0. The organisation key is not in the file.
//!
//! Knows files as streams of bytes; where they lie, and where the key lies, is the caller's affair.

mod frames;

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use peshi_store::{Store, StoreError};
use peshi_vault::{Fill, OrganisationKey, SALT_BYTES};
use serde::{Deserialize, Serialize};

use self::frames::{FrameReader, FrameWriter};
use crate::Service;
use crate::error::ServiceError;

/// What the first line begins with.
const LABEL: &str = "peshi-backup-1 ";
/// Longer than any header, so that a wrong file is not read into memory.
const HEADER_LIMIT: u64 = 64 * 1024;
/// Rows between two reports of progress.
const REPORT: u64 = 500;

/// What stands in the clear before a backup: enough to know what it is without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupHeader {
    /// When the backup was begun.
    pub made_at: DateTime<Utc>,
    /// The version of Peshi that made it.
    pub peshi: String,
    /// The schema steps that had run.
    pub schema: Vec<String>,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// The fingerprint of the organisation key that opens it.
    pub key: String,
    /// Random; makes the file's own key.
    salt: [u8; SALT_BYTES],
}

impl BackupHeader {
    /// Rows in all.
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }

    /// Cases.
    pub fn cases(&self) -> u64 {
        self.rows.get("cases").copied().unwrap_or(0)
    }
}

/// Why a backup cannot be made, read or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file does not begin like a backup.
    #[error(
        "this file is not a backup of Peshi, or its first line was changed; check that you named the right file"
    )]
    NotABackup,
    /// It needs another key.
    #[error(
        "this backup was sealed with the organisation key {needed}, and the key given is {given}. \
         Give the key file that was in use when the backup was made, with --key FILE"
    )]
    OtherKey {
        /// Fingerprint of the key that opens it.
        needed: String,
        /// Fingerprint of the key that was given.
        given: String,
    },
    /// A frame is not what was written.
    #[error(
        "the backup is damaged: frame {frame} does not open{}. Nothing was restored. \
         Use another copy of this backup, or an earlier backup",
        near(table.as_deref())
    )]
    Damaged {
        /// Its number, from 1.
        frame: u64,
        /// The table that was being read.
        table: Option<String>,
    },
    /// The file ends too early.
    #[error(
        "the backup is not whole: it ends after frame {frame}{}. Nothing was restored. \
         It was cut off while being copied or written: use another copy, or an earlier backup",
        near(table.as_deref())
    )]
    CutOff {
        /// The last whole frame.
        frame: u64,
        /// The table that was being read.
        table: Option<String>,
    },
    /// There is more in the file than was written.
    #[error(
        "the backup is damaged: something stands behind its last frame, {frame}. Nothing was restored. Use another copy"
    )]
    Appended {
        /// The last frame.
        frame: u64,
    },
    /// Everything opened, and yet the rows are not those the header promises.
    #[error(
        "the backup holds {found} rows of table {table}, and its header promises {promised}. Nothing was restored. \
         Report this: no damage to the file can cause it"
    )]
    OtherRows {
        /// The table.
        table: String,
        /// What the header says.
        promised: u64,
        /// What was read.
        found: u64,
    },
    /// The operating system.
    #[error("the backup cannot be {doing}: {source}. Check the file, its folder and the free space")]
    Io {
        /// `read` or `written`.
        doing: &'static str,
        /// Its words.
        source: io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn near(table: Option<&str>) -> String {
    table.map_or_else(
        || " (it stands before the first table)".to_owned(),
        |table| format!(" (while reading table {table})"),
    )
}

impl Service {
    /// Writes a backup of everything as it is now, while others go on working; `progress` is told rows done and rows in all.
    ///
    /// # Errors
    /// When the database or `out` fails. What was written until then is no backup.
    pub async fn backup(
        &self,
        out: impl Write + Send,
        peshi: &str,
        now: DateTime<Utc>,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<BackupHeader, ServiceError> {
        let snapshot = self.store.snapshot().await?;
        let mut salt = [0; SALT_BYTES];
        self.with_entropy(|fill: &mut Fill<'static>| fill(&mut salt));
        let header = BackupHeader {
            made_at: now,
            peshi: peshi.to_owned(),
            schema: self.store.schema().await?,
            rows: snapshot.counts().await?.into_iter().collect(),
            key: self.key.fingerprint().to_owned(),
            salt,
        };
        let (mut rows, total) = (0, header.total());
        let mut deflated = begin(&header, out, &self.key).map_err(written)?;
        let mut sink = |_: &'static str, line: &[u8]| {
            rows += u64::from(line.starts_with(b"["));
            if rows.is_multiple_of(REPORT) {
                progress(rows, total);
            }
            deflated.write_all(line)
        };
        snapshot.lines(&mut sink).await?;
        deflated.finish().and_then(FrameWriter::finish).map_err(written)?;
        Ok(header)
    }
}

fn begin<W: Write>(
    header: &BackupHeader,
    mut out: W,
    key: &OrganisationKey,
) -> io::Result<DeflateEncoder<FrameWriter<W>>> {
    let line = [LABEL, &serde_json::to_string(header)?, "\n"].concat();
    out.write_all(line.as_bytes())?;
    let sealer = key.seal_frames(&header.salt, line.as_bytes());
    Ok(DeflateEncoder::new(
        FrameWriter::new(out, sealer),
        Compression::fast(),
    ))
}

fn written(source: io::Error) -> ServiceError {
    ServiceError::Backup(BackupError::Io {
        doing: "written",
        source,
    })
}

/// A backup whose header was read.
pub struct Backup<R: Read> {
    header: BackupHeader,
    line: Vec<u8>,
    rest: R,
}

impl<R: Read> std::fmt::Debug for Backup<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backup")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl<R: BufRead + Send> Backup<R> {
    /// Reads the header; no key is needed for it.
    ///
    /// # Errors
    /// [`BackupError::NotABackup`]; when `input` fails.
    pub fn read(mut input: R) -> Result<Self, BackupError> {
        let mut line = Vec::new();
        Read::take(&mut input, HEADER_LIMIT)
            .read_until(b'\n', &mut line)
            .map_err(|source| BackupError::Io {
                doing: "read",
                source,
            })?;
        let header = line
            .strip_prefix(LABEL.as_bytes())
            .and_then(|json| serde_json::from_slice(json).ok())
            .ok_or(BackupError::NotABackup)?;
        Ok(Self {
            header,
            line,
            rest: input,
        })
    }

    /// What it is.
    pub fn header(&self) -> &BackupHeader {
        &self.header
    }

    /// Reads the whole file and opens every frame, and changes nothing.
    ///
    /// # Errors
    /// What is wrong with the file, or with the key.
    pub fn check(self, key: &OrganisationKey, mut progress: impl FnMut(u64, u64)) -> Result<(), BackupError> {
        let (header, mut lines) = self.lines(key)?;
        let (mut rows, total) = (0, header.total());
        while let Some(line) = lines.next()? {
            rows += u64::from(line.starts_with('['));
            if rows.is_multiple_of(REPORT) {
                progress(rows, total);
            }
        }
        lines.finish()
    }

    /// Restores it into a store that holds nothing; either all of it is there afterwards or nothing.
    ///
    /// # Errors
    /// What is wrong with the file, with the key, or with the place.
    pub async fn restore(
        self,
        store: &Store,
        key: &OrganisationKey,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<BackupHeader, BackupError> {
        let (header, mut lines) = self.lines(key)?;
        let mut restoration = store.restoring(&header.schema).await?;
        let (mut rows, total) = (0, header.total());
        while let Some(line) = lines.next()? {
            rows += u64::from(line.starts_with('['));
            if rows.is_multiple_of(REPORT) {
                progress(rows, total);
            }
            restoration.line(line).await?;
        }
        lines.finish()?;
        let restored = restoration.read();
        for (table, promised) in &header.rows {
            let found = restored.get(table).copied().unwrap_or(0);
            if found != *promised {
                return Err(BackupError::OtherRows {
                    table: table.clone(),
                    promised: *promised,
                    found,
                });
            }
        }
        restoration.commit().await?;
        store.refresh_statistics().await?;
        Ok(header)
    }

    fn lines(self, key: &OrganisationKey) -> Result<(BackupHeader, Lines<R>), BackupError> {
        let header = self.header;
        if header.key != key.fingerprint() {
            return Err(BackupError::OtherKey {
                needed: header.key,
                given: key.fingerprint().to_owned(),
            });
        }
        let opener = key.open_frames(&header.salt, &self.line);
        let frames = FrameReader::new(self.rest, opener);
        let lines = Lines {
            text: BufReader::new(DeflateDecoder::new(frames)),
            line: String::new(),
            table: None,
        };
        Ok((header, lines))
    }
}

/// The lines of a copy, and the table they have come to.
struct Lines<R: Read> {
    text: BufReader<DeflateDecoder<FrameReader<R>>>,
    line: String,
    table: Option<String>,
}

#[derive(Deserialize)]
struct TableLine {
    table: String,
}

impl<R: Read> Lines<R> {
    fn next(&mut self) -> Result<Option<&str>, BackupError> {
        self.line.clear();
        match self.text.read_line(&mut self.line) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(self.fault(error)),
        }
        if let Ok(begun) = serde_json::from_str::<TableLine>(&self.line) {
            self.table = Some(begun.table);
        }
        Ok(Some(self.line.trim_end()))
    }

    /// The text has ended; so must the file.
    fn finish(mut self) -> Result<(), BackupError> {
        let end = self.text.get_mut().get_mut().finish();
        end.map_err(|error| self.fault(error))
    }

    /// A fault of the frames, told with the table.
    fn fault(&self, error: io::Error) -> BackupError {
        frames::fault(error, self.text.get_ref().get_ref(), self.table.clone())
    }
}
