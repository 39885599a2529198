//! A fixed-size set of state numbers, one bit a state.
//!
//! Ascending iteration is document order. It knows nothing of states but their numbers.

use std::ops::Range;

/// A set of numbers below a size fixed at creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BitSet {
    words: Box<[u64]>,
}

impl BitSet {
    /// An empty set for numbers below `size`.
    pub(crate) fn new(size: usize) -> Self {
        Self {
            words: vec![0; size.div_ceil(64)].into_boxed_slice(),
        }
    }

    /// Adds `n`; returns whether it was absent.
    pub(crate) fn insert(&mut self, n: u32) -> bool {
        let (word, mask) = place(n);
        let absent = self.words[word] & mask == 0;
        self.words[word] |= mask;
        absent
    }

    /// Removes `n`.
    pub(crate) fn remove(&mut self, n: u32) {
        let (word, mask) = place(n);
        self.words[word] &= !mask;
    }

    /// Is `n` in the set?
    pub(crate) fn contains(&self, n: u32) -> bool {
        let (word, mask) = place(n);
        self.words[word] & mask != 0
    }

    /// All members, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..)
            .step_by(64)
            .zip(self.words.iter())
            .flat_map(|(base, &word)| Ones(word).map(move |bit| base + bit))
    }

    /// The members within `range`, ascending.
    pub(crate) fn iter_in(&self, range: Range<u32>) -> impl Iterator<Item = u32> + '_ {
        let words = range.start / 64..range.end.div_ceil(64);
        words.flat_map(move |index| {
            let base = index * 64;
            Ones(self.words[index as usize] & window(base, &range)).map(move |bit| base + bit)
        })
    }

    /// Is any member within `range`?
    pub(crate) fn any_in(&self, range: Range<u32>) -> bool {
        self.iter_in(range).next().is_some()
    }
}

/// The word and the bit of `n`.
fn place(n: u32) -> (usize, u64) {
    ((n / 64) as usize, 1 << (n % 64))
}

/// The bits of the word starting at `base` that lie within `range`.
fn window(base: u32, range: &Range<u32>) -> u64 {
    let from = range.start.saturating_sub(base).min(64);
    let to = range.end.saturating_sub(base).min(64);
    below(to) & !below(from)
}

/// The lowest `count` bits (at most 64).
fn below(count: u32) -> u64 {
    1u64.checked_shl(count).map_or(u64::MAX, |bit| bit - 1)
}

/// The positions of the one bits of a word, ascending.
struct Ones(u64);

impl Iterator for Ones {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros();
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::BitSet;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn behaves_like_an_ordered_set(
            inserts in prop::collection::vec(0u32..200, 0..40),
            removes in prop::collection::vec(0u32..200, 0..20),
            start in 0u32..200,
            len in 0u32..100,
        ) {
            let range = start..(start + len).min(200);
            let mut set = BitSet::new(200);
            let mut model = BTreeSet::new();
            for n in inserts {
                prop_assert_eq!(set.insert(n), model.insert(n));
            }
            for n in removes {
                set.remove(n);
                model.remove(&n);
            }
            prop_assert!((0..200).all(|n| set.contains(n) == model.contains(&n)));
            prop_assert!(set.iter().eq(model.iter().copied()));
            let within: Vec<u32> = model.iter().copied().filter(|n| range.contains(n)).collect();
            prop_assert_eq!(set.iter_in(range.clone()).collect::<Vec<_>>(), within.clone());
            prop_assert_eq!(set.any_in(range), !within.is_empty());
        }
    }
}
