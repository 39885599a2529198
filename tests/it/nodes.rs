//! Many nodes on one PostgreSQL, each a process of the real binary, with a real mail server: nodes are killed, the primary
//! dies and a standby takes over, a newer version works beside an older one. What was acknowledged is there once, whatever
//! was refused is not, no timer fires twice, and a message leaves twice only across the death of its sender.
//!
//! `PESHI_TEST_NODE_ROUNDS` asks for more deaths of nodes than an ordinary run has.

mod desk;
mod failover;
mod killed;
mod people;
mod rolling;
mod server;
