//! Tests of the whole house, in one binary.

mod crash;
mod house;
mod layers;
mod tidy;
