//! Tests of the whole house; see `it/main.rs`.
