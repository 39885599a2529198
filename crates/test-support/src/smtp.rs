//! A real SMTP server for a test (`smtp_server.py`, Debian's python3-aiosmtpd): it keeps every message it accepted, in
//! order.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

const SCRIPT: &str = include_str!("smtp_server.py");

/// A running server; it ends with the value.
#[derive(Debug)]
pub struct SmtpServer {
    process: Child,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    mails: TempDir,
}

impl SmtpServer {
    /// A server; with a user and a password it asks for a login.
    ///
    /// # Panics
    /// When there is no Python with aiosmtpd: a test must not pass for want of a server.
    pub fn start(login: Option<(&str, &str)>) -> Self {
        let mails = tempfile::tempdir().expect("a temporary folder");
        let mut process = Command::new(python())
            .args(["-c", SCRIPT])
            .arg(mails.path())
            .args(login.into_iter().flat_map(|(user, password)| [user, password]))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("stdout is piped"))
            .read_line(&mut line)
            .expect("the server says something");
        let port = line
            .trim()
            .strip_prefix("ready ")
            .and_then(|port| port.parse().ok())
            .expect("the server says `ready PORT`");
        Self { process, port, mails }
    }

    /// How many messages it accepted.
    ///
    /// # Panics
    /// When its folder is gone.
    pub fn count(&self) -> usize {
        std::fs::read_dir(self.mails.path())
            .expect("the folder is there")
            .filter_map(Result::ok)
            .filter(|file| file.path().extension().is_some_and(|e| e == "eml"))
            .count()
    }

    /// The messages it accepted, in order.
    ///
    /// # Panics
    /// When one cannot be read.
    pub fn mails(&self) -> Vec<String> {
        (1..=self.count())
            .map(|number| {
                let file: PathBuf = self.mails.path().join(format!("{number}.eml"));
                std::fs::read_to_string(file).expect("a mail is text")
            })
            .collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The first Python that has the module: Debian's own may hide behind another in PATH.
fn python() -> &'static str {
    ["/usr/bin/python3", "python3"]
        .into_iter()
        .find(|python| {
            Command::new(python)
                .args(["-c", "import aiosmtpd.smtp"])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
        .expect("these tests need Python with aiosmtpd: apt-get install python3-aiosmtpd")
}
