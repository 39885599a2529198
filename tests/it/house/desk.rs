//! A desk with staff, and the steps every story begins with. Knows the abduction pack's events; asserts nothing itself.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use peshi_casework::Fields;
use peshi_delivery::{Envelope, Outcome, Transport};
use peshi_scheduler::{Scheduler, Settings};
use peshi_service::{RecordEvent, Role, ScheduleSpec, ServiceError, Viewer};
use peshi_store::{JobFilter, JobKind, JobRow, JobState};
use peshi_test_support::{DatabaseKind, House};
use serde_json::{Value, json};

/// The Monday on which every story begins, ten in the morning in Karachi.
pub(super) const MONDAY: &str = "2026-04-13T05:00:00Z";
/// The hearing: a Thursday at nine, 04:00 UTC.
pub(super) const HEARING: &str = "2026-04-30T09:00";

/// A moment.
pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment in RFC 3339")
}

/// A house with people in it.
pub(super) struct Desk {
    pub(super) house: House,
    pub(super) coordinator: Viewer,
    /// Opens the case, so they are its team.
    pub(super) lawyer: Viewer,
    /// A lawyer who is in no team of the case.
    pub(super) stranger: Viewer,
    pub(super) administrator: Viewer,
    /// What left, when a story sends through it.
    pub(super) sent: Arc<Recorder>,
}

/// Runs one story on a database of its own.
pub(super) async fn with_desk(kind: DatabaseKind, story: impl AsyncFnOnce(&Desk)) {
    let desk = Desk::new(kind).await;
    story(&desk).await;
    desk.house.database.remove().await;
}

impl Desk {
    async fn new(kind: DatabaseKind) -> Self {
        let now = at(MONDAY);
        let house = House::new(kind, now).await;
        let desk = Self {
            coordinator: house.staff(Role::Coordinator, "coordinator", now).await,
            lawyer: house.staff(Role::Lawyer, "lawyer", now).await,
            stranger: house.staff(Role::Lawyer, "stranger", now).await,
            administrator: house.staff(Role::Administrator, "administrator", now).await,
            sent: Arc::default(),
            house,
        };
        // A schedule begins when it is first seen.
        desk.recording("first").tick(now).await.expect("the first tick");
        desk
    }

    /// A worker whose mail is kept in memory.
    pub(super) fn recording(&self, worker: &str) -> Scheduler {
        self.house
            .scheduler_with(worker, Arc::clone(&self.sent) as Arc<dyn Transport>)
    }

    /// A worker whose mail is kept in memory, with schedules of its own.
    pub(super) fn with_schedules(&self, worker: &str, schedules: Vec<ScheduleSpec>) -> Scheduler {
        let house = &self.house;
        let settings = Settings {
            schedules,
            ..Settings::usual(worker)
        };
        Scheduler::new(
            Arc::clone(&house.service),
            Arc::clone(&house.store),
            Arc::clone(&house.renderer),
            Arc::clone(&self.sent) as Arc<dyn Transport>,
            settings,
        )
    }

    /// Opens a case; gives its reference.
    pub(super) async fn open(&self, by: &Viewer) -> String {
        let form = json!({"province": "punjab", "district": "Invented", "reported_at": "2026-04-12T18:00"});
        self.house
            .service
            .open_case(by, "abduction", fields(form), at(MONDAY))
            .await
            .expect("a case is opened")
    }

    /// Records an event.
    pub(super) async fn record(
        &self,
        by: &Viewer,
        case: &str,
        (instance, event): (&str, &str),
        form: Value,
        now: DateTime<Utc>,
    ) -> Result<i64, ServiceError> {
        let event = RecordEvent {
            instance: instance.to_owned(),
            event: event.to_owned(),
            form: fields(form),
            ..RecordEvent::default()
        };
        self.house.service.record(by, case, event, now).await
    }

    /// A case whose petition against the refusal is to be heard at [`HEARING`].
    pub(super) async fn case_with_hearing(&self) -> String {
        let case = self.open(&self.lawyer).await;
        self.bring_to_court(&case).await;
        case
    }

    /// From the refusal to the date of the hearing, in one morning.
    pub(super) async fn bring_to_court(&self, case: &str) {
        let steps = [
            ("case", "fir_refused", json!({"proof": "written"})),
            ("case", "petition_22a", json!({})),
            (
                "proceeding-1",
                "filed",
                json!({"forum": "sessions_court", "filed_on": "2026-04-13"}),
            ),
            (
                "proceeding-1",
                "hearing_fixed",
                json!({"at": HEARING, "court": "An invented court"}),
            ),
        ];
        for (instance, event, form) in steps {
            let recorded = self
                .record(&self.lawyer, case, (instance, event), form, at(MONDAY))
                .await;
            recorded.unwrap_or_else(|e| panic!("{event} is recorded: {e}"));
        }
    }

    /// The rows of a case, or of all: every message, or every timer.
    pub(super) async fn jobs(&self, case: Option<&str>, kind: JobKind) -> Vec<JobRow> {
        let mut filter = JobFilter::all(10_000);
        filter.kinds = vec![kind];
        if let Some(case) = case {
            let row = self
                .house
                .store
                .case_by_reference(case)
                .await
                .expect("the store answers");
            filter.case_id = Some(row.expect("the case is there").id);
        }
        self.house.store.jobs(&filter).await.expect("the store answers")
    }

    /// Messages of one kind about a case, with what became of them.
    pub(super) async fn fates(&self, case: &str, message: &str) -> Vec<(JobState, Option<String>)> {
        let jobs = self.jobs(Some(case), JobKind::Message).await;
        jobs.into_iter()
            .filter(|job| job.message_kind.as_deref() == Some(message))
            .map(|job| (job.state, job.reason))
            .collect()
    }
}

/// A form as filled in.
pub(super) fn fields(form: Value) -> Fields {
    match form {
        Value::Object(fields) => fields,
        other => panic!("a form is an object, not {other}"),
    }
}

/// A way out that keeps what left.
#[derive(Default)]
pub(super) struct Recorder(Mutex<Vec<Envelope>>);

impl Recorder {
    /// What left whose Message-ID has these parts.
    pub(super) fn with(&self, parts: &[&str]) -> Vec<Envelope> {
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.iter()
            .filter(|e| parts.iter().all(|part| e.message_id.contains(part)))
            .cloned()
            .collect()
    }

    /// Message-IDs that left more than once.
    pub(super) fn twice(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.with(&[]).into_iter().map(|e| e.message_id).collect();
        ids.sort_unstable();
        let pairs = ids.windows(2).filter(|pair| pair[0] == pair[1]);
        pairs.map(|pair| pair[0].clone()).collect()
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, envelope: &Envelope) -> Outcome {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(envelope.clone());
        Outcome::Accepted {
            detail: "kept".to_owned(),
        }
    }

    fn describe(&self) -> String {
        "kept in memory".to_owned()
    }
}
