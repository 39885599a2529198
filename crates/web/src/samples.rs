//! Invented read models for the tests of pages: one of everything a page can show.
//! Every name is invented and every phone number lies in the range kept for examples.

use chrono::{DateTime, Utc};
use peshi_casework::pack::{Field, FieldKind, Form, Sensitivity};
use peshi_service::WhyLine;
use peshi_service::views::{
    AccountView, ActionView, BoardView, CaseSummary, CaseView, ChildView, DateView, DocumentView, FactView,
    HealthView, IdleView, JournalView, OutboxView, PanelRow, PanelView, PersonView, RegionView, RegisterLine,
    StateView, TaskView, TeamView, ViolationView,
};
use serde_json::{Value, json};

/// The pack whose words [`PACK_EN`] and [`PACK_UR`] are.
pub(crate) const PACK: &str = "sample";

pub(crate) const PACK_EN: &str = "
workflow-title = Abduction and forced marriage
chart-proceeding = Proceeding
chart-hearing = Hearing
state-case-fir = First information report
state-case-whereabouts = Whereabouts
state-case-lifecycle = Our work
state-case-fir_applied = Application given to the police
state-case-located = Place known
state-case-active = Being worked on
state-proceeding-pending = Pending
state-hearing-scheduled = Fixed
state-hearing-adjourned = Adjourned
event-fir_refused = FIR refused
event-fir_registered = FIR registered
event-open_proceeding = Open a proceeding
event-adjourned = Adjourned
event-heard = Heard, to be continued
form-refusal = Refusal
field-refusal-refused_by = Who refused
field-refusal-words_used = Words used
field-refusal-proof = Proof
field-opening-district = District
field-opening-reported_at = First reported at
field-opening-summary = What the family told
field-hearing-court = Court
field-hearing-at = Date and time
field-adjournment-reason = Reason
choice-proof-recording = Recording
choice-proof-witness = Witness
choice-proof-none = None
choice-reason-judge_on_leave = Judge on leave
deadline-hearing = Hearing in court
deadline-fir_answer = Answer of the police to the application
deadline-acquittal_appeal = Appeal against the acquittal
task-agree_safe_contact = Agree on a safe way of contact
task-age_documents = Collect the documents that show the age
violation-P01 = FIR refused
field-every-text = Name of the office
field-every-account = What was told
field-every-count = How many
field-every-fee = Fee
field-every-on = On which day
field-every-until = Until which day
field-every-at = When
field-every-few = One of few
field-every-many = One of many
field-every-several = Some of them
choice-several-a = Choice a
choice-several-b = Choice b
field-every-born = Born
field-every-about = About what time
field-every-sure = Is it sure?
field-every-phone = Phone
field-every-cnic = Identity card number
choice-few-a = First
choice-few-b = Second
choice-many-a = Choice a
choice-many-b = Choice b
choice-many-c = Choice c
choice-many-d = Choice d
choice-many-e = Choice e
choice-many-f = Choice f
choice-many-g = Choice g
";

