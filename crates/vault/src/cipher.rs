//! Sealing and opening with one 256-bit key: XChaCha20-Poly1305 under a random 192-bit nonce.
//! Knows neither what a key is for nor what is sealed.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Fill;

/// The nonce is long enough (192 bits) to be drawn at random for every value, with no counter kept.
pub(crate) const NONCE_BYTES: usize = 24;

/// 32 secret bytes, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// HKDF-SHA256 (RFC 5869) without salt: `label` says what the derived key is for.
pub(crate) fn derive(master: &Key, label: &str) -> Key {
    expand(&Hkdf::new(None, master.as_slice()), label.as_bytes())
}

/// The same with a salt.
pub(crate) fn derive_salted(master: &Key, salt: &[u8], info: &[u8]) -> Key {
    expand(&Hkdf::new(Some(salt), master.as_slice()), info)
}

fn expand(hkdf: &Hkdf<Sha256>, info: &[u8]) -> Key {
    let mut key = Key::default();
    hkdf.expand(info, key.as_mut_slice())
        .expect("32 bytes is within what HKDF-SHA256 can give (255 times 32)");
    key
}

/// Nonce, cipher text and tag. `aad` is bound in, not stored: opening needs the same text.
pub(crate) fn seal(key: &Key, aad: &[u8], clear: &[u8], fill: &mut Fill<'_>) -> Vec<u8> {
    let mut nonce = [0; NONCE_BYTES];
    fill(&mut nonce);
    let text = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: clear, aad })
        .expect("what fits in memory is below the cipher's limit of 256 GiB");
    let mut sealed = Vec::with_capacity(NONCE_BYTES + text.len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    sealed
}

/// The clear text, or `None` if the key, the `aad` or any bit is not what it was.
pub(crate) fn open(key: &Key, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    cipher(key)
        .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad })
        .ok()
}

/// Cipher text and tag under a nonce that the caller uses once only.
pub(crate) fn seal_with(key: &Key, nonce: [u8; NONCE_BYTES], clear: &[u8]) -> Vec<u8> {
    cipher(key)
        .encrypt(&XNonce::from(nonce), clear)
        .expect("what fits in memory is below the cipher's limit of 256 GiB")
}

/// What [`seal_with`] sealed, or `None` if anything differs.
pub(crate) fn open_with(key: &Key, nonce: [u8; NONCE_BYTES], sealed: &[u8]) -> Option<Vec<u8>> {
    cipher(key).decrypt(&XNonce::from(nonce), sealed).ok()
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(**key).into())
}
