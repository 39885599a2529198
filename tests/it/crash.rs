//! Real crashes: the server is killed with `kill -9` at random moments while people record events and mail goes out over
//! SMTP. What was acknowledged is there once, nothing is there twice, every copy of a message has one Message-ID, and a
//! second copy appears only across a death.
//!
//! `PESHI_TEST_CRASH_ROUNDS` asks for more deaths than an ordinary run has.

mod moves;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use peshi_test_support::{SmtpServer, binary};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

/// Times a server is killed in an ordinary run.
const ROUNDS: usize = 200;
/// How many of them one house lives through; then a new one begins, for the longer a history the fewer deaths a minute.
const ROUNDS_OF_A_HOUSE: usize = 20;
/// People who record at once, each in a case of their own.
pub(crate) const PEOPLE: usize = 4;
pub(crate) const LOGIN: &str = "lawyer@crash.invalid";
const PASSWORD: &str = "an invented password";

fn rounds() -> usize {
    std::env::var("PESHI_TEST_CRASH_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number of rounds"))
}

/// The settings, if a test wrote some, stand beside the data folder.
pub(crate) fn peshi(data: &Path) -> Command {
    let mut command = Command::new(binary());
    command.arg("--data").arg(data).env_remove("PESHI_CONFIG");
    let settings = data.with_extension("toml");
    if settings.is_file() {
        command.arg("--config").arg(settings);
    }
    command
}

/// Settings for mail, after `others`.
pub(crate) fn write_settings(data: &Path, smtp: &SmtpServer, others: &str) {
    let settings = format!(
        "{others}[mail]\nkind = \"smtp\"\nfrom = \"desk@crash.invalid\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n",
        smtp.port
    );
    std::fs::write(data.with_extension("toml"), settings).expect("the settings can be written");
}

pub(crate) fn ok(mut command: Command) -> String {
    let output = command.output().expect("the binary starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

struct Server {
    child: Child,
    base: String,
}

impl Server {
    /// Starts it and waits for the line that says where it serves.
    fn start(data: &Path) -> Self {
        let mut child = peshi(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let out = BufReader::new(child.stdout.take().expect("stdout is piped"));
        for line in out.lines().map_while(Result::ok) {
            if let Some(rest) = line.strip_prefix("Peshi serves ") {
                let base = rest.split_whitespace().next().unwrap_or_default().to_owned();
                return Self { child, base };
            }
        }
        let status = child.wait();
        panic!("the server ended before it served: {status:?}");
    }

    fn kill(mut self) {
        self.child.kill().expect("SIGKILL is delivered");
        self.child.wait().expect("the killed server is reaped");
    }
}

pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(20)))
        .build()
        .new_agent()
}

/// The cookie of a new session; none if the server, or its database, is gone.
pub(crate) fn sign_in(agent: &ureq::Agent, base: &str) -> Option<String> {
    let answer = agent
        .post(format!("{base}/sign-in"))
        .send_form([("login", LOGIN), ("password", PASSWORD)])
        .ok()?;
    if answer.status().as_u16() != 303 {
        return None;
    }
    let cookie = answer.headers().get("set-cookie")?.to_str().ok()?;
    Some(cookie.split(';').next()?.to_owned())
}

/// What the server said to an attempt to record.
pub(crate) enum Said {
    /// It is saved.
    Saved,
    /// Something else, in words.
    Other(String),
    /// The form could not even be opened.
    NoForm,
}

