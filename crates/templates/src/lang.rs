//! The languages people are written to in, and the direction each is read.
//!
//! Knows no text: the words live in `locales/`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language and script that pages and messages exist in.
///
/// Serialised as its BCP 47 tag: `en`, `ur`, `ur-Latn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lang {
    /// English.
    #[serde(rename = "en")]
    En,
    /// Urdu in its own script, right to left.
    #[serde(rename = "ur")]
    Ur,
    /// Urdu in Latin letters ("Roman Urdu"), for phones that cannot show the script. Only family messages are written in it.
    #[serde(rename = "ur-Latn")]
    UrLatn,
}

impl Lang {
    /// Every language, in the order used for listings.
    pub const ALL: [Lang; 3] = [Lang::En, Lang::Ur, Lang::UrLatn];

    /// The BCP 47 tag, as file names and HTML's `lang` attribute carry it.
    #[must_use]
    pub const fn html_lang(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ur => "ur",
            Lang::UrLatn => "ur-Latn",
        }
    }

    /// The reading direction, as HTML's `dir` attribute carries it: `ltr` or `rtl`.
    #[must_use]
    pub const fn dir(self) -> &'static str {
        match self {
            Lang::En | Lang::UrLatn => "ltr",
            Lang::Ur => "rtl",
        }
    }

    /// The language whose text stands in when this one has none.
    #[must_use]
    pub(crate) const fn fallback(self) -> Option<Lang> {
        match self {
            Lang::En => None,
            Lang::Ur | Lang::UrLatn => Some(Lang::En),
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.html_lang())
    }
}

/// A language tag this program has no texts for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a language of this program: use `en`, `ur` or `ur-Latn`")]
pub struct UnknownLang(
    /// The tag as given.
    pub String,
);

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        Lang::ALL
            .into_iter()
            .find(|lang| lang.html_lang().eq_ignore_ascii_case(tag.trim()))
            .ok_or_else(|| UnknownLang(tag.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_round_trip_in_text_and_json() {
        for lang in Lang::ALL {
            assert_eq!(lang.to_string().parse::<Lang>().unwrap(), lang);
            let json = serde_json::to_string(&lang).unwrap();
            assert_eq!(json, format!("\"{lang}\""));
            assert_eq!(serde_json::from_str::<Lang>(&json).unwrap(), lang);
        }
        assert_eq!("UR-latn".parse::<Lang>().unwrap(), Lang::UrLatn);
        assert!("pa".parse::<Lang>().unwrap_err().to_string().contains("`pa`"));
    }

    #[test]
    fn only_the_urdu_script_reads_from_the_right() {
        assert_eq!(Lang::ALL.map(Lang::dir), ["ltr", "rtl", "ltr"]);
    }
}
