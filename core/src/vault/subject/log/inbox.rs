//! The inbox: what is taken from another device, headers first, then bodies.
//!
//! Refused: a run that no admitted device signed, one that does not follow from what is known, a fifth branch that no device of the practice says it uses, a body
//! that its header does not name. A run of a signer who is not known yet is held, capped, and tried again when the
//! roster grows.

use crate::codec::{Reader, Writer};
use crate::id::{DeviceId, Hash, LogId};
use crate::log;
use crate::log::{ChainError, Header, SignedHeader};
use crate::planted::{Check, is_out};
use crate::rows::{One, RowError};
use crate::sign::PublicKey;
use crate::state::{MAX_BRANCHES, MAX_CUT_BRANCHES, Tip};
use crate::vault::commit::{Outbox, commit, owed_branches, prune_bodies, say_lacking};
use crate::vault::core::Transaction;
use crate::vault::items::ledger::{HeldBodies, MetThrough, NAME_UNKNOWN};
use crate::vault::project::{
    hear_first, note_missed_removals, note_prunable, note_pruned, put_in_quarantine, put_lost, take_items,
};
use crate::vault::read::{NotTaken, Taken};
use crate::vault::registry::{
    BodyAt, HadAllAt, HeaderAt, HeldElsewhereAt, LastSeenAt, MetThroughAt, MissingBodiesAt, NewcomerAt, OrderAt,
    OrphanHeadersAt,
};
use crate::vault::subject::LogMut;
use crate::vault::{Millis, Notice};

/// How long a device that says nothing new counts as having been here just now.
const JUST_NOW: Millis = 10_000;

/// Bytes of headers that are held for signers who are not known.
pub(crate) const ORPHANS_MAX: usize = 1 << 20;

