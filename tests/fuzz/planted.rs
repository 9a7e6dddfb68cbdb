//! The harness itself: it finds a panic behind a field that must be right, and a length that is believed.

use std::time::Duration;

use crate::Target;
use crate::harness::{Failure, hunt};

/// A parser with a hole: a kind, a length that must fit, and then a byte that nobody thought of.
fn careless(bytes: &[u8]) -> String {
    let Some(rest) = bytes.strip_prefix(b"plant") else { return "no magic".into() };
    let [kind, length, rest @ ..] = rest else { return "short".into() };
    if usize::from(*length) != rest.len() {
        return "length".into();
    }
    if *kind != 3 {
        return format!("kind {}", kind % 8);
    }
    assert!(rest.first() != Some(&0xFF), "nobody thought of this");
    "read".into()
}

/// A parser that makes room for what a length promises.
fn believing(bytes: &[u8]) -> String {
    let length = bytes.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
    let room: Vec<u8> = Vec::with_capacity((length & 0x3FF_FFFF) as usize);
    format!("{}", room.capacity().ilog2())
}

fn target(run: fn(&[u8]) -> String) -> Target {
    Target { name: "planted", seeds: Vec::new, run, memory: 1 << 20 }
}

#[test]
fn a_planted_panic_is_found() {
    let seeds = vec![b"plant\x01\x05hello".to_vec()];
    let found = hunt(&target(careless), || seeds, Some(Duration::from_secs(60)), 0, 7).err();
    let found = found.map(|found| (found.failure, found.input.starts_with(b"plant\x03")));
    assert!(
        matches!(found, Some((Failure::Panicked(ref words), true)) if words.contains("nobody thought")),
        "{found:?}"
    );
}

#[test]
fn a_length_that_is_believed_is_found() {
    let found = hunt(&target(believing), || vec![vec![4, 0, 0, 0, 1, 2, 3, 4]], None, 100_000, 7).err();
    let failure = found.map(|found| found.failure);
    assert!(matches!(failure, Some(Failure::TookMemory(taken)) if taken > 1 << 20), "{failure:?}");
}

#[test]
fn a_parser_without_a_hole_is_not_accused() {
    let careful = |bytes: &[u8]| format!("{}", bytes.len().min(4));
    let ran = hunt(&target(careful), || vec![b"anything".to_vec()], None, 2_000, 7);
    assert!(ran.is_ok_and(|ran| ran.rounds == 2_001 && ran.outcomes > 1));
}
