//! A whole house in a temporary folder, invented people, databases of their own: what tests share.
//!
//! Nothing here is a stand-in: the stores, keys, packs, templates and transports are the real ones. Only the clock stands
//! still until a test moves it, and randomness comes from a seed. No product crate depends on this room.

mod binary;
mod database;
mod house;
mod shipped;
mod smtp;

pub use binary::binary;
pub use database::{Database, DatabaseKind, Lock, texts};
pub use house::{House, PASSWORD};
pub use shipped::{Folder, Shipped, shipped, workflows};
pub use smtp::SmtpServer;
