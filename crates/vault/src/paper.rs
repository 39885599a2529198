//! The key on paper: eight numbered lines a person can copy by hand, each with a check of its own, so that a mistake is found
//! in its line. Knows no file.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::cipher::Key;
use crate::hex;

const LINES: usize = 8;
const BYTES: usize = 4;

/// `1  3f a9 00 17  c4` and so on: four bytes of the key, and the first byte of the SHA-256 of the line's number and them.
pub(crate) fn print(key: &Key) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(LINES * 24));
    for (number, bytes) in (b'1'..).zip(key.chunks_exact(BYTES)) {
        text.push(char::from(number));
        text.push(' ');
        for byte in bytes {
            text.push(' ');
            text.push_str(&Zeroizing::new(hex::encode(&[*byte])));
        }
        text.push_str("  ");
        text.push_str(&hex::encode(&[check(number - b'0', bytes)]));
        text.push('\n');
    }
    text
}

/// The key that was typed; the line that does not fit otherwise. Spaces do not matter.
pub(crate) fn read(typed: &str) -> Result<Key, usize> {
    let mut lines = typed.lines().filter(|line| !line.trim().is_empty());
    let mut key = Key::default();
    for (number, bytes) in (1..).zip(key.chunks_exact_mut(BYTES)) {
        let line = lines.next().ok_or(usize::from(number))?;
        let packed: Zeroizing<String> = Zeroizing::new(line.split_whitespace().collect());
        parse(&packed, number, bytes).ok_or(usize::from(number))?;
    }
    match lines.next() {
        None => Ok(key),
        Some(_) => Err(LINES + 1),
    }
}

fn parse(packed: &str, number: u8, bytes: &mut [u8]) -> Option<()> {
    let digits = packed.strip_prefix(char::from(b'0' + number))?;
    if !digits.is_ascii() || digits.len() != 2 * (BYTES + 1) {
        return None;
    }
    let mut read = Zeroizing::new([0; BYTES + 1]);
    for (byte, pair) in read.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    bytes.copy_from_slice(&read[..BYTES]);
    (check(number, bytes) == read[BYTES]).then_some(())
}

fn check(number: u8, bytes: &[u8]) -> u8 {
    Sha256::new()
        .chain_update([number])
        .chain_update(bytes)
        .finalize()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Zeroizing::new(std::array::from_fn(|i| u8::try_from(i * 7 + 3).unwrap()))
    }

    #[test]
    fn paper_and_back() {
        let printed = print(&key());
        assert_eq!(printed.lines().count(), 8);
        assert_eq!(printed.lines().next(), Some("1  03 0a 11 18  29"));
        assert_eq!(read(&printed), Ok(key()));
        let untidy = printed.replace("  ", "").to_uppercase().replace('\n', "\n\n");
        assert_eq!(read(&untidy), Ok(key()));
    }

    #[test]
    fn a_mistake_is_found_in_its_line() {
        let printed = print(&key());
        let lines: Vec<&str> = printed.lines().collect();
        let with = |at: usize, line: &str| {
            let mut lines = lines.clone();
            lines[at] = line;
            lines.join("\n")
        };
        assert_eq!(read(&with(2, &lines[2].replacen('3', "8", 2))), Err(3));
        assert_eq!(read(&with(4, lines[5])), Err(5), "another line in its place");
        assert_eq!(read(&with(0, "1 zz zz zz zz zz")), Err(1));
        assert_eq!(read(&with(0, "1 ممم ممم")), Err(1));
        assert_eq!(read(&lines[..7].join("\n")), Err(8));
        assert_eq!(read(&format!("{}\n9 00 00 00 00 00", printed.as_str())), Err(9));
        assert_eq!(read(""), Err(1));
    }
}
