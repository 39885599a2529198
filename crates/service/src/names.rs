//! Names as they sound: whether two spellings, in Urdu or in Latin letters, may be one name. Knows no case and no key.
//!
//! Urdu writes consonants and long vowels, Latin spellings write all vowels but each writer in their own way. So a word is
//! turned into the set of its possible *readings* over a small alphabet: one letter for each consonant sound that spellings do
//! not keep apart (s for س ص ث, k for ک ق خ, t for ت ط ٹ, z for ز ذ ض ظ ژ …) and `A`, `I`, `U` for vowels. Two words in one
//! script match if they share a reading; words in two scripts match if they share a *written* reading, in which short vowels
//! may be silent. The consonants alone are the word's *skeleton*, equal for all readings: that is what a blind index holds.

use std::collections::BTreeSet;

/// Readings of one word that are followed further; real words stay far below.
const READINGS: usize = 256;

/// A word of a name, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// The first sound and the consonants.
    pub(crate) skeleton: String,
    /// Readings with every vowel that is written.
    full: BTreeSet<String>,
    /// Readings in which short vowels may be silent.
    written: BTreeSet<String>,
    urdu: bool,
}

impl Word {
    fn may_be(&self, other: &Self) -> bool {
        if self.urdu == other.urdu {
            !self.full.is_disjoint(&other.full)
        } else {
            !self.written.is_disjoint(&other.written)
        }
    }
}

/// The words of a name. Marks and honorific full stops are not part of any; a hyphen parts words.
pub(crate) fn words(name: &str) -> Vec<Word> {
    plain(name).split_whitespace().filter_map(word).collect()
}

/// Two words written together: `Abdul Rehman` as `Abdulrehman`.
fn joined(name: &str) -> Vec<Word> {
    let text = plain(name);
    let parts: Vec<&str> = text.split_whitespace().collect();
    parts.windows(2).filter_map(|pair| word(&pair.concat())).collect()
}

/// The skeletons under which a name is found: of each word, and of each two words written together.
pub(crate) fn skeletons(name: &str) -> BTreeSet<String> {
    words(name)
        .into_iter()
        .chain(joined(name))
        .map(|word| word.skeleton)
        .collect()
}

/// For each word asked for, the skeletons of which one must be there: its own, and those of it and a neighbour written together.
pub(crate) fn groups(asked: &str) -> Vec<Vec<String>> {
    let pairs: Vec<String> = joined(asked).into_iter().map(|word| word.skeleton).collect();
    words(asked)
        .into_iter()
        .enumerate()
        .map(|(at, word)| {
            let before = at.checked_sub(1).and_then(|at| pairs.get(at));
            let with_next = pairs.get(at);
            [Some(&word.skeleton), before, with_next]
                .into_iter()
                .flatten()
                .cloned()
                .collect()
        })
        .collect()
}

/// Whether everything asked for is in the name: each word, or two of them written as one.
pub(crate) fn matches(asked: &str, name: &str) -> bool {
    let there: Vec<Word> = words(name).into_iter().chain(joined(name)).collect();
    let among = |word: &Word| there.iter().any(|other| word.may_be(other));
    let (single, pairs) = (words(asked), joined(asked));
    if single.is_empty() {
        return false;
    }
    // Walks through the words asked for; where one is missing, it and the next may be one word there.
    let mut at = 0;
    while at < single.len() {
        if among(&single[at]) {
            at += 1;
        } else if pairs.get(at).is_some_and(among) {
            at += 2;
        } else {
            return false;
        }
    }
    true
}

/// Letters and spaces only: no diacritics, no zero-width joiners, hyphens and other signs as spaces.
fn plain(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            '\u{0670}' => Some('ا'),
            // Vowel marks, tatweel, joiners, combining accents, apostrophes within a word.
            '\u{064b}'..='\u{065f}'
            | '\u{0640}'
            | '\u{200b}'..='\u{200f}'
            | '\u{0300}'..='\u{036f}'
            | '\''
            | '’'
            | '‘'
            | '`'
            | '.' => None,
            c if c.is_alphabetic() => Some(latin_base(c)),
            _ => Some(' '),
        })
        .collect()
}

