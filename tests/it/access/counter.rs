//! A house with six people before its counter, a case for each of them to ask about, secrets in every case, and an ear on
//! the log. Knows how each address is asked; judges no answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use chrono::{DateTime, Utc};
use peshi_casework::Fields;
use peshi_service::{CaseListFilter, GrantPermission, RecordEvent, Role, Viewer};
use peshi_store::HeartbeatRow;
use peshi_test_support::{DatabaseKind, House, PASSWORD};
use peshi_web::{WebState, router};
use serde_json::{Value, json};
use tower::ServiceExt;
use tracing::subscriber::DefaultGuard;

use super::ear::Ear;

/// A Monday, ten in the morning in Karachi.
const MONDAY: &str = "2026-04-13T05:00:00Z";
/// When everything that the stories make due has been sent.
const THURSDAY: &str = "2026-04-16T05:00:00Z";
/// The largest answer read, in bytes.
const MOST: usize = 1024 * 1024;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asker {
    Stranger,
    Administrator,
    Coordinator,
    /// In the team of every case asked about.
    CaseLawyer,
    /// In no team but that of their own case.
    OtherLawyer,
    Auditor,
}

/// Everybody who asks, in the order of the tables.
pub(super) const ASKERS: [Asker; 6] = [
    Asker::Stranger,
    Asker::Administrator,
    Asker::Coordinator,
    Asker::CaseLawyer,
    Asker::OtherLawyer,
    Asker::Auditor,
];

impl Asker {
    fn login(self) -> &'static str {
        match self {
            Self::Stranger => "nobody@demo.invalid",
            Self::Administrator => "administrator@demo.invalid",
            Self::Coordinator => "coordinator@demo.invalid",
            Self::CaseLawyer => "lawyer@demo.invalid",
            Self::OtherLawyer => "other@demo.invalid",
            Self::Auditor => "auditor@demo.invalid",
        }
    }
}

/// Something that only those may read who may open the case.
pub(super) struct Secret {
    pub(super) text: &'static str,
    /// A page shows it in full to those who may; an address is masked for them too.
    pub(super) shown: bool,
}

const NAME: &str = "Canaryname Invented";
const WITNESS: &str = "Canarywitness Invented";
const STORY: &str = "canarystory of an invented evening";
const REFUSER: &str = "Canaryofficer Invented";
const WORDS: &str = "canarywords that were never said";
const NOTE: &str = "canarynote about an invented search";
const DOCUMENT: &str = "Canarydocument Invented.txt";
const PAPER: &str = "canarypaper of an invented statement";
const DISTRICT: &str = "Canarydistrict";
const PHONE: &str = "0300-0000077";
const MAIL: &str = "canarymailbox@demo.invalid";
/// What the other lawyer types into their own case: they may read it again, the log may not.
const OWN: &str = "canaryown of another invented case";

const fn shown(text: &'static str) -> Secret {
    Secret { text, shown: true }
}

const fn masked(text: &'static str) -> Secret {
    Secret { text, shown: false }
}

/// The secrets of the cases asked about.
pub(super) const SECRETS: [Secret; 13] = [
    shown(NAME),
    shown(WITNESS),
    shown(STORY),
    shown(REFUSER),
    shown(WORDS),
    shown(NOTE),
    shown(DISTRICT),
    shown(DOCUMENT),
    shown(PAPER),
    masked(PHONE),
    masked("+923000000077"),
    masked("923000000077"),
    masked(MAIL),
];

/// A request.
pub(super) struct Sent {
    method: &'static str,
    pub(super) path: String,
    cookie: Option<String>,
    form: Vec<(&'static str, String)>,
    /// The name and the text of a file that is sent in place of a form.
    file: Option<(&'static str, &'static str)>,
    /// What the browser says about the site that sends it.
    pub(super) site: &'static str,
}

/// Its answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    headers: HeaderMap,
    /// Headers and body: all there is to learn from.
    pub(super) text: String,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The house and its counter.
pub(super) struct Counter {
    house: House,
    router: Router,
    coordinator: Viewer,
    /// The reference of each asker's case: what one does there is not in the way of the next.
    cases: Vec<(Asker, String)>,
    /// The cookie of everybody who is signed in.
    sessions: BTreeMap<Asker, String>,
    /// Words that nobody may find in the log.
    never_logged: Vec<String>,
    ear: Ear,
    _listening: DefaultGuard,
}

impl Counter {
    pub(super) async fn open() -> Self {
        let ear = Ear::default();
        let listening = ear.listen();
        let now = moment(MONDAY);
        let house = House::new(DatabaseKind::Sqlite, now).await;
        house.staff(Role::Administrator, "administrator", now).await;
        house.staff(Role::Auditor, "auditor", now).await;
        house.staff(Role::Lawyer, "other", now).await;
        let coordinator = house.staff(Role::Coordinator, "coordinator", now).await;
        let lawyer = house.staff(Role::Lawyer, "lawyer", now).await;
        house
            .scheduler("access")
            .tick(now)
            .await
            .expect("the scheduler ticks");
        // Virtual time leaves no sign of life, and a house without one is not well.
        house
            .store
            .heartbeat("access", now, HeartbeatRow::TICK)
            .await
            .expect("the sign of life is kept");
        let router = router(WebState {
            service: Arc::clone(&house.service),
            renderer: Arc::clone(&house.renderer),
            clock: house.clock.clone(),
            secure_cookies: false,
        });
        let mut counter = Self {
            house,
            router,
            coordinator,
            cases: Vec::new(),
            sessions: BTreeMap::new(),
            never_logged: vec![PASSWORD.to_owned(), OWN.to_owned()],
            ear,
            _listening: listening,
        };
        for asker in ASKERS {
            let reference = counter.live_a_case(&lawyer).await;
            counter.cases.push((asker, reference));
        }
        for asker in ASKERS.into_iter().filter(|asker| *asker != Asker::Stranger) {
            let cookie = counter.sign_in(asker).await;
            let (_, token) = cookie.split_once('=').expect("a cookie has a value");
            counter.never_logged.push(token.to_owned());
            counter.sessions.insert(asker, cookie);
        }
        counter
    }

