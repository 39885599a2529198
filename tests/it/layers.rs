//! The map of the house against the house: which crate may use which, and which library has one room.
//!
//! Three things must say the same: the tables below, the tables in ARCHITECTURE.md and what cargo knows. A new arrow is a
//! decision, so it is written in all three places or the test fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Layer, crate, and the crates it uses. Each uses only crates above it in this list.
const MAP: [(&str, &str, &[&str]); 20] = [
    ("L0", "statechart", &[]),
    ("L0", "calendar", &[]),
    ("L1", "casework", &["statechart", "calendar"]),
    ("L1", "vault", &[]),
    ("L2", "migrations", &[]),
    ("L2", "store", &["migrations"]),
    ("L2", "templates", &[]),
    ("L2", "delivery", &[]),
    ("L2", "diagram", &["statechart", "calendar", "casework"]),
    (
        "L3",
        "service",
        &["statechart", "calendar", "casework", "vault", "store"],
    ),
    (
        "L3",
        "scheduler",
        &[
            "calendar",
            "casework",
            "store",
            "templates",
            "delivery",
            "service",
        ],
    ),
    ("L3", "rehearsal", &["statechart", "calendar", "casework"]),
    ("L3", "import", &["casework", "store", "service"]),
    ("L4", "web", &["casework", "templates", "diagram", "service"]),
    ("L4", "demo", &["casework", "service", "scheduler"]),
    (
        "L5",
        "cli",
        &[
            "calendar",
            "casework",
            "vault",
            "store",
            "templates",
            "delivery",
            "diagram",
            "service",
            "scheduler",
            "rehearsal",
            "import",
            "web",
            "demo",
        ],
    ),
    (
        "beside",
        "test-support",
        &["vault", "store", "templates", "delivery", "service", "scheduler"],
    ),
    (
        "beside",
        "bench",
        &[
            "statechart",
            "calendar",
            "casework",
            "store",
            "service",
            "scheduler",
            "test-support",
        ],
    ),
    ("beside", "tests", &[]),
    ("beside", "xtask", &[]),
];

/// Libraries, and the only crates that may name them.
const ROOMS: [(&str, &[&str]); 18] = [
    ("sea-orm", &["store"]),
    ("sea-orm-migration", &["migrations"]),
    ("sqlx", &["store", "test-support", "bench"]),
    ("tera", &["templates"]),
    ("fluent-bundle", &["templates"]),
    ("lettre", &["delivery"]),
    ("axum", &["web"]),
    ("tower-http", &["web"]),
    ("clap", &["cli", "bench"]),
    ("cel", &["casework"]),
    ("cron", &["calendar"]),
    ("dagre", &["diagram"]),
    ("quick-xml", &["diagram"]),
    ("prometheus-client", &["service"]),
    ("infer", &["service"]),
    ("chacha20poly1305", &["vault"]),
    ("argon2", &["vault"]),
    ("rand", &["cli", "rehearsal", "demo", "test-support"]),
];

/// The layers of rules know no runtime.
const NO_RUNTIME: [&str; 4] = ["statechart", "calendar", "casework", "vault"];

/// Crate → what it depends on.
type Edges = BTreeMap<String, BTreeSet<String>>;

fn house(name: &str) -> String {
    name.strip_prefix("peshi-").unwrap_or(name).to_owned()
}

fn packages() -> Vec<Package> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .expect("cargo knows the workspace");
    metadata.packages
}

/// What each package needs to be built; what it needs to be tested is its own affair.
fn edges(packages: &[Package], which: impl Fn(&str) -> bool) -> Edges {
    packages
        .iter()
        .map(|package| {
            let needs = package
                .dependencies
                .iter()
                .filter(|d| d.kind != DependencyKind::Development);
            let needs = needs
                .map(|d| d.name.as_str())
                .filter(|name| which(name))
                .map(house)
                .collect();
            (house(&package.name), needs)
        })
        .collect()
}

fn map() -> Edges {
    MAP.iter()
        .map(|(_, name, uses)| ((*name).to_owned(), uses.iter().map(|u| (*u).to_owned()).collect()))
        .collect()
}

fn rooms() -> Edges {
    ROOMS
        .iter()
        .map(|(name, rooms)| {
            (
                (*name).to_owned(),
                rooms.iter().map(|r| (*r).to_owned()).collect(),
            )
        })
        .collect()
}

/// Where two accounts of the same edges differ, in words.
fn differences(said: &Edges, by: &str, found: &Edges, there: &str) -> Vec<String> {
    let none = BTreeSet::new();
    let names: BTreeSet<&String> = said.keys().chain(found.keys()).collect();
    let mut out = Vec::new();
    for name in names {
        if !said.contains_key(name) {
            out.push(format!(
                "`{name}` is in {there} and not in {by}; add it with its duty"
            ));
        }
        if !found.contains_key(name) {
            out.push(format!("`{name}` is in {by} and not in {there}; take it out"));
        }
        let (said, found) = (said.get(name).unwrap_or(&none), found.get(name).unwrap_or(&none));
        for extra in found.difference(said) {
            out.push(format!(
                "`{name}` → `{extra}` is in {there}, and {by} does not allow it; remove the arrow"
            ));
        }
        for unused in said.difference(found) {
            out.push(format!(
                "`{name}` → `{unused}` is in {by}, and {there} has no such arrow; take it out"
            ));
        }
    }
    out
}