/// The letter under an accent.
fn latin_base(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ī' | 'į' => 'i',
        'ñ' | 'ń' | 'ṇ' | 'ň' => 'n',
        'ò'..='ö' | 'ō' | 'ő' => 'o',
        'ù'..='ü' | 'ū' | 'ů' => 'u',
        'ý' | 'ÿ' => 'y',
        'ḥ' => 'h',
        'š' | 'ṣ' | 'ś' => 's',
        'ṭ' => 't',
        'ḍ' => 'd',
        'ż' | 'ẓ' | 'ž' => 'z',
        other => other,
    }
}

fn word(text: &str) -> Option<Word> {
    let urdu = text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c));
    let sounds = if urdu {
        urdu_sounds(text)
    } else {
        latin_sounds(text)
    };
    if sounds.is_empty() {
        return None;
    }
    let full = readings(&sounds, |sound| sound.full);
    let written = readings(&sounds, |sound| sound.written);
    Some(Word {
        skeleton: skeleton(&sounds),
        full,
        written,
        urdu,
    })
}

/// One sound: what it may be when every vowel is written, and when short ones are silent. Alternatives, each a string.
#[derive(Debug, Clone, Copy)]
struct Sound {
    full: &'static [&'static str],
    written: &'static [&'static str],
}

const fn always(what: &'static [&'static str]) -> Sound {
    Sound {
        full: what,
        written: what,
    }
}

fn readings(sounds: &[Sound], of: impl Fn(&Sound) -> &'static [&'static str]) -> BTreeSet<String> {
    let mut all = BTreeSet::from([String::new()]);
    for sound in sounds {
        let mut longer = BTreeSet::new();
        for reading in &all {
            for alternative in of(sound) {
                let mut next = reading.clone();
                for letter in alternative.chars() {
                    // Doubled letters sound as one.
                    if !next.ends_with(letter) {
                        next.push(letter);
                    }
                }
                longer.insert(next);
            }
            if longer.len() > READINGS {
                break;
            }
        }
        all = longer;
    }
    all
}

/// The first sound, and then consonants only. `h` is left out after the beginning: many spellings drop it.
fn skeleton(sounds: &[Sound]) -> String {
    let mut bones = String::new();
    for (at, sound) in sounds.iter().enumerate() {
        // Alternatives of a consonant differ in vowels only, so any of them shows the bones.
        for letter in sound.full[0].chars() {
            let bone = match letter {
                'A' | 'I' | 'U' if at == 0 && bones.is_empty() => 'A',
                'A' | 'I' | 'U' => continue,
                'h' if !bones.is_empty() => continue,
                // An s and an h that meet may be two sounds.
                'S' => 's',
                other => other,
            };
            if !bones.ends_with(bone) {
                bones.push(bone);
            }
        }
    }
    bones
}

// A first vowel sounds in every spelling, though Urdu writes it as ا or ع whatever it is.
const FIRST_A: Sound = Sound {
    full: &["A"],
    written: &["A"],
};
const FIRST_I: Sound = Sound {
    full: &["I"],
    written: &["A", "AI"],
};
const FIRST_U: Sound = Sound {
    full: &["U"],
    written: &["A", "AU"],
};
const FIRST_E: Sound = Sound {
    full: &["A", "I"],
    written: &["A", "AI"],
};
const FIRST_LONG_I: Sound = Sound {
    full: &["I"],
    written: &["AI"],
};
const FIRST_LONG_U: Sound = Sound {
    full: &["U"],
    written: &["AU"],
};
// Short vowels in Latin letters.
const A: Sound = Sound {
    full: &["A"],
    written: &["", "A"],
};
const I: Sound = Sound {
    full: &["I"],
    written: &["", "I"],
};
const U: Sound = Sound {
    full: &["U", "A"],
    written: &["", "U"],
};
/// The vowel of `ul`, which may be the article ال.
const U_OF_UL: Sound = Sound {
    full: &["U", "A"],
    written: &["", "U", "A"],
};
const E: Sound = Sound {
    full: &["A", "I"],
    written: &["", "I", "A"],
};
// Long ones.
const LONG_A: Sound = always(&["A"]);
const LONG_I: Sound = always(&["I"]);
const LONG_U: Sound = always(&["U"]);
/// `ai` within a word: one vowel (پرویز) or two (نائلہ).
const AI: Sound = always(&["I", "AI"]);
/// `ah` at the end of a word: written ا, ہ or اہ, and often without its h.
const FINAL_AH: Sound = Sound {
    full: &["A", "Ah"],
    written: &["A", "h", "Ah"],
};
/// `a` at the end of a word.
const FINAL_A: Sound = Sound {
    full: &["A"],
    written: &["A", "h", ""],
};