pub(crate) const PACK_UR: &str = "
workflow-title = اغوا اور جبری شادی
chart-proceeding = مقدمہ
chart-hearing = پیشی
state-case-fir = ایف آئی آر
state-case-whereabouts = متاثرہ کہاں ہیں
state-case-lifecycle = ہمارا کام
state-case-fir_applied = پولیس کو درخواست دے دی گئی
state-case-located = جگہ معلوم ہے
state-case-active = کام جاری ہے
state-proceeding-pending = زیرِ سماعت
state-hearing-scheduled = تاریخ مقرر
state-hearing-adjourned = ملتوی
event-fir_refused = ایف آئی آر سے انکار
event-fir_registered = ایف آئی آر درج ہو گئی
event-open_proceeding = مقدمہ دائر کریں
event-adjourned = ملتوی ہوئی
event-heard = سماعت ہوئی، جاری ہے
form-refusal = انکار
field-refusal-refused_by = کس نے انکار کیا
field-refusal-words_used = کیا الفاظ کہے
field-refusal-proof = ثبوت
field-opening-district = ضلع
field-opening-reported_at = پہلی اطلاع کب ملی
field-opening-summary = اہلِ خانہ نے کیا بتایا
field-hearing-court = عدالت
field-hearing-at = تاریخ اور وقت
field-adjournment-reason = وجہ
choice-proof-recording = ریکارڈنگ
choice-proof-witness = گواہ
choice-proof-none = کوئی نہیں
choice-reason-judge_on_leave = جج رخصت پر
deadline-hearing = عدالت میں پیشی
deadline-fir_answer = درخواست پر پولیس کا جواب
deadline-acquittal_appeal = بریت کے خلاف اپیل
task-agree_safe_contact = محفوظ رابطے کا طریقہ طے کریں
task-age_documents = عمر کے کاغذات جمع کریں
violation-P01 = ایف آئی آر درج کرنے سے انکار
field-every-text = دفتر کا نام
field-every-account = کیا بتایا گیا
field-every-count = کتنے
field-every-fee = فیس
field-every-on = کس دن
field-every-until = کس دن تک
field-every-at = کب
field-every-few = چند میں سے ایک
field-every-many = بہت میں سے ایک
field-every-sure = کیا یقینی ہے؟
field-every-phone = فون
field-every-cnic = شناختی کارڈ نمبر
choice-few-a = پہلا
choice-few-b = دوسرا
field-every-several = کچھ
choice-several-a = انتخاب a
choice-several-b = انتخاب b
field-every-born = پیدائش
field-every-about = کس وقت
choice-many-a = انتخاب a
choice-many-b = انتخاب b
choice-many-c = انتخاب c
choice-many-d = انتخاب d
choice-many-e = انتخاب e
choice-many-f = انتخاب f
choice-many-g = انتخاب g
";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a sample's instant is RFC 3339")
}

pub(crate) fn now() -> DateTime<Utc> {
    at("2026-03-10T05:30:00Z")
}

pub(crate) fn text(words: &str) -> String {
    words.to_owned()
}

pub(crate) fn summary() -> CaseSummary {
    CaseSummary {
        reference: text("2026-0042"),
        pack: text(PACK),
        waiting_on: Some(text("police")),
        waiting_since: Some(at("2026-03-05T06:00:00Z")),
        next_court_at: Some(at("2026-03-12T04:00:00Z")),
        next_deadline_at: Some(at("2026-03-11T18:59:59Z")),
        overdue_since: Some(at("2026-03-08T18:59:59Z")),
        blind_since: Some(at("2026-03-09T18:59:59Z")),
        stalled_since: Some(at("2026-03-07T06:00:00Z")),
        closed: false,
        last_event_at: at("2026-03-05T06:00:00Z"),
        team: vec![text("Example Lawyer"), text("Sample Paralegal")],
    }
}

fn quiet_summary() -> CaseSummary {
    CaseSummary {
        reference: text("2026-0043"),
        waiting_on: None,
        waiting_since: None,
        next_court_at: None,
        next_deadline_at: None,
        overdue_since: None,
        blind_since: None,
        stalled_since: None,
        team: Vec::new(),
        ..summary()
    }
}

pub(crate) fn summaries() -> Vec<CaseSummary> {
    let closed = CaseSummary {
        reference: text("2025-0310"),
        closed: true,
        ..quiet_summary()
    };
    vec![summary(), quiet_summary(), closed]
}

