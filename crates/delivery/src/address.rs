//! A recipient's mail address, which prints masked.
//!
//! Knows no person.

use std::fmt;
use std::str::FromStr;

use crate::error::DeliveryError;

/// One mail address. Shown only masked (`a***@e…`), so that no log or error betrays whom a message went to.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Reads one bare address.
    ///
    /// # Errors
    /// [`DeliveryError::Address`] for a display name, several addresses, control characters or letters outside ASCII.
    pub fn parse(text: &str) -> Result<Self, DeliveryError> {
        let text = text.trim();
        match lettre::Address::from_str(text) {
            Ok(address) if text.is_ascii() => Ok(Address(address.to_string())),
            _ => Err(DeliveryError::Address { masked: mask(text) }),
        }
    }

    /// The whole address, for the transport.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// First letter of the mailbox and of the domain: enough to recognise one's own, too little to find another's.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.masked())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl FromStr for Address {
    type Err = DeliveryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Address::parse(text)
    }
}

fn mask(text: &str) -> String {
    let first = |part: &str| {
        part.chars()
            .next()
            .filter(|c| c.is_alphanumeric())
            .map(String::from)
            .unwrap_or_default()
    };
    match text.rsplit_once('@') {
        Some((mailbox, domain)) => format!("{}***@{}…", first(mailbox), first(domain)),
        None => format!("{}***", first(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_strictly_and_shown_masked() {
        let address = Address::parse(" anyone@example.org ").unwrap();
        assert_eq!(address.as_str(), "anyone@example.org");
        assert_eq!(address.to_string(), "a***@e…");
        assert_eq!(format!("{address:?}"), "Address(a***@e…)");
        for wrong in [
            "",
            "anyone",
            "Any One <anyone@example.org>",
            "a@example.org, b@example.org",
            "a@example.org\r\nBcc: b@example.org",
            "نام@example.org",
            "a@",
        ] {
            let error = Address::parse(wrong).unwrap_err().to_string();
            assert!(!error.contains("anyone@example.org"), "{error}");
        }
    }
}