    /// A case with a secret wherever one can be written, a contact who may be written to, and tasks.
    async fn live_a_case(&self, lawyer: &Viewer) -> String {
        let (service, now) = (&self.house.service, moment(MONDAY));
        let opening = json!({
            "province": "punjab", "district": DISTRICT, "reported_at": "2026-04-12T18:00", "summary": STORY,
        });
        let case = service
            .open_case(lawyer, "abduction", fields(opening), now)
            .await
            .expect("a case is opened");
        service
            .add_document(lawyer, &case, DOCUMENT, PAPER.into(), now)
            .await
            .expect("a document is added");
        let person = service
            .add_person(lawyer, &case, "family_contact", NAME, now)
            .await
            .expect("a person is added");
        for (channel, address) in [("email", MAIL), ("sms", PHONE)] {
            let given = GrantPermission {
                channel: channel.to_owned(),
                address: address.to_owned(),
                language: "en".to_owned(),
                days: 30,
                safe_from: None,
                safe_until: None,
                phone_at_risk: false,
            };
            service
                .grant_permission(lawyer, &case, &person, given, now)
                .await
                .expect("a permission is recorded");
        }
        let steps = [
            (
                "case",
                "accept",
                json!({"conflict_checked": "true", "consent_by": "guardian"}),
            ),
            (
                "case",
                "fir_refused",
                json!({"proof": "written", "refused_by": REFUSER, "words_used": WORDS}),
            ),
            ("case", "petition_22a", json!({})),
            (
                "proceeding-1",
                "filed",
                json!({"forum": "sessions_court", "filed_on": "2026-04-13"}),
            ),
            // The family is told of it.
            (
                "proceeding-1",
                "hearing_fixed",
                json!({"at": "2026-04-30T09:00", "court": "An invented court"}),
            ),
        ];
        for (instance, event, form) in steps {
            let record = RecordEvent {
                instance: instance.to_owned(),
                event: event.to_owned(),
                form: fields(form),
                ..RecordEvent::default()
            };
            service
                .record(lawyer, &case, record, now)
                .await
                .unwrap_or_else(|e| panic!("{event}: {e}"));
        }
        case
    }

    /// Signs in; gives the cookie of the new session.
    async fn sign_in(&self, asker: Asker) -> String {
        let sent = Sent {
            method: "POST",
            path: "/sign-in".to_owned(),
            cookie: None,
            form: vec![
                ("login", asker.login().to_owned()),
                ("password", PASSWORD.to_owned()),
            ],
            file: None,
            site: "same-origin",
        };
        let reply = self.ask(&sent).await;
        reply
            .header("set-cookie")
            .and_then(|cookie| cookie.split(';').next())
            .unwrap_or_else(|| panic!("{asker:?} is let in"))
            .to_owned()
    }

    fn case_of(&self, asker: Asker) -> &str {
        self.cases
            .iter()
            .find(|(known, _)| *known == asker)
            .map(|(_, reference)| reference.as_str())
            .expect("there is a case for everybody")
    }

    /// The cases that were there before anybody asked.
    pub(super) fn references(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|(_, reference)| reference.as_str())
    }

