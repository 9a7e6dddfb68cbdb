use subrosa_base::entropy::Entropy as _;

use super::*;

/// A change by somebody else, made with the library itself and none of our checks.
pub(super) fn forged(
    document: &Document,
    forge: impl FnOnce(&mut automerge::transaction::Transaction<'_>, &ObjId),
) -> Vec<u8> {
    let mut automerge = document.automerge.clone().with_actor(ActorId::from([66; Actor::LEN]));
    let before = automerge.get_heads();
    let mut edit = automerge.transaction();
    forge(&mut edit, &document.text);
    edit.commit();
    chunk::pack(&automerge.get_changes(&before)).concat()
}

pub(super) fn replacing_the_text(document: &Document) -> Vec<u8> {
    forged(document, |edit, _| edit.put(ROOT, TEXT, "gone").unwrap())
}

fn refused(chunk: &[u8], reason: Refused) {
    let mut document = frozen(1);
    let before = state(&document);
    assert_eq!(document.take(chunk), Err(reason));
    assert_eq!(state(&document), before);
    let base = frozen(1);
    let good = replaced(&mut frozen(2), "badly", "well");
    let late = replaced(&mut frozen(3), "brother", "sister");
    let chunks = [good, chunk.to_vec(), late];
    let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&chunks), actor(4)).unwrap();
    assert_eq!(loaded.set_aside, [(1, reason)]);
    let text = loaded.document.unwrap().text();
    assert!(text.contains("well") && text.contains("sister"), "its neighbours were taken");
}

#[test]
fn garbage_and_emptiness_are_refused() {
    let mut dice = Dice::new(3);
    refused(&[], Refused::Damaged);
    for len in [1, 8, 9, 10, 100, 5000] {
        let mut garbage = vec![0; len];
        dice.fill(&mut garbage);
        refused(&garbage, Refused::Damaged);
        garbage.splice(..0, [0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 0x80, 0x08]);
        refused(&garbage, Refused::Damaged);
    }
}

#[test]
fn a_chunk_cut_short_anywhere_is_refused_or_a_shorter_chunk() {
    let mut other = frozen(2);
    let chunk = replaced(&mut other, "badly", "well");
    (0..chunk.len()).for_each(|end| refused(&chunk[..end], Refused::Damaged));
    let two = [chunk.clone(), replaced(&mut other, "dog", "cat")].concat();
    assert_eq!(frozen(1).take(&two[..chunk.len()]), Ok(true));
    refused(&two[..chunk.len() + 5], Refused::Damaged);
}

#[test]
fn a_flipped_bit_anywhere_in_a_chunk_is_refused() {
    let chunk = replaced(&mut frozen(2), "badly", "well");
    for index in 0..chunk.len() * 8 {
        let mut flipped = chunk.clone();
        flipped[index / 8] ^= 1 << (index % 8);
        let mut document = frozen(1);
        let before = state(&document);
        assert!(document.take(&flipped).is_err(), "bit {index}");
        assert_eq!(state(&document), before);
    }
}

#[test]
fn whole_documents_deflated_changes_and_bundles_are_refused_unread() {
    let mut other = frozen(2);
    written(&mut other, &"Much to say about it. ".repeat(200));
    refused(&other.automerge.save(), Refused::Damaged);
    let mut change = other.automerge.get_last_local_change().unwrap();
    let deflated = change.bytes().into_owned();
    assert_eq!(deflated[8], 2);
    refused(&deflated, Refused::Damaged);
    let bundle = other.automerge.bundle([change.hash()]).unwrap();
    refused(bundle.bytes(), Refused::Damaged);
}

#[test]
fn a_chunk_over_the_limit_is_refused() {
    refused(&vec![0; MAX_CHUNK + 1], Refused::TooLarge);
}

/// A change with the data of one column replaced, framed and summed as it should be.
pub(super) fn with_column(chunk: &[u8], specification: u8, column: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    let (_, data) = census::leb128(&chunk[9..]).unwrap();
    // One parent, the actor, three numbers of a byte and no message; then the other actors, then the columns.
    let others = 33 + 1 + Actor::LEN + 3 + 1;
    let list = others + 1 + (1 + Actor::LEN) * usize::from(data[others]);
    let end = list + 1 + 2 * usize::from(data[list]);
    let (mut forged, mut columns, mut rest) = (data[..=list].to_vec(), Vec::new(), &data[end..]);
    for pair in data[list + 1..end].chunks(2) {
        let (own, after) = rest.split_at(usize::from(pair[1]));
        let new = if pair[0] == specification { column } else { own };
        forged.extend([pair[0], u8::try_from(new.len()).unwrap()]);
        columns.extend_from_slice(new);
        rest = after;
    }
    forged.extend(columns);
    let len = forged.len();
    let len = [u8::try_from(len & 0x7f).unwrap() | 0x80, u8::try_from(len >> 7).unwrap()];
    let framed = [&[1], len.as_slice(), &forged].concat();
    let sum = sha2::Sha256::digest(&framed);
    [&chunk[..4], &sum[..4], &framed].concat()
}

