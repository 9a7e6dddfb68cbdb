//! Whole devices: vaults in files, and real endpoints on 127.0.0.1. Passphrases are cheap, the clock is an argument.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what sets a test up fails it like the test itself"
)]
#![allow(clippy::print_stdout, reason = "counts and seeds are for whoever reads the test's output")]

mod device;
mod files;
mod folder;
mod holdings;
mod killed;
mod new_keys;
mod notes;
mod observer;
mod pairing;
mod removal;
mod resilience;
mod victim;
