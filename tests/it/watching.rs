//! What an operator sees of a running house: metrics that move, spans that join one chain; and nobody's name in either.
//! Knows what goes on inside only by what is shown outside.

#![expect(clippy::float_cmp, reason = "the numbers compared are small and whole")]

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use chrono::{DateTime, TimeDelta, Utc};
use peshi_delivery::{Envelope, Outcome, Transport};
use peshi_service::{Clock, Role, Viewer};
use peshi_store::{JobFilter, JobKind};
use peshi_test_support::{DatabaseKind, House, PASSWORD};
use peshi_web::{WebState, metrics_router, router};
use serde_json::json;
use tower::ServiceExt;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// A Monday, ten in the morning in Karachi.
const MONDAY: &str = "2026-04-13T05:00:00Z";
const DISTRICT: &str = "Canarydistrict";
const REFUSER: &str = "Canaryofficer Invented";
const WORDS: &str = "canarywords that were never said";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment in RFC 3339")
}

/// A mail server that is away for the first few tries.
#[derive(Debug)]
struct Shaky(AtomicUsize);

#[async_trait]
impl Transport for Shaky {
    async fn send(&self, _: &Envelope) -> Outcome {
        let away = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        match away {
            Ok(_) => Outcome::Transient {
                reason: "away".to_owned(),
            },
            Err(_) => Outcome::Accepted {
                detail: "taken".to_owned(),
            },
        }
    }

    fn describe(&self) -> String {
        "a mail server that comes and goes".to_owned()
    }
}

/// A house, its desk, its metrics, and a lawyer who is signed in.
struct Watched {
    house: House,
    desk: Router,
    metrics: Router,
    lawyer: Viewer,
    cookie: String,
}

impl Watched {
    async fn new(kind: DatabaseKind) -> Self {
        let house = House::new(kind, at(MONDAY)).await;
        let lawyer = house.staff(Role::Lawyer, "canarylawyer", at(MONDAY)).await;
        let clock = Arc::clone(&house.clock) as Arc<dyn Clock>;
        house.service.meters().time_by(Arc::clone(&clock));
        let desk = router(WebState {
            service: Arc::clone(&house.service),
            renderer: Arc::clone(&house.renderer),
            clock: Arc::clone(&clock),
            secure_cookies: false,
        });
        let token = house
            .service
            .sign_in("canarylawyer@demo.invalid", PASSWORD, at(MONDAY))
            .await
            .expect("the lawyer is let in");
        Self {
            metrics: metrics_router(Arc::clone(&house.service), clock),
            cookie: format!("peshi={token}"),
            desk,
            lawyer,
            house,
        }
    }

    async fn open(&self) -> String {
        let form = json!({"province": "punjab", "district": DISTRICT, "reported_at": "2026-04-12T18:00"});
        let form = serde_json::from_value(form).expect("a form is an object");
        let opened = self
            .house
            .service
            .open_case(&self.lawyer, "abduction", form, at(MONDAY));
        opened.await.expect("a case is opened")
    }

    /// Refuses to register through the desk's form, as a person does.
    async fn refuse(&self, case: &str) -> u16 {
        let encoded = |text: &str| text.replace(' ', "+");
        let row = self.house.store.case_by_reference(case).await;
        let version = row
            .expect("the store answers")
            .expect("the case is there")
            .version;
        let body = format!(
            "version={version}&f-proof=written&f-refused_by={}&f-words_used={}",
            encoded(REFUSER),
            encoded(WORDS)
        );
        let request = Request::post(format!("/cases/{case}/do/case/fir_refused"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, body).await.0
    }

    async fn get(&self, path: &str) -> (u16, String) {
        self.ask(Request::get(path), String::new()).await
    }

    async fn ask(&self, request: axum::http::request::Builder, body: String) -> (u16, String) {
        let request = request
            .header(header::HOST, "desk.invalid")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, &self.cookie)
            .body(Body::from(body));
        answer(&self.desk, request.expect("the request is well formed")).await
    }

    /// The metrics as numbers by name and labels.
    async fn numbers(&self) -> (String, BTreeMap<String, f64>) {
        let request = Request::get("/metrics").body(Body::empty());
        let (status, text) = answer(&self.metrics, request.expect("it is well formed")).await;
        assert_eq!(status, 200);
        let numbers = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let (name, number) = line.rsplit_once(' ').expect("a name and a number");
                (name.to_owned(), number.parse().expect("a number"))
            })
            .collect();
        (text, numbers)
    }

    /// Words that must be found nowhere.
    async fn secrets(&self, case: &str) -> Vec<String> {
        let row = self.house.store.case_by_reference(case).await;
        let row = row.expect("the store answers").expect("the case is there");
        let mut secrets: Vec<String> = [DISTRICT, REFUSER, WORDS, case, "canarylawyer", PASSWORD]
            .map(str::to_owned)
            .to_vec();
        let (_, token) = self.cookie.split_once('=').expect("a cookie has a value");
        secrets.extend([
            row.id.to_string(),
            self.lawyer.account.to_string(),
            token.to_owned(),
        ]);
        secrets
    }
}

