//! Lone charts played by scripts: what an author, or somebody else's test, may rely on, one row a rule.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use peshi_casework::pack::{PackFiles, load_loose};
use peshi_rehearsal::script::{Line, Player, Script};
use peshi_rehearsal::{RehearsalError, Stage, everyday_calendar};

fn play(chart: &str, script: &str) -> Result<Vec<Line>, RehearsalError> {
    let files = PackFiles::from([("workflow.yaml".to_owned(), chart.to_owned())]);
    let (pack, findings) = load_loose(&files, None);
    let pack = pack.unwrap_or_else(|| panic!("{findings:?}"));
    let calendar = everyday_calendar();
    let stage = Stage {
        pack: &pack,
        calendar: &calendar,
    };
    let script = Script::parse(script)?;
    let from = "2026-01-01T00:00:00Z".parse().unwrap();
    let (mut player, first) = Player::start(stage, from, script.opening.clone())?;
    let mut lines = vec![first];
    for step in &script.steps {
        lines.push(player.play(step)?);
    }
    Ok(lines)
}

/// `e` for an event, `+` for a pause.
fn script(steps: &str) -> String {
    let elements: Vec<String> = steps
        .split(';')
        .map(str::trim)
        .filter(|step| !step.is_empty())
        .map(|step| match step.strip_prefix('+') {
            Some(span) => format!(r#"{{"advance": "{}"}}"#, span.trim()),
            None => format!(r#"{{"event": "{step}"}}"#),
        })
        .collect();
    format!("[{}]", elements.join(","))
}

/// The leaves after each step; `!` before a step that was refused; children behind `/`.
fn told(lines: &[Line]) -> String {
    let one = |line: &Line| {
        let children: Vec<String> = line
            .children
            .iter()
            .map(|c| format!(" / {} {}", c.id, c.configuration.join(",")))
            .collect();
        let refused = if line.accepted { "" } else { "!" };
        format!("{refused}{}{}", line.configuration.join(","), children.concat())
    };
    lines.iter().map(one).collect::<Vec<_>>().join(" > ")
}

#[test]
fn charts_step_by_the_recommendation() {
    for (rule, chart, steps, expected) in [
        (
            "a region deeper in the tree preempts its parallel's own transition",
            "{type: parallel, on: {e: {to: out}}, states: {p: {states: {p1: {on: {e: {to: p2}}}, p2: {}}}, q: {states: {q1: {}, out: {}}}}}",
            "e; e",
            "p1,q1 > p2,q1 > p1,out",
        ),
        (
            "of two regions that conflict the first in document order wins",
            "{initial: par, states: {par: {type: parallel, states: {a: {states: {a1: {on: {e: {to: x}}}}}, b: {states: {b1: {on: {e: {to: y}}}}}}}, x: {}, y: {}}}",
            "e",
            "a1,b1 > x",
        ),
        (
            "regions that do not conflict move together",
            "{type: parallel, states: {a: {states: {a1: {on: {e: {to: a2}}}, a2: {}}}, b: {states: {b1: {on: {e: {to: b2}}}, b2: {}}}}}",
            "e; e",
            "a1,b1 > a2,b2 > !a2,b2",
        ),
        (
            "deep history in a parallel restores every region",
            "{initial: work, states: {work: {type: parallel, on: {stop: {to: off}}, states: {a: {states: {a1: {on: {e: {to: a2}}}, a2: {}}}, b: {states: {b1: {on: {f: {to: b2}}}, b2: {}}}, h: {type: history, deep: true, default: [a2, b1]}}}, off: {on: {back: {to: h}}}}}",
            "e; stop; back; f; stop; back",
            "a1,b1 > a2,b1 > off > a2,b1 > a2,b2 > off > a2,b2",
        ),
        (
            "a history that remembers nothing yet has its default",
            "{initial: off, states: {work: {type: parallel, states: {a: {states: {a1: {}, a2: {}}}, b: {states: {b1: {}, b2: {}}}, h: {type: history, deep: true, default: [a2, b2]}}}, off: {on: {back: {to: h}}}}}",
            "back",
            "off > a2,b2",
        ),
        (
            "shallow history restores the child and enters it anew",
            "{initial: s, states: {s: {initial: c, on: {out: {to: off}}, states: {c: {on: {n: {to: d}}}, d: {states: {d1: {on: {n: {to: d2}}}, d2: {}}}, h: {type: history, default: c}}}, off: {on: {back: {to: h}}}}}",
            "n; n; out; back",
            "c > d1 > d2 > off > d1",
        ),
        (
            "done.state of a parallel when every region is final, of a compound at once",
            "{initial: par, states: {par: {type: parallel, on: {done.state.a: {do: [{set: {first: 'true'}}]}, done.state.par: {to: all}}, states: {a: {states: {a1: {on: {e: {to: af}}}, af: {type: final}}}, b: {states: {b1: {on: {f: {to: bf}}}, bf: {type: final}}}}}, all: {}}}",
            "e; f",
            "a1,b1 > af,b1 > all",
        ),
        (
            "what is raised comes before what is sent, and eventless before both",
            "{initial: a, states: {a: {on: {e: {to: b, do: [{send: {event: s}}, {raise: r}]}}}, b: {always: {to: c}}, c: {on: {r: {to: d}, s: {to: wrong}}}, d: {on: {s: {to: f}}}, f: {}, wrong: {}}}",
            "e",
            "a > f",
        ),
        (
            "after counts from entry and stops on exit; coming back counts anew",
            "{states: {a: {after: {10 minutes: {to: late}}, on: {x: {to: b}}}, b: {on: {x: {to: a}}}, late: {}}}",
            "+9 minutes; x; +1 hour; x; +9 minutes; +1 minute",
            "a > a > b > b > a > a > late",
        ),
        (
            "a cancelled event never comes; one sent again under its id does",
            "{states: {a: {on: {arm: {do: [{send: {event: ring, after: PT1.5S, id: k}}]}, stop: {do: [{cancel: k}]}, ring: {to: b}}}, b: {}}}",
            "arm; stop; +2 seconds; arm; +PT1.499S; +PT0.001S",
            "a > a > a > a > a > a > b",
        ),
        (
            "delayed events come in order of their due time, then in the order sent",
            "{states: {a: {on: {go: {to: b, do: [{send: {event: z, after: 2 hours, id: i1}}, {send: {event: x, after: 1 hour, id: i2}}, {send: {event: y, after: 1 hour, id: i3}}]}}}, b: {on: {x: {to: c}}}, c: {on: {y: {to: d}}}, d: {on: {z: {to: e}}}, e: {}}}",
            "go; +3 hours",
            "a > b > e",
        ),
        (
            "an internal transition keeps its source, an external one leaves it",
            "{initial: s, states: {s: {exit: [{raise: left}], on: {in: {to: s2, internal: true}, ex: {to: s2}}, states: {s1: {}, s2: {on: {left: {to: s3}}}, s3: {}}}}}",
            "in; ex",
            "s1 > s2 > s3",
        ),
        (
            "a targetless transition leaves nothing and counts as taken",
            "{initial: s, states: {s: {exit: [{raise: left}], on: {e: {do: [{set: {n: '1'}}]}, left: {to: t}}}, t: {}}}",
            "e; f",
            "s > s > !s",
        ),
        (
            "a descriptor takes what begins with its parts; a star takes all; the first that matches wins",
            "{states: {a: {on: {x.y: {to: b}, '*': {to: c}}}, b: {on: {x: {to: a}}}, c: {on: {x.y.z: {to: a}}}}}",
            "x.y.z; x.yy; xx; x.y; x; x; x.y",
            "a > b > a > c > !c > !c > !c > !c",
        ),
        (
            "several targets enter several regions at once",
            "{initial: off, states: {off: {on: {e: {to: [a2, b2]}}}, par: {type: parallel, states: {a: {states: {a1: {}, a2: {}}}, b: {states: {b1: {}, b2: {}}}}}}}",
            "e",
            "off > a2,b2",
        ),
        (
            "candidates of one event are asked in the order written",
            "{states: {a: {entry: [{set: {n: '0'}}], on: {e: [{if: data.n > 0, to: b}, {if: data.n == 0, do: [{set: {n: data.n + 1}}]}]}}, b: {}}}",
            "e; e",
            "a > a > b",
        ),
        (
            "states may bear the names that look like values",
            "{initial: off, states: {off: {on: {on: {to: 1}}}, 1: {on: {yes: {to: no}}}, no: {}}}",
            "on; yes",
            "off > 1 > no",
        ),
    ] {
        let lines = play(chart, &script(steps)).unwrap_or_else(|e| panic!("{rule}: {e}"));
        assert_eq!(told(&lines), expected, "{rule}");
    }
}

#[test]
fn children_are_listed_apart_and_report_their_end() {
    let charts = "
charts:
  case:
    initial: open
    states:
      open:
        on:
          add: { do: [{ spawn: job, with: { size: \"=form.size\", kind: plain } }] }
          stop: { do: [{ tell: { to: job, event: halt } }] }
          done.job: [{ if: '!children(\"job\").exists(j, j.open)', to: all_done }, {}]
          job.big: { to: busy }
      busy: { on: { done.job: { to: open } } }
      all_done: { type: final }
  job:
    states:
      running:
        always: { if: data.size > 5, to: large, do: [{ tell: { to: parent, event: job.big } }] }
        on: { finish: { to: finished }, halt: { to: finished } }
      large: { on: { finish: { to: finished } } }
      finished: { type: final }
";
    let script = r#"[
        {"event": "add", "data": {"size": 1}},
        {"event": "add", "data": {"size": 9}},
        {"event": "finish"},
        {"event": "finish", "instance": "job-2"},
        {"event": "finish", "instance": "job-7"},
        {"event": "stop"}
    ]"#;
    let lines = play(charts, script).unwrap();
    assert_eq!(
        told(&lines),
        "open > open / job-1 running > busy / job-1 running / job-2 large > !busy / job-1 running / job-2 large > \
         open / job-1 running > !open / job-1 running > all_done"
    );
    assert!(lines.last().unwrap().done);
    assert_eq!(lines[1].children[0].chart, "job");
}

#[test]
fn what_is_refused_says_why_and_changes_nothing() {
    let chart = "{entry: [{set: {n: '1'}}], states: {a: {on: {e: {if: form.amount > 100, to: b}}, always: {if: 'data.n > 1', to: b}}, b: {}}}";
    let lines = play(
        chart,
        r#"[{"event": "e"}, {"event": "e", "data": {"amount": 7}}, {"event": "f"}, {"event": "e", "data": {"amount": 101, "by": "hand"}}]"#,
    )
    .unwrap();
    let reasons: Vec<_> = lines.iter().filter_map(|l| l.reason.clone()).collect();
    assert_eq!(
        reasons,
        [
            "the condition `form.amount > 100` could not be evaluated: No such key: amount",
            "`e` is not possible: the condition `form.amount > 100` does not hold",
            "`f` cannot be recorded now in `case`; possible: e",
        ]
    );
    assert_eq!(told(&lines), "a > !a > !a > !a > b");
    assert_eq!(
        serde_json::to_value(&lines[4].data).unwrap(),
        serde_json::json!({"n": 1, "amount": 101, "by": "hand"})
    );
    assert_eq!(lines[3].data.len(), 1, "what is refused is not kept");
}

#[test]
fn timers_fire_inside_an_advance_each_at_its_own_moment() {
    let chart = "{states: {a: {after: {36 hours: {to: b}}}, b: {after: {PT0.25S: {to: c}}}, c: {}}}";
    let lines = play(chart, &script("+3 days")).unwrap();
    let fired: Vec<_> = lines[1].fired.iter().map(|f| f.at.as_str()).collect();
    assert_eq!(fired, ["2026-01-02T12:00:00Z", "2026-01-02T12:00:00.250Z"]);
    assert_eq!(lines[1].at, "2026-01-04T00:00:00Z");
    assert_eq!(lines[1].configuration, ["c"]);
}

#[test]
fn a_timer_that_fails_is_told_and_does_not_stop_the_others() {
    let chart = "{states: {a: {on: {x: {if: data.nothing > 1, to: b}, y: {to: c}}, entry: [{send: {event: x, after: 1 hour}}, {send: {event: y, after: 2 hours}}]}, b: {}, c: {}}}";
    let lines = play(chart, &script("+1 day")).unwrap();
    assert_eq!(lines[1].configuration, ["c"]);
    assert!(lines[1].fired[0].fault.as_ref().unwrap().contains("No such key"));
    assert_eq!(lines[1].fired[1].fault, None);
}

#[test]
fn endless_charts_end_in_an_error() {
    for (chart, steps, says) in [
        (
            "{states: {a: {always: {to: b}}, b: {always: {to: a}}}}",
            "",
            "did not settle within 1000 microsteps",
        ),
        (
            "{states: {a: {on: {e: {do: [{send: {event: e}}]}}}}}",
            "e",
            "a delayed event sends itself again and again",
        ),
    ] {
        let error = play(chart, &script(steps)).unwrap_err().to_string();
        assert!(error.contains(says), "{chart}: {error}");
    }
    let lines = play(
        "{states: {a: {on: {go: {to: b}}}, b: {always: {to: c}}, c: {always: {to: b}}}}",
        &script("go"),
    )
    .unwrap();
    assert!(
        lines[1].reason.as_ref().unwrap().contains("did not settle"),
        "{:?}",
        lines[1].reason
    );
    assert_eq!(told(&lines), "a > !a");
}

#[test]
fn a_wrong_script_names_the_element() {
    for (script, says) in [
        ("{", "line 1 of the script: it is not JSON: "),
        ("{}", "the script: it is not a list; "),
        (
            r#"[{"advance": "1 day"}, 3]"#,
            "element 2 of the script: `3` is not an object; ",
        ),
        (
            r#"[{"event": 3}]"#,
            "element 1 of the script: `event` must be a text, not 3",
        ),
        (
            r#"[{"evnt": "e"}]"#,
            "element 1 of the script: the key `evnt` is not known; ",
        ),
        (
            r#"[{"data": {}}]"#,
            "element 1 of the script: it has neither `event` nor `advance`; ",
        ),
        (
            r#"[{"event": "e", "advance": "1 day"}]"#,
            "element 1 of the script: it has both ",
        ),
        (
            r#"[{"advance": "soon"}]"#,
            "element 1 of the script: the period \"soon\" cannot be read",
        ),
        (
            r#"[{"event": "e", "data": [1]}]"#,
            "element 1 of the script: the data must be an object",
        ),
        (
            r#"[{"event": "e"}, {"open": {}}]"#,
            "element 2 of the script: `open` stands alone",
        ),
    ] {
        let error = Script::parse(script).unwrap_err().to_string();
        assert!(error.starts_with(says), "{script}: {error}");
    }
}