pub(crate) fn dates() -> Vec<DateView> {
    let hearing = DateView {
        reference: text("2026-0042"),
        pack: text(PACK),
        key: text("deadline-hearing"),
        kind: text("hearing"),
        instance: text("hearing-2"),
        due_at: at("2026-03-12T04:00:00Z"),
        shown_at: at("2026-03-12T04:00:00Z"),
        whole_day: false,
        last_day: None,
        internal_last_day: None,
        missed: false,
        legal_kind: text("internal"),
        code: None,
        basis: None,
        source: None,
        confidence: None,
        signed_off: None,
        who: text("court"),
        id: text("6.0"),
        standing: text("in_force"),
        stopped: None,
        reckoned_day: None,
        counted: false,
        ended: false,
        why: Vec::new(),
    };
    let limitation = DateView {
        key: text("deadline-acquittal_appeal"),
        kind: text("deadline"),
        instance: text("proceeding-1"),
        due_at: at("2026-04-03T18:59:59Z"),
        shown_at: at("2026-04-03T18:59:59Z"),
        whole_day: true,
        last_day: "2026-04-06".parse().ok(),
        internal_last_day: "2026-04-03".parse().ok(),
        legal_kind: text("limitation"),
        code: Some(text("D34")),
        id: text("7.0"),
        standing: text("may_have_lapsed"),
        stopped: Some(text("court_stay")),
        reckoned_day: "2026-04-01".parse().ok(),
        counted: true,
        why: vec![WhyLine {
            key: text("why-counted"),
            date: "2026-04-01".parse().expect("a date"),
            until: "2026-04-01".parse().expect("a date"),
            text: String::new(),
            number: 30,
            unit: "day",
        }],
        basis: Some(text("CrPC s.417(2A): 30 days from the acquittal")),
        source: Some(text("text of the section")),
        confidence: Some(text("high")),
        signed_off: Some(text("Example Advocate")),
        who: text("us"),
        ..hearing.clone()
    };
    let missed = DateView {
        id: text("8.0"),
        key: text("deadline-fir_answer"),
        kind: text("deadline"),
        instance: text("case"),
        due_at: at("2026-03-08T18:59:59Z"),
        missed: true,
        legal_kind: text("statutory"),
        code: Some(text("D02")),
        confidence: Some(text("contested")),
        who: text("police"),
        ..hearing.clone()
    };
    vec![missed, hearing, limitation]
}

pub(crate) fn tasks() -> Vec<TaskView> {
    let task = |id: &str, key: &str, raised: &str| TaskView {
        id: text(id),
        reference: text("2026-0042"),
        pack: text(PACK),
        key: text(key),
        raised_at: at(raised),
        instance: None,
    };
    vec![
        task("c:4:0", "task-agree_safe_contact", "2026-03-09T05:00:00Z"),
        task("c:4:1", "task-age_documents", "2026-03-10T05:00:00Z"),
    ]
}

fn fact(key: &str, kind: &str, value: Value, choice: Option<&str>, sensitivity: &str) -> FactView {
    FactView {
        key: text(key),
        value,
        choice_key: choice.map(text),
        choice_keys: Vec::new(),
        kind: text(kind),
        sensitivity: text(sensitivity),
    }
}

fn facts() -> Vec<FactView> {
    vec![
        fact(
            "field-opening-district",
            "text",
            json!("Example District"),
            None,
            "open",
        ),
        fact(
            "field-opening-reported_at",
            "datetime",
            json!("2026-03-05T09:30"),
            None,
            "open",
        ),
        fact(
            "field-opening-summary",
            "long_text",
            json!("An invented account.\nIt has two lines."),
            None,
            "narrative",
        ),
    ]
}

fn state(key: &str, since: Option<&str>, waiting: Option<&str>) -> StateView {
    StateView {
        key: text(key),
        since: since.map(at),
        waiting_on: waiting.map(text),
    }
}

fn children() -> Vec<ChildView> {
    let hearing = |instance: &str, state_key: &str, open: bool, facts: Vec<FactView>| ChildView {
        instance: text(instance),
        parent: text("proceeding-1"),
        key: text("chart-hearing"),
        states: vec![state(state_key, None, None)],
        open,
        facts,
    };
    vec![
        ChildView {
            instance: text("proceeding-1"),
            parent: text("case"),
            key: text("chart-proceeding"),
            states: vec![state(
                "state-proceeding-pending",
                Some("2026-03-01T06:00:00Z"),
                Some("court"),
            )],
            open: true,
            facts: vec![fact(
                "field-hearing-court",
                "text",
                json!("Example Sessions Court"),
                None,
                "open",
            )],
        },
        hearing(
            "hearing-1",
            "state-hearing-adjourned",
            false,
            vec![
                fact(
                    "field-hearing-at",
                    "datetime",
                    json!("2026-03-05T09:00"),
                    None,
                    "open",
                ),
                fact(
                    "field-adjournment-reason",
                    "choice",
                    json!("judge_on_leave"),
                    Some("choice-reason-judge_on_leave"),
                    "open",
                ),
            ],
        ),
        hearing(
            "hearing-2",
            "state-hearing-scheduled",
            true,
            vec![fact(
                "field-hearing-at",
                "datetime",
                json!("2026-03-12T09:00"),
                None,
                "open",
            )],
        ),
    ]
}

