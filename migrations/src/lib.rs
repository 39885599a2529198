//! The database schema, step by step: the list of migrations and the order in which they run.
//!
//! It does not know what any table is for, and it never runs by itself: the store opens a transaction, takes the
//! lock that keeps two processes from migrating at once, and hands the transaction to [`Migrator`].

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

mod m0001_foundation;
mod m0020_keys_and_names;
mod m0060_large_lists;

/// Every schema step, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_foundation::Migration),
            Box::new(m0020_keys_and_names::Migration),
            Box::new(m0060_large_lists::Migration),
        ]
    }
}
