//! The desk in a real browser, in English and Urdu, on a small caseload that was lived through the service.
//! With `PESHI_PICTURES=FOLDER` it also takes the pictures of the README.

mod driver;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use fantoccini::{Client, Locator};
use peshi_demo::{Caseload, Options, load};
use peshi_service::{CaseListFilter, RecordEvent, Role};
use peshi_test_support::{DatabaseKind, House};
use peshi_web::{WebState, router};
use serde_json::{Value, json};

use driver::{Driver, ask, click, fill, submit, text};

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
    a_faulty_form_loses_nothing(&desk, &page, &case, &hearing).await;
    a_colleague_was_faster(&desk, &page, &case).await;
    a_contact_is_recorded(&desk, &page, &case).await;
    a_lawyer_has_no_board(&desk, &page).await;
    the_keyboard_is_enough(&desk, &page).await;
    urdu_runs_from_right_to_left(&desk, &page, &case).await;
    nothing_is_wider_than_a_phone(&desk, &driver, &case).await;
    the_coordinator_sees_whose_delay(&desk, &driver).await;
    nothing_was_blocked(&page).await;
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
    submit(page, "button[type=submit].button-main").await;
    assert!(
        page.find(Locator::Css(".error-summary, [role=alert]"))
            .await
            .is_ok(),
        "a wrong password says so"
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

async fn a_faulty_form_loses_nothing(desk: &Desk, page: &Client, case: &str, hearing: &str) {
    let path = format!("/cases/{case}/do/{hearing}/adjourned");
    desk.go(page, &path).await;
    // Only the next date, and one that is none; the reason is left out.
    ask(page, "document.getElementById('f-next_at').type = 'text'").await;
    fill(page, "f-next_at", "30/02/2026 09:00").await;
    submit(page, "button[type=submit].button-main").await;
    let summary = page
        .find(Locator::Css(".error-summary"))
        .await
        .expect("a summary of the faults");
    assert!(summary.text().await.expect("its text").len() > 10);
    assert_eq!(
        ask(page, "document.getElementById('f-next_at').value").await,
        json!("30/02/2026 09:00")
    );
    picture(page, "record-errors.en").await;
    // A link of the summary leads to its field.
    click(page, ".error-summary a").await;
    assert!(
        ask(page, "location.hash")
            .await
            .as_str()
            .is_some_and(|h| h.starts_with("#f-"))
    );
    fill(page, "f-next_at", "31/03/2026 09:00").await;
    choose(page, "reason", "judge_on_leave").await;
    submit(page, "button[type=submit].button-main").await;
    assert_eq!(
        page.current_url().await.expect("an address").path(),
        format!("/cases/{case}")
    );
    assert!(
        text(page).await.contains("31 March 2026"),
        "the new hearing stands among the dates"
    );
}

/// Picks a choice, whether it is shown as buttons or as a list.
async fn choose(page: &Client, field: &str, choice: &str) {
    let script = format!(
        "(() => {{ const s = document.querySelector('select[name=f-{field}]'); if (s) {{ s.value = '{choice}'; return true; }} \
         const r = document.querySelector('input[name=f-{field}][value={choice}]'); if (r) {{ r.checked = true; return true; }} \
         return false; }})()"
    );
    assert_eq!(
        ask(page, &script).await,
        Value::Bool(true),
        "{field} offers {choice}"
    );
}

async fn a_colleague_was_faster(desk: &Desk, page: &Client, case: &str) {
    desk.go(page, &format!("/cases/{case}/do/case/search_pressed"))
        .await;
    fill(page, "f-check_note", "An invented note that must not be lost").await;
    let colleague = desk
        .house
        .service
        .viewer_by_login("coordinator@demo.invalid")
        .await
        .expect("a coordinator");
    let record = RecordEvent {
        instance: "case".to_owned(),
        event: "search_pressed".to_owned(),
        form: json!({"check_note": "An invented note of a colleague"})
            .as_object()
            .cloned()
            .expect("an object"),
        ..RecordEvent::default()
    };
    desk.house
        .service
        .record(&colleague, case, record, now())
        .await
        .expect("the colleague records");
    submit(page, "button[type=submit].button-main").await;
    assert!(
        page.find(Locator::Id("conflict")).await.is_ok(),
        "what changed is shown"
    );
    let kept = ask(page, "document.getElementById('f-check_note').value").await;
    assert_eq!(kept, json!("An invented note that must not be lost"));
    submit(page, "button[type=submit].button-main").await;
    assert_eq!(
        page.current_url().await.expect("an address").path(),
        format!("/cases/{case}")
    );
}

async fn a_contact_is_recorded(desk: &Desk, page: &Client, case: &str) {
    desk.go(page, &format!("/cases/{case}/people")).await;
    click(page, "#role option[value=witness]").await;
    fill(page, "name", "Witness Invented").await;
    submit(
        page,
        "input[name=what][value=add] ~ p button, form:has(input[value=add]) button",
    )
    .await;
    assert!(text(page).await.contains("Witness Invented"));
}

async fn a_lawyer_has_no_board(desk: &Desk, page: &Client) {
    desk.go(page, "/board").await;
    assert!(!text(page).await.contains("Whose delay"));
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
        assert!(
            seen.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c)),
            "{path} has Urdu words"
        );
        if path == "/today" {
            picture(page, "today.ur").await;
        }
        if path.ends_with(case) {
            picture(page, "case.ur").await;
        }
    }
    submit(page, "button[lang=en]").await;
}

async fn nothing_is_wider_than_a_phone(desk: &Desk, driver: &Driver, case: &str) {
    let page = driver.browser("phone", 360, 740).await;
    desk.sign_in(&page, LAWYER).await;
    for lang in ["en", "ur"] {
        for path in [
            "/today",
            "/cases",
            &format!("/cases/{case}"),
            "/outbox",
            &format!("/cases/{case}/people"),
        ] {
            desk.go(&page, path).await;
            let wider = ask(&page, "document.documentElement.scrollWidth - window.innerWidth").await;
            assert!(
                wider.as_i64().is_some_and(|px| px <= 0),
                "{lang} {path} is {wider} pixels too wide"
            );
        }
        picture(&page, &format!("phone.{lang}")).await;
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
    assert!(
        seen.contains("No permission") || seen.contains("permission"),
        "reasons are shown: {seen}"
    );
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
    nothing_was_blocked(&page).await;
    page.close().await.expect("the browser ends");
}

/// No script, style or picture was refused by the page's own policy: the console is clean.
async fn nothing_was_blocked(page: &Client) {
    let styled = ask(page, "getComputedStyle(document.body).margin").await;
    assert_eq!(styled, json!("0px"), "the stylesheet is in force");
    let scripts = ask(page, "document.scripts.length").await;
    assert_eq!(scripts, json!(0), "pages carry no script");
}

/// Takes a picture for the README, if asked to.
async fn picture(page: &Client, name: &str) {
    let Some(folder) = std::env::var_os("PESHI_PICTURES") else {
        return;
    };
    let png = page.screenshot().await.expect("a picture");
    std::fs::create_dir_all(&folder).expect("the folder of pictures");
    std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), png)
        .expect("the picture is kept");
}
