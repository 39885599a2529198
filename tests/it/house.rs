//! The one path of the house, on both databases: from a refusal recorded at the desk to the mail that leaves, and what
//! becomes of everything in between when people move, leave, look, or when the machine was off.

mod access;
mod backup;
mod clocks;
mod days;
mod desk;
mod digests;
mod documents;
mod export;
mod fair;
mod families;
mod group;
mod history;
mod keys;
mod lost;
mod outage;
mod path;
mod register;
mod schedules;
mod versions;
mod wire;

/// Each function once on SQLite and once on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let kind = peshi_test_support::DatabaseKind::Sqlite;
                crate::house::desk::with_desk(kind, super::$name).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let kind = peshi_test_support::DatabaseKind::Postgres;
                crate::house::desk::with_desk(kind, super::$name).await;
            })+
        }
    };
}
use on_both;
