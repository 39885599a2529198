//! State ids as packs write them: small letters, digits and underscores, each once in a chart.
//!
//! Knows names only.

use std::collections::{BTreeMap, BTreeSet};

/// Old ids and the new ones they became.
#[derive(Debug, Default)]
pub(super) struct Names {
    new: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    unnamed: usize,
}

impl Names {
    /// Names of a chart whose own name is taken.
    pub(super) fn of_chart(chart: &str) -> Self {
        Self {
            taken: BTreeSet::from([chart.to_owned()]),
            ..Self::default()
        }
    }

    /// The state that becomes the chart itself.
    pub(super) fn root(&mut self, id: &str, chart: &str) {
        self.new.insert(id.to_owned(), chart.to_owned());
    }

    /// Takes an id in; false if the document has it already.
    pub(super) fn take(&mut self, id: &str) -> bool {
        if self.new.contains_key(id) {
            return false;
        }
        let fresh = self.free(&plain(id));
        self.new.insert(id.to_owned(), fresh);
        true
    }

    /// A name for a state that has none.
    pub(super) fn invent(&mut self) -> String {
        self.unnamed += 1;
        self.free(&format!("unnamed_{}", self.unnamed))
    }

    fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut n = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}_{n}");
            n += 1;
        }
        name
    }

    /// The new id of a state.
    pub(super) fn get(&self, id: &str) -> Option<&str> {
        self.new.get(id).map(String::as_str)
    }

    /// Ids that had to change, each with its new form.
    pub(super) fn changed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.new
            .iter()
            .filter(|(old, new)| old != new)
            .map(|(old, new)| (old.as_str(), new.as_str()))
    }
}

fn plain(id: &str) -> String {
    let mut out = String::new();
    for c in id.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() => out.push(c),
            _ if !out.ends_with('_') => out.push('_'),
            _ => {}
        }
    }
    let trimmed = out.trim_matches('_');
    match trimmed.chars().next() {
        None => "state".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("state_{trimmed}"),
        Some(_) if id == out => out,
        Some(_) => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_small_and_stay_apart() {
        let mut names = Names::of_chart("case");
        for id in ["On Hold", "on.hold", "case", "7", "حالت", "kept_as_it_is", "_x"] {
            assert!(names.take(id));
        }
        assert!(!names.take("case"));
        let got: Vec<Option<&str>> = ["On Hold", "on.hold", "case", "7", "حالت", "kept_as_it_is", "_x"]
            .iter()
            .map(|id| names.get(id))
            .collect();
        let expected = [
            "on_hold",
            "on_hold_2",
            "case_2",
            "state_7",
            "state",
            "kept_as_it_is",
            "_x",
        ];
        assert_eq!(got, expected.map(Some));
        assert_eq!(names.changed().count(), 5);
    }
}
