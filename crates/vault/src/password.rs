//! Password hashes: argon2id in PHC string form. Knows no account, no throttle and no policy on what a
//! good password is.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use crate::{Fill, VaultError};

/// 19 MiB, two passes, one lane: the first choice of OWASP's password storage cheat sheet for argon2id,
/// and small enough for a cheap server.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// A stored hash that asks for more than this is not ours, and obeying it could exhaust the machine.
const MEMORY_LIMIT_KIB: u32 = 256 * 1024;
const PASSES_LIMIT: u32 = 16;
const LANES_LIMIT: u32 = 16;

/// Hashes a password under a fresh salt: a PHC string, `$argon2id$v=19$m=19456,t=2,p=1$…`.
///
/// Takes some tens of milliseconds of processor time: call it off the async threads.
///
/// # Errors
/// [`VaultError::PasswordHash`] if memory is short.
pub fn hash(password: &str, fill: &mut Fill<'_>) -> Result<String, VaultError> {
    let mut salt = [0; SALT_BYTES];
    fill(&mut salt);
    hash_with_salt(password, &salt)
}

/// Whether `password` is the one behind the stored PHC string. A string that is malformed, of another
/// algorithm or unreasonably costly matches no password.
pub fn verify(password: &str, phc: &str) -> bool {
    let Ok(stored) = PasswordHash::new(phc) else {
        return false;
    };
    if stored.algorithm.as_str() != Algorithm::Argon2id.as_str() {
        return false;
    }
    let Ok(params) = Params::try_from(&stored) else {
        return false;
    };
    let affordable = params.m_cost() <= MEMORY_LIMIT_KIB
        && params.t_cost() <= PASSES_LIMIT
        && params.p_cost() <= LANES_LIMIT;
    // The verifier takes the costs from the stored hash, so a later change of ours locks nobody out.
    affordable
        && Argon2::default()
            .verify_password(password.as_bytes(), &stored)
            .is_ok()
}

/// Spends what [`verify`] would spend, for an account that does not exist, so that the time of an answer
/// does not tell which accounts do. Always `false`.
pub fn dummy_verify(password: &str) -> bool {
    // Kept from the optimiser, which could otherwise drop a hash nobody looks at.
    drop(std::hint::black_box(hash_with_salt(password, &[0; SALT_BYTES])));
    false
}

fn hash_with_salt(password: &str, salt: &[u8; SALT_BYTES]) -> Result<String, VaultError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)).map_err(|e| failed(&e))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|e| failed(&e))
}

fn failed(reason: &dyn std::fmt::Display) -> VaultError {
    VaultError::PasswordHash {
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fives(bytes: &mut [u8]) {
        bytes.fill(5);
    }

    #[test]
    fn only_the_same_password_verifies() {
        let phc = hash("درست بیٹری گھوڑا", &mut fives).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(verify("درست بیٹری گھوڑا", &phc));
        assert!(!verify("درست بیٹری گھوڑ", &phc));
        assert!(!verify("", &phc));
    }

    #[test]
    fn salts_make_equal_passwords_look_different() {
        let other = hash("same", &mut |bytes: &mut [u8]| bytes.fill(6)).unwrap();
        assert_ne!(hash("same", &mut fives).unwrap(), other);
    }

    #[test]
    fn agrees_with_another_implementation() {
        // Made with Debian's `argon2` program, which has costs other than ours: they are read from the string.
        assert!(verify(
            "test password",
            "$argon2id$v=19$m=4096,t=3,p=2$dGVzdHNhbHRzYWx0$9fESEq4YSc6XCPPaX9THWXYCW6qtWoAe"
        ));
    }

    #[test]
    fn nonsense_verifies_nothing_and_panics_never() {
        let good = hash("x", &mut fives).unwrap();
        for phc in [
            String::new(),
            "x".into(),
            "$".into(),
            "$argon2id$".into(),
            "$2b$10$abcdefghijklmnopqrstuuPpVd0CjZ1u6wZ0C0qjG6rN0e1wQe5yK".into(),
            good.replace("argon2id", "argon2i"),
            good.replace("argon2id", "argon2x"),
            good.replace("v=19", "v=99"),
            good.replace("m=19456", "m=4194304"),
            good.replace("m=19456", "m=0"),
            good.replace("t=2", "t=4294967295"),
            good.replace("p=1", "p=0"),
            good.rsplit_once('$').unwrap().0.into(),
            format!("{good}$"),
        ] {
            assert!(!verify("x", &phc), "{phc}");
        }
    }

    #[test]
    fn the_dummy_does_the_real_work() {
        assert!(!dummy_verify("x"));
        let phc = hash_with_salt("x", &[0; SALT_BYTES]).unwrap();
        assert!(verify("x", &phc), "the dummy's hash is a full hash at our costs");
    }
}