#[test]
fn a_change_that_claims_a_trillion_operations_is_refused_before_they_are_made() {
    let chunk = replaced(&mut frozen(2), "badly", "well");
    assert_eq!(with_column(&chunk, 0xff, &[]), chunk, "the forgery is a change but for what it forges");
    let actions = [0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x01];
    refused(&with_column(&chunk, 0x42, &actions), Refused::TooLarge);
    let replaced_ones = [0x7f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20];
    refused(&with_column(&chunk, 0x70, &replaced_ones), Refused::TooLarge);
}

#[test]
fn a_chunk_of_another_document_is_refused() {
    let begun = Document::begin(OTHER_NOTE, &Fields::new(), "Another client.", actor(2)).unwrap();
    let frozen_elsewhere = Document::from_frozen(OTHER_NOTE, [(&Fields::new(), OLD)], actor(2)).unwrap();
    let beginning = |document: &Document| chunk::pack(&document.automerge.get_changes(&[])).concat();
    refused(&beginning(&begun), Refused::AnotherDocument);
    refused(&beginning(&frozen_elsewhere), Refused::AnotherDocument);
    let chunk = begun.changes_since(&Heads::default());
    let loaded = Document::load([], NOTE, sent([&chunk]), actor(3)).unwrap();
    assert!(loaded.document.is_none());
}

#[test]
fn a_change_in_the_name_of_another_device_is_refused_and_takes_no_number_from_that_one() {
    let (mut writer, mut reader) = (frozen(2), frozen(1));
    let thief = DeviceId([66; 16]);
    let forged = replaced(&mut frozen(2), "badly", "well, and never was ill");
    assert_eq!(reader.apply(thief, &forged), Err(Refused::AnotherWriter));
    let loaded = Document::load([(&reader.fields(), OLD)], NOTE, [(thief, forged.as_slice())], actor(3)).unwrap();
    assert_eq!(loaded.set_aside, [(0, Refused::AnotherWriter)]);
    let true_one = replaced(&mut writer, "badly", "well");
    assert_eq!(reader.apply(actor(2).device(), &true_one), Ok(true), "the number was not taken");
    assert_eq!(reader.text(), writer.text());
}

#[test]
fn a_change_that_leaves_no_fields_and_one_text_is_refused() {
    let document = frozen(1);
    refused(&replacing_the_text(&document), Refused::Unreadable);
    refused(&forged(&document, |edit, _| edit.delete(ROOT, TEXT).unwrap()), Refused::Unreadable);
    refused(
        &forged(&document, |edit, _| drop(edit.put_object(ROOT, TEXT, ObjType::Text).unwrap())),
        Refused::Unreadable,
    );
    refused(
        &forged(&document, |edit, _| drop(edit.put_object(ROOT, "date", ObjType::Map).unwrap())),
        Refused::Unreadable,
    );
    refused(&forged(&document, |edit, _| edit.put(ROOT, "date", 5_u64).unwrap()), Refused::Unreadable);
    refused(&forged(&document, |edit, text| edit.insert(text, 0, ScalarValue::Uint(1)).unwrap()), Refused::Unreadable);
}

#[test]
fn what_a_change_does_in_between_is_looked_at_and_not_only_what_it_leaves() {
    let document = frozen(1);
    let covered_up = forged(&document, |edit, _| {
        edit.put(ROOT, "date", 5_u64).unwrap();
        edit.put(ROOT, "date", "2026-03-03").unwrap();
    });
    refused(&covered_up, Refused::Unreadable);
    // A set at a letter that stands there: two of them at once would leave no letter, or two.
    refused(&forged(&document, |edit, text| edit.put(text, 0, "x").unwrap()), Refused::Unreadable);
    let plain = forged(&document, |edit, text| {
        edit.put(ROOT, "date", "2026-03-03").unwrap();
        edit.splice_text(text, 0, 3, "They").unwrap();
        edit.delete(ROOT, "date").unwrap();
    });
    assert_eq!(frozen(1).take(&plain), Ok(true));
}

