//! Canaries: a marked value in everything a person can type, and then a search for it in all that a thief could carry away or
//! an administrator could read: the database's files and its write-ahead log, every row, the backup, the log at `debug`, the
//! outbox's index. Knows how bytes hide (base64, hexadecimal, escapes); not how anything is sealed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use memchr::memmem;
use peshi_casework::pack::{Field, FieldKind};
use peshi_casework::{Fields, Knowledge};
use peshi_service::views::ActionView;
use peshi_service::{CaseListFilter, GrantPermission, NewAccount, NewCase, RecordEvent, Role, Viewer};
use peshi_test_support::{DatabaseKind, House};
use serde_json::{Value, json};

use crate::access::ear::Ear;

/// Begins every marked text; no other text has it.
const MARK: &str = "Kanarienvogel";
/// The same in another script.
const URDU_MARK: &str = "کنیری چڑیا";
/// As typed, and as kept.
const PHONE: (&str, &str) = ("0300-0000000", "+923000000000");
const CNIC: (&str, &str) = ("79999-0000000-9", "7999900000009");

/// Steps tried in each case.
const STEPS: usize = 45;
/// Cases opened, and how many more until every field was filled in once.
const CASES: usize = 6;
const MOST_CASES: usize = 20;

/// Everything that was typed, and by which forms.
#[derive(Default)]
struct Typed {
    number: usize,
    fields: BTreeSet<String>,
    tried: BTreeMap<String, usize>,
}

impl Typed {
    /// A new marked text.
    fn mark(&mut self) -> String {
        self.number += 1;
        let mark = if self.number.is_multiple_of(3) {
            URDU_MARK
        } else {
            MARK
        };
        format!("{mark}{}", self.number)
    }

    fn value(&mut self, field: &Field, now: DateTime<Utc>) -> Value {
        let day = if field.future {
            now + TimeDelta::days(9)
        } else {
            now - TimeDelta::days(1)
        };
        match field.kind {
            FieldKind::Text => json!(self.mark()),
            FieldKind::LongText => json!(format!("{} once,\nand {} again", self.mark(), self.mark())),
            FieldKind::Number => json!("3"),
            // What is owed is a lot and what is paid a little, or a case would be over before it was told.
            FieldKind::Money => json!(if field.required { "1200.50" } else { "1.50" }),
            FieldKind::Date => json!(day.format("%Y-%m-%d").to_string()),
            FieldKind::Datetime => json!(day.format("%Y-%m-%dT%H:%M").to_string()),
            FieldKind::Choice => json!(field.choices.get(self.number % field.choices.len().max(1))),
            FieldKind::Choices => json!(field.choices),
            FieldKind::ApproximateDate => json!(day.format("about %m/%Y").to_string()),
            FieldKind::ApproximateTime => json!("evening"),
            FieldKind::YesNo => json!("yes"),
            FieldKind::Phone => json!(PHONE.0),
            FieldKind::Cnic => json!(CNIC.0),
        }
    }

    fn fill(&mut self, fields: &[Field], now: DateTime<Utc>) -> Fields {
        fields
            .iter()
            .map(|field| (field.name.clone(), self.value(field, now)))
            .collect()
    }

    fn sent(&mut self, pack: &str, form: &str, fields: &[Field]) {
        self.fields
            .extend(fields.iter().map(|field| format!("{pack}/{form}.{}", field.name)));
    }

    fn knows(&self, pack: &str, form: &str, field: &Field) -> bool {
        self.fields.contains(&format!("{pack}/{form}.{}", field.name))
    }

    /// The action tried least so far; of those, one whose form was not filled in yet.
    fn choose<'a>(&mut self, pack: &str, actions: &'a [ActionView]) -> Option<&'a ActionView> {
        let known = |action: &ActionView| {
            action.form.as_ref().is_none_or(|form| {
                form.fields
                    .iter()
                    .all(|field| self.knows(pack, &form.name, field))
            })
        };
        let tried = |action: &ActionView| self.tried.get(&action.event).copied().unwrap_or(0);
        let chosen = actions
            .iter()
            .min_by_key(|action| (tried(action) / if known(action) { 1 } else { 4 }, known(action)))?;
        *self.tried.entry(chosen.event.clone()).or_default() += 1;
        Some(chosen)
    }
}

