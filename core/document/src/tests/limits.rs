//! Each count and size of a document at its limit, and one above (format §14): what is written is taken, what is not taken is not
//! written.

use super::hostile::{forged, with_column};
use super::*;
use crate::arrival::{MAX_DOCUMENT, MAX_WAITING};
use crate::chunk::{Chunk, MAX_CHANGES, MAX_OPS, MAX_REPLACED};

fn parsed(chunk: &[u8]) -> Option<Refused> {
    Chunk::parse(chunk, chunk::writer_of(chunk), None).err()
}

/// The same change, whose first operation has another number.
fn beginning_at(change: &[u8], number: u64) -> Vec<u8> {
    let mut expanded = automerge::Change::try_from(change).unwrap().decode();
    expanded.start_op = std::num::NonZeroU64::new(number).unwrap();
    automerge::Change::from(expanded).raw_bytes().to_vec()
}

#[test]
fn a_chunk_has_so_many_bytes_and_changes_and_its_operations_so_high_numbers() {
    let empty = [0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 0];
    assert_eq!(parsed(&empty.repeat(MAX_CHANGES)), Some(Refused::Damaged), "they are looked at");
    assert_eq!(parsed(&empty.repeat(MAX_CHANGES + 1)), Some(Refused::TooLarge));
    assert_eq!(parsed(&vec![0; MAX_CHUNK]), Some(Refused::Damaged));
    assert_eq!(parsed(&vec![0; MAX_CHUNK + 1]), Some(Refused::TooLarge));
    let one = forged(&frozen(1), |edit, _| edit.put(ROOT, "date", "2026-03-03").unwrap());
    assert!(one.len() * MAX_CHANGES > MAX_CHUNK, "no writer puts more changes than that into one");
    let last = |number| parsed(&beginning_at(&one, number - 1));
    assert_eq!([last(MAX_OPS), last(MAX_OPS + 1)], [None, Some(Refused::TooLarge)]);
}

#[test]
fn a_chunk_replaces_so_many_operations() {
    let chunk = replaced(&mut frozen(2), "badly", "well");
    let replacing = |many: u64| {
        let (mut column, mut rest) = (vec![0x7f], many);
        while rest > 0x7f {
            column.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        column.push(u8::try_from(rest).unwrap());
        parsed(&with_column(&chunk, 0x70, &column))
    };
    assert_ne!(replacing(MAX_REPLACED), Some(Refused::TooLarge));
    assert_eq!(replacing(MAX_REPLACED + 1), Some(Refused::TooLarge));
}

#[test]
fn fields_and_a_text_at_their_limits_are_written_and_taken_and_one_byte_more_is_not_written() {
    let (mut document, base) = (frozen(1), frozen(2));
    let most = fields(&[("a", &"b".repeat(MAX_FIELDS - 1))]);
    let text = "a".repeat(MAX_TEXT);
    assert_eq!(document.write(&fields(&[("a", &"b".repeat(MAX_FIELDS))]), OLD), Err(NotWritten::TooLong));
    assert_eq!(document.write(&most, &format!("{text}a")), Err(NotWritten::TooLong));
    assert_eq!(document.write(&most, &text), Ok(true));
    let chunks = document.chunks_since(&base.heads());
    let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&chunks), actor(3)).unwrap().document.unwrap();
    assert!(loaded.fields() == most && loaded.text() == text);
    // What was frozen has the same room, on every device.
    assert!(Document::from_frozen(NOTE, [(&most, text.as_str())], actor(1)).is_ok());
    assert!(Document::from_frozen(NOTE, [(&most, format!("{text}a").as_str())], actor(1)).is_err());
}

