//! What says that a draft's envelopes go (format §3, *closed*), and whether a draft may.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{Malformed, Reader, Writer};
use crate::document::{Document, Heads};
use crate::id::{Hash, LogId};
use crate::log::{Kind, LOG_LEN};
use crate::planted::{Check, is_out};
use crate::rows::Stored;
use crate::vault::items::place::Entry;
use crate::vault::items::signed::SignedNote;

/// Logs that one closing may name, and ranges in each; what is beyond stays until the note is signed again.
pub(crate) const MOST_LOGS: usize = 64;
pub(crate) const MOST_RANGES: usize = 512;

/// Numbers in a log: ranges in order, each with its first and one past its last, none of which touch.
pub(crate) type Numbers = Vec<(u64, u64)>;

/// What is known of a draft.
pub(crate) struct KnownDraft {
    /// The heads that signatures which count freeze; `None` without any.
    pub(crate) signed: Option<Heads>,
    pub(crate) document: Option<Document>,
    pub(crate) has_changes: bool,
    /// Whether what was signed is what the draft says at the versions that were signed.
    pub(crate) says_so: bool,
    /// Whether one device changed the words of another outside what this device signed: what went that way, nobody here saw.
    pub(crate) rewritten: bool,
}

impl KnownDraft {
    /// Whether it is signed, the signatures cover every word, what they say is what it says, and no word was taken from it
    /// that this device does not know of.
    pub(crate) fn is_over(&self) -> bool {
        let covered = |signed: &Heads| match &self.document {
            Some(document) => document.is_covered_by(signed),
            None => !self.has_changes,
        };
        let says_so = self.says_so || is_out(Check::SaysSo);
        let rewritten = self.rewritten && !is_out(Check::Rewritten);
        says_so && !rewritten && self.signed.as_ref().is_some_and(covered)
    }
}

pub(crate) fn signed_heads(signed: &[SignedNote]) -> Heads {
    Heads::from(signed.iter().flat_map(|note| note.heads.iter().copied()).collect::<Vec<_>>())
}

/// The envelopes that hold changes of a document.
pub(crate) fn changes_in(entry: &Entry) -> BTreeSet<Hash> {
    entry.places.iter().filter(|(_, kind)| *kind == Kind::Changes).map(|(place, _)| place.envelope).collect()
}

/// What kind 26 holds: of each log, in the order of their ids, the numbers of the envelopes whose bodies go.
pub(crate) fn closed_payload(gone: &BTreeMap<LogId, Numbers>) -> Vec<u8> {
    let logs: Vec<_> = gone.iter().take(MOST_LOGS).collect();
    let mut writer = Writer::new();
    writer.list(&logs, |writer, (log, numbers)| {
        writer.bytes(&log.0).list(numbers.get(..MOST_RANGES).unwrap_or(numbers), |writer, (first, end)| {
            writer.u64(*first).u64(*end);
        });
    });
    writer.finish()
}

/// What a payload of kind 26 names.
pub(crate) fn closed_numbers(payload: &[u8]) -> Result<BTreeMap<LogId, Numbers>, Malformed> {
    let mut reader = Reader::new(payload);
    let logs = reader.list(MOST_LOGS, |reader| {
        let log = LogId(reader.array()?);
        let numbers = reader.list(MOST_RANGES, |reader| Ok((reader.u64()?, reader.u64()?)))?;
        let ends = numbers.iter().all(|(first, end)| first < end && *end <= LOG_LEN);
        let is_whole = ends && !numbers.is_empty() && joined(numbers.clone()) == numbers;
        if is_whole { Ok((log, numbers)) } else { Err(Malformed) }
    })?;
    reader.finish()?;
    if !logs.is_sorted_by(|(one, _), (next, _)| one < next) {
        return Err(Malformed);
    }
    Ok(logs.into_iter().collect())
}

/// Whether a number is one of these.
pub(crate) fn holds(numbers: &[(u64, u64)], seq: u64) -> bool {
    numbers.iter().any(|(first, end)| (*first..*end).contains(&seq))
}

