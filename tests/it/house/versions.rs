//! Packs change while cases run: a case keeps its version and its words until somebody moves it, and when it moves its
//! history stays readable and nothing that rang rings again.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::pack::{Pack, TimerPolicy};
use peshi_delivery::Transport;
use peshi_scheduler::{Scheduler, Settings};
use peshi_service::views::{CaseView, JournalView};
use peshi_service::{CaseMove, Migrate, Migrated, Service};
use peshi_store::{JobKind, JobState, Wanted};
use peshi_templates::{Lang, Renderer};
use peshi_test_support::{Folder, shipped};
use serde_json::json;

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    a_case_keeps_its_version_and_its_words,
    a_case_moves_and_its_clocks_with_it,
    a_timer_in_the_hands_of_a_worker_is_not_rung_by_a_move,
    what_has_no_place_stays_and_a_second_run_goes_on,
);

const WAY: &str =
    "from: 2\nstates: { hearing: { scheduled: on_list } }\ndeadlines: { hearing_outcome: outcome_entry }\n";

/// The shipped packs, the abduction pack in a second version: a state and a rule have other names, an event other words.
fn later(way: &str) -> BTreeMap<String, Folder> {
    let mut packs = shipped().packs.clone();
    let files = packs.get_mut("abduction").expect("the pack is shipped");
    for (name, text) in files.iter_mut() {
        *text = text
            .replace("version: 2\n", "version: 3\n")
            .replace("scheduled", "on_list")
            .replace("hearing_outcome", "outcome_entry")
            .replace("period: 7 days", "period: 5 days");
        if name == "locales/en.ftl" {
            let line = text
                .lines()
                .find(|l| l.starts_with("event-fir_refused"))
                .expect("it is worded");
            *text = text.replace(line, "event-fir_refused = Said no in new words");
        }
    }
    if !way.is_empty() {
        files.insert("migration.yaml".to_owned(), way.to_owned());
    }
    packs
}

struct Later {
    service: Arc<Service>,
    renderer: Arc<Renderer>,
    pack: Arc<Pack>,
}

impl Later {
    async fn open(desk: &Desk, way: &str) -> Self {
        let (service, renderer) = desk.house.reopened(&later(way)).await;
        let pack = service.library().current("abduction").expect("the pack is there");
        Self {
            service,
            renderer,
            pack,
        }
    }

    async fn migrate(&self, desk: &Desk, asked: &Migrate) -> (Migrated, Vec<CaseMove>) {
        let mut cases = Vec::new();
        let told = |_, case: Option<&CaseMove>| cases.extend(case.cloned());
        let totals = self
            .service
            .migrate_cases(&self.pack, asked, &*desk.house.clock, told)
            .await;
        (totals.expect("the run ends"), cases)
    }

    async fn case(&self, desk: &Desk, case: &str, now: DateTime<Utc>) -> CaseView {
        self.service
            .case(&desk.lawyer, case, now)
            .await
            .expect("the case is readable")
    }

    async fn journal(&self, desk: &Desk, case: &str) -> Vec<JournalView> {
        let all = self.service.journal(&desk.lawyer, case, 0, 10_000).await;
        all.expect("the journal is readable")
    }

    fn scheduler(&self, desk: &Desk) -> Scheduler {
        Scheduler::new(
            Arc::clone(&self.service),
            Arc::clone(&desk.house.store),
            Arc::clone(&self.renderer),
            Arc::clone(&desk.sent) as Arc<dyn Transport>,
            Settings::usual("later"),
        )
    }

    fn words(&self, pack: &str, key: &str) -> Option<String> {
        self.renderer.text(Some(pack), Lang::En, key, &[])
    }
}

fn everything(timers: Option<TimerPolicy>) -> Migrate {
    Migrate {
        from: Vec::new(),
        timers,
        batch: 10,
        dry_run: false,
    }
}

async fn holds(service: &Service) {
    let verified = service.verify(None, |_| {}).await.expect("it can be verified");
    assert_eq!(verified.broken, vec![]);
}