fn latin_sounds(text: &str) -> Vec<Sound> {
    let letters: Vec<char> = text.chars().collect();
    let mut sounds = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let rest: String = letters[at..].iter().take(3).collect();
        let last = |length: usize| at + length == letters.len();
        let first = at == 0;
        let (sound, length) = match rest.as_str() {
            r if r.starts_with("ah") && last(2) => (Some(FINAL_AH), 2),
            r if r.starts_with("ai") || r.starts_with("ay") || r.starts_with("ei") || r.starts_with("ey") => {
                (Some(if first { FIRST_LONG_I } else { AI }), 2)
            }
            // Before a vowel it is an a and a w: Nawaz.
            r if r.starts_with("aw") && r.ends_with(is_latin_vowel) => {
                (Some(if first { FIRST_A } else { A }), 1)
            }
            r if r.starts_with("au") || r.starts_with("aw") || r.starts_with("ou") || r.starts_with("oo") => {
                (Some(if first { FIRST_LONG_U } else { LONG_U }), 2)
            }
            r if r.starts_with("ee") || r.starts_with("ea") || r.starts_with("ie") && !last(2) => {
                (Some(if first { FIRST_LONG_I } else { LONG_I }), 2)
            }
            r if r.starts_with("aa") => (Some(if first { FIRST_A } else { LONG_A }), 2),
            r if r.starts_with('a') && first => (Some(FIRST_A), 1),
            r if r.starts_with('i') && first => (Some(FIRST_I), 1),
            r if (r.starts_with('u') || r.starts_with('o')) && first => (Some(FIRST_U), 1),
            r if r.starts_with('e') && first => (Some(FIRST_E), 1),
            r if r.starts_with('a') && last(1) => (Some(FINAL_A), 1),
            r if r.starts_with('a') => (Some(A), 1),
            r if r.starts_with('e') => (Some(E), 1),
            r if r.starts_with('i') => (Some(I), 1),
            r if r.starts_with("ul") => (Some(U_OF_UL), 1),
            r if r.starts_with('u') || r.starts_with('o') => (Some(U), 1),
            r if r.starts_with('y') && first => (Some(always(&["y"])), 1),
            r if r.starts_with('y') => (Some(LONG_I), 1),
            r if (r.starts_with('w') || r.starts_with('v')) && first => (Some(always(&["w"])), 1),
            r if r.starts_with('w') || r.starts_with('v') => (Some(LONG_U), 1),
            other => latin_consonant(other),
        };
        sounds.extend(sound);
        at += length;
    }
    sounds
}

