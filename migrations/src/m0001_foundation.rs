//! Step 1: every table of the first release.
//!
//! Names are written as plain strings on purpose: a migration is frozen history and must not follow a later rename in
//! the code. Every table that belongs to a case leads its primary key with the case id, so a sharded PostgreSQL can
//! spread cases. Text columns on PostgreSQL are compared byte by byte (collation "C"), as SQLite does, so that both
//! databases sort alike whatever locale the cluster was made with.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_pk_auto, blob, boolean, date_null, integer, timestamp_with_time_zone as moment,
    timestamp_with_time_zone_null as moment_null, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

/// The first schema step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words(manager.get_database_backend());
        for table in case_tables(words)
            .into_iter()
            .chain(work_tables(words))
            .chain(people_tables(words))
            .chain(system_tables(words))
        {
            manager.create_table(table).await?;
        }
        for (name, table, columns, unique) in INDEXES {
            manager.create_index(index(name, table, columns, *unique)).await?;
        }
        Ok(())
    }

    /// All or nothing on SQLite too, where the library would otherwise run each statement on its own.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Makes text columns that sort alike on both databases.
#[derive(Clone, Copy)]
struct Words(DbBackend);

impl Words {
    fn maybe(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        column.text();
        if self.0 == DbBackend::Postgres {
            column.extra("COLLATE \"C\"");
        }
        column
    }

    fn one(self, name: &'static str) -> ColumnDef {
        self.maybe(name).not_null().take()
    }

    fn key(self, name: &'static str) -> ColumnDef {
        self.one(name).primary_key().take()
    }
}

fn uuid_key(name: &'static str) -> ColumnDef {
    uuid(name).primary_key().take()
}

/// `case_id` must name a row of `cases`.
fn of_case() -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.from_col("case_id").to("cases", "id");
    key
}

fn case_tables(words: Words) -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("packs")
            .col(words.key("hash"))
            .col(words.one("name"))
            .col(integer("version"))
            .col(words.one("content"))
            .col(moment("first_used_at"))
            .take(),
        Table::create()
            .table("cases")
            .col(uuid_key("id"))
            .col(words.one("reference"))
            .col(words.one("pack_name"))
            .col(integer("pack_version"))
            .col(words.one("pack_hash"))
            .col(big_integer("version"))
            .col(blob("head"))
            .col(moment("opened_at"))
            .col(boolean("closed"))
            .col(words.maybe("waiting_on"))
            .col(moment_null("waiting_since"))
            .col(moment_null("stalled_at"))
            .col(moment_null("next_court_at"))
            .col(moment_null("next_deadline_at"))
            .col(moment_null("overdue_since"))
            .col(moment_null("blind_since"))
            .col(moment("last_event_at"))
            .col(words.maybe("public_status"))
            .col(blob("state"))
            .col(words.maybe("external_key"))
            .take(),
        Table::create()
            .table("case_keys")
            .col(uuid_key("case_id"))
            .col(blob("wrapped"))
            .foreign_key(&mut of_case())
            .take(),
        Table::create()
            .table("journal")
            .col(uuid("case_id"))
            .col(big_integer("seq"))
            .col(moment("recorded_at"))
            .col(moment("occurred_at"))
            .col(words.one("actor"))
            .col(words.maybe("instance"))
            .col(words.one("kind"))
            .col(blob("payload"))
            .col(blob("prev_hash"))
            .col(blob("hash"))
            .primary_key(Index::create().col("case_id").col("seq"))
            .foreign_key(&mut of_case())
            .take(),
        Table::create()
            .table("case_team")
            .col(uuid("case_id"))
            .col(uuid("account_id"))
            .col(words.one("role"))
            .col(moment("since"))
            .primary_key(Index::create().col("case_id").col("account_id"))
            .foreign_key(&mut of_case())
            .take(),
        Table::create()
            .table("agenda")
            .col(uuid("case_id"))
            .col(words.one("item"))
            .col(words.one("kind"))
            .col(words.one("rule"))
            .col(words.maybe("instance"))
            .col(moment_null("due_at"))
            .col(date_null("last_day"))
            .col(words.one("state"))
            .col(words.maybe("legal_kind"))
            .col(uuid_null("account_id"))
            .primary_key(Index::create().col("case_id").col("item"))
            .foreign_key(&mut of_case())
            .take(),
    ]
}

