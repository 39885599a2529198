//! Use cases: the access gate, the one writer of cases, the one reader for edges.
