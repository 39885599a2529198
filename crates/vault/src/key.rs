//! The organisation key, from which everything secret hangs, and the case keys wrapped by it.
//! Knows nothing of files (see `key_file`), of tables, or of who may ask.

use std::fmt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::cipher::{self, Key};
use crate::{Fill, Sealed, VaultError, WrappedKey, hex, key_file, paper};

/// The one key of an organisation, read from a file at start and held only in memory.
///
/// The file's 32 bytes are never used directly: HKDF-SHA256 derives one key for each purpose, so
/// that what is made for one purpose is worthless for another. All are wiped from memory on drop.
pub struct OrganisationKey {
    seal: Key,
    wrap: Key,
    index: Key,
    pub(crate) backup: Key,
    fingerprint: String,
}

/// The key of one case. Whatever is sealed with it is lost for good when its [`WrappedKey`] is destroyed.
pub struct CaseKey(Key);

impl OrganisationKey {
    /// Makes a new key and writes it to `path` with mode 0600; an existing file is never touched.
    ///
    /// # Errors
    /// [`VaultError::KeyFileExists`], [`VaultError::KeyFileIo`], or [`VaultError::NoRandomness`] if
    /// `fill` leaves only zeros.
    pub fn create(path: &Path, fill: &mut Fill<'_>) -> Result<Self, VaultError> {
        let mut master = Key::default();
        fill(master.as_mut_slice());
        if master.iter().all(|byte| *byte == 0) {
            return Err(VaultError::NoRandomness);
        }
        key_file::write_new(path, &master)?;
        Ok(Self::from_master(&master))
    }

    /// Reads the key from `path`.
    ///
    /// # Errors
    /// [`VaultError::KeyFileMissing`], [`VaultError::KeyFileExposed`] if others on the machine may
    /// read or write it, [`VaultError::KeyFileMalformed`], [`VaultError::KeyFileIo`].
    pub fn load(path: &Path) -> Result<Self, VaultError> {
        Ok(Self::from_master(&key_file::read(path)?))
    }

    /// Copies a key file, private and flushed to disk; an existing file is never touched.
    ///
    /// # Errors
    /// As [`OrganisationKey::load`] for `from` and [`OrganisationKey::create`] for `to`.
    pub fn copy(from: &Path, to: &Path) -> Result<(), VaultError> {
        key_file::write_new(to, &key_file::read(from)?)
    }

    /// The key, and its eight lines for paper: four groups of two digits and two letters that check the line.
    ///
    /// # Errors
    /// As [`OrganisationKey::load`].
    pub fn paper(path: &Path) -> Result<(Self, Zeroizing<String>), VaultError> {
        let master = key_file::read(path)?;
        Ok((Self::from_master(&master), paper::print(&master)))
    }

    /// Makes a key file at `path` from the lines on paper; an existing file is never touched.
    ///
    /// # Errors
    /// [`VaultError::Paper`] with the line that does not fit, or as [`OrganisationKey::create`].
    pub fn from_paper(lines: &str, path: &Path) -> Result<Self, VaultError> {
        let master = paper::read(lines).map_err(|line| VaultError::Paper { line })?;
        key_file::write_new(path, &master)?;
        Ok(Self::from_master(&master))
    }

    fn from_master(master: &Key) -> Self {
        Self {
            seal: cipher::derive(master, "peshi/1/seal"),
            wrap: cipher::derive(master, "peshi/1/wrap-case-key"),
            index: cipher::derive(master, "peshi/1/blind-index"),
            backup: cipher::derive(master, "peshi/1/backup"),
            fingerprint: hex::encode(&cipher::derive(master, "peshi/1/fingerprint")[..8]),
        }
    }

