//! Tests of the whole house, in one binary.

mod access;
mod browser;
mod canary;
mod crash;
mod failures;
mod house;
mod layers;
mod nodes;
mod packs;
mod scenarios;
mod simulation;
mod tidy;
mod watching;
