//! What the checks need on the machine, and how to get it. Knows nothing of the checks themselves.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command;

/// Something a step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Rustfmt,
    Clippy,
    CargoDeny,
    Postgres,
    Browser,
    BrowserDriver,
    UrduFont,
    SmtpServer,
}

/// Where a need comes from.
enum Source {
    Component(&'static str),
    Crate(&'static str),
    Debian(&'static [&'static str]),
}

impl Need {
    fn what(self) -> &'static str {
        match self {
            Self::Rustfmt => "rustfmt",
            Self::Clippy => "clippy",
            Self::CargoDeny => "cargo-deny (licences and sources of dependencies)",
            Self::Postgres => "PostgreSQL's server programs (initdb, pg_ctl, postgres)",
            Self::Browser => "Chromium (browser tests)",
            Self::BrowserDriver => "Chromium's WebDriver (browser tests)",
            Self::UrduFont => "an Urdu font, Noto Nastaliq Urdu or Noto Naskh Arabic (browser tests)",
            Self::SmtpServer => "Python 3 with aiosmtpd, a real SMTP server (mail tests)",
        }
    }

    fn source(self) -> Source {
        match self {
            Self::Rustfmt => Source::Component("rustfmt"),
            Self::Clippy => Source::Component("clippy"),
            Self::CargoDeny => Source::Crate("cargo-deny"),
            Self::Postgres => Source::Debian(&["postgresql"]),
            Self::Browser => Source::Debian(&["chromium"]),
            Self::BrowserDriver => Source::Debian(&["chromium-driver"]),
            Self::UrduFont => Source::Debian(&["fonts-noto-core", "fontconfig"]),
            Self::SmtpServer => Source::Debian(&["python3-aiosmtpd"]),
        }
    }

    fn is_met(self) -> bool {
        match self {
            Self::Rustfmt => command::succeeds(&mut command::cargo(["fmt", "--version"])),
            Self::Clippy => command::succeeds(&mut command::cargo(["clippy", "--version"])),
            Self::CargoDeny => cargo_deny().is_some(),
            Self::Postgres => postgres_programs().is_some(),
            Self::Browser => ["chromium", "chromium-browser", "google-chrome"]
                .into_iter()
                .any(|name| command::find(name).is_some()),
            Self::BrowserDriver => command::find("chromedriver").is_some(),
            Self::UrduFont => command::output(&mut Command::new("fc-list")).is_ok_and(|fonts| {
                fonts.contains("Noto Nastaliq Urdu") || fonts.contains("Noto Naskh Arabic")
            }),
            Self::SmtpServer => smtp_python().is_some(),
        }
    }
}

/// The folder of PostgreSQL's server programs: on the search path, or the newest where Debian keeps them.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    if let Some(initdb) = command::find("initdb") {
        return Some(initdb.parent()?.to_owned());
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let numbered = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let folder = entry.path().join("bin");
        folder.join("initdb").is_file().then_some((version, folder))
    });
    numbered.max().map(|(_, folder)| folder)
}

/// A Python that has aiosmtpd. A Python of the developer's own may hide Debian's, where the package lies.
pub(crate) fn smtp_python() -> Option<PathBuf> {
    let own = command::find("python3");
    let mut candidates = own.into_iter().chain([PathBuf::from("/usr/bin/python3")]);
    candidates
        .find(|python| command::succeeds(Command::new(python).args(["-c", "import aiosmtpd.controller"])))
}

/// The cargo-deny on the search path, or the one cached beside the build.
pub(crate) fn cargo_deny() -> Option<PathBuf> {
    let cached = tools().join("bin/cargo-deny");
    command::find("cargo-deny").or_else(|| cached.is_file().then_some(cached))
}

fn tools() -> PathBuf {
    command::target().join("tools")
}

/// Sees that all of these are there: installs what is missing where it may, else says what to install.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| !need.is_met()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("== setup");
    for need in &missing {
        println!("missing: {}", need.what());
    }
    let mut debian = Vec::new();
    for need in &missing {
        match need.source() {
            Source::Debian(packages) => debian.extend_from_slice(packages),
            Source::Component(name) => install_component(name)?,
            Source::Crate(name) => install_crate(name)?,
        }
    }
    install_debian(&debian)?;
    match missing.into_iter().find(|need| !need.is_met()) {
        Some(need) => bail!(
            "{} is still missing after the installation; install it by hand",
            need.what()
        ),
        None => Ok(()),
    }
}

fn install_component(name: &str) -> Result<()> {
    command::run(Command::new("rustup").args(["component", "add", name]))
        .with_context(|| format!("install it by hand: rustup component add {name}"))
}

fn install_crate(name: &str) -> Result<()> {
    let mut install = command::cargo(["install", "--locked", name, "--root"]);
    command::run(install.arg(tools()))
        .with_context(|| format!("install it by hand: cargo install --locked {name}"))
}

fn install_debian(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if command::find("apt-get").is_none() {
        bail!("install what is missing by hand, then run this again; on Debian it is in the packages {list}");
    }
    if !command::is_root() {
        bail!(
            "install what is missing, then run this again:\n  sudo apt-get install -y --no-install-recommends {list}"
        );
    }
    command::run(&mut apt_get(&["update", "--quiet=2"]))?;
    command::run(apt_get(&["install", "-y", "--quiet=2", "--no-install-recommends"]).args(packages))
}

fn apt_get(args: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
