//! The people of a desk: each records in a case of their own, at whichever node answers, and remembers what was said.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::Scope;
use std::time::Duration;

use crate::crash::{PEOPLE, Said, agent, record, sign_in};

/// Lets people record until `meanwhile` is over; it hears of each recording that was acknowledged.
pub(super) fn under_load(cases: &[String], bases: &Bases, tally: &Tally, meanwhile: impl FnOnce(&Progress)) {
    let stop = AtomicBool::new(false);
    let (told, heard) = channel();
    std::thread::scope(|scope| {
        // Also when the story fails: the people would otherwise be waited for without end.
        let _home = SendHome(&stop, bases);
        people(scope, cases, (bases, &stop, tally), &told);
        meanwhile(&Progress(heard));
    });
}

/// Where pages are served at the moment, by node.
#[derive(Default)]
pub(super) struct Bases {
    now: Mutex<BTreeMap<usize, String>>,
    changed: Condvar,
}

impl Bases {
    pub(super) fn set(&self, node: usize, base: Option<String>) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        match base {
            Some(base) => now.insert(node, base),
            None => now.remove(&node),
        };
        self.changed.notify_all();
    }

    /// One of them, by turns; waits while there is none. Nothing once all go home.
    fn pick(&self, turn: usize, stop: &AtomicBool) -> Option<String> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self
            .changed
            .wait_while(now, |now| now.is_empty() && !stop.load(Ordering::SeqCst));
        let now = wait.unwrap_or_else(PoisonError::into_inner);
        if stop.load(Ordering::SeqCst) {
            return None;
        }
        now.values().nth(turn % now.len()).cloned()
    }
}

/// Tells everybody to stop, at the end of its life.
struct SendHome<'a>(&'a AtomicBool, &'a Bases);

impl Drop for SendHome<'_> {
    fn drop(&mut self) {
        let now = self.1.now.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.store(true, Ordering::SeqCst);
        self.1.changed.notify_all();
        drop(now);
    }
}

/// Hears of each recording that was acknowledged.
pub(super) struct Progress(Receiver<()>);

impl Progress {
    /// Waits until so many more were acknowledged.
    pub(super) fn wait(&self, many: usize) {
        for _ in 0..many {
            self.0
                .recv_timeout(Duration::from_mins(1))
                .expect("people get their work done");
        }
    }
}

/// A list as it is now.
pub(super) fn list(of: &Mutex<Vec<(usize, String)>>) -> Vec<(usize, String)> {
    of.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// What people were told, by person and marker.
#[derive(Default)]
pub(super) struct Tally {
    counter: AtomicUsize,
    pub(super) saved: Mutex<Vec<(usize, String)>>,
    /// "Nothing was changed", or the form once more, with what changed meanwhile.
    pub(super) refused: Mutex<Vec<(usize, String)>>,
    /// "It may have been saved, or not."
    uncertain: Mutex<Vec<(usize, String)>>,
    /// The node died before it said anything.
    silent: Mutex<Vec<(usize, String)>>,
}

impl Tally {
    pub(super) fn words(&self) -> String {
        let count = |of: &Mutex<Vec<(usize, String)>>| list(of).len();
        format!(
            "{} acknowledged, {} refused, {} uncertain, {} without an answer",
            count(&self.saved),
            count(&self.refused),
            count(&self.uncertain),
            count(&self.silent)
        )
    }
}

/// Each person records in a case of their own, at whichever node answers.
fn people<'scope>(
    scope: &'scope Scope<'scope, '_>,
    cases: &'scope [String],
    (bases, stop, tally): (&'scope Bases, &'scope AtomicBool, &'scope Tally),
    told: &Sender<()>,
) {
    assert_eq!(cases.len(), PEOPLE);
    for (person, case) in cases.iter().enumerate() {
        let told = told.clone();
        scope.spawn(move || {
            let agent = agent();
            let (mut cookie, mut turn) = (None, person);
            while let Some(base) = bases.pick(turn, stop) {
                turn += 1;
                let Some(session) = cookie.clone().or_else(|| sign_in(&agent, &base)) else {
                    continue;
                };
                cookie = Some(session.clone());
                let marker = format!("marker {person}-{}", tally.counter.fetch_add(1, Ordering::SeqCst));
                let list = match record(&agent, &base, &session, case, &marker) {
                    Some(Said::Saved) => {
                        // The other side hangs up once it has seen enough.
                        let _ = told.send(());
                        &tally.saved
                    }
                    Some(Said::Other(text)) if text.contains("may have been saved") => &tally.uncertain,
                    // Whatever else is said means no.
                    Some(Said::Other(_)) => &tally.refused,
                    Some(Said::NoForm) => continue,
                    None => &tally.silent,
                };
                list.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((person, marker));
            }
        });
    }
}
