//! Whole devices: vaults in files, and real endpoints on 127.0.0.1. Passphrases are cheap, the clock is an argument.

mod device;
mod notes;
mod pairing;
mod resilience;
