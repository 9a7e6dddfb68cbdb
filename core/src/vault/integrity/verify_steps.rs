//! A check under way: in small steps, in an order that does not change, so that it is stopped anywhere, kept over a lock, and
//! goes on while the practice changes.
//!
//! Logs come first, then clients, then files, each by id; the envelopes of a log by number and name, the pieces of a file by
//! number. Where a check has come to is one place in that order, and what comes next is looked up in the practice as it
//! is then. Nothing that lies after the place is left out, therefore; what is added before it was checked when it arrived, or was
//! written here, and the next check reads it. The sums over the rows are compared last, all at once.

use std::ops::Bound::{Excluded, Unbounded};

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, Hash, LogId};
use crate::rows::RowError;
use crate::store::Table;
use crate::vault::integrity::verify::{Damage, Envelopes, Verified};
use crate::vault::subject::{Files, Integrity, IntegrityMut};
use crate::vault::{Millis, Notice};

/// Envelopes in one step: at the most 4 MiB.
const ENVELOPES: usize = 16;
/// Pieces of a file in one step: 4 MiB.
const PIECES: usize = 4;
/// The setting under which a check is kept that was stopped.
const KEPT: &str = "check under way";

/// How far a check has come. What lies before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Checkpoint {
    /// The logs after this one are next.
    Logs(Option<LogId>),
    /// The envelopes of this log after the one of this number and name.
    Envelopes(LogId, Option<(u64, Hash)>),
    /// The clients after this one.
    Clients(Option<ClientId>),
    /// The files after this one.
    Files(Option<Hash>),
    /// The pieces of this file, from this number on.
    Pieces(Hash, u32),
    /// The sums over the rows.
    Rows,
}

/// A check under way: what it has found, and what is next.
#[derive(Serialize, Deserialize)]
pub struct Checking {
    begun: Millis,
    found: Verified,
    /// Whether private notes are opened.
    private: bool,
    place: Checkpoint,
    /// Clients that are done.
    clients: u64,
    /// How much there is to do, as it was when it began.
    of: u64,
    /// The envelopes of the log that is being read, when they are known.
    #[serde(skip)]
    ahead: Option<Envelopes>,
}

impl std::fmt::Debug for Checking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Checking")
    }
}

impl Checking {
    /// When it was begun.
    pub fn begun(&self) -> Millis {
        self.begun
    }

    /// How many of how many envelopes, clients and pieces of files are done.
    pub fn progress(&self) -> (u64, u64) {
        ((self.found.envelopes + self.clients + self.found.pieces).min(self.of), self.of)
    }
}

