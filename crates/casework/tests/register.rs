//! Forms, conditional actions, violations and panels of a small pack: what the linter says of them, and a case that lives by it.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use chrono::{DateTime, Utc};
use peshi_calendar::Calendar;
use peshi_casework::pack::{Finding, Pack, PackFiles, Severity, load};
use peshi_casework::violation::{Details, Proof, Status};
use peshi_casework::{
    AccountId, Actor, Case, CaseId, Command, Context, Entry, Fact, Fields, InstanceId, Knowledge, Rejection,
    decide, shown_panels,
};
use serde_json::{Value, json};
use uuid::Uuid;

const WORKFLOW: &str = r#"
workflow: register
version: 1
title: { en: Register, ur: رجسٹر }
calendar: plain
roles: [clerk]
opening: account
public: [open]
panels:
  age:
    if: "has(data.born)"
    rows:
      oldest: "oldest_age(data.born, data.taken_on)"
      under_16: "certainly_under(data.born, 16, data.taken_on) ? \"yes\" : possibly_under(data.born, 16, data.taken_on) ? \"perhaps\" : \"no\""
      station: "data.station"
charts:
  case:
    initial: open
    states:
      open:
        waiting_on: us
        stalled_after: 7 days
        public: open
        on:
          refused:
            form: refusal
            do:
              - { set: { late: "hours_between(form.asked_at, occurred_at) > 24" } }
              - violation: P01
                with:
                  at: "=form.asked_at"
                  place: "=form.station"
                  by: "=has(form.officer) ? form.officer : ''"
                  proof: "=form.proof"
                  reason: "=has(form.why) ? form.why : ''"
              - { violation: P02, if: data.late }
              - { task: recorder, if: "'threat' in form.methods" }
              - { raise: told, if: "form.proof == 'none'" }
          told: { roles: [], do: [{ task: find_witness }] }
          finish: { to: closed }
      closed: { type: final, closes_case: true }
"#;

const FORMS: &str = r#"
forms:
  account:
    fields:
      born: { type: approximate_date, required: true, sensitivity: personal, note: born }
      taken_on: { type: approximate_date, required: true }
  refusal:
    fields:
      asked_at: { type: datetime, required: true }
      station: { type: text, required: true }
      officer: { type: text }
      methods: { type: choices, required: true, choices: [threat, bribe] }
      proof: { type: choice, required: true, choices: [document, none] }
      why: { type: text, required_if: "form.proof == 'none'" }
"#;

const WORDS: &str = "\
workflow-title = x
chart-case = x
state-case-open = x
state-case-closed = x
event-refused = x
event-finish = x
task-recorder = x
task-find_witness = x
violation-P01 = x
violation-P02 = x
violation-C01 = x
public-open = x
form-account = x
form-refusal = x
field-account-born = x
field-account-taken_on = x
field-refusal-asked_at = x
field-refusal-station = x
field-refusal-officer = x
field-refusal-methods = x
field-refusal-proof = x
field-refusal-why = x
choice-methods-threat = x
choice-methods-bribe = x
choice-proof-document = x
choice-proof-none = x
note-born = x
panel-age = x
panel-age-oldest = x
panel-age-under_16 = x
panel-age-station = x
";

