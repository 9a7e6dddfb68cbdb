//! Scenarios with two and three devices, hostile chunks, and properties with printed seeds.

use std::time::Instant;

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ObjType, ROOT, ScalarValue};

use super::*;
use crate::entropy::Entropy;

mod convergence;
mod hostile;
mod questions;

const NOTE: DocId = DocId([7; 16]);
const OTHER_NOTE: DocId = DocId([8; 16]);
const OLD: &str = "She slept badly.\nThe dog is ill again.\nWe spoke about her brother.";

/// A seeded generator (SplitMix64): the same seed gives the same run.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        (1..items.len()).rev().for_each(|last| items.swap(last, self.below(last + 1)));
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.next().to_le_bytes()[0]);
    }
}

fn actor(number: u8) -> Actor {
    Actor([number; 16])
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn frozen(number: u8) -> Document {
    Document::from_frozen(NOTE, &fields(&[("date", "2026-03-02")]), OLD, actor(number)).unwrap()
}

/// Writes a text and gives the chunk that says so.
fn written(document: &mut Document, text: &str) -> Vec<u8> {
    let before = document.heads();
    let fields = document.fields();
    document.write(&fields, text).unwrap();
    document.changes_since(&before)
}

fn replaced(document: &mut Document, from: &str, to: &str) -> Vec<u8> {
    let text = document.text();
    assert!(text.contains(from));
    written(document, &text.replacen(from, to, 1))
}

/// What must not change when a chunk is refused.
fn state(document: &Document) -> (Heads, Fields, String, Vec<u8>) {
    (document.heads(), document.fields(), document.text(), document.changes_since(&Heads::default()))
}
