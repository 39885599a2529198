//! The database schema, step by step: the list of migrations and the order in which they run.
//!
//! It does not know what any table is for, and it never runs by itself: the store opens a transaction, takes the
//! lock that keeps two processes from migrating at once, and hands the transaction to [`Migrator`].

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

mod m0001_foundation;
mod m0020_keys_and_names;
mod m0021_violations;
mod m0040_calendar_days;
mod m0060_large_lists;
mod m0080_documents;

/// Whether a program that does not have this step may go on working on the database after it: the step's name says so by its
/// end, because the name is all that such a program finds.
///
/// Such a step only adds: tables, columns that may be left out, indexes that refuse nothing. And what an older program
/// writes without them must be complete for the newer one. A test holds its first half against the schema; without the
/// mark a step stops every older program.
pub fn only_adds(step: &str) -> bool {
    step.ends_with("_expand")
}

/// Every schema step, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_foundation::Migration),
            Box::new(m0020_keys_and_names::Migration),
            Box::new(m0021_violations::Migration),
            Box::new(m0040_calendar_days::Migration),
            Box::new(m0060_large_lists::Migration),
            Box::new(m0080_documents::Migration),
        ]
    }
}