#[tokio::test]
async fn what_people_type_lies_nowhere_in_the_open() {
    let ear = Ear::default();
    let _listening = ear.listen();
    for kind in [DatabaseKind::Sqlite, DatabaseKind::Postgres] {
        let now: DateTime<Utc> = "2026-04-13T05:00:00Z".parse().expect("a moment");
        let house = House::new(kind, now).await;
        let mut typed = Typed::default();
        live(&house, &mut typed, now).await;
        // A field that no canary sat in proves nothing.
        assert_eq!(never_typed(&house, &typed), Vec::<String>::new());

        let mut places = open_places(&house).await;
        if kind == DatabaseKind::Sqlite {
            // The files as a thief finds them while the server runs: the log is not emptied yet.
            for entry in fs::read_dir(house.dir.path()).expect("the folder can be read") {
                let path = entry.expect("a file").path();
                if path.is_file() {
                    places.push((
                        path.display().to_string(),
                        fs::read(&path).expect("it can be read"),
                    ));
                }
            }
            assert!(
                places
                    .iter()
                    .any(|(name, bytes)| name.ends_with("-wal") && !bytes.is_empty())
            );
        }
        places.push(("the log".to_owned(), ear.heard().into_bytes()));
        for (place, bytes) in &places {
            assert_eq!(found_in(bytes), Vec::<String>::new(), "in {place}");
        }
        assert!(typed.number > 100, "{}", typed.number);
        house.database.remove().await;
    }
    assert!(ear.heard().len() > 10_000, "the ear hears: {}", ear.heard().len());
}

/// Accounts, cases, forms, people, permissions, searches, failed sign-ins, and weeks of reminders.
async fn live(house: &House, typed: &mut Typed, start: DateTime<Utc>) {
    let service = &house.service;
    let name = typed.mark();
    let account = NewAccount {
        name: name.clone(),
        email: format!("{MARK}@demo.invalid"),
        role: Role::Lawyer,
        language: "en".to_owned(),
        password: format!("{MARK} is my password"),
        may_be_mailed: true,
    };
    service
        .create_account(&account, start)
        .await
        .expect("an account is made");
    let lawyer = service
        .viewer_by_login(&account.email)
        .await
        .expect("it is there");
    let coordinator = house.staff(Role::Coordinator, "coordinator", start).await;
    let colleague = house.staff(Role::Lawyer, "colleague", start).await;
    service
        .sign_in(&account.email, &account.password, start)
        .await
        .expect("they sign in");
    for (login, password) in [(MARK, MARK), (account.email.as_str(), MARK)] {
        assert!(service.sign_in(login, password, start).await.is_err());
    }
    let scheduler = house.scheduler("a");
    scheduler.tick(start).await.expect("the first tick");
    let packs: Vec<_> = service.packs(&lawyer);
    for (at, pack) in packs.iter().cycle().take(MOST_CASES).enumerate() {
        if at >= CASES && never_typed(house, typed).is_empty() {
            break;
        }
        let now = start + TimeDelta::days(i64::try_from(at).expect("a few"));
        let form = pack
            .opening
            .as_ref()
            .map(|form| form.fields.clone())
            .unwrap_or_default();
        // Not every pack knows lawyers; a colleague acts in the role that this one knows first.
        let known = house.library().current(&pack.name).expect("the pack is shipped");
        let lawyer_acts = known.roles.iter().any(|role| role == "lawyer");
        let role = if lawyer_acts {
            "lawyer"
        } else {
            known.roles[0].as_str()
        }
        .to_owned();
        let new = NewCase {
            pack: pack.name.clone(),
            form: typed.fill(&form, now),
            team: vec![(colleague.account, role)],
            occurred_at: None,
        };
        let opened = service
            .open_case_with(&lawyer, new, now)
            .await
            .unwrap_or_else(|e| panic!("{}: {e}", pack.name));
        typed.sent(
            &pack.name,
            pack.opening.as_ref().map_or("", |f| f.name.as_str()),
            &form,
        );
        people(house, typed, &lawyer, &opened, now).await;
        walk(house, typed, &colleague, &opened, now).await;
    }
    service
        .find_by_name(&coordinator, &name, start)
        .await
        .expect("it is searched");
    assert!(service.find_by_name(&coordinator, "---", start).await.is_err());
    house.live_until(&scheduler, start + TimeDelta::days(40)).await;
    assert!(house.mails().len() > 20, "mail has left: {}", house.mails().len());
    let list = CaseListFilter::default();
    service
        .my_cases(&lawyer, &list, start)
        .await
        .expect("the list is read");
}