#[test]
fn a_chunk_waits_for_its_parents_and_is_taken_when_they_come() {
    let (mut writer, mut reader) = (frozen(1), frozen(2));
    let first = replaced(&mut writer, "badly", "well");
    let middle = writer.heads();
    let second = replaced(&mut writer, "well", "very well");
    assert_eq!(reader.take(&second), Ok(false));
    assert_eq!(reader.take(&second), Ok(false));
    assert_eq!((reader.text().as_str(), reader.waiting()), (OLD, 1));
    assert_eq!(reader.missing(), middle);
    assert!(!reader.covers(&writer.heads()));
    assert_eq!(reader.take(&first), Ok(true));
    assert_eq!((reader.text(), reader.waiting()), (writer.text(), 0));
    assert_eq!(reader.take(&second), Ok(false));
}

#[test]
fn what_waited_and_proves_unreadable_takes_nothing_down_with_it() {
    let (mut writer, mut reader) = (frozen(1), frozen(2));
    let first = replaced(&mut writer, "badly", "well");
    let bad = replacing_the_text(&writer);
    let good = replaced(&mut writer, "dog", "cat");
    assert_eq!((reader.take(&bad), reader.take(&good)), (Err(Refused::Unreadable), Ok(false)));
    assert_eq!(reader.take(&first), Ok(true));
    assert_eq!((reader.text(), reader.waiting()), (writer.text(), 0));
}

#[test]
fn what_was_written_on_a_refused_change_waits_and_blocks_nothing() {
    let base = frozen(1);
    let bad = replacing_the_text(&base);
    let mut gone_bad = base.clone();
    gone_bad.automerge.apply_changes(vec![automerge::Change::try_from(bad.as_slice()).unwrap()]).unwrap();
    let on_it = forged(&gone_bad, |edit, _| edit.put(ROOT, "date", "later").unwrap());
    let good = replaced(&mut frozen(2), "badly", "well");
    let chunks = [bad, on_it, good];
    let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&chunks), actor(3)).unwrap();
    assert_eq!((loaded.set_aside, loaded.waiting), (vec![(0, Refused::Unreadable)], vec![1]));
    assert!(loaded.document.unwrap().text().contains("well"));
}

#[test]
fn without_its_first_change_there_is_no_document_to_write_into() {
    let mut document = Document::begin(NOTE, &Fields::new(), "One.", actor(1)).unwrap();
    let first = document.changes_since(&Heads::default());
    let second = written(&mut document, "One. Two.");
    let early = Document::load([], NOTE, sent([&second]), actor(2)).unwrap();
    assert!(early.document.is_none());
    assert_eq!(early.waiting, [0]);
    let whole = Document::load([], NOTE, sent([&second, &first]), actor(2)).unwrap();
    assert_eq!(whole.document.unwrap().text(), "One. Two.");
}

#[test]
fn too_much_text_and_a_field_called_text_are_not_written() {
    let mut document = frozen(1);
    let before = state(&document);
    let longest = "å".repeat(MAX_TEXT / 2);
    assert_eq!(document.write(&Fields::new(), &format!("{longest}a")), Err(NotWritten::TooLong));
    assert_eq!(document.write(&fields(&[("a", &"b".repeat(MAX_FIELDS))]), OLD), Err(NotWritten::TooLong));
    assert_eq!(document.write(&fields(&[(TEXT, "b")]), OLD), Err(NotWritten::ReservedName));
    assert_eq!(state(&document), before);
    let mixed: String = "aå".repeat(MAX_TEXT / 3);
    for text in [longest, mixed, String::new()] {
        let before = document.heads();
        document.write(&Fields::new(), &text).unwrap();
        let chunks = document.chunks_since(&before);
        assert!(chunks.iter().all(|chunk| chunk.len() <= MAX_CHUNK));
    }
}

#[test]
fn a_document_that_would_outgrow_what_others_take_is_not_written() {
    let mut document = frozen(1);
    let mut longest = ["å", "ä"].map(|letter| letter.repeat(MAX_TEXT / 2)).into_iter().cycle();
    let full = longest.find_map(|text| document.write(&Fields::new(), &text).err());
    assert_eq!(full, Some(NotWritten::Full));
    let text = document.text();
    let base = frozen(2);
    let chunks = document.chunks_since(&base.heads());
    let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&chunks), actor(3)).unwrap();
    assert!(loaded.set_aside.is_empty() && loaded.document.unwrap().text() == text);
}

#[test]
fn debug_prints_neither_text_nor_field() {
    let document = frozen(1);
    assert_eq!(format!("{document:?}"), format!("Document({NOTE})"));
    let mut reader = frozen(2);
    reader.take(&replaced(&mut frozen(3), "badly", "dreadfully")).unwrap();
    let passages = reader.written_outside(&document.heads()).unwrap();
    assert!(!format!("{passages:?}").contains("dreadful"));
}

#[test]
fn an_empty_document_of_the_library_is_no_chunk() {
    assert_eq!(frozen(1).take(&Automerge::new().save()), Err(Refused::Damaged));
}

