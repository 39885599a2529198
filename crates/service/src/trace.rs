//! The thread through one chain of events: a random number given to a request, written into every job that follows from it,
//! and from those into theirs, so that the log's lines from a form to the mail it caused can be found together.
//!
//! It says nothing of whom or what the chain is about, and nothing depends on it.

use std::fmt;
use std::future::Future;
use std::str::FromStr;

use crate::Service;

tokio::task_local! {
    static CURRENT: Trace;
}

/// The number of one chain: 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Trace(u128);

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a trace is 32 hexadecimal digits")]
pub struct NoTrace;

impl FromStr for Trace {
    type Err = NoTrace;

    fn from_str(text: &str) -> Result<Self, NoTrace> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        match u128::from_str_radix(text, 16) {
            Ok(number) if digits => Ok(Self(number)),
            _ => Err(NoTrace),
        }
    }
}

/// Does some work as part of a chain: what it submits carries the trace, unless it has one of its own.
pub async fn traced<F: Future>(trace: Trace, work: F) -> F::Output {
    CURRENT.scope(trace, work).await
}

/// The chain that the running work is part of.
pub(crate) fn current() -> Option<Trace> {
    CURRENT.try_with(|trace| *trace).ok()
}

impl Service {
    /// A trace for a chain that begins now.
    pub fn new_trace(&self) -> Trace {
        let mut random = [0; 16];
        self.with_entropy(|fill| fill(&mut random));
        Trace(u128::from_be_bytes(random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_reads_back_and_nothing_else_does() {
        let trace = Trace(0xfeed);
        assert_eq!(trace.to_string(), "0000000000000000000000000000feed");
        assert_eq!(trace.to_string().parse::<Trace>(), Ok(trace));
        for text in [
            "",
            "feed",
            "+000000000000000000000000000feed",
            "0000000000000000000000000000feeg",
        ] {
            assert_eq!(text.parse::<Trace>(), Err(NoTrace), "{text}");
        }
    }
}
