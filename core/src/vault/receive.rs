//! The vault as a shelf of envelopes: what it holds, what it gives, and what it takes from another device.
//!
//! Refused: a run that no admitted device signed, one that does not follow from what is known, a fifth branch, a body
//! that its header does not name. A run of a signer who is not known yet is held, capped, and tried again when the
//! roster grows.

use std::collections::BTreeSet;

use crate::codec::{Reader, Writer};
use crate::id::{DeviceId, Hash, LogId};
use crate::kdf;
use crate::labels;
use crate::log::{self, Class, Header, Position, SignedHeader, Spot};
use crate::state::{MAX_BRANCHES, Tip};
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::index::{self, Place, Work};
use crate::vault::{Millis, Notice, Vault, VaultError};

/// Bytes of headers that are held for signers who are not known.
const HELD_MAX: usize = 1 << 20;

/// Logs that a vault keeps.
const MAX_LOGS: usize = 1_024;

/// Where one branch of a log ends here, and which of its bodies are not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEnd {
    /// The log.
    pub log: LogId,
    /// The number that its next envelope will have.
    pub next_seq: u64,
    /// The name of its last envelope.
    pub head: Hash,
    /// Numbers of the envelopes whose bodies are not here, not yet or not any more, in order.
    pub missing: Vec<u64>,
}

/// Why something offered was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// It has not the form of what it should be.
    #[error("what arrived is not a run of headers")]
    NotHeaders,
    /// Something is missing before it.
    #[error("headers that would have to come before these have not arrived")]
    Detached,
    /// The chain or its signature is wrong.
    #[error("the headers do not follow from each other, or are not signed by their device")]
    NotSigned,
    /// One log, too many branches.
    #[error("this log has too many branches")]
    TooManyBranches,
    /// Too many logs.
    #[error("this practice has too many logs")]
    TooManyLogs,
    /// More from a removed device than is kept of one.
    #[error("this device was removed, and no more of it is kept")]
    TooMuchRemoved,
    /// A body that no header names.
    #[error("nobody asked for this")]
    Unasked,
    /// The disk is full, or nearly so.
    #[error("there is not enough room on this disk")]
    NoRoom,
    /// A body that is not the one its header names.
    #[error("what arrived is not what its header names")]
    NotNamed,
}

/// What became of something offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Taken {
    /// New, and durable now.
    Stored,
    /// Here already.
    Known,
    /// Its signer is not known yet.
    Held,
    /// Not taken, and why.
    Refused(NotTaken),
}

/// What a device says that it durably holds of a log: ranges of numbers, each with its first and one past its last.
pub type HeldBodies = Vec<(LogId, Vec<(u64, u64)>)>;

impl Vault {
    /// A digest of everything that this vault holds of the logs: equal on two devices when neither lacks anything.
    pub fn frontier(&self) -> Result<Hash, VaultError> {
        let mut writer = Writer::new();
        for end in self.log_ends()? {
            writer.bytes(&end.log.0).u64(end.next_seq).bytes(&end.head.0);
            writer.list(&end.missing, |writer, seq| {
                writer.u64(*seq);
            });
        }
        Ok(kdf::hash(labels::FRONTIER, &[&writer.finish()]))
    }

    /// All branches of all logs, in a fixed order.
    pub fn log_ends(&self) -> Result<Vec<LogEnd>, VaultError> {
        let ends: Result<Vec<_>, _> = self.logs().iter().map(|log| self.log_ends_of(log)).collect();
        Ok(ends?.concat())
    }

    pub(crate) fn logs(&self) -> Vec<LogId> {
        self.state.logs.keys().copied().collect()
    }

    pub(crate) fn log_ends_of(&self, log: &LogId) -> Result<Vec<LogEnd>, VaultError> {
        let mut ends = Vec::new();
        let mut tips = self.state.logs.get(log).cloned().unwrap_or_default();
        tips.sort_by_key(|tip| tip.head);
        for Tip { next_seq, head } in tips {
            let missing = self.lacking(log, &head)?.unwrap_or_default();
            let mut missing: Vec<u64> = missing.into_iter().map(|(seq, _)| seq).collect();
            // Of an envelope whose header was lost nothing is said to be held, so that it is asked for.
            missing.extend(self.lost_headers(log)?.into_iter().filter(|seq| *seq < next_seq));
            missing.extend(self.gone_from(log, &head, next_seq)?);
            missing.sort_unstable();
            missing.dedup();
            ends.push(LogEnd { log: *log, next_seq, head, missing });
        }
        Ok(ends)
    }

