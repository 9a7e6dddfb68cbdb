//! What one side has told the other that it holds, and whether that is more than it may tell.

use std::collections::BTreeMap;

use super::SessionError;
use crate::id::LogId;
use crate::shelf::LogPosition;
use crate::wire::limits;

/// Positions by log, over all lists of one conversation: of each log what was said last.
#[derive(Default)]
pub(super) struct Told {
    logs: BTreeMap<LogId, Vec<LogPosition>>,
    positions: usize,
    ranges: usize,
}

impl Told {
    pub(super) fn of(vector: Vec<LogPosition>) -> Self {
        let mut told = Self::default();
        by_log(vector).into_iter().for_each(|(log, positions)| told.tell(log, positions));
        told
    }

    /// Says what is held of a log, in place of what was said of it before.
    pub(super) fn tell(&mut self, log: LogId, positions: Vec<LogPosition>) {
        self.positions += positions.len();
        self.ranges += ranges(&positions);
        if let Some(before) = self.logs.insert(log, positions) {
            self.positions -= before.len();
            self.ranges -= ranges(&before);
        }
    }

    pub(super) fn get(&self, log: &LogId) -> Option<&Vec<LogPosition>> {
        self.logs.get(log)
    }

    pub(super) fn positions(&self) -> Vec<LogPosition> {
        self.logs.values().flatten().cloned().collect()
    }

    pub(super) fn require_limits(&self) -> Result<(), SessionError> {
        let fits = self.positions <= limits::ALL_POSITIONS && self.ranges <= limits::ALL_RANGES;
        if fits { Ok(()) } else { Err(SessionError::VectorTooLong) }
    }
}

fn ranges(positions: &[LogPosition]) -> usize {
    positions.iter().map(|position| position.bodies.pairs().len()).sum()
}

/// A list of positions, log by log.
pub(super) fn by_log(vector: Vec<LogPosition>) -> BTreeMap<LogId, Vec<LogPosition>> {
    let mut logs: BTreeMap<LogId, Vec<LogPosition>> = BTreeMap::new();
    for position in vector {
        logs.entry(position.log).or_default().push(position);
    }
    // A shelf may list branches in any order; the same set must not look like a change.
    logs.values_mut().for_each(|positions| positions.sort_by_key(|position| position.head));
    logs
}
