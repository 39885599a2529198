//! The machine the figures belong to. It reads what the operating system shows in files, and guesses nothing.

use serde::Serialize;

/// What a reader must know to compare figures.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    cpu: String,
    cores: usize,
    os: String,
    architecture: &'static str,
    /// `release`, or `debug`, whose figures mean nothing.
    pub(crate) profile: &'static str,
    version: &'static str,
}

impl Machine {
    /// The one this runs on.
    pub(crate) fn this() -> Self {
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            cpu: cpu().unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            os: format!("{} {}", std::env::consts::OS, kernel.trim())
                .trim()
                .to_owned(),
            architecture: std::env::consts::ARCH,
            profile: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            },
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// One line for people.
    pub(crate) fn line(&self) -> String {
        let Self {
            cpu,
            cores,
            os,
            architecture,
            profile,
            version,
        } = self;
        format!("{cpu}, {cores} cores, {os} {architecture}, Peshi {version}, {profile} build")
    }
}

/// The processor's name, where Linux tells it.
fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