async fn answer(router: &Router, request: Request<Body>) -> (u16, String) {
    let response = router.clone().oneshot(request).await.expect("the router answers");
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 20).await;
    let text = String::from_utf8_lossy(&body.expect("the answer is not endless")).into_owned();
    (status, text)
}

#[tokio::test]
async fn metrics_move_and_name_nobody_on_sqlite() {
    metrics_move_and_name_nobody(DatabaseKind::Sqlite).await;
}

#[tokio::test]
async fn metrics_move_and_name_nobody_on_postgres() {
    metrics_move_and_name_nobody(DatabaseKind::Postgres).await;
}

async fn metrics_move_and_name_nobody(kind: DatabaseKind) {
    let watched = Watched::new(kind).await;
    let (_, before) = watched.numbers().await;
    assert_eq!(before["peshi_database_up"], 1.0);
    assert_eq!(before["peshi_oldest_due_seconds"], 0.0);

    let case = watched.open().await;
    assert_eq!(watched.refuse(&case).await, 303);
    assert_eq!(watched.get(&format!("/cases/{case}")).await.0, 200);
    assert_eq!(watched.get(&format!("/cases/{DISTRICT}")).await.0, 404);
    assert_eq!(watched.get(&format!("/{WORDS}").replace(' ', "-")).await.0, 404);
    assert_eq!(watched.get("/ready").await.0, 200);
    let (status, text) = watched.get("/metrics").await;
    assert_eq!(status, 404, "the desk's address shows no metrics");
    assert!(!text.contains("peshi_"), "{text}");
    let invented = Request::builder().method("CANARYWORDS").uri("/today");
    watched.ask(invented, String::new()).await;

    // An hour in which nobody works after the first thing is due.
    let store = &watched.house.store;
    let due = store
        .next_due()
        .await
        .expect("the store answers")
        .expect("something is due");
    watched.house.clock.set(due + TimeDelta::hours(1));
    let (_, late) = watched.numbers().await;
    assert_eq!(late["peshi_oldest_due_seconds"], 3_600.0);
    let waiting = ["timer", "message"].map(|kind| late[&format!("peshi_jobs_due{{kind=\"{kind}\"}}")]);
    assert!(waiting.iter().sum::<f64>() >= 1.0, "{late:?}");

    let shaky = Arc::new(Shaky(AtomicUsize::new(1)));
    let scheduler = watched.house.scheduler_with("watched", shaky);
    watched
        .house
        .live_until(&scheduler, due + TimeDelta::days(4))
        .await;
    let (text, after) = watched.numbers().await;
    let number = |name: &str| {
        after
            .get(name)
            .copied()
            .unwrap_or_else(|| panic!("{name} in\n{text}"))
    };
    for name in [
        "peshi_http_requests_total{method=\"POST\",route=\"/cases/{reference}/do/{instance}/{event}\",status=\"303\"}",
        "peshi_http_requests_total{method=\"GET\",route=\"/cases/{reference}\",status=\"200\"}",
        "peshi_http_requests_total{method=\"GET\",route=\"/cases/{reference}\",status=\"404\"}",
        "peshi_http_requests_total{method=\"GET\",route=\"(none)\",status=\"404\"}",
        "peshi_http_requests_total{method=\"other\",route=\"/today\",status=\"405\"}",
        "peshi_http_request_seconds_count{route=\"/cases/{reference}\"}",
        "peshi_jobs_claimed_total{kind=\"timer\"}",
        "peshi_jobs_claimed_total{kind=\"message\"}",
        "peshi_jobs_settled_total{kind=\"timer\",outcome=\"done\"}",
        "peshi_jobs_settled_total{kind=\"message\",outcome=\"done\"}",
        "peshi_jobs_settled_total{kind=\"message\",outcome=\"retry\"}",
        "peshi_jobs_settled_total{kind=\"schedule\",outcome=\"done\"}",
        "peshi_ticks_total{result=\"done\"}",
        "peshi_tick_seconds_count",
        "peshi_commit_group_commands_count",
        "peshi_commit_seconds_count",
    ] {
        assert!(number(name) >= 1.0, "{name} moved: {text}");
    }
    assert_eq!(
        number("peshi_jobs_settled_total{kind=\"message\",outcome=\"retry\"}"),
        1.0
    );
    assert_eq!(number("peshi_oldest_due_seconds"), 0.0, "everything is done");
    for secret in watched.secrets(&case).await {
        assert!(
            !text.to_lowercase().contains(&secret.to_lowercase()),
            "{secret} is in\n{text}"
        );
    }
    watched.house.database.remove().await;
}

