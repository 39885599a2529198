//! Deadline rules and forms: from their text to their meaning.
//! Knows `deadlines.yaml` and `forms.yaml`; not the charts that use them.

use chrono::NaiveDate;
use peshi_calendar::{ClosedLastDay, Counting, DueTime, Offset, Period, Rung};
use serde_saphyr::Spanned;

use super::chart::Builder;
use super::finding::{Finding, Place};
use super::places::RulePlaces;
use super::yaml::{DeadlineYaml, FieldYaml, FormYaml, OneOrMany};
use super::{DeadlineRule, Field, FieldKind, Form, Ladder, LegalKind, Sensitivity, WaitingOn};

/// Working days by which the internal date precedes the legal last day of a limitation.
const LIMITATION_MARGIN: u32 = 5;

const FILE_DEADLINES: &str = "deadlines.yaml";
const FILE_FORMS: &str = "forms.yaml";

/// Reads one rule; what is wrong goes to the builder's findings.
pub(super) fn deadline(
    name: &Spanned<String>,
    yaml: &DeadlineYaml,
    builder: &mut Builder<'_>,
) -> (DeadlineRule, RulePlaces) {
    let kind = word(
        &yaml.kind,
        FILE_DEADLINES,
        builder,
        "statutory, limitation, policy, internal",
        |w| match w {
            "statutory" => Some(LegalKind::Statutory),
            "limitation" => Some(LegalKind::Limitation),
            "policy" => Some(LegalKind::Policy),
            "internal" => Some(LegalKind::Internal),
            _ => None,
        },
    )
    .unwrap_or(LegalKind::Internal);
    let who = word(
        &yaml.who,
        FILE_DEADLINES,
        builder,
        "us, police, prosecution, court, family, other",
        WaitingOn::named,
    )
    .unwrap_or(WaitingOn::Us);
    let period: Option<Period> = parsed(yaml.period.as_ref(), FILE_DEADLINES, builder);
    let due_time: Option<DueTime> = parsed(yaml.due_time.as_ref(), FILE_DEADLINES, builder);
    if yaml.at_once && (period.is_some() || yaml.from.is_some() || !yaml.reminders.is_empty()) {
        builder.report(Finding::error(
            "at-once-with-date",
            &Place::at(FILE_DEADLINES, name.referenced),
            format!(
                "the duty `{}` is owed at once, and yet has a date or reminders",
                name.value
            ),
            "delete `at_once`, or `period`, `from` and `reminders`",
        ));
    }
    if period.is_none() && yaml.from.is_none() && !yaml.at_once {
        builder.report(Finding::error(
            "deadline-without-period",
            &Place::at(FILE_DEADLINES, name.referenced),
            format!(
                "the deadline `{}` has neither a period nor a field to start from",
                name.value
            ),
            "write `period: 14 days`, or `from: FIELD` for a fixed moment",
        ));
    }
    check_basis(name, kind, yaml, builder);
    let at =
        |written: &Option<Spanned<String>>| written.as_ref().map(|w| Place::at(FILE_DEADLINES, w.referenced));
    let mut places = RulePlaces {
        name: Place::at(FILE_DEADLINES, name.referenced),
        from: at(&yaml.from),
        province: yaml
            .province
            .as_ref()
            .map(|w| Place::at(FILE_DEADLINES, w.referenced)),
        court: yaml
            .court
            .as_ref()
            .map(|w| Place::at(FILE_DEADLINES, w.referenced)),
        excludes: at(&yaml.excludes),
        message: at(&yaml.message),
        on_miss: Vec::new(),
    };
    let mut on_miss = Vec::new();
    for written in &yaml.on_miss {
        if let Some((act, at)) = builder.act(FILE_DEADLINES, written) {
            on_miss.push(act);
            places.on_miss.push(at);
        }
    }
    let limitation = kind == LegalKind::Limitation;
    let counting = match (period, due_time) {
        (None, None) => None,
        (period, due_time) => Some(Counting {
            period: period.unwrap_or(Period::Days(0)),
            closed_last_day: if limitation {
                ClosedLastDay::Moves
            } else {
                ClosedLastDay::Stays
            },
            internal_margin: limitation.then_some(LIMITATION_MARGIN),
            due_time,
        }),
    };
    let rule = DeadlineRule {
        name: name.value.clone(),
        code: yaml.code.clone(),
        kind,
        counting,
        from: yaml.from.as_ref().map(|f| f.value.clone()),
        hearing: yaml.hearing,
        who,
        basis: yaml.basis.as_ref().map(|b| b.value.clone()),
        source: yaml.source.clone(),
        confidence: yaml.confidence.as_ref().map(|c| c.value.clone()),
        signed_off: yaml.signed_off.clone(),
        provinces: words_of(yaml.province.as_ref()),
        courts: words_of(yaml.court.as_ref()),
        excludes_copy_time: copy_time(kind, yaml, builder),
        at_once: yaml.at_once,
        in_force_from: yaml.in_force_from.as_ref().and_then(|d| date(d, builder)),
        in_force_until: yaml.in_force_until.as_ref().and_then(|d| date(d, builder)),
        lapses_on: yaml.lapses_on.as_ref().and_then(|d| date(d, builder)),
        reminders: ladder(kind, period, &yaml.reminders, builder),
        message: yaml
            .message
            .as_ref()
            .map_or_else(|| "reminder".to_owned(), |m| m.value.clone()),
        also: yaml
            .also
            .iter()
            .map(|ladder| Ladder {
                to: ladder.to.clone(),
                message: ladder.message.clone(),
                reminders: rungs(&ladder.reminders, builder),
            })
            .collect(),
        on_miss,
    };
    (rule, places)
}

