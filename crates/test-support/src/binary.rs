//! The `peshi` binary for tests that need the real thing: built once, found by cargo's own word.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Builds `peshi` as the tests were built and gives its path. `PESHI_TEST_BINARY` names another.
///
/// # Panics
/// When it cannot be built.
pub fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("PESHI_TEST_BINARY") {
            return PathBuf::from(path);
        }
        let output = Command::new(env!("CARGO"))
            .args(["build", "--package", "peshi-cli", "--message-format", "json"])
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo can be run");
        assert!(output.status.success(), "the peshi binary must build");
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|m| m["target"]["name"] == "peshi")
            .find_map(|m| m["executable"].as_str().map(PathBuf::from))
            .expect("cargo names the executable it built")
    })
}
