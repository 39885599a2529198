//! Measures Peshi beside the machine's own floor.
fn main() {}
