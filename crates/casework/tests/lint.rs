//! Each kind of finding: what is written wrong, where exactly the caret stands, what the help says.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use peshi_casework::pack::{Finding, PackFiles, Severity, load};

const WORKFLOW: &str = "\
workflow: passport
version: 1
title: { en: Lost passport, ur: گم شدہ پاسپورٹ }
calendar: pk
roles: [clerk, officer]
opening: loss
public: [working]
charts:
  case:
    initial: reported
    entry: [{ set: { paid: \"0.0\" } }]
    states:
      reported:
        waiting_on: us
        stalled_after: 2 days
        public: working
        on:
          apply: { to: applied, form: loss, do: [{ raise: papers.in }, { spawn: visit, with: { at: '=form.lost_on', desk: front } }] }
          papers.in: { roles: [], do: [{ send: { event: remind, after: 2 days, id: again } }] }
          remind: { roles: [], do: [{ notify: { message: family_meeting, to: family_contact, about: lost_on } }] }
      applied:
        waiting_on: other
        deadlines: [answer]
        on:
          issued:
            - { to: finished, if: 'data.fee > 0 && has(form.rate) && form.rate > 1.5', form: issue, do: [{ cancel: again }] }
            - { to: applied, form: issue, do: [{ set: { paid: data.paid + 0.5 } }] }
          visit.kept: { to: finished, roles: [] }
          deadline.missed.answer: { to: finished, roles: [] }
      finished: { closes_case: true }
  visit:
    states:
      planned:
        waiting_on: family
        stalled_after: 9 days
        on:
          came: { to: kept, if: 'data.desk == \"front\"', do: [{ tell: { to: parent, event: visit.kept } }] }
      kept: { type: final }
";
const FORMS: &str = "\
forms:
  loss:
    fields:
      fee: { type: number, required: true }
      lost_on: { type: date, required: true }
      office: { type: choice, required: true, choices: [town, airport] }
  issue:
    fields:
      rate: { type: money }
";
const DEADLINES: &str = "\
deadlines:
  answer:
    kind: internal
    from: lost_on
    period: 10 days
    who: other
    reminders: [2 days before]
";
const WORDS: &str = "\
workflow-title = x
chart-case = x
chart-visit = x
state-case-reported = x
state-case-applied = x
state-case-finished = x
state-visit-planned = x
state-visit-kept = x
event-apply = x
event-issued = x
event-came = x
form-loss = x
field-loss-fee = x
field-loss-lost_on = x
field-loss-office = x
choice-office-town = x
choice-office-airport = x
form-issue = x
field-issue-rate = x
deadline-answer = x
public-working = x
";

fn files() -> PackFiles {
    [
        ("workflow.yaml", WORKFLOW),
        ("forms.yaml", FORMS),
        ("deadlines.yaml", DEADLINES),
        ("locales/en.ftl", WORDS),
        ("locales/ur.ftl", WORDS),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .collect()
}

/// One thing written wrong.
struct Wrong {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    code: &'static str,
    severity: Severity,
    /// What the caret stands under.
    caret: &'static str,
    line: u64,
    column: u64,
    message: &'static str,
    help: &'static str,
}

impl Wrong {
    /// The first finding with the code, after the one change.
    fn check(&self) {
        let mut files = files();
        let text = files.get_mut(self.file).unwrap();
        assert!(text.contains(self.from), "{} has `{}`", self.file, self.from);
        *text = text.replacen(self.from, self.to, 1);
        let (pack, findings) = load(&files);
        if self.code == "none" {
            assert!(findings.is_empty(), "{:?}: {findings:#?}", self.to);
            return;
        }
        let found = findings.iter().find(|f| f.code == self.code).unwrap_or_else(|| {
            panic!(
                "{} for {:?} → {:?}; found: {findings:#?}",
                self.code, self.from, self.to
            )
        });
        let text = &files[&found.file];
        let (start, len) = found.span;
        assert_eq!(found.file, self.file, "{found}");
        assert_eq!(text.get(start..start + len), Some(self.caret), "{found}");
        assert_eq!((found.line, found.column), (self.line, self.column), "{found}");
        let before = text[..start].rsplit('\n').next().unwrap_or_default();
        assert_eq!(found.column, before.chars().count() as u64 + 1, "{found}");
        assert_eq!(found.severity, self.severity, "{found}");
        assert!(found.message.contains(self.message), "{found}");
        assert!(
            found.help.contains(self.help) && !found.help.is_empty(),
            "{found}"
        );
        let usable = findings.iter().all(|f| f.severity != Severity::Error);
        assert_eq!(pack.is_some(), usable, "{found}");
    }
}

/// A row: what is changed, what is found, where, and with which words.
macro_rules! wrong {
    ($file:literal, $from:expr => $to:expr, $severity:ident $code:literal, $line:literal : $column:literal $caret:expr, $message:literal, $help:literal) => {
        Wrong {
            file: $file,
            from: $from,
            to: $to,
            code: $code,
            severity: Severity::$severity,
            caret: $caret,
            line: $line,
            column: $column,
            message: $message,
            help: $help,
        }
        .check();
    };
}

#[test]
fn the_sample_is_clean() {
    let (pack, findings) = load(&files());
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(pack.unwrap().reference_for(2026, 7), "2026-0007");
}

#[test]
fn names_that_lead_nowhere() {
    wrong!("workflow.yaml", "to: applied, form" => "to: aplied, form", Error "unknown-target", 18:24 "aplied", "`aplied` does not exist", "spelling");
    wrong!("workflow.yaml", "{ to: applied, form: loss" => "{ to: [applied, aplied], form: loss", Error "unknown-target", 18:34 "aplied", "`aplied` does not exist", "spelling");
    wrong!("workflow.yaml", "initial: reported" => "initial: [repoted]", Error "unknown-target", 10:15 "repoted", "initial state `repoted`", "spelling");
    wrong!("workflow.yaml", "form: loss, do" => "form: los, do", Error "unknown-form", 18:39 "los", "no form named `los`", "`loss`");
    wrong!("workflow.yaml", "opening: loss" => "opening: lost", Error "unknown-form", 6:10 "lost", "`lost`", "`loss`");
    wrong!("workflow.yaml", "deadlines: [answer]" => "deadlines: [anser]", Error "unknown-deadline", 23:21 "anser", "`anser`", "`answer`");
    wrong!("workflow.yaml", "form: loss, do" => "form: loss, roles: [clerk, oficer], do", Error "unknown-role", 18:60 "oficer", "`oficer`", "`officer`");
    wrong!("workflow.yaml", "spawn: visit" => "spawn: hering", Error "unknown-chart", 18:81 "hering", "`hering`", "known: case, visit");
    wrong!("workflow.yaml", "to: parent" => "to: visits", Error "unknown-chart", 37:76 "visits", "`visits`", "`visit`");
    wrong!("workflow.yaml", "family_meeting" => "family_meating", Error "unknown-message", 20:58 "family_meating", "`family_meating`", "`family_meeting`");
    wrong!("deadlines.yaml", "[2 days before]\n" => "[2 days before]\n    message: remind\n", Error "unknown-message", 8:14 "remind", "`remind`", "`reminder`");
    wrong!("workflow.yaml", "cancel: again" => "cancel: agin", Error "unknown-send", 26:116 "agin", "`agin`", "`again`");
    wrong!("workflow.yaml", "public: working\n" => "public: wurking\n", Error "unmapped-public-status", 16:17 "wurking", "`wurking`", "`working`");
    wrong!("workflow.yaml", "waiting_on: us" => "waiting_on: we", Error "unknown-word", 14:21 "we", "`we`", "police");
    wrong!("workflow.yaml", "2 days\n" => "2 fortnights\n", Error "unreadable-value", 15:24 "2 fortnights", "fortnights", "workflow-packs");
    wrong!("workflow.yaml", "  case:\n" => "  main:\n", Error "no-root-chart", 1:11 "passport", "`case`", "write `case:`");
    wrong!("forms.yaml", "type: number" => "type: numbr", Error "unknown-word", 4:20 "numbr", "numbr", "number");
    wrong!("forms.yaml", ", choices: [town, airport]" => "", Error "choice-without-choices", 6:7 "office", "`office`", "choices:");
    wrong!("workflow.yaml", "about: lost_on" => "about: lost_in", Warning "unfilled-field", 20:101 "lost_in", "nothing ever fills `lost_in`", "`lost_on`");
    wrong!("workflow.yaml", "about: lost_on" => "about: fee", Error "type-mismatch", 20:101 "fee", "`fee` does not hold a date", "datetime");
    wrong!("deadlines.yaml", "from: lost_on" => "from: lst_on", Warning "unfilled-field", 4:11 "lst_on", "`lst_on` in the data of `case`", "`lost_on`");
}

#[test]
fn deadlines_without_basis_period_or_use() {
    wrong!("deadlines.yaml", "kind: internal" => "kind: statutory", Error "deadline-without-basis", 2:3 "answer", "basis, source, confidence", "internal");
    wrong!("deadlines.yaml", "    from: lost_on\n    period: 10 days\n" => "", Error "deadline-without-period", 2:3 "answer", "neither", "period: 14 days");
    wrong!("deadlines.yaml", "2 days before" => "2 dys before", Error "unreadable-value", 7:17 "2 dys before", "", "workflow-packs");
}

#[test]
fn states_without_way_owner_or_clock() {
    wrong!("workflow.yaml", "        stalled_after: 2 days\n" => "", Warning "no-clock", 14:21 "us", "waits on us without any clock", "stalled_after");
    wrong!("workflow.yaml", "        waiting_on: us\n" => "", Warning "no-owner", 14:24 "2 days", "whose delay", "waiting_on");
    wrong!("workflow.yaml", "        waiting_on: family\n        stalled_after: 9 days\n" => "", Warning "no-owner", 33:7 "planned", "who must act next", "waiting_on");
    wrong!("workflow.yaml", "{ to: applied, form: loss" => "{ form: loss", Warning "unreachable-state", 21:7 "applied", "nothing leads to `applied`", "delete");
    wrong!("workflow.yaml", "{ closes_case: true }" => "{}", Warning "dead-end", 30:7 "finished", "nothing leads out of `finished`", "type: final");
    wrong!("workflow.yaml", "spawn: visit" => "spawn: case", Warning "unused-chart", 31:3 "visit", "nothing starts", "spawn: visit");
}

#[test]
fn moves_that_never_settle() {
    let there = "        stalled_after: 2 days\n        always: [{ to: applied, if: 'data.fee > 1' }]\n";
    let back = |condition: &str| {
        format!("        deadlines: [answer]\n        always: [{{ to: reported{condition} }}]\n")
    };
    for (condition, looping) in [
        (", if: 'data.fee > 1'", true),
        ("", true),
        (", if: 'data.fee > 2'", false),
    ] {
        let mut files = files();
        let text = files.get_mut("workflow.yaml").unwrap();
        *text = text
            .replacen("        stalled_after: 2 days\n", there, 1)
            .replacen("        deadlines: [answer]\n", &back(condition), 1);
        let findings = load(&files).1;
        let found = findings.iter().find(|f| f.code == "eventless-loop");
        assert_eq!(found.is_some(), looping, "{condition}: {findings:#?}");
        if let Some(found) = found {
            assert_eq!((found.line, found.severity), (13, Severity::Warning), "{found}");
            assert!(found.message.contains("reported → applied"), "{found}");
        }
    }
    wrong!("workflow.yaml", "        stalled_after: 2 days\n" => "        stalled_after: 2 days\n        always: [{ do: [{ task: a }] }]\n", Warning "eventless-loop", 13:7 "reported", "never settles: reported", "condition");
}

#[test]
fn events_nobody_raises_or_takes() {
    wrong!("workflow.yaml", "raise: papers.in" => "raise: papers.im", Warning "untaken-event", 18:59 "papers.im", "`case` takes the event `papers.im`", "`papers.in`");
    wrong!("workflow.yaml", "raise: papers.in" => "raise: papers.im", Warning "unraised-event", 19:11 "papers.in", "nobody may cause `papers.in`", "`papers.im`");
    wrong!("workflow.yaml", "event: remind, after" => "event: remember, after", Warning "untaken-event", 19:57 "remember", "`remember`", "under `on:`");
    wrong!("workflow.yaml", "event: visit.kept" => "event: visit.kep", Warning "untaken-event", 37:91 "visit.kep", "`visit.kep`", "`visit.kept`");
    wrong!("workflow.yaml", "event: visit.kept" => "event: visit.kept.early", Warning "none", 0:0 "", "", "");
    wrong!("workflow.yaml", "deadline.missed.answer:" => "deadline.missed.anser:", Warning "unraised-event", 29:11 "deadline.missed.anser", "`deadline.missed.anser`", "roles");
    wrong!("workflow.yaml", "visit.kept: { to" => "done.state.applied: { to", Warning "unraised-event", 28:11 "done.state.applied", "`done.state.applied`", "");
    wrong!("workflow.yaml", "visit.kept: { to" => "done.vist: { to", Warning "unraised-event", 28:11 "done.vist", "`done.vist`", "");
    wrong!("workflow.yaml", "remind: { roles: []" => "remind: { roles: [], internal: true", Warning "none", 0:0 "", "", "");
}

#[test]
fn candidates_that_cannot_be_chosen_or_do_not_fit() {
    wrong!("workflow.yaml", "if: 'data.fee > 0 && has(form.rate) && form.rate > 1.5', " => "", Warning "shadowed-candidate", 25:11 "issued", "`issued` is never reached", "first");
    wrong!("workflow.yaml", "issued:\n" => "'*': { to: reported }\n          issued:\n", Warning "shadowed-candidate", 26:11 "issued", "`issued` is never reached", "first");
    wrong!("workflow.yaml", "{ to: applied, form: issue," => "{ to: applied, form: loss,", Error "different-forms", 27:36 "loss", "different forms", "same form");
}

#[test]
fn what_betrays() {
    wrong!("workflow.yaml", "family_meeting" => "reminder", Error "discloses", 20:72 "family_contact", "`reminder` speaks of the case", "to: team");
    wrong!("workflow.yaml", "to: family_contact" => "to: team", Warning "wrong-recipient", 20:78 "team", "says nothing", "family_contact");
}

#[test]
fn conditions_that_cannot_be_read() {
    wrong!("workflow.yaml", "data.desk == " => "dta.desk == ", Error "condition", 37:34 "dta", "unknown name `dta`", "known names: data");
    wrong!("workflow.yaml", "data.desk == \"front\"" => "data.desk ==", Error "condition", 37:46 "'", "ends where more is expected", "missing");
    wrong!("workflow.yaml", "data.desk == " => "data.desk = ", Error "condition", 37:44 "=", "`=` alone", "`==`");
    wrong!("workflow.yaml", "0 && has" => "0 and has", Error "condition", 26:49 "and", "`and` is not a word", "`&&`");
    wrong!("workflow.yaml", "'=form.lost_on'" => "'=frm.lost_on'", Error "condition", 18:102 "frm", "unknown name `frm`", "form");
    wrong!("workflow.yaml", "data.paid + 0.5" => "sum(data.paid)", Error "condition", 27:63 "sum", "unknown name `sum`", "days_between");
}

#[test]
fn conditions_that_cannot_work() {
    wrong!("workflow.yaml", "form.rate > 1.5" => "form.rat > 1.5", Error "unknown-field", 26:75 "rat", "the form `issue` has no field `rat`", "`rate`");
    wrong!("workflow.yaml", "has(form.rate)" => "has(form.rte)", Error "unknown-field", 26:61 "rte", "no field `rte`", "`rate`");
    wrong!("workflow.yaml", "data.fee > 0" => "data.fe > 0", Warning "unfilled-field", 26:41 "fe", "nothing ever fills `fe` in the data of `case`", "`fee`");
    wrong!("workflow.yaml", "data.desk == " => "root.desk == ", Warning "unfilled-field", 37:39 "desk", "the data of `case`", "it has");
    wrong!("workflow.yaml", "data.fee > 0" => "data.lost_on > 0", Error "type-mismatch", 26:36 "data.lost_on > 0", "a date cannot be compared with a whole number", "days_between");
    wrong!("workflow.yaml", "data.fee > 0" => "data.fee == \"0\"", Error "type-mismatch", 26:36 "data.fee == \"0\"", "never equal", "quotation marks");
    wrong!("workflow.yaml", "data.fee > 0" => "data.fee", Error "type-mismatch", 26:36 "data.fee", "`&&` takes conditions; this is a whole number", "==");
    wrong!("workflow.yaml", "data.fee > 0" => "data.fee + 0.5 > 1.0", Error "type-mismatch", 26:36 "data.fee + 0.5", "`+` does not go with a whole number and a number with decimals", "double(");
    wrong!("workflow.yaml", "data.fee > 0" => "data.lost_on == \"12/02/2026\"", Error "type-mismatch", 26:52 "\"12/02/2026\"", "`12/02/2026` is not a date", "2026-02-11");
    wrong!("workflow.yaml", "data.fee > 0" => "now > data.lost_on", Error "type-mismatch", 26:36 "now > data.lost_on", "a moment cannot be compared with a date", "`today`");
    wrong!("workflow.yaml", "data.fee > 0" => "data.fee in [\"a\"]", Error "type-mismatch", 26:36 "data.fee in [\"a\"]", "never in a list of a text", "");
    wrong!("workflow.yaml", "data.fee > 0" => "data.fee in \"abc\"", Error "type-mismatch", 26:48 "\"abc\"", "`in` looks into a list", "brackets");
    wrong!("workflow.yaml", "data.fee > 0" => "data.fee.x > 0", Error "type-mismatch", 26:36 "data.fee.x", "has no fields", "take");
    wrong!("workflow.yaml", "data.fee > 0" => "days_between(data.fee, today) > 0", Error "type-mismatch", 26:49 "data.fee", "`days_between` takes an exact date here", "give it a date");
    wrong!("workflow.yaml", "data.fee > 0" => "data.fee.exists(x, x > 0)", Error "type-mismatch", 26:36 "data.fee", "only a list can be gone through", "children");
    wrong!("workflow.yaml", "if: 'data.desk == \"front\"'" => "if: data.desk", Error "not-a-condition", 37:33 "data.desk", "a condition is true or false; this is one of several choices", "==");
    wrong!("workflow.yaml", "data.fee > 0" => "in_state(\"reportd\")", Error "unknown-state", 26:45 "\"reportd\"", "no state in this chart named `reportd`", "`reported`");
    wrong!("workflow.yaml", "data.desk == " => "case_in_state(\"planned\") && data.desk == ", Error "unknown-state", 37:48 "\"planned\"", "chart `case`", "known");
    wrong!("workflow.yaml", "data.fee > 0" => "children(\"vist\").exists(v, v.open)", Error "unknown-chart", 26:45 "\"vist\"", "no chart named `vist`", "`visit`");
    wrong!("workflow.yaml", "data.fee > 0" => "children(\"visit\").exists(v, v.opn)", Error "unknown-field", 26:66 "opn", "a child has no field `opn`", "`open`");
    wrong!("workflow.yaml", "data.fee > 0" => "children(\"visit\").exists(v, v.data.desc == \"a\")", Warning "unfilled-field", 26:71 "desc", "`desc` in the data of `visit`", "`desk`");
    wrong!("workflow.yaml", "data.fee > 0" => "days_between(today) > 0", Error "wrong-arguments", 26:36 "days_between(today)", "`days_between` takes 2 arguments, not 1", "table");
    wrong!("workflow.yaml", "has(form.rate) && form.rate > 1.5" => "form.rate > 1.5", Warning "unguarded-field", 26:52 "form.rate", "`rate` of the form `issue`", "has(form.rate)");
    wrong!("workflow.yaml", "data.fee > 0" => "data.office == \"twn\"", Error "unknown-choice", 26:51 "\"twn\"", "`twn` is not among the choices", "`town`");
    wrong!("workflow.yaml", "data.desk == \"front\"" => "data.desk in [\"front\", \"back\"]", Error "unknown-choice", 37:57 "\"back\"", "`back`", "front");
    wrong!("workflow.yaml", "form.rate > 1.5', form: issue" => "form.rate > 1.5'", Error "unknown-field", 26:61 "rate", "an event without a form has no field `rate`", "");
    wrong!("workflow.yaml", "data.paid + 0.5" => "data.paid + 1", Error "type-mismatch", 27:63 "data.paid + 1", "`+` does not go with", "double(");
    wrong!("workflow.yaml", "'=form.lost_on'" => "'=form.lost_in'", Error "unknown-field", 18:107 "lost_in", "`lost_in`", "`lost_on`");
}

#[test]
fn conditions_that_cannot_be_true() {
    for condition in [
        "false",
        "1 > 2",
        "data.fee > 5 && data.fee < 3",
        "data.fee > 5 && !(data.fee > 4)",
        "data.fee == 1 && data.fee == 2",
        "data.fee in [1, 2] && data.fee == 3",
        "data.office == \"town\" && data.office != \"town\"",
        "data.office != \"town\" && data.office != \"airport\"",
        "!has(data.fee) && data.fee == 1",
        "in_state(\"reported\")",
        "in_state(\"applied\") && !in_state(\"applied\")",
        "!(true || data.fee > 1)",
    ] {
        let mut files = files();
        let text = files.get_mut("workflow.yaml").unwrap();
        *text = text.replacen("data.fee > 0 && has(form.rate) && form.rate > 1.5", condition, 1);
        let findings = load(&files).1;
        let found = findings.iter().find(|f| f.code == "never-true");
        let found = found.unwrap_or_else(|| panic!("{condition}: {findings:#?}"));
        let (start, len) = found.span;
        let start = if files["workflow.yaml"][start..].starts_with('\'') {
            start + 1
        } else {
            start
        };
        assert!(
            files["workflow.yaml"][start..start + len].starts_with(condition),
            "{condition}: {found}"
        );
        assert_eq!((found.line, found.severity), (26, Severity::Warning), "{found}");
        assert!(!found.help.is_empty());
    }
    for condition in [
        "data.fee > 5 || data.fee < 3",
        "data.fee >= 5 && data.fee <= 5",
        "data.office != \"town\"",
        "data.office == \"town\" || data.office == \"airport\"",
        "in_state(\"applied\") && in_state(\"case\")",
        "children(\"visit\").size() == 0",
    ] {
        let mut files = files();
        let text = files.get_mut("workflow.yaml").unwrap();
        *text = text.replacen("data.fee > 0 && has(form.rate) && form.rate > 1.5", condition, 1);
        let findings = load(&files).1;
        assert!(findings.is_empty(), "{condition}: {findings:#?}");
    }
}

#[test]
fn files_that_cannot_be_read() {
    wrong!("workflow.yaml", "version: 1" => "version: one", Error "unreadable-file", 2:10 "one", "", "workflow-packs");
    wrong!("workflow.yaml", "calendar: pk" => "calendar: pk\nkalendar: pk", Error "unreadable-file", 5:1 "kalendar", "kalendar", "workflow-packs");
    wrong!("workflow.yaml", "form: loss, do: [" => "form: loss, do: [{ task: a, raise: b }, ", Error "unclear-action", 18:50 "{", "exactly one", "raise");
    wrong!("workflow.yaml", "type: final" => "type: finl", Error "unknown-state-type", 38:21 "finl", "`finl`", "final");
}

#[test]
fn other_files_show_their_own_place() {
    let mut changed = files();
    let text = changed.get_mut("workflow.yaml").unwrap();
    *text = text
        .replacen("deadlines: [answer]", "stalled_after: 3 days", 1)
        .replacen(
            "          deadline.missed.answer: { to: finished, roles: [] }\n",
            "",
            1,
        );
    let findings = load(&changed).1;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let unused = &findings[0];
    assert_eq!(
        (unused.code, unused.line, unused.column),
        ("unused-deadline", 2, 3)
    );
    assert_eq!((unused.file.as_str(), unused.span), ("deadlines.yaml", (13, 6)));

    let mut unworded = files();
    let text = unworded.get_mut("locales/ur.ftl").unwrap();
    *text = text.replacen("event-issued = x\n", "", 1);
    let findings = load(&unworded).1;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!((findings[0].code, findings[0].line), ("missing-translation", 0));
    assert!(findings[0].help.contains("event-issued ="));

    let mut lacking = files();
    lacking.remove("locales/ur.ftl");
    let missing = |f: &Finding| f.code == "missing-language" && f.severity == Severity::Error;
    assert!(load(&lacking).1.iter().any(missing));
    lacking.remove("workflow.yaml");
    let (pack, findings) = load(&lacking);
    assert!(pack.is_none());
    assert_eq!(findings[0].code, "missing-file");
}

#[test]
fn several_findings_come_in_one_run_in_the_order_of_the_files() {
    let mut files = files();
    let text = files.get_mut("workflow.yaml").unwrap();
    *text = text
        .replace("waiting_on: us", "waiting_on: we")
        .replace("data.fee > 0", "fee > 0")
        .replace("data.desk == ", "data.dsk == ");
    let text = files.get_mut("forms.yaml").unwrap();
    *text = text.replace("type: money", "type: mony");
    let codes: Vec<(String, &str)> = load(&files).1.into_iter().map(|f| (f.file, f.code)).collect();
    let found: Vec<(&str, &str)> = codes.iter().map(|(file, code)| (file.as_str(), *code)).collect();
    assert_eq!(
        found,
        [
            ("forms.yaml", "unknown-word"),
            ("workflow.yaml", "unknown-word"),
            ("workflow.yaml", "no-owner"),
            ("workflow.yaml", "condition"),
            ("workflow.yaml", "unfilled-field"),
        ]
    );
}

#[test]
fn what_nobody_rests_in_and_what_is_handed_on_is_no_fault() {
    for (from, to) in [
        // Left in the same moment: nobody waits there.
        (
            "        waiting_on: family\n        stalled_after: 9 days\n        on:\n          came: { to: kept, if: 'data.desk == \"front\"', do: [{ tell: { to: parent, event: visit.kept } }] }\n",
            "        always: [{ to: kept, do: [{ tell: { to: parent, event: visit.kept } }] }]\n",
        ),
        // An optional field left empty is not handed on, and nothing is refused for it.
        (
            "form: issue, do: [{ cancel: again }] }",
            "form: issue, do: [{ cancel: again }, { spawn: visit, with: { desk: '=form.rate' } }] }",
        ),
    ] {
        let mut files = files();
        let text = files.get_mut("workflow.yaml").unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        let findings: Vec<Finding> = load(&files).1;
        let wrong = |f: &&Finding| ["no-owner", "no-clock", "unguarded-field"].contains(&f.code);
        assert!(!findings.iter().any(|f| wrong(&f)), "{findings:#?}");
    }
}

#[test]
fn a_duty_owed_at_once_has_no_date() {
    wrong!("deadlines.yaml", "    from: lost_on\n" => "    at_once: true\n", Error "at-once-with-date", 2:3 "answer", "owed at once", "delete `at_once`");
    let mut files = files();
    let text = files.get_mut("deadlines.yaml").unwrap();
    *text = text.replace(
        "    from: lost_on\n    period: 10 days\n    who: other\n    reminders: [2 days before]\n",
        "    at_once: true\n    who: other\n",
    );
    assert!(load(&files).1.iter().all(|f| f.severity != Severity::Error));
}
