//! A long stream sealed in frames: each frame opens only in its place, in its file, and the last one says that it is the
//! last. So a frame that was changed, dropped, swapped, repeated or cut off is found, and which one.
//! Knows neither what is in a frame nor where frames are kept.
//!
//! The key of a file is HKDF-SHA256 of the organisation's backup key with the file's random salt and the SHA-256 of its
//! header, so nothing in the header can be changed either. A frame is XChaCha20-Poly1305 with, as nonce, 15 zero bytes, the
//! frame's number from 0 (8 bytes, big-endian) and 1 for the last frame or 0; the key is used for one file only, so no
//! nonce comes twice.

use sha2::{Digest, Sha256};

use crate::OrganisationKey;
use crate::cipher::{self, Key};

/// Bytes of a file's salt.
pub const SALT_BYTES: usize = 32;
/// What sealing adds to a frame.
pub const FRAME_OVERHEAD: usize = 16;

/// Seals one file's frames, in order.
#[derive(Debug)]
pub struct FrameSealer(Frames);

/// Opens one file's frames, in order.
#[derive(Debug)]
pub struct FrameOpener(Frames);

struct Frames {
    key: Key,
    next: u64,
}

impl OrganisationKey {
    /// Begins to seal a file. `salt` must be fresh random bytes that stand in `header`.
    pub fn seal_frames(&self, salt: &[u8; SALT_BYTES], header: &[u8]) -> FrameSealer {
        FrameSealer(self.frames(salt, header))
    }

    /// Begins to open a file sealed with this salt and header.
    pub fn open_frames(&self, salt: &[u8; SALT_BYTES], header: &[u8]) -> FrameOpener {
        FrameOpener(self.frames(salt, header))
    }

    fn frames(&self, salt: &[u8; SALT_BYTES], header: &[u8]) -> Frames {
        let mut info = b"peshi/1/backup-file\0".to_vec();
        info.extend_from_slice(&Sha256::digest(header));
        Frames {
            key: cipher::derive_salted(&self.backup, salt, &info),
            next: 0,
        }
    }
}

impl FrameSealer {
    /// The next frame, sealed. After the last one there is none.
    pub fn seal(&mut self, clear: &[u8], last: bool) -> Vec<u8> {
        let nonce = self.0.nonce(last);
        cipher::seal_with(&self.0.key, nonce, clear)
    }
}

impl FrameOpener {
    /// The next frame, opened; `None` if it is not this file's next frame, or not whole, or `last` is not true of it.
    pub fn open(&mut self, sealed: &[u8], last: bool) -> Option<Vec<u8>> {
        let nonce = self.0.nonce(last);
        cipher::open_with(&self.0.key, nonce, sealed)
    }
}

impl Frames {
    fn nonce(&mut self, last: bool) -> [u8; cipher::NONCE_BYTES] {
        let mut nonce = [0; cipher::NONCE_BYTES];
        nonce[15..23].copy_from_slice(&self.next.to_be_bytes());
        nonce[23] = u8::from(last);
        self.next += 1;
        nonce
    }
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frames(next {})", self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: [u8; SALT_BYTES] = [3; SALT_BYTES];

    fn key(seed: u8) -> OrganisationKey {
        let dir = tempfile::tempdir().unwrap();
        OrganisationKey::create(&dir.path().join("key"), &mut |bytes: &mut [u8]| bytes.fill(seed)).unwrap()
    }

    fn sealed(parts: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut sealer = key(1).seal_frames(&SALT, b"header");
        let last = parts.len() - 1;
        parts
            .iter()
            .enumerate()
            .map(|(i, part)| sealer.seal(part, i == last))
            .collect()
    }

    /// How many frames open in order, the last of them marked as the last.
    fn opening(frames: &[Vec<u8>], opener: &mut FrameOpener) -> usize {
        let last = frames.len() - 1;
        frames
            .iter()
            .enumerate()
            .take_while(|(i, frame)| opener.open(frame, *i == last).is_some())
            .count()
    }

    #[test]
    fn frames_open_in_order_with_their_key_salt_and_header() {
        let frames = sealed(&[b"one", b"", b"three"]);
        let mut opener = key(1).open_frames(&SALT, b"header");
        assert_eq!(opener.open(&frames[0], false).unwrap(), b"one");
        assert_eq!(opener.open(&frames[1], false).unwrap(), b"");
        assert_eq!(opener.open(&frames[2], true).unwrap(), b"three");
        for mut other in [
            key(2).open_frames(&SALT, b"header"),
            key(1).open_frames(&[4; SALT_BYTES], b"header"),
            key(1).open_frames(&SALT, b"heeder"),
        ] {
            assert_eq!(other.open(&frames[0], false), None);
        }
    }

    #[test]
    fn swapped_dropped_repeated_cut_and_flipped_frames_are_found() {
        let whole = sealed(&[b"one", b"two", b"three", b"four"]);
        let open = |frames: &[Vec<u8>]| opening(frames, &mut key(1).open_frames(&SALT, b"header"));
        assert_eq!(open(&whole), 4);
        let mut swapped = whole.clone();
        swapped.swap(1, 2);
        assert_eq!(open(&swapped), 1);
        let mut dropped = whole.clone();
        dropped.remove(1);
        assert_eq!(open(&dropped), 1);
        let mut repeated = whole.clone();
        repeated.insert(2, whole[1].clone());
        assert_eq!(open(&repeated), 2);
        assert_eq!(open(&whole[..3]), 2, "the new end is not marked as one");
        let mut flipped = whole.clone();
        flipped[2][5] ^= 1;
        assert_eq!(open(&flipped), 2);
    }
}
