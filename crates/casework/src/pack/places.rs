//! Where everything that a finding may point at was written.
//! Knows files and bytes; what stands there is `yaml`'s, what is wrong with it `lint`'s business.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_saphyr::{Location, Spanned};

use super::finding::Place;
use super::load::PackFiles;

/// A chart's places, by state id.
pub(super) type ChartPlaces = BTreeMap<String, StatePlaces>;

/// The places within one state.
#[derive(Debug, Clone, Default)]
pub(super) struct StatePlaces {
    pub(super) id: Place,
    /// The ids under `initial` or `default`.
    pub(super) initial: Vec<(String, Place)>,
    /// As many as the compiled state has, in its order.
    pub(super) transitions: Vec<TransitionPlaces>,
    pub(super) entry: Vec<ActPlaces>,
    pub(super) exit: Vec<ActPlaces>,
    pub(super) deadlines: Vec<Place>,
    pub(super) waiting_on: Option<Place>,
    pub(super) stalled_after: Option<Place>,
    pub(super) public: Option<Place>,
}

/// The places within one transition.
#[derive(Debug, Clone, Default)]
pub(super) struct TransitionPlaces {
    /// The event's name, the period, or the first thing that was written.
    pub(super) head: Place,
    pub(super) to: Vec<(String, Place)>,
    pub(super) condition: Option<Written>,
    pub(super) form: Option<Place>,
    pub(super) roles: Vec<Place>,
    pub(super) actions: Vec<ActPlaces>,
}

/// The places within one action.
#[derive(Debug, Clone, Default)]
pub(super) struct ActPlaces {
    /// What it names: an event, a chart, a message, a key.
    pub(super) name: Place,
    /// To whom: `to` of `tell` and `notify`.
    pub(super) to: Place,
    /// The field under `about`.
    pub(super) about: Option<Place>,
    /// Its expressions, in order.
    pub(super) expressions: Vec<Written>,
    /// The condition on which it is done.
    pub(super) condition: Option<Written>,
    /// The keys under `with`.
    pub(super) with: Vec<Place>,
}

/// The places within one deadline rule.
#[derive(Debug, Clone, Default)]
pub(super) struct RulePlaces {
    pub(super) name: Place,
    pub(super) from: Option<Place>,
    pub(super) province: Option<Place>,
    pub(super) court: Option<Place>,
    pub(super) excludes: Option<Place>,
    pub(super) message: Option<Place>,
    pub(super) on_miss: Vec<ActPlaces>,
}

/// A text and where it was written, so that a part of it can be pointed at.
#[derive(Debug, Clone)]
pub(super) struct Written {
    file: &'static str,
    at: Location,
    text: String,
    /// Bytes of the text that come before the part others speak of.
    skipped: usize,
}

impl Written {
    pub(super) fn new(file: &'static str, written: &Spanned<String>) -> Self {
        Self {
            file,
            at: written.referenced,
            text: written.value.clone(),
            skipped: 0,
        }
    }

    /// `text` as written at a place, of which others know what follows the first `skipped` bytes.
    pub(super) fn after(file: &'static str, at: Location, text: &str, skipped: usize) -> Self {
        Self {
            file,
            at,
            text: text.to_owned(),
            skipped,
        }
    }

    /// The place of the whole.
    pub(super) fn place(&self) -> Place {
        Place::at(self.file, self.at)
    }

    /// The place of a part. Quotation marks, escapes, and lines folded into one make the bytes in the file other than those
    /// of the text, so both are read side by side: what counts is where the visible letters stand.
    pub(super) fn part(&self, files: &PackFiles, part: &Range<usize>) -> Place {
        let whole = self.place();
        let (start, len) = whole.span;
        let Some(file) = files.get(self.file) else {
            return whole;
        };
        let Some(raw) = file.get(start..start + len) else {
            return whole;
        };
        let wanted = part.start + self.skipped..part.end + self.skipped;
        let quoted = usize::from(raw.starts_with(['"', '\'']));
        let mut letters = raw
            .char_indices()
            .skip(quoted)
            .filter(|(_, c)| !c.is_whitespace());
        let (mut first, mut last) = (None, None);
        for (at, c) in self.text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let Some((found, _)) = letters.find(|(_, raw)| *raw == c) else {
                return whole;
            };
            let found = start + found;
            if at >= wanted.start && first.is_none() {
                first = Some(found);
            }
            if at < wanted.end {
                last = Some(found + c.len_utf8());
            }
        }
        let end = last.unwrap_or(start + len);
        let begin = first.unwrap_or(end);
        Place::bytes(self.file, file, begin..end.max(begin + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_behind_quotes_escapes_and_folds() {
        #[derive(serde::Deserialize)]
        struct File {
            list: Vec<Spanned<String>>,
        }
        let text = "list:
  - data.fee > zero
  - 'it''s == zero'
  - \"a \\\"x\\\" é zero b\"
  - >-
    form.a
    && zero
  - |
    one
    zero
  - é == zero  # zero
";
        let file: File = serde_saphyr::from_str(text).unwrap();
        let files = PackFiles::from([("workflow.yaml".to_owned(), text.to_owned())]);
        let lines: Vec<(u64, u64)> = file
            .list
            .iter()
            .map(|written| {
                let written = Written::new("workflow.yaml", written);
                let at = written.text.find("zero").unwrap();
                let place = written.part(&files, &(at..at + 4));
                let (start, len) = place.span;
                assert_eq!(&text[start..start + len], "zero", "{written:?}");
                (place.line, place.column)
            })
            .collect();
        assert_eq!(lines, [(2, 16), (3, 15), (4, 16), (7, 8), (10, 5), (11, 10)]);
    }
}
