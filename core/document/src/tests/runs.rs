//! Long texts: what comes in at once comes in runs, and whoever writes within one takes it apart.

use automerge::{ReadDoc, ScalarValueRef, ValueRef};
use proptest::prelude::*;

use super::*;
use crate::runs::{LONG, RUN};

/// A text of so many characters, no two lines alike.
fn prose(characters: usize) -> String {
    let lines = (0..).map(|line| format!("{line}: she spoke of the löyly and the dog, and slept.\n"));
    lines.flat_map(|line| line.chars().collect::<Vec<_>>()).take(characters).collect()
}

fn elements(document: &Document) -> Vec<usize> {
    let elements = document.automerge.list_range(&document.text, ..);
    let length = |value| match value {
        ValueRef::Scalar(ScalarValueRef::Str(letters)) => letters.chars().count(),
        _ => 0,
    };
    elements.map(|element| length(element.value)).collect()
}

fn begun(text: &str) -> Document {
    Document::begin(NOTE, &Fields::new(), text, actor(1)).unwrap()
}

/// A pasted chapter, and the document that two have of it.
fn pasted_on_two() -> (String, [Document; 2]) {
    let text = prose(4 * LONG);
    let chunks = begun(&text).chunks_since(&Heads::default());
    let two = [2, 3].map(|number| Document::load([], NOTE, sent(&chunks), actor(number)).unwrap().document.unwrap());
    (text, two)
}

#[test]
fn what_is_typed_stands_letter_by_letter_and_a_pasted_chapter_in_runs() {
    let typed = prose(LONG);
    assert!(elements(&begun(&typed)).iter().all(|length| *length == 1));
    let pasted = prose(LONG + 1);
    let lengths = elements(&begun(&pasted));
    assert_eq!((lengths.len(), lengths.last()), (LONG / RUN + 1, Some(&1)));
    assert!(lengths.iter().rev().skip(1).all(|length| *length == RUN));
}

#[test]
fn writing_within_a_run_takes_that_one_apart_and_no_other() {
    let text = prose(LONG + 1);
    let mut document = begun(&text);
    let at = text.char_indices().nth(3 * RUN + 100).unwrap().0;
    let longer = format!("{}Rain. {}", &text[..at], &text[at..]);
    document.write(&Fields::new(), &longer).unwrap();
    assert_eq!(document.text(), longer);
    let lengths = elements(&document);
    assert_eq!(lengths.iter().filter(|length| **length == RUN).count(), LONG / RUN - 1);
    assert_eq!(lengths.len(), LONG / RUN + RUN + "Rain. ".len());
    // Between two runs nothing is taken apart.
    let (before, after) = text.split_at(text.char_indices().nth(RUN).unwrap().0);
    let mut document = begun(&text);
    document.write(&Fields::new(), &format!("{before}Rain. {after}")).unwrap();
    assert_eq!(elements(&document).len(), LONG / RUN + 1 + "Rain. ".len());
}

#[test]
fn two_who_write_in_different_places_of_a_pasted_chapter_both_keep_their_words_once() {
    let (text, mut others) = pasted_on_two();
    let edits = [("100: she", "100: Anna"), ("400: she", "400: Bertha")];
    let changes: Vec<Vec<u8>> =
        others.iter_mut().zip(edits).map(|(document, (from, to))| replaced(document, from, to)).collect();
    let expected = text.replace("100: she", "100: Anna").replace("400: she", "400: Bertha");
    for (document, change) in others.iter_mut().zip(changes.iter().rev()) {
        document.take(change).unwrap();
        assert_eq!(document.text(), expected);
    }
}

#[test]
fn two_who_write_within_one_run_at_once_lose_no_word_and_it_alone_stands_twice() {
    let (text, mut others) = pasted_on_two();
    let changes = others.each_mut().map(|document| {
        let own = format!("{} was glad", document.automerge.get_actor());
        let run = document.text().chars().skip(RUN).take(20).collect::<String>();
        replaced(document, &run, &format!("{own}{run}"))
    });
    for (document, change) in others.iter_mut().zip(changes.iter().rev()) {
        document.take(change).unwrap();
    }
    let [one, other] = others;
    assert_eq!(one.text(), other.text());
    assert_eq!(one.text().matches(" was glad").count(), 2);
    assert!(one.text().chars().count() <= text.chars().count() + RUN + 200);
}

#[test]
fn a_chapter_of_the_longest_text_is_written_sent_in_chunks_and_read_and_rewritten_whole() {
    let base = frozen(2);
    let mut document = frozen(1);
    let chapter = |word: &str| word.repeat(MAX_TEXT / word.len());
    for text in [chapter("löyly "), chapter("a\n"), chapter("Ж"), String::new(), chapter("𐍈")] {
        assert_eq!(document.write(&Fields::new(), &text), Ok(true));
        assert_eq!(document.text(), text);
        let chunks = document.chunks_since(&base.heads());
        assert!(chunks.iter().all(|chunk| chunk.len() <= MAX_CHUNK));
        let loaded = Document::load([(&base.fields(), OLD)], NOTE, sent(&chunks), actor(3)).unwrap();
        assert!(loaded.set_aside.is_empty() && loaded.waiting.is_empty());
        assert!(loaded.document.unwrap().text() == text);
    }
}

#[test]
fn an_import_of_the_longest_text_begins_alike_everywhere_and_merges() {
    let text = prose(MAX_TEXT / 2);
    let [mut one, mut other] =
        [1, 2].map(|number| Document::from_frozen(NOTE, [(&Fields::new(), text.as_str())], actor(number)).unwrap());
    let change = replaced(&mut one, "9000: she", "9000: Anna");
    replaced(&mut other, "70: she", "70: Bertha");
    other.take(&change).unwrap();
    assert!(other.text() == text.replacen("9000: she", "9000: Anna", 1).replacen("70: she", "70: Bertha", 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_cut_out_and_put_in_the_text_is_the_one_that_was_written(
        edits in prop::collection::vec((0_usize..20_000, 0_usize..3_000, 0_usize..10_000), 1..8),
    ) {
        let mut document = begun(&prose(2 * LONG));
        let other = begun("");
        for (at, delete, insert) in edits {
            let now: Vec<char> = document.text().chars().collect();
            let at = at.min(now.len());
            let until = (at + delete).min(now.len());
            let words: String = prose(insert).chars().rev().collect();
            let next: String = now[..at].iter().copied().chain(words.chars()).chain(now[until..].iter().copied()).collect();
            document.write(&Fields::new(), &next).unwrap();
            prop_assert!(document.text() == next);
        }
        let chunks = document.chunks_since(&other.beginning());
        let loaded = Document::load([], NOTE, sent(&chunks), actor(3)).unwrap().document.unwrap();
        prop_assert!(loaded.text() == document.text());
    }
}
