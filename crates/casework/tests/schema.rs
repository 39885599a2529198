//! The schemas for editors: what is shipped is right by them, what is written wrong is not.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use peshi_casework::pack::FileKind;
use serde_json::{Value, json};

struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn of(kind: FileKind) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let name = format!("file:///{}.json", kind.as_str());
        compiler.add_resource(&name, kind.schema().to_value()).unwrap();
        let index = compiler.compile(&name, &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn complaint(&self, text: &str) -> Option<String> {
        let value: Value = serde_saphyr::from_str(text).unwrap();
        let verdict = self.schemas.validate(&value, self.index);
        verdict.err().map(|error| error.to_string())
    }
}

fn workflows(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../workflows")
        .join(file);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn everything_shipped_is_right() {
    for (kind, file) in [
        (FileKind::Workflow, "workflow.yaml"),
        (FileKind::Forms, "forms.yaml"),
        (FileKind::Deadlines, "deadlines.yaml"),
    ] {
        let validator = Validator::of(kind);
        for pack in ["abduction", "road-traffic-fine"] {
            assert_eq!(
                validator.complaint(&workflows(&format!("{pack}/{file}"))),
                None,
                "{pack}/{file}"
            );
        }
    }
    let validator = Validator::of(FileKind::Calendar);
    for calendar in ["pk.yaml", "punjab.yaml", "italy.yaml"] {
        assert_eq!(
            validator.complaint(&workflows(&format!("calendars/{calendar}"))),
            None,
            "{calendar}"
        );
    }
}

#[test]
fn slips_of_the_pen_are_not() {
    let head = "workflow: x\nversion: 1\ntitle: { en: X }\ncalendar: pk\nroles: []\n";
    let state = |state: &str| format!("{head}charts: {{ case: {{ states: {{ a: {state} }} }} }}\n");
    let workflow = Validator::of(FileKind::Workflow);
    for right in [
        "{}",
        "{ waiting_on: us, on: { e: { to: [a, b] } } }",
        "{ on: { e: [{ to: a }, { do: [{ send: x, after: 2 days }] }] } }",
        "{ entry: [{ send: { event: x, after: 1 day } }, { spawn: c, with: { k: 1, l: [2] } }] }",
        "{ type: history, deep: true, default: b }",
    ] {
        assert_eq!(workflow.complaint(&state(right)), None, "{right}");
    }
    for wrong in [
        "{ waitingon: us }",
        "{ waiting_on: we }",
        "{ type: finl }",
        "{ on: { e: { too: a } } }",
        "{ on: { e: { to: 1 } } }",
        "{ entry: [{ sett: { a: b } }] }",
        "{ deep: maybe }",
    ] {
        assert!(workflow.complaint(&state(wrong)).is_some(), "{wrong}");
    }
    assert!(
        workflow.complaint("workflow: x\n").is_some(),
        "the head is not complete"
    );
    let field = |field: &str| format!("forms: {{ f: {{ fields: {{ x: {field} }} }} }}\n");
    let forms = Validator::of(FileKind::Forms);
    assert_eq!(forms.complaint(&field("{ type: yes_no, required: true }")), None);
    for wrong in [
        "{ type: yesno }",
        "{ required: true }",
        "{ type: text, sensitivity: secret }",
    ] {
        assert!(forms.complaint(&field(wrong)).is_some(), "{wrong}");
    }
    let deadlines = Validator::of(FileKind::Deadlines);
    let rule = |rule: &str| format!("deadlines: {{ d: {rule} }}\n");
    assert_eq!(
        deadlines.complaint(&rule("{ kind: internal, who: us, confidence: medium-high }")),
        None
    );
    for wrong in [
        "{ kind: law, who: us }",
        "{ kind: internal, who: me }",
        "{ kind: internal, who: us, confidence: sure }",
    ] {
        assert!(deadlines.complaint(&rule(wrong)).is_some(), "{wrong}");
    }
}

#[test]
fn editors_are_told_what_a_key_means() {
    let schema = FileKind::Workflow.schema().to_value();
    assert_eq!(
        schema["properties"]["opening"]["description"],
        json!("The form filled in when a case is opened.")
    );
    assert_eq!(schema["title"], json!("Peshi: workflow"));
    assert_eq!(schema["additionalProperties"], json!(false));
}