fn field(name: &str, kind: FieldKind, required: bool, choices: &[&str], sensitivity: Sensitivity) -> Field {
    Field {
        name: text(name),
        kind,
        required,
        choices: choices.iter().map(|choice| text(choice)).collect(),
        sensitivity,
        future: kind == FieldKind::Datetime,
        required_if: None,
        note: None,
    }
}

/// A short form, as an event has.
pub(crate) fn refusal_form() -> Form {
    Form {
        name: text("refusal"),
        fields: vec![
            field("refused_by", FieldKind::Text, false, &[], Sensitivity::Personal),
            field(
                "words_used",
                FieldKind::LongText,
                false,
                &[],
                Sensitivity::Narrative,
            ),
            field(
                "proof",
                FieldKind::Choice,
                true,
                &["recording", "witness", "none"],
                Sensitivity::Open,
            ),
        ],
    }
}

/// A form with a field of every kind.
pub(crate) fn every_form() -> Form {
    let many = ["a", "b", "c", "d", "e", "f", "g"];
    Form {
        name: text("every"),
        fields: vec![
            field("text", FieldKind::Text, true, &[], Sensitivity::Open),
            field("account", FieldKind::LongText, false, &[], Sensitivity::Narrative),
            field("count", FieldKind::Number, true, &[], Sensitivity::Open),
            field("fee", FieldKind::Money, false, &[], Sensitivity::Open),
            field("on", FieldKind::Date, true, &[], Sensitivity::Open),
            field("until", FieldKind::Date, false, &[], Sensitivity::Open),
            field("at", FieldKind::Datetime, true, &[], Sensitivity::Open),
            field("few", FieldKind::Choice, true, &["a", "b"], Sensitivity::Open),
            field("many", FieldKind::Choice, false, &many, Sensitivity::Open),
            field(
                "several",
                FieldKind::Choices,
                false,
                &["a", "b"],
                Sensitivity::Open,
            ),
            field(
                "born",
                FieldKind::ApproximateDate,
                true,
                &[],
                Sensitivity::Personal,
            ),
            field("about", FieldKind::ApproximateTime, false, &[], Sensitivity::Open),
            field("sure", FieldKind::YesNo, true, &[], Sensitivity::Open),
            field("phone", FieldKind::Phone, false, &[], Sensitivity::Personal),
            field("cnic", FieldKind::Cnic, false, &[], Sensitivity::Personal),
        ],
    }
}

fn actions() -> Vec<ActionView> {
    let action = |instance: &str, chart: &str, source: &str, event: &str, form: Option<Form>| ActionView {
        instance: text(instance),
        chart_key: text(chart),
        region_key: text(source),
        event: text(event),
        key: format!("event-{event}"),
        form,
    };
    vec![
        action("case", "chart-case", "state-case-fir", "fir_registered", None),
        action(
            "case",
            "chart-case",
            "state-case-fir",
            "fir_refused",
            Some(refusal_form()),
        ),
        action(
            "case",
            "chart-case",
            "state-case-lifecycle",
            "open_proceeding",
            None,
        ),
        action(
            "hearing-2",
            "chart-hearing",
            "state-hearing-scheduled",
            "adjourned",
            None,
        ),
        action(
            "hearing-2",
            "chart-hearing",
            "state-hearing-scheduled",
            "heard",
            None,
        ),
    ]
}

