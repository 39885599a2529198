//! Manual clock, invented people, a mail sink: what tests share.
