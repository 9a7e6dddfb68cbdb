//! The whole system in scenarios: the vault as a person uses it, devices that meet, files that are damaged, what leaks.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failed step is a failed test")]
#![allow(clippy::print_stdout, reason = "counts and seeds are for whoever reads the test's output")]

mod architecture;
mod bad_files;
mod convergence;
mod durability;
mod files;
mod flips;
mod golden;
mod history;
mod house;
mod leak;
mod long_notes;
mod meetings;
mod merging;
mod moving;
mod removing;
mod repair;
mod signing;
mod trash;
mod vault;
