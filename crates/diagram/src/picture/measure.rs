//! How wide a text will be, without a font at hand, and where to break it.
//!
//! Widths are those of Noto Sans and Noto Nastaliq Urdu, a little on the safe side: another face is a little narrower or
//! wider, and a box must hold its words in all of them. Knows no box.

/// The share added for faces that run wider than the measured ones.
const SAFETY: f64 = 1.06;

/// A kind of writing in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// The name of a state.
    Title,
    /// A line below it, or a label on an arrow.
    Line,
    /// A word in a coloured tag.
    Tag,
}

impl Style {
    /// Size in pixels. Nastaliq is drawn smaller at the same size, so it gets more.
    pub(crate) fn size(self, tall: bool) -> f64 {
        match (self, tall) {
            (Self::Title, false) => 13.5,
            (Self::Title, true) => 15.0,
            (Self::Line, false) | (Self::Tag, true) => 12.0,
            (Self::Line, true) => 13.0,
            (Self::Tag, false) => 11.0,
        }
    }

    /// Height of a line in pixels: Nastaliq words slope down from the line's top.
    pub(crate) fn leading(self, tall: bool) -> f64 {
        (self.size(tall) * if tall { 2.0 } else { 1.32 }).ceil()
    }

    /// How far below the top of its line a text's baseline lies.
    pub(crate) fn baseline(self, tall: bool) -> f64 {
        self.size(tall) * if tall { 1.5 } else { 1.0 }
    }

    fn weight(self) -> f64 {
        if self == Self::Title { 1.05 } else { 1.0 }
    }
}

/// Whether a text needs the height of Nastaliq.
pub(crate) fn is_tall(text: &str) -> bool {
    text.chars().any(is_arabic)
}

fn is_arabic(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// Width in pixels of a text in one line.
pub(crate) fn width(text: &str, style: Style, tall: bool) -> f64 {
    let words = text.split(' ').map(word).sum::<f64>();
    let gaps = text.split(' ').count().saturating_sub(1);
    #[expect(clippy::cast_precision_loss, reason = "a text has few words")]
    let gaps = gaps as f64 * 0.26;
    let swing = if tall { 0.3 } else { 0.0 };
    (words + gaps + swing) * style.size(tall) * style.weight() * SAFETY
}

/// Width of one word in ems.
fn word(word: &str) -> f64 {
    let letters: f64 = word.chars().map(letter).sum();
    let last = word.chars().rev().find(|c| is_arabic(*c));
    // The last letter of an Urdu word spreads out.
    letters + if last.is_some_and(spreads) { 0.49 } else { 0.0 }
}

fn spreads(c: char) -> bool {
    "بپتٹثفکگسشصضےینںلقۓئ".contains(c)
}

/// Letters that never join the next one are drawn whole.
fn stands_alone(c: char) -> bool {
    "اآدڈذرڑزژوؤۃءے".contains(c)
}

fn letter(c: char) -> f64 {
    match c {
        // Vowel signs stand above or below their letter.
        '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{200b}'..='\u{200f}' | '\u{2066}'..='\u{2069}' => 0.0,
        c if is_arabic(c) => 0.36 + if stands_alone(c) { 0.12 } else { 0.0 },
        'i' | 'j' | 'l' | '\'' | '.' | ',' | ':' | ';' | '|' | '!' => 0.27,
        'f' | 'I' | 'J' | 't' | '-' | '(' | ')' | '[' | ']' | '/' => 0.36,
        'r' | 'z' | 's' | 'c' | '"' | '?' | '_' => 0.47,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' => 0.93,
        'A'..='Z' | '&' => 0.69,
        ' '..='~' => 0.58,
        // Anything else may be as wide as it is high, as Chinese is.
        _ => 1.0,
    }
}

/// Breaks a text into lines no wider than `limit`; a word that alone is wider is broken anywhere.
pub(crate) fn wrap(text: &str, style: Style, tall: bool, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if width(&longer, style, tall) <= limit {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            line.push(c);
            if width(&line, style, tall) > limit && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::take(&mut line));
                line.push(c);
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Widths measured in Chromium at one pixel an em: Noto Sans, Noto Nastaliq Urdu.
    #[test]
    fn estimates_hold_the_measured_words() {
        let measured = [
            ("Discharge sought", 8.264),
            ("Filed, first date awaited", 10.924),
            ("Birth certificate", 7.204),
            ("Sixty days over, increase booked", 15.045),
            ("Investigation restored", 10.379),
            ("No investigation", 7.689),
            ("ایف آئی آر منسوخ", 6.716),
            ("اگلی تاریخ پوچھی گئی", 7.239),
            ("اندراج نمبر", 4.190),
            ("ابتدائی اندراج: مفادات کے ٹکراؤ اور رضامندی کی جانچ", 20.628),
            ("سماعت ہوئی، جاری رہے گی", 10.835),
            ("محبوس شخص کے لیے وارنٹِ تلاشی (دفعہ 100)", 17.697),
            ("خیریت معلوم کی گئی", 7.527),
            ("ہراسانی کی درخواست (دفعہ 22-اے)", 13.975),
        ];
        for (text, real) in measured {
            let tall = is_tall(text);
            let guess = width(text, Style::Line, tall) / Style::Line.size(tall);
            assert!(guess >= real * 0.9, "{text}: guessed {guess:.2}, is {real:.2}");
            assert!(guess <= real * 1.6, "{text}: guessed {guess:.2}, is {real:.2}");
        }
    }

    #[test]
    fn lines_are_broken_between_words_and_long_words_anywhere() {
        let lines = wrap("one two three four", Style::Line, false, 60.0);
        assert!(lines.len() > 1 && lines.iter().all(|l| width(l, Style::Line, false) <= 60.0));
        assert_eq!(lines.join(" "), "one two three four");
        let long = wrap(&"w".repeat(50), Style::Line, false, 60.0);
        assert!(long.len() > 5 && long.iter().all(|l| width(l, Style::Line, false) <= 60.0));
        assert_eq!(wrap("", Style::Line, false, 60.0), [""]);
    }

    #[test]
    fn urdu_gets_higher_lines() {
        assert!(is_tall("پیشی") && !is_tall("hearing"));
        assert!(Style::Line.leading(true) > Style::Line.leading(false) * 1.5);
    }
}