    /// Numbers and names of the envelopes up to `head` whose bodies are not here, in order; `None` when that header is
    /// not here itself.
    pub fn lacking(&self, log: &LogId, head: &Hash) -> Result<Option<Vec<(u64, Hash)>>, VaultError> {
        let work = Work::default();
        let Some(end) = self.end_at(log, head)? else { return Ok(None) };
        let mut missing = self.missing(&work, log)?;
        missing.retain(|(seq, _)| *seq < end);
        if let Some((first, _)) = missing.iter().min().filter(|_| self.tips(&work, log).len() > 1) {
            let branch: BTreeSet<Hash> = self.branch(&work, log, *first, head)?.into_iter().collect();
            missing.retain(|(_, name)| branch.contains(name));
        }
        missing.sort_unstable();
        missing.dedup();
        Ok(Some(missing))
    }

    /// Whether a body is here.
    pub fn has_body(&self, envelope: &Hash) -> Result<bool, VaultError> {
        self.rows.has(Table::Bodies, &envelope.0)
    }

    /// Signed headers of the branch that ends at `head`, from `from` on, as many as fit and at least up to the first
    /// signature.
    pub fn headers(&self, log: &LogId, from: u64, head: &Hash, max_bytes: usize) -> Result<Vec<Vec<u8>>, VaultError> {
        let work = Work::default();
        let (mut run, mut bytes) = (Vec::new(), 0);
        for envelope in self.branch(&work, log, from, head)? {
            let signed = match self.header(&work, &envelope) {
                Ok(signed) => signed,
                // Nothing is served beyond a lost header, nor without the signature that would have covered it.
                Err(VaultError::Damaged) => {
                    let signed = run.iter().rposition(|row: &Vec<u8>| row.len() > Header::LEN);
                    run.truncate(signed.map_or(0, |last| last + 1));
                    break;
                }
                Err(error) => return Err(error),
            };
            let row = signed.to_bytes();
            bytes += row.len();
            run.push(row);
            if bytes >= max_bytes && signed.signature.is_some() {
                break;
            }
        }
        Ok(run)
    }

    /// Names of the envelopes of a branch, from a number on.
    pub fn branch_names(&self, log: &LogId, from: u64, head: &Hash) -> Result<Vec<Hash>, VaultError> {
        self.branch(&Work::default(), log, from, head)
    }

    /// The chain that ends at `head`, which may have been written on since it was announced.
    fn branch(&self, work: &Work, log: &LogId, from: u64, head: &Hash) -> Result<Vec<Hash>, VaultError> {
        let Some(end) = self.end_at(log, head)? else { return Ok(Vec::new()) };
        if let [_] = self.tips(work, log).as_slice() {
            let names = (from..end).map(|seq| self.envelopes_at(work, log, seq));
            return Ok(names.collect::<Result<Vec<_>, _>>()?.concat());
        }
        let mut names = Vec::new();
        let (mut seq, mut name) = (end, *head);
        while seq > from {
            names.push(name);
            name = self.header(work, &name)?.header.prev;
            seq -= 1;
        }
        names.reverse();
        Ok(names)
    }

    /// One past the number of a header of this log; `None` when it is not here.
    fn end_at(&self, log: &LogId, head: &Hash) -> Result<Option<u64>, VaultError> {
        let Some(row) = self.rows.read(Table::Headers, &head.0)? else { return Ok(None) };
        let header = SignedHeader::parse(&row).map_err(|_| VaultError::Damaged)?.header;
        Ok((header.log == *log).then(|| header.seq.saturating_add(1)))
    }

