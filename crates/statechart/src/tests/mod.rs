//! Tests of the whole crate: the rules of the algorithm one by one, and properties over random charts.

mod compiling;
mod completion;
mod history;
mod host_seam;
mod kit;
mod oracle;
mod order;
mod properties;
mod random;
mod recommendation;
mod selection;
mod snapshots;
