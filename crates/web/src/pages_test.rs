//! Every page, rendered in both languages with samples of everything it can show.

use std::collections::BTreeMap;

use peshi_casework::FieldError;
use peshi_service::views::{CaseView, DateView};
use peshi_service::{DateMove, DayView, Role, WouldMove};
use peshi_templates::{Lang, Renderer, Texts};
use serde_json::{Value, json};

use crate::assets;
use crate::filled::Filled;
use crate::form_view::{ErrorLine, FormView};
use crate::handlers::admin::AdminBody;
use crate::handlers::board::BoardBody;
use crate::handlers::calendar::{CalendarBody, Typed, Would};
use crate::handlers::case::CaseBody;
use crate::handlers::cases::CasesBody;
use crate::handlers::documents::{self, DocumentsBody};
use crate::handlers::journal::JournalBody;
use crate::handlers::opening::{ChooseBody, OpeningBody, PackLine};
use crate::handlers::outbox::{CaseMessagesBody, FATES, OutboxBody};
use crate::handlers::people::PeopleBody;
use crate::handlers::picture::{Drawn, PictureBody, StepLine};
use crate::handlers::register;
use crate::handlers::today::TodayBody;
use crate::handlers::violations::ViolationsBody;
use crate::handlers::{CaseHead, Titled, record};
use crate::present::{InstanceName, Line, MessageLine};
use crate::samples;
use crate::shell::{Section, Shell, nav};

const LANGUAGES: [Lang; 2] = [Lang::En, Lang::Ur];

fn renderer() -> Renderer {
    let mut renderer = Renderer::new(Texts::new()).unwrap();
    let texts = [
        (Lang::En, "en.ftl".to_owned(), samples::PACK_EN.to_owned()),
        (Lang::Ur, "ur.ftl".to_owned(), samples::PACK_UR.to_owned()),
    ];
    renderer.add_pack(samples::PACK, &texts, &[]).unwrap();
    renderer
}

fn shell(lang: Lang, role: Option<Role>, section: Section) -> Shell {
    Shell {
        reader: role.map(|_| "Example Reader".to_owned()),
        role: role.map(|role| role.as_str().to_owned()),
        nav: role.map(|role| nav(role, section)).unwrap_or_default(),
        here: "/cases/2026-0042".to_owned(),
        other_language: if lang == Lang::Ur { "en" } else { "ur" },
        scheduler_ok: section != Section::Today,
        said: (section == Section::Cases).then_some("recorded"),
        stylesheet: assets::stylesheet_address(),
        now: samples::now(),
        zone: "Asia/Karachi",
    }
}

fn head(place: &'static str) -> CaseHead {
    CaseHead::new(&samples::summary(), "Asia/Karachi", place)
}

fn messages(renderer: &Renderer, lang: Lang) -> Vec<MessageLine> {
    let text = |key: &str| renderer.text(Some(samples::PACK), lang, key, &[]);
    samples::messages()
        .iter()
        .map(|message| MessageLine::new(message, text))
        .collect()
}

fn titled<T>(items: Vec<T>, title: impl Fn(&T) -> String) -> Vec<Titled<T>> {
    items
        .into_iter()
        .map(|item| Titled {
            title: title(&item),
            item,
        })
        .collect()
}

/// A page to render: what it is called in a failure, its template, its reader, whether it is of the pack, its context.
struct Sample {
    name: &'static str,
    page: &'static str,
    role: Option<Role>,
    section: Section,
    of_pack: bool,
    body: Value,
}