    /// The body of an envelope, as it travels; `None` when it is not here.
    pub fn envelope_body(&self, envelope: &Hash) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.rows.read(Table::Bodies, &envelope.0)?.map(|body| body.to_vec()))
    }

    /// Takes a run of signed headers of one log.
    pub fn offer_headers(&mut self, log: &LogId, run: &[Vec<u8>]) -> Result<Taken, VaultError> {
        let parsed: Result<Vec<SignedHeader>, _> = run.iter().map(|bytes| SignedHeader::parse(bytes)).collect();
        let Ok(parsed) = parsed else { return Ok(Taken::Refused(NotTaken::NotHeaders)) };
        let Some(card) = self.roster.card(&log.device()) else { return self.hold(log, run) };
        let key = card.signing;
        let refound = self.take_lost_headers(log, &parsed)?;
        let work = Work::default();
        let mut fresh = parsed.as_slice();
        while let Some((first, rest)) = fresh.split_first() {
            if !self.rows.has(Table::Headers, &first.header.hash().0)? {
                break;
            }
            fresh = rest;
        }
        let Some(first) = fresh.first().map(|signed| signed.header) else {
            return Ok(if refound { Taken::Stored } else { Taken::Known });
        };
        let Some(begin) = self.position_before(&work, &first)? else {
            return Ok(Taken::Refused(NotTaken::Detached));
        };
        let accepted = match log::follow(*log, begin, fresh, &key) {
            Ok(accepted) => accepted,
            Err(_) => return Ok(Taken::Refused(NotTaken::NotSigned)),
        };
        if !self.may_grow(log, accepted.position.next_seq) {
            return Ok(Taken::Refused(NotTaken::TooMuchRemoved));
        }
        let mut tips = self.tips(&work, log);
        let end = Tip { next_seq: accepted.position.next_seq, head: accepted.position.head };
        match tips.iter().position(|tip| tip.head == begin.head && tip.next_seq == begin.next_seq) {
            Some(at) => drop(tips.get_mut(at).map(|tip| *tip = end)),
            None if tips.len() >= MAX_BRANCHES => return Ok(Taken::Refused(NotTaken::TooManyBranches)),
            None if tips.is_empty() && self.state.logs.len() >= MAX_LOGS => {
                return Ok(Taken::Refused(NotTaken::TooManyLogs));
            }
            None => tips.push(end),
        }
        self.store_run(work, log, fresh, &accepted.hashes, tips)?;
        if *log == self.log {
            self.notices.push(Notice::Copied);
            self.new_incarnation()?;
        }
        Ok(Taken::Stored)
    }

    /// Where the log ends before this header; `None` when that is not here.
    fn position_before(&self, work: &Work, first: &Header) -> Result<Option<Position>, VaultError> {
        if first.seq == 0 {
            return Ok(Some(Position::START));
        }
        if !self.rows.has(Table::Headers, &first.prev.0)? {
            return Ok(None);
        }
        // A hash says which header, not that it stands in this log and right before.
        let before = self.header(work, &first.prev)?.header;
        Ok((before.log == first.log).then(|| Position::after(&before)))
    }

    fn store_run(
        &mut self,
        mut work: Work,
        log: &LogId,
        run: &[SignedHeader],
        names: &[Hash],
        tips: Vec<Tip>,
    ) -> Result<(), VaultError> {
        let (mut missing, mut gone) = (self.missing(&work, log)?, Vec::new());
        for (signed, name) in run.iter().zip(names) {
            let seq = signed.header.seq;
            work.changes.put(Table::Headers, &name.0, signed.to_bytes());
            let mut at = self.envelopes_at(&work, log, seq)?;
            at.push(*name);
            work.changes.put(Table::Index, &index::order_name(log, seq), at.iter().flat_map(|hash| hash.0).collect());
            match self.is_gone(&work, name)? {
                true => gone.push(signed.header),
                false => missing.push((seq, *name)),
            }
        }
        put_missing(&mut work, log, &missing);
        gone.iter().try_for_each(|header| self.note_gone(&mut work, header))?;
        work.tips.insert(*log, tips);
        self.note_unheard(&mut work, run)?;
        // A cut that names one of these headers reaches as far as it from now on.
        work.roster = self.roster.removal_of(&log.device()).is_some();
        self.finish(work, Outgoing::new(Class::Everyday))
    }

    /// Takes bodies of envelopes whose headers are here, all in one transaction.
    pub fn offer_bodies(&mut self, bodies: &[(Hash, Vec<u8>)]) -> Result<Vec<Taken>, VaultError> {
        self.whole_or_not_at_all(|vault| vault.take_bodies(bodies))
    }

    fn take_bodies(&mut self, bodies: &[(Hash, Vec<u8>)]) -> Result<Vec<Taken>, VaultError> {
        let entries = self.roster.size();
        let mut work = Work::default();
        let mut taken = Vec::with_capacity(bodies.len());
        self.hear_first(&mut work, bodies)?;
        for (envelope, body) in bodies {
            taken.push(self.take_body(&mut work, envelope, body)?);
        }
        if taken.contains(&Taken::Stored) {
            self.finish(work, Outgoing::new(Class::Everyday))?;
            if self.roster.size() > entries {
                self.retry_held()?;
            }
            self.drop_closed();
            self.write_anchor();
        }
        Ok(taken)
    }

    /// What would become of a body, without taking it.
    pub fn judge_body(&self, envelope: &Hash, body: &[u8]) -> Result<Taken, VaultError> {
        if self.has_body(envelope)? || self.is_gone(&Work::default(), envelope)? {
            return Ok(Taken::Known);
        }
        Ok(self.named(envelope, body)?.map_or_else(Taken::Refused, |_| Taken::Stored))
    }

    /// The header that names a body.
    pub(crate) fn named(&self, envelope: &Hash, body: &[u8]) -> Result<Result<Header, NotTaken>, VaultError> {
        let Some(row) = self.rows.read(Table::Headers, &envelope.0)? else { return Ok(Err(NotTaken::Unasked)) };
        let header = SignedHeader::parse(&row).map_err(|_| VaultError::Damaged)?.header;
        let named = body.len() <= log::BODY_MAX && header.names(body);
        Ok(if named { Ok(header) } else { Err(NotTaken::NotNamed) })
    }

    fn take_body(&mut self, work: &mut Work, envelope: &Hash, body: &[u8]) -> Result<Taken, VaultError> {
        if self.rows.read_through(&work.changes, Table::Bodies, &envelope.0)?.is_some()
            || self.is_gone(work, envelope)?
        {
            return Ok(Taken::Known);
        }
        let header = match self.named(envelope, body)? {
            Ok(header) => header,
            Err(refused) => return Ok(Taken::Refused(refused)),
        };
        let accepted = self.is_accepted(work, &header)?;
        if !accepted && !self.may_take_body(work, &header)? {
            return Ok(Taken::Refused(NotTaken::TooMuchRemoved));
        }
        work.changes.put(Table::Bodies, &envelope.0, body.to_vec());
        let mut missing = self.missing(work, &header.log)?;
        missing.retain(|(_, name)| name != envelope);
        put_missing(work, &header.log, &missing);
        if accepted {
            self.take_items(work, envelope, &header, body)?;
        } else {
            self.set_apart(work, envelope, &header)?;
        }
        Ok(Taken::Stored)
    }

    /// Stored first, opened after: a body that does not open is kept as it is and counted, and nothing else is touched.
    pub(crate) fn take_items(
        &mut self,
        work: &mut Work,
        envelope: &Hash,
        header: &Header,
        body: &[u8],
    ) -> Result<(), VaultError> {
        let items = match self.open_body(header, body) {
            Ok(items) => items,
            Err(VaultError::KeyNotHere) => return self.wait_for_epoch(work, &header.epoch, envelope),
            Err(_) => return self.set_aside(work, Place::whole(*envelope)),
        };
        work.again = true;
        self.lay_out(work, envelope, header, &items);
        for (at, item) in items.iter().enumerate() {
            let index = u32::try_from(at).map_err(|_| VaultError::Damaged)?;
            let spot = Spot { log: header.log, seq: header.seq, index };
            self.ingest(work, Place { envelope: *envelope, index }, &spot, item, None)?;
        }
        *self.body.borrow_mut() = Some((*envelope, items));
        Ok(())
    }

    pub(crate) fn missing(&self, work: &Work, log: &LogId) -> Result<Vec<(u64, Hash)>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Index, &index::missing_name(log))?;
        let mut missing = Vec::new();
        if let Some(row) = row {
            let mut reader = Reader::new(&row);
            while !reader.rest().is_empty() {
                let seq = reader.u64().map_err(|_| VaultError::Damaged)?;
                missing.push((seq, Hash(reader.array().map_err(|_| VaultError::Damaged)?)));
            }
        }
        Ok(missing)
    }

    /// Bodies that are known of and not here.
    pub(crate) fn count_missing(&self) -> Result<u64, VaultError> {
        let work = Work::default();
        let missing = self.logs().into_iter().map(|log| self.missing(&work, &log).map(|missing| missing.len()));
        Ok(u64::try_from(missing.sum::<Result<usize, _>>()?).unwrap_or(u64::MAX))
    }

    fn hold(&mut self, log: &LogId, run: &[Vec<u8>]) -> Result<Taken, VaultError> {
        let mut row = self.rows.read(Table::Pending, b"held")?.unwrap_or_default();
        let mut writer = Writer::new();
        writer.bytes(&log.0).list(run, |writer, header| {
            writer.lp(header);
        });
        let entry = writer.finish();
        if row.len() + entry.len() <= HELD_MAX && !row.windows(entry.len()).any(|held| held == entry) {
            row.extend_from_slice(&entry);
            let mut changes = crate::rows::Changes::default();
            changes.put(Table::Pending, b"held", row.to_vec());
            self.rows.commit(&mut self.state, changes)?;
        }
        Ok(Taken::Held)
    }

    /// Offers what was held once more, after the roster grew.
    fn retry_held(&mut self) -> Result<(), VaultError> {
        let Some(row) = self.rows.read(Table::Pending, b"held")? else { return Ok(()) };
        let mut changes = crate::rows::Changes::default();
        changes.remove(Table::Pending, b"held");
        self.rows.commit(&mut self.state, changes)?;
        let mut reader = Reader::new(&row);
        while !reader.rest().is_empty() {
            let log = LogId(reader.array().map_err(|_| VaultError::Damaged)?);
            let run = reader.list(HELD_MAX, |reader| Ok(reader.lp(256)?.to_vec())).map_err(|_| VaultError::Damaged)?;
            self.offer_headers(&log, &run)?;
        }
        Ok(())
    }

    /// Notes what another device says that it durably holds, and when it was here.
    pub fn acknowledged(&mut self, device: &DeviceId, held: &HeldBodies, now: Millis) -> Result<(), VaultError> {
        let mut writer = Writer::new();
        writer.u64(now).list(held, |writer, (log, ranges)| {
            writer.bytes(&log.0).list(ranges, |writer, (first, end)| {
                writer.u64(*first).u64(*end);
            });
        });
        let mut changes = crate::rows::Changes::default();
        changes.put(Table::Misc, &ack_name(device), writer.finish());
        self.rows.commit(&mut self.state, changes)
    }

    /// When a device was last here, and what it said that it holds.
    pub(crate) fn acknowledgement(&self, device: &DeviceId) -> Result<Option<(Millis, HeldBodies)>, VaultError> {
        let Some(row) = self.rows.read(Table::Misc, &ack_name(device))? else { return Ok(None) };
        let mut reader = Reader::new(&row);
        let read = (|| {
            let at = reader.u64()?;
            let held = reader.list(MAX_LOGS, |reader| {
                let log = LogId(reader.array()?);
                Ok((log, reader.list(1 << 16, |reader| Ok((reader.u64()?, reader.u64()?)))?))
            })?;
            Ok::<_, crate::codec::Malformed>((at, held))
        })();
        read.map(Some).map_err(|_| VaultError::Damaged)
    }
}

pub(crate) fn put_missing(work: &mut Work, log: &LogId, missing: &[(u64, Hash)]) {
    let mut row = Vec::with_capacity(missing.len() * 40);
    for (seq, name) in missing {
        row.extend(seq.to_le_bytes());
        row.extend(name.0);
    }
    work.changes.put(Table::Index, &index::missing_name(log), row);
}

fn ack_name(device: &DeviceId) -> Vec<u8> {
    [b"ack".as_slice(), &device.0].concat()
}
