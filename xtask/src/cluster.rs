//! A private PostgreSQL for one run: its own folder, its own port on 127.0.0.1, gone afterwards.
//! Knows nothing of who uses it.
//!
//! A small shell, in a process group of its own, waits at the other end of a pipe that we hold open.
//! When the pipe closes, it stops the server and removes the folder. The kernel closes the pipe
//! however this process ends, so Ctrl-C, a panic and even `kill -9` leave nothing behind.

use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{command, setup};

/// The tests read the server's URL from this variable.
pub(crate) const VARIABLE: &str = "PESHI_TEST_POSTGRES";

/// PostgreSQL refuses to run as root; Debian's package brings this user.
const SERVER_USER: &str = "postgres";

/// Somebody may take a free port between our asking and PostgreSQL's binding it.
const PORT_ATTEMPTS: u32 = 5;

/// $1 is the folder, the rest the command that stops the server.
const WATCHER: &str = r#"cat >/dev/null; folder=$1; shift; "$@" >/dev/null 2>&1; rm -rf "$folder""#;

/// A running server; dropping it stops it and removes its data.
pub(crate) struct Cluster {
    url: String,
    watcher: Child,
}

impl Cluster {
    /// Makes and starts a cluster with the durability of a real one: nothing is switched off.
    pub(crate) fn start() -> Result<Self> {
        let programs = setup::postgres_programs().context("PostgreSQL's server programs are missing")?;
        let place = Place::new(programs)?;
        // From here on the folder is removed whatever happens, by the watcher or by us if there is none.
        let watcher = place
            .hand_over()
            .and_then(|()| place.watch())
            .inspect_err(|_| place.remove())?;
        let mut cluster = Self {
            url: String::new(),
            watcher,
        };
        place.initdb()?;
        let port = place.start()?;
        cluster.url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Ok(cluster)
    }

    /// The URL of its maintenance database, as superuser.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Closes the pipe, then waits until the server is down and the folder gone. Nothing can be done
        // about a failure here, and nothing depends on it.
        drop(self.watcher.stdin.take());
        drop(self.watcher.wait());
    }
}

/// A folder for a cluster, and how to run PostgreSQL's programs on it.
struct Place {
    folder: PathBuf,
    programs: PathBuf,
    as_server_user: bool,
}

impl Place {
    fn new(programs: PathBuf) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("peshi-pg-{}", std::process::id()));
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("could not make the folder {}", folder.display()))?;
        Ok(Self {
            folder,
            programs,
            as_server_user: command::is_root(),
        })
    }

    /// Gives the still empty folder to the user the server runs as.
    fn hand_over(&self) -> Result<()> {
        if !self.as_server_user {
            return Ok(());
        }
        command::output(Command::new("chown").arg(SERVER_USER).arg(&self.folder))
            .context("the user postgres, who comes with Debian's package postgresql, is needed")
            .map(drop)
    }

    /// Removes the still empty folder, if there is no watcher to do it.
    fn remove(&self) {
        // Left behind it harms nobody, and an error is already on its way.
        drop(std::fs::remove_dir(&self.folder));
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// One of PostgreSQL's programs, by a user it accepts, in a folder that user may enter.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if self.as_server_user {
            let mut command = Command::new("runuser");
            command.args(["-u", SERVER_USER, "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.folder);
        command
    }

    fn watch(&self) -> Result<Child> {
        let mut stop = self.program("pg_ctl");
        stop.args(["stop", "--mode=fast", "--wait", "--silent", "--pgdata"])
            .arg(self.data());
        Command::new("sh")
            .args(["-c", WATCHER, "sh"])
            .arg(&self.folder)
            .arg(stop.get_program())
            .args(stop.get_args())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Its own group: Ctrl-C goes to ours.
            .process_group(0)
            .spawn()
            .context("could not start the shell that watches over the PostgreSQL cluster")
    }

    fn initdb(&self) -> Result<()> {
        let mut initdb = self.program("initdb");
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--pgdata",
        ]);
        command::output(initdb.arg(self.data()))
            .context("could not make a PostgreSQL cluster")
            .map(drop)
    }

    fn start(&self) -> Result<u16> {
        let mut last = None;
        for _ in 0..PORT_ATTEMPTS {
            let port = free_port()?;
            match self.start_on(port) {
                Ok(()) => return Ok(port),
                Err(error) => last = Some(error),
            }
        }
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let error = last.expect("there is at least one attempt");
        bail!("could not start PostgreSQL: {error:#}\nits log says:\n{log}")
    }

    fn start_on(&self, port: u16) -> Result<()> {
        let mut start = self.program("pg_ctl");
        start
            .args(["start", "--wait", "--silent", "--pgdata"])
            .arg(self.data());
        start
            .arg("--log")
            .arg(self.log())
            .arg("--options")
            .arg(options(&self.folder, port));
        // The server would inherit a pipe and keep it open, and we would wait for its end forever.
        command::run(
            start
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )
    }
}

/// Reached over 127.0.0.1 only; the socket stays in the private folder; room for tests side by side.
fn options(folder: &Path, port: u16) -> String {
    format!(
        "-p {port} -c listen_addresses=127.0.0.1 -k '{}' -c max_connections=200",
        folder.display()
    )
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}
