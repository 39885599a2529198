//! Stories of forms at the desk: what is faulty, late or doubled loses nothing, and what is sent is there.

use fantoccini::{Client, Locator};
use peshi_service::RecordEvent;
use serde_json::{Value, json};

use super::driver::{ask, click, fill, submit, text};
use super::{Desk, now, picture};

pub(super) async fn a_faulty_form_loses_nothing(desk: &Desk, page: &Client, case: &str, hearing: &str) {
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
    desk.go(page, &format!("/cases/{case}/journal")).await;
    let journal = text(page).await;
    assert!(
        journal.contains("Adjourned recorded"),
        "the journal tells it: {journal}"
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

pub(super) async fn a_colleague_was_faster(desk: &Desk, page: &Client, case: &str) {
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
    let changed = page
        .find(Locator::Css("[aria-labelledby=conflict]"))
        .await
        .expect("what changed is shown");
    let changed = changed.text().await.expect("its text");
    assert!(changed.contains("Coordinator Invented"), "by whom: {changed}");
    let kept = ask(page, "document.getElementById('f-check_note').value").await;
    assert_eq!(kept, json!("An invented note that must not be lost"));
    submit(page, "button[type=submit].button-main").await;
    assert_eq!(
        page.current_url().await.expect("an address").path(),
        format!("/cases/{case}")
    );
}

pub(super) async fn a_contact_is_recorded(desk: &Desk, page: &Client, case: &str) {
    let path = format!("/cases/{case}/people");
    desk.go(page, &path).await;
    click(page, "#role option[value=witness]").await;
    fill(page, "name", "Witness Invented").await;
    submit(page, "form:has(input[value=add]) button").await;
    assert!(text(page).await.contains("Witness Invented"));

    let address = "witness-of-the-browser@demo.invalid";
    click(page, "#person option:last-child").await;
    fill(page, "address", address).await;
    // By which way is left out: nothing is guessed, nothing is lost.
    submit(page, "form:has(input[value=grant]) button").await;
    assert!(page.find(Locator::Css(".error-summary")).await.is_ok());
    let kept = ask(page, "document.getElementById('address').value").await;
    assert_eq!(kept, json!(address));
    click(page, "input[name=channel][value=email]").await;
    submit(page, "form:has(input[value=grant]) button").await;
    let seen = text(page).await;
    assert!(seen.contains("The permission has been recorded."), "{seen}");
    assert!(!seen.contains(address), "an address is masked: {seen}");
}

pub(super) async fn a_document_is_added_and_taken_away(desk: &Desk, page: &Client, case: &str) {
    let path = format!("/cases/{case}/documents");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("the file is written");
        path.to_str().expect("a plain path").to_owned()
    };
    for (file, said) in [
        (
            file("program.pdf", b"\x7FELF\x02\x01\x01 no document"),
            "files of this kind are not taken",
        ),
        (
            file("FIR copy (invented).pdf", b"%PDF-1.7\ninvented"),
            "The document has been added.",
        ),
        (
            file("the same.pdf", b"%PDF-1.7\ninvented"),
            "This file is in the case already, as document",
        ),
    ] {
        desk.go(page, &path).await;
        let field = page
            .find(Locator::Id("file"))
            .await
            .expect("the form asks for a file");
        field.send_keys(&file).await.expect("the browser takes the file");
        submit(page, "form[enctype] button").await;
        let seen = text(page).await;
        assert!(seen.contains(said), "{file}: {seen}");
    }
    desk.go(page, &path).await;
    let seen = text(page).await;
    assert!(
        seen.contains("FIR copy (invented).pdf") && !seen.contains("program.pdf"),
        "{seen}"
    );
    picture(page, "documents.en").await;
    // The browser stays where it is and keeps the file; the journal tells of the copy once it was given.
    click(page, "form:has(input[value=copy]) button").await;
    for attempt in 1.. {
        desk.go(page, &format!("/cases/{case}/journal")).await;
        if text(page).await.contains("Copy of a document taken") {
            break;
        }
        assert!(attempt < 100, "the copy is not in the journal");
    }
}

pub(super) async fn a_task_is_finished(desk: &Desk, page: &Client) {
    let tasks = "document.querySelectorAll('.tasks li').length";
    desk.go(page, "/today").await;
    let before = ask(page, tasks).await.as_u64().expect("a number");
    submit(page, ".tasks form button").await;
    let seen = text(page).await;
    assert!(seen.contains("The task is marked as done."), "{seen}");
    desk.go(page, "/today").await;
    assert_eq!(
        ask(page, tasks).await.as_u64(),
        before.checked_sub(1),
        "one task less"
    );
}
