//! What we have told the peer that we hold, and whether it has dealt with it.

use super::told::{Told, by_log};
use super::{Effects, SessionError};
use crate::id::BlobHash;
use crate::shelf::{LogPosition, Shelf};
use crate::wire::code::runs;
use crate::wire::{Frame, limits};

#[derive(Default)]
pub(super) struct Announcer {
    told: Told,
    /// Vectors sent, and how many of them the peer said to have heard.
    sent: u32,
    heard: u32,
    /// The peer has asked for something and not said since that it is done.
    busy: bool,
    /// Positions in all vectors sent: what a peer may ask for grows with it.
    positions: u64,
    /// The files that the peer was told are not whole here; of a device that says nothing of files, none.
    lacked: Option<Vec<BlobHash>>,
    tells_files: bool,
}

impl Announcer {
    /// The state that the frontier stands for.
    pub(super) fn begin(&mut self, vector: Vec<LogPosition>) {
        self.positions += vector.len() as u64;
        self.told = Told::of(vector);
    }

    /// Says from now on which files are not whole here: at once, if there are any. Read after the list to which it belongs, so
    /// that whatever that names is among them.
    pub(super) fn begin_files(&mut self, shelf: &mut dyn Shelf, effects: &mut Effects) -> Result<(), SessionError> {
        self.lacked = Some(Vec::new());
        self.tells_files = true;
        self.say_lacked(shelf, effects)
    }

    /// Says which files are not whole here, if they are others than was said last. To be called after a list was read, and
    /// before it is sent.
    pub(super) fn say_lacked(&mut self, shelf: &mut dyn Shelf, effects: &mut Effects) -> Result<(), SessionError> {
        if !self.tells_files {
            return Ok(());
        }
        let lacked = shelf.lacked_files(limits::LACKED_FILES)?;
        if lacked != self.lacked {
            effects.frames.push(Frame::Lacks(lacked.clone()).encode()?);
            self.lacked = lacked;
        }
        Ok(())
    }

    /// Whether the peer was told that every file is whole here.
    pub(super) fn lacks_no_file(&self) -> bool {
        self.lacked.as_ref().is_some_and(Vec::is_empty)
    }

    pub(super) fn positions(&self) -> Vec<LogPosition> {
        self.told.positions()
    }

    pub(super) fn positions_announced(&self) -> u64 {
        self.positions
    }

    pub(super) fn announce_all(&mut self, effects: &mut Effects) -> Result<(), SessionError> {
        let positions = self.positions();
        self.send(positions, true, effects)
    }

    /// To a peer that is to know of nothing here: it only hears later how far what it brought was taken.
    pub(super) fn announce_nothing(&mut self, effects: &mut Effects) -> Result<(), SessionError> {
        self.send(Vec::new(), true, effects)
    }

    /// Tells the logs that are not as they were told last. True if there were any.
    pub(super) fn announce_changes(
        &mut self,
        vector: Vec<LogPosition>,
        effects: &mut Effects,
    ) -> Result<bool, SessionError> {
        let changed = self.note_changes(vector);
        let any = !changed.is_empty();
        if any {
            self.send(changed, false, effects)?;
        }
        Ok(any)
    }

    /// The logs that changed, noted as told: for whoever tells them in another way.
    pub(super) fn note_changes(&mut self, vector: Vec<LogPosition>) -> Vec<LogPosition> {
        let mut changed = Vec::new();
        for (log, positions) in by_log(vector) {
            if self.told.get(&log) != Some(&positions) {
                changed.extend(positions.iter().cloned());
                self.told.tell(log, positions);
            }
        }
        self.positions += changed.len() as u64;
        changed
    }

    pub(super) fn heard(&mut self, heard: u32) -> Result<(), SessionError> {
        if heard > self.sent {
            return Err(SessionError::OutOfTurn);
        }
        self.heard = heard;
        self.busy = false;
        Ok(())
    }

    pub(super) fn peer_is_busy(&mut self) {
        self.busy = true;
    }

    pub(super) fn is_heard(&self) -> bool {
        self.heard == self.sent && !self.busy
    }

    fn send(&mut self, positions: Vec<LogPosition>, complete: bool, effects: &mut Effects) -> Result<(), SessionError> {
        // The peer would hang up.
        self.told.require_limits()?;
        for run in runs(positions, complete) {
            self.sent = self.sent.saturating_add(u32::from(!run.more));
            effects.frames.push(Frame::Vector(run).encode()?);
        }
        Ok(())
    }
}
