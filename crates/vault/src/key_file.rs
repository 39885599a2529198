//! The key file on disk: one line, `peshi-key-1` and 64 hexadecimal digits, for its owner only.
//! Knows nothing of what the key is used for. Unix permissions are assumed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use crate::cipher::Key;
use crate::{VaultError, hex};

const LABEL: &str = "peshi-key-1 ";

/// Far longer than any key file, so a wrong path never reads a huge file into memory.
const READ_LIMIT: u64 = 1024;

/// Writes a new key file, private from its first byte and flushed to disk.
pub(crate) fn write_new(path: &Path, master: &Key) -> Result<(), VaultError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| {
            if source.kind() == io::ErrorKind::AlreadyExists {
                VaultError::KeyFileExists {
                    path: path.to_owned(),
                }
            } else {
                io_error("create", path, source)
            }
        })?;
    let digits = Zeroizing::new(hex::encode(master.as_slice()));
    let line = Zeroizing::new([LABEL, &digits, "\n"].concat());
    let written = file
        .write_all(line.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| sync_folder(path));
    written.map_err(|source| {
        // Half a key helps nobody and would block the next attempt. If even this fails, the first error matters more.
        drop(fs::remove_file(path));
        io_error("write", path, source)
    })
}

/// Reads a key file, refusing one that other users of the machine could read or replace.
pub(crate) fn read(path: &Path) -> Result<Key, VaultError> {
    let file = File::open(path).map_err(|source| {
        if source.kind() == io::ErrorKind::NotFound {
            VaultError::KeyFileMissing {
                path: path.to_owned(),
            }
        } else {
            io_error("open", path, source)
        }
    })?;
    // Asked of the open file, not of the path, so nobody can swap it in between.
    let mode = file
        .metadata()
        .map_err(|source| io_error("read", path, source))?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(VaultError::KeyFileExposed {
            path: path.to_owned(),
            mode,
        });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(128));
    file.take(READ_LIMIT)
        .read_to_end(&mut bytes)
        .map_err(|source| io_error("read", path, source))?;
    parse(&bytes).ok_or_else(|| VaultError::KeyFileMalformed {
        path: path.to_owned(),
    })
}

fn parse(bytes: &[u8]) -> Option<Key> {
    let digits = std::str::from_utf8(bytes).ok()?.trim().strip_prefix(LABEL)?;
    let mut key = Key::default();
    hex::decode_32(digits, &mut key)?;
    Some(key)
}

/// The file's name must survive a power cut too, and it lives in the folder.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn io_error(doing: &'static str, path: &Path, source: io::Error) -> VaultError {
    VaultError::KeyFileIo {
        doing,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OrganisationKey;

    fn sevens(bytes: &mut [u8]) {
        bytes.fill(0x77);
    }

    fn folder_and_path() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("organisation.key");
        (folder, path)
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn created_private_and_loaded_as_the_same_key() {
        let (_folder, path) = folder_and_path();
        let created = OrganisationKey::create(&path, &mut sevens).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            format!("peshi-key-1 {}\n", "77".repeat(32))
        );
        let loaded = OrganisationKey::load(&path).unwrap();
        assert_eq!(loaded.fingerprint(), created.fingerprint());
        let sealed = created.seal("t/c/1", b"kept", &mut sevens);
        assert_eq!(loaded.open("t/c/1", &sealed).unwrap(), b"kept");
    }

    #[test]
    fn an_existing_file_is_never_overwritten() {
        let (_folder, path) = folder_and_path();
        fs::write(&path, "something").unwrap();
        let error = OrganisationKey::create(&path, &mut sevens).unwrap_err();
        assert!(matches!(error, VaultError::KeyFileExists { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "something");
    }

    #[test]
    fn a_dead_random_source_makes_no_key() {
        let (_folder, path) = folder_and_path();
        let error = OrganisationKey::create(&path, &mut |_: &mut [u8]| ()).unwrap_err();
        assert!(matches!(error, VaultError::NoRandomness), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn a_missing_file_says_where_and_what_to_do() {
        let (_folder, path) = folder_and_path();
        let error = OrganisationKey::load(&path).unwrap_err();
        assert!(matches!(error, VaultError::KeyFileMissing { .. }));
        let text = error.to_string();
        assert!(
            text.contains(path.to_str().unwrap()) && text.contains("safe copy"),
            "{text}"
        );
    }

    #[test]
    fn a_file_open_to_others_is_refused_with_the_remedy() {
        let (_folder, path) = folder_and_path();
        OrganisationKey::create(&path, &mut sevens).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o644, 0o666] {
            set_mode(&path, mode);
            let error = OrganisationKey::load(&path).unwrap_err();
            assert!(matches!(error, VaultError::KeyFileExposed { mode: found, .. } if found == mode));
            let text = error.to_string();
            assert!(text.contains(&format!("mode {mode:03o}")), "{text}");
            assert!(text.contains(&format!("chmod 600 {}", path.display())), "{text}");
        }
        for mode in [0o400, 0o600] {
            set_mode(&path, mode);
            assert!(OrganisationKey::load(&path).is_ok(), "{mode:03o}");
        }
    }

    #[test]
    fn only_a_whole_key_line_is_a_key() {
        let digits = "0a".repeat(32);
        let (_folder, path) = folder_and_path();
        fs::write(&path, "").unwrap();
        set_mode(&path, 0o600);
        for text in [
            String::new(),
            digits.clone(),
            format!("peshi-key-2 {digits}\n"),
            format!("peshi-key-1 {}\n", &digits[2..]),
            format!("peshi-key-1 {digits}0a\n"),
            format!("peshi-key-1 {digits}\npeshi-key-1 {digits}\n"),
            format!("peshi-key-1 {}\n", "0x".repeat(32)),
        ] {
            fs::write(&path, &text).unwrap();
            let error = OrganisationKey::load(&path).unwrap_err();
            assert!(
                matches!(error, VaultError::KeyFileMalformed { .. }),
                "{text:?}: {error}"
            );
        }
        fs::write(&path, [0xff; 4096]).unwrap();
        assert!(matches!(
            OrganisationKey::load(&path),
            Err(VaultError::KeyFileMalformed { .. })
        ));
        fs::write(&path, format!("peshi-key-1 {}\r\n", digits.to_uppercase())).unwrap();
        assert!(
            OrganisationKey::load(&path).is_ok(),
            "an editor on another system is forgiven"
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_io_error() {
        let (folder, _) = folder_and_path();
        let path = folder.path().join("no-such-folder/key");
        let error = OrganisationKey::create(&path, &mut sevens).unwrap_err();
        assert!(
            matches!(error, VaultError::KeyFileIo { doing: "create", .. }),
            "{error}"
        );
    }
}
