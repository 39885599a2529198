//! stub
use crate::{args::ExploreArgs, settings::Settings};
pub(super) fn run(_: &Settings, _: &ExploreArgs) -> anyhow::Result<std::process::ExitCode> { anyhow::bail!("x") }
