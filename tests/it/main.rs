//! Tests of the whole house, in one binary.

mod access;
mod browser;
mod canary;
mod crash;
mod house;
mod layers;
mod tidy;