#[test]
fn one_device_that_fills_a_document_keeps_out_its_own_changes_alone() {
    let mut honest = frozen(2);
    let words = replaced(&mut honest, "badly", "well");
    let mut flood = frozen(1);
    let mut chunks = Vec::new();
    while flood.automerge.stats().num_ops < MAX_OPS_OF_TESTS {
        let before = flood.automerge.get_heads();
        let length = flood.automerge.length(&flood.text);
        let text = flood.text.clone();
        let mut edit = flood.automerge.transaction();
        edit.splice_text(&text, 0, length.try_into().unwrap(), &"a".repeat(200_000)).unwrap();
        edit.commit();
        chunks.push(chunk::pack(&flood.automerge.get_changes(&before)).concat());
    }
    // Whatever comes first: the flood, or the few words of another.
    for order in [[chunks.clone(), vec![words.clone()]], [vec![words.clone()], chunks.clone()]] {
        let all = order.concat();
        let base = frozen(3);
        let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&all), actor(3)).unwrap();
        let at = all.iter().position(|chunk| *chunk == words).unwrap();
        assert!(!loaded.set_aside.is_empty() && loaded.set_aside.iter().all(|(index, _)| *index != at));
        assert!(loaded.document.unwrap().fields().contains_key("date"));
    }
}

#[test]
fn numbers_that_a_change_leaves_out_are_taken_from_nobody() {
    let document = frozen(1);
    let far = forged(&document, |edit, _| edit.put(ROOT, "date", "2026-03-03").unwrap());
    let change = automerge::Change::try_from(far.as_slice()).unwrap();
    let mut expanded = change.decode();
    expanded.start_op = std::num::NonZeroU64::new(1_000_000).unwrap();
    let far = automerge::Change::from(expanded).raw_bytes().to_vec();
    refused(&far, Refused::Unreadable);
    assert_eq!(frozen(1).take(change.raw_bytes()), Ok(true));
}

/// More operations than a document may have.
const MAX_OPS_OF_TESTS: u64 = chunk::MAX_OPS + 1;

#[test]
fn words_on_the_one_of_two_changes_of_one_number_that_does_not_stand_are_shown_by_themselves() {
    let (once, twice) = (frozen(7), frozen(7));
    let [first, second] = [(once.clone(), "Once."), (twice.clone(), "Twice.")].map(|(mut document, text)| {
        let text = format!("{} {text}", document.text());
        let change = written(&mut document, &text);
        (document, change)
    });
    // Two devices, each of which built on another one of the two.
    let on = |(document, _): &(Document, Vec<u8>), by: u8, words: &str| {
        let mut document = document.fork_at(&document.heads(), actor(by)).unwrap();
        [words, "And more."].map(|words| {
            let text = format!("{} {words}", document.text());
            written(&mut document, &text)
        })
    };
    let (mine, theirs) = (on(&first, 1, "Mine."), on(&second, 2, "Theirs."));
    let chunks = [first.1.clone(), second.1.clone(), mine.concat(), theirs[0].clone(), theirs[1].clone()];
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 3, 0, 2, 4]] {
        let base = frozen(3);
        let given = order.map(|at: usize| chunks[at].clone());
        let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&given), actor(3)).unwrap();
        assert_eq!(loaded.set_aside.iter().map(|(_, reason)| *reason).collect::<Vec<_>>(), [Refused::Contradiction]);
        let document = loaded.document.unwrap();
        let stands = document.text().contains("Once.");
        let [shown, stranded] = match stands {
            true => ["Mine. And more.", " Theirs. And more."],
            false => ["Theirs. And more.", " Mine. And more."],
        };
        assert!(document.text().contains(shown) && document.stranded_letters() == stranded, "{order:?}");
    }
    // What only waits is no such thing: it may still come.
    let loaded = Document::load([(&frozen(3).fields(), OLD)], NOTE, sent(&chunks[2..3]), actor(3)).unwrap();
    assert_eq!(loaded.document.unwrap().stranded_letters(), "");
}

#[test]
fn hundreds_of_changes_that_do_not_fit_cost_no_copy_of_the_document_each() {
    let mut chunks = Vec::new();
    for number in 0..400 {
        let mut document = frozen(7);
        let change = automerge::Change::try_from(written(&mut document, &number.to_string()).as_slice()).unwrap();
        let mut expanded = change.decode();
        expanded.start_op = std::num::NonZeroU64::new(100_000 + number).unwrap();
        chunks.push(automerge::Change::from(expanded).raw_bytes().to_vec());
    }
    let good = replaced(&mut frozen(2), "badly", "well");
    chunks.push(good);
    let base = frozen(1);
    let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&chunks), actor(4)).unwrap();
    assert_eq!(loaded.set_aside.len(), 400);
    assert!(loaded.document.unwrap().text().contains("well"));
}