async fn a_case_keeps_its_version_and_its_words(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let now = at(MONDAY);
    let later = Later::open(desk, WAY).await;
    let view = later.case(desk, &case, now).await;
    assert_eq!(view.pack_version, 2);
    let scope = &view.summary.pack;
    assert!(scope.starts_with("abduction@"), "{scope}");
    let hearing = view
        .children
        .iter()
        .find(|c| c.instance == "hearing-1")
        .expect("it is there");
    assert_eq!(hearing.states[0].key, "state-hearing-scheduled");
    assert!(later.words(scope, "state-hearing-scheduled").is_some());
    let refused = later.words(scope, "event-fir_refused").expect("it is worded");
    assert_ne!(refused, "Said no in new words");
    // Its day is told by its own rules, and its own events can be recorded.
    let day = later
        .service
        .day(&desk.lawyer, now)
        .await
        .expect("the day is readable");
    let hearing = day
        .hearings_soon
        .iter()
        .chain(&day.hearings_today)
        .find(|d| d.reference == case);
    assert!(
        hearing.is_none_or(|d| d.pack == *scope && d.code.as_deref() == Some("D54")),
        "{day:?}"
    );
    // A new case begins on the new version, and both versions are kept.
    let form = json!({"province": "punjab", "district": "Invented", "reported_at": "2026-04-12T18:00"});
    let new = later
        .service
        .open_case(&desk.lawyer, "abduction", super::desk::fields(form), now)
        .await
        .expect("a case is opened");
    let view = later.case(desk, &new, now).await;
    assert_eq!((view.pack_version, view.summary.pack.as_str()), (3, "abduction"));
    let kept = desk.house.store.packs().await.expect("the store answers");
    let versions: Vec<i32> = kept.iter().map(|p| p.version).collect();
    assert_eq!(versions, [2, 3]);
    // A start with the old binary again: each case is still what it is.
    let old = desk
        .house
        .service
        .case(&desk.lawyer, &new, now)
        .await
        .expect("it is readable");
    assert_eq!(old.pack_version, 3);
    holds(&later.service).await;
}

async fn a_case_moves_and_its_clocks_with_it(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    // The reminders seven and three working days before the hearing go out by the old version.
    let scheduler = desk.recording("a");
    let moment = at("2026-04-28T12:00:00Z");
    desk.house.live_until(&scheduler, moment).await;
    let sent = desk.fates(&case, "reminder").await.len();
    assert!(sent >= 2, "{sent}");
    let later = Later::open(desk, WAY).await;
    let before = later.journal(desk, &case).await;

    let dry = Migrate {
        dry_run: true,
        ..everything(Some(TimerPolicy::Rederive))
    };
    let (totals, told) = later.migrate(desk, &dry).await;
    assert_eq!((totals.moved, totals.refused), (1, 0), "{told:?}");
    assert_eq!(
        later.case(desk, &case, moment).await.pack_version,
        2,
        "a dry run changes nothing"
    );
    let (totals, moved) = later
        .migrate(desk, &everything(Some(TimerPolicy::Rederive)))
        .await;
    assert_eq!(totals.moved, 1);
    assert_eq!(moved, told, "what was said is what was done");
    let hearing = moved[0]
        .instances
        .iter()
        .find(|i| i.instance == "hearing-1")
        .expect("it is told");
    assert_eq!(
        (&hearing.from[..], &hearing.to[..]),
        (&["scheduled".to_owned()][..], &["on_list".to_owned()][..])
    );
    let renamed = moved[0]
        .deadlines
        .iter()
        .find(|d| d.rule.as_deref() == Some("hearing_outcome"));
    assert_eq!(
        renamed.and_then(|d| d.new_rule.clone()),
        Some("outcome_entry".to_owned())
    );
    holds(&later.service).await;

    let view = later.case(desk, &case, moment).await;
    assert_eq!((view.pack_version, view.summary.pack.as_str()), (3, "abduction"));
    // What was written before is told as it was, in the words of its time.
    let after = later.journal(desk, &case).await;
    for (was, is) in before.iter().zip(&after) {
        assert_eq!(
            (&was.subject_key, &was.entered, &was.facts),
            (&is.subject_key, &is.entered, &is.facts)
        );
        let scope = is.words.as_deref().expect("it has the words of its version");
        for key in is.subject_key.iter().chain(&is.entered) {
            assert!(later.words(scope, key).is_some(), "{key}");
        }
    }
    let page = later
        .service
        .journal(&desk.lawyer, &case, 3, 5)
        .await
        .expect("it is readable");
    assert_eq!(page, after[3..8], "a page is a part of the whole");
    let moved = after
        .iter()
        .find(|l| l.key == "fact-migrated")
        .expect("it is told");
    assert_eq!(
        (moved.words.as_deref(), &moved.entered[..]),
        (None, &["state-hearing-on_list".to_owned()][..])
    );

    // Timers in the case and waiting jobs are the same; and the day of the hearing comes by the new version.
    let worker = later.scheduler(desk);
    desk.house.live_until(&worker, at("2026-05-01T12:00:00Z")).await;
    assert_eq!(
        desk.fates(&case, "reminder").await.len(),
        sent + 2,
        "two more rungs, none again"
    );
    assert_eq!(
        desk.fates(&case, "outcome_question").await,
        [(JobState::Done, None)]
    );
    let view = later.case(desk, &case, at("2026-05-01T12:00:00Z")).await;
    assert!(
        view.tasks.iter().any(|t| t.key == "task-outcome_owed"),
        "{:?}",
        view.tasks
    );
    let mut fired: Vec<String> = Vec::new();
    for job in desk.jobs(Some(&case), JobKind::Timer).await {
        assert!(job.state != JobState::Running, "{job:?}");
        fired.extend((job.state == JobState::Done).then_some(job.id));
    }
    let rang = later.journal(desk, &case).await;
    let rang = rang.iter().filter(|l| l.key == "fact-timer_fired").count();
    assert_eq!(rang, fired.len(), "each timer that rang is a job that was done");
    holds(&later.service).await;
}