/// Ranges in order, those that touch as one.
pub(crate) fn joined(mut ranges: Numbers) -> Numbers {
    ranges.sort_unstable();
    let mut joined: Numbers = Vec::with_capacity(ranges.len());
    for (first, end) in ranges {
        match joined.last_mut().filter(|last| first <= last.1) {
            Some(last) => last.1 = last.1.max(end),
            None => joined.push((first, end)),
        }
    }
    joined
}

/// A draft of which something went, or may go: the envelopes that its signatures were found to cover, and their logs.
#[derive(Clone, Default)]
pub(crate) struct PrunedDraft {
    pub(crate) covered: BTreeSet<Hash>,
    pub(crate) logs: BTreeSet<LogId>,
}

impl Stored for PrunedDraft {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.list(&self.logs.iter().collect::<Vec<_>>(), |writer, log| {
            writer.bytes(&log.0);
        });
        writer.bytes(&self.covered.to_row());
        writer.finish()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let logs = reader.list(bytes.len(), |reader| reader.array().map(LogId))?;
        Ok(Self { covered: BTreeSet::of_row(reader.rest())?, logs: logs.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(byte: u8) -> LogId {
        LogId([byte; 24])
    }

    #[test]
    fn a_closing_comes_back_as_it_was_written_up_to_its_limits() {
        let numbers = |many: usize| -> Numbers { (0..).map(|at| (2 * at, 2 * at + 1)).take(many).collect() };
        let most: BTreeMap<LogId, Numbers> = (0..64).map(|byte| (log(byte), numbers(MOST_RANGES))).collect();
        assert_eq!(closed_numbers(&closed_payload(&most)), Ok(most.clone()));
        assert!(closed_payload(&most).len() < crate::log::BODY_MAX, "it fits into a body, however it is compressed");
        let further = BTreeMap::from([(log(1), numbers(MOST_RANGES + 1))]);
        assert_eq!(closed_numbers(&closed_payload(&further)), Ok([(log(1), numbers(MOST_RANGES))].into()));
        let more: BTreeMap<LogId, Numbers> = (0..65).map(|byte| (log(byte), vec![(0, 1)])).collect();
        assert_eq!(closed_numbers(&closed_payload(&more)).unwrap().len(), MOST_LOGS, "the rest stays");
        assert_eq!(closed_numbers(&closed_payload(&BTreeMap::new())), Ok(BTreeMap::new()));
    }

    #[test]
    fn a_closing_that_no_writer_makes_is_refused() {
        let written = |logs: &[(LogId, Numbers)]| {
            let mut writer = Writer::new();
            writer.list(logs, |writer, (log, numbers)| {
                writer.bytes(&log.0).list(numbers, |writer, (first, end)| {
                    writer.u64(*first).u64(*end);
                });
            });
            writer.finish()
        };
        assert!(closed_numbers(&written(&[(log(1), vec![(0, LOG_LEN)])])).is_ok());
        for (what, logs) in [
            ("no number", vec![(log(1), vec![])]),
            ("an empty range", vec![(log(1), vec![(3, 3)])]),
            ("a range that ends before it begins", vec![(log(1), vec![(4, 3)])]),
            ("a number that no log has", vec![(log(1), vec![(0, LOG_LEN + 1)])]),
            ("ranges that touch", vec![(log(1), vec![(0, 1), (1, 2)])]),
            ("ranges out of order", vec![(log(1), vec![(5, 6), (1, 2)])]),
            ("a log twice", vec![(log(1), vec![(0, 1)]), (log(1), vec![(2, 3)])]),
            ("logs out of order", vec![(log(2), vec![(0, 1)]), (log(1), vec![(2, 3)])]),
            ("a range too many", vec![(log(1), (0..).map(|at| (2 * at, 2 * at + 1)).take(MOST_RANGES + 1).collect())]),
            ("a log too many", (0..65).map(|byte| (log(byte), vec![(0, 1)])).collect()),
        ] {
            assert_eq!(closed_numbers(&written(&logs)), Err(Malformed), "{what}");
        }
    }
}