#[test]
fn so_many_actors_write_in_a_document_and_nobody_begins_as_one_more() {
    let numbered = |number: u64| {
        let mut actor = Actor([5; Actor::LEN]);
        actor.0[16..].copy_from_slice(&number.to_be_bytes());
        actor
    };
    let mut full = frozen(1);
    let (before, held) = (full.heads(), full.automerge.stats().num_actors);
    for number in held + 1..MAX_ACTORS {
        full.automerge.set_actor(ActorId::from(numbered(number).0));
        let mut edit = full.automerge.transaction();
        edit.put(ROOT, "date", number.to_string()).unwrap();
        edit.commit();
    }
    full.automerge.set_actor(ActorId::from(numbered(0).0));
    assert_eq!(full.write(&fields(&[("date", "the last")]), OLD), Ok(true));
    assert_eq!(full.automerge.stats().num_actors, MAX_ACTORS);
    assert_eq!(full.write(&fields(&[("date", "one more")]), OLD), Err(NotWritten::Full));
    let beyond = forged(&full, |edit, _| edit.put(ROOT, "date", "by nobody").unwrap());
    let mut chunks = full.chunks_since(&before);
    let base = frozen(2);
    let load = |chunks: &Vec<Vec<u8>>| Document::load([(&base.fields(), OLD)], NOTE, sent(chunks), actor(3)).unwrap();
    let loaded = load(&chunks);
    assert!(loaded.set_aside.is_empty() && loaded.document.unwrap().fields()["date"] == "the last");
    chunks.push(beyond);
    assert_eq!(load(&chunks).set_aside, [(chunks.len() - 1, Refused::TooLarge)]);
}

#[test]
fn a_field_that_is_changed_over_and_over_stops_before_others_would_refuse_the_document() {
    let (mut document, base) = (frozen(1), frozen(2));
    let mut long = ["b", "c"].map(|letter| fields(&[("a", &letter.repeat(MAX_FIELDS - 1))])).into_iter().cycle();
    assert_eq!(long.find_map(|fields| document.write(&fields, OLD).err()), Some(NotWritten::Full));
    let size = document.automerge.save_nocompress().len();
    assert!((MAX_DOCUMENT / 2..MAX_DOCUMENT).contains(&size), "{size}");
    let chunks = document.chunks_since(&base.heads());
    let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&chunks), actor(3)).unwrap();
    assert!(loaded.set_aside.is_empty() && loaded.document.unwrap().fields() == document.fields());
}

#[test]
fn a_document_of_so_many_bytes_is_taken_and_one_of_a_byte_more_is_not() {
    let base = frozen(2);
    let filled = |last: usize| {
        let mut document = frozen(1);
        let sizes = std::iter::repeat_n(1_000_000, 33).chain([last]);
        let chunks: Vec<Vec<u8>> = sizes
            .zip(["b", "c"].into_iter().cycle())
            .map(|(size, letter)| {
                let chunk = forged(&document, |edit, _| edit.put(ROOT, "a", letter.repeat(size)).unwrap());
                document.automerge.apply_changes([automerge::Change::try_from(chunk.as_slice()).unwrap()]).unwrap();
                chunk
            })
            .collect();
        (document.automerge.save_nocompress().len(), chunks)
    };
    // A length of three bytes stands before each value: the last one is as long as what is left.
    let last = 300_000;
    let last = last + MAX_DOCUMENT - filled(last).0;
    for (last, size, refused) in [(last, MAX_DOCUMENT, 0), (last + 1, MAX_DOCUMENT + 1, 1)] {
        let (len, chunks) = filled(last);
        assert_eq!(len, size);
        let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&chunks), actor(3)).unwrap();
        assert_eq!(loaded.set_aside.len(), refused);
    }
}

#[test]
fn so_many_bytes_of_changes_wait_for_others() {
    let base = frozen(2);
    // Each builds on one that nobody gives, and is as long as a chunk may be.
    let waiting: Vec<Vec<u8>> = (0..17_u8)
        .map(|number| {
            let mut document = frozen(number + 10);
            written(&mut document, &format!("{OLD} {number}"));
            let size = MAX_WAITING / 16 - 200;
            let chunk = forged(&document, |edit, _| edit.put(ROOT, "a", "b".repeat(size)).unwrap());
            let pad = MAX_WAITING / 16 - chunk.len();
            forged(&document, |edit, _| edit.put(ROOT, "a", "b".repeat(size + pad)).unwrap())
        })
        .collect();
    assert!(waiting.iter().all(|chunk| chunk.len() == MAX_WAITING / 16));
    let mut document = base;
    for chunk in &waiting[..16] {
        assert_eq!(document.take(chunk), Ok(false), "it waits");
    }
    assert_eq!(document.take(&waiting[16]), Err(Refused::TooManyWaiting));
}
