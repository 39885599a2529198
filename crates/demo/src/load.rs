//! Living the stories: every step at its instant, with the scheduler ticking between them.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Asia::Karachi;
use peshi_casework::Fields;
use peshi_scheduler::{Lived, Scheduler};
use peshi_service::{
    GrantPermission, ManualClock, NewCase, PERMISSION_DAYS, RecordEvent, Service, ServiceError, Viewer,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::error::DemoError;
use crate::lives::{Life, OLD, RECENT};
use crate::script::{Act, Permission, Script, Step, utc, working};
use crate::staff::{Office, SignIn};

/// The pack whose cases are invented.
const PACK: &str = "abduction";

/// How large a caseload.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The stories follow from it.
    pub seed: u64,
    /// How many cases.
    pub cases: usize,
    /// Over how many months before now they began.
    pub months: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            cases: 64,
            months: 18,
        }
    }
}

/// Where the loading is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
    /// The virtual time.
    pub at: DateTime<Utc>,
    /// What is going on.
    pub what: &'static str,
}

/// What was lived.
#[derive(Debug, Clone, Default)]
pub struct Caseload {
    /// How to sign in.
    pub sign_ins: Vec<SignIn>,
    /// Cases opened.
    pub cases: usize,
    /// Events recorded.
    pub events: usize,
    /// How often the scheduler found something due.
    pub ticks: usize,
    /// Messages that left.
    pub sent: usize,
    /// Messages that were decided not to leave.
    pub suppressed: usize,
    /// Messages that will never arrive.
    pub failed: usize,
    /// Timers that fired.
    pub timers: usize,
    /// Cases open at the end.
    pub open: u64,
    /// Open cases that count as stalled at the end.
    pub stalled: usize,
    /// Open cases with a missed deadline at the end.
    pub overdue: usize,
    /// Open cases with a proceeding without a next date at the end.
    pub blind: usize,
}

/// One case's story with its people.
struct Story {
    steps: Vec<Step>,
    opens_at: DateTime<Utc>,
    opener: Viewer,
    lawyer: Viewer,
    form: Fields,
    reference: Option<String>,
}

