//! Out and in again gives the same chart; what cannot come in is refused by name.

use std::fmt::Write;

use peshi_casework::pack::{ChartSpec, Pack, PackFiles, load, load_loose};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Imported, export, import, yaml};
use crate::samples::{charts, pack, shipped};

/// Everything that decides how a chart behaves, as text.
fn tables(spec: &ChartSpec) -> String {
    let mut out = String::new();
    for state in spec.chart.states() {
        let initial: Vec<&str> = state.initial().collect();
        let _ = writeln!(
            out,
            "{:?} {} in {:?} initial {initial:?}\n  entry {:?}\n  exit {:?}\n  default {:?}\n  means {:?}",
            state.kind(),
            state.id(),
            state.parent(),
            state.entry(),
            state.exit(),
            state.default_actions(),
            spec.states.get(state.id()),
        );
        for t in state.transitions() {
            let _ = writeln!(
                out,
                "  {:?} {:?} -> {:?} internal {} {:?}",
                t.events(),
                t.guard(),
                t.targets(),
                t.internal(),
                t.actions()
            );
        }
    }
    out
}

fn again(spec: &ChartSpec) -> Imported {
    let document = export(spec);
    import(&document, spec.chart.name()).unwrap_or_else(|refused| panic!("{refused:#?}\n{document}"))
}

