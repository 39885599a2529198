//! Versions side by side: several processes found a house at once, a newer version changes the schema while others work,
//! and a version that no longer fits says so instead of working on.

use peshi_test_support::{Database, DatabaseKind};

use super::desk::{Desk, Kind, beside, rows};
use super::people::{Bases, Tally};
use crate::crash::{LOGIN, ok};

/// What a newer version's additive step does, and its mark.
const ADDITION: [&str; 5] = [
    "ALTER TABLE cases ADD COLUMN invented text COLLATE \"C\"",
    "ALTER TABLE jobs ADD COLUMN invented bigint NOT NULL DEFAULT 0",
    "CREATE TABLE invented (case_id uuid PRIMARY KEY REFERENCES cases (id))",
    "CREATE INDEX invented_jobs ON jobs (invented)",
    "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9001_invented_expand', 0)",
];
const BREAKING: &str = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9002_invented', 0)";

fn on_postgres(story: impl FnOnce(&str)) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let folder = tempfile::tempdir().expect("a folder");
    let database = runtime.block_on(Database::fresh(DatabaseKind::Postgres, folder.path()));
    story(&database.url);
    runtime.block_on(database.remove());
}

fn refused(desk: &Desk, args: &[&str]) -> String {
    let output = desk.peshi(args).output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    let words = String::from_utf8_lossy(&output.stderr);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn three_nodes_found_a_house_at_once() {
    on_postgres(|url| {
        let mut desk = Desk::bare(url, &[Kind::Serve, Kind::Serve, Kind::Work]);
        desk.start(&[0, 1, 2], &Bases::default());
        assert!(ok(desk.peshi(&["verify"])).contains("every chain holds"));
        assert_eq!(
            rows(url, "SELECT state FROM organisation_keys"),
            ["current"],
            "they agree on one key"
        );
    });
}

#[test]
fn a_newer_version_adds_to_the_schema_while_this_one_works() {
    on_postgres(|url| {
        let mut desk = Desk::new(url, &[Kind::Serve, Kind::Serve, Kind::Work]);
        let (bases, tally) = (Bases::default(), Tally::default());
        desk.start(&[0, 1, 2], &bases);
        desk.under_load(&bases, &tally, |desk, progress| {
            progress.wait(10);
            // As `Store::migrate` does it: all in one transaction, under the lock.
            rows(url, &format!("DO $$ BEGIN {}; END $$", ADDITION.join(";")));
            progress.wait(10);
            // A node of the older version that starts afterwards, with the same look at the schema as `migrate`.
            desk.kill(&[0], &bases);
            desk.bury(url);
            desk.start(&[0], &bases);
            assert!(ok(desk.peshi(&["migrate"])).contains("up to date"));
            progress.wait(10);
        });
        desk.settle(url);
        desk.check(url, &tally);
        let doctor = desk.peshi(&["doctor"]).output().expect("the binary starts");
        let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(
            said.contains("a newer version has added m9001_invented_expand"),
            "{said}"
        );
        // What must know every table is left to the newer version.
        let file = beside(&desk, "backup");
        let words = refused(&desk, &["backup", file.to_str().expect("the path is text")]);
        assert!(
            words.contains("m9001_invented_expand") && words.contains("newest version"),
            "{words}"
        );
        // And a step that does not only add stops this version with words.
        rows(url, BREAKING);
        for args in [
            &["case", "list", "--as", LOGIN] as &[&str],
            &["serve", "--listen", "127.0.0.1:0"],
            &["work"],
            &["migrate"],
        ] {
            let words = refused(&desk, args);
            assert!(
                words.contains("newer version of Peshi") && words.contains("m9002_invented"),
                "{args:?}: {words}"
            );
        }
    });
}

#[test]
fn a_step_that_does_not_only_add_waits_for_an_operator() {
    on_postgres(|url| {
        let desk = Desk::new(url, &[]);
        // The database of the release before the step.
        for statement in [
            "DROP TABLE name_tokens, organisation_keys",
            "DELETE FROM seaql_migrations WHERE version = 'm0020_keys_and_names'",
        ] {
            rows(url, statement);
        }
        for args in [&["serve", "--listen", "127.0.0.1:0"] as &[&str], &["work"]] {
            let words = refused(&desk, args);
            assert!(words.contains("Stop every node, run `peshi migrate`"), "{words}");
        }
        assert!(rows(url, "SELECT 'there' WHERE to_regclass('name_tokens') IS NOT NULL").is_empty());
        // Somebody still works.
        rows(
            url,
            "INSERT INTO heartbeats (worker, at, detail) VALUES ('an-older-node', now(), 'tick')",
        );
        let words = refused(&desk, &["migrate"]);
        assert!(
            words.contains("an-older-node") && words.contains("Stop them"),
            "{words}"
        );
        rows(url, "UPDATE heartbeats SET at = now() - interval '2 minutes'");
        // Two operators at once: the lock lets one do it, and the other finds it done.
        let migrate = || {
            desk.peshi(&["migrate"])
                .stdout(std::process::Stdio::piped())
                .spawn()
        };
        let both = [migrate(), migrate()].map(|child| child.expect("the binary starts"));
        let mut said = both.map(|child| {
            let output = child.wait_with_output().expect("it ends");
            assert!(output.status.success());
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        });
        said.sort();
        assert_eq!(
            said,
            ["The database is up to date.", "applied m0020_keys_and_names"]
        );
        ok(desk.peshi(&["case", "list", "--as", LOGIN]));
    });
}
