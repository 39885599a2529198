//! Lower-case hexadecimal, both ways. Knows nothing of what the bytes mean.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Two lower-case digits a byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 0x0f)]));
    }
    text
}

/// Exactly 64 digits of either case into `out`; `None` for anything else (`out` is then unspecified).
pub(crate) fn decode_32(text: &str, out: &mut [u8; 32]) -> Option<()> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
    }
    Some(())
}

fn digit(ascii: u8) -> Option<u8> {
    match ascii {
        b'0'..=b'9' => Some(ascii - b'0'),
        b'a'..=b'f' => Some(ascii - b'a' + 10),
        b'A'..=b'F' => Some(ascii - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let bytes: [u8; 32] = std::array::from_fn(|i| u8::try_from(i * 8 + 7).unwrap());
        let text = encode(&bytes);
        assert!(text.starts_with("070f171f"), "{text}");
        let mut back = [0; 32];
        assert_eq!(decode_32(&text.to_uppercase(), &mut back), Some(()));
        assert_eq!(back, bytes);
    }

    #[test]
    fn refuses_what_is_not_64_digits() {
        let mut out = [0; 32];
        for text in [
            "",
            &"a".repeat(63),
            &"a".repeat(65),
            &"g".repeat(64),
            &"é".repeat(32),
            &"+1".repeat(32),
        ] {
            assert_eq!(decode_32(text, &mut out), None, "{text}");
        }
    }
}
