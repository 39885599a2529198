//! The event names a chart knows, as numbers, and the states that answer to each.
//!
//! Names are numbered so that a descriptor matches one contiguous range of them: the tokens are sorted, a name comes
//! before all that begin with its tokens. A name the chart does not know is answered exactly like the longest of its
//! leading parts that a descriptor names, so every name has a number. It knows no transition and no guard.

use crate::bits::SparseSet;
use crate::chart::StateNo;
use crate::descriptor::Descriptor;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The number of an event name within its chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EventNo(u32);

impl EventNo {
    /// No event: what sets off eventless transitions.
    pub(crate) const NONE: Self = Self(0);
    /// A name that only `*` answers to.
    const OTHER: Self = Self(1);

    /// Does this name lie in a descriptor's range?
    pub(crate) fn is_in(self, range: &Range<u32>) -> bool {
        range.contains(&self.0)
    }
}

/// One name that some descriptor of the chart names.
#[derive(Debug, Clone)]
struct Name {
    /// The longest other descriptor that matches this name too; `*` at last.
    shorter: Option<EventNo>,
    /// One past the last name that begins with this one.
    end: u32,
    /// The states with a transition that names exactly this.
    sources: SparseSet,
}

/// All names of a chart.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    numbers: BTreeMap<String, EventNo>,
    names: Vec<Name>,
}

impl Events {
    /// Numbers the names of these descriptors.
    pub(crate) fn of<'d>(descriptors: impl Iterator<Item = &'d Descriptor>) -> Self {
        let prefixes = descriptors.filter_map(|descriptor| match descriptor {
            Descriptor::Any => None,
            Descriptor::Prefix(prefix) => Some(prefix.split('.').collect::<Vec<_>>()),
        });
        let sorted: BTreeSet<Vec<&str>> = prefixes.collect();
        let count =
            u32::try_from(sorted.len() + 2).expect("a chart is read from a file, whose size fits in 32 bits");
        let mut events = Self {
            numbers: BTreeMap::new(),
            names: vec![Name::new(None, 1), Name::new(None, count)],
        };
        // The names that the one at work may begin with, each beginning with the one before.
        let mut open: Vec<(&[&str], EventNo)> = Vec::new();
        for (tokens, number) in sorted.iter().zip((2..).map(EventNo)) {
            while let Some((_, closed)) = open.pop_if(|(outer, _)| !tokens.starts_with(outer)) {
                events.names[closed.0 as usize].end = number.0;
            }
            let shorter = open.last().map_or(EventNo::OTHER, |&(_, outer)| outer);
            events.names.push(Name::new(Some(shorter), count));
            events.numbers.insert(tokens.join("."), number);
            open.push((tokens, number));
        }
        events
    }

    /// Notes that a state answers to a descriptor, or to no event. States come in document order.
    pub(crate) fn add_source(&mut self, descriptor: Option<&Descriptor>, state: StateNo) -> Range<u32> {
        let number = match descriptor {
            None => EventNo::NONE,
            Some(Descriptor::Any) => EventNo::OTHER,
            Some(Descriptor::Prefix(prefix)) => self.number(prefix),
        };
        let name = &mut self.names[number.0 as usize];
        name.sources.push(state.0);
        number.0..name.end
    }

    /// The number of an event's name.
    pub(crate) fn number(&self, event: &str) -> EventNo {
        let mut leading = event;
        loop {
            if let Some(&number) = self.numbers.get(leading) {
                return number;
            }
            match leading.rfind('.') {
                Some(dot) => leading = &leading[..dot],
                None => return EventNo::OTHER,
            }
        }
    }

    /// The sets of states whose union is all that answer to this event.
    pub(crate) fn sources(&self, event: EventNo) -> impl Iterator<Item = &SparseSet> {
        let names = std::iter::successors(Some(event), |&number| self.name(number).shorter);
        names.map(|number| &self.name(number).sources)
    }

    fn name(&self, number: EventNo) -> &Name {
        &self.names[number.0 as usize]
    }
}

impl Name {
    fn new(shorter: Option<EventNo>, end: u32) -> Self {
        Self {
            shorter,
            end,
            sources: SparseSet::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Events;
    use crate::bits::BitSet;
    use crate::chart::StateNo;
    use crate::descriptor::Descriptor;
    use proptest::prelude::*;

    /// Dotted names over few tokens, one of which sorts before the dot.
    fn name() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "a-b", "ab"]), 1..4)
            .prop_map(|tokens| tokens.join("."))
    }

    proptest! {
        #[test]
        fn numbers_match_as_descriptors_do(
            named in prop::collection::vec(name(), 0..12),
            any in any::<bool>(),
            asked in prop::collection::vec(name(), 1..12),
        ) {
            let mut descriptors: Vec<Descriptor> = named.iter().filter_map(|name| Descriptor::parse(name)).collect();
            if any {
                descriptors.insert(descriptors.len() / 2, Descriptor::Any);
            }
            let mut events = Events::of(descriptors.iter());
            let ranges: Vec<_> = descriptors
                .iter()
                .zip((0..).map(StateNo))
                .map(|(descriptor, state)| events.add_source(Some(descriptor), state))
                .collect();
            for event in asked.iter().chain(&named).map(String::as_str).chain(["", ".", "a.", "a..b"]) {
                let number = events.number(event);
                let matching: Vec<u32> = (0u32..)
                    .zip(descriptors.iter().zip(&ranges))
                    .filter(|(_, (descriptor, range))| {
                        assert_eq!(descriptor.matches(event), number.is_in(range), "{event} {descriptor:?}");
                        number.is_in(range)
                    })
                    .map(|(state, _)| state)
                    .collect();
                let mut all = BitSet::new(64);
             for n in 0..64 {
                 all.insert(n);
             }
             let mut sources = BitSet::new(64);
                for set in events.sources(number) {
                    sources.add_common(set, &all);
                }
                prop_assert_eq!(sources.iter().collect::<Vec<_>>(), matching);
            }
        }
    }
}