fn documents() -> Vec<DocumentView> {
    vec![
        DocumentView {
            number: 1,
            name: text("FIR copy (invented).pdf"),
            media_type: text("application/pdf"),
            size: 1_468_006,
            sha256: "9c1e".repeat(16),
            added_at: at("2026-03-06T08:10:00Z"),
            added_by: text("Example Lawyer"),
            copies: 2,
            removed: None,
        },
        DocumentView {
            number: 2,
            name: text("Voice note (invented).m4a"),
            media_type: text("audio/mp4"),
            size: 90_112,
            sha256: "07d4".repeat(16),
            added_at: at("2026-03-07T09:00:00Z"),
            added_by: text("actor-importer"),
            copies: 0,
            removed: Some(text("It belongs to another case.")),
        },
    ]
}

pub(crate) fn case() -> CaseView {
    CaseView {
        summary: summary(),
        version: 9,
        pack_version: 1,
        opened_at: at("2026-03-01T05:00:00Z"),
        zone: text("Asia/Karachi"),
        idle: vec![IdleView {
            key: text("deadline-hearing"),
            instance: text("case"),
            why: text("no_moment"),
        }],
        regions: vec![
            RegionView {
                key: text("state-case-lifecycle"),
                states: vec![state(
                    "state-case-active",
                    Some("2026-03-02T05:00:00Z"),
                    Some("us"),
                )],
            },
            RegionView {
                key: text("state-case-fir"),
                states: vec![state(
                    "state-case-fir_applied",
                    Some("2026-03-05T06:00:00Z"),
                    Some("police"),
                )],
            },
            RegionView {
                key: text("state-case-whereabouts"),
                states: vec![state("state-case-located", None, None)],
            },
        ],
        children: children(),
        dates: dates(),
        tasks: tasks(),
        panels: vec![PanelView {
            key: text("case-facts"),
            rows: vec![
                PanelRow {
                    key: text("case-opened"),
                    value: Some(json!(17)),
                    value_key: None,
                },
                PanelRow {
                    key: text("case-must-act"),
                    value: None,
                    value_key: None,
                },
            ],
        }],
        violation_codes: vec![text("P01")],
        violations: vec![ViolationView {
            number: 1,
            status: text("documented"),
            details: vec![
                fact("detail-at", "approximate_date", json!("2026-03~"), None, "open"),
                fact(
                    "detail-account",
                    "long_text",
                    json!("Invented words."),
                    None,
                    "narrative",
                ),
            ],
            used: Vec::new(),
            publishable: false,
            concerns: Some(text("case")),
            code: text("P01"),
            key: text("violation-P01"),
            occurred_at: at("2026-03-06T07:00:00Z"),
        }],
        documents: documents(),
        people: vec![
            PersonView {
                id: text("person-1"),
                role_key: text("person-affected_person"),
                name: text("Alias Sample"),
                contact: Vec::new(),
            },
            PersonView {
                id: text("person-2"),
                role_key: text("person-family_contact"),
                name: text("Invented Contact"),
                contact: vec![text("sms …001")],
            },
        ],
        team: vec![
            TeamView {
                account: text("a"),
                name: text("Example Lawyer"),
                role_key: text("role-lawyer"),
            },
            TeamView {
                account: text("b"),
                name: text("Sample Paralegal"),
                role_key: text("role-paralegal"),
            },
        ],
        actions: actions(),
        facts: facts(),
        head: "5f1c".repeat(16),
    }
}

pub(crate) fn register_line() -> RegisterLine {
    RegisterLine {
        reference: text("2026-0001"),
        pack: text("abduction"),
        number: 1,
        code: text("P01"),
        key: text("violation-P01"),
        status: text("noted"),
        publishable: true,
        noted_for: at("2026-03-06T07:00:00Z"),
    }
}

