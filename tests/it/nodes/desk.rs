//! A desk served by several nodes: its processes, and what must be true of it in the end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use peshi_test_support::{SmtpServer, texts};
use serde_json::Value;
use tempfile::TempDir;

use super::people::{self, Bases, Progress, Tally, list};
use crate::crash::{journal, markers, ok, open_cases, peshi, write_settings};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Pages and due work.
    Serve,
    /// Due work alone.
    Work,
}

struct Node {
    kind: Kind,
    process: Option<Child>,
}

/// The desk and its nodes.
pub(super) struct Desk {
    dir: TempDir,
    smtp: SmtpServer,
    cases: Vec<String>,
    nodes: Vec<Node>,
    /// How often a job was in the hands of a node that died.
    orphaned: BTreeMap<String, usize>,
    deaths: usize,
}

impl Desk {
    /// A desk with a case for each person, on the database that `url` names. No node runs yet.
    pub(super) fn new(url: &str, kinds: &[Kind]) -> Self {
        let mut desk = Self::bare(url, kinds);
        desk.cases = open_cases(&desk.data());
        desk
    }

    /// The same before there is anything: no key, no table.
    pub(super) fn bare(url: &str, kinds: &[Kind]) -> Self {
        let dir = tempfile::tempdir().expect("a folder for the desk");
        let smtp = SmtpServer::start(None);
        // The same on all nodes: a copy of a message is the same to the byte whoever sends it.
        let others = format!("database = \"{url}\"\nbase_url = \"http://desk.crash.invalid\"\n");
        write_settings(&dir.path().join("data"), &smtp, &others);
        let nodes = kinds.iter().map(|kind| Node {
            kind: *kind,
            process: None,
        });
        Self {
            nodes: nodes.collect(),
            cases: Vec::new(),
            orphaned: BTreeMap::new(),
            deaths: 0,
            dir,
            smtp,
        }
    }

    pub(super) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The binary, on this desk.
    pub(super) fn peshi(&self, args: &[&str]) -> Command {
        let mut command = peshi(&self.data());
        command.args(args);
        command
    }

    /// Starts these nodes side by side and returns when each serves or works.
    pub(super) fn start(&mut self, which: &[usize], bases: &Bases) {
        let mut outs = Vec::new();
        for &node in which {
            let log = File::options()
                .create(true)
                .append(true)
                .open(self.log_file(node));
            let args: &[&str] = match self.nodes[node].kind {
                Kind::Serve => &["serve", "--listen", "127.0.0.1:0"],
                Kind::Work => &["work"],
            };
            let mut command = self.peshi(args);
            command
                .stdout(Stdio::piped())
                .stderr(log.expect("the log can be written"));
            let mut process = command.spawn().expect("the binary starts");
            outs.push((
                node,
                BufReader::new(process.stdout.take().expect("stdout is piped")),
            ));
            self.nodes[node].process = Some(process);
        }
        for (node, out) in outs {
            let said = out
                .lines()
                .map_while(Result::ok)
                .find_map(|line| match self.nodes[node].kind {
                    Kind::Serve => line.strip_prefix("Peshi serves ").map(first_word),
                    Kind::Work => line.starts_with("Peshi's scheduler runs").then(String::new),
                });
            let base = said.unwrap_or_else(|| panic!("node {node} ended: {}", self.log(node)));
            if self.nodes[node].kind == Kind::Serve {
                bases.set(node, Some(base));
            }
        }
    }

    /// Kills these nodes at one moment.
    pub(super) fn kill(&mut self, which: &[usize], bases: &Bases) {
        let mut dead = Vec::new();
        for &node in which {
            let mut process = self.nodes[node].process.take().expect("it runs");
            process.kill().expect("SIGKILL is delivered");
            dead.push(process);
            bases.set(node, None);
        }
        self.deaths += dead.len();
        for mut process in dead {
            process.wait().expect("the killed node is reaped");
        }
    }

    /// Ends the leases of nodes that are dead, as five minutes of waiting would, and remembers the jobs they held.
    pub(super) fn bury(&mut self, url: &str) {
        let living = self.nodes.iter().filter_map(|node| node.process.as_ref());
        let living: Vec<String> = living
            .map(|process| format!("AND worker NOT LIKE '%-pid-{}-%'", process.id()))
            .collect();
        let end = format!(
            "UPDATE jobs SET lease_until = now() - interval '1 second' \
             WHERE state = 'running' AND lease_until > now() {} RETURNING id",
            living.join(" ")
        );
        for job in rows(url, &end) {
            *self.orphaned.entry(job).or_default() += 1;
        }
    }

    /// Waits until nothing is due and nothing is under way.
    pub(super) fn settle(&mut self, url: &str) {
        loop {
            self.bury(url);
            let left =
                "SELECT id FROM jobs WHERE state = 'running' OR (state = 'waiting' AND due_at <= now())";
            if rows(url, left).is_empty() {
                return;
            }
        }
    }

