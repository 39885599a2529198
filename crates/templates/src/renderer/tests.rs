//! Tests of the renderer: every template with samples in every language, and the rules that hold for all of them.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::contexts::{
    AlarmContext, FamilyContext, MissedContext, MorningDigestContext, OutcomeQuestionContext,
    ReminderContext, StalledDigestContext, TaskContext,
};
use crate::sms::SmsEncoding;

fn renderer() -> Renderer {
    Renderer::new(Texts::new()).unwrap()
}

/// A renderer with the program's own texts and hand-made pages.
fn with_pages(pages: &[(&str, &str)]) -> Result<Renderer, TemplateError> {
    let mut texts = Texts::new();
    texts
        .add(Lang::En, "test.en.ftl", "test-hello = Hello { $who }\n")
        .unwrap();
    texts
        .add(Lang::Ur, "test.ur.ftl", "test-hello = سلام { $who }\n")
        .unwrap();
    let pages = pages
        .iter()
        .map(|(n, s)| ((*n).to_owned(), (*s).to_owned()))
        .collect();
    Renderer::from_sources(texts, pages, embedded::files("messages", ".tera"))
}

fn one_page(source: &str, lang: Lang, context: &Value) -> Result<String, TemplateError> {
    with_pages(&[("x.html", source)])?.page("x", lang, None, context)
}

/// Every built-in staff kind with every sample.
fn staff_samples() -> Vec<(&'static str, Value)> {
    let json = |value: &dyn erased::Serialize| value.json();
    vec![
        ("reminder", json(&ReminderContext::sample())),
        ("reminder", json(&ReminderContext::sample_deadline())),
        ("outcome_question", json(&OutcomeQuestionContext::sample())),
        ("missed", json(&MissedContext::sample())),
        ("task", json(&TaskContext::sample())),
        (
            "task",
            json(&TaskContext {
                reference: None,
                due: None,
                reason: None,
                url: None,
                ..TaskContext::sample()
            }),
        ),
        ("morning_digest", json(&MorningDigestContext::sample())),
        ("morning_digest", json(&MorningDigestContext::sample_empty())),
        ("scheduler_alarm", json(&AlarmContext::sample())),
        ("stalled_digest", json(&StalledDigestContext::sample())),
        (
            "stalled_digest",
            json(&StalledDigestContext {
                stalled: vec![],
                blind: vec![],
                heads: vec![],
                url: None,
                unsubscribe_url: None,
                ..StalledDigestContext::sample()
            }),
        ),
    ]
}

/// A context of any type as JSON, so that samples of several types fit one list.
mod erased {
    pub(super) trait Serialize {
        fn json(&self) -> serde_json::Value;
    }
    impl<T: serde::Serialize> Serialize for T {
        fn json(&self) -> serde_json::Value {
            serde_json::to_value(self).unwrap()
        }
    }
}

const FAMILY: [&str; 4] = [
    "family_meeting",
    "family_news",
    "family_please_call",
    "family_postponed",
];

#[test]
fn every_kind_is_covered_by_samples() {
    let kinds: BTreeSet<String> = renderer()
        .messages
        .iter()
        .filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, _)| name.split('.').next().unwrap().to_owned())
        .collect();
    let covered: BTreeSet<String> = staff_samples()
        .into_iter()
        .map(|(k, _)| k)
        .chain(FAMILY)
        .map(str::to_owned)
        .collect();
    assert_eq!(kinds, covered);
}

#[test]
fn every_staff_mail_in_every_language() {
    let renderer = renderer();
    for (kind, context) in staff_samples() {
        for lang in Lang::ALL {
            let mail = renderer
                .message(None, kind, Channel::Email, lang, 3, &context)
                .unwrap();
            let expected = if lang == Lang::Ur { Lang::Ur } else { Lang::En };
            assert_eq!(mail.lang, expected, "{kind}");
            check_mail(kind, &mail);
        }
    }
}