pub(crate) fn journal() -> Vec<JournalView> {
    let entry = |seq: i64, actor: &str, key: &str, subject: Option<&str>| JournalView {
        seq,
        recorded_at: at("2026-03-06T08:00:00Z"),
        occurred_at: at("2026-03-06T07:00:00Z"),
        actor: text(actor),
        instance: None,
        key: text(key),
        subject_key: subject.map(text),
        entered: Vec::new(),
        facts: Vec::new(),
        said: Vec::new(),
        moment: None,
        reason_key: None,
        words: None,
        hash: "ab12".repeat(16),
    };
    let told_late = JournalView {
        occurred_at: at("2026-03-03T07:00:00Z"),
        facts: vec![
            fact(
                "field-refusal-proof",
                "choice",
                json!("witness"),
                Some("choice-proof-witness"),
                "open",
            ),
            fact(
                "field-refusal-words_used",
                "long_text",
                json!("Invented words."),
                None,
                "narrative",
            ),
        ],
        entered: vec![text("state-case-fir_applied")],
        ..entry(
            4,
            "Example Lawyer",
            "fact-event_accepted",
            Some("event-fir_refused"),
        )
    };
    let of_hearing = JournalView {
        instance: Some(text("hearing-1")),
        moment: Some(at("2026-03-12T04:00:00Z")),
        ..entry(
            6,
            "actor-machine",
            "fact-deadline_started",
            Some("deadline-hearing"),
        )
    };
    let silent = JournalView {
        reason_key: Some(text("reason-no_permission")),
        ..entry(
            7,
            "actor-machine",
            "fact-message_expected",
            Some("message-family_meeting"),
        )
    };
    vec![
        entry(1, "Example Lawyer", "fact-opened", None),
        entry(2, "actor-importer", "fact-moved", None),
        entry(3, "actor-machine", "fact-timer_armed", None),
        told_late,
        entry(5, "actor-machine", "fact-violation_noted", Some("violation-P01")),
        of_hearing,
        silent,
    ]
}

pub(crate) fn board() -> BoardView {
    BoardView {
        stalled: summaries(),
        blind: vec![summary()],
        overdue: Vec::new(),
        by_owner: vec![(text("police"), 7), (text("us"), 3), (text("court"), 1)],
        open_cases: 61,
        open_more: false,
    }
}

pub(crate) fn messages() -> Vec<OutboxView> {
    let message = |state: &str, key: &str, recipient: &str, reason: Option<&str>| OutboxView {
        id: text("c:7:0"),
        reference: Some(text("2026-0042")),
        key: text(key),
        recipient: text(recipient),
        state: text(state),
        reason: reason.map(text),
        due_at: at("2026-03-11T13:00:00Z"),
        settled_at: (state != "waiting").then(|| at("2026-03-11T13:00:05Z")),
        attempt: 2,
        may_have_left: state == "suppressed",
    };
    vec![
        message("waiting", "message-reminder", "Example Lawyer", None),
        message(
            "suppressed",
            "message-family_meeting",
            "person-family_contact",
            Some("reason-no_permission"),
        ),
        message(
            "cancelled",
            "message-reminder",
            "Sample Paralegal",
            Some("left_state"),
        ),
        message("failed", "message-task", "nobody", Some("550 no such box")),
        OutboxView {
            reference: None,
            ..message("done", "message-morning_digest", "Example Lawyer", None)
        },
        message("running", "message-outcome_question", "Example Lawyer", None),
        message("dead", "message-missed", "Example Lawyer", None),
    ]
}

pub(crate) fn health() -> HealthView {
    HealthView {
        scheduler_ok: true,
        last_tick_at: Some(now()),
        oldest_due_at: None,
        jobs: vec![
            (text("timer"), text("waiting"), 12),
            (text("message"), text("done"), 240),
            (text("odd"), text("odd"), 1),
        ],
        database: text("sqlite"),
    }
}

pub(crate) fn accounts() -> Vec<AccountView> {
    let account = |name: &str, role: &str, active| AccountView {
        id: text(name),
        name: text(name),
        login: format!("{role}@example.org"),
        role: text(role),
        active,
    };
    vec![
        account("Example Administrator", "administrator", true),
        account("Example Coordinator", "coordinator", true),
        account("Sample Auditor", "auditor", false),
    ]
}