async fn people(house: &House, typed: &mut Typed, lawyer: &Viewer, case: &str, now: DateTime<Utc>) {
    let service = &house.service;
    for role in ["family_contact", "accused"] {
        let name = typed.mark();
        let person = service
            .add_person(lawyer, case, role, &name, now)
            .await
            .expect("a person is recorded");
        for (channel, address) in [("sms", PHONE.0), ("email", "Kanarienvogel-family@demo.invalid")] {
            let given = GrantPermission {
                channel: channel.to_owned(),
                address: address.to_owned(),
                language: "ur".to_owned(),
                days: 90,
                safe_from: None,
                safe_until: None,
                phone_at_risk: false,
            };
            service
                .grant_permission(lawyer, case, &person, given, now)
                .await
                .expect("a permission is recorded");
        }
    }
}

/// One that stays and one that is removed.
async fn documents(house: &House, typed: &mut Typed, lawyer: &Viewer, case: &str, now: DateTime<Utc>) {
    let service = &house.service;
    for removed in [false, true] {
        let (name, text) = (format!("{}.txt", typed.mark()), typed.mark().into_bytes());
        let number = service
            .add_document(lawyer, case, &name, text, now)
            .await
            .expect("a document is added");
        service
            .copy_document(lawyer, case, number, now)
            .await
            .expect("a copy is taken");
        if removed {
            service
                .remove_document(lawyer, case, number, &typed.mark(), now)
                .await
                .expect("it is removed");
        }
    }
}

async fn walk(house: &House, typed: &mut Typed, lawyer: &Viewer, case: &str, start: DateTime<Utc>) {
    let service = &house.service;
    for step in 0..STEPS {
        let now = start + TimeDelta::hours(i64::try_from(step).expect("a few"));
        let view = service.case(lawyer, case, now).await.expect("the case is read");
        let Some(action) = typed.choose(&view.summary.pack, &view.actions) else {
            break;
        };
        let form = action.form.clone();
        let fields = form.as_ref().map(|form| form.fields.clone()).unwrap_or_default();
        let record = RecordEvent {
            instance: action.instance.clone(),
            event: action.event.clone(),
            form: typed.fill(&fields, now),
            known: Knowledge {
                source: Some(typed.mark()),
                ..Knowledge::default()
            },
            ..RecordEvent::default()
        };
        // What is refused was typed all the same, and must stand in no log either.
        if service.record(lawyer, case, record, now).await.is_ok()
            && let Some(form) = form
        {
            typed.sent(&view.summary.pack, &form.name, &fields);
        }
    }
    let now = start + TimeDelta::hours(i64::try_from(STEPS).expect("a few"));
    let view = service.case(lawyer, case, now).await.expect("the case is read");
    if let Some(code) = view.violation_codes.first() {
        let told = ["place", "by", "account", "reason"].map(|name| (name.to_owned(), json!(typed.mark())));
        let told: Fields = told.into_iter().collect();
        service
            .note_violation(lawyer, case, code, None, &told, now)
            .await
            .expect("a violation is noted");
    }
    documents(house, typed, lawyer, case, now).await;
    service
        .journal(lawyer, case, 0, 10_000)
        .await
        .expect("the journal is read");
}

