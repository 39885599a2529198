//! PostgreSQL servers of a test's own: a primary, its standby, each with its folder and its port, to be killed and promoted.
//! Knows nothing of Peshi.
//!
//! As with the cluster of `cargo xtask test`, a small shell at the other end of a pipe stops the server and removes the
//! folder however the test ends.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::desk::rows;

/// $1 is the folder, the rest the command that stops the server.
const WATCHER: &str = r#"cat >/dev/null; folder=$1; shift; "$@" >/dev/null 2>&1; rm -rf "$folder""#;

/// The name under which the primary knows its standby.
const STANDBY: &str = "standby_of_a_test";

/// A running server.
pub(super) struct Server {
    folder: PathBuf,
    pub(super) port: u16,
    watcher: Child,
}

impl Server {
    /// A server of its own, with the durability of a real one.
    pub(super) fn new() -> Self {
        let server = Self::empty();
        let mut initdb = server.program("initdb");
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
        ]);
        done(initdb.arg("--pgdata").arg(server.data()));
        server.start();
        server
    }

    /// A standby that streams from this one. From here on a commit is acknowledged when it lies on both disks.
    pub(super) fn standby(&self) -> Self {
        let standby = Self::empty();
        let mut copy = standby.program("pg_basebackup");
        copy.arg(format!(
            "--dbname=host=127.0.0.1 port={} user=postgres application_name={STANDBY}",
            self.port
        ));
        copy.args([
            "--write-recovery-conf",
            "--wal-method=stream",
            "--checkpoint=fast",
            "--pgdata",
        ]);
        done(copy.arg(standby.data()));
        standby.start();
        self.sql(&format!(
            "ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'"
        ));
        self.sql("SELECT pg_reload_conf()::text");
        let synchronous = "SELECT sync_state FROM pg_stat_replication WHERE sync_state = 'sync'";
        let streams = (0..1_000).any(|_| !self.sql(synchronous).is_empty());
        assert!(streams, "the standby follows the primary");
        standby
    }

    /// The address of a database on it.
    pub(super) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs a statement; what it gives back, as text.
    pub(super) fn sql(&self, statement: &str) -> Vec<String> {
        rows(&self.url("postgres"), statement)
    }

    pub(super) fn start(&self) {
        let mut start = self.program("pg_ctl");
        start
            .args(["start", "--wait", "--silent", "--pgdata"])
            .arg(self.data());
        start
            .arg("--log")
            .arg(self.folder.join("log"))
            .arg("--options")
            .arg(format!(
                "-p {} -c listen_addresses=127.0.0.1 -k '{}' -c max_connections=200",
                self.port,
                self.folder.display()
            ));
        // The server would inherit a pipe and keep it open, and we would wait for its end forever.
        let status = start
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "PostgreSQL starts");
    }

    /// All its processes die at once, as when the machine loses power.
    pub(super) fn kill(&self) {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).expect("it runs");
        let head = file.lines().next().expect("its number stands in the first line");
        let mut ps = Command::new("ps");
        let children = done(ps.args(["-o", "pid=", "--ppid", head]));
        // First the head, which would otherwise start its children anew.
        let mut kill = Command::new("kill");
        done(kill.arg("-9").arg(head).args(children.split_whitespace()));
        let gone = (0..1_000_000).any(|_| {
            std::thread::yield_now();
            !Path::new("/proc").join(head).exists()
        });
        assert!(gone, "SIGKILL is delivered");
    }

    /// Makes a standby the primary.
    pub(super) fn promote(&self) {
        let mut promote = self.program("pg_ctl");
        done(
            promote
                .args(["promote", "--wait", "--silent", "--pgdata"])
                .arg(self.data()),
        );
    }

    /// A folder and a port; no server yet.
    fn empty() -> Self {
        let folder = TempDir::new().expect("a folder for a server").keep();
        if is_root() {
            done(Command::new("chown").arg("postgres").arg(&folder));
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound port has an address").port();
        let mut stop = program(&folder, "pg_ctl");
        stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"])
            .arg(folder.join("data"));
        let watcher = Command::new("sh")
            .args(["-c", WATCHER, "sh"])
            .arg(&folder)
            .arg(stop.get_program())
            .args(stop.get_args())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("a shell starts");
        Self {
            folder,
            port,
            watcher,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn program(&self, name: &str) -> Command {
        program(&self.folder, name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        drop(self.watcher.wait());
    }
}

fn is_root() -> bool {
    done(Command::new("id").arg("-u")).trim() == "0"
}

/// One of PostgreSQL's programs, by a user it accepts, in a folder that user may enter.
fn program(folder: &Path, name: &str) -> Command {
    let path = programs().join(name);
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir(folder);
    command
}

/// Where they lie, all together: behind what is on the search path, or where Debian puts them.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let linked = std::env::split_paths(&path).filter_map(|folder| folder.join("initdb").canonicalize().ok());
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    linked
        .filter_map(|initdb| initdb.parent().map(Path::to_owned))
        .chain(debian.map(|version| version.path().join("bin")))
        .find(|folder| folder.join("initdb").is_file() && folder.join("pg_basebackup").is_file())
        .expect("PostgreSQL's server programs are installed")
}

fn done(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {words}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