impl LogMut<'_> {
    /// Takes a run of signed headers of one log.
    pub fn offer_headers(&mut self, log: &LogId, run: &[Vec<u8>]) -> Result<Taken, RowError> {
        self.take_headers(log, run, MAX_BRANCHES)
    }

    /// The same out of a backup: on which branches cuts stand, its roster says before all of them are here.
    pub(crate) fn restore_headers(&mut self, log: &LogId, run: &[Vec<u8>]) -> Result<Taken, RowError> {
        self.take_headers(log, run, MAX_CUT_BRANCHES)
    }

    fn take_headers(&mut self, log: &LogId, run: &[Vec<u8>], branches: usize) -> Result<Taken, RowError> {
        self.core.require_vital()?;
        let parsed: Result<Vec<SignedHeader>, _> = run.iter().map(|bytes| SignedHeader::parse(bytes)).collect();
        let Ok(parsed) = parsed else { return Ok(Taken::Refused(NotTaken::NotHeaders)) };
        let Some(card) = self.core.memory.roster.card(&log.device()) else { return self.hold_orphans(log, run) };
        let key = card.signing;
        let refound = self.take_lost_headers(log, &parsed, &key)?;
        let mut fresh = parsed.as_slice();
        while let Some((first, rest)) = fresh.split_first() {
            if !self.core.read().has(&HeaderAt(first.header.hash()))? {
                break;
            }
            fresh = rest;
        }
        let Some(first) = fresh.first().map(|signed| signed.header) else {
            return Ok(if refound { Taken::Stored } else { Taken::Known });
        };
        let Some(begin) = self.core.read().ledger().position_before(&first)? else {
            return Ok(Taken::Refused(NotTaken::Detached));
        };
        let accepted = match log::follow(*log, begin, fresh, &key) {
            Ok(accepted) => accepted,
            Err(ChainError::TooLong) => return Ok(Taken::Refused(NotTaken::LogTooLong)),
            Err(_) => return Ok(Taken::Refused(NotTaken::NotSigned)),
        };
        let mut tips = self.core.read().tips(log);
        let end = Tip { next_seq: accepted.position.next_seq, head: accepted.position.head };
        match tips.iter().position(|tip| tip.head == begin.head && tip.next_seq == begin.next_seq) {
            Some(at) => drop(tips.get_mut(at).map(|tip| *tip = end)),
            None if tips.len() >= self.branches_with(log, &accepted.hashes).max(branches) => {
                self.say_branches(log)?;
                return Ok(Taken::Refused(NotTaken::TooManyBranches));
            }
            None => tips.push(end),
        }
        self.store_run(log, fresh, &accepted.hashes, tips)?;
        if self.core.memory.logs.contains(log) {
            self.core.memory.tell(Notice::Copied);
            self.core.go_on_in_new_logs()?;
        }
        Ok(Taken::Stored)
    }

    /// How many branches a log may have for one more with these envelopes: what one device of the practice uses, all are to use.
    fn branches_with(&self, log: &LogId, names: &[Hash]) -> usize {
        let is_used = self.core.memory.roster.branches(log).any(|cut| names.contains(&cut.head));
        if is_used { MAX_CUT_BRANCHES } else { MAX_BRANCHES }
    }

    /// A log has more branches than are taken: what is used of it here is said, unless it was. Whoever offers one again and again
    /// has it looked at once.
    fn say_branches(&mut self, log: &LogId) -> Result<(), RowError> {
        let size = self.core.memory.roster.size();
        if self.core.caches.crowded.insert(*log, size) == Some(size) {
            return Ok(());
        }
        let mut tx = Transaction::quiet();
        tx.todo.crowded.insert(*log);
        let said = owed_branches(self.core, &tx)?;
        if said.keyring.is_empty() { Ok(()) } else { commit(self.core, tx, said) }
    }

    fn store_run(&mut self, log: &LogId, run: &[SignedHeader], names: &[Hash], tips: Vec<Tip>) -> Result<(), RowError> {
        // The bodies follow, and the anchor with them.
        let mut tx = Transaction::quiet();
        let (mut missing, mut gone) = (self.core.read().ledger().missing(log)?, Vec::new());
        for (signed, name) in run.iter().zip(names) {
            let seq = signed.header.seq;
            tx.put(&HeaderAt(*name), signed);
            let mut at = self.core.at(&tx).envelopes_at(log, seq)?;
            at.push(*name);
            at.sort_unstable();
            tx.put(&OrderAt(*log, seq), &at);
            if self.core.at(&tx).ledger().is_pruned(name)? {
                gone.push(*signed);
            } else if !self.take_body_here(&mut tx, name, &signed.header)? {
                missing.insert((seq, *name));
            }
        }
        tx.put_list(&MissingBodiesAt(*log), &missing);
        gone.iter().try_for_each(|signed| note_pruned(self.core, &mut tx, signed))?;
        tx.next.tips.insert(*log, tips);
        note_missed_removals(self.core, &mut tx, run)?;
        // A cut that names one of these headers reaches as far as it from now on.
        tx.todo.roster = self.core.memory.roster.removal_of(&log.device()).is_some();
        commit(self.core, tx, Outbox::everyday())
    }

    /// A body that is here before its header, which damage took: it is taken in now. `false` when it is to come.
    fn take_body_here(&self, tx: &mut Transaction, envelope: &Hash, header: &Header) -> Result<bool, RowError> {
        let Some(body) = self.core.at(tx).get(&BodyAt(*envelope))? else { return Ok(false) };
        if !header.names(&body) {
            tx.remove(&BodyAt(*envelope));
            return Ok(false);
        }
        self.use_body(tx, envelope, header, &body)?;
        Ok(true)
    }

    /// What follows from a body that is here now.
    fn use_body(&self, tx: &mut Transaction, envelope: &Hash, header: &Header, body: &[u8]) -> Result<(), RowError> {
        note_prunable(self.core, tx, header)?;
        match self.core.at(tx).ledger().is_accepted(header)? {
            true => take_items(self.core, tx, envelope, header, body),
            false => put_in_quarantine(self.core, tx, envelope, header),
        }
    }

    /// Takes bodies of envelopes whose headers are here, all in one transaction, and does what follows from them.
    pub fn offer_bodies(&mut self, bodies: &[(Hash, Vec<u8>)], now: Millis) -> Result<Vec<Taken>, RowError> {
        self.core.require_vital()?;
        let taken = self.take_bodies(bodies, Some(now))?;
        if taken.contains(&Taken::Stored) {
            prune_bodies(self.core);
            say_lacking(self.core);
        }
        Ok(taken)
    }

    /// The same, of which nothing follows yet: the rest of a backup is still to come, and says what this builds on. `arrived`
    /// is `None` of what comes out of one.
    pub(crate) fn take_bodies(
        &mut self,
        bodies: &[(Hash, Vec<u8>)],
        arrived: Option<Millis>,
    ) -> Result<Vec<Taken>, RowError> {
        let entries = self.core.memory.roster.size();
        let mut tx = Transaction { arrived, ..Transaction::default() };
        if let Some(now) = arrived.filter(|_| matches!(self.core.read().get(&NewcomerAt()), Ok(Some(One(0))))) {
            tx.put(&NewcomerAt(), &One(now.max(1)));
        }
        let mut taken = Vec::with_capacity(bodies.len());
        hear_first(self.core, &mut tx, bodies)?;
        for (envelope, body) in bodies {
            taken.push(self.take_body(&mut tx, envelope, body)?);
        }
        if taken.contains(&Taken::Stored) {
            commit(self.core, tx, Outbox::everyday())?;
            if self.core.memory.roster.size() > entries {
                // What was taken is here and stays, whatever becomes of what waited: others offer that again.
                let _ = self.retry_orphans();
                self.core.write_anchor();
            }
        }
        Ok(taken)
    }

    fn take_body(&self, tx: &mut Transaction, envelope: &Hash, body: &[u8]) -> Result<Taken, RowError> {
        if self.core.at(tx).get(&BodyAt(*envelope))?.is_some() || self.core.at(tx).ledger().is_pruned(envelope)? {
            return Ok(Taken::Known);
        }
        let header = match self.core.at(tx).ledger().named(envelope, body)? {
            Ok(header) => header,
            Err(refused) => return Ok(Taken::Refused(refused)),
        };
        if is_out(Check::Closing) && self.core.at(tx).ledger().is_said_let_go(&header)? {
            return Ok(Taken::Known);
        }
        tx.put(&BodyAt(*envelope), &body.to_vec());
        let mut missing = self.core.at(tx).ledger().missing(&header.log)?;
        missing.remove(&(header.seq, *envelope));
        tx.put_list(&MissingBodiesAt(header.log), &missing);
        self.use_body(tx, envelope, &header, body)?;
        Ok(Taken::Stored)
    }

    /// Keeps a run whose signer is not known yet.
    fn hold_orphans(&mut self, log: &LogId, run: &[Vec<u8>]) -> Result<Taken, RowError> {
        let mut orphans = self.core.read().list(&OrphanHeadersAt())?;
        let mut writer = Writer::new();
        writer.bytes(&log.0).list(run, |writer, header| {
            writer.lp(header);
        });
        let entry = writer.finish();
        if orphans.len() + entry.len() <= ORPHANS_MAX && !orphans.windows(entry.len()).any(|held| held == entry) {
            orphans.extend_from_slice(&entry);
            let mut tx = Transaction::quiet();
            tx.put(&OrphanHeadersAt(), &orphans);
            self.core.write(tx)?;
        }
        Ok(Taken::Orphaned)
    }

    /// Offers the runs whose signer was not known once more, after the roster grew.
    fn retry_orphans(&mut self) -> Result<(), RowError> {
        let Some(orphans) = self.core.read().get(&OrphanHeadersAt())? else { return Ok(()) };
        let mut tx = Transaction::quiet();
        tx.remove(&OrphanHeadersAt());
        self.core.write(tx)?;
        let mut reader = Reader::new(&orphans);
        while !reader.rest().is_empty() {
            let log = LogId(reader.array()?);
            let run = reader.list(ORPHANS_MAX, |reader| Ok(reader.lp(256)?.to_vec()))?;
            self.offer_headers(&log, &run)?;
        }
        Ok(())
    }

    /// Headers that were lost and come again: their names are known, or follow from the header after them that is here, so
    /// nothing else is asked of them.
    fn take_lost_headers(&mut self, log: &LogId, run: &[SignedHeader], key: &PublicKey) -> Result<bool, RowError> {
        if run.iter().any(|signed| signed.header.log != *log) {
            return Ok(false);
        }
        let mut lost = self.core.read().ledger().lost(log)?;
        let ends_here = match run.last() {
            Some(last) => self.core.read().has(&HeaderAt(last.header.hash()))?,
            None => false,
        };
        if lost.is_empty() && !ends_here {
            return Ok(false);
        }
        let mut tx = Transaction::quiet();
        let (mut missing, mut refound) = (self.core.read().ledger().missing(log)?, false);
        // The name of the header before one that is here: what bears it was here too, though its name may be lost with it.
        let mut proven = None;
        for signed in run.iter().rev() {
            let header = &signed.header;
            let name = header.hash();
            let here = self.core.read().has(&HeaderAt(name))?;
            let is_lost = |lost: &Hash| *lost == name || (*lost == NAME_UNKNOWN && proven == Some(name));
            let named = lost.iter().position(|(seq, lost)| *seq == header.seq && is_lost(lost));
            // One that is here and whose name was lost with the header after it is found again by that.
            if named.is_some() || (!here && proven == Some(name)) {
                named.map(|at| lost.remove(at));
                if !here {
                    // Its name says nothing of the signature on it, which is served to others; the last of a branch has one.
                    let is_last = self.core.read().tips(log).iter().any(|tip| tip.head == name);
                    if (is_last || signed.signature.is_some()) && signed.verify(key).is_err() {
                        return Ok(false);
                    }
                    tx.put(&HeaderAt(name), signed);
                }
                let mut at = self.core.read().envelopes_at(log, header.seq).unwrap_or_default();
                if !at.contains(&name) {
                    at.push(name);
                    at.sort_unstable();
                    tx.put(&OrderAt(*log, header.seq), &at);
                }
                if !self.core.read().ledger().is_pruned(&name)? && !self.take_body_here(&mut tx, &name, header)? {
                    missing.insert((header.seq, name));
                }
                refound = true;
            }
            proven = (here || named.is_some() || proven == Some(name)).then_some(header.prev);
        }
        if !refound {
            return Ok(false);
        }
        tx.put_list(&MissingBodiesAt(*log), &missing);
        put_lost(&mut tx, log, lost);
        commit(self.core, tx, Outbox::everyday())?;
        Ok(true)
    }

    /// Notes what another device says that it durably holds of these logs, and when it was here. Of a log that is not here
    /// nobody asks what others hold, so nothing is kept of it; of one that is not named, what was said before stays. `false` when
    /// it says nothing new.
    pub fn acknowledged(&mut self, device: &DeviceId, held: &HeldBodies, now: Millis) -> Result<bool, RowError> {
        self.note_held(Transaction::quiet(), device, held, now)
    }

    /// The same when that is all that the device holds: of a log that it does not name it holds nothing.
    pub fn acknowledged_all(&mut self, device: &DeviceId, held: &HeldBodies, now: Millis) -> Result<bool, RowError> {
        let mut tx = Transaction::quiet();
        let is_named = |log: &LogId| held.iter().any(|(named, _)| named == log);
        for log in self.core.memory.state.logs.keys().filter(|log| !is_named(log)) {
            let row = HeldElsewhereAt(*device, *log);
            if self.core.read().has(&row)? {
                tx.remove(&row);
            }
        }
        self.note_held(tx, device, held, now)
    }

    /// Notes that a device was met, and through what; what was written before it was met last says nothing new.
    pub fn met(&mut self, device: &DeviceId, through: MetThrough, now: Millis) -> Result<(), RowError> {
        if self.core.memory.roster.removal_of(device).is_some() {
            return Ok(());
        }
        if self.core.read().ledger().last_seen(device)?.is_some_and(|seen| seen > now) {
            return Ok(());
        }
        let mut tx = Transaction::quiet();
        tx.put(&MetThroughAt(*device), &One(through));
        tx.put(&LastSeenAt(*device), &One(now));
        self.core.write(tx)
    }

    /// Lists have no number, and a write waits for the disk: what says nothing new is not written, and nobody asks what a removed
    /// device holds. Of this device's own logs nobody holds what is not written yet.
    fn note_held(
        &mut self,
        mut tx: Transaction,
        device: &DeviceId,
        held: &HeldBodies,
        now: Millis,
    ) -> Result<bool, RowError> {
        if self.core.memory.roster.removal_of(device).is_some() {
            return Ok(false);
        }
        let is_here = |log: &LogId| self.core.memory.state.logs.contains_key(log);
        let reader = self.core.read();
        for (log, ranges) in held.iter().filter(|(log, _)| is_here(log)) {
            let row = HeldElsewhereAt(*device, *log);
            let is_own = log.device() == self.core.device;
            let end = if is_own { self.core.read().ledger().end_of(log) } else { u64::MAX };
            let ranges: Vec<_> = ranges
                .iter()
                .map(|(first, next)| (*first, *next.min(&end)))
                .filter(|(first, next)| first < next)
                .collect();
            if !matches!(reader.get(&row), Ok(Some(said)) if said == ranges) {
                tx.put(&row, &ranges);
            }
        }
        let was_just =
            |at: Result<Option<One<Millis>>, RowError>| matches!(at, Ok(Some(One(at))) if now.abs_diff(at) < JUST_NOW);
        let is_news = !tx.changes.is_empty();
        let had_all = HadAllAt(*device);
        if (is_news || !was_just(reader.get(&had_all))) && self.core.at(&tx).ledger().has_all(device)? {
            tx.put(&had_all, &One(now));
        }
        if tx.changes.is_empty() && was_just(reader.get(&LastSeenAt(*device))) {
            return Ok(false);
        }
        // What was written some time ago may be read after what was said since.
        let seen = reader.ledger().last_seen(device)?.map_or(now, |seen| seen.max(now));
        tx.put(&LastSeenAt(*device), &One(seen));
        self.core.write(tx)?;
        Ok(is_news)
    }
}