fn files() -> PackFiles {
    [
        ("workflow.yaml", WORKFLOW),
        ("forms.yaml", FORMS),
        ("locales/en.ftl", WORDS),
        ("locales/ur.ftl", WORDS),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

fn findings(file: &str, from: &str, to: &str) -> Vec<Finding> {
    let mut files = files();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has `{from}`");
    *text = text.replacen(from, to, 1);
    load(&files).1
}

#[test]
fn the_linter_judges_fields_conditions_and_details() {
    assert!(load(&files()).1.is_empty(), "{:#?}", load(&files()).1);
    let (w, f, en) = ("workflow.yaml", "forms.yaml", "locales/en.ftl");
    // file, from, to, code, in the message, in the help
    for (file, from, to, code, message, help) in [
        (
            w,
            "if: data.late",
            "if: dta.late",
            "condition",
            "unknown name `dta`",
            "known names",
        ),
        (
            w,
            "if: data.late",
            "if: form.station",
            "not-a-condition",
            "true or false",
            "==",
        ),
        (
            w,
            "'threat' in form.methods",
            "'thret' in form.methods",
            "unknown-choice",
            "`thret`",
            "`threat`",
        ),
        (
            w,
            "'threat' in form.methods",
            "form.methods == 'threat'",
            "type-mismatch",
            "never equal",
            "",
        ),
        (
            w,
            "place: \"=form",
            "colour: \"=form",
            "unknown-detail",
            "`colour`",
            "place",
        ),
        (
            w,
            "proof: \"=form.proof\"",
            "proof: rumour",
            "unknown-proof",
            "`rumour`",
            "witness",
        ),
        (
            w,
            "{ raise: told, if",
            "{ raise: tld, if",
            "untaken-event",
            "`tld`",
            "`told`",
        ),
        (
            w,
            "{ violation: P02, if",
            "{ violation: P02, task: x, if",
            "unclear-action",
            "one thing",
            "",
        ),
        (
            w,
            "oldest_age(data.born",
            "age_on(data.born",
            "type-mismatch",
            "an exact date",
            "youngest_age",
        ),
        (
            w,
            "possibly_under(data.born, 16",
            "possibly_under(data.born, '16'",
            "type-mismatch",
            "years",
            "quotation",
        ),
        (
            w,
            "hours_between(form.asked_at",
            "hours_between(today",
            "type-mismatch",
            "a date and time",
            "datetime",
        ),
        (
            w,
            "occurred_at) > 24",
            "now) > 24",
            "type-mismatch",
            "a date and time",
            "`occurred_at`",
        ),
        (
            w,
            "has(data.born)",
            "data.born < '2010'",
            "type-mismatch",
            "known only roughly",
            "earliest",
        ),
        (
            w,
            "station: \"data",
            "station: \"form",
            "condition",
            "a panel has no `form`",
            "`data`",
        ),
        (
            f,
            "form.proof == 'none'",
            "form.prof == 'none'",
            "unknown-field",
            "`prof`",
            "`proof`",
        ),
        (
            f,
            "form.proof == 'none'",
            "in_state('open')",
            "condition",
            "cannot ask `in_state`",
            "form",
        ),
        (
            f,
            "type: text, required_if",
            "type: text, required: true, required_if",
            "required-twice",
            "`why`",
            "take",
        ),
        (
            f,
            "type: choices, required: true, choices: [threat, bribe]",
            "type: choices",
            "choice-without-choices",
            "`methods`",
            "choices",
        ),
        (
            en,
            "note-born = x\n",
            "",
            "missing-translation",
            "`note-born`",
            "",
        ),
        (
            en,
            "panel-age-oldest = x\n",
            "",
            "missing-translation",
            "`panel-age-oldest`",
            "",
        ),
    ] {
        let found = findings(file, from, to);
        let one = found.iter().find(|one| one.code == code);
        let one = one.unwrap_or_else(|| panic!("{code} for {to:?}: {found:#?}"));
        assert!(
            one.message.contains(message) && one.help.contains(help),
            "{to:?}: {one}"
        );
        assert_eq!(one.file, file, "{one}");
        assert!(one.line > 0 || file == en, "{one}");
    }
    let slip = findings(f, "{ type: text, required_if", "{ type: text, requird_if");
    assert!(
        slip.iter().any(|one| one.severity == Severity::Error),
        "{slip:#?}"
    );
}

struct Life {
    pack: Pack,
    calendar: Calendar,
    case: Option<Case>,
    journal: Vec<Entry>,
}

fn noon(day: u32) -> DateTime<Utc> {
    format!("2026-03-{day:02}T12:00:00Z").parse().unwrap()
}

fn fields(value: &Value) -> Fields {
    value.as_object().unwrap().clone()
}

impl Life {
    fn new(opening: &Value) -> Self {
        let (calendar, _) = peshi_casework::pack::parse_calendar(
            "plain.yaml",
            "name: plain\nzone: UTC\nopen_weekdays: [mon, tue, wed, thu, fri]\n",
        )
        .unwrap();
        let mut life = Self {
            pack: load(&files()).0.unwrap(),
            calendar,
            case: None,
            journal: Vec::new(),
        };
        let open = Command::Open {
            case: CaseId(Uuid::from_u128(1)),
            reference: "2026-0001".to_owned(),
            form: fields(opening),
            team: Vec::new(),
        };
        life.ask(2, &open).unwrap();
        life
    }

    fn ctx<'a>(&'a self, day: u32, actor: &'a Actor) -> Context<'a> {
        Context {
            pack: &self.pack,
            calendar: &self.calendar,
            now: noon(day),
            occurred_at: noon(day),
            actor,
            role: Some("clerk"),
            expected_version: None,
        }
    }

    /// What the command brought, after checking that the journal tells the same case, written and read again.
    fn ask(&mut self, day: u32, command: &Command) -> Result<Vec<Entry>, Rejection> {
        let actor = Actor::Account(AccountId(Uuid::from_u128(7)));
        let decision = decide(self.case.as_ref(), command, &self.ctx(day, &actor))?;
        self.journal.extend_from_slice(decision.entries());
        let text = serde_json::to_string(&self.journal).unwrap();
        let read: Vec<Entry> = serde_json::from_str(&text).unwrap();
        assert_eq!(
            &Case::replay(&read).unwrap(),
            decision.case(),
            "replay equals state"
        );
        self.case = Some(decision.case().clone());
        Ok(decision.entries().to_vec())
    }

    fn event(
        &mut self,
        day: u32,
        event: &str,
        form: &Value,
        known: Knowledge,
    ) -> Result<Vec<Entry>, Rejection> {
        let command = Command::Event {
            instance: InstanceId::root(),
            event: event.to_owned(),
            form: fields(form),
            known,
        };
        self.ask(day, &command)
    }

    fn case(&self) -> &Case {
        self.case.as_ref().unwrap()
    }

    fn tasks(&self) -> Vec<&str> {
        self.case().tasks.values().map(|t| t.key.as_str()).collect()
    }
}

fn opening() -> Value {
    json!({"born": "about 2010", "taken_on": "03/2026"})
}

#[test]
fn actions_are_done_in_order_and_only_where_their_condition_holds() {
    let mut life = Life::new(&opening());
    let quick =
        json!({"asked_at": "2026-03-05T09:00", "station": "A", "methods": ["bribe"], "proof": "document"});
    let entries = life.event(5, "refused", &quick, Knowledge::default()).unwrap();
    let noted: Vec<&str> = life.case().violations.iter().map(|v| v.code.as_str()).collect();
    assert_eq!(noted, ["P01"]);
    assert!(life.tasks().is_empty());
    assert!(
        !entries.iter().any(|e| matches!(e.fact, Fact::TaskRaised { .. })),
        "nothing is journalled of what is not done"
    );
    let slow = json!({"asked_at": "2026-03-02T09:00", "station": "A", "methods": ["threat", "bribe"],
        "proof": "none", "why": "the register was hidden", "officer": "B"});
    life.event(5, "refused", &slow, Knowledge::default()).unwrap();
    let noted: Vec<&str> = life.case().violations.iter().map(|v| v.code.as_str()).collect();
    assert_eq!(noted, ["P01", "P01", "P02"]);
    assert_eq!(life.tasks(), ["recorder", "find_witness"]);
    let told = &life.case().violations[1].details;
    let expected = Details {
        at: Some("2026-03-02T09:00".to_owned()),
        place: Some("A".to_owned()),
        by: Some("B".to_owned()),
        account: None,
        proof: Some(Proof::None),
        reason: Some("the register was hidden".to_owned()),
    };
    assert_eq!(told, &expected);
    assert_eq!(life.case().violations[1].concerns, Some(InstanceId::root()));
}

#[test]
fn a_violation_moves_on_only_when_enough_is_known() {
    let mut life = Life::new(&opening());
    let note = |code: &str| Command::NoteViolation {
        code: code.to_owned(),
        concerns: None,
        details: Details::default(),
    };
    assert!(matches!(
        life.ask(3, &note("Z99")),
        Err(Rejection::Unknown { .. })
    ));
    life.ask(3, &note("C01")).unwrap();
    let verify = Command::VerifyViolation { violation: 1 };
    let publish = |publishable| Command::PublishViolation {
        violation: 1,
        publishable,
        reason: "the family agreed".to_owned(),
    };
    let used = Command::UseViolation {
        violation: 1,
        complaint: "petition of 9 March".to_owned(),
    };
    for early in [&verify, &publish(true), &used] {
        let refused = life.ask(4, early).unwrap_err();
        assert!(
            matches!(
                refused,
                Rejection::TooSoon {
                    is: Status::Noted,
                    ..
                }
            ),
            "{refused}"
        );
    }
    let document = |details: &Value| Command::DocumentViolation {
        violation: 1,
        details: Details::read(&fields(details)).unwrap(),
    };
    let Err(Rejection::Form(missing)) = life.ask(4, &document(&json!({"proof": "none"}))) else {
        panic!("a proof that is none needs a reason")
    };
    assert_eq!(
        missing.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(),
        ["account", "reason"]
    );
    life.ask(
        4,
        &document(&json!({"proof": "witness", "account": "told in court"})),
    )
    .unwrap();
    life.ask(5, &verify).unwrap();
    life.ask(5, &used).unwrap();
    life.ask(5, &publish(true)).unwrap();
    let violation = life.case().violation(1).unwrap().clone();
    assert_eq!(violation.status, Status::Used);
    assert_eq!((violation.used.len(), violation.publishable), (1, true));
    life.ask(6, &document(&json!({"account": "told again"}))).unwrap();
    let violation = life.case().violation(1).unwrap();
    assert_eq!(
        violation.status,
        Status::Documented,
        "what is told anew is looked at anew"
    );
    assert!(!violation.publishable, "and may not be published before that");
    let gone = Command::VerifyViolation { violation: 2 };
    assert!(matches!(life.ask(6, &gone), Err(Rejection::Unknown { .. })));
}

#[test]
fn an_event_says_since_when_it_is_known_and_who_told() {
    let mut life = Life::new(&opening());
    let known = Knowledge {
        happened: Some("about 02/2026".to_owned()),
        since: Some("01/03/2026".to_owned()),
        source: Some(" a neighbour ".to_owned()),
    };
    let entries = life.event(5, "finish", &json!({}), known).unwrap();
    let Fact::EventAccepted { known, .. } = &entries[0].fact else {
        panic!("the event comes first")
    };
    let expected = Knowledge {
        happened: Some("2026-02~".to_owned()),
        since: Some("2026-03-01".to_owned()),
        source: Some("a neighbour".to_owned()),
    };
    assert_eq!(known, &expected);
    assert_eq!(
        entries[0].occurred_at.to_rfc3339(),
        "2026-01-01T00:00:00+00:00",
        "the earliest reading counts"
    );
    let ahead = Knowledge {
        happened: Some("2027".to_owned()),
        ..Knowledge::default()
    };
    let refused = Life::new(&opening())
        .event(5, "finish", &json!({}), ahead)
        .unwrap_err();
    assert!(matches!(refused, Rejection::Future { .. }));
    let vague = Knowledge {
        since: Some("lately".to_owned()),
        ..Knowledge::default()
    };
    let refused = Life::new(&opening())
        .event(5, "finish", &json!({}), vague)
        .unwrap_err();
    let Rejection::Form(faults) = refused else {
        panic!("{refused}")
    };
    assert_eq!(faults[0].field, "known_since");
}

#[test]
fn entries_of_before_read_and_write_as_they_were() {
    for before in [
        json!({"fact": "event_accepted", "event": "finish", "form": {}}),
        json!({"fact": "violation_noted", "code": "P01"}),
    ] {
        let read: Fact = serde_json::from_value(before.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), before);
    }
}

#[test]
fn panels_are_computed_and_a_row_without_an_answer_says_so() {
    let life = Life::new(&opening());
    let actor = Actor::Importer;
    let panels = shown_panels(&life.ctx(5, &actor), life.case());
    let rows: Vec<(String, Option<Value>)> = panels[0].rows.clone();
    let expected = [
        ("oldest", Some(json!(17))),
        ("under_16", Some(json!("perhaps"))),
        ("station", None),
    ];
    assert_eq!(rows, expected.map(|(row, value)| (row.to_owned(), value)));
}
