//! The desk in a real browser, in English and Urdu, on a small caseload that was lived through the service.
//! With `PESHI_PICTURES=FOLDER` it also takes the pictures of the README.

mod driver;
mod forms;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use fantoccini::{Client, Locator};
use peshi_demo::{Caseload, Options, load};
use peshi_service::{CaseListFilter, Role};
use peshi_store::HeartbeatRow;
use peshi_test_support::{DatabaseKind, House};
use peshi_web::{WebState, router};
use serde_json::json;

use driver::{Driver, ask, fill, press_enter, submit, text};
use forms::{
    a_colleague_was_faster, a_contact_is_recorded, a_document_is_added_and_taken_away,
    a_faulty_form_loses_nothing, a_task_is_finished,
};

/// How wide a small phone is, in pixels.
const PHONE: u32 = 360;
/// The lawyer of these stories.
const LAWYER: &str = "lawyer-three";

const OPTIONS: Options = Options {
    seed: 5,
    cases: 21,
    months: 2,
};

fn now() -> DateTime<Utc> {
    "2026-03-10T06:00:00Z".parse().expect("a moment")
}

/// A served desk with people in it.
struct Desk {
    house: House,
    caseload: Caseload,
    base: String,
}

impl Desk {
    async fn open() -> Self {
        let house = House::new(DatabaseKind::Sqlite, now()).await;
        let scheduler = house.scheduler("browser");
        let mut n = 0;
        let mut secret = || {
            n += 1;
            format!("an invented password {n}")
        };
        let caseload = load(
            &house.service,
            &scheduler,
            &house.clock,
            now(),
            &OPTIONS,
            &mut secret,
            &mut |_| {},
        )
        .await
        .expect("the caseload lives");
        scheduler.tick(now()).await.expect("the scheduler ticks");
        // Virtual time leaves no sign of life, and every page would warn of that.
        house
            .store
            .heartbeat("browser", now(), HeartbeatRow::TICK)
            .await
            .expect("the sign of life is kept");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let state = WebState {
            service: Arc::clone(&house.service),
            renderer: Arc::clone(&house.renderer),
            clock: house.clock.clone(),
            secure_cookies: false,
        };
        tokio::spawn(peshi_web::serve(listener, router(state), std::future::pending()));
        Self {
            house,
            caseload,
            base,
        }
    }

    fn password(&self, login: &str) -> String {
        let login = format!("{login}@demo.invalid");
        self.caseload
            .sign_ins
            .iter()
            .find(|s| s.login == login)
            .expect("somebody of the demonstration")
            .password
            .clone()
    }

    async fn go(&self, page: &Client, path: &str) {
        page.goto(&format!("{}{path}", self.base))
            .await
            .unwrap_or_else(|e| panic!("{path}: {e}"));
    }

    async fn sign_in(&self, page: &Client, login: &str) {
        self.go(page, "/sign-in").await;
        fill(page, "login", &format!("{login}@demo.invalid")).await;
        fill(page, "password", &self.password(login)).await;
        submit(page, "button[type=submit].button-main").await;
    }