async fn a_timer_in_the_hands_of_a_worker_is_not_rung_by_a_move(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let refused = ("case", "fir_refused");
    desk.record(
        &desk.lawyer,
        &case,
        refused,
        json!({"proof": "written"}),
        at(MONDAY),
    )
    .await
    .expect("it is recorded");
    // What else was owed in the first days is done: only the answer to the refusal is due.
    for (event, form) in [
        (
            "evidence_asked",
            json!({"evidence_kinds": ["camera"], "asked_from": "owner"}),
        ),
        (
            "age_pack_filed",
            json!({"pack_filed_with": ["police_file"], "pack_filed_on": "2026-04-13"}),
        ),
    ] {
        let recorded = desk
            .record(&desk.lawyer, &case, ("case", event), form, at(MONDAY))
            .await;
        recorded.expect("it is recorded");
    }
    let moment = at("2026-04-15T12:00:00Z");
    desk.house.clock.set(moment);
    let claimed = desk
        .house
        .store
        .claim(
            moment,
            Wanted::of(&[JobKind::Timer], 10),
            TimeDelta::minutes(5),
            "slow",
        )
        .await
        .expect("timers are claimed");
    assert!(
        !claimed.is_empty(),
        "the answer to the refusal was due on Tuesday"
    );
    // In the new version no state asks for that rule.
    let mut packs = later("deadlines: { refusal_answer: drop }");
    let files = packs.get_mut("abduction").expect("the pack is shipped");
    for text in files.values_mut() {
        *text = text
            .replace("on_list", "scheduled")
            .replace("outcome_entry", "hearing_outcome");
    }
    let (service, renderer) = desk.house.reopened(&packs).await;
    let pack = service.library().current("abduction").expect("the pack is there");
    let later = Later {
        service,
        renderer,
        pack,
    };
    assert_eq!(later.migrate(desk, &everything(None)).await.0.moved, 1);
    let outcomes = desk
        .house
        .service
        .fire_timers(&claimed, moment)
        .await
        .expect("the worker comes back");
    assert!(outcomes.iter().all(Result::is_err), "{outcomes:?}");
    desk.house
        .live_until(&later.scheduler(desk), moment + TimeDelta::days(1))
        .await;
    assert_eq!(desk.fates(&case, "missed").await, []);
    let held: Vec<&str> = claimed.iter().map(|job| job.id.as_str()).collect();
    for job in desk.jobs(Some(&case), JobKind::Timer).await {
        if held.contains(&job.id.as_str()) {
            assert_eq!(job.state, JobState::Cancelled, "{job:?}");
        }
    }
    holds(&later.service).await;
}

async fn what_has_no_place_stays_and_a_second_run_goes_on(desk: &Desk) {
    let plain = desk.open(&desk.lawyer).await;
    let at_court = desk.case_with_hearing().await;
    let later = Later::open(desk, "").await;
    let (totals, told) = later.migrate(desk, &everything(None)).await;
    assert_eq!((totals.moved, totals.refused, totals.there), (1, 1, 0));
    let refused = told
        .iter()
        .find(|c| c.reference == at_court)
        .and_then(|c| c.refused.clone());
    let refused = refused.expect("it says why");
    for named in [
        at_court.as_str(),
        "`hearing-1` is in `scheduled`",
        "`hearing_outcome`",
    ] {
        assert!(refused.contains(named), "{refused}");
    }
    let version = async |case: &str| later.case(desk, case, at(MONDAY)).await.pack_version;
    assert_eq!((version(&plain).await, version(&at_court).await), (3, 2));
    let mended = Later::open(desk, WAY).await;
    assert_eq!(mended.pack.id, later.pack.id, "the way is no part of the version");
    let only = Migrate {
        from: vec!["7".to_owned()],
        ..everything(None)
    };
    let (totals, _) = mended.migrate(desk, &only).await;
    assert_eq!((totals.moved, totals.there, totals.passed_over), (0, 1, 1));
    let (totals, _) = mended.migrate(desk, &everything(None)).await;
    assert_eq!((totals.moved, totals.refused, totals.there), (1, 0, 1));
    holds(&mended.service).await;
}