    /// Sixteen hexadecimal digits that name this key without betraying it. A database that keeps them
    /// can tell at start that it was given another organisation's key.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The blind index of a folded search form: HMAC-SHA256, 64 hexadecimal digits.
    ///
    /// Equal `domain` and `folded` give equal indexes, so a sealed name can be found by equality;
    /// without the key neither can be guessed, and different domains (say, name and phone) cannot be
    /// compared with each other.
    pub fn blind_index(&self, domain: &str, folded: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.index.as_slice()).expect("HMAC takes a key of any length");
        // The length in front keeps ("ab", "c") and ("a", "bc") apart.
        mac.update(&(domain.len() as u64).to_be_bytes());
        mac.update(domain.as_bytes());
        mac.update(folded.as_bytes());
        hex::encode(&mac.finalize().into_bytes())
    }

    /// Seals what belongs to the organisation and to no case (staff phone numbers, gateway passwords).
    ///
    /// `aad` names the place: table, column, row id. It is bound to the value, not hidden in it, and it
    /// appears in errors, so it must say nothing personal.
    pub fn seal(&self, aad: &str, clear: &[u8], fill: &mut Fill<'_>) -> Sealed {
        Sealed::from_bytes(cipher::seal(&self.seal, aad.as_bytes(), clear, fill))
    }

    /// Opens what [`OrganisationKey::seal`] made with the same `aad`.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`] if the key, the place or any bit is not what it was.
    pub fn open(&self, aad: &str, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
        cipher::open(&self.seal, aad.as_bytes(), sealed.as_bytes()).ok_or_else(|| does_not_open(aad))
    }

    /// Makes a key for the case with this id: the key to use now, and its wrapped form to store.
    pub fn new_case_key(&self, case: &str, fill: &mut Fill<'_>) -> (CaseKey, WrappedKey) {
        let mut key = Key::default();
        fill(key.as_mut_slice());
        let key = CaseKey(key);
        let wrapped = self.wrap(case, &key, fill);
        (key, wrapped)
    }

    /// Wraps the key of the case with this id, to be stored: when it is made, and when the organisation key is replaced.
    pub fn wrap(&self, case: &str, key: &CaseKey, fill: &mut Fill<'_>) -> WrappedKey {
        WrappedKey::from_bytes(cipher::seal(&self.wrap, case.as_bytes(), key.0.as_slice(), fill))
    }

    /// Unwraps the stored key of the case with this id.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`] if it is another case's key, another organisation's, or altered.
    pub fn unwrap(&self, case: &str, wrapped: &WrappedKey) -> Result<CaseKey, VaultError> {
        let fault = || does_not_open(&format!("case key of {case}"));
        let bytes = cipher::open(&self.wrap, case.as_bytes(), wrapped.as_bytes()).map(Zeroizing::new);
        let bytes = bytes.ok_or_else(fault)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| fault())?;
        Ok(CaseKey(Zeroizing::new(key)))
    }
}

impl CaseKey {
    /// Seals a field or a document of the case. `aad` as in [`OrganisationKey::seal`].
    pub fn seal(&self, aad: &str, clear: &[u8], fill: &mut Fill<'_>) -> Sealed {
        Sealed::from_bytes(cipher::seal(&self.0, aad.as_bytes(), clear, fill))
    }

    /// Opens what [`CaseKey::seal`] made with the same `aad`.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`] if the key, the place or any bit is not what it was.
    pub fn open(&self, aad: &str, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
        cipher::open(&self.0, aad.as_bytes(), sealed.as_bytes()).ok_or_else(|| does_not_open(aad))
    }
}

fn does_not_open(aad: &str) -> VaultError {
    VaultError::DoesNotOpen { aad: aad.to_owned() }
}

impl fmt::Debug for OrganisationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrganisationKey")
    }
}

