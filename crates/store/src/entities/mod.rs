//! The tables as the ORM sees them: one file a table, with the way from row to table and back.
//!
//! Private to the store: no entity leaves this crate, and no entity knows a query.

#![expect(
    unreachable_pub,
    reason = "the ORM's derives need public types; the module itself is private"
)]

pub mod account;
pub mod agenda;
pub mod audit;
pub mod calendar_day;
pub mod case;
pub mod case_key;
pub mod counter;
pub mod document_part;
pub mod heartbeat;
pub mod job;
pub mod journal;
pub mod name_token;
pub mod organisation_key;
pub mod pack;
pub mod permission;
pub mod schedule;
pub mod session;
pub mod team;
pub mod violation;