    /// The request that an asker sends to an address: complete, so that only who they are decides about it.
    pub(super) async fn sent(&self, method: &'static str, pattern: &str, asker: Asker) -> Sent {
        let case = self.case_of(asker);
        let now = moment(MONDAY);
        let view = self
            .house
            .service
            .case(&self.coordinator, case, now)
            .await
            .expect("the coordinator reads every case");
        let task = view.tasks.first().map_or("none", |task| task.id.as_str());
        // A clock that can be stopped, and started again by whoever asks next.
        let date = view.dates.iter().find(|date| date.counted && !date.missed);
        let path = pattern
            .replace("{reference}", case)
            .replace("{instance}", "case")
            .replace("{event}", "search_pressed")
            .replace("{document}", "1")
            .replace("{task}", &encoded(task))
            .replace(
                "{deadline}",
                &encoded(date.map_or("none", |date| date.id.as_str())),
            );
        let text = str::to_owned;
        let form = match (method, pattern) {
            ("POST", "/sign-in") => vec![("login", text(asker.login())), ("password", text(PASSWORD))],
            ("POST", "/language") => vec![("language", text("en")), ("back", text("/today"))],
            ("POST", "/cases") => vec![("name", text("Nobody Invented"))],
            ("POST", "/cases/new") => {
                let story = if asker == Asker::OtherLawyer { OWN } else { STORY };
                vec![
                    ("pack", text("abduction")),
                    ("f-province", text("punjab")),
                    ("f-district", text("Invented")),
                    ("f-reported_at", text("2026-04-12T18:00")),
                    ("f-summary", text(story)),
                ]
            }
            ("POST", "/cases/{reference}/do/{instance}/{event}") => {
                vec![
                    ("version", view.version.to_string()),
                    ("f-check_note", text(NOTE)),
                ]
            }
            ("POST", "/cases/{reference}/deadlines/{deadline}") => {
                let stopped = date.is_some_and(|date| date.stopped.is_some());
                vec![
                    ("version", view.version.to_string()),
                    ("what", text(if stopped { "resume" } else { "stop" })),
                    ("category", text("other")),
                    ("reason", text(NOTE)),
                ]
            }
            ("POST", "/admin/calendar") => vec![
                ("calendar", text("pk")),
                ("day", text("2026-04-20")),
                ("name", text("Strike")),
                ("status", text("confirmed")),
            ],
            ("POST", "/cases/{reference}/people") => {
                vec![
                    ("what", text("add")),
                    ("role", text("witness")),
                    ("name", text(WITNESS)),
                ]
            }
            ("POST", "/cases/{reference}/violations") => {
                vec![
                    ("what", text("note")),
                    ("code", text("P01")),
                    ("account", text(WORDS)),
                ]
            }
            ("POST", "/cases/{reference}/documents/{document}") => vec![("what", text("copy"))],
            _ => Vec::new(),
        };
        let file = pattern.ends_with("/documents").then_some(("another.txt", WORDS));
        let mut cookie = self.sessions.get(&asker).cloned();
        if pattern == "/sign-out" && cookie.is_some() {
            // A session to throw away: the other is needed for the questions that follow.
            cookie = Some(self.sign_in(asker).await);
        }
        Sent {
            method,
            path,
            cookie,
            form,
            file,
            site: "same-origin",
        }
    }

    /// Asks as a browser does.
    pub(super) async fn ask(&self, sent: &Sent) -> Reply {
        let mut request = Request::builder()
            .method(sent.method)
            .uri(&sent.path)
            .header(header::HOST, "desk.invalid")
            .header("sec-fetch-site", sent.site);
        if let Some(cookie) = &sent.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let body = if sent.method != "POST" {
            Body::empty()
        } else if let Some((name, text)) = sent.file {
            request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=part");
            Body::from(format!(
                "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n--part--\r\n"
            ))
        } else {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let pairs = sent
                .form
                .iter()
                .map(|(name, value)| format!("{name}={}", encoded(value)));
            Body::from(pairs.collect::<Vec<_>>().join("&"))
        };
        let request = request.body(body).expect("the request is well formed");
        let router = self.router.clone();
        let response = router.oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, MOST).await.expect("the answer is not endless");
        Reply {
            status: parts.status.as_u16(),
            location: parts
                .headers
                .get(header::LOCATION)
                .and_then(|to| to.to_str().ok())
                .map(str::to_owned),
            text: format!("{:?}\n{}", parts.headers, String::from_utf8_lossy(&body)),
            headers: parts.headers,
        }
    }

    /// How many cases there are, and the versions of those that were there before anybody asked.
    pub(super) async fn caseload(&self) -> (u64, Vec<i64>) {
        let list = self
            .house
            .service
            .my_cases(&self.coordinator, &CaseListFilter::default(), moment(MONDAY))
            .await
            .expect("the coordinator lists every case");
        let mut versions = Vec::new();
        for reference in self.references() {
            let row = self.house.store.case_by_reference(reference).await;
            versions.push(row.expect("the store answers").expect("it is there").version);
        }
        (list.total, versions)
    }

    /// Lives on until what the stories made due is sent; gives the mail that left for the families.
    pub(super) async fn send_what_is_due(&self) -> Vec<String> {
        let scheduler = self.house.scheduler("access");
        self.house.live_until(&scheduler, moment(THURSDAY)).await;
        let mails = self.house.mails().into_values();
        mails.filter(|mail| mail.contains(MAIL)).collect()
    }

    /// Everything that was logged so far, by any part of the house.
    pub(super) fn log(&self) -> String {
        self.ear.heard()
    }

    /// The password, the sessions, and what is somebody's own.
    pub(super) fn words_of_sign_in(&self) -> impl Iterator<Item = &str> {
        self.never_logged.iter().map(String::as_str)
    }
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment in RFC 3339")
}

fn fields(form: Value) -> Fields {
    match form {
        Value::Object(fields) => fields,
        other => panic!("a form is an object, not {other}"),
    }
}

/// As in a form or a part of an address.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}