/// Fields for texts and numbers of people in which nothing was recorded yet.
fn never_typed(house: &House, typed: &Typed) -> Vec<String> {
    let mut missing = Vec::new();
    for pack in house.library().packs() {
        for form in pack.forms.values() {
            for field in &form.fields {
                let by_hand = matches!(
                    field.kind,
                    FieldKind::Text | FieldKind::LongText | FieldKind::Phone | FieldKind::Cnic
                );
                if by_hand && !typed.knows(&pack.id.name, &form.name, field) {
                    missing.push(format!("{}/{}.{}", pack.id.name, form.name, field.name));
                }
            }
        }
    }
    missing
}

/// What either database gives away: its rows, a backup, and of the outbox the names and the heads of its mails.
async fn open_places(house: &House) -> Vec<(String, Vec<u8>)> {
    let mut rows = Vec::new();
    let snapshot = house.store.snapshot().await.expect("a snapshot is taken");
    snapshot
        .lines(&mut |_, line| {
            rows.extend_from_slice(line);
            Ok(())
        })
        .await
        .expect("it can be read");
    let mut backup = Vec::new();
    house
        .service
        .backup(
            &mut backup,
            "test",
            "2026-06-01T00:00:00Z".parse().expect("a moment"),
            |_, _| {},
        )
        .await
        .expect("a backup is made");
    let mut index = String::new();
    for entry in fs::read_dir(house.outbox()).expect("the outbox can be read") {
        let path = entry.expect("a mail").path();
        let mail = fs::read_to_string(&path).expect("a mail is text");
        let _ = writeln!(index, "{}", path.display());
        let head = mail.split("\r\n\r\n").next().unwrap_or_default();
        for line in head
            .lines()
            .filter(|line| !line.to_lowercase().starts_with("to:"))
        {
            let _ = writeln!(index, "{line}");
        }
    }
    vec![
        ("the rows".to_owned(), rows),
        ("the backup".to_owned(), backup),
        ("the outbox's index".to_owned(), index.into_bytes()),
    ]
}

/// The marks that stand in these bytes, in whatever dress.
fn found_in(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.to_ascii_lowercase();
    let mut found = Vec::new();
    for mark in [MARK, URDU_MARK, PHONE.0, PHONE.1, CNIC.0, CNIC.1] {
        for (dress, needle) in dresses(mark) {
            if memmem::find(&bytes, &needle.to_ascii_lowercase()).is_some() {
                found.push(format!("{mark} as {dress}"));
            }
        }
    }
    found
}

fn dresses(mark: &str) -> Vec<(String, Vec<u8>)> {
    let hex = mark.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let escaped = mark.encode_utf16().fold(String::new(), |mut text, unit| {
        let _ = write!(text, "\\u{unit:04x}");
        text
    });
    let mut dresses = vec![
        ("it is".to_owned(), mark.as_bytes().to_vec()),
        ("hexadecimal".to_owned(), hex.into_bytes()),
        ("escapes".to_owned(), escaped.into_bytes()),
    ];
    for shift in 0..3 {
        // Only the digits that depend on the mark alone, not on its neighbours.
        let padded = [vec![b' '; shift], mark.as_bytes().to_vec()].concat();
        let text = BASE64.encode(&padded);
        let from = (shift * 8).div_ceil(6);
        let until = padded.len() * 8 / 6;
        dresses.push((
            format!("base64, shifted by {shift}"),
            text.as_bytes()[from..until].to_vec(),
        ));
    }
    dresses
}

#[test]
fn a_mark_is_found_in_every_dress() {
    for mark in [MARK, URDU_MARK, CNIC.0] {
        for text in [
            format!("a{mark}b"),
            mark.to_uppercase(),
            BASE64.encode(format!("x{mark}y")),
            BASE64.encode(format!("xy{mark}zw")),
            BASE64.encode(mark),
            json!({ "payload": format!("<{mark}>") }).to_string(),
        ] {
            assert!(!found_in(text.as_bytes()).is_empty(), "{mark} in {text}");
        }
    }
    assert_eq!(
        found_in(b"an ordinary text, 2026-04-13, 1776056400000000"),
        Vec::<String>::new()
    );
}
