//! Two nodes on one file that take turns, statement by statement: while one goes on, the other stands still wherever it
//! happens to be, except in a transaction that would keep the first from writing. Only one of them ever moves, so a seed
//! always leads to the same rows. It knows no house.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// How the turns go.
#[derive(Debug)]
pub(super) enum Pace {
    /// Chance decides after each statement who goes on.
    Mixed(Box<ChaCha8Rng>),
    /// The first node stands still after so many statements until the second is done, so long that it counts as lost.
    Stalled(u32),
}

#[derive(Debug)]
struct State {
    /// None while only one node does anything.
    pace: Option<Pace>,
    turn: usize,
    done: [bool; 2],
    /// The first node stood still until it was given up.
    given_up: bool,
}

/// Whose turn it is.
#[derive(Debug)]
pub(super) struct Turns {
    state: Mutex<State>,
    moved: Condvar,
    /// Nodes lost so far, and stalls.
    losses: Arc<AtomicU32>,
}

/// A node that takes part; it is done when this is dropped.
pub(super) struct Part<'a>(&'a Turns, usize);

impl Turns {
    pub(super) fn new(losses: Arc<AtomicU32>) -> Self {
        Self {
            state: Mutex::new(State {
                pace: None,
                turn: 0,
                done: [true; 2],
                given_up: false,
            }),
            moved: Condvar::new(),
            losses,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Both nodes shall take turns, the first one first.
    pub(super) fn begin(&self, pace: Pace) {
        *self.state() = State {
            pace: Some(pace),
            turn: 0,
            done: [false; 2],
            given_up: false,
        };
    }

    /// Waits for this node's first turn.
    pub(super) fn take(&self, node: usize) -> Part<'_> {
        self.wait(self.state(), node);
        Part(self, node)
    }

    fn wait(&self, state: MutexGuard<'_, State>, node: usize) {
        drop(
            self.moved
                .wait_while(state, |s| s.turn != node)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// A statement of a node was answered, and no transaction of it is open: the other may go first now.
    pub(super) fn pause(&self, node: usize) {
        let mut state = self.state();
        if state.done[1 - node] {
            return;
        }
        let stalls = match &mut state.pace {
            None => return,
            Some(Pace::Mixed(rng)) => {
                if rng.random_range(0..3) > 0 {
                    return;
                }
                false
            }
            Some(Pace::Stalled(_)) if node == 1 => return,
            Some(Pace::Stalled(left @ 1..)) => {
                *left -= 1;
                return;
            }
            Some(Pace::Stalled(0)) => true,
        };
        if stalls {
            self.losses.fetch_add(1, Ordering::SeqCst);
            state.given_up = true;
        }
        state.turn = 1 - node;
        self.moved.notify_all();
        self.wait(state, node);
        if stalls {
            // What it does from now on, it does as one that was given up: its claims are others' by now.
            self.losses.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        let Self(turns, node) = *self;
        let mut state = turns.state();
        if node == 0 && std::mem::take(&mut state.given_up) {
            // Nor could it settle what it did as such, which is as if it had been lost once more.
            turns.losses.fetch_add(1, Ordering::SeqCst);
        }
        state.done[node] = true;
        state.turn = 1 - node;
        if state.done == [true; 2] {
            state.pace = None;
        }
        turns.moved.notify_all();
    }
}
