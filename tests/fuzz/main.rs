//! Hostile bytes: every parser against a saved corpus and mutations of it, with its memory counted.
//!
//! Runs on stable Rust, without coverage: what it follows instead is the outcome. An input whose outcome (which error,
//! how much was read) was not seen before joins the pool that is mutated further. A plain `cargo test` replays the corpus
//! and a few hundred mutations; `.ci/checks fuzz` gives each target `SUBROSA_FUZZ_SECONDS`. An input that fails is
//! printed; put it into the target's folder under `tests/fuzz/corpus`, where it is replayed first, for ever.
//! `SUBROSA_WRITE_CORPUS=1` adds the targets' own seeds to their folders.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failed step is a failed test")]
#![allow(clippy::print_stdout, reason = "counts and seeds are for whoever reads the test's output")]

use std::path::Path;

mod backups;
mod envelopes;
mod folders;
mod harness;
mod keys;
mod mutate;
mod planted;
mod texts;
mod wire;

/// Counts what a target takes; the type of the allocator asks for no `unsafe` here.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// One parser: real bytes to begin from, and what is done with hostile ones.
struct Target {
    /// Its name, and its folder in the corpus.
    name: &'static str,
    /// Real bytes of this form.
    seeds: fn() -> Vec<Vec<u8>>,
    /// Parses, and asserts what must hold; what it gives tells outcomes apart.
    run: fn(&[u8]) -> String,
    /// Bytes of memory that it may take at a time.
    memory: usize,
}

fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus"))
}

macro_rules! targets {
    ($($target:ident in $module:ident,)*) => {$(
        #[test]
        fn $target() {
            harness::run(&$module::$target());
        }
    )*};
}

targets! {
    header in envelopes,
    body in envelopes,
    item in envelopes,
    changes in envelopes,
    envelope in envelopes,
    roster_entry in keys,
    keyring_part in keys,
    piece_list in keys,
    passphrase_slot in keys,
    recovery_slot in keys,
    sealed in keys,
    pairing in keys,
    hello in keys,
    frames in wire,
    folder_statement in folders,
    folder_batch in folders,
    age_file in wire,
    sealed_record in wire,
    vault_file in wire,
    backup in backups,
    card in texts,
    kit in texts,
    clients_table in texts,
    measures_table in texts,
    front_matter in texts,
}
