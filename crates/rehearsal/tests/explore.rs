//! Small packs explored whole: what is found, the shortest way to it, and what is not said wrongly.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use peshi_casework::pack::{PackFiles, load_loose};
use peshi_rehearsal::explore::{Bounds, Explored, Found, explore};
use peshi_rehearsal::{Stage, everyday_calendar};

const WIDE: Bounds = Bounds {
    limit: 5_000,
    depth: 60,
    children: 2,
};

fn explored(workflow: &str, forms: &str, bounds: Bounds) -> Explored {
    let files = PackFiles::from([
        ("workflow.yaml".to_owned(), workflow.to_owned()),
        ("forms.yaml".to_owned(), forms.to_owned()),
    ]);
    let (pack, findings) = load_loose(&files, None);
    let pack = pack.unwrap_or_else(|| panic!("{findings:?}"));
    let calendar = everyday_calendar();
    let stage = Stage {
        pack: &pack,
        calendar: &calendar,
    };
    explore(stage, bounds, &mut |_, _| {}).unwrap()
}

fn told(found: &[Found]) -> Vec<String> {
    found
        .iter()
        .map(|f| {
            let path: Vec<String> = f.path.iter().map(ToString::to_string).collect();
            format!(
                "{} @ {} <- {}",
                f.what,
                f.configuration.join("; "),
                path.join(" > ")
            )
        })
        .collect()
}

#[test]
fn a_dead_end_and_a_state_never_reached() {
    let seen = explored(
        "
charts:
  case:
    initial: a
    states:
      a: { waiting_on: us, on: { go: { to: b }, far: { to: c } } }
      b: { waiting_on: us, on: { go: { to: c } } }
      c: {}
      never: {}
      d: { closes_case: true }
",
        "forms: {}",
        WIDE,
    );
    assert!(seen.complete && seen.is_bad());
    assert_eq!(seen.configurations, 3);
    assert_eq!(seen.never_reached, ["case.never", "case.d"]);
    assert_eq!(
        told(&seen.dead_ends),
        ["nothing can happen any more @ case: c <- open > case: far"]
    );
    assert_eq!(
        told(&seen.unwatched),
        ["nobody must act and no clock runs @ case: c <- open > case: far"]
    );
}

#[test]
fn a_broken_invariant_comes_with_the_shortest_way_and_the_values_that_matter() {
    let workflow = "
invariants:
  - { name: no_open_job, if: in_state(\"closed\"), holds: '!children(\"job\").exists(j, j.open)', says: { en: a closed case has no open job } }
  - { name: paid, holds: '!in_state(\"closed\") || !has(data.fee) || data.fee < 10' }
  - { name: always_true, holds: 'true' }
charts:
  case:
    initial: open
    states:
      open:
        waiting_on: us
        on:
          add: { do: [{ spawn: job }] }
          fee: { form: fee }
          close: { to: closed, if: 'form.sure && (!children(\"job\").exists(j, j.open) || case_in_state(\"open\"))', form: closing }
      closed: { closes_case: true }
  job:
    states:
      running: { on: { finish: { to: finished } } }
      finished: { type: final }
";
    let forms = "
forms:
  fee: { fields: { fee: { type: number, required: true }, note: { type: text } } }
  closing: { fields: { sure: { type: yes_no, required: true } } }
";
    let seen = explored(workflow, forms, WIDE);
    assert_eq!(seen.stopped_by, ["children"], "two jobs at most");
    assert_eq!(
        told(&seen.broken),
        [
            "no_open_job: a closed case has no open job @ case: closed; job-1: running <- open > case: add > case: close { sure: true }",
            "paid @ case: closed <- open > case: fee { fee: 10 } > case: close { sure: true }",
        ]
    );
    assert_eq!(seen.dead_ends.len(), 0, "a closed case may rest");
    assert_eq!(seen.never_reached, Vec::<String>::new());
}

#[test]
fn any_armed_timer_may_be_next_and_a_step_that_fails_is_told() {
    let seen = explored(
        "
charts:
  case:
    initial: a
    states:
      a:
        after: { 1 day: { to: b }, 2 days: { to: c } }
      b: { after: { 1 hour: { to: done } } }
      c: { on: { e: { if: data.missing == 1, to: done } }, after: { 1 hour: { to: done } } }
      done: { closes_case: true }
",
        "forms: {}",
        WIDE,
    );
    assert_eq!(seen.never_reached, Vec::<String>::new());
    assert_eq!(
        told(&seen.faults),
        [
            "the condition `data.missing == 1` could not be evaluated: No such key: missing @ case: c <- open > case: after.a.1 comes in its time > case: e"
        ]
    );
}

#[test]
fn sums_and_children_stay_bounded_and_a_bound_is_said() {
    let workflow = "
charts:
  case:
    initial: open
    entry: [{ set: { paid: '0', unread: '0' } }]
    states:
      open:
        waiting_on: us
        on:
          pay: { form: payment, do: [{ set: { paid: data.paid + form.amount, unread: data.unread + 1 } }] }
          add: { do: [{ spawn: job }] }
        always: { if: data.paid >= 250, to: closed }
      closed: { closes_case: true }
  job:
    states:
      running: { on: { finish: { to: finished } } }
      finished: { type: final }
";
    let forms = "forms: { payment: { fields: { amount: { type: number, required: true } } } }";
    let whole = explored(workflow, forms, WIDE);
    assert_eq!(whole.stopped_by, ["children"]);
    assert_eq!(whole.never_reached, Vec::<String>::new());
    assert!(whole.configurations < 200, "{}", whole.configurations);
    let short = explored(workflow, forms, Bounds { depth: 1, ..WIDE });
    assert_eq!(short.stopped_by, ["depth"]);
    let few = explored(workflow, forms, Bounds { limit: 2, ..WIDE });
    assert_eq!(
        (few.configurations, few.complete, few.stopped_by),
        (2, false, vec!["limit"])
    );
}

#[test]
fn beyond_half_the_bound_the_search_turns_to_what_is_new() {
    // Sixteen switches make 65,536 situations; the state at the end of a chain of ten is found all the same.
    let switch = |n: usize| {
        format!(
            "      s{n}: {{ states: {{ off{n}: {{ on: {{ on{n}: {{ to: lit{n} }} }} }}, lit{n}: {{ on: {{ off{n}: {{ to: off{n} }} }} }} }} }}\n"
        )
    };
    let link = |n: usize| format!("          c{n}: {{ on: {{ next: {{ to: c{} }} }} }}\n", n + 1);
    let switches: String = (0..16).map(switch).collect();
    let chain: String = (0..10).map(link).collect();
    let workflow = format!(
        "charts:\n  case:\n    type: parallel\n    states:\n{switches}      chain:\n        states:\n{chain}          c10: {{}}\n"
    );
    let bounds = Bounds {
        limit: 400,
        depth: 60,
        children: 1,
    };
    let seen = explored(&workflow, "forms: {}", bounds);
    assert!(!seen.complete);
    assert_eq!(seen.never_reached, Vec::<String>::new());
}