/// The rows of the table in a document whose header begins with `header`: each a list of cells.
fn table(document: &str, header: &str) -> Vec<Vec<String>> {
    document
        .lines()
        .skip_while(|line| !line.starts_with(header))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

/// The names in `code` of a cell.
fn named(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn architecture() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md");
    std::fs::read_to_string(path).expect("ARCHITECTURE.md is there")
}

fn documented(document: &str, header: &str, name: usize, uses: usize) -> Edges {
    table(document, header)
        .iter()
        .map(|row| {
            let key = named(&row[name])
                .into_iter()
                .next()
                .expect("the row names something in `code`");
            (key, row.get(uses).map(|cell| named(cell)).unwrap_or_default())
        })
        .collect()
}

fn failing_on(differences: &[String]) {
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

#[test]
fn crates_use_what_the_map_allows_and_nothing_else() {
    let found = edges(&packages(), |name| name.starts_with("peshi-"));
    failing_on(&differences(&map(), "tests/it/layers.rs", &found, "Cargo.toml"));
}

#[test]
fn the_document_shows_the_same_map() {
    let document = architecture();
    let shown = documented(&document, "| layer | crate |", 1, 4);
    failing_on(&differences(
        &map(),
        "tests/it/layers.rs",
        &shown,
        "ARCHITECTURE.md",
    ));
    let layers: Vec<String> = table(&document, "| layer | crate |")
        .iter()
        .map(|row| row[0].clone())
        .collect();
    let expected: Vec<&str> = MAP.iter().map(|(layer, _, _)| *layer).collect();
    assert_eq!(
        layers, expected,
        "the rows of ARCHITECTURE.md stand in the order of tests/it/layers.rs"
    );
    let shown = documented(&document, "| library | rooms |", 0, 1);
    failing_on(&differences(
        &rooms(),
        "tests/it/layers.rs",
        &shown,
        "ARCHITECTURE.md",
    ));
}

#[test]
fn arrows_go_down() {
    failing_on(&upward(&MAP));
}

fn upward(map: &[(&str, &str, &[&str])]) -> Vec<String> {
    let mut above: Vec<&str> = Vec::new();
    let mut out = Vec::new();
    let mut last = "";
    for (layer, name, uses) in map {
        if *layer < last {
            out.push(format!(
                "`{name}` in {layer} stands after {last}; sort the map from the ground up"
            ));
        }
        for used in *uses {
            if !above.contains(used) {
                out.push(format!(
                    "`{name}` uses `{used}`, which does not lie below it; turn the arrow round"
                ));
            }
        }
        last = layer;
        above.push(name);
    }
    out
}

#[test]
fn nothing_but_tests_is_built_on_what_stands_beside() {
    for (_, name, uses) in MAP.iter().filter(|(layer, _, _)| *layer != "beside") {
        assert!(
            !uses.contains(&"test-support"),
            "`{name}` must not be built on test-support"
        );
    }
}

#[test]
fn libraries_stay_in_their_rooms() {
    let packages = packages();
    failing_on(&strays(&edges(&packages, |_| true)));
}

fn strays(found: &Edges) -> Vec<String> {
    let mut out = Vec::new();
    for (name, needs) in found {
        for (library, rooms) in ROOMS {
            if needs.contains(library) && !rooms.contains(&name.as_str()) {
                out.push(format!(
                    "`{name}` names {library}, which only {} may; ask that room",
                    rooms.join(", ")
                ));
            }
        }
        if NO_RUNTIME.contains(&name.as_str()) && needs.contains("tokio") {
            out.push(format!(
                "`{name}` names tokio; rules are pure and know no runtime"
            ));
        }
    }
    out
}

// ---- that the checks can fail ----------------------------------------------------------------------------------------

fn sample(edges: &[(&str, &[&str])]) -> Edges {
    edges
        .iter()
        .map(|(name, uses)| ((*name).to_owned(), uses.iter().map(|u| (*u).to_owned()).collect()))
        .collect()
}

#[test]
fn a_new_arrow_a_lost_arrow_and_a_new_crate_are_caught() {
    let said = sample(&[("store", &["migrations"]), ("migrations", &[])]);
    assert_eq!(differences(&said, "map", &said, "house"), Vec::<String>::new());
    let found = sample(&[("store", &["service"]), ("service", &[])]);
    let lines = differences(&said, "map", &found, "house").join("\n");
    for part in [
        "`store` → `service` is in house, and map does not allow it",
        "`store` → `migrations` is in map, and house has no such arrow",
        "`service` is in house and not in map",
        "`migrations` is in map and not in house",
    ] {
        assert!(lines.contains(part), "{part} is missing in:\n{lines}");
    }
}

#[test]
fn an_upward_arrow_is_caught() {
    let wrong: [(&str, &str, &[&str]); 2] = [("L1", "casework", &["store"]), ("L0", "calendar", &[])];
    let lines = upward(&wrong);
    assert!(
        lines[0].contains("`casework` uses `store`") && lines[1].contains("stands after L1"),
        "{lines:?}"
    );
}

#[test]
fn a_stray_library_is_caught() {
    let lines = strays(&sample(&[
        ("web", &["axum", "lettre"]),
        ("casework", &["tokio", "cel"]),
    ]));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].contains("casework") && lines[1].contains("`web` names lettre, which only delivery may")
    );
}

#[test]
fn tables_are_read_from_markdown() {
    let document =
        "# A\n\n| layer | crate | uses |\n|---|---|---|\n| L0 | `a` | — |\n| L1 | `b` | `a`, `c` |\n\ntext";
    let read = documented(document, "| layer | crate |", 1, 2);
    assert_eq!(read, sample(&[("a", &[]), ("b", &["a", "c"])]));
}
