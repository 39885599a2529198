//! Who gets which answer at which address: every row of the router's own table, asked by everybody, against the table
//! below. What a case holds reaches nobody who may not open it, and nobody's words reach the log.

mod counter;
pub(crate) mod ear;

use std::collections::BTreeSet;

use peshi_web::{ROUTES, Who};

use counter::{ASKERS, Asker, Counter, Reply, SECRETS, Sent};

/// What somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// 200: the page.
    Page,
    /// 303: it is done, and the way leads on.
    Done,
    /// 303: sign in first.
    SignIn,
    /// 401: these are not your name and password.
    Wrong,
    /// 403: not for your role.
    Refused,
    /// 404: as if it did not exist.
    Hidden,
}

use Told::{Done, Hidden, Page, Refused, SignIn, Wrong};

const EVERYBODY: [Told; 6] = [Page; 6];
const STAFF: [Told; 6] = [SignIn, Page, Page, Page, Page, Page];
const READERS: [Told; 6] = [SignIn, Hidden, Page, Page, Hidden, Hidden];
const WORKERS: [Told; 6] = [SignIn, Hidden, Done, Done, Hidden, Hidden];

/// The answers at every address to: a stranger, the administrator, the coordinator, the lawyer of the case, a lawyer of
/// another case, the auditor.
const EXPECTED: [(&str, &str, [Told; 6]); 36] = [
    ("GET", "/", [SignIn, Done, Done, Done, Done, Done]),
    ("GET", "/sign-in", EVERYBODY),
    ("POST", "/sign-in", [Wrong, Done, Done, Done, Done, Done]),
    ("POST", "/sign-out", [SignIn; 6]),
    ("POST", "/language", [Done; 6]),
    ("GET", "/today", STAFF),
    ("GET", "/cases", STAFF),
    ("POST", "/cases", STAFF),
    ("GET", "/cases/new", [SignIn, Refused, Page, Page, Page, Refused]),
    ("POST", "/cases/new", [SignIn, Refused, Done, Done, Done, Refused]),
    ("GET", "/cases/{reference}", READERS),
    ("GET", "/cases/{reference}/journal", READERS),
    ("GET", "/cases/{reference}/picture", READERS),
    ("GET", "/cases/{reference}/messages", READERS),
    ("GET", "/cases/{reference}/do/{instance}/{event}", READERS),
    ("POST", "/cases/{reference}/do/{instance}/{event}", WORKERS),
    ("GET", "/cases/{reference}/people", READERS),
    ("POST", "/cases/{reference}/people", WORKERS),
    ("GET", "/cases/{reference}/violations", READERS),
    ("POST", "/cases/{reference}/violations", WORKERS),
    ("GET", "/cases/{reference}/documents", READERS),
    ("POST", "/cases/{reference}/documents", WORKERS),
    // The copy itself.
    ("POST", "/cases/{reference}/documents/{document}", READERS),
    ("POST", "/cases/{reference}/tasks/{task}/done", WORKERS),
    ("POST", "/cases/{reference}/deadlines/{deadline}", WORKERS),
    (
        "GET",
        "/board",
        [SignIn, Refused, Page, Refused, Refused, Refused],
    ),
    (
        "GET",
        "/violations",
        [SignIn, Refused, Page, Refused, Refused, Refused],
    ),
    ("GET", "/outbox", STAFF),
    (
        "GET",
        "/admin",
        [SignIn, Page, Refused, Refused, Refused, Refused],
    ),
    (
        "GET",
        "/admin/calendar",
        [SignIn, Page, Refused, Refused, Refused, Refused],
    ),
    (
        "POST",
        "/admin/calendar",
        [SignIn, Page, Refused, Refused, Refused, Refused],
    ),
    ("GET", "/health", EVERYBODY),
    ("GET", "/ready", EVERYBODY),
    ("GET", "/static/peshi.css", EVERYBODY),
    ("GET", "/static/picture.css", EVERYBODY),
    ("GET", "/static/peshi.svg", EVERYBODY),
];

impl Told {
    fn of(reply: &Reply) -> Self {
        match (reply.status, reply.location.as_deref()) {
            (200, _) => Page,
            (303, Some(to)) if to.starts_with("/sign-in") => SignIn,
            (303, Some(_)) => Done,
            (401, _) => Wrong,
            (403, _) => Refused,
            (404, _) => Hidden,
            (status, to) => panic!("an answer that has no name here: {status} {to:?}"),
        }
    }

    /// They got what they asked for.
    fn granted(self) -> bool {
        matches!(self, Page | Done)
    }
}

/// Whether the router's table means an address for this asker.
fn meant_for(who: Who, asker: Asker) -> bool {
    match who {
        Who::Anyone => true,
        Who::Staff => asker != Asker::Stranger,
        Who::CaseWorker | Who::CaseReader => {
            !matches!(asker, Asker::Stranger | Asker::Administrator | Asker::Auditor)
        }
        Who::Coordinator => asker == Asker::Coordinator,
        Who::Administrator => asker == Asker::Administrator,
    }
}

#[test]
fn every_address_has_its_row() {
    let known: BTreeSet<(&str, &str)> = EXPECTED
        .iter()
        .map(|(method, path, _)| (*method, *path))
        .collect();
    let served: BTreeSet<(&str, &str)> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
    assert_eq!(
        known, served,
        "the left is the table of this test, the right the router's: say who gets which answer at a new address"
    );
    assert_eq!(known.len(), EXPECTED.len(), "no row stands twice");
    for route in ROUTES {
        for (asker, told) in ASKERS.into_iter().zip(row(route.method, route.path)) {
            assert!(
                meant_for(route.who, asker) || !told.granted(),
                "{route:?} is not meant for {asker:?}, who is told {told:?}"
            );
        }
    }
}