#[test]
fn every_family_message_in_every_language_on_every_channel() {
    let renderer = renderer();
    for kind in FAMILY {
        for context in FamilyContext::samples() {
            for lang in Lang::ALL {
                let mail = renderer
                    .message(None, kind, Channel::Email, lang, 0, &context)
                    .unwrap();
                assert_eq!(mail.lang, lang);
                check_mail(kind, &mail);
                assert_eq!(disclosure::breaches(&mail.text), []);
                assert_eq!(disclosure::breaches(mail.html.as_deref().unwrap()), []);
                let sms = renderer
                    .message(None, kind, Channel::Sms, lang, 0, &context)
                    .unwrap();
                assert_eq!((sms.subject, sms.html), (None, None));
                assert!(!sms.text.contains('\n'), "{}", sms.text);
                let encoding = if lang == Lang::Ur {
                    SmsEncoding::Ucs2
                } else {
                    SmsEncoding::Gsm7
                };
                assert_eq!(sms.sms.unwrap().encoding, encoding, "{}", sms.text);
            }
        }
    }
}

/// What holds for every mail: a subject that says nothing, a tidy text, HTML that names its language and direction.
fn check_mail(kind: &str, mail: &Rendered) {
    let subject = mail.subject.as_deref().unwrap();
    assert_eq!(disclosure::breaches(subject), [], "{kind}: {subject}");
    assert!(
        !subject.contains("2026-0"),
        "a subject carries no reference: {subject}"
    );
    assert!(subject.chars().all(|c| !messages::is_direction_mark(c)));
    assert!(
        mail.text.ends_with('\n') && !mail.text.contains("\n\n\n") && !mail.text.contains("&#"),
        "{kind}: {}",
        mail.text
    );
    let html = mail.html.as_deref().unwrap();
    assert!(
        html.contains(&format!(
            "<html lang=\"{}\" dir=\"{}\">",
            mail.lang,
            mail.lang.dir()
        )),
        "{kind}: {html}"
    );
    assert!(
        !html.contains("<title></title>") && !html.contains("http-equiv") && !html.contains("<img"),
        "{kind}"
    );
    for text in [&mail.text, html] {
        assert!(
            !text.contains('⟦') && !text.contains("{$") && !text.contains("{{"),
            "{kind}: {text}"
        );
        assert!(
            !text
                .chars()
                .any(|c| matches!(c, '\u{0660}'..='\u{0669}' | '\u{06f0}'..='\u{06f9}')),
            "digits are Latin: {text}"
        );
    }
}

#[test]
fn every_family_sms_fits_one_part_whatever_the_day_and_hour() {
    let renderer = renderer();
    let start = chrono::DateTime::parse_from_rfc3339("2026-01-01T00:05:00Z")
        .unwrap()
        .to_utc();
    // 29 hours apart: all months, weekdays and parts of the day, hours with odd minutes.
    for step in 0..302 {
        let when = start + chrono::TimeDelta::hours(29 * step);
        for kind in FAMILY {
            for lang in Lang::ALL {
                let context = FamilyContext {
                    when: Some(when),
                    zone: chrono_tz::Asia::Karachi,
                };
                let sms = renderer
                    .message(None, kind, Channel::Sms, lang, 0, &context)
                    .unwrap();
                assert_eq!(sms.sms.unwrap().parts, 1, "{} {:?}", sms.text, sms.sms);
            }
        }
    }
}

#[test]
fn no_template_names_a_value_the_samples_lack() {
    let renderer = renderer();
    let tera = &renderer.engines(None, Lang::En).unwrap().messages;
    let known = ["lang", "dir", "level", "part"];
    for (kind, context) in staff_samples()
        .into_iter()
        .chain(FAMILY.map(|k| (k, serde_json::to_value(FamilyContext::sample()).unwrap())))
    {
        for part in ["subject", "txt", "html", "sms"] {
            let Ok(names) = tera.get_template_variables(&format!("{kind}.{part}")) else {
                continue;
            };
            for name in names {
                assert!(
                    context.get(name).is_some() || known.contains(&name),
                    "{kind}.{part} names `{name}`"
                );
            }
        }
    }
}