/// Records one event with `marker` in its text; nothing if the server gave no answer.
pub(crate) fn record(
    agent: &ureq::Agent,
    base: &str,
    cookie: &str,
    case: &str,
    marker: &str,
) -> Option<Said> {
    // Known late: the next court day after it is long past, so a deadline is missed at once and mail goes out.
    let url = format!("{base}/cases/{case}/do/case/located");
    let mut page = agent.get(&url).header("cookie", cookie).call().ok()?;
    let text = page.body_mut().read_to_string().ok()?;
    let Some((_, rest)) = text.split_once("name=\"version\" value=\"") else {
        return Some(Said::NoForm);
    };
    let version = rest.split('"').next()?;
    let form = [
        ("version", version),
        ("f-place_kind", "not_known"),
        ("f-known_from", marker),
        ("occurred_at", "2026-01-08T10:00"),
    ];
    let mut answer = agent.post(&url).header("cookie", cookie).send_form(form).ok()?;
    if answer.status().as_u16() == 303 {
        return Some(Said::Saved);
    }
    Some(Said::Other(answer.body_mut().read_to_string().ok()?))
}

/// A case's journal as staff read it.
pub(crate) fn journal(data: &Path, case: &str) -> Value {
    let mut command = peshi(data);
    command.args(["case", "journal", case, "--as", LOGIN, "--json"]);
    serde_json::from_str(&ok(command)).expect("the journal is JSON")
}

/// How often each marker stands in a journal.
pub(crate) fn markers(journal: &Value) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for entry in journal.as_array().into_iter().flatten() {
        for fact in entry["facts"].as_array().into_iter().flatten() {
            if let Some(marker) = fact["value"].as_str().filter(|v| v.starts_with("marker ")) {
                *found.entry(marker.to_owned()).or_default() += 1;
            }
        }
    }
    found
}