/// Jobs name their case without a foreign key: the queue is the hottest table, and a job of a schedule has no case.
fn work_tables(words: Words) -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("jobs")
            .col(words.key("id"))
            .col(uuid_null("case_id"))
            .col(words.one("kind"))
            .col(moment("due_at"))
            .col(words.one("state"))
            .col(integer("attempt"))
            .col(integer("deferrals"))
            .col(moment_null("lease_until"))
            .col(words.maybe("worker"))
            .col(words.maybe("message_kind"))
            .col(uuid_null("account_id"))
            .col(words.maybe("person_id"))
            .col(words.maybe("about"))
            .col(words.one("payload"))
            .col(words.maybe("result"))
            .col(words.maybe("reason"))
            .col(moment("created_at"))
            .col(moment_null("settled_at"))
            .col(moment_null("useful_until"))
            .col(words.maybe("trace"))
            .take(),
        Table::create()
            .table("schedules")
            .col(words.key("name"))
            .col(words.one("line"))
            .col(words.one("zone"))
            .col(moment("planned_until"))
            .take(),
        Table::create()
            .table("heartbeats")
            .col(words.key("worker"))
            .col(moment("at"))
            .col(words.one("detail"))
            .take(),
    ]
}

fn people_tables(words: Words) -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("accounts")
            .col(uuid_key("id"))
            .col(words.one("login_index"))
            .col(blob("profile"))
            .col(words.one("role"))
            .col(words.one("language"))
            .col(words.one("password_hash"))
            .col(boolean("active"))
            .col(words.one("digest"))
            .col(moment("created_at"))
            .col(integer("failed_logins"))
            .col(moment_null("locked_until"))
            .take(),
        Table::create()
            .table("permissions")
            .col(uuid_key("id"))
            .col(uuid("account_id"))
            .col(words.one("channel"))
            .col(words.one("language"))
            .col(integer("level"))
            .col(moment("granted_at"))
            .col(moment("expires_at"))
            .col(moment_null("revoked_at"))
            .col(words.one("granted_by"))
            .foreign_key(ForeignKey::create().from_col("account_id").to("accounts", "id"))
            .take(),
        Table::create()
            .table("sessions")
            .col(words.key("id"))
            .col(uuid_null("account_id"))
            .col(words.one("data"))
            .col(moment("expires_at"))
            .col(moment("created_at"))
            .take(),
    ]
}

fn system_tables(words: Words) -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("audit")
            .col(big_pk_auto("id"))
            .col(moment("at"))
            .col(words.one("actor"))
            .col(words.one("action"))
            .col(words.one("resource"))
            .col(words.maybe("detail"))
            .take(),
        Table::create()
            .table("counters")
            .col(words.key("name"))
            .col(big_integer("value"))
            .take(),
    ]
}

/// Name, table, columns, unique. The store turns the unique ones' names back into columns for its messages.
const INDEXES: &[(&str, &str, &[&str], bool)] = &[
    ("cases_reference", "cases", &["reference"], true),
    (
        "cases_external_key",
        "cases",
        &["pack_name", "external_key"],
        true,
    ),
    ("cases_open", "cases", &["closed", "reference"], false),
    ("cases_stalled", "cases", &["closed", "stalled_at"], false),
    ("cases_court", "cases", &["closed", "next_court_at"], false),
    ("cases_overdue", "cases", &["closed", "overdue_since"], false),
    ("cases_blind", "cases", &["closed", "blind_since"], false),
    ("cases_last_event", "cases", &["closed", "last_event_at"], false),
    ("case_team_account", "case_team", &["account_id"], false),
    ("agenda_due", "agenda", &["state", "due_at"], false),
    ("agenda_kind_due", "agenda", &["state", "kind", "due_at"], false),
    ("jobs_due", "jobs", &["state", "due_at"], false),
    ("jobs_lease", "jobs", &["state", "lease_until"], false),
    ("jobs_created", "jobs", &["created_at", "id"], false),
    ("jobs_case", "jobs", &["case_id", "created_at"], false),
    ("jobs_account", "jobs", &["account_id", "created_at"], false),
    ("jobs_kind", "jobs", &["kind", "created_at"], false),
    ("accounts_login", "accounts", &["login_index"], true),
    ("permissions_account", "permissions", &["account_id"], false),
    ("sessions_account", "sessions", &["account_id"], false),
    ("sessions_expiry", "sessions", &["expires_at"], false),
];

fn index(
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
    unique: bool,
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    index.take()
}
