//! Whole devices: vaults in files, and real endpoints on 127.0.0.1. Passphrases are cheap, the clock is an argument.

#![expect(clippy::unwrap_used, reason = "what sets a test up fails it like the test itself")]

mod device;
mod notes;
mod pairing;
mod resilience;