pub(crate) fn open_cases(data: &Path) -> Vec<String> {
    let mut add = peshi(data);
    add.args([
        "user",
        "add",
        "--email",
        LOGIN,
        "--name",
        "Lawyer Invented",
        "--role",
        "lawyer",
    ]);
    add.args(["--may-be-mailed", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = add.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    std::io::Write::write_all(&mut stdin, format!("{PASSWORD}\n").as_bytes()).expect("the password is read");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
    (0..PEOPLE)
        .map(|_| {
            let mut open = peshi(data);
            open.args([
                "case",
                "open",
                "--as",
                LOGIN,
                "--pack",
                "abduction",
                "--set",
                "province=punjab",
            ]);
            open.args([
                "--set",
                "district=Invented",
                "--set",
                "reported_at=2026-01-05T10:00",
            ]);
            let case = ok(open).trim().to_owned();
            // Recorded late: the deadlines that follow are due at once, so every round has messages to send.
            let mut apply = peshi(data);
            apply.args([
                "case",
                "do",
                &case,
                "fir_registered",
                "--as",
                LOGIN,
                "--at",
                "2026-01-06T05:00:00Z",
            ]);
            apply.args(["--set", "fir_number=1", "--set", "registered_at=2026-01-06T10:00"]);
            apply.args(["--set", "fir_station=Invented", "--set", "fir_district=Invented"]);
            apply.args(["--set", "fir_sections=365-B"]);
            ok(apply);
            case
        })
        .collect()
}

#[test]
fn kills_lose_nothing_and_double_nothing() {
    let houses = rounds().div_ceil(ROUNDS_OF_A_HOUSE);
    for house in 0..houses {
        let rounds = ROUNDS_OF_A_HOUSE.min(rounds() - house * ROUNDS_OF_A_HOUSE);
        live_and_die(20 + house as u64, rounds);
    }
}

/// One house whose server is killed so many times.
fn live_and_die(seed: u64, rounds: usize) {
    let dir = tempfile::tempdir().expect("a folder for the data");
    let data = dir.path().join("data");
    let smtp = SmtpServer::start(None);
    write_settings(&data, &smtp, "");
    // How many messages had been accepted at each death.
    let mut deaths = Vec::new();
    let cases = open_cases(&data);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let acknowledged: Mutex<Vec<(usize, String)>> = Mutex::new(Vec::new());
    let counter = AtomicUsize::new(0);
    for round in 0..rounds {
        let server = Server::start(&data);
        let base = server.base.clone();
        let stop = AtomicBool::new(false);
        let (done, ready) = mpsc::channel();
        let wanted = rng.random_range(1..12);
        std::thread::scope(|scope| {
            for (person, case) in cases.iter().enumerate() {
                let (base, stop, counter, acknowledged) = (&base, &stop, &counter, &acknowledged);
                let done = done.clone();
                scope.spawn(move || {
                    let agent = agent();
                    let Some(cookie) = sign_in(&agent, base) else {
                        return;
                    };
                    while !stop.load(Ordering::Relaxed) {
                        let n = counter.fetch_add(1, Ordering::Relaxed);
                        let marker = format!("marker {round}-{person}-{n}");
                        match record(&agent, base, &cookie, case, &marker) {
                            Some(Said::Saved) => {
                                acknowledged
                                    .lock()
                                    .expect("no panic holds it")
                                    .push((person, marker));
                                // The other side hangs up once it has seen enough.
                                let _ = done.send(());
                            }
                            Some(Said::Other(_) | Said::NoForm) => {}
                            None => return,
                        }
                    }
                });
            }
            // The moment of death follows the work done, so that each falls into the middle of it.
            for _ in 0..wanted {
                ready
                    .recv_timeout(Duration::from_mins(1))
                    .expect("people get their work done");
            }
            server.kill();
            deaths.push(smtp.count());
            stop.store(true, Ordering::Relaxed);
        });
    }
    settle(&data);
    let acknowledged = acknowledged.into_inner().expect("no panic holds it");
    assert!(
        acknowledged.len() >= rounds,
        "the people got something done: {}",
        acknowledged.len()
    );
    check_events(&data, &cases, &acknowledged);
    check_messages(&smtp.mails(), &deaths);
    let mut verify = peshi(&data);
    verify.arg("verify");
    assert!(ok(verify).contains("every chain holds"));
}

/// Lets a last, undisturbed server finish what is due: health says when nothing waits.
fn settle(data: &Path) {
    let server = Server::start(data);
    let agent = agent();
    loop {
        let mut answer = agent
            .get(format!("{}/health", server.base))
            .call()
            .expect("the server answers");
        let text = answer.body_mut().read_to_string().expect("health is text");
        let health: Value = serde_json::from_str(&text).expect("health is JSON");
        if health["scheduler"] == true && health["oldest_due_at"].is_null() {
            break;
        }
        std::thread::yield_now();
    }
    server.kill();
}

fn check_events(data: &Path, cases: &[String], acknowledged: &[(usize, String)]) {
    for (person, case) in cases.iter().enumerate() {
        let found = markers(&journal(data, case));
        for (_, marker) in acknowledged.iter().filter(|(p, _)| *p == person) {
            assert_eq!(found.get(marker), Some(&1), "{marker} was acknowledged");
        }
        for (marker, times) in &found {
            assert_eq!(*times, 1, "{marker} happened once");
        }
    }
}

/// A message accepted twice is the same message to the byte, and somebody died between the two.
fn check_messages(mails: &[String], deaths: &[usize]) {
    assert!(!mails.is_empty(), "deadlines were missed, so there is mail");
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut copies = 0;
    for (at, mail) in mails.iter().enumerate() {
        let id = mail
            .lines()
            .find_map(|l| l.strip_prefix("Message-ID: "))
            .expect("it has a Message-ID");
        let Some(before) = first.insert(id, at) else {
            continue;
        };
        copies += 1;
        assert_eq!(mails[before], *mail, "a copy is the same message");
        // A server that accepts while the sender dies may count the message on either side of the death.
        let between = deaths.iter().any(|death| (before..=at + 1).contains(death));
        assert!(
            between,
            "{id} left as number {before} and {at}; deaths: {deaths:?}"
        );
    }
    println!(
        "{} messages, {copies} second copies, {} deaths",
        mails.len(),
        deaths.len()
    );
}