impl fmt::Debug for CaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CaseKey")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every byte differs from the last, so no two draws are alike.
    fn counting(mut next: u8) -> impl FnMut(&mut [u8]) + Send {
        move |bytes| {
            for byte in bytes {
                next = next.wrapping_mul(5).wrapping_add(3);
                *byte = next;
            }
        }
    }

    fn organisation(seed: u8) -> OrganisationKey {
        OrganisationKey::from_master(&Zeroizing::new([seed; 32]))
    }

    const PLACE: &str = "people/name/0000";

    #[test]
    fn a_sealed_value_opens_only_with_its_key_and_at_its_place() {
        let mut fill = counting(1);
        let (ours, theirs) = (organisation(1), organisation(2));
        let (case, _) = ours.new_case_key("c1", &mut fill);
        let (other_case, _) = ours.new_case_key("c2", &mut fill);

        let field = case.seal(PLACE, b"Test Person", &mut fill);
        assert_eq!(case.open(PLACE, &field).unwrap(), b"Test Person");
        assert!(
            case.open("people/name/0001", &field).is_err(),
            "moved to another row"
        );
        assert!(other_case.open(PLACE, &field).is_err(), "another case's key");
        assert!(
            ours.open(PLACE, &field).is_err(),
            "the organisation key is not a case key"
        );

        let setting = ours.seal(PLACE, b"", &mut fill);
        assert_eq!(ours.open(PLACE, &setting).unwrap(), b"");
        let error = theirs.open(PLACE, &setting).unwrap_err().to_string();
        assert!(error.contains(PLACE) && error.contains("key file"), "{error}");
    }

    #[test]
    fn sealing_twice_gives_different_bytes() {
        let mut fill = counting(1);
        let key = organisation(1);
        assert_ne!(key.seal(PLACE, b"x", &mut fill), key.seal(PLACE, b"x", &mut fill));
    }

    #[test]
    fn stored_form_is_nonce_text_tag_and_shows_nothing() {
        let mut fill = counting(1);
        let sealed = organisation(1).seal(PLACE, b"Test Person", &mut fill);
        assert_eq!(sealed.as_bytes().len(), 24 + 11 + 16);
        assert!(!sealed.as_bytes().windows(4).any(|part| part == b"Test"));
    }

    #[test]
    fn a_case_key_unwraps_only_for_its_case_and_organisation() {
        let mut fill = counting(9);
        let (ours, theirs) = (organisation(1), organisation(2));
        let (case, wrapped) = ours.new_case_key("c1", &mut fill);
        let field = case.seal(PLACE, b"kept", &mut fill);

        let again = ours
            .unwrap("c1", &WrappedKey::from_bytes(wrapped.as_bytes().to_vec()))
            .unwrap();
        assert_eq!(again.open(PLACE, &field).unwrap(), b"kept");
        assert!(ours.unwrap("c2", &wrapped).is_err());
        assert!(theirs.unwrap("c1", &wrapped).is_err());

        let short = cipher::seal(&ours.wrap, b"c1", &[7; 31], &mut fill);
        assert!(
            ours.unwrap("c1", &WrappedKey::from_bytes(short)).is_err(),
            "a key of the wrong length"
        );
    }

    #[test]
    fn nothing_secret_is_printed() {
        let (case, _) = organisation(1).new_case_key("c1", &mut counting(1));
        assert_eq!(
            format!("{:?} {case:?}", organisation(1)),
            "OrganisationKey CaseKey"
        );
    }

    #[test]
    fn blind_indexes_depend_on_key_domain_and_text() {
        let key = organisation(1);
        let index = key.blind_index("name", "msh");
        assert_eq!(index.len(), 64);
        assert_eq!(index, organisation(1).blind_index("name", "msh"));
        assert_ne!(index, key.blind_index("name", "msk"));
        assert_ne!(index, key.blind_index("phone", "msh"));
        assert_ne!(index, organisation(2).blind_index("name", "msh"));
        assert_ne!(key.blind_index("ab", "c"), key.blind_index("a", "bc"));
    }

    #[test]
    fn the_derivations_never_change() {
        // Computed by hand with another implementation (Python's hmac): a change here would make every
        // installed database unreadable or unsearchable.
        let key = organisation(1);
        assert_eq!(key.fingerprint(), "6ca987e0ad206d46");
        assert_eq!(
            hex::encode(key.seal.as_slice()),
            "5a183e49114d3816f907fa7a0ef5ba87c9d743a65c0fabd547214f8b9e343475"
        );
        assert_eq!(
            hex::encode(key.wrap.as_slice()),
            "2645d940478c96dba19dc3cc587f63446db9543b94cf8c51c7d1f45bc52ffb65"
        );
        assert_eq!(
            key.blind_index("name", "msh"),
            "0ebd354f2bb873f7e607bd2752fc3f11cdef6fade32df700b6f1769e45676df8"
        );
    }

    #[test]
    fn the_cipher_is_xchacha20_poly1305() {
        // draft-irtf-cfrg-xchacha-03, A.3.1.
        let key: Key = Zeroizing::new(std::array::from_fn(|i| 0x80 + u8::try_from(i).unwrap()));
        let aad = [
            0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7,
        ];
        let clear =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
            sunscreen would be it.";
        let mut nonce = |bytes: &mut [u8]| {
            for (byte, value) in bytes.iter_mut().zip(0x40..) {
                *byte = value;
            }
        };
        let sealed = cipher::seal(&key, &aad, clear, &mut nonce);
        assert_eq!(hex::encode(&sealed[24..40]), "bd6d179d3e83d43b9576579493c0e939");
        assert_eq!(
            hex::encode(&sealed[sealed.len() - 16..]),
            "c0875924c1c7987947deafd8780acf49"
        );
    }

    proptest! {
        #[test]
        fn any_flipped_bit_and_any_cut_is_noticed(
            clear in prop::collection::vec(any::<u8>(), 0..80),
            place in any::<prop::sample::Index>(),
            bit in 0..8_u8,
        ) {
            let key = organisation(1);
            let whole = key.seal(PLACE, &clear, &mut counting(1)).into_bytes();
            prop_assert_eq!(key.open(PLACE, &Sealed::from_bytes(whole.clone())).unwrap(), clear);

            let at = place.index(whole.len());
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            prop_assert!(key.open(PLACE, &Sealed::from_bytes(flipped)).is_err());
            prop_assert!(key.open(PLACE, &Sealed::from_bytes(whole[..at].to_vec())).is_err());
        }
    }
}
