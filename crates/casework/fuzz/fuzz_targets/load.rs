//! Arbitrary bytes as a pack's three files, parted by lines of `%%%`: the loader answers, and what it lets through can be
//! lived in for a few events. Knows no right answer: it looks for panics, overflows and endless work.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peshi_calendar::Calendar;
use peshi_casework::pack::{FieldKind, Pack, PackFiles, as_text, load, load_loose, parse_calendar};
use peshi_casework::{AccountId, Actor, Case, CaseId, Command, Context, Effect, Fields, allowed, decide};

const CALENDAR: &str = "name: x\nzone: Asia/Karachi\nopen_weekdays: [mon, tue, wed, thu, fri]\n";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = as_text("workflow.yaml", bytes.to_vec()) else { return };
    let mut parts = text.split("\n%%%\n");
    let mut files = PackFiles::new();
    for name in ["workflow.yaml", "forms.yaml", "deadlines.yaml"] {
        if let Some(part) = parts.next() {
            files.insert(name.to_owned(), part.to_owned());
        }
    }
    for lang in ["locales/en.ftl", "locales/ur.ftl"] {
        files.insert(lang.to_owned(), String::new());
    }
    let (calendar, _) = parse_calendar("x.yaml", CALENDAR).expect("this calendar is sound");
    for (pack, findings) in [load(&files), load_loose(&files, None)] {
        for found in &findings {
            let text = files.get(&found.file).map_or("", String::as_str);
            assert!(found.line == 0 || text.is_char_boundary(found.span.0), "{found}");
        }
        if let Some(pack) = pack {
            live(&pack, &calendar);
        }
    }
});

/// Opens a case, records the first events that are allowed, lets the first timers fire.
fn live(pack: &Pack, calendar: &Calendar) {
    let now = "2026-03-02T04:00:00Z".parse().expect("this is a moment");
    let actor = Actor::Importer;
    let ctx = Context {
        pack,
        calendar,
        now,
        occurred_at: now,
        actor: &actor,
        role: None,
        expected_version: None,
    };
    let open = Command::Open {
        case: CaseId(uuid::Uuid::from_u128(1)),
        reference: pack.reference_for(2026, 1),
        form: filled(pack, pack.opening.as_deref()),
        team: vec![(AccountId(uuid::Uuid::from_u128(2)), "lawyer".to_owned())],
    };
    let Ok(opened) = decide(None, &open, &ctx) else { return };
    let mut case: Case = opened.case().clone();
    let mut timers: Vec<_> = opened.effects().to_vec();
    for n in 0..6usize {
        let possible = allowed(&ctx, &case);
        let command = match (possible.get(n % possible.len().max(1)), timers.pop()) {
            (Some(chosen), _) if n % 2 == 0 => Command::Event {
                instance: chosen.instance.clone(),
                event: chosen.event.clone(),
                form: filled(pack, chosen.form.as_deref()),
                known: peshi_casework::Knowledge::default(),
            },
            (_, Some(Effect::Arm { id, due_at })) => {
                let later = Context { now: due_at, occurred_at: due_at, actor: &Actor::Machine, ..ctx };
                if let Ok(decision) = decide(Some(&case), &Command::TimerDue { timer: id }, &later) {
                    case = decision.case().clone();
                }
                continue;
            }
            _ => continue,
        };
        if let Ok(decision) = decide(Some(&case), &command, &ctx) {
            case = decision.case().clone();
            timers.extend(decision.effects().iter().cloned());
        }
    }
}

/// Something plausible in every field.
fn filled(pack: &Pack, form: Option<&str>) -> Fields {
    let mut fields = Fields::new();
    let form = form.and_then(|name| pack.forms.get(name));
    for field in form.iter().flat_map(|form| &form.fields) {
        let text = match field.kind {
            FieldKind::ApproximateDate => "about 2010",
            FieldKind::ApproximateTime => "morning",
            FieldKind::Choice | FieldKind::Choices => field.choices.first().map_or("", String::as_str),
            FieldKind::Datetime => "2026-04-01T09:00",
            FieldKind::Date => "2026-04-01",
            FieldKind::Number => "2",
            FieldKind::Money => "2.5",
            FieldKind::YesNo => "yes",
            FieldKind::Phone => "0300-0000000",
            FieldKind::Cnic => "10000-0000000-0",
            FieldKind::Text | FieldKind::LongText => "x",
        };
        fields.insert(field.name.clone(), text.into());
    }
    fields
}