fn words_of(written: Option<&Spanned<OneOrMany<String>>>) -> Vec<String> {
    written.map(|w| w.value.as_slice().to_vec()).unwrap_or_default()
}

/// Whether the time for the copy is left out; only a limitation knows such a thing.
fn copy_time(kind: LegalKind, yaml: &DeadlineYaml, builder: &mut Builder<'_>) -> bool {
    let Some(written) = &yaml.excludes else {
        return false;
    };
    let asked = word(written, FILE_DEADLINES, builder, "copy_time", |w| {
        (w == "copy_time").then_some(())
    });
    if asked.is_some() && kind != LegalKind::Limitation {
        builder.report(Finding::error(
            "copy-time-outside-limitation",
            &Place::at(FILE_DEADLINES, written.referenced),
            format!(
                "the time for the copy is left out of a limitation, and this rule is {}",
                kind.as_str()
            ),
            "write `kind: limitation`, or delete `excludes`",
        ));
    }
    asked.is_some()
}

/// The team's ladder. That of a limitation has a rung on the internal day even if its author forgot it; where there is no
/// internal day, none may be asked for.
fn ladder(
    kind: LegalKind,
    period: Option<Period>,
    written: &[Spanned<String>],
    builder: &mut Builder<'_>,
) -> Vec<Rung> {
    let mut rungs = rungs(written, builder);
    let named = rungs.iter().any(|rung| rung.offset == Offset::InternalDay);
    let has_one = kind == LegalKind::Limitation && period.is_some_and(|period| !period.is_clock());
    if has_one && !named {
        rungs.push(Rung {
            offset: Offset::InternalDay,
            at: None,
        });
    }
    if let Some(place) = written.first().filter(|_| named && !has_one) {
        builder.report(Finding::error(
            "no-internal-day",
            &Place::at(FILE_DEADLINES, place.referenced),
            "a reminder falls on the internal day, and only a limitation that counts days has one".to_owned(),
            "count back from the last day instead: `5 working days before`",
        ));
    }
    rungs
}

fn rungs(written: &[Spanned<String>], builder: &mut Builder<'_>) -> Vec<Rung> {
    written
        .iter()
        .filter_map(|rung| parsed(Some(rung), FILE_DEADLINES, builder))
        .collect()
}

fn check_basis(name: &Spanned<String>, kind: LegalKind, yaml: &DeadlineYaml, builder: &mut Builder<'_>) {
    let missing: Vec<&str> = [
        ("basis", yaml.basis.is_none()),
        ("source", yaml.source.is_none()),
        ("confidence", yaml.confidence.is_none()),
    ]
    .into_iter()
    .filter_map(|(key, absent)| absent.then_some(key))
    .collect();
    if kind != LegalKind::Internal && !missing.is_empty() {
        builder.report(Finding::error(
            "deadline-without-basis",
            &Place::at(FILE_DEADLINES, name.referenced),
            format!(
                "the {} deadline `{}` does not say its {}",
                kind.as_str(),
                name.value,
                missing.join(", ")
            ),
            "every legal rule names its basis, its source and how sure it is; or make it `kind: internal`",
        ));
    }
}

