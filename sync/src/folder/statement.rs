//! Statements: where a device stands, what lies in the folder from it, and which batches of others it could not read.

use std::collections::BTreeSet;

use super::batch::Listing;
use crate::id::{BlobHash, ObjectHash};
use crate::shelf::LogPosition;
use crate::wire::code::runs;
use crate::wire::folder::{FolderFrame, in_statement};
use crate::wire::{Deframer, Frame, Run, WireError, limits};

/// What a device says of itself in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Statement {
    /// One more than that of the one before.
    pub(super) number: u64,
    /// When it was written, in milliseconds since 1970 by the writer's clock.
    pub(super) at: u64,
    /// All that it durably holds.
    pub(super) positions: Vec<LogPosition>,
    /// Files that it holds not all pieces of; `None` when that cannot be said.
    pub(super) lacks: Option<Vec<BlobHash>>,
    /// Its batches, the oldest first.
    pub(super) batches: Vec<(ObjectHash, Listing)>,
    /// Batches of others that it could not read for long.
    pub(super) unreadable: BTreeSet<ObjectHash>,
}

impl Statement {
    /// Its frames, one after the other.
    pub(super) fn encode(&self) -> Result<Vec<u8>, WireError> {
        let mut bytes = FolderFrame::Standing { number: self.number, at: self.at }.encode()?;
        for run in runs(self.positions.clone(), true) {
            bytes.extend(Frame::Vector(run).encode()?);
        }
        bytes.extend(Frame::Lacks(self.lacks.clone()).encode()?);
        for (name, listing) in &self.batches {
            for run in runs(listing.positions.clone(), false) {
                bytes.extend(FolderFrame::Batch(*name, Run { more: false, ..run }).encode()?);
            }
            let pieces: Vec<_> = listing.pieces.iter().copied().collect();
            for pieces in pieces.chunks(limits::BATCH_PIECES) {
                bytes.extend(FolderFrame::BatchPieces(*name, pieces.to_vec()).encode()?);
            }
        }
        let unreadable: Vec<_> = self.unreadable.iter().take(limits::UNREADABLE).copied().collect();
        if !unreadable.is_empty() {
            bytes.extend(FolderFrame::Unreadable(unreadable).encode()?);
        }
        Ok(bytes)
    }

    /// Reads one; `None` where it is not whole, says something twice, or more than a device can mean. Frames of kinds that are not
    /// known are a later version's.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (mut rest, mut deframer) = (bytes, Deframer::new(in_statement));
        let mut statement = Self::default();
        let (mut standing, mut lacks, mut ranges) = (false, false, 0);
        while let Some(raw) = deframer.next(&mut rest).ok()? {
            match FolderFrame::parse(raw.kind, &raw.payload).ok()? {
                Some(FolderFrame::Standing { number, at }) if !standing => {
                    (statement.number, statement.at, standing) = (number, at, true);
                }
                Some(FolderFrame::Standing { .. }) => return None,
                Some(FolderFrame::Batch(name, run)) => {
                    ranges += ranges_of(&run);
                    statement.batch(name)?.positions.extend(run.positions);
                }
                Some(FolderFrame::BatchPieces(name, pieces)) => statement.batch(name)?.pieces.extend(pieces),
                Some(FolderFrame::Unreadable(names)) => statement.unreadable.extend(names),
                None if in_statement(raw.kind).is_none() => {}
                None => match raw.parse().ok()? {
                    Frame::Vector(run) => {
                        ranges += ranges_of(&run);
                        statement.positions.extend(run.positions);
                    }
                    Frame::Lacks(files) if !lacks => (statement.lacks, lacks) = (files, true),
                    _ => return None,
                },
            }
            let positions =
                statement.positions.len() + statement.batches.iter().map(|(_, it)| it.positions.len()).sum::<usize>();
            if ranges > limits::ALL_RANGES || positions > limits::ALL_POSITIONS {
                return None;
            }
        }
        (standing && lacks && !deframer.inside_a_frame() && rest.is_empty()).then_some(statement)
    }

    /// The batch of a name, which may be the last that was named, or a new one.
    fn batch(&mut self, name: ObjectHash) -> Option<&mut Listing> {
        if self.batches.last().is_none_or(|(last, _)| *last != name) {
            let is_new = self.batches.len() < limits::BATCHES && self.batches.iter().all(|(other, _)| *other != name);
            is_new.then(|| self.batches.push((name, Listing::default())))?;
        }
        self.batches.last_mut().map(|(_, listing)| listing)
    }
}

fn ranges_of(run: &Run) -> usize {
    run.positions.iter().map(|position| position.bodies.pairs().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{HeaderHash, PieceHash};
    use crate::ranges::Ranges;
    use crate::testkit::log;

    fn position(n: u8, ranges: u64) -> LogPosition {
        let bodies = Ranges::from_pairs((0..ranges).map(|at| (at * 2, at * 2 + 1)).collect()).unwrap();
        LogPosition { log: log(n), next_seq: ranges * 2 + 1, head: HeaderHash([n; 32]), bodies }
    }

    fn statement() -> Statement {
        let listing = |n: u8, pieces: u8| Listing {
            positions: vec![position(n, 3)],
            pieces: (0..pieces).map(|n| PieceHash([n; 32])).collect(),
        };
        Statement {
            number: 7,
            at: 1_800_000_000_000,
            positions: (1..200).map(|n| position(n, 40)).collect(),
            lacks: Some(vec![BlobHash([3; 32])]),
            batches: vec![(ObjectHash([9; 32]), listing(1, 0)), (ObjectHash([8; 32]), listing(2, 5))],
            unreadable: [ObjectHash([4; 32])].into(),
        }
    }

    #[test]
    fn a_statement_comes_back_and_cut_anywhere_it_is_none() {
        let bytes = statement().encode().unwrap();
        assert_eq!(Statement::parse(&bytes), Some(statement()));
        for cut in (0..bytes.len()).step_by(97) {
            let cut = Statement::parse(&bytes[..cut]);
            assert!(cut.is_none_or(|cut| cut.batches.len() < 2 || cut.unreadable.is_empty()));
        }
        assert_eq!(Statement::parse(&[bytes.as_slice(), &[1]].concat()), None);
    }

    #[test]
    fn what_a_later_version_says_is_read_past_and_what_is_said_twice_is_refused() {
        let bytes = statement().encode().unwrap();
        let later = [3, 0, 0, 0, 0x3e, 1, 2];
        assert_eq!(Statement::parse(&[&bytes[..], &later].concat()), Some(statement()));
        assert_eq!(Statement::parse(&[&bytes[..], &bytes].concat()), None);
        let mut twice = statement();
        twice.batches.push(twice.batches[0].clone());
        assert_eq!(Statement::parse(&twice.encode().unwrap()), None);
    }
}