fn is_latin_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// A consonant and how many letters write it. An h after a consonant may be breath or a sound of its own.
fn latin_consonant(rest: &str) -> (Option<Sound>, usize) {
    let two = |s: &'static [&'static str]| (Some(always(s)), 2);
    let one = |s: &'static [&'static str]| (Some(always(s)), 1);
    let mut letters = rest.chars();
    let (first, second) = (letters.next().unwrap_or(' '), letters.next().unwrap_or(' '));
    match (first, second) {
        ('s', 'h') => two(&["S", "sh"]),
        ('c', 'h') => two(&["c"]),
        ('c', 'k') => two(&["k"]),
        ('k', 'h') => two(&["k", "kh"]),
        ('g', 'h') => two(&["g", "gh"]),
        ('p', 'h') => two(&["f"]),
        ('t', 'h') => two(&["t", "th"]),
        ('d', 'h') => two(&["d", "dh"]),
        ('b', 'h') => two(&["b", "bh"]),
        ('j', 'h') => two(&["j", "jh"]),
        ('z', 'h') => two(&["z", "zh"]),
        ('x', _) => one(&["ks", "kS"]),
        ('q' | 'c' | 'k', _) => one(&["k"]),
        ('g', _) => one(&["g"]),
        ('b', _) => one(&["b"]),
        ('p', _) => one(&["p"]),
        ('t', _) => one(&["t"]),
        ('d', _) => one(&["d"]),
        ('s', _) => one(&["s"]),
        ('z', _) => one(&["z"]),
        ('j', _) => one(&["j"]),
        ('f', _) => one(&["f"]),
        ('l', _) => one(&["l"]),
        ('m', _) => one(&["m"]),
        ('n', _) => one(&["n"]),
        ('r', _) => one(&["r"]),
        ('h', _) => one(&["h"]),
        _ => (None, 1),
    }
}

fn urdu_sounds(text: &str) -> Vec<Sound> {
    let letters: Vec<char> = text.chars().collect();
    let mut sounds = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let (first, last) = (at == 0, at + 1 == letters.len());
        let after_i = at > 0 && matches!(letters[at - 1], 'ی' | 'ي' | 'ى');
        let sound = match letter {
            // ا at the beginning carries any vowel, ع may be silent; both stand for the first sound.
            'ا' | 'أ' | 'إ' | 'آ' | 'ٱ' | 'ع' if first => FIRST_A,
            // The small alif on a final ی (عیسیٰ) makes one vowel of the two.
            'ا' if after_i && last => always(&["A", "IA"]),
            'ا' | 'أ' | 'آ' | 'إ' | 'ٱ' => LONG_A,
            'ع' => always(&["", "A"]),
            'ی' | 'ي' | 'ى' | 'ے' | 'ئ' if first => always(&["y"]),
            // Before a final small alif it is silent; the alif's own readings say so.
            'ی' | 'ي' | 'ى' if at + 2 == letters.len() && letters[at + 1] == 'ا' => always(&["", "I"]),
            'ی' | 'ي' | 'ى' | 'ے' | 'ئ' => LONG_I,
            'و' if first => always(&["w"]),
            'و' | 'ؤ' => LONG_U,
            'ہ' | 'ه' | 'ة' | 'ۃ' | 'ۂ' if last && !first => always(&["A", "h"]),
            'ہ' | 'ه' | 'ح' | 'ۃ' | 'ة' | 'ۂ' => always(&["h"]),
            // Breath after a consonant; Latin spellings write it into the consonant.
            'ھ' if first => always(&["h"]),
            'ب' => always(&["b"]),
            'پ' if letters.get(at + 1) == Some(&'ھ') => always(&["f"]),
            'پ' => always(&["p"]),
            'ت' | 'ط' | 'ٹ' => always(&["t"]),
            'س' | 'ص' | 'ث' => always(&["s"]),
            'ش' => always(&["S"]),
            'ج' => always(&["j"]),
            'چ' => always(&["c"]),
            'خ' | 'ک' | 'ك' | 'ق' => always(&["k"]),
            'گ' | 'غ' => always(&["g"]),
            'د' | 'ڈ' => always(&["d"]),
            'ذ' | 'ز' | 'ض' | 'ظ' | 'ژ' => always(&["z"]),
            'ر' | 'ڑ' => always(&["r"]),
            'ف' => always(&["f"]),
            'ل' => always(&["l"]),
            'م' => always(&["m"]),
            'ن' | 'ں' => always(&["n"]),
            _ => continue,
        };
        sounds.push(sound);
    }
    sounds
}

#[cfg(test)]
mod tests;