    /// A case of `login` that waits for a hearing, with the hearing's name.
    async fn case_with_hearing(&self, login: &str) -> (String, String) {
        let viewer = self
            .house
            .service
            .viewer_by_login(&format!("{login}@demo.invalid"))
            .await
            .expect("somebody of the demonstration");
        let filter = CaseListFilter {
            closed: Some(false),
            page: 1,
            ..CaseListFilter::default()
        };
        let list = self
            .house
            .service
            .my_cases(&viewer, &filter, now())
            .await
            .expect("a list");
        for case in list.cases {
            let view = self
                .house
                .service
                .case(&viewer, &case.reference, now())
                .await
                .expect("a case");
            if let Some(action) = view.actions.iter().find(|a| a.event == "adjourned") {
                return (case.reference, action.instance.clone());
            }
        }
        panic!("nobody of {login}'s cases waits for a hearing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_works_in_a_browser() {
    let desk = Desk::open().await;
    let driver = Driver::start();
    let page = driver.browser("desk", 1200, 1400).await;
    let (case, hearing) = desk.case_with_hearing(LAWYER).await;

    signing_in(&desk, &page).await;
    a_case_tells_where_it_stands(&desk, &page, &case).await;
    a_case_is_seen_as_a_picture(&desk, &page, &case, "en").await;
    a_faulty_form_loses_nothing(&desk, &page, &case, &hearing).await;
    a_colleague_was_faster(&desk, &page, &case).await;
    a_contact_is_recorded(&desk, &page, &case).await;
    a_document_is_added_and_taken_away(&desk, &page, &case).await;
    a_task_is_finished(&desk, &page).await;
    a_lawyer_has_no_board(&desk, &page).await;
    the_keyboard_is_enough(&desk, &page).await;
    urdu_runs_from_right_to_left(&desk, &page, &case).await;
    nothing_is_wider_than_a_phone(&desk, &driver, &case).await;
    the_coordinator_sees_whose_delay(&desk, &driver).await;
    nothing_was_blocked(&driver, &page).await;
    page.close().await.expect("the browser ends");
}

async fn signing_in(desk: &Desk, page: &Client) {
    desk.go(page, "/").await;
    assert!(
        page.current_url()
            .await
            .expect("an address")
            .path()
            .starts_with("/sign-in")
    );
    picture(page, "sign-in.en").await;
    fill(page, "login", "lawyer-three@demo.invalid").await;
    fill(page, "password", "not the password").await;
    press_enter(page, "password").await;
    assert!(
        page.find(Locator::Css(".error-summary")).await.is_ok(),
        "a form is sent by Enter, and a wrong password says so"
    );
    desk.sign_in(page, LAWYER).await;
    assert_eq!(page.current_url().await.expect("an address").path(), "/today");
    picture(page, "today.en").await;
}

async fn a_case_tells_where_it_stands(desk: &Desk, page: &Client, case: &str) {
    desk.go(page, &format!("/cases/{case}")).await;
    for section in [
        "actions",
        "dates",
        "regions",
        "proceedings",
        "tasks",
        "people",
        "journal",
        "team",
        "facts",
    ] {
        assert!(
            page.find(Locator::Id(section)).await.is_ok(),
            "the section {section}"
        );
    }
    let seen = text(page).await;
    for words in [
        "Not legal advice",
        "not signed off by an advocate",
        "Family's safety",
        case,
    ] {
        assert!(seen.contains(words), "`{words}` in {seen}");
    }
    assert!(!seen.contains('⟦'), "every text has words");
    picture(page, "case.en").await;
    desk.go(page, &format!("/cases/{case}/journal")).await;
    let lines = page.find_all(Locator::Css(".timeline li")).await.expect("a list");
    assert!(lines.len() > 5, "the journal tells what happened");
}

async fn a_case_is_seen_as_a_picture(desk: &Desk, page: &Client, case: &str, lang: &str) {
    desk.go(page, &format!("/cases/{case}/picture")).await;
    let seen = |script: &'static str| async move { ask(page, script).await };
    let first = "document.querySelector('.peshi-chart')";
    assert_eq!(
        ask(page, &format!("{first}.getAttribute('lang')")).await,
        json!(lang)
    );
    let direction = if lang == "ur" { "rtl" } else { "ltr" };
    assert_eq!(
        ask(page, &format!("getComputedStyle({first}).direction")).await,
        json!(direction)
    );
    // The case's own chart has seventeen regions, each in one state, each marked by a word and by a thick border of the
    // picture's own style.
    assert_eq!(
        ask(page, &format!("{first}.querySelectorAll('g .box.now').length")).await,
        json!(17)
    );
    assert_eq!(
        ask(page, &format!("{first}.querySelectorAll('text.tag-now').length")).await,
        json!(17)
    );
    assert_eq!(
        seen("getComputedStyle(document.querySelector('.peshi-chart .box.now')).strokeWidth").await,
        json!("3px")
    );
    let ways = ask(
        page,
        &format!("{first}.querySelectorAll('g .way.travelled').length"),
    )
    .await;
    assert!(ways.as_u64().is_some_and(|n| n > 2), "{ways} ways");
    // Words stay inside their boxes in the faces of this machine.
    let outside = seen(
        "[...document.querySelectorAll('.peshi-chart g > text, .peshi-chart g > g > text')].filter(t => { \
           const r = t.getBoundingClientRect(), c = t.closest('svg').getBoundingClientRect(); \
           return r.left < c.left || r.right > c.right; }).length",
    )
    .await;
    assert_eq!(outside, json!(0), "words leave the picture");
    let wide = seen("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
    assert_eq!(wide, json!(0), "the picture moves inside the page");
    let told = text(page).await;
    assert!(!told.contains('⟦'), "every text has words");
    let spoken = seen("document.querySelector('.peshi-chart desc').textContent").await;
    assert!(spoken.as_str().is_some_and(|d| d.len() > 60), "{spoken}");
    picture(page, &format!("case-picture.{lang}")).await;
}

async fn a_lawyer_has_no_board(desk: &Desk, page: &Client) {
    desk.go(page, "/board").await;
    let seen = text(page).await;
    assert!(seen.contains("This page is not for your role"), "{seen}");
    assert!(!seen.contains("Whose delay"), "{seen}");
}

async fn the_keyboard_is_enough(desk: &Desk, page: &Client) {
    desk.go(page, "/today").await;
    let body = page.find(Locator::Css("body")).await.expect("a body");
    body.send_keys("\u{e004}").await.expect("Tab is a key");
    assert_eq!(
        ask(page, "document.activeElement.className").await,
        json!("skip"),
        "Tab reaches the skip link first"
    );
}

async fn urdu_runs_from_right_to_left(desk: &Desk, page: &Client, case: &str) {
    desk.go(page, "/today").await;
    submit(page, "button[lang=ur]").await;
    for path in [
        "/today",
        "/cases",
        &format!("/cases/{case}"),
        &format!("/cases/{case}/journal"),
        &format!("/cases/{case}/documents"),
        "/outbox",
    ] {
        desk.go(page, path).await;
        assert_eq!(
            ask(page, "document.documentElement.dir").await,
            json!("rtl"),
            "{path}"
        );
        assert_eq!(
            ask(page, "document.documentElement.lang").await,
            json!("ur"),
            "{path}"
        );
        let seen = text(page).await;
        assert!(!seen.contains('⟦'), "{path}: {seen}");
        // The heading of a case is its reference, in both languages.
        let heading = format!(
            "document.querySelector('{}').innerText",
            if path.ends_with(case) { "h2" } else { "h1" }
        );
        let heading = ask(page, &heading).await;
        assert!(
            heading
                .as_str()
                .is_some_and(|h| h.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c))),
            "{path} is headed {heading}"
        );
        if path == "/today" {
            picture(page, "today.ur").await;
        }
        if path.ends_with(case) {
            picture(page, "case.ur").await;
        }
    }
    a_case_is_seen_as_a_picture(desk, page, case, "ur").await;
    submit(page, "button[lang=en]").await;
}

async fn nothing_is_wider_than_a_phone(desk: &Desk, driver: &Driver, case: &str) {
    let page = driver.browser("phone", PHONE, 740).await;
    desk.sign_in(&page, LAWYER).await;
    for lang in ["en", "ur"] {
        for path in [
            "/today",
            "/cases",
            &format!("/cases/{case}"),
            "/outbox",
            &format!("/cases/{case}/people"),
            &format!("/cases/{case}/documents"),
        ] {
            desk.go(&page, path).await;
            // Not against `innerWidth`: a phone's browser zooms out until what is too wide fits.
            let wide = ask(&page, "document.documentElement.scrollWidth").await;
            assert!(
                wide.as_u64().is_some_and(|px| px <= u64::from(PHONE)),
                "{lang} {path} is {wide} pixels wide"
            );
            let size = ask(&page, "new Blob([document.documentElement.outerHTML]).size").await;
            assert!(
                size.as_u64().is_some_and(|bytes| bytes < 50 * 1024),
                "{lang} {path} has {size} bytes"
            );
            if path.ends_with(case) {
                picture(&page, &format!("phone.{lang}")).await;
            }
        }
        if lang == "en" {
            desk.go(&page, "/today").await;
            submit(&page, "button[lang=ur]").await;
        }
    }
    page.close().await.expect("the browser ends");
}

async fn the_coordinator_sees_whose_delay(desk: &Desk, driver: &Driver) {
    let page = driver.browser("coordinator", 1200, 1000).await;
    desk.sign_in(&page, "coordinator").await;
    desk.go(&page, "/board").await;
    let seen = text(&page).await;
    assert!(
        seen.contains("Whose delay") && seen.contains("the police"),
        "{seen}"
    );
    picture(&page, "board.en").await;
    desk.go(&page, "/outbox").await;
    let seen = text(&page).await;
    for reason in [
        "No permission is recorded for this person.",
        "There was nothing to report.",
    ] {
        assert!(seen.contains(reason), "`{reason}` in {seen}");
    }
    picture(&page, "outbox.en").await;
    let admin = driver.browser("administrator", 1200, 1000).await;
    desk.sign_in(&admin, "administrator").await;
    let seen = text(&admin).await;
    assert!(!seen.contains("2026-00"), "an administrator sees no case: {seen}");
    assert!(
        desk.caseload
            .sign_ins
            .iter()
            .any(|s| s.role == Role::Administrator)
    );
    admin.close().await.expect("the browser ends");
    nothing_was_blocked(driver, &page).await;
    page.close().await.expect("the browser ends");
}

/// No script, style or picture was refused by the page's own policy: the console tells nothing but the answers that
/// these stories ask for.
async fn nothing_was_blocked(driver: &Driver, page: &Client) {
    let styled = ask(page, "getComputedStyle(document.body).margin").await;
    assert_eq!(styled, json!("0px"), "the stylesheet is in force");
    let scripts = ask(page, "document.scripts.length").await;
    assert_eq!(scripts, json!(0), "pages carry no script");
    // A refusal that is meant, last, shows that this would be heard.
    let meant = "document.body.appendChild(document.createElement('script')).append('1')";
    ask(page, meant).await;
    let mut complaints = driver.console(page).await;
    complaints.retain(|(level, source, words)| {
        let asked_for = ["401", "403", "422", "409"]
            .iter()
            .any(|status| words.contains(&format!("the server responded with a status of {status} ")));
        level == "SEVERE" && !(source == "network" && asked_for)
    });
    assert!(
        matches!(complaints.as_slice(), [(_, source, words)] if source == "security" && words.contains("inline script")),
        "{complaints:#?}"
    );
}

/// Takes a picture for the README, if asked to: as much of the page as a reader takes in.
async fn picture(page: &Client, name: &str) {
    const TALLEST: i64 = 1100;
    let Some(folder) = std::env::var_os("PESHI_PICTURES") else {
        return;
    };
    let before = page.get_window_rect().await.expect("a window");
    let px = async |script: &str| ask(page, script).await.as_i64().expect("a number of pixels");
    let width = px("window.outerWidth").await;
    if width > 500 {
        let frame = px("window.outerHeight - window.innerHeight").await;
        let end =
            px("Math.ceil(document.querySelector('.foot').getBoundingClientRect().bottom + scrollY)").await;
        let height = u32::try_from(end.min(TALLEST) + frame).expect("a window has a height");
        page.set_window_size(u32::try_from(width).expect("a window has a width"), height)
            .await
            .expect("the window takes this size");
    }
    let png = page.screenshot().await.expect("a picture");
    std::fs::create_dir_all(&folder).expect("the folder of pictures");
    std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), png)
        .expect("the picture is kept");
    let (_, _, width, height) = before;
    page.set_window_size(
        u32::try_from(width).expect("as before"),
        u32::try_from(height).expect("as before"),
    )
    .await
    .expect("the window takes its size again");
}