/// Opens the caseload; the stories end at `now`.
///
/// # Errors
/// When a story asks for something the pack does not allow, or the database fails.
pub async fn load(
    service: &Arc<Service>,
    scheduler: &Scheduler,
    clock: &ManualClock,
    now: DateTime<Utc>,
    options: &Options,
    secret: &mut (dyn FnMut() -> String + Send),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Caseload, DemoError> {
    let begin = now - TimeDelta::days(options.months * 30 + 7);
    clock.set(begin);
    let office = Office::open(service, begin, secret).await?;
    let closed = closed_days(service, begin, now);
    let mut stories = write(&office, options, &closed, begin, now);
    let mut caseload = Caseload {
        sign_ins: office.sign_ins.clone(),
        ..Caseload::default()
    };
    let timeline = timeline(&stories, now);
    let leaves_at = begin + (now - begin) / 2;
    let mut left = false;
    // An answer to "may we write to you" holds for a year; the office asks again before it ends.
    let asks_again_at = begin + TimeDelta::days(PERMISSION_DAYS - 30);
    let mut asked_again = false;
    for (n, (at, story, step)) in timeline.iter().enumerate() {
        caseload.count(scheduler.live_until(clock, *at).await?);
        if !left && *at >= leaves_at {
            if let Some(leaver) = office.paralegals.last() {
                service.close_account(leaver.account, *at).await?;
            }
            left = true;
        }
        if !asked_again && *at >= asks_again_at {
            office.ask_again(service, *at).await?;
            asked_again = true;
        }
        let story = &mut stories[*story];
        match step {
            None => {
                story.reference = Some(open(service, story, *at).await?);
                caseload.cases += 1;
            }
            Some(step) => act(service, story, &story.steps[*step].clone(), &mut caseload).await?,
        }
        progress(Progress {
            done: n + 1,
            total: timeline.len(),
            at: *at,
            what: "living invented cases",
        });
    }
    caseload.count(scheduler.live_until(clock, now).await?);
    if let Some(coordinator) = office.coordinators.first() {
        let board = service.board(coordinator, now).await?;
        caseload.open = board.open_cases;
        caseload.stalled = board.stalled.len();
        caseload.overdue = board.overdue.len();
        caseload.blind = board.blind.len();
    }
    Ok(caseload)
}

/// The days of the stories on which the courts of the pack's calendar do not sit. Without the pack there are none, and
/// the first opening says what is missing.
fn closed_days(service: &Service, begin: DateTime<Utc>, now: DateTime<Utc>) -> BTreeSet<NaiveDate> {
    let library = service.library();
    let Some(calendar) = library
        .current(PACK)
        .and_then(|pack| library.calendar_of(&pack).ok())
    else {
        return BTreeSet::new();
    };
    // Hearings of the last weeks lie ahead of now.
    let last = now.date_naive() + TimeDelta::days(90);
    begin
        .date_naive()
        .iter_days()
        .take_while(|day| *day <= last)
        .filter(|day| !calendar.is_open(*day))
        .collect()
}

/// Writes every story: most began long ago, a third in the last weeks.
fn write(
    office: &Office,
    options: &Options,
    closed: &BTreeSet<NaiveDate>,
    begin: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<Story> {
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let recent = options.cases / 3;
    let old = options.cases - recent;
    let span = (now - begin).num_days() - 50;
    (0..options.cases)
        .map(|n| {
            let (life, days_ago) = if n < old {
                let step = i64::try_from(n).unwrap_or(0) * span / i64::try_from(old.max(1)).unwrap_or(1);
                (&OLD[n % OLD.len()], 50 + span - step)
            } else {
                (&RECENT[n % RECENT.len()], rng.random_range(14..25))
            };
            let day = (now - TimeDelta::days(days_ago))
                .with_timezone(&Karachi)
                .date_naive();
            story(office, n, life, working(closed, day), now, closed, &mut rng)
        })
        .collect()
}

fn story(
    office: &Office,
    n: usize,
    life: &Life,
    day: NaiveDate,
    now: DateTime<Utc>,
    closed: &BTreeSet<NaiveDate>,
    rng: &mut ChaCha8Rng,
) -> Story {
    let opens = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(10 * 60 + rng.random_range(0..180));
    let opener = match n % 4 {
        0 => office.coordinators[n % office.coordinators.len()].clone(),
        // The second paralegal leaves half way; early cases still have them in the team.
        1 if n % 8 == 1 => office.paralegals[1].clone(),
        _ => office.paralegals[0].clone(),
    };
    let age: i64 = rng.random_range(12..20);
    let form = json!({
        "province": "punjab",
        "district": format!("Invented District {}", n % 7 + 1),
        "reported_at": (opens - TimeDelta::hours(rng.random_range(6..40))).format("%Y-%m-%dT%H:%M").to_string(),
        "age_claimed": age,
        "age_source": "family_statement",
        "summary": "An invented account, for the demonstration only.",
    });
    let mut script = Script::new(
        n,
        opens + TimeDelta::minutes(20),
        now.with_timezone(&Karachi).naive_local(),
        closed,
        rng,
    );
    script.child = age < 18;
    (life.tell)(&mut script);
    Story {
        steps: script.finish(life.cared_for),
        opens_at: utc(opens),
        opener,
        lawyer: office.lawyers[n % office.lawyers.len()].clone(),
        form: fields(form),
        reference: None,
    }
}

/// Every step of every story in order of time; `None` opens the case. What lies after `now` is not lived.
fn timeline(stories: &[Story], now: DateTime<Utc>) -> Vec<(DateTime<Utc>, usize, Option<usize>)> {
    let mut timeline = Vec::new();
    for (n, story) in stories.iter().enumerate() {
        timeline.push((story.opens_at, n, None));
        timeline.extend(
            story
                .steps
                .iter()
                .enumerate()
                .map(|(m, step)| (step.at, n, Some(m))),
        );
    }
    timeline.retain(|(at, _, _)| *at <= now);
    timeline.sort_unstable();
    timeline
}

async fn open(service: &Service, story: &Story, at: DateTime<Utc>) -> Result<String, DemoError> {
    let mut team = vec![(story.lawyer.account, "lawyer".to_owned())];
    team.retain(|(account, _)| *account != story.opener.account);
    let new = NewCase {
        pack: PACK.to_owned(),
        form: story.form.clone(),
        team,
        occurred_at: None,
    };
    Ok(service.open_case_with(&story.opener, new, at).await?)
}

async fn act(
    service: &Service,
    story: &Story,
    step: &Step,
    caseload: &mut Caseload,
) -> Result<(), DemoError> {
    let reference = story.reference.clone().unwrap_or_default();
    let (lawyer, at) = (&story.lawyer, step.at);
    let wrong = |what: &str| {
        let (reference, what) = (reference.clone(), what.to_owned());
        move |source| DemoError::Story {
            reference,
            what,
            at,
            source,
        }
    };
    match &step.act {
        Act::Event {
            instance,
            event,
            form,
        } => {
            let record = RecordEvent {
                instance: instance.clone(),
                event: (*event).to_owned(),
                form: fields(form.clone()),
                occurred_at: None,
                expected_version: None,
                known: peshi_casework::Knowledge::default(),
            };
            let what = format!("{instance} {event}");
            service
                .record(lawyer, &reference, record, at)
                .await
                .map_err(wrong(&what))?;
            caseload.events += 1;
        }
        Act::Contact { permission } => {
            let name = "Contact Invented";
            let person = service
                .add_person(lawyer, &reference, "family_contact", name, at)
                .await
                .map_err(wrong("contact"))?;
            if let Some(permission) = permission {
                let given = grant(permission, &reference);
                let granted = service
                    .grant_permission(lawyer, &reference, &person, given, at)
                    .await;
                granted.map_err(wrong("permission"))?;
            }
        }
        Act::Document { name, text } => {
            service
                .add_document(lawyer, &reference, name, (*text).into(), at)
                .await
                .map_err(wrong("document"))?;
        }
        Act::Upkeep => upkeep(service, story, &reference, at, caseload)
            .await
            .map_err(wrong("upkeep"))?,
        Act::FinishTasks => {
            let case = service
                .case(lawyer, &reference, at)
                .await
                .map_err(wrong("tasks"))?;
            for task in case.tasks {
                service
                    .finish_task(lawyer, &reference, &task.id, at)
                    .await
                    .map_err(wrong("task"))?;
            }
        }
    }
    Ok(())
}

/// What an attentive office does as a matter of course.
async fn upkeep(
    service: &Service,
    story: &Story,
    reference: &str,
    at: DateTime<Utc>,
    caseload: &mut Caseload,
) -> Result<(), ServiceError> {
    let case = service.case(&story.lawyer, reference, at).await?;
    for task in &case.tasks {
        service
            .finish_task(&story.lawyer, reference, &task.id, at)
            .await?;
    }
    // Due within the next days, or overdue: only then is there something to do.
    let owed = |rule: &str| {
        let key = format!("deadline-{rule}");
        case.dates
            .iter()
            .any(|d| d.key.starts_with(&key) && d.due_at - at < TimeDelta::days(7))
    };
    let call = json!({"check_note": "Invented note of a call."});
    let agreed = json!({"consent_given": true});
    for (event, owed, form) in [
        ("safety_checked", owed("safety_check"), &call),
        ("welfare_checked", true, &call),
        ("search_pressed", true, &call),
        ("contact_reviewed", owed("contact_review"), &agreed),
        ("contact_agreed", true, &agreed),
        ("monitoring_check", true, &call),
    ] {
        if owed
            && case
                .actions
                .iter()
                .any(|a| a.event == event && a.instance == "case")
        {
            let record = RecordEvent {
                instance: "case".to_owned(),
                event: event.to_owned(),
                form: fields(form.clone()),
                ..RecordEvent::default()
            };
            service.record(&story.lawyer, reference, record, at).await?;
            caseload.events += 1;
        }
    }
    Ok(())
}

fn grant(permission: &Permission, reference: &str) -> GrantPermission {
    let address = match permission.channel {
        // The range of invented numbers has room for the last three figures of the reference.
        "sms" => format!("0300-0000{}", &reference[reference.len().saturating_sub(3)..]),
        _ => format!("family-{reference}@demo.invalid"),
    };
    GrantPermission {
        channel: permission.channel.to_owned(),
        address,
        language: permission.language.to_owned(),
        days: permission.days,
        safe_from: None,
        safe_until: None,
        phone_at_risk: permission.phone_at_risk,
    }
}

impl Caseload {
    /// Counts what a stretch of time brought.
    fn count(&mut self, lived: Lived) {
        self.ticks += lived.ticks;
        self.timers += lived.did.fired;
        self.sent += lived.did.sent;
        self.suppressed += lived.did.suppressed;
        self.failed += lived.did.failed;
    }
}

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}
