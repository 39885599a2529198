//! An ear on the log. Knows no word that it should listen for.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Keeps what is logged.
#[derive(Clone, Default)]
pub(crate) struct Ear(Arc<Mutex<Vec<u8>>>);

impl Ear {
    /// Hears this thread until the guard goes: everything of our own, and of libraries what `log = "debug"` shows.
    pub(crate) fn listen(&self) -> DefaultGuard {
        let ear = self.clone();
        let lines = tracing_subscriber::fmt::layer()
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || ear.clone());
        let heard = Targets::new()
            .with_default(LevelFilter::DEBUG)
            .with_target("peshi", LevelFilter::TRACE);
        tracing_subscriber::registry()
            .with(lines.with_filter(heard))
            .set_default()
    }

    /// Everything heard so far.
    pub(crate) fn heard(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
