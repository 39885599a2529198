//! How many SMS parts a text costs (GSM 03.38 and UCS-2).
//!
//! Knows no gateway and no price. The national-language shift tables for Urdu are left out: phones rarely support them.

use serde::Serialize;

/// The alphabet a text forces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsEncoding {
    /// The 7-bit default alphabet: 160 units in a single part, 153 in each of several.
    Gsm7,
    /// 16-bit units: 70 in a single part, 67 in each of several.
    Ucs2,
}

/// The size of an SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SmsCount {
    /// The alphabet.
    pub encoding: SmsEncoding,
    /// Units of that alphabet: septets or 16-bit units.
    pub units: usize,
    /// Parts the network sends and charges.
    pub parts: usize,
}

impl SmsCount {
    /// Counts a text. An empty text is one empty part.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let septets: Option<Vec<usize>> = text.chars().map(septets).collect();
        let (encoding, widths, single, joined) = match septets {
            Some(widths) => (SmsEncoding::Gsm7, widths, 160, 153),
            None => (
                SmsEncoding::Ucs2,
                text.chars().map(char::len_utf16).collect(),
                70,
                67,
            ),
        };
        let units = widths.iter().sum();
        let parts = if units <= single { 1 } else { pack(&widths, joined) };
        SmsCount {
            encoding,
            units,
            parts,
        }
    }
}

/// A character of two units is never cut in half, so a part may end one unit early.
fn pack(widths: &[usize], room: usize) -> usize {
    let mut parts = 1;
    let mut used = 0;
    for width in widths {
        if used + width > room {
            parts += 1;
            used = 0;
        }
        used += width;
    }
    parts
}

/// 1 for the basic table, 2 for the extension table (an escape goes before), `None` outside the alphabet.
const fn septets(c: char) -> Option<usize> {
    match c {
        '\u{000c}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        // '`' is the one printable ASCII sign left that the table lacks.
        '`' => None,
        '\n'
        | '\r'
        | ' '..='~'
        | '£'
        | '¥'
        | 'è'
        | 'é'
        | 'ù'
        | 'ì'
        | 'ò'
        | 'Ç'
        | 'Ø'
        | 'ø'
        | 'Å'
        | 'å'
        | 'Δ'
        | 'Φ'
        | 'Γ'
        | 'Λ'
        | 'Ω'
        | 'Π'
        | 'Ψ'
        | 'Σ'
        | 'Θ'
        | 'Ξ'
        | 'Æ'
        | 'æ'
        | 'ß'
        | 'É'
        | '¤'
        | '¡'
        | 'Ä'
        | 'Ö'
        | 'Ñ'
        | 'Ü'
        | '§'
        | '¿'
        | 'ä'
        | 'ö'
        | 'ñ'
        | 'ü'
        | 'à' => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_both_alphabets() {
        let gsm = |n: usize| "a".repeat(n);
        let urdu = |n: usize| "س".repeat(n);
        for (text, encoding, units, parts) in [
            (String::new(), SmsEncoding::Gsm7, 0, 1),
            (gsm(160), SmsEncoding::Gsm7, 160, 1),
            (gsm(161), SmsEncoding::Gsm7, 161, 2),
            (gsm(306), SmsEncoding::Gsm7, 306, 2),
            (gsm(307), SmsEncoding::Gsm7, 307, 3),
            ("€".repeat(80), SmsEncoding::Gsm7, 160, 1),
            // 76 euro signs fill 152 of 153 septets; the 77th opens a new part.
            ("€".repeat(81), SmsEncoding::Gsm7, 162, 2),
            ("€".repeat(153), SmsEncoding::Gsm7, 306, 3),
            (urdu(70), SmsEncoding::Ucs2, 70, 1),
            (urdu(71), SmsEncoding::Ucs2, 71, 2),
            (urdu(134), SmsEncoding::Ucs2, 134, 2),
            (urdu(135), SmsEncoding::Ucs2, 135, 3),
            ("\u{1F600}".repeat(35), SmsEncoding::Ucs2, 70, 1),
            ("it\u{2019}s".to_owned(), SmsEncoding::Ucs2, 4, 1),
            ("a`b".to_owned(), SmsEncoding::Ucs2, 3, 1),
        ] {
            assert_eq!(
                SmsCount::of(&text),
                SmsCount {
                    encoding,
                    units,
                    parts
                },
                "{} chars",
                text.chars().count()
            );
        }
    }

    #[test]
    fn the_samples_of_the_field_notes() {
        let urdu = "سلام۔ جب آپ کو آسانی ہو، ہمیں فون کریں یا مس کال دیں۔ شکریہ۔";
        assert_eq!(
            SmsCount::of(urdu),
            SmsCount {
                encoding: SmsEncoding::Ucs2,
                units: 60,
                parts: 1
            }
        );
        let roman = "Salam. Jab aap ko asani ho, hamein phone karein ya miss call dein. Shukriya.";
        assert_eq!(
            SmsCount::of(roman),
            SmsCount {
                encoding: SmsEncoding::Gsm7,
                units: 76,
                parts: 1
            }
        );
    }
}
