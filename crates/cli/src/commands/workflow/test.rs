//! stub
use crate::{args::JsonArgs, settings::Settings};
pub(super) fn run(_: &Settings, _: &std::path::Path, _: Option<&str>, _: &JsonArgs) -> anyhow::Result<std::process::ExitCode> { anyhow::bail!("x") }