    /// What a node wrote to its log.
    pub(super) fn log(&self, node: usize) -> String {
        std::fs::read_to_string(self.log_file(node)).unwrap_or_default()
    }

    fn log_file(&self, node: usize) -> PathBuf {
        self.dir.path().join(format!("node-{node}.log"))
    }

    /// Lets people record until `meanwhile` is over; it hears of each recording that was acknowledged.
    pub(super) fn under_load(
        &mut self,
        bases: &Bases,
        tally: &Tally,
        meanwhile: impl FnOnce(&mut Self, &Progress),
    ) {
        let cases = self.cases.clone();
        people::under_load(&cases, bases, tally, |progress| meanwhile(self, progress));
    }

    /// What must be true once everything has settled.
    pub(super) fn check(&self, url: &str, tally: &Tally) {
        let journals: Vec<Value> = self
            .cases
            .iter()
            .map(|case| journal(&self.data(), case))
            .collect();
        check_events(&journals, tally);
        self.check_timers(url, &journals);
        let copies = self.check_messages(url);
        assert!(ok(self.peshi(&["verify"])).contains("every chain holds"));
        println!(
            "{}, {copies} second copies, {} nodes killed",
            tally.words(),
            self.deaths
        );
    }

    /// Each timer that is done stands in the journal once.
    fn check_timers(&self, url: &str, journals: &[Value]) {
        let ended = "SELECT id FROM jobs WHERE state IN ('dead', 'failed')";
        assert_eq!(rows(url, ended), Vec::<String>::new(), "nothing is given up");
        let mut fired = 0;
        for (case, journal) in self.cases.iter().zip(journals) {
            let entries = journal.as_array().into_iter().flatten();
            let in_journal = entries.filter(|entry| entry["key"] == "fact-timer_fired").count();
            let done = rows(
                url,
                &format!(
                    "SELECT j.id FROM jobs j JOIN cases c ON c.id = j.case_id \
                     WHERE c.reference = '{case}' AND j.kind = 'timer' AND j.state = 'done'"
                ),
            );
            assert_eq!(
                in_journal,
                done.len(),
                "{case}: each timer that is done fired once"
            );
            fired += in_journal;
        }
        assert!(fired > 0, "timers were due");
        println!("{fired} timers fired");
    }

    /// Every message left, and again only if a node died that had it in its hands. Gives the number of second copies.
    fn check_messages(&self, url: &str) -> usize {
        let mails = self.smtp.mails();
        let mut sent: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for mail in &mails {
            let id = mail.lines().find_map(|line| line.strip_prefix("Message-ID: <"));
            let id = id
                .and_then(|id| id.split('@').next())
                .expect("it has a Message-ID");
            sent.entry(id.replace('.', ":")).or_default().push(mail);
        }
        let fates =
            "SELECT id || ' ' || state || ' ' || coalesce(reason, '') FROM jobs WHERE kind = 'message'";
        let (mut left, mut unnoted) = (0, 0);
        for fate in rows(url, fates) {
            let (job, fate) = fate.split_once(' ').expect("a job has a state");
            let died = self.orphaned.contains_key(job);
            match (fate.split(' ').next(), sent.contains_key(job)) {
                (Some("done"), true) => left += 1,
                (Some("suppressed"), false) => {}
                // It left, its sender died before noting so, and by the time another looked it had no purpose any more.
                (Some("suppressed"), true) if died => unnoted += 1,
                (_, left) => panic!("{job} is {fate}; it left: {left}; its sender died: {died}"),
            }
        }
        assert_eq!(
            left + unnoted,
            sent.len(),
            "every mail is of a message that was expected"
        );
        println!("{} messages, {unnoted} of them left unnoted", sent.len());
        assert!(!sent.is_empty(), "deadlines were missed, so there is mail");
        for (job, copies) in &sent {
            let deaths = self.orphaned.get(job).copied().unwrap_or_default();
            assert!(
                copies.len() <= 1 + deaths,
                "{job} left {} times; its holders died {deaths} times",
                copies.len()
            );
            assert!(
                copies.iter().all(|copy| copy == &copies[0]),
                "a copy of {job} is the same message"
            );
        }
        mails.len() - sent.len()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for process in self.nodes.iter_mut().filter_map(|node| node.process.as_mut()) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn check_events(journals: &[Value], tally: &Tally) {
    let found: Vec<_> = journals.iter().map(markers).collect();
    for (person, marker) in list(&tally.saved) {
        assert_eq!(found[person].get(&marker), Some(&1), "{marker} was acknowledged");
    }
    for (person, marker) in list(&tally.refused) {
        assert_eq!(found[person].get(&marker), None, "{marker} was refused");
    }
    for (marker, times) in found.iter().flatten() {
        assert_eq!(*times, 1, "{marker} happened once");
    }
}

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_owned()
}

/// What a statement gives back.
pub(super) fn rows(url: &str, statement: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(texts(url, statement))
}

/// A folder that a test may use beside the desk.
pub(super) fn beside(desk: &Desk, name: &str) -> PathBuf {
    Path::new(desk.dir.path()).join(name)
}