impl Integrity<'_> {
    /// Checks everything; `progress` is told how many of how many envelopes, clients and pieces of files are done. Private
    /// notes are opened while the passphrase has just been given, and only their seals are checked else.
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, RowError> {
        self.check_on(self.begin_check(self.core.reauth.is_some(), 0)?, progress)
    }

    /// As [`Self::verify`], for what runs by itself: of private notes the seals only, whether or not the passphrase has
    /// just been given. Of these, the seal of the envelope and the form of the item; what is in it is not opened.
    pub fn verify_quietly(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, RowError> {
        self.check_on(self.begin_quiet_check(0)?, progress)
    }

    fn check_on(&self, mut checking: Checking, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, RowError> {
        loop {
            if let Some(found) = self.go_on_checking(&mut checking)? {
                progress(checking.of, checking.of);
                return Ok(found);
            }
            let (done, of) = checking.progress();
            progress(done, of);
        }
    }

    /// Begins a check that is made step by step, as quietly as [`Self::verify_quietly`].
    pub fn begin_quiet_check(&self, now: Millis) -> Result<Checking, RowError> {
        self.begin_check(false, now)
    }

    /// The check that was kept. One that cannot be read, of another version say, is none: it begins anew.
    pub fn kept_checking(&self) -> Option<Checking> {
        let row = self.core.read().setting(KEPT).ok().flatten()?;
        serde_json::from_slice(&row).ok().filter(|kept: &Checking| !kept.private)
    }

    fn begin_check(&self, private: bool, begun: Millis) -> Result<Checking, RowError> {
        let headers = self.core.rows.count(Table::Headers).unwrap_or_default();
        let rows = headers + self.core.read().blobs().pieces_held().unwrap_or_default();
        Ok(Checking {
            begun,
            found: Verified::default(),
            private,
            place: Checkpoint::Logs(None),
            clients: 0,
            of: rows + u64::try_from(self.core.memory.clients.len()).unwrap_or_default(),
            ahead: None,
        })
    }

    /// Does one step: some envelopes, or the documents of one client, or some pieces of a file. Gives what was found when all
    /// of it is done.
    pub fn go_on_checking(&self, checking: &mut Checking) -> Result<Option<Verified>, RowError> {
        checking.place = match checking.place {
            Checkpoint::Logs(after) => self.check_next_log(checking, after)?,
            Checkpoint::Envelopes(log, after) => self.check_envelopes(checking, log, after)?,
            Checkpoint::Clients(after) => self.check_next_client(checking, after)?,
            Checkpoint::Files(after) => self.next_file(&mut checking.found, after)?,
            Checkpoint::Pieces(file, from) => self.check_pieces(&mut checking.found, file, from)?,
            Checkpoint::Rows => {
                let (rows, state) = (&self.core.rows, &self.core.memory.state);
                let mut found = std::mem::take(&mut checking.found);
                let sums = [
                    (rows.vital_in(rows.look())?, state.vital, Damage::Vital),
                    (rows.other()?, state.other, Damage::Rows),
                ];
                for ((sum, unreadable), counted, damage) in sums {
                    if !unreadable.is_empty() || sum != counted {
                        found.damaged.push(damage);
                    }
                    found.damaged.extend(unreadable.into_iter().map(Damage::Unreadable));
                }
                return Ok(Some(found));
            }
        };
        Ok(None)
    }

    fn check_next_log(&self, checking: &mut Checking, after: Option<LogId>) -> Result<Checkpoint, RowError> {
        let mut logs = self.core.memory.state.logs.range((after.map_or(Unbounded, Excluded), Unbounded));
        let Some((log, _)) = logs.next() else { return Ok(Checkpoint::Clients(None)) };
        checking.ahead = Some(self.verify_log(log, &mut checking.found)?);
        Ok(Checkpoint::Envelopes(*log, None))
    }

    fn check_envelopes(
        &self,
        checking: &mut Checking,
        log: LogId,
        mut after: Option<(u64, Hash)>,
    ) -> Result<Checkpoint, RowError> {
        let mut ahead = match checking.ahead.take() {
            Some(ahead) => ahead,
            None => {
                // Taken up again: how the headers follow each other is counted already.
                let mut ahead = self.verify_log(&log, &mut Verified::default())?;
                ahead.retain(|spot, _| after.is_none_or(|after| *spot > after));
                ahead
            }
        };
        for _ in 0..ENVELOPES {
            let Some((spot, (signed, missing))) = ahead.pop_first() else { return Ok(Checkpoint::Logs(Some(log))) };
            checking.found.envelopes += 1;
            self.verify_envelope(&signed, missing, checking.private, &mut checking.found)?;
            after = Some(spot);
        }
        checking.ahead = Some(ahead);
        Ok(Checkpoint::Envelopes(log, after))
    }

    fn check_next_client(&self, checking: &mut Checking, after: Option<ClientId>) -> Result<Checkpoint, RowError> {
        let mut clients = self.core.memory.clients.range((after.map_or(Unbounded, Excluded), Unbounded));
        let Some((client, _)) = clients.next() else { return Ok(Checkpoint::Files(None)) };
        self.verify_client(client, &mut checking.found)?;
        checking.clients += 1;
        Ok(Checkpoint::Clients(Some(*client)))
    }

    fn check_pieces(&self, found: &mut Verified, blob: Hash, from: u32) -> Result<Checkpoint, RowError> {
        let Some(checked) = (Files { core: self.core }).verify_pieces(&blob, from, PIECES)? else {
            found.damaged.push(Damage::Blob(blob));
            return Ok(Checkpoint::Files(Some(blob)));
        };
        found.files += u64::from(from == 0);
        found.pieces += checked.whole;
        found.pieces_missing += checked.missing;
        found.damaged.extend(checked.damaged.into_iter().map(|number| Damage::Piece(checked.file, number)));
        Ok(checked.next.map_or(Checkpoint::Files(Some(blob)), |next| Checkpoint::Pieces(blob, next)))
    }

    fn next_file(&self, found: &mut Verified, after: Option<Hash>) -> Result<Checkpoint, RowError> {
        let files = match self.core.read().blobs().blobs() {
            Ok(files) => files,
            Err(RowError::Damaged) => {
                found.damaged.push(Damage::Catalog);
                return Ok(Checkpoint::Rows);
            }
            Err(error) => return Err(error),
        };
        let next = files.into_iter().filter(|file| after.is_none_or(|after| *file > after)).min();
        Ok(next.map_or(Checkpoint::Rows, |file| Checkpoint::Pieces(file, 0)))
    }
}

impl IntegrityMut<'_> {
    /// Has what a check found told once: damage, or rows that were changed from outside.
    pub fn notice_check(&mut self, found: &Verified) {
        if found.damaged.contains(&Damage::Vital) {
            self.core.note_vital_changed();
        }
        match found.damaged.as_slice() {
            [] | [Damage::Vital] => {}
            [Damage::Rows] => self.core.memory.tell(Notice::RowsChanged),
            _ => self.core.memory.tell(Notice::Damaged),
        }
    }

    /// Keeps how far a quiet check has come, so that it goes on after a lock or a restart.
    pub fn keep_checking(&mut self, checking: &Checking) -> Result<(), RowError> {
        let row = serde_json::to_vec(checking)?;
        self.core.keep_setting(KEPT, &row)
    }

    /// Keeps no check any more: one has come to its end, or what it found may be mended now.
    pub fn forget_checking(&mut self) -> Result<(), RowError> {
        match self.core.read().setting(KEPT) {
            Ok(row) if row.as_ref().is_none_or(Vec::is_empty) => Ok(()),
            // One that does not open is put over as well.
            _ => self.core.keep_setting(KEPT, &[]),
        }
    }
}