#[test]
fn reminder_of_a_deadline_in_english() {
    let mail = renderer()
        .message(
            None,
            "reminder",
            Channel::Email,
            Lang::En,
            2,
            &ReminderContext::sample_deadline(),
        )
        .unwrap();
    assert_snapshot!(mail.subject.unwrap(), @"Reminder: Thursday 12 March");
    assert_snapshot!(mail.text, @"
    A deadline is coming.

    Reference: 2026-0042
    What: Sample rule
    When: 12 March 2026
    Finish by: 9 March 2026
    Legal basis: Sample Act 1908, s. 5
    Kind: legal deadline for us: do not miss
    Confidence in the source: medium: to be checked by an advocate

    Not legal advice: a computed date is an aid. The advocate in charge decides.

    https://desk.example.org/cases/2026-0042
    ");
    assert_snapshot!(mail.html.unwrap(), @r#"
    <!DOCTYPE html>
    <html lang="en" dir="ltr">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Reminder: Thursday 12 March</title>
    </head>
    <body style="margin:1.5em auto;max-width:38em;padding:0 1em;font-family:system-ui,sans-serif;line-height:1.5">

    <p>A deadline is coming.</p>
    <dl>
    <dt>Reference</dt><dd><bdi>2026-0042</bdi></dd>
    <dt>What</dt><dd><bdi>Sample rule</bdi></dd>
    <dt>When</dt><dd><bdi>12 March 2026</bdi></dd>

    <dt>Finish by</dt><dd><bdi>9 March 2026</bdi></dd>

    <dt>Legal basis</dt><dd><bdi>Sample Act 1908, s. 5</bdi></dd>
    <dt>Kind</dt><dd>legal deadline for us: do not miss</dd>
    <dt>Confidence in the source</dt><dd>medium: to be checked by an advocate</dd>

    </dl>
    <p><small>Not legal advice: a computed date is an aid. The advocate in charge decides.</small></p>
    <p><a href="https://desk.example.org/cases/2026-0042">Open</a></p>

    </body>
    </html>
    "#);
}

#[test]
fn reminder_of_a_hearing_in_urdu() {
    let mail = renderer()
        .message(
            None,
            "reminder",
            Channel::Email,
            Lang::Ur,
            2,
            &ReminderContext::sample(),
        )
        .unwrap();
    assert_snapshot!(mail.subject.unwrap(), @"یاد دہانی: جمعرات 12 مارچ");
    // The isolation marks around the reference keep its digits in order.
    assert_snapshot!(mail.text.replace('\u{2068}', "<").replace('\u{2069}', ">"), @"
    ایک پیشی قریب ہے۔

    حوالہ نمبر: <2026-0042>
    کیا: Sample hearing
    کب: جمعرات 12 مارچ 2026، صبح 9 بجے (<Asia/Karachi>)
    کہاں: Room 4

    https://desk.example.org/cases/2026-0042
    ");
}

#[test]
fn missed_and_task_and_outcome_in_english() {
    let renderer = renderer();
    let text = |kind: &str, context: Value| {
        renderer
            .message(None, kind, Channel::Email, Lang::En, 2, &context)
            .unwrap()
            .text
    };
    assert_snapshot!(text("missed", serde_json::to_value(MissedContext::sample()).unwrap()), @"
    A deadline passed and nothing was recorded as done.

    Reference: 2026-0042
    What: Sample rule
    When: Wed 11 March 2026, 10:00 (Asia/Karachi)
    What to do: Write the sample complaint.
    Legal basis: Sample Code 1898, s. 1
    Kind: duty of the authority under the law
    Confidence in the source: high: checked against the source

    Not legal advice: a computed date is an aid. The advocate in charge decides.

    https://desk.example.org/cases/2026-0042
    ");
    assert_snapshot!(text("task", serde_json::to_value(TaskContext::sample()).unwrap()), @"
    There is a task for you.

    Reference: 2026-0042
    What: Call the sample contact
    Due: 13 March 2026
    Why: A message could not be delivered.

    https://desk.example.org/tasks
    ");
    assert_snapshot!(text("outcome_question", serde_json::to_value(OutcomeQuestionContext::sample()).unwrap()), @"
    This hearing has no outcome yet. Please record what happened and the next date.

    Reference: 2026-0042
    What: Sample hearing
    When: Thu 12 March 2026, 09:30 (Asia/Karachi)

    https://desk.example.org/cases/2026-0042/do/outcome
    ");
}

#[test]
fn morning_digest_in_english() {
    let renderer = renderer();
    let mail = renderer
        .message(
            None,
            "morning_digest",
            Channel::Email,
            Lang::En,
            3,
            &MorningDigestContext::sample(),
        )
        .unwrap();
    assert_snapshot!(mail.text, @"
    Your day: Thursday 12 March

    Hearings today
    - Thu 12 March 2026, 09:00: 2026-0042, Sample <title> & more (Room 4)

    Overdue
    - 10 March 2026: 2026-0031, Sample rule (duty of the authority under the law)

    Outcomes to record
    - Wed 11 March 2026, 09:00: 2026-0019, Sample <title> & more (Room 4)

    Deadlines in the next seven days
    - 14 March 2026: 2026-0042, Sample rule (legal deadline for us: do not miss)

    Hearings in the next seven days
    - Mon 16 March 2026, 09:00: 2026-0007, Sample <title> & more (Room 4)

    Tasks
    - 13 March 2026: 2026-0042, Call the sample contact

    Not legal advice: a computed date is an aid. The advocate in charge decides.

    https://desk.example.org/today

    Stop these digests: https://desk.example.org/unsubscribe/sample
    ");
    let html = mail.html.unwrap();
    assert!(
        html.contains("Sample &lt;title&gt; &amp; more"),
        "titles are escaped: {html}"
    );
    let empty = renderer
        .message(
            None,
            "morning_digest",
            Channel::Email,
            Lang::En,
            3,
            &MorningDigestContext::sample_empty(),
        )
        .unwrap();
    assert_snapshot!(empty.text, @"
    Your day: Thursday 12 March

    Nothing is due today and in the next seven days.
    ");
}

#[test]
fn stalled_digest_in_both_languages() {
    let renderer = renderer();
    let text = |lang| {
        renderer
            .message(
                None,
                "stalled_digest",
                Channel::Email,
                lang,
                3,
                &StalledDigestContext::sample(),
            )
            .unwrap()
            .text
    };
    assert_snapshot!(text(Lang::En), @"
    Cases that do not move
    - 2026-0042, Sample state: waiting on the police since 3 March 2026 (9 days ago)
    - 2026-0007, Sample state: waiting on us since 11 March 2026 (yesterday)

    Cases without a next date
    - 2026-0019, Sample proceeding: last date 2 March 2026

    Journal heads: keep this list on paper
    - 2026-0042, entry 17: 9f2c51aa07e3

    https://desk.example.org/board

    Stop these digests: https://desk.example.org/unsubscribe/sample
    ");
    assert_snapshot!(text(Lang::Ur).replace(['\u{2068}', '\u{2069}'], ""), @"
    کیس جو آگے نہیں بڑھ رہے
    - 2026-0042, Sample state: انتظار: پولیس، 3 مارچ 2026 سے (9 دن پہلے)
    - 2026-0007, Sample state: انتظار: ہم، 11 مارچ 2026 سے (گزشتہ کل)

    کیس جن کی اگلی تاریخ نہیں
    - 2026-0019, Sample proceeding: پچھلی تاریخ 2 مارچ 2026

    ریکارڈ کے آخری اندراج: یہ فہرست کاغذ پر محفوظ رکھیں
    - 2026-0042, اندراج 17: 9f2c51aa07e3

    https://desk.example.org/board

    یہ خلاصے بند کریں: https://desk.example.org/unsubscribe/sample
    ");
}

#[test]
fn family_sms_texts() {
    let renderer = renderer();
    let mut lines = Vec::new();
    for kind in FAMILY {
        for lang in Lang::ALL {
            let sms = renderer
                .message(None, kind, Channel::Sms, lang, 0, &FamilyContext::sample())
                .unwrap();
            let count = sms.sms.unwrap();
            lines.push(format!("{} {}/{}", sms.text, count.units, count.parts));
        }
    }
    assert_snapshot!(lines.join("\n"), @"
    Hello. Your meeting is on Thursday 12 March at 09:00. Thank you. 64/1
    سلام۔ آپ کی ملاقات جمعرات 12 مارچ، صبح 9 بجے ہے۔ شکریہ۔ 55/1
    Salam. Aap ki mulaqat jumerat 12 March, subah 9 baje hai. Shukriya. 67/1
    Hello. There is progress with your work. We will tell you more by phone. 72/1
    سلام۔ آپ کے کام میں پیش رفت ہوئی ہے۔ تفصیل فون پر بتائیں گے۔ 60/1
    Salam. Aap ke kaam mein pesh raft hui hai. Tafseel phone par bataein ge. 72/1
    Hello. When it suits you, please call us or give a missed call. Thank you. 74/1
    سلام۔ جب آسانی ہو، ہمیں فون کریں یا مس کال دیں۔ شکریہ۔ 54/1
    Salam. Jab asani ho, hamein phone karein ya miss call dein. Shukriya. 69/1
    Hello. Your meeting is now on Thursday 12 March. Please do not come on the earlier day. 87/1
    سلام۔ ملاقات اب جمعرات 12 مارچ کو ہو گی۔ پہلے والے دن نہ آئیں۔ 62/1
    Salam. Mulaqat ab jumerat 12 March ko ho gi. Pehle wale din na aaein. 69/1
    ");
}

#[test]
fn a_staff_kind_never_reaches_level_zero() {
    let error = renderer()
        .message(
            None,
            "reminder",
            Channel::Email,
            Lang::En,
            0,
            &ReminderContext::sample(),
        )
        .unwrap_err();
    assert!(
        matches!(
            error,
            TemplateError::LevelTooLow {
                needed: 2,
                level: 0,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_level_zero_text_with_a_forbidden_word_is_refused_when_rendered() {
    let mut renderer = renderer();
    let templates = [("hearing_soon.en.sms".to_owned(), "Hello {{ word }}".to_owned())];
    renderer.add_pack("demo", &[], &templates).unwrap();
    let send = |word: &str, level: u8| {
        renderer.message(
            Some("demo"),
            "hearing_soon",
            Channel::Sms,
            Lang::En,
            level,
            &json!({ "word": word }),
        )
    };
    assert_eq!(send("there", 0).unwrap().text, "Hello there");
    let error = send("to the Court", 0).unwrap_err();
    assert!(error.to_string().contains("`Court` at byte 13"), "{error}");
    assert_eq!(send("to the Court", 1).unwrap().text, "Hello to the Court");
}

#[test]
fn a_family_template_with_a_forbidden_word_is_refused_when_loaded() {
    let mut renderer = renderer();
    let source = "{# court is fine in a note #}{% if when %}آپ کی پیشی ہے{% endif %}".to_owned();
    let error = renderer
        .add_pack("demo", &[], &[("family_meeting.ur.sms".to_owned(), source)])
        .unwrap_err();
    assert!(
        matches!(&error, TemplateError::Discloses { breaches, .. } if breaches.len() == 1 && breaches[0].word == "پیشی"),
        "{error}"
    );
    // Nothing of the refused pack stays.
    assert!(matches!(
        renderer.page("x", Lang::En, Some("demo"), &json!({})),
        Err(TemplateError::UnknownPack(_))
    ));

    // A subject is read on lock screens, whatever the level.
    let subject = (
        "note.en.email.subject".to_owned(),
        "Hearing on {{ when | date }}".to_owned(),
    );
    assert!(
        renderer
            .add_pack("demo", &[], &[subject])
            .unwrap_err()
            .to_string()
            .contains("`Hearing`")
    );

    let mut sources = embedded::files("messages", ".tera");
    sources.push(("family_bad.sms.tera".to_owned(), "See your lawyer".to_owned()));
    assert!(Renderer::from_sources(Texts::new(), Vec::new(), sources).is_err());
}

#[test]
fn a_pack_overrides_messages_and_texts_for_itself_only() {
    let mut renderer = renderer();
    let texts = [
        (
            Lang::En,
            "en.ftl".to_owned(),
            "state-applied = Application given\nmonth-3 = Wrong\n".to_owned(),
        ),
        (
            Lang::Ur,
            "ur.ftl".to_owned(),
            "state-applied = درخواست دی گئی\n".to_owned(),
        ),
    ];
    let messages = [
        (
            "task.en.email.txt".to_owned(),
            "{{ t(key=\"state-applied\") }}, {{ due | date }}".to_owned(),
        ),
        (
            "note.ur.email.subject".to_owned(),
            "{{ t(key=\"task-subject\") }}".to_owned(),
        ),
        (
            "note.ur.email.text".to_owned(),
            "{{ t(key=\"state-applied\") }}".to_owned(),
        ),
    ];
    renderer.add_pack("demo", &texts, &messages).unwrap();
    let task = |pack| {
        renderer
            .message(pack, "task", Channel::Email, Lang::En, 2, &TaskContext::sample())
            .unwrap()
    };
    // The pack's text, but the program's month: a pack cannot misname a date.
    assert_eq!(task(Some("demo")).text, "Application given, 13 March 2026\n");
    assert_eq!(task(Some("demo")).subject, task(None).subject);
    assert!(task(None).text.starts_with("There is a task for you."));
    let note = renderer
        .message(Some("demo"), "note", Channel::Email, Lang::Ur, 1, &json!({}))
        .unwrap();
    assert_eq!((note.text.as_str(), note.html), ("درخواست دی گئی\n", None));
    assert!(matches!(
        renderer.message(Some("demo"), "note", Channel::Email, Lang::En, 1, &json!({})),
        Err(TemplateError::NoMessage { part: "subject", .. })
    ));
    assert_eq!(
        renderer
            .text(Some("demo"), Lang::Ur, "state-applied", &[])
            .as_deref(),
        Some("درخواست دی گئی")
    );
    assert_eq!(renderer.text(None, Lang::Ur, "state-applied", &[]), None);
    assert_eq!(
        renderer
            .text(None, Lang::En, "reminder-subject", &[("day", json!("x"))])
            .as_deref(),
        Some("Reminder: x")
    );
}

#[test]
fn pages_escape_know_their_language_and_share_layouts() {
    let pages = [
        (
            "layout.html",
            "<html lang=\"{{ lang }}\" dir=\"{{ dir }}\">{% block main %}{% endblock %}</html>",
        ),
        (
            "parts.html",
            "{% component Hello(who) %}<b>{{ t(key=\"test-hello\", who=who) }}</b>{% endcomponent %}",
        ),
        (
            "sub/x.html",
            "{% extends \"layout.html\" %}{% block main %}{{ <Hello who={name} /> }} {{ name | bdi }} {{ when | datetime }}{% endblock %}",
        ),
    ];
    let renderer = with_pages(&pages).unwrap();
    assert!(renderer.has_page("sub/x") && !renderer.has_page("y"));
    let context = json!({ "name": "<A>", "when": "2026-03-12T04:00:00Z", "lang": "xx" });
    assert_eq!(
        renderer.page("sub/x", Lang::Ur, None, &context).unwrap(),
        "<html lang=\"ur\" dir=\"rtl\"><b>سلام \u{2068}&lt;A&gt;\u{2069}</b> <bdi>&lt;A&gt;</bdi> جمعرات 12 مارچ 2026، صبح 9 بجے</html>"
    );
}

#[test]
fn an_unknown_text_is_shown_in_a_page_and_refused_in_a_message() {
    assert_eq!(
        one_page("<p>{{ t(key=\"no-such\") }}</p>", Lang::Ur, &json!({})).unwrap(),
        "<p>⟦no-such⟧</p>"
    );
    let mut renderer = renderer();
    renderer
        .add_pack(
            "demo",
            &[],
            &[("x.en.sms".to_owned(), "{{ t(key=\"no-such\") }}".to_owned())],
        )
        .unwrap();
    let error = renderer
        .message(Some("demo"), "x", Channel::Sms, Lang::En, 1, &json!({}))
        .unwrap_err();
    assert!(error.to_string().contains("`no-such`"), "{error}");
    renderer
        .add_pack(
            "demo",
            &[],
            &[(
                "x.en.sms".to_owned(),
                "{{ t(key=\"reminder-subject\") }}".to_owned(),
            )],
        )
        .unwrap();
    let error = renderer
        .message(Some("demo"), "x", Channel::Sms, Lang::En, 1, &json!({}))
        .unwrap_err();
    assert!(
        error.to_string().contains("reminder-subject"),
        "a missing argument is an error too: {error}"
    );
}

#[test]
fn faults_stop_the_start_or_the_page_and_say_where() {
    for (source, expected) in [
        ("{% if %}", "pages/x.html"),
        ("{{ 1 | nosuchfilter }}", "nosuchfilter"),
        ("{% extends \"nowhere.html\" %}", "nowhere.html"),
    ] {
        let error = with_pages(&[("x.html", source)]).unwrap_err().to_string();
        assert!(error.contains(expected), "{source}: {error}");
    }
    for (source, expected) in [
        ("{{ nosuchname }}", "nosuchname"),
        ("{{ none | date }}", "none"),
        ("{{ text | date }}", "12/03/2026"),
        ("{{ at | date(zone=\"Mars/Base\") }}", "Mars/Base"),
        ("{{ at | days_until }}", "now"),
    ] {
        let context = json!({ "none": null, "text": "12/03/2026", "at": "2026-03-12T04:00:00Z" });
        let error = one_page(source, Lang::En, &context).unwrap_err().to_string();
        assert!(error.contains(expected), "{source}: {error}");
    }
    assert!(matches!(
        renderer().page("no/such", Lang::En, None, &json!({})),
        Err(TemplateError::NoPage(_))
    ));
}

#[test]
fn filters_count_local_days_between_two_given_instants() {
    let context = json!({ "at": "2026-03-12T20:00:00Z", "now": "2026-03-12T18:00:00Z", "later": "2026-03-20", "zone": "UTC" });
    for (source, expected) in [
        // 13 March 01:00 against 12 March 23:00 in Karachi; the same day in UTC.
        ("{{ at | days_until(now=now) }}", "1"),
        ("{{ at | days_until(now=now, zone=zone) }}", "0"),
        ("{{ at | in_days(now=now) }}", "tomorrow"),
        ("{{ later | in_days(now=now) }}", "in 8 days"),
        ("{{ now | ago(now=at) }}", "yesterday"),
        ("{{ now | ago(now=later) }}", "8 days ago"),
        ("{{ now | in_days(now=later) }}", "8 days ago"),
        ("{{ at | dmy }}", "13/03/2026"),
        ("{{ at | time }}", "01:00"),
        ("{{ later | day }}", "Friday 20 March"),
    ] {
        assert_eq!(
            one_page(source, Lang::En, &context).unwrap(),
            expected,
            "{source}"
        );
    }
}

#[test]
fn family_texts_exist_in_all_three_languages() {
    let texts = Texts::new();
    let family = |lang| {
        texts
            .keys(lang)
            .into_iter()
            .filter(|k| k.starts_with("family-"))
            .collect::<Vec<_>>()
    };
    assert!(!family(Lang::En).is_empty());
    assert_eq!(family(Lang::En), family(Lang::UrLatn));
    assert_eq!(family(Lang::En), family(Lang::Ur));
    for key in texts.keys(Lang::UrLatn) {
        assert!(texts.has(Lang::En, &key), "{key}");
    }
}

/// Texts that every pack brings for its own cases; a page asks for them with the pack at hand.
const PACK_KEYS: [&str; 1] = ["workflow-title"];

/// Keys written out in `t(key="…")`; a key put together with `~` is left to the rendering tests.
fn literal_keys(source: &str) -> Vec<&str> {
    source
        .split("key=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .filter(|(_, after)| !after.trim_start().starts_with('~'))
        .map(|(key, _)| key)
        .collect()
}

#[test]
fn every_key_written_in_a_page_or_message_has_a_text_in_english_and_urdu() {
    assert_eq!(
        literal_keys("{{ t(key=\"a\") }} {{ t(key=\"b-\" ~ c) }} {{ t(key=\"d\", x=1) }}"),
        ["a", "d"]
    );
    let texts = Texts::new();
    let sources = embedded::files("pages", ".html")
        .into_iter()
        .chain(embedded::files("messages", ".tera"));
    let mut gaps = BTreeSet::new();
    for (file, source) in sources {
        for key in literal_keys(&source)
            .into_iter()
            .filter(|key| !PACK_KEYS.contains(key))
        {
            for lang in [Lang::En, Lang::Ur]
                .into_iter()
                .filter(|lang| !texts.has(*lang, key))
            {
                gaps.insert(format!("{file}: {key} ({lang})"));
            }
        }
    }
    assert!(gaps.is_empty(), "{gaps:#?}");
}

#[test]
fn every_embedded_page_is_loaded() {
    let renderer = renderer();
    for (file, _) in embedded::files("pages", ".html") {
        assert!(renderer.has_page(file.trim_end_matches(".html")), "{file}");
    }
}

#[test]
fn an_earlier_version_keeps_its_words() {
    let mut renderer = Renderer::new(Texts::new()).unwrap();
    let ftl = |text: &str| [(Lang::En, "locales/en.ftl".to_owned(), text.to_owned())];
    renderer
        .add_pack("demo", &ftl("state-a = New words\nstate-b = B\n"), &[])
        .unwrap();
    renderer
        .add_pack(
            "demo@0123456789ab",
            &ftl("state-a = Old words\nstate-gone = Gone\n"),
            &[],
        )
        .unwrap();
    let text = |pack: &str, key: &str| renderer.text(Some(pack), Lang::En, key, &[]);
    for (pack, key, words) in [
        ("demo", "state-a", Some("New words")),
        ("demo@0123456789ab", "state-a", Some("Old words")),
        ("demo", "state-gone", Some("Gone")),
        ("demo@0123456789ab", "state-b", Some("B")),
        ("demo@never-learned", "state-a", Some("New words")),
        ("demo", "state-nowhere", None),
        ("other@0123456789ab", "state-a", None),
    ] {
        assert_eq!(text(pack, key).as_deref(), words, "{pack} {key}");
    }
}
