//! Death at a chosen moment: a panic that unwinds whatever is being done, as a killed process would leave it.

use std::panic::{PanicHookInfo, panic_any, set_hook, take_hook};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Once};
use std::thread::panicking;

/// What the panic of a death carries.
#[derive(Debug)]
pub(super) struct Death;

/// Burns by one for each step of a node's database while it is lit.
#[derive(Debug)]
pub(super) struct Fuse {
    left: AtomicI64,
    lit: AtomicBool,
    dead: AtomicBool,
    /// Of the whole house.
    losses: Arc<AtomicU32>,
}

impl Fuse {
    pub(super) fn new(losses: Arc<AtomicU32>) -> Self {
        quiet();
        Self {
            left: AtomicI64::new(i64::MAX),
            lit: AtomicBool::new(false),
            dead: AtomicBool::new(false),
            losses,
        }
    }

    /// Dies after so many more steps.
    pub(super) fn set(&self, steps: i64) {
        self.left.store(steps, Ordering::SeqCst);
    }

    /// Steps count only while somebody works; looking at what became of it does not.
    pub(super) fn light(&self, lit: bool) {
        self.lit.store(lit, Ordering::SeqCst);
    }

    pub(super) fn is_lit(&self) -> bool {
        self.lit.load(Ordering::SeqCst)
    }

    /// One step more. The dead do not take another: whatever task of theirs still tries ends here.
    pub(super) fn burn(&self) {
        if !self.is_lit() {
            return;
        }
        if self.is_dead() {
            if !panicking() {
                panic_any(Death);
            }
        } else if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.die();
        }
    }

    /// Dies.
    pub(super) fn die(&self) {
        if !self.dead.swap(true, Ordering::SeqCst) {
            self.losses.fetch_add(1, Ordering::SeqCst);
            panic_any(Death);
        }
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// The next process is alive, and nothing is set for it.
    pub(super) fn revive(&self) {
        self.dead.store(false, Ordering::SeqCst);
        self.set(i64::MAX);
    }
}

/// A death is not a failure of the test: nothing is printed for it.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if info.payload().downcast_ref::<Death>().is_none() {
                usual(info);
            }
        }));
    });
}
