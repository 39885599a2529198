//! The program itself on a database: how long until it answers, how much memory it takes, what pages cost over HTTP.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use peshi_service::Viewer;
use peshi_test_support::{DatabaseKind, House, PASSWORD};
use serde::Serialize;

use super::fill::{Staff, case_id};
use super::http::get;
use super::look::Took;
use crate::ground::{Stopwatch, memory_mib_of};

const TIMES: usize = 40;
/// After so many seconds the server is taken for dead.
const PATIENCE: f64 = 120.0;

#[derive(Debug, Serialize)]
pub(crate) struct Served {
    /// From the start of the process to the first answer that all is well.
    pub(crate) answers_after_seconds: f64,
    memory_mib_at_start: u64,
    memory_mib_after: u64,
    pages: Vec<Page>,
}

#[derive(Debug, Serialize)]
struct Page {
    who: &'static str,
    path: String,
    #[serde(flatten)]
    took: Took,
}

/// The program beside this one.
pub(crate) fn beside() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?.with_file_name("peshi");
    here.is_file().then_some(here)
}

/// A running server that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; nothing is lost by that.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(crate) async fn measure(
    program: &Path,
    house: &House,
    kind: DatabaseKind,
    staff: &Staff,
    now: DateTime<Utc>,
) -> Result<Served> {
    let server = free()?;
    let watch = Stopwatch::start();
    let mut command = Command::new(program);
    command.arg("--data").arg(house.dir.path());
    if kind == DatabaseKind::Postgres {
        command.arg("--database").arg(&house.database.url);
    }
    command.args(["serve", "--listen", &server.to_string()]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let running = Running(child.with_context(|| format!("{} cannot be started", program.display()))?);
    while get(server, "/health", None).ok() != Some(200) {
        if watch.seconds() > PATIENCE {
            bail!("the server does not become well");
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let answers_after_seconds = watch.seconds();
    let memory_mib_at_start = memory_mib_of(running.0.id());
    let reference = house
        .store
        .case(case_id(7))
        .await?
        .context("the case is there")?
        .reference;
    let lawyer = staff.lawyers.first().context("there are lawyers")?;
    let mut pages = Vec::new();
    for (who, viewer, paths) in [
        (
            "lawyer",
            lawyer,
            vec![
                "/today".to_owned(),
                "/cases".to_owned(),
                format!("/cases/{reference}"),
                "/outbox".to_owned(),
            ],
        ),
        (
            "coordinator",
            &staff.coordinator,
            vec![
                "/cases".to_owned(),
                "/cases?state=all&page=40".to_owned(),
                "/board".to_owned(),
                "/outbox".to_owned(),
            ],
        ),
        ("administrator", &staff.administrator, vec!["/admin".to_owned()]),
    ] {
        let cookie = format!("peshi={}", sign_in(house, viewer, now).await?);
        for path in paths {
            let mut times = Vec::new();
            for _ in 0..TIMES {
                let one = Stopwatch::start();
                let status = get(server, &path, Some(&cookie))?;
                times.push(one.elapsed());
                anyhow::ensure!(status == 200, "{who} asked for {path} and got {status}");
            }
            let took = Took::of(times);
            eprintln!(
                "  {who:<13} {path:<30} {:>8.2} ms, at worst {:>8.2}",
                took.median_ms, took.max_ms
            );
            pages.push(Page { who, path, took });
        }
    }
    let memory_mib_after = memory_mib_of(running.0.id());
    eprintln!(
        "the server answers after {answers_after_seconds:.2} s, {memory_mib_at_start} MiB, then {memory_mib_after} MiB"
    );
    Ok(Served {
        answers_after_seconds,
        memory_mib_at_start,
        memory_mib_after,
        pages,
    })
}

async fn sign_in(house: &House, viewer: &Viewer, now: DateTime<Utc>) -> Result<String> {
    let login = viewer.name.trim_end_matches(" (invented)");
    Ok(house
        .service
        .sign_in(&format!("{login}@demo.invalid"), PASSWORD, now)
        .await?)
}

/// An address nobody listens on.
fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