fn pages_with_cases(renderer: &Renderer, lang: Lang) -> Vec<Sample> {
    let text = |key: &str| renderer.text(Some(samples::PACK), lang, key, &[]).unwrap();
    let dates = |keep: fn(&DateView) -> bool| {
        titled(
            samples::dates().into_iter().filter(keep).collect(),
            |date: &DateView| text(&date.key),
        )
    };
    let today = TodayBody {
        date: "2026-03-10".parse().unwrap(),
        hearings_today: dates(|date| date.kind == "hearing"),
        hearings_soon: Vec::new(),
        deadlines_soon: dates(|date| date.kind != "hearing" && !date.missed),
        overdue: dates(|date| date.missed),
        tasks: titled(samples::tasks(), |task| text(&task.key)),
    };
    let cases = CasesBody {
        cases: titled(samples::summaries(), |_| text("workflow-title")),
        total: 103,
        page: 2,
        pages: 3,
        state: "open",
        waiting: "police",
        owners: vec!["us", "police", "prosecution", "court", "family", "other"],
        may_open: true,
        name: "Test Person".to_owned(),
        more: true,
    };
    let register = register::sample(|_, key| text(key));
    let board = BoardBody::new(samples::board(), |_| text("workflow-title"));
    let outbox = OutboxBody {
        messages: messages(renderer, lang),
        fate: "failed",
        fates: FATES,
        page: 2,
        more: true,
    };
    let admin = AdminBody::new(samples::health(), samples::accounts(), |key| {
        renderer.text(None, lang, key, &[])
    });
    let calendar = calendar_body(renderer, lang);
    let page = |name, role, section, body| Sample {
        name,
        page: name,
        role: Some(role),
        section,
        of_pack: false,
        body,
    };
    vec![
        page("today", Role::Lawyer, Section::Today, json!(today)),
        page("cases", Role::Paralegal, Section::Cases, json!(cases)),
        page("board", Role::Coordinator, Section::Board, json!(board)),
        page("register", Role::Coordinator, Section::Board, json!(register)),
        page("outbox", Role::Auditor, Section::Messages, json!(outbox)),
        page("admin", Role::Administrator, Section::System, json!(admin)),
        page("calendar", Role::Administrator, Section::System, json!(calendar)),
    ]
}

/// The calendars with a day that would move a date and touch a hearing.
fn calendar_body(renderer: &Renderer, lang: Lang) -> CalendarBody {
    let date = |text: &str| text.parse().unwrap();
    let day = |status: &str, added| DayView {
        calendar: samples::text("pk"),
        day: date("2026-03-20"),
        name: samples::text("Eid al-Fitr"),
        status: samples::text(status),
        only: vec![samples::text("lahore")],
        added,
        followed: !added,
    };
    let one = |to| DateMove {
        reference: samples::text("2026-0042"),
        pack: samples::text(samples::PACK),
        key: samples::text("deadline-hearing"),
        from: date("2026-03-20"),
        to,
    };
    let would = WouldMove {
        moves: vec![one(Some(date("2026-03-21"))), one(None)],
        count: 2,
    };
    let days = vec![day("provisional", false), day("open", true)];
    let typed = Filled::of(&[("day", "2026-03-20"), ("name", "Strike"), ("status", "confirmed")]);
    let mut body = CalendarBody::new(vec![samples::text("pk")], days, Typed::of(&typed));
    body.would = Some(Would::new(would, |pack, key| {
        renderer
            .text(Some(pack), lang, key, &[])
            .unwrap_or_else(|| key.to_owned())
    }));
    body.wrong = true;
    body
}

