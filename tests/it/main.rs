//! Tests of the whole house, in one binary.

mod access;
mod browser;
mod crash;
mod house;
mod layers;
mod packs;
mod tidy;
