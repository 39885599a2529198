//! What is stored of a secret: opaque bytes. Knows no key, so nothing here can show the clear text;
//! neither type can be serialised or shown by accident, only handed over as bytes on purpose.

use std::fmt;

/// A sealed field as stored: 24 bytes nonce, then the cipher text, then a 16-byte tag.
///
/// Two seals of the same clear text differ, so equality says nothing about the content.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// A case key as stored: sealed under the organisation key. Destroying every copy erases the case.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey(Vec<u8>);

impl Sealed {
    /// The stored bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Bytes read back from storage. Whether they are whole is found out when they are opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The stored bytes, to be kept.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl WrappedKey {
    /// The stored bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Bytes read back from storage. Whether they are whole is found out when they are unwrapped.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The stored bytes, to be kept.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_length_only() {
        assert_eq!(
            format!("{:?}", Sealed::from_bytes(b"abc".to_vec())),
            "Sealed(3 bytes)"
        );
        assert_eq!(
            format!("{:?}", WrappedKey::from_bytes(b"abcd".to_vec())),
            "WrappedKey(4 bytes)"
        );
    }

    #[test]
    fn bytes_survive_storage() {
        assert_eq!(
            Sealed::from_bytes(vec![1, 2]).into_bytes(),
            Sealed::from_bytes(vec![1, 2]).as_bytes()
        );
        assert_eq!(
            WrappedKey::from_bytes(vec![3]).into_bytes(),
            WrappedKey::from_bytes(vec![3]).as_bytes()
        );
    }
}