/// A page with a drawing that was made elsewhere.
fn picture(lang: Lang) -> PictureBody {
    let drawn = |id: &str, name: Option<&str>, steps| Drawn {
        id: format!("picture-{id}"),
        key: "workflow-title".to_owned(),
        name: name.and_then(InstanceName::of),
        svg: format!(r#"<svg class="peshi-chart" role="img" lang="{lang}"><title>A drawing</title></svg>"#),
        now: vec!["Pending".to_owned()],
        steps,
    };
    let step = StepLine {
        at: samples::now(),
        event: "Filed".to_owned(),
        from: "Drafting".to_owned(),
        to: "Pending <b>".to_owned(),
    };
    PictureBody {
        head: head("picture"),
        stylesheet: "/static/picture.css?v=1".to_owned(),
        pictures: vec![
            drawn("case", None, vec![step]),
            drawn("proceeding-1", Some("proceeding-1"), Vec::new()),
        ],
        undrawn: 3,
    }
}

/// The documents as each who may see them sees them, and with everything that can be wrong.
fn pages_of_documents(page: impl Fn(&'static str, Value) -> Sample) -> Vec<Sample> {
    let body = |role, form, errors| json!(DocumentsBody::new(samples::case(), role, form, errors));
    let none = CaseView {
        documents: Vec::new(),
        ..samples::case()
    };
    let removing = documents::Again::of(1, "too short a reason");
    let nothing = documents::Again::default;
    [
        ("documents", body(Role::Paralegal, nothing(), Vec::new())),
        (
            "documents-none",
            json!(DocumentsBody::new(none, Role::Lawyer, nothing(), Vec::new())),
        ),
        (
            "documents-too-large",
            body(
                Role::Lawyer,
                nothing(),
                vec![documents::fault(None, "file", "too_large")],
            ),
        ),
        (
            "documents-known",
            body(Role::Lawyer, nothing(), vec![documents::known(1)]),
        ),
        (
            "documents-removing",
            body(
                Role::Coordinator,
                removing,
                vec![documents::fault(Some(1), "reason", "too_long")],
            ),
        ),
    ]
    .into_iter()
    .map(|(name, body)| Sample {
        page: "documents",
        ..page(name, body)
    })
    .collect()
}

fn pages_of_a_case(renderer: &Renderer, lang: Lang) -> Vec<Sample> {
    let journal = JournalBody {
        head: head("journal"),
        lines: Line::newest_first(&samples::journal()),
        older: Some(3),
        newer: Some(60),
        chain_head: "5f1c".repeat(16),
        version: 9,
    };
    let people = PeopleBody::new(
        samples::case(),
        Some(&Filled::of(&[
            ("what", "grant"),
            ("person", "person-2"),
            ("channel", "sms"),
        ])),
        vec![ErrorLine::own("address", "people-address", "required")],
    );
    let violations = ViolationsBody::new(
        samples::case(),
        Role::Coordinator,
        Some(&Filled::of(&[("what", "note"), ("code", "P01"), ("at", "soon")])),
        vec![ErrorLine::own("at", "detail-at", "not_an_approximate_date")],
    );
    let message_page = CaseMessagesBody {
        head: head("messages"),
        messages: messages(renderer, lang),
    };
    let page = |name, body| Sample {
        name,
        page: name,
        role: Some(Role::Lawyer),
        section: Section::Cases,
        of_pack: true,
        body,
    };
    let mut pages = pages_of_documents(page);
    pages.extend([
        page("case", json!(CaseBody::new(samples::case(), &samples::journal()))),
        page("journal", json!(journal)),
        page("picture", json!(picture(lang))),
        page("messages", json!(message_page)),
        page("people", json!(people)),
        page("violations", json!(violations)),
        Sample {
            page: "record",
            ..page(
                "record-empty",
                json!(record::sample(&samples::case(), "fir_refused", false)),
            )
        },
        Sample {
            page: "record",
            ..page(
                "record-conflict",
                json!(record::sample(&samples::case(), "fir_refused", true)),
            )
        },
        Sample {
            page: "record",
            ..page(
                "record-gone",
                json!(record::sample(&samples::case(), "heard", true)),
            )
        },
    ]);
    pages
}

fn pages_of_forms() -> Vec<Sample> {
    let fault = |field: &str, problem: &str| FieldError {
        field: field.to_owned(),
        problem: problem.to_owned(),
    };
    let errors = [
        fault("count", "not_a_number"),
        fault("few", "required"),
        fault("many", "not_a_choice"),
    ];
    let typed = [
        ("f-count", "two"),
        ("f-on", "12/03/2026"),
        ("f-many", "c"),
        ("f-sure", "no"),
        ("f-phone", "0300-0000001"),
    ];
    let form = FormView::new(&samples::every_form(), &Filled::of(&typed), &errors);
    let line = || PackLine {
        name: samples::PACK.to_owned(),
        title: "Abduction".to_owned(),
    };
    let opening = OpeningBody {
        pack: line(),
        errors: form.summary(&errors),
        form,
    };
    let stranger = |name, body| Sample {
        name,
        page: name,
        role: None,
        section: Section::Elsewhere,
        of_pack: false,
        body,
    };
    let sign_in = json!({"login": "lawyer@example.org", "next": "/cases/2026-0042",
        "errors": [ErrorLine { anchor: Some("login".to_owned()), ..ErrorLine::general("wrong_sign_in") }]});
    vec![
        stranger("sign-in", sign_in),
        stranger("problem", json!({"problem": "not_found", "status": 404})),
        Sample {
            role: Some(Role::Lawyer),
            ..stranger("new-case-choose", json!(ChooseBody { packs: vec![line()] }))
        },
        Sample {
            role: Some(Role::Lawyer),
            of_pack: true,
            ..stranger("new-case", json!(opening))
        },
    ]
}

fn all(renderer: &Renderer, lang: Lang) -> Vec<Sample> {
    let mut all = pages_with_cases(renderer, lang);
    all.extend(pages_of_a_case(renderer, lang));
    all.extend(pages_of_forms());
    all
}

fn render(renderer: &Renderer, lang: Lang, sample: &Sample) -> String {
    let mut context: BTreeMap<String, Value> = serde_json::from_value(sample.body.clone()).unwrap();
    context.insert(
        "shell".to_owned(),
        json!(shell(lang, sample.role, sample.section)),
    );
    let pack = sample.of_pack.then_some(samples::PACK);
    renderer
        .page(sample.page, lang, pack, &context)
        .unwrap_or_else(|error| panic!("{} in {lang}: {error}", sample.name))
}

/// Every page of every sample, as `(name and language, html)`. With `PESHI_PAGES` set to a folder they are also
/// written there, to be looked at in a browser.
fn rendered() -> Vec<(String, Lang, String)> {
    let renderer = renderer();
    let mut pages = Vec::new();
    for lang in LANGUAGES {
        for sample in all(&renderer, lang) {
            let html = render(&renderer, lang, &sample);
            pages.push((format!("{}.{lang}", sample.name), lang, html));
        }
    }
    if let Ok(folder) = std::env::var("PESHI_PAGES") {
        for (name, _, html) in &pages {
            let html = html.replace("/static/", "static/");
            std::fs::write(format!("{folder}/{name}.html"), html).unwrap();
        }
    }
    pages
}

#[test]
fn every_page_renders_in_both_languages_with_every_word() {
    for (name, lang, html) in rendered() {
        let gaps: Vec<&str> = html
            .split('⟦')
            .skip(1)
            .filter_map(|rest| rest.split('⟧').next())
            .collect();
        assert_eq!(gaps, Vec::<&str>::new(), "{name}: words are missing");
        assert!(
            html.contains(&format!("<html lang=\"{lang}\" dir=\"{}\">", lang.dir())),
            "{name}"
        );
        assert_eq!(html.matches("<main ").count(), 1, "{name}: one main landmark");
        assert_eq!(html.matches("<h1").count(), 1, "{name}: one heading of the page");
        assert!(
            html.contains("href=\"#main\""),
            "{name}: a way past the navigation"
        );
        assert!(html.len() < 50_000, "{name}: {} bytes", html.len());
    }
}

#[test]
fn no_page_needs_what_the_policy_forbids() {
    for (name, _, html) in rendered() {
        for word in [
            "<script",
            "<style",
            " style=",
            " onclick",
            "javascript:",
            "http:",
            "https:",
            "<iframe",
            "<object",
        ] {
            assert!(!html.contains(word), "{name} contains {word}");
        }
    }
}

#[test]
fn what_people_typed_is_escaped() {
    let renderer = renderer();
    let attack = "<script>alert(1)</script>\"'";
    for lang in LANGUAGES {
        let form = FormView::new(
            &samples::refusal_form(),
            &Filled::of(&[("f-refused_by", attack), ("f-words_used", attack)]),
            &[],
        );
        let pack = PackLine {
            name: samples::PACK.to_owned(),
            title: attack.to_owned(),
        };
        let sample = Sample {
            name: "new-case",
            page: "new-case",
            role: Some(Role::Lawyer),
            section: Section::Cases,
            of_pack: true,
            body: json!(OpeningBody {
                pack,
                errors: Vec::new(),
                form
            }),
        };
        let html = render(&renderer, lang, &sample);
        assert!(!html.contains("<script"));
        assert_eq!(
            html.matches("&lt;script&gt;").count(),
            3,
            "the title and both fields"
        );
    }
}

#[test]
fn every_kind_of_field_is_drawn_and_keeps_what_was_typed() {
    let (_, _, html) = rendered()
        .into_iter()
        .find(|(name, ..)| name == "new-case.en")
        .unwrap();
    for part in [
        "<input id=\"f-text\"",
        "<textarea id=\"f-account\"",
        "type=\"date\"",
        "type=\"datetime-local\"",
        "type=\"tel\"",
        "value=\"two\"",
        "value=\"12/03/2026\" type=\"text\"",
        "<option value=\"c\" selected>",
        "name=\"f-sure\" value=\"no\" checked",
        "aria-describedby=\"f-count-error\" aria-invalid=\"true\"",
        "<fieldset aria-describedby=\"f-few-error\">",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
    assert_eq!(
        html.matches("type=\"radio\"").count(),
        4,
        "two choices, yes and no"
    );
}

#[test]
fn the_ids_of_a_page_are_its_own() {
    for (name, _, html) in rendered() {
        let mut ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: an id stands twice");
        for target in html
            .split("href=\"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(ids.contains(&target), "{name}: nothing has the id {target}");
        }
    }
}

#[test]
fn every_control_has_a_label() {
    for (name, _, html) in rendered() {
        for control in ["<input ", "<select ", "<textarea "] {
            for tag in html
                .split(control)
                .skip(1)
                .filter_map(|rest| rest.split('>').next())
            {
                let own = ["type=\"hidden\"", "type=\"radio\"", "type=\"checkbox\""]
                    .iter()
                    .any(|kind| tag.contains(kind));
                let id = tag
                    .split("id=\"")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next())
                    .unwrap_or_default();
                assert!(
                    own || html.contains(&format!("<label for=\"{id}\"")),
                    "{name}: {control}{tag}> has no label"
                );
            }
        }
    }
}

#[test]
fn the_case_page_follows_the_order_of_work() {
    let (_, _, html) = rendered()
        .into_iter()
        .find(|(name, ..)| name == "case.en")
        .unwrap();
    let order = [
        "dates",
        "actions",
        "regions",
        "proceedings",
        "tasks",
        "people",
        "violations",
        "documents",
        "journal",
        "team",
        "facts",
    ];
    let places: Vec<usize> = order
        .iter()
        .map(|id| html.find(&format!("<h2 id=\"{id}\"")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(html.contains("not signed off by an advocate") && html.contains("Not legal advice"));
    let account = html.find("An invented account").unwrap();
    let fold = html[..account].rfind("<details").unwrap();
    assert!(
        html[fold..account].find("</details>").is_none(),
        "what was told is folded away"
    );
}

#[test]
fn a_removed_document_offers_nothing_and_the_same_file_is_pointed_at() {
    let pages = rendered();
    let page = |name: &str| &pages.iter().find(|(known, ..)| known == name).unwrap().2;
    let html = page("documents.en");
    assert!(html.contains("<s><bdi>Voice note (invented).m4a</bdi></s>"));
    assert!(html.contains("It belongs to another case."));
    assert!(html.contains("action=\"/cases/2026-0042/documents/1\""));
    assert!(!html.contains("action=\"/cases/2026-0042/documents/2\""));
    assert!(
        !html.contains("value=\"remove\""),
        "a paralegal is not offered to remove"
    );
    assert!(html.contains("enctype=\"multipart/form-data\""));
    assert!(
        page("documents-known.en")
            .contains("<a href=\"#d1\">This file is in the case already, as document 1.")
    );
    let removing = page("documents-removing.en");
    assert!(removing.contains("value=\"remove\"") && removing.contains("value=\"too short a reason\""));
    assert!(page("documents-too-large.ur").contains("id=\"file-error\""));
}

#[test]
fn a_silent_scheduler_is_shown_to_staff() {
    let (_, _, html) = rendered()
        .into_iter()
        .find(|(name, ..)| name == "today.en")
        .unwrap();
    assert!(html.contains("Reminders are not going out."));
}

#[test]
fn both_languages_have_the_same_texts() {
    let texts = Texts::new();
    let keys: Vec<String> = texts.keys(Lang::En);
    let missing: Vec<&String> = keys.iter().filter(|key| !texts.has(Lang::Ur, key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

/// Keys that code builds from words: every one that can come must have a text.
#[test]
fn every_key_made_of_a_word_has_a_text() {
    let texts = Texts::new();
    let mut keys: Vec<String> = Vec::new();
    let mut all =
        |prefix: &str, words: &[&str]| keys.extend(words.iter().map(|word| format!("{prefix}{word}")));
    all(
        "waiting-",
        &["us", "police", "prosecution", "court", "family", "other"],
    );
    all("fate-", &FATES);
    all(
        "role-",
        &["administrator", "coordinator", "lawyer", "paralegal", "auditor"],
    );
    all("person-", &peshi_service::PERSON_ROLES);
    all(
        "deadline-kind-",
        &["statutory", "limitation", "policy", "internal"],
    );
    all(
        "said-",
        &[
            "recorded",
            "opened",
            "task_done",
            "date_changed",
            "day_added",
            "person_added",
            "permission_granted",
            "permission_revoked",
            "document_added",
            "document_removed",
        ],
    );
    for problem in [
        "not_found",
        "forbidden",
        "sign_in",
        "too_many_tries",
        "bad_form",
        "too_large",
        "cross_site",
        "method",
        "erased",
        "invalid",
        "conflict",
        "not_now",
        "not_yours",
        "guarded",
        "known",
        "already_open",
        "pack_fault",
        "unavailable",
        "failed",
    ] {
        all(&format!("problem-{problem}-"), &["title", "text"]);
    }
    for problem in [
        "conflict",
        "not_now",
        "not_yours",
        "guarded",
        "invalid",
        "not_found",
        "known",
        "already_open",
        "pack_fault",
    ] {
        all("error-", &[problem]);
    }
    all(
        "error-",
        &[
            "required",
            "not_a_value",
            "too_long",
            "not_a_number",
            "not_an_amount",
            "not_yes_or_no",
            "not_a_choice",
            "not_a_date",
            "not_a_moment",
            "not_a_time",
            "not_future",
            "not_a_phone",
            "not_a_cnic",
            "unknown_field",
            "not_a_number_of_days",
            "happened_in_future",
            "wrong_sign_in",
            "too_many_tries",
            "too_large",
            "not_a_document",
            "bad_name",
        ],
    );
    all("document-kind-", &documents::KINDS);
    all("size-", &["kb", "mb"]);
    // What the history says of a document beyond its own line.
    all("document-", &["name", "number", "why"]);
    all(
        "reason-",
        &[
            "no_permission",
            "permission_expired",
            "phone_at_risk",
            "safety_critical",
            "level_too_high",
            "no_contact",
            "account_closed",
            "no_access",
            "superseded",
            "too_late",
            "switched_off",
            "nothing_to_say",
            "left_state",
            "deadline_ended",
            "cancelled",
            "too_early",
            "before_creation",
            "quiet_hours",
            "clock_went_back",
            "no_sms_gateway",
            "case_erased",
        ],
    );
    all(
        "fact-",
        &[
            "opened",
            "event_accepted",
            "moved",
            "spawned",
            "data_set",
            "timer_armed",
            "timer_fired",
            "timer_cancelled",
            "deadline_started",
            "deadline_moved",
            "deadline_stopped",
            "deadline_resumed",
            "deadline_overridden",
            "deadline_settled",
            "deadline_missed",
            "deadline_ended",
            "task_raised",
            "task_done",
            "violation_noted",
            "message_expected",
            "team_joined",
            "team_left",
            "person_added",
            "permission_granted",
            "permission_revoked",
            "document_added",
            "document_copied",
            "document_removed",
        ],
    );
    let missing: Vec<&String> = keys.iter().filter(|key| !texts.has(Lang::En, key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
