//! Letters of the text, one by one or in runs.
//!
//! A typed letter is an element of its own, so that two who write in one sentence at the same time both keep their place. An element
//! costs hundreds of bytes while it is read and a microsecond or more to make, so what comes in at once and is long, a pasted
//! chapter or an import, comes in *runs*: elements of many letters. Whoever writes within one takes it apart first. Two who
//! do that at the same time both put its letters back, which then stand twice, a run at the most.

use automerge::transaction::{Transactable, Transaction};
use automerge::{Automerge, AutomergeError, ObjId, ReadDoc, ScalarValueRef, ValueRef};

use super::splice::Splice;

/// Characters that come in at once and still are elements of their own.
pub(super) const LONG: usize = 8_192;

/// Characters of a run; the last of what came in at once has fewer.
pub(super) const RUN: usize = 256;

/// Characters that a step deletes, and that it inserts, at the most: a change of as many fits into a chunk, whatever they are.
const AT_ONCE: usize = 65_536;

/// A part of a splice that one change can say.
pub(super) struct Step<'a> {
    at: usize,
    delete: usize,
    insert: &'a str,
    in_runs: bool,
}

/// The splices in parts, gathered into what one change says each.
pub(super) fn changes<'a>(splices: &[Splice<'a>]) -> Vec<Vec<Step<'a>>> {
    let mut changes: Vec<Vec<Step<'a>>> = Vec::new();
    let mut room = 0;
    for step in splices.iter().flat_map(steps) {
        let letters = step.delete.saturating_add(step.insert.chars().count());
        match changes.last_mut().filter(|_| letters <= room) {
            Some(change) => change.push(step),
            None => {
                room = 2 * AT_ONCE;
                changes.push(vec![step]);
            }
        }
        room = room.saturating_sub(letters);
    }
    changes
}

/// What is deleted goes first; both in parts where they are long.
fn steps<'a>(splice: &Splice<'a>) -> Vec<Step<'a>> {
    let step = |at, delete, insert| Step { at, delete, insert, in_runs: is_long(splice.insert) };
    let (mut steps, mut delete) = (Vec::new(), splice.delete);
    while delete > AT_ONCE {
        steps.push(step(splice.at, AT_ONCE, ""));
        delete = delete.saturating_sub(AT_ONCE);
    }
    let mut insert = parts(splice.insert, AT_ONCE);
    steps.push(step(splice.at, delete, insert.next().unwrap_or_default()));
    let places = (splice.at..).step_by(AT_ONCE).skip(1);
    steps.extend(places.zip(insert).map(|(at, part)| step(at, 0, part)));
    steps
}

/// Says what one change says, and takes apart the runs that a step begins or ends within.
pub(super) fn write(edit: &mut Transaction<'_>, text: &ObjId, change: &[Step<'_>]) -> Result<(), AutomergeError> {
    for step in change {
        take_apart(edit, text, step.at.saturating_add(step.delete))?;
        take_apart(edit, text, step.at)?;
        let letters = if step.in_runs { "" } else { step.insert };
        edit.splice_text(text, step.at, step.delete.try_into().unwrap_or(isize::MAX), letters)?;
        if step.in_runs {
            put_runs(edit, text, step.at, step.insert)?;
        }
    }
    Ok(())
}

/// Inserts into an empty text.
pub(super) fn begin(edit: &mut Transaction<'_>, text: &ObjId, insert: &str) -> Result<(), AutomergeError> {
    if is_long(insert) { put_runs(edit, text, 0, insert) } else { edit.splice_text(text, 0, 0, insert) }
}

fn put_runs(edit: &mut Transaction<'_>, text: &ObjId, at: usize, insert: &str) -> Result<(), AutomergeError> {
    let mut places = (at..).step_by(RUN).zip(parts(insert, RUN));
    places.try_for_each(|(at, run)| edit.insert(text, at, run))
}

/// Puts letters into the place of the run that this place is within.
fn take_apart(edit: &mut Transaction<'_>, text: &ObjId, at: usize) -> Result<(), AutomergeError> {
    let Some((value, run)) = edit.get(text, at)? else { return Ok(()) };
    let letters = value.as_str().unwrap_or_default().to_owned();
    let mut start = at.saturating_sub(letters.chars().count().saturating_sub(1));
    while start < at && edit.get(text, start)?.is_none_or(|(_, other)| other != run) {
        start = start.saturating_add(1);
    }
    if start < at {
        edit.delete(text, start)?;
        edit.splice_text(text, start, 0, &letters)?;
    }
    Ok(())
}

/// How many operations these splices take, at the most; counted one by one only where that could matter.
pub(super) fn operations(automerge: &Automerge, text: &ObjId, splices: &[Splice<'_>], room: u64) -> u64 {
    let inserted = splices.iter().map(|splice| {
        let letters = splice.insert.chars().count();
        if is_long(splice.insert) { letters.div_ceil(RUN) } else { letters }
    });
    let inserted = inserted.fold(0, usize::saturating_add);
    let deleted = splices.iter().map(|splice| splice.delete).fold(0, usize::saturating_add);
    let ends = splices.len().saturating_add(deleted / AT_ONCE).saturating_mul(2);
    let most = |deleted: usize, apart: usize| -> u64 {
        inserted.saturating_add(deleted).saturating_add(apart.saturating_mul(RUN + 1)) as u64
    };
    let guess = most(deleted, ends);
    if guess < room {
        return guess;
    }
    let (mut elements, mut runs) = (0_usize, 0_usize);
    for element in automerge.list_range(text, ..) {
        elements = elements.saturating_add(1);
        if let ValueRef::Scalar(ScalarValueRef::Str(letters)) = element.value {
            runs = runs.saturating_add(usize::from(letters.chars().nth(1).is_some()));
        }
    }
    most(deleted.min(elements), ends.min(runs))
}

fn is_long(insert: &str) -> bool {
    insert.len() > LONG && insert.chars().nth(LONG).is_some()
}

/// Parts of so many characters; the last may have fewer. None of nothing.
fn parts(mut rest: &str, characters: usize) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(characters).map_or(rest.len(), |(end, _)| end);
        let (part, after) = rest.split_at_checked(end)?;
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}
