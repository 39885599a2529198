//! Death at a chosen moment: a panic that unwinds whatever is being done, as a killed process would leave it.

use std::panic::{PanicHookInfo, panic_any, set_hook, take_hook};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

/// What the panic of a death carries.
#[derive(Debug)]
pub(super) struct Death;

/// Burns by one for each statement of the database while it is lit.
#[derive(Debug)]
pub(super) struct Fuse {
    left: AtomicI64,
    lit: AtomicBool,
    dead: AtomicBool,
    losses: AtomicU32,
}

impl Fuse {
    pub(super) fn new() -> Self {
        quiet();
        Self {
            left: AtomicI64::new(i64::MAX),
            lit: AtomicBool::new(false),
            dead: AtomicBool::new(false),
            losses: AtomicU32::new(0),
        }
    }

    /// Dies after so many more statements.
    pub(super) fn set(&self, statements: i64) {
        self.left.store(statements, Ordering::SeqCst);
    }

    /// Statements count only while somebody works; looking at what became of it does not.
    pub(super) fn light(&self, lit: bool) {
        self.lit.store(lit, Ordering::SeqCst);
    }

    /// One statement more.
    pub(super) fn burn(&self) {
        if self.lit.load(Ordering::SeqCst) && self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.die();
        }
    }

    /// Dies, once: what runs while unwinding must not die again.
    pub(super) fn die(&self) {
        if !self.dead.swap(true, Ordering::SeqCst) {
            self.lose();
            panic_any(Death);
        }
    }

    /// A node is gone.
    pub(super) fn lose(&self) {
        self.losses.fetch_add(1, Ordering::SeqCst);
    }

    /// How many nodes were lost so far.
    pub(super) fn losses(&self) -> u32 {
        self.losses.load(Ordering::SeqCst)
    }

    /// Whether it died; then it lives again.
    pub(super) fn revive(&self) -> bool {
        if self.dead.swap(false, Ordering::SeqCst) {
            self.set(i64::MAX);
            return true;
        }
        false
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
