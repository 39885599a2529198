//! The peshi command: composition, configuration and nothing else.
fn main() {}
