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

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
    }

    /// Becomes equal to `other`, a set of the same size.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.words.copy_from_slice(&other.words);
    }

    /// Becomes what two other sets of the same size have in common.
    pub(crate) fn set_common(&mut self, one: &Self, other: &Self) {
        for (word, (one, other)) in self.words.iter_mut().zip(one.words.iter().zip(&other.words)) {
            *word = one & other;
        }
    }

    /// Adds the members that `sparse` has in common with `other`; returns whether there were any.
    pub(crate) fn add_common(&mut self, sparse: &SparseSet, other: &Self) -> bool {
        let mut any = 0;
        for &(word, bits) in &sparse.words {
            let common = bits & other.words[word];
            self.words[word] |= common;
            any |= common;
        }
        any != 0
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

    /// The first member from `n` on.
    pub(crate) fn next_from(&self, n: u32) -> Option<u32> {
        let first = (n / 64) as usize;
        let head = self.words.get(first)? & !below(n % 64);
        let rest = self.words.iter().enumerate().skip(first + 1);
        let (index, word) = std::iter::once((first, head))
            .chain(rest.map(|(index, &word)| (index, word)))
            .find(|&(_, word)| word != 0)?;
        u32::try_from(index * 64)
            .ok()
            .map(|base| base + word.trailing_zeros())
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

/// A set that is built once and mostly small: only its non-zero words, with their places.
#[derive(Debug, Clone, Default)]
pub(crate) struct SparseSet {
    words: Vec<(usize, u64)>,
}

impl SparseSet {
    /// Adds `n`, which must not be smaller than any member.
    pub(crate) fn push(&mut self, n: u32) {
        let (word, mask) = place(n);
        match self.words.last_mut() {
            Some((last, bits)) if *last == word => *bits |= mask,
            _ => self.words.push((word, mask)),
        }
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
    use super::{BitSet, SparseSet};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set_of(members: impl Iterator<Item = u32>) -> BitSet {
        let mut set = BitSet::new(200);
        for n in members {
            set.insert(n);
        }
        set
    }

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
            for n in 0..260 {
                prop_assert_eq!(set.next_from(n), model.range(n..).next().copied());
            }
            let mut copy = BitSet::new(200);
            copy.copy_from(&set);
            prop_assert_eq!(&copy, &set);
            copy.clear();
            prop_assert_eq!(&copy, &BitSet::new(200));
            let third = set_of((0..200).step_by(3));
         copy.set_common(&set, &third);
            prop_assert!(copy.iter().eq(model.iter().copied().filter(|n| n % 3 == 0)));
        }

        #[test]
        fn what_two_sets_have_in_common_is_added(
            one in prop::collection::btree_set(0u32..200, 0..40),
            other in prop::collection::btree_set(0u32..200, 0..40),
            before in prop::collection::btree_set(0u32..200, 0..5),
        ) {
            let (mut set, dense) = (set_of(before.iter().copied()), set_of(other.iter().copied()));
         let mut sparse = SparseSet::default();
         for &n in &one {
             sparse.push(n);
         }
         let common: BTreeSet<u32> = one.intersection(&other).copied().collect();
            prop_assert_eq!(set.add_common(&sparse, &dense), !common.is_empty());
            prop_assert!(set.iter().eq(before.union(&common).copied()));
        }
    }
}
