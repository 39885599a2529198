//! Phone numbers: only invented ones stand in the tree. Somebody's real number in a test is somebody's family called.

/// Every invented number begins like this after the country code or the leading zero: 0300-0000xxx.
const INVENTED: &str = "3000000";
/// Digits of a mobile number after the country code or the leading zero.
const DIGITS: usize = 10;

/// Mobile numbers of Pakistan outside the invented range.
pub(super) fn real_phones(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line: Vec<char> = line.chars().map(latin).collect();
        for number in (0..line.len()).filter_map(|at| mobile(&line, at)) {
            if !number.starts_with(INVENTED) {
                findings.push(format!(
                    "{path}:{}: 0{number} may be somebody's phone; use one in the range 0300-0000000 to 0300-0000999",
                    n + 1
                ));
            }
        }
    }
    findings
}

/// Urdu and Arabic digits as Latin ones.
fn latin(c: char) -> char {
    let (zero, c) = (u32::from('0'), u32::from(c));
    let digit = match c {
        0x06F0..=0x06F9 => zero + c - 0x06F0,
        0x0660..=0x0669 => zero + c - 0x0660,
        other => other,
    };
    char::from_u32(digit).unwrap_or(' ')
}

/// The mobile number that is written from `at` on, without its beginning: `3xxxxxxxxx`.
fn mobile(line: &[char], at: usize) -> Option<String> {
    let before = at.checked_sub(1).map(|b| line[b]);
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '+') {
        return None;
    }
    let rest: String = line[at..].iter().collect();
    let rest = ["+92", "0092", "92", "0"]
        .iter()
        .find_map(|begin| rest.strip_prefix(begin))?;
    // `+92 (0)300 …` is a common mistake of letterheads.
    let rest = rest.trim_start_matches([' ', '-']);
    let rest = rest.strip_prefix("(0)").unwrap_or(rest);
    let mut digits = String::new();
    let mut separators = 0;
    for c in rest.chars() {
        match c {
            c if c.is_ascii_digit() && digits.len() == DIGITS => return None,
            c if c.is_ascii_digit() => {
                separators = 0;
                digits.push(c);
            }
            ' ' | '-' | '\u{2011}' if separators == 0 && digits.len() < DIGITS && !digits.is_empty() => {
                separators = 1;
            }
            ' ' | '-' if digits.is_empty() => {}
            c if c.is_alphabetic() && digits.len() == DIGITS => return None,
            _ => break,
        }
    }
    (digits.len() == DIGITS && digits.starts_with('3')).then_some(digits)
}

#[test]
fn real_numbers_are_caught_however_they_are_written() {
    // Put together here, for this file is checked like every other.
    let tail = "2345678";
    for wrong in [
        format!("0301-{tail}"),
        format!("0301{tail}"),
        format!("call 0301 {tail}."),
        format!("+92 301 {tail}"),
        format!("+92301{tail}"),
        format!("92301{tail}"),
        format!("0092-301-{tail}"),
        format!("+92 (0)301 {tail}"),
        format!("\"0300-{tail}\""),
        format!("۰۳۰۱-{tail}"),
        format!("0301-234-{}", 5678),
    ] {
        let findings = real_phones("a.md", &wrong);
        assert_eq!(findings.len(), 1, "{wrong}: {findings:?}");
        assert!(findings[0].starts_with("a.md:1: "));
    }
}

#[test]
fn invented_numbers_and_other_digits_are_left_alone() {
    for right in [
        "0300-0000000",
        "0300 0000999",
        "+923000000123",
        "+92 300 0000 001",
        "2026-03-12 09:00",
        "0.0312345678901",
        "a03012345678b",
        "micros 1772323200000000",
        "0345678901234567890",
        "03-12, 2026",
    ] {
        assert_eq!(real_phones("a.md", right), Vec::<String>::new(), "{right}");
    }
}