fn row(method: &str, path: &str) -> [Told; 6] {
    let found = EXPECTED.iter().find(|(m, p, _)| (*m, *p) == (method, path));
    let (.., told) = found.unwrap_or_else(|| panic!("{method} {path} has no row"));
    *told
}

/// One thread does everything here, so that what any part of the house logs comes to the ear of this test.
#[tokio::test]
async fn everybody_gets_the_answers_of_the_table() {
    let counter = Counter::open().await;
    let mut shown = String::new();
    let mut asked = 0;
    // What is typed first is what the pages asked for afterwards may tell.
    for method in ["POST", "GET"] {
        for route in ROUTES.iter().filter(|route| route.method == method) {
            for (asker, expected) in ASKERS.into_iter().zip(row(route.method, route.path)) {
                let what = format!("{route:?}, asked by {asker:?}");
                let sent = counter.sent(route.method, route.path, asker).await;
                let before = counter.caseload().await;
                let reply = counter.ask(&sent).await;
                asked += 1;
                assert_eq!(Told::of(&reply), expected, "{what}");
                let changed = counter.caseload().await != before;
                let should = expected.granted() && route.who == Who::CaseWorker && method == "POST";
                assert_eq!(changed, should, "{what}: whether a case changed");
                if matches!(asker, Asker::Coordinator | Asker::CaseLawyer) {
                    shown.push_str(&reply.text);
                } else {
                    learns_nothing(&counter, &sent, &reply, &what);
                }
            }
        }
    }
    for secret in SECRETS.iter().filter(|secret| secret.shown) {
        assert!(
            shown.contains(secret.text),
            "those who may read the case find `{}`: else its absence says nothing",
            secret.text
        );
    }
    let to_families = counter.send_what_is_due().await;
    assert!(!to_families.is_empty(), "the families are told of the hearing");
    for mail in to_families {
        let told = SECRETS
            .iter()
            .find(|secret| secret.shown && mail.contains(secret.text));
        assert!(
            told.is_none(),
            "a mail that others may read betrays the case: {mail}"
        );
    }
    the_log_tells_no_secret(&counter, asked);
}

/// Neither a secret of a case nor the name of a case that was not in the question.
fn learns_nothing(counter: &Counter, sent: &Sent, reply: &Reply, what: &str) {
    for secret in SECRETS {
        assert!(
            !reply.text.contains(secret.text),
            "{what}: `{}` was told",
            secret.text
        );
    }
    for reference in counter.references() {
        assert!(
            sent.path.contains(reference) || !reply.text.contains(reference),
            "{what}: that {reference} exists was told"
        );
    }
}

fn the_log_tells_no_secret(counter: &Counter, asked: usize) {
    let log = counter.log();
    let answered = log.lines().filter(|line| line.contains("answered")).count();
    assert!(answered >= asked, "{answered} lines for {asked} answers");
    assert!(
        log.contains("message accepted"),
        "messages left, and are in the log"
    );
    for secret in SECRETS {
        let line = log.lines().find(|line| line.contains(secret.text));
        assert_eq!(line, None, "`{}` was logged", secret.text);
    }
    for word in counter.words_of_sign_in() {
        let line = log.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "a password or a session was logged");
    }
    for reference in counter.references() {
        let address = format!("/cases/{reference}");
        let line = log.lines().find(|line| line.contains(&address));
        assert_eq!(line, None, "an address was logged: it names a case");
    }
}

/// A form that another site sends in the name of somebody who is signed in does nothing.
#[tokio::test]
async fn forms_of_other_sites_do_nothing() {
    let counter = Counter::open().await;
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        let mut sent = counter.sent(route.method, route.path, Asker::Coordinator).await;
        sent.site = "cross-site";
        let before = counter.caseload().await;
        let reply = counter.ask(&sent).await;
        assert_eq!(reply.status, 403, "{route:?}");
        assert_eq!(counter.caseload().await, before, "{route:?}: cases changed");
    }
    let page = counter.sent("GET", "/today", Asker::Coordinator).await;
    assert_eq!(counter.ask(&page).await.status, 200, "they are still signed in");
}

#[tokio::test]
async fn nothing_is_kept_and_nothing_foreign_is_loaded() {
    let counter = Counter::open().await;
    for route in ROUTES.iter().filter(|route| route.method == "GET") {
        let sent = counter.sent(route.method, route.path, Asker::CaseLawyer).await;
        let reply = counter.ask(&sent).await;
        let policy = reply.header("content-security-policy").unwrap_or_default();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("script-src"),
            "{route:?}: {policy}"
        );
        assert_eq!(reply.header("x-frame-options"), Some("DENY"), "{route:?}");
        let kept = reply.header("cache-control").unwrap_or_default();
        let may_be_kept = route.path.starts_with("/static/");
        assert_eq!(kept == "no-store", !may_be_kept, "{route:?}: {kept}");
        // A picture repeats itself so much that a sixth of it travels.
        let most = if route.path.ends_with("/picture") { 192 } else { 50 };
        assert!(
            reply.text.len() < most * 1024,
            "{route:?} has {} bytes; phones pay for each",
            reply.text.len()
        );
    }
}