#[test]
fn shipped_charts_come_back_the_same() {
    for (name, files) in shipped() {
        let (before, _) = load(&files);
        let before = before.unwrap();
        let workflow = &files["workflow.yaml"];
        let head = &workflow[..workflow.find("charts:").unwrap()];
        let charts: String = before.charts.values().map(|spec| again(spec).chart).collect();
        let mut files = files.clone();
        files.insert("workflow.yaml".to_owned(), format!("{head}charts:\n{charts}"));
        let (after, findings) = load(&files);
        let after: Pack = after.unwrap_or_else(|| panic!("{name}: {findings:#?}"));
        for (chart, spec) in &before.charts {
            assert_eq!(tables(spec), tables(&after.charts[chart]), "{name}: {chart}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn random_charts_come_back_the_same(chart in charts()) {
        let before = pack(&chart);
        let spec = &before.charts["case"];
        let imported = again(spec);
        let files = PackFiles::from([
            ("workflow.yaml".to_owned(), imported.workflow.clone()),
            ("locales/en.ftl".to_owned(), String::new()),
            ("locales/ur.ftl".to_owned(), String::new()),
        ]);
        let (after, findings) = load_loose(&files, None);
        let after = after.unwrap_or_else(|| panic!("{findings:#?}\n{}", imported.workflow));
        prop_assert_eq!(tables(spec), tables(&after.charts["case"]));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(<|>|/|&|=|'|\"|scxml|state|id|transition|event|target|initial|history|parallel|cond|In\\(|[a-z ]|\n){0,60}") {
        let _ = import(&text, "case");
    }
}

#[test]
fn an_export_is_scxml_with_ours_in_a_namespace_of_its_own() {
    let chart = json!({
        "initial": "a",
        "states": {
            "a": {
                "waiting_on": "court",
                "on": { "go": { "to": "b", "if": "data.x == \"<&>\"", "do": [
                    { "raise": "went" },
                    { "set": { "x": "1", "y": "data.x" } },
                    { "send": { "event": "late", "after": "3 working days", "id": "clock" } },
                ] } },
                "exit": [{ "cancel": "clock" }],
            },
            "b": { "type": "final" },
        },
    });
    insta::assert_snapshot!(export(&pack(&chart).charts["case"]), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!-- Conditions and values are CEL; peshi: says what SCXML has no word for. -->
    <scxml xmlns="http://www.w3.org/2005/07/scxml" xmlns:peshi="urn:peshi:chart:1" version="1.0" datamodel="cel" name="case" initial="case">
      <state id="case" initial="a">
        <state id="a" peshi:waiting-on="court">
          <onexit>
            <cancel sendid="clock"/>
          </onexit>
          <transition event="go" cond="data.x == &quot;&lt;&amp;&gt;&quot;" target="b">
            <raise event="went"/>
            <peshi:set>
              <assign location="data.x" expr="1"/>
              <assign location="data.y" expr="data.x"/>
            </peshi:set>
            <send event="late" id="clock" delay="259200s" peshi:after="3 working days"/>
          </transition>
        </state>
        <final id="b">
        </final>
      </state>
    </scxml>
    "#);
}

/// A document in the manner of other programs.
const FOREIGN: &str = r##"<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" initial="Idle" datamodel="ecmascript">
  <state id="Idle">
    <onentry><log expr="'idle'"/><send event="tick" delay="1.5s" id="t1"/></onentry>
    <onexit><cancel sendid="t1"/></onexit>
    <transition event="go tick" target="Work.A Work.B"/>
    <transition event="look" cond="In('Idle') &amp;&amp; data.text == &quot;In('Idle')&quot;"/>
  </state>
  <parallel id="Work">
    <state id="left"><initial><transition target="Work.A"/></initial>
      <state id="left0"/>
      <state id="Work.A"><transition event="up" target="left0"/></state>
      <history id="h" type="deep"><transition target="Work.A"/></history>
    </state>
    <state id="right">
      <state id="Work.B"><transition event="x"><send event="y" target="#_internal"/></transition></state>
      <state><transition event="done.state.Work" target="Work.B"/></state>
    </state>
    <transition event="halt" target="End" type="internal"/>
  </parallel>
  <final id="End"/>
</scxml>"##;

#[test]
fn a_foreign_chart_comes_in_with_ids_mapped() {
    let imported = import(FOREIGN, "case").unwrap();
    insta::assert_snapshot!(imported.chart, @r#"
      case:
        initial: idle
        states:
          idle:
            entry: [{ send: { event: tick, after: 1500 milliseconds, id: t1 } }]
            exit: [{ cancel: t1 }]
            on:
              go: { to: [work_a, work_b] }
              tick: { to: [work_a, work_b] }
              look: { if: "in_state(\"idle\") && data.text == \"In('Idle')\"" }
          work:
            type: parallel
            on:
              halt: { to: end, internal: true }
            states:
              left:
                initial: work_a
                states:
                  left0: {}
                  work_a:
                    on:
                      up: { to: left0 }
                  h: { type: history, deep: true, default: work_a }
              right:
                states:
                  work_b:
                    on:
                      x: { do: [{ raise: 'y' }] }
                  unnamed_1:
                    on:
                      done.state.work: { to: work_b }
          end: { type: final }
    "#);
    assert_eq!(
        imported.notes,
        [
            "<log> was left out: a case's journal tells what happened",
            "a state without an id is now `unnamed_1`; give it a name that people understand",
            "the state `End` is now `end`",
            "the state `Idle` is now `idle`",
            "the state `Work.A` is now `work_a`",
            "the state `Work.B` is now `work_b`",
            "the state `Work` is now `work`",
        ]
    );
}

#[test]
fn what_cannot_come_in_is_refused_by_name_and_place() {
    let document = r#"<scxml xmlns="http://www.w3.org/2005/07/scxml" xmlns:qt="http://www.qt.io/x" initial="a">
<datamodel><data id="n" expr="0"/><data id="m"/></datamodel>
<script>var x = 1;</script>
<state id="a">
<invoke src="other.scxml"/>
<onentry><if cond="true"><raise event="e"/><raise event="f"/></if><foreach item="i" array="xs"/></onentry>
<transition event="e" cond="x === 1" target="b"/>
<transition event="f" cond="_event.data.sum &gt; 1" target="gone"/>
<transition event="g" cond="In(where)"/>
<transition event="h"><send event="e" target="http://example.org/"/><send eventexpr="e"/><send event="e" delay="soon"/></transition>
<transition event="i"><send event="e"><param name="p" expr="1"/></send></transition>
<qt:editorinfo geometry="1"/>
</state>
<state id="a"/>
<state id="b"><donedata><content expr="1"/></donedata></state>
</scxml>"#;
    let refused = import(document, "case").unwrap_err();
    let told: Vec<String> = refused
        .iter()
        .map(|r| {
            format!(
                "{}:{} {}",
                r.line,
                r.column,
                r.message.lines().next().unwrap_or_default()
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    2:35 <data> without both `id` and `expr`
    3:1 <script> has no place in a chart of ours
    5:1 <invoke> has no place in a chart of ours
    6:10 <if> with other than one action
    6:67 <foreach> has no place in a chart of ours
    7:1 the condition cannot be read: `=` alone means nothing here
    8:1 there is no state with the id `gone`
    8:1 the condition uses the unknown name `_event`
    9:1 `In(where)` in `In(where)`
    10:23 <send> to `http://example.org/`
    10:69 <send> with a computed `event`
    10:90 `soon` is no delay
    11:39 <param> has no place in a chart of ours
    12:1 <editorinfo> has no place in a chart of ours
    14:1 the id `a` stands twice
    15:15 <donedata> has no place in a chart of ours
    ");
    assert!(refused.iter().all(|r| !r.help.is_empty()));
}

/// Transitions for one event keep their order even where another that answers to it stands between.
#[test]
fn order_among_overlapping_events_is_kept() {
    let document = r#"<scxml xmlns="http://www.w3.org/2005/07/scxml"><state id="s">
        <transition event="a" cond="data.x == 1" target="t"/>
        <transition event="*" cond="data.x == 2" target="t"/>
        <transition event="a" target="u"/>
        <transition event="b" target="u"/>
        </state><state id="t"/><state id="u"/></scxml>"#;
    let imported = import(document, "case").unwrap();
    let files = PackFiles::from([
        ("workflow.yaml".to_owned(), imported.workflow),
        ("locales/en.ftl".to_owned(), String::new()),
        ("locales/ur.ftl".to_owned(), String::new()),
    ]);
    let pack = load_loose(&files, None).0.unwrap();
    let chart = &pack.charts["case"].chart;
    let s = chart.state("s").unwrap();
    let answers: Vec<&str> = chart
        .transitions_of(s)
        .iter()
        .filter(|t| t.matches("a"))
        .map(|t| t.targets()[0].as_str())
        .collect();
    assert_eq!(answers, ["t", "t", "u"]);
}

#[test]
fn a_child_chart_keeps_its_name() {
    let chart = json!({ "states": { "a": { "on": { "go": { "to": "b" } } }, "b": { "type": "final" } } });
    let charts: Map<String, Value> = [
        ("case".to_owned(), json!({ "states": { "x": {} } })),
        ("hearing".to_owned(), chart),
    ]
    .into_iter()
    .collect();
    let pack = crate::samples::pack_of(&yaml::block(&charts, 1));
    let imported = again(&pack.charts["hearing"]);
    assert!(imported.chart.starts_with("  hearing:\n"), "{}", imported.chart);
}
