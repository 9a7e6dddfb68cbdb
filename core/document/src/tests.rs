//! Scenarios with two and three devices, hostile chunks, and properties with printed seeds.

use std::time::Instant;

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ObjType, ROOT, ScalarValue};
use subrosa_base::id::DeviceId;
use subrosa_testkit::dice::Dice;

use super::*;

mod convergence;
mod hostile;
mod limits;
mod questions;
mod runs;

const NOTE: DocId = DocId([7; 16]);
const OTHER_NOTE: DocId = DocId([8; 16]);
const OLD: &str = "She slept badly.\nThe dog is ill again.\nWe spoke about her brother.";

fn actor(number: u8) -> Actor {
    Actor([number; Actor::LEN])
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn frozen(number: u8) -> Document {
    Document::from_frozen(NOTE, [(&fields(&[("date", "2026-03-02")]), OLD)], actor(number)).unwrap()
}

/// Chunks, each with the device that wrote its first change.
fn sent<'a>(chunks: impl IntoIterator<Item = &'a Vec<u8>>) -> Vec<(DeviceId, &'a [u8])> {
    chunks.into_iter().map(|chunk| (chunk::writer_of(chunk), chunk.as_slice())).collect()
}

/// Takes in a chunk from the device that wrote it.
trait Takes {
    fn take(&mut self, chunk: &[u8]) -> Result<bool, Refused>;
}

impl Takes for Document {
    fn take(&mut self, chunk: &[u8]) -> Result<bool, Refused> {
        self.apply(chunk::writer_of(chunk), chunk)
    }
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

#[test]
fn the_text_is_what_the_changes_say_whoever_wrote_last() {
    let of_changes = |document: &Document| document.automerge.text(&document.text).unwrap();
    let mut here = Document::begin(NOTE, &Fields::new(), "begun", actor(1)).unwrap();
    let mut there = here.fork_at(&here.heads(), actor(2)).unwrap();
    for text in ["begun here", "begun here and there", "and there", "and there"] {
        here.write(&Fields::new(), text).unwrap();
        assert_eq!((here.text(), of_changes(&here)), (text.to_owned(), text.to_owned()));
    }
    let before = there.heads();
    there.write(&Fields::new(), "begun elsewhere").unwrap();
    for chunk in there.chunks_since(&before) {
        here.take(&chunk).unwrap();
    }
    assert_eq!(here.text(), of_changes(&here));
    assert!(here.text().contains("elsewhere"), "what came from another device is in it");
    assert_eq!(here.fork_at(&before, actor(3)).unwrap().text(), "begun");
}