/// Reads one form.
pub(super) fn form(name: &str, yaml: &FormYaml, builder: &mut Builder<'_>) -> Form {
    let fields = yaml
        .fields
        .0
        .iter()
        .map(|(name, f)| field(name, f, builder))
        .collect();
    Form {
        name: name.to_owned(),
        fields,
    }
}

fn field(name: &Spanned<String>, yaml: &FieldYaml, builder: &mut Builder<'_>) -> Field {
    const KINDS: &str = "text, long_text, number, money, date, datetime, approximate_date, approximate_time, choice, choices, yes_no, phone, cnic";
    let kind = word(&yaml.kind, FILE_FORMS, builder, KINDS, |w| {
        Some(match w {
            "text" => FieldKind::Text,
            "long_text" => FieldKind::LongText,
            "number" => FieldKind::Number,
            "money" => FieldKind::Money,
            "date" => FieldKind::Date,
            "datetime" => FieldKind::Datetime,
            "choice" => FieldKind::Choice,
            "choices" => FieldKind::Choices,
            "approximate_date" => FieldKind::ApproximateDate,
            "approximate_time" => FieldKind::ApproximateTime,
            "yes_no" => FieldKind::YesNo,
            "phone" => FieldKind::Phone,
            "cnic" => FieldKind::Cnic,
            _ => return None,
        })
    })
    .unwrap_or(FieldKind::Text);
    if matches!(kind, FieldKind::Choice | FieldKind::Choices) && yaml.choices.is_empty() {
        builder.report(Finding::error(
            "choice-without-choices",
            &Place::at(FILE_FORMS, name.referenced),
            format!("the field `{}` offers nothing to choose from", name.value),
            "add `choices: [one, two]`",
        ));
    }
    let sensitivity = yaml.sensitivity.as_ref().and_then(|s| {
        word(s, FILE_FORMS, builder, "open, personal, narrative", |w| match w {
            "open" => Some(Sensitivity::Open),
            "personal" => Some(Sensitivity::Personal),
            "narrative" => Some(Sensitivity::Narrative),
            _ => None,
        })
    });
    if yaml.required
        && let Some(condition) = &yaml.required_if
    {
        builder.report(Finding::error(
            "required-twice",
            &Place::at(FILE_FORMS, condition.referenced),
            format!(
                "the field `{}` is required always, and on a condition too",
                name.value
            ),
            "take `required: true` away, or `required_if`",
        ));
    }
    Field {
        name: name.value.clone(),
        kind,
        required: yaml.required,
        required_if: yaml
            .required_if
            .as_ref()
            .and_then(|c| builder.expression(FILE_FORMS, c)),
        note: yaml.note.clone(),
        choices: yaml.choices.clone(),
        sensitivity: sensitivity.unwrap_or(Sensitivity::Open),
        future: yaml.future,
    }
}

/// The meaning of one of several words; another word is a finding that lists them.
pub(super) fn word<T>(
    written: &Spanned<String>,
    file: &str,
    builder: &mut Builder<'_>,
    words: &str,
    meaning: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let found = meaning(&written.value);
    if found.is_none() {
        builder.report(Finding::error(
            "unknown-word",
            &Place::at(file, written.referenced),
            format!("`{}` is not one of the words known here", written.value),
            format!("use one of: {words}"),
        ));
    }
    found
}

/// A text with a form of its own: a period, a rung.
pub(super) fn parsed<T: std::str::FromStr>(
    written: Option<&Spanned<String>>,
    file: &str,
    builder: &mut Builder<'_>,
) -> Option<T>
where
    T::Err: std::fmt::Display,
{
    let written = written?;
    match written.value.parse() {
        Ok(value) => Some(value),
        Err(e) => {
            builder.report(Finding::error(
                "unreadable-value",
                &Place::at(file, written.referenced),
                e.to_string(),
                "see the list of accepted forms in docs/workflow-packs.md",
            ));
            None
        }
    }
}

fn date(written: &Spanned<String>, builder: &mut Builder<'_>) -> Option<NaiveDate> {
    let parsed = NaiveDate::parse_from_str(&written.value, "%Y-%m-%d").ok();
    if parsed.is_none() {
        builder.report(Finding::error(
            "unreadable-value",
            &Place::at(FILE_DEADLINES, written.referenced),
            format!("`{}` is not a date", written.value),
            "write it as `2026-02-11`",
        ));
    }
    parsed
}