/// A span as it was opened: its name, its fields, and the names of those around it.
#[derive(Debug, Clone)]
struct Seen {
    name: &'static str,
    fields: BTreeMap<String, String>,
    around: Vec<&'static str>,
}

/// Keeps every span, and every event's text.
#[derive(Clone, Default)]
struct Watcher {
    spans: Arc<Mutex<Vec<Seen>>>,
    all: Arc<Mutex<String>>,
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Watcher {
    fn keep(&self, fields: &BTreeMap<String, String>) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(all, "{fields:?}");
    }

    /// The spans of a name whose field has this value.
    fn with(&self, name: &str, field: &str, value: &str) -> Vec<Seen> {
        let spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let found = |seen: &&Seen| seen.name == name && seen.fields.get(field).is_some_and(|v| v == value);
        spans.iter().filter(found).cloned().collect()
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Watcher {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !attributes.metadata().target().starts_with("peshi") {
            return;
        }
        let mut fields = BTreeMap::new();
        attributes.record(&mut Fields(&mut fields));
        self.keep(&fields);
        let around = context.span_scope(id).into_iter().flatten().skip(1);
        let seen = Seen {
            name: attributes.metadata().name(),
            fields,
            around: around.map(|span| span.name()).collect(),
        };
        self.spans
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(seen);
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if !event.metadata().target().starts_with("peshi") {
            return;
        }
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        self.keep(&fields);
    }
}

#[tokio::test]
async fn one_trace_joins_the_form_the_timers_and_the_mail() {
    let watcher = Watcher::default();
    // With one subscriber alive the library asks only the thread that first reaches a span whether anybody listens, and that
    // may be another test's.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _watching = tracing_subscriber::registry().with(watcher.clone()).set_default();
    let watched = Watched::new(DatabaseKind::Sqlite).await;
    let case = watched.open().await;
    assert_eq!(watched.refuse(&case).await, 303);

    let route = "/cases/{reference}/do/{instance}/{event}";
    let requests = watcher.with("request", "route", route);
    let [request] = requests.as_slice() else {
        panic!("one request was made: {requests:?}");
    };
    let trace = request.fields["trace"].clone();
    assert_eq!(trace.len(), 32, "{request:?}");
    let decided = watcher.with("decide", "trace", &trace);
    assert_eq!(decided.len(), 1, "{decided:?}");
    assert_eq!(decided[0].fields["command"], "event");
    assert!(!watcher.with("write", "commands", "1").is_empty());

    let row = watched.house.store.case_by_reference(&case).await;
    let row = row.expect("the store answers").expect("the case is there");
    let timers = JobFilter {
        case_id: Some(row.id),
        kinds: vec![JobKind::Timer],
        ..JobFilter::all(100)
    };
    let jobs = watched
        .house
        .store
        .jobs(&timers)
        .await
        .expect("the store answers");
    let mine: Vec<_> = jobs
        .iter()
        .filter(|job| job.trace.as_deref() == Some(&trace))
        .collect();
    assert!(!mine.is_empty(), "the refusal started clocks: {jobs:?}");

    let scheduler = watched.house.scheduler("watched");
    let last = mine.iter().map(|job| job.due_at).max().expect("there are some");
    watched
        .house
        .live_until(&scheduler, last + TimeDelta::days(1))
        .await;
    let decided = watcher.with("decide", "trace", &trace);
    assert!(
        decided.iter().any(|seen| seen.fields["command"] == "timer_due"),
        "the timers carry it: {decided:?}"
    );
    let tries = watcher.with("job", "trace", &trace);
    for kind in ["timer", "message"] {
        assert!(
            tries.iter().any(|seen| seen.fields["kind"] == kind),
            "{kind}: {tries:?}"
        );
    }
    let delivered = watcher.with("deliver", "channel", "email");
    assert!(
        !delivered.is_empty() && delivered.iter().all(|seen| seen.around.contains(&"job")),
        "{delivered:?}"
    );
    assert!(!watched.house.mails().is_empty());

    // Another request begins another chain.
    watched.get("/today").await;
    let other = watcher.with("request", "route", "/today");
    assert_ne!(other[0].fields["trace"], trace);

    let all = watcher
        .all
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .to_lowercase();
    assert!(all.len() > 1_000);
    let secrets = watched.secrets(&case).await;
    // A job's id is made of its case's or its reader's, which name nobody.
    let ids = [row.id.to_string(), watched.lawyer.account.to_string()];
    for secret in secrets.iter().filter(|secret| !ids.contains(secret)) {
        assert!(!all.contains(&secret.to_lowercase()), "{secret} is in\n{all}");
    }
}
