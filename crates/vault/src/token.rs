//! Random secrets to hand out: tokens for machines, and words for paper. Knows neither whose they are
//! nor how long they hold.

use sha2::{Digest, Sha256};

use crate::{Fill, hex};

const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// No vowels, so no word appears by chance; and of letters and digits mistaken for each other on paper
/// none (0 o, 1 i l, 5 s) or only one (2 z, u v).
const READABLE: &[u8; 25] = b"bcdfghjkmnpqrtvwxy2346789";
const GROUP_LETTERS: u32 = 4;

/// A new secret for a session, a calendar feed, the API or a link: 32 random bytes in 43 characters of
/// base64url (RFC 4648, without padding).
pub fn token(fill: &mut Fill<'_>) -> String {
    let mut bytes = [0; 32];
    fill(&mut bytes);
    base64_url(&bytes)
}

/// What is stored of a token: SHA-256 of its text, 64 hexadecimal digits. A plain hash is enough,
/// because 32 random bytes cannot be guessed; never use it for anything a person chose.
pub fn token_hash(token: &str) -> String {
    hex::encode(&Sha256::digest(token.as_bytes()))
}

/// A secret to be printed and typed: `groups` groups of four letters, such as `k7mp-2wqx-9dtr-h4vn`.
/// Each group carries 18.5 bits; four of them (74 bits) suffice for a first sign-in.
pub fn readable_secret(fill: &mut Fill<'_>, groups: usize) -> String {
    (0..groups)
        .map(|_| readable_group(fill))
        .collect::<Vec<_>>()
        .join("-")
}

fn readable_group(fill: &mut Fill<'_>) -> String {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    // 64 bits for a choice of 25⁴ (under 2¹⁹): what the remainder favours is below 2⁻⁴⁵.
    let mut rest = u64::from_be_bytes(bytes);
    let base = READABLE.len() as u64;
    (0..GROUP_LETTERS)
        .map(|_| {
            let letter = usize::try_from(rest % base).expect("below 25");
            rest /= base;
            char::from(READABLE[letter])
        })
        .collect()
}

fn base64_url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let [a, b, c] = three;
        let sextets = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63];
        // One byte needs two characters, two need three, three need four.
        text.extend(
            sextets
                .iter()
                .take(chunk.len() + 1)
                .map(|six| char::from(BASE64_URL[usize::from(*six)])),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn base64_url_as_in_the_rfc() {
        // RFC 4648 section 10, and two values that use the url-safe letters.
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (b"fooba", "Zm9vYmE"),
            (b"foobar", "Zm9vYmFy"),
            (&[0xfb, 0xef, 0xff], "--__"),
        ] {
            assert_eq!(base64_url(bytes), text);
        }
    }

    #[test]
    fn a_token_is_43_letters_safe_in_a_url_and_new_each_time() {
        let mut next = 0_u8;
        let mut fill = |bytes: &mut [u8]| {
            for byte in bytes {
                next = next.wrapping_add(37);
                *byte = next;
            }
        };
        let tokens: BTreeSet<String> = (0..5).map(|_| token(&mut fill)).collect();
        assert_eq!(tokens.len(), 5);
        for token in tokens {
            assert_eq!(token.len(), 43);
            assert!(
                token
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
                "{token}"
            );
        }
    }

    #[test]
    fn the_stored_form_is_sha256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            token_hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn readable_secrets_have_groups_and_no_look_alikes() {
        let mut state = 1_u64;
        let mut fill = |bytes: &mut [u8]| {
            for byte in bytes {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                *byte = state.to_be_bytes()[0];
            }
        };
        let secret = readable_secret(&mut fill, 4);
        assert_eq!(
            secret.split('-').map(str::len).collect::<Vec<_>>(),
            [4, 4, 4, 4],
            "{secret}"
        );
        let many = readable_secret(&mut fill, 500);
        let letters: BTreeSet<char> = many.chars().filter(|letter| *letter != '-').collect();
        assert_eq!(letters.len(), READABLE.len(), "every letter is used");
        assert!(
            !letters.iter().any(|letter| "0o1il5szuae".contains(*letter)),
            "{letters:?}"
        );
        assert_eq!(readable_secret(&mut fill, 0), "");
    }

    #[test]
    fn a_group_is_drawn_from_all_its_letters_places() {
        assert_eq!(readable_secret(&mut |bytes: &mut [u8]| bytes.fill(0), 1), "bbbb");
        let mut one = |bytes: &mut [u8]| {
            bytes.fill(0);
            bytes[6..].copy_from_slice(&(25_u16 * 25 + 2).to_be_bytes());
        };
        assert_eq!(readable_secret(&mut one, 1), "dbcb");
    }
}
