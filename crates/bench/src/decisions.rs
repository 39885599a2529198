//! A whole decision over a shipped pack: gates, form, journal entries, board and agenda, the step in the midst.

use crate::measure::{Figure, Plan};
use anyhow::{Context as _, Result, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use peshi_calendar::Calendar;
use peshi_casework::pack::{Field, FieldKind, Pack, PackFiles, load, parse_calendar};
use peshi_casework::{AccountId, Actor, CaseId, Command, Context, Fields, allowed, decide};
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::Path;

const FILES: [&str; 5] = [
    "workflow.yaml",
    "forms.yaml",
    "deadlines.yaml",
    "locales/en.ftl",
    "locales/ur.ftl",
];

/// The first event that a new case of the abduction pack allows, decided over and over on the same case.
pub(crate) fn measure(plan: Plan, packs: &Path) -> Result<(String, Figure)> {
    let pack = pack(&packs.join("abduction"))?;
    let calendar = calendar(&packs.join("calendars"))?;
    let now = DateTime::from_timestamp_secs(1_790_000_000).unwrap_or_default();
    let actor = Actor::Account(AccountId(uuid::Uuid::from_u128(7)));
    let ctx = Context {
        pack: &pack,
        calendar: &calendar,
        now,
        occurred_at: now,
        actor: &actor,
        role: Some("lawyer"),
        expected_version: None,
    };
    let open = Command::Open {
        case: CaseId(uuid::Uuid::from_u128(1)),
        reference: "2026-0001".to_owned(),
        form: filled(&pack, pack.opening.as_deref(), now),
        team: Vec::new(),
    };
    let case = decide(None, &open, &ctx)?.case().clone();
    let first = allowed(&ctx, &case)
        .into_iter()
        .next()
        .context("a new case of the abduction pack allows no event")?;
    let name = format!("decide `{}` in a case of the abduction pack", first.event);
    let event = Command::Event {
        form: filled(&pack, first.form.as_deref(), now),
        known: peshi_casework::Knowledge::default(),
        instance: first.instance,
        event: first.event,
    };
    let figure = plan.measure(|turns| {
        for _ in 0..turns {
            black_box(decide(Some(black_box(&case)), &event, &ctx)?);
        }
        Ok(turns)
    })?;
    Ok((name, figure))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| {
        format!(
            "cannot read {}; --packs names the folder of packs",
            path.display()
        )
    })
}

fn pack(folder: &Path) -> Result<Pack> {
    let mut files = PackFiles::new();
    for file in FILES {
        files.insert(file.to_owned(), read(&folder.join(file))?);
    }
    let (pack, findings) = load(&files);
    pack.ok_or_else(|| {
        let first = findings.first().map_or("", |finding| finding.message.as_str());
        anyhow!("the pack in {} is not sound: {first}", folder.display())
    })
}

fn calendar(folder: &Path) -> Result<Calendar> {
    let read = |name: &str| -> Result<Calendar> {
        let text = read(&folder.join(name))?;
        let parsed = parse_calendar(name, &text);
        parsed
            .map(|(calendar, _)| calendar)
            .map_err(|finding| anyhow!("the calendar {name} is not sound: {}", finding.message))
    };
    Ok(read("pk.yaml")?.merged(&read("punjab.yaml")?))
}

/// The fields a form insists on, with something plausible.
fn filled(pack: &Pack, form: Option<&str>, now: DateTime<Utc>) -> Fields {
    let form = form.and_then(|name| pack.forms.get(name));
    let fields = form.map_or(&[][..], |form| form.fields.as_slice()).iter();
    fields
        .filter(|field| field.required || field.future)
        .map(|field| (field.name.clone(), plausible(field, now)))
        .collect()
}

fn plausible(field: &Field, now: DateTime<Utc>) -> Value {
    let day = now + TimeDelta::days(if field.future { 10 } else { -2 });
    match field.kind {
        FieldKind::Choice => json!(field.choices.first()),
        FieldKind::Choices => json!([field.choices.first()]),
        FieldKind::ApproximateDate => json!("about 2010"),
        FieldKind::ApproximateTime => json!("morning"),
        FieldKind::Datetime => json!(day.format("%Y-%m-%dT09:00").to_string()),
        FieldKind::Date => json!(day.format("%Y-%m-%d").to_string()),
        FieldKind::Number => json!(2),
        FieldKind::Money => json!(10.5),
        FieldKind::YesNo => json!(true),
        FieldKind::Phone => json!("0300-0000000"),
        FieldKind::Cnic => json!("10000-0000000-0"),
        FieldKind::Text | FieldKind::LongText => json!("invented"),
    }
}
