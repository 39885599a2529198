//! The rules for names against a labelled list: every pair of spellings is either one name or two.

use super::*;

const LABELLED: &str = include_str!("labelled.txt");

/// One half of the list: each inner list is one name in its spellings.
fn half(name: &str) -> Vec<Vec<&'static str>> {
    LABELLED
        .lines()
        .skip_while(|line| *line != format!("[{name}]"))
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .map(|line| line.split_whitespace().collect())
        .collect()
}

/// How many pairs were rightly joined, wrongly joined and missed, with those of the last two kinds.
#[derive(Debug, Default)]
struct Count {
    right: usize,
    wrong: Vec<String>,
    missed: Vec<String>,
}

impl Count {
    fn of(names: &[Vec<&str>]) -> Self {
        let spellings: Vec<(usize, &str)> = names
            .iter()
            .enumerate()
            .flat_map(|(at, spellings)| spellings.iter().map(move |s| (at, *s)))
            .collect();
        let mut count = Self::default();
        for (at, (name, one)) in spellings.iter().enumerate() {
            for (other_name, other) in &spellings[at + 1..] {
                let found = found(one, other);
                assert_eq!(found, self::found(other, one), "{one} {other}: both ways");
                match (found, name == other_name) {
                    (true, true) => count.right += 1,
                    (true, false) => count.wrong.push(format!("{one}={other}")),
                    (false, true) => count.missed.push(format!("{one}≠{other}")),
                    (false, false) => {}
                }
            }
        }
        count
    }

    /// In thousandths: of what was found, how much is right; of what is right, how much was found.
    fn precision_and_recall(&self) -> (usize, usize) {
        let thousandths = |of: usize| self.right * 1000 / (self.right + of);
        (thousandths(self.wrong.len()), thousandths(self.missed.len()))
    }
}

/// As a search does it: first by the blind index, then by the readings.
fn found(asked: &str, name: &str) -> bool {
    let there = skeletons(name);
    groups(asked)
        .iter()
        .all(|group| group.iter().any(|bones| there.contains(bones)))
        && matches(asked, name)
}

/// The figures in docs/keys-and-backup.md. Whoever changes a rule sees here what it costs and brings.
#[test]
fn precision_and_recall_on_the_labelled_list() {
    let (tuned, kept) = (Count::of(&half("tuned")), Count::of(&half("kept")));
    assert_eq!(tuned.precision_and_recall(), (996, 988), "{tuned:?}");
    assert_eq!(kept.precision_and_recall(), (979, 944), "{kept:?}");
}

#[test]
fn both_halves_are_there_and_disjoint() {
    let (tuned, kept) = (half("tuned"), half("kept"));
    assert!(
        tuned.len() >= 45 && kept.len() >= 55,
        "{} {}",
        tuned.len(),
        kept.len()
    );
    let all: Vec<&str> = tuned.iter().chain(&kept).flatten().copied().collect();
    let distinct: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(all.len(), distinct.len(), "no spelling stands twice");
}

#[test]
fn whole_names_are_found_by_some_of_their_words() {
    for (asked, name, expected) in [
        ("masih", "Test Masih", true),
        ("MASEEH test", "Test Masih", true),
        ("مسیح", "Test Masih", true),
        ("Masih", "آزمائش مَسِیح", true),
        ("Abdul Rehman", "Abdulrehman Test", true),
        ("abdulrehman", "Test Abdul Rahman", true),
        ("Abdul-Rehman", "عبدالرحمان", true),
        ("عبد الرحمٰن", "عبدالرحمان", true),
        ("ك", "ک", true),
        ("Fátima", "Fatima", true),
        ("Masih Bibi", "Test Masih", false),
        ("Masih", "Musa", false),
        ("", "Test", false),
        ("123 -", "Test", false),
        ("x", "", false),
    ] {
        assert_eq!(
            found(asked, name) && !asked.is_empty(),
            expected,
            "{asked} in {name}"
        );
    }
    assert_eq!(
        skeletons("Test Masih"),
        BTreeSet::from(["tst", "ms", "tstms"].map(String::from))
    );
}
