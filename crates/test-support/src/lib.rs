//! Manual clock, invented people, a mail sink: what tests share.

mod binary;

pub use binary::binary;
