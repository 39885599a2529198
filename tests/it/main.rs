//! Tests of the whole house, in one binary.

mod browser;
mod crash;
mod house;
mod layers;
mod tidy;
