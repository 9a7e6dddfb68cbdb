//! From one text to another by as few cuts as matter, so that what another device writes meanwhile keeps its place.
//!
//! What both ends share is left alone; a middle where something was replaced is compared word by word, or line by line
//! when it is large, or replaced whole when it is larger still: the time it takes is bounded, and the same on every
//! run. Cuts fall between grapheme clusters: a flag, a letter with its accents, or a family of emoji is one thing.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// Words, or lines, on both sides together that are compared one by one: some milliseconds at worst.
const MAX_COMPARED: usize = 3_000;

/// Bytes on both sides together that are cut into words.
const MAX_BY_WORDS: usize = 256 * 1024;

/// What became of a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// It stands in both.
    Kept,
    /// It stands in the later one only.
    Added,
    /// It stands in the earlier one only.
    Removed,
}

/// A stretch of text and what became of it. `Debug` prints no text.
#[derive(Clone, PartialEq, Eq)]
pub struct Piece {
    /// What became of it.
    pub became: Became,
    /// The text.
    pub text: String,
}

/// Deletes `delete` characters at `at`, counted in characters of the text as earlier splices left it, and inserts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Splice<'a> {
    pub(super) at: usize,
    pub(super) delete: usize,
    pub(super) insert: &'a str,
}

/// The splices that turn `old` into `new`, in order.
pub(super) fn splices<'a>(old: &str, new: &'a str) -> Vec<Splice<'a>> {
    if old == new {
        return Vec::new();
    }
    let (prefix, old_middle, new_middle) = middles(old, new);
    let start = old.get(..prefix).unwrap_or_default().chars().count();
    let (Some(old_middle), Some(new_middle)) = (old.get(old_middle), new.get(new_middle)) else {
        return vec![Splice { at: 0, delete: old.chars().count(), insert: new }];
    };
    if !old_middle.is_empty() && !new_middle.is_empty() {
        let long = old_middle.len().saturating_add(new_middle.len()) > MAX_BY_WORDS;
        for cut in [words, lines].into_iter().skip(usize::from(long)) {
            let (before, after) = (cut(old_middle), cut(new_middle));
            if before.len().saturating_add(after.len()) <= MAX_COMPARED {
                return compared(start, &before, &after, new_middle);
            }
        }
    }
    vec![Splice { at: start, delete: old_middle.chars().count(), insert: new_middle }]
}

/// What became of every stretch of `old`, and what came: for people to read.
pub(super) fn text_pieces(old: &str, new: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |became, text: String| match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.became == became => last.text.push_str(&text),
        _ => pieces.push(Piece { became, text }),
    };
    let (mut rest, mut at) = (old.chars(), 0);
    for splice in splices(old, new) {
        push(Became::Kept, rest.by_ref().take(splice.at.saturating_sub(at)).collect());
        push(Became::Removed, rest.by_ref().take(splice.delete).collect());
        push(Became::Added, splice.insert.to_owned());
        at = splice.at.saturating_add(splice.insert.chars().count());
    }
    push(Became::Kept, rest.collect());
    pieces
}

/// Bytes that both begin with, and the two ranges between the shared beginning and the shared end. In "aa" → "aaa" beginning
/// and end overlap; the end gives way.
fn middles(old: &str, new: &str) -> (usize, Range<usize>, Range<usize>) {
    let (a, b) = (old.as_bytes(), new.as_bytes());
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let prefix = (0..=same).rev().find(|at| is_cut(old, *at) && is_cut(new, *at)).unwrap_or(0);
    let room = old.len().min(new.len()).saturating_sub(prefix);
    let same = a.iter().rev().zip(b.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let is_end =
        |len: &usize| is_cut(old, old.len().saturating_sub(*len)) && is_cut(new, new.len().saturating_sub(*len));
    let suffix = (0..=same).rev().find(is_end).unwrap_or(0);
    (prefix, prefix..old.len().saturating_sub(suffix), prefix..new.len().saturating_sub(suffix))
}

/// Whether a cut there falls between grapheme clusters.
fn is_cut(text: &str, at: usize) -> bool {
    text.is_char_boundary(at) && GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0).unwrap_or(false)
}

fn compared<'a>(start: usize, before: &[&str], after: &[&str], new: &'a str) -> Vec<Splice<'a>> {
    let chars = |tokens: &[&str], range: Range<usize>| -> usize {
        tokens.get(range).unwrap_or_default().iter().map(|token| token.chars().count()).sum()
    };
    let bytes = |upto: usize| -> usize { after.iter().take(upto).map(|token| token.len()).sum() };
    let mut at = start;
    let mut splices = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, before, after) {
        let (was, is) = (op.old_range(), op.new_range());
        let length = chars(after, is.clone());
        if !matches!(op, DiffOp::Equal { .. }) {
            let insert = new.get(bytes(is.start)..bytes(is.end)).unwrap_or_default();
            splices.push(Splice { at, delete: chars(before, was), insert });
        }
        at += length;
    }
    splices
}

/// Words, each with the space after it; every other cluster stands alone.
fn words(text: &str) -> Vec<&str> {
    #[derive(PartialEq, Clone, Copy)]
    enum Class {
        Word,
        Space,
        Other,
    }
    let class = |cluster: &str| match cluster.chars().next() {
        Some(first) if first.is_alphanumeric() => Class::Word,
        Some(first) if first.is_whitespace() => Class::Space,
        _ => Class::Other,
    };
    let mut tokens = Vec::new();
    let (mut start, mut last) = (0, Class::Space);
    for (index, cluster) in text.grapheme_indices(true) {
        let this = class(cluster);
        if this != Class::Space && (this != last || this == Class::Other) && index > start {
            tokens.extend(text.get(start..index));
            start = index;
        }
        last = this;
    }
    tokens.extend(text.get(start..).filter(|token| !token.is_empty()));
    tokens
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}
