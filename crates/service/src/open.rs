//! Cases kept open between groups, so that the next command on one need not fetch its key and open it again.
//!
//! Nothing is trusted because it is here: whoever writes checks in the database that nobody else has changed the case.

use std::collections::{BTreeMap, BTreeSet};

use peshi_casework::Command;
use uuid::Uuid;

use crate::held::Held;
use crate::writing::Request;

/// Most cases kept; a few kilobytes each.
const MOST: usize = 512;

/// Open cases, the longest unused first to go.
#[derive(Default)]
pub(crate) struct OpenCases {
    cases: BTreeMap<Uuid, (u64, Held)>,
    /// Which case was used when; one entry a case.
    used: BTreeMap<u64, Uuid>,
    turn: u64,
}

impl OpenCases {
    /// Takes the cases that the requests are about, and names those that are not here; none if the requests need more from
    /// the database than cases and claims: a number, a case to be opened.
    pub(crate) fn take_all(&mut self, requests: &[Request]) -> Option<(BTreeMap<Uuid, Held>, Vec<Uuid>)> {
        let plain = requests.iter().all(|request| {
            request.step.is_none()
                && request
                    .group
                    .iter()
                    .all(|s| s.numbered_in.is_none() && !matches!(s.command, Command::Open { .. }))
        });
        if !plain {
            return None;
        }
        let (mut held, mut missing) = (BTreeMap::new(), Vec::new());
        for id in about(requests) {
            match self.take(id) {
                Some(case) => drop(held.insert(id, case)),
                None => missing.push(id),
            }
        }
        Some((held, missing))
    }

    /// Forgets the cases the requests are about.
    pub(crate) fn forget(&mut self, requests: &[Request]) {
        for id in about(requests) {
            self.take(id);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.cases.clear();
        self.used.clear();
    }

    /// Keeps cases as they are once their group is written.
    pub(crate) fn keep(&mut self, held: BTreeMap<Uuid, Held>) {
        for (id, held) in held {
            let Some(held) = held.kept() else { continue };
            self.take(id);
            self.turn += 1;
            self.used.insert(self.turn, id);
            self.cases.insert(id, (self.turn, held));
        }
        while self.cases.len() > MOST
            && let Some((_, id)) = self.used.pop_first()
        {
            self.cases.remove(&id);
        }
    }

    fn take(&mut self, id: Uuid) -> Option<Held> {
        let (turn, held) = self.cases.remove(&id)?;
        self.used.remove(&turn);
        Some(held)
    }
}

fn about(requests: &[Request]) -> BTreeSet<Uuid> {
    requests.iter().flat_map(|r| &r.group).map(|s| s.case).collect()
}
