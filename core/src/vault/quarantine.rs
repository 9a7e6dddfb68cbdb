//! What comes from a device that was removed (format §4, *cuts*): up to its cut it counts like any other; beyond, it is
//! stored sealed and not used until the therapist says *keep*.
//!
//! Of what is quarantined only roster entries are looked at: they prove themselves, and one of them may say that the device
//! was not removed after all. A removed device cannot fill a disk: beyond a cap nothing more is taken.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{DeviceId, DocId, Hash, LogId};
use crate::log::{Class, DocType, Header, Item, Kind, Spot};
use crate::roster::{CUTS_MAX, Cut, Entry, EntryKind};
use crate::state::Tip;
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::index::Work;
use crate::vault::{Millis, Notice, Vault, VaultError};

/// Envelopes beyond their cut that are taken of one removed device.
pub const QUARANTINE_MAX: u64 = 1_024;

/// Bytes of their bodies.
pub const QUARANTINE_BYTES: u64 = 64 << 20;

/// What a log without any cut counts for, so that not every one of them can be a new log.
const NEW_LOG: u64 = 64;

/// What arrived from a removed device after its cut, and waits for an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The device.
    pub device: DeviceId,
    /// What it was called.
    pub name: String,
    /// When it was removed, by the clock of the device on which that was done.
    pub removed: Millis,
    /// Notes in it, private ones included.
    pub notes: usize,
    /// Other entries in it, and envelopes that cannot be opened.
    pub others: usize,
}

impl std::fmt::Debug for Quarantined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Quarantined")
    }
}

/// One envelope in quarantine, as its log's row lists it.
struct Waiting {
    seq: u64,
    envelope: Hash,
    len: u32,
    /// The therapist has said *discard*: it stays sealed, and is not asked about again.
    discarded: bool,
}

impl Vault {
    /// Whether an envelope is used: its device belongs to the practice, or it stands within what is accepted or kept of it.
    pub(crate) fn is_accepted(&self, work: &Work, header: &Header) -> Result<bool, VaultError> {
        Ok(self.is_within_cut(work, header)? || self.is_before(work, header, self.roster.kept(&header.log))?)
    }

    /// Whether a signature in an envelope counts: not when it stands past its device's cut.
    pub(crate) fn is_within_cut(&self, work: &Work, header: &Header) -> Result<bool, VaultError> {
        let device = header.log.device();
        // A removed device does not know its own cut, and keeps what it wrote.
        let free = device == self.device || self.roster.removal_of(&device).is_none();
        Ok(free || self.is_before(work, header, self.roster.cuts(&header.log))?)
    }

    /// Whether an envelope stands on the chain that ends in one of these.
    fn is_before<'a>(
        &self,
        work: &Work,
        header: &Header,
        cuts: impl Iterator<Item = &'a Cut>,
    ) -> Result<bool, VaultError> {
        let single = self.tips(work, &header.log).len() <= 1;
        for cut in cuts.filter(|cut| cut.seq >= header.seq) {
            let end = match self.header(work, &cut.head) {
                Ok(end) => end.header,
                // Not here, or not readable: then what is before it is told by another cut, or waits.
                Err(VaultError::Damaged) => continue,
                Err(error) => return Err(error),
            };
            let is_end = end.log == header.log && end.seq == cut.seq;
            if is_end && (single || self.leads_to(work, end, header)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn leads_to(&self, work: &Work, mut end: Header, header: &Header) -> Result<bool, VaultError> {
        while end.seq > header.seq {
            end = match self.header(work, &end.prev) {
                Ok(before) => before.header,
                Err(VaultError::Damaged) => return Ok(false),
                Err(error) => return Err(error),
            };
        }
        Ok(end.hash() == header.hash())
    }

    /// Whether a removed device's log may grow to this end.
    pub(crate) fn may_grow(&self, log: &LogId, end: u64) -> bool {
        let device = log.device();
        if device == self.device || self.roster.removal_of(&device).is_none() {
            return true;
        }
        let known = self.state.logs.iter().filter(|(known, _)| known.device() == device);
        let mut ends: BTreeMap<LogId, u64> = known.map(|(log, tips)| (*log, end_of(tips))).collect();
        let grown = ends.entry(*log).or_default();
        *grown = end.max(*grown);
        let beyond = ends.iter().map(|(log, end)| {
            let cut = self.roster.cuts(log).chain(self.roster.kept(log)).map(|cut| cut.seq.saturating_add(1)).max();
            cut.map_or(end.saturating_add(NEW_LOG), |cut| end.saturating_sub(cut))
        });
        beyond.sum::<u64>() <= QUARANTINE_MAX
    }

    /// Whether the body of an envelope beyond its cut may still be stored.
    pub(crate) fn may_take_body(&self, work: &Work, header: &Header) -> Result<bool, VaultError> {
        let mut bytes = u64::from(header.body_len);
        for log in self.logs_of(work, &header.log.device()) {
            bytes += self.waiting(work, &log)?.iter().map(|one| u64::from(one.len)).sum::<u64>();
        }
        Ok(bytes <= QUARANTINE_BYTES)
    }

    /// Puts an envelope into quarantine; its body is stored. What it says of the practice's devices is heard all the same.
    pub(crate) fn set_apart(&mut self, work: &mut Work, envelope: &Hash, header: &Header) -> Result<(), VaultError> {
        let mut waiting = self.waiting(work, &header.log)?;
        if !waiting.iter().any(|one| one.envelope == *envelope) {
            let (seq, len) = (header.seq, header.body_len);
            waiting.push(Waiting { seq, envelope: *envelope, len, discarded: false });
            put_waiting(work, &header.log, &waiting);
        }
        work.apart.insert(header.log);
        let Some(body) = self.rows.read_through(&work.changes, Table::Bodies, &envelope.0)? else { return Ok(()) };
        match self.open_body(header, &body) {
            Ok(items) => items
                .iter()
                .filter(|item| item.kind == Kind::Roster)
                .try_for_each(|item| self.take_roster_entry(work, &item.content)),
            Err(VaultError::KeyNotHere) => self.wait_for_epoch(work, &header.epoch, envelope),
            Err(_) => Ok(()),
        }
    }

    /// Takes in what is accepted now: a cut came that goes further, its headers came, or the therapist said *keep*.
    pub(crate) fn release(&mut self, work: &mut Work) -> Result<(), VaultError> {
        for log in self.all_logs(work) {
            let (mut free, mut stay) = (Vec::new(), Vec::new());
            for one in self.waiting(work, &log)? {
                let header = self.header(work, &one.envelope)?.header;
                if self.is_accepted(work, &header)? { free.push((one.envelope, header)) } else { stay.push(one) }
            }
            if free.is_empty() {
                continue;
            }
            put_waiting(work, &log, &stay);
            free.sort_by_key(|(_, header)| header.seq);
            for (envelope, header) in free {
                self.take_stored(work, &envelope, &header)?;
            }
        }
        Ok(())
    }

    /// Tells that something lies apart, when it still does after all that followed.
    pub(crate) fn tell_quarantine(&mut self, work: &mut Work) -> Result<(), VaultError> {
        for log in std::mem::take(&mut work.apart) {
            if !self.waiting(work, &log)?.is_empty() && !self.notices.contains(&Notice::Quarantined) {
                self.notices.push(Notice::Quarantined);
            }
        }
        Ok(())
    }

    /// Says how far this device uses the logs of a device that was removed: once, when it learns of that; and whenever
    /// something is used here that no cut covers any more. So it is when a removal turns out void and comes again, or when a
    /// cut was made on a device that is out itself: what is used on one device is used on all.
    pub(crate) fn publish_cuts(&mut self, work: &mut Work) -> Result<(), VaultError> {
        // A vault that is only looked into signs nothing, and a removed device has nothing to say.
        if self.signer.public_key().device_id() != self.device || self.is_removed() {
            return Ok(());
        }
        let owed: BTreeSet<DeviceId> = self.roster.owed_cuts(&self.device).iter().map(|one| one.card.id).collect();
        let mut out = Outgoing::new(Class::Everyday);
        for removed in self.roster.removed() {
            let card = &removed.card;
            let mut cuts = Vec::new();
            for log in self.logs_of(work, &card.id) {
                for tip in self.tips(work, &log) {
                    cuts.extend(self.used_without_cut(work, log, &tip)?);
                }
            }
            let mut parts: Vec<&[Cut]> = cuts.chunks(CUTS_MAX).collect();
            if parts.is_empty() && owed.contains(&card.id) {
                parts.push(&[]);
            }
            for part in parts {
                out.keyring.push(self.cut_item(EntryKind::Cut, removed.at, card, part));
            }
        }
        self.write_envelopes(work, out)
    }

    /// The last envelope of a branch that is used here, unless something says that it is.
    fn used_without_cut(&self, work: &Work, log: LogId, tip: &Tip) -> Result<Option<Cut>, VaultError> {
        let waiting = self.waiting(work, &log)?;
        let mut head = tip.head;
        loop {
            let header = match self.header(work, &head) {
                Ok(signed) => signed.header,
                Err(VaultError::Damaged) => return Ok(None),
                Err(error) => return Err(error),
            };
            if self.is_accepted(work, &header)? {
                return Ok(None);
            }
            let waits = waiting.iter().any(|one| one.envelope == head);
            if !waits && self.rows.read_through(&work.changes, Table::Bodies, &head.0)?.is_some() {
                return Ok(Some(Cut { log, seq: header.seq, head }));
            }
            if header.seq == 0 {
                return Ok(None);
            }
            head = header.prev;
        }
    }

    /// What arrived from removed devices beyond their cuts and waits for an answer.
    pub fn quarantine(&self) -> Result<Vec<Quarantined>, VaultError> {
        let work = Work::default();
        let mut rows = Vec::new();
        for removed in self.roster.removed() {
            let (mut notes, mut others) = (BTreeSet::new(), BTreeSet::new());
            for log in self.logs_of(&work, &removed.card.id) {
                for one in self.waiting(&work, &log)?.iter().filter(|one| !one.discarded) {
                    self.count_quarantined(&work, &one.envelope, &mut notes, &mut others)?;
                }
            }
            let others = others.difference(&notes).count();
            if !notes.is_empty() || others > 0 {
                let (device, name) = (removed.card.id, removed.card.name.clone());
                rows.push(Quarantined { device, name, removed: removed.at, notes: notes.len(), others });
            }
        }
        Ok(rows)
    }

    /// What an envelope in quarantine is about, as far as it can be told.
    fn count_quarantined(
        &self,
        work: &Work,
        envelope: &Hash,
        notes: &mut BTreeSet<DocId>,
        others: &mut BTreeSet<DocId>,
    ) -> Result<(), VaultError> {
        let header = self.header(work, envelope)?.header;
        let Some(body) = self.envelope_body(envelope)? else { return Ok(()) };
        let Ok(items) = self.open_body(&header, &body) else {
            others.insert(DocId::from_slice(envelope.0.get(..16).unwrap_or_default()).unwrap_or(DocId([0; 16])));
            return Ok(());
        };
        for (index, item) in (0..).zip(&items) {
            let spot = Spot { log: header.log, seq: header.seq, index };
            let is_note = match item.kind {
                Kind::Roster | Kind::Keyring | Kind::Unknown(_) => continue,
                Kind::Signed => true,
                _ if self.is_process_key(work, &item.key)? => true,
                Kind::Frozen | Kind::Changes => {
                    let kind = self.open_item(work, item, &spot).ok().and_then(|payload| payload.first().copied());
                    matches!(kind.map(DocType::of), Some(DocType::Note | DocType::ProcessNote))
                }
                _ => false,
            };
            let into = if is_note { &mut *notes } else { &mut *others };
            into.insert(item.document);
        }
        Ok(())
    }

    /// *Keep*: what arrived of a removed device until now is used, here and on every device. Its signatures do not count.
    pub fn keep_quarantined(&mut self, device: &DeviceId, now: Millis) -> Result<(), VaultError> {
        if self.is_removed() {
            return Err(VaultError::RemovedHere);
        }
        let work = Work::default();
        let card = self.roster.removal_of(device).ok_or(VaultError::NothingQuarantined)?.card.clone();
        let mut cuts = Vec::new();
        for log in self.logs_of(&work, device) {
            if self.waiting(&work, &log)?.iter().any(|one| !one.discarded) {
                cuts.extend(self.tips(&work, &log).iter().map(|tip| cut_at(log, tip)));
            }
        }
        if cuts.is_empty() {
            return Err(VaultError::NothingQuarantined);
        }
        let mut out = Outgoing::new(Class::Everyday);
        for part in cuts.chunks(CUTS_MAX) {
            out.keyring.push(self.cut_item(EntryKind::Kept, now, &card, part));
        }
        self.finish(work, out)?;
        self.write_anchor();
        Ok(())
    }

    /// *Discard*: it stays sealed as it is, is used by nobody, and is not asked about again here.
    pub fn discard_quarantined(&mut self, device: &DeviceId) -> Result<(), VaultError> {
        let mut work = Work::default();
        let mut any = false;
        for log in self.logs_of(&work, device) {
            let mut waiting = self.waiting(&work, &log)?;
            if waiting.iter().any(|one| !one.discarded) {
                waiting.iter_mut().for_each(|one| one.discarded = true);
                put_waiting(&mut work, &log, &waiting);
                any = true;
            }
        }
        if !any {
            return Err(VaultError::NothingQuarantined);
        }
        self.finish(work, Outgoing::new(Class::Everyday))
    }

    fn cut_item(&self, kind: EntryKind, at: Millis, removed: &crate::roster::DeviceCard, cuts: &[Cut]) -> Item {
        Item::roster(Entry::cut(kind, at, self.roster.heads(), removed.clone(), cuts.to_vec(), &self.signer))
    }

    fn all_logs(&self, work: &Work) -> BTreeSet<LogId> {
        self.state.logs.keys().chain(work.tips.keys()).copied().collect()
    }

    fn logs_of(&self, work: &Work, device: &DeviceId) -> Vec<LogId> {
        self.all_logs(work).into_iter().filter(|log| log.device() == *device).collect()
    }

    fn waiting(&self, work: &Work, log: &LogId) -> Result<Vec<Waiting>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Index, &quarantine_name(log))?;
        let mut waiting = Vec::new();
        if let Some(row) = row {
            let mut reader = Reader::new(&row);
            while !reader.rest().is_empty() {
                waiting.push(read_waiting(&mut reader).map_err(|_| VaultError::Damaged)?);
            }
        }
        Ok(waiting)
    }
}

fn read_waiting(reader: &mut Reader<'_>) -> Result<Waiting, Malformed> {
    Ok(Waiting {
        seq: reader.u64()?,
        envelope: Hash(reader.array()?),
        len: reader.u32()?,
        discarded: reader.u8()? == 1,
    })
}

fn put_waiting(work: &mut Work, log: &LogId, waiting: &[Waiting]) {
    let name = quarantine_name(log);
    if waiting.is_empty() {
        return work.changes.remove(Table::Index, &name);
    }
    let mut writer = Writer::new();
    for one in waiting {
        writer.u64(one.seq).bytes(&one.envelope.0).u32(one.len).u8(u8::from(one.discarded));
    }
    work.changes.put(Table::Index, &name, writer.finish());
}

fn cut_at(log: LogId, tip: &Tip) -> Cut {
    Cut { log, seq: tip.next_seq.saturating_sub(1), head: tip.head }
}

fn end_of(tips: &[Tip]) -> u64 {
    tips.iter().map(|tip| tip.next_seq).max().unwrap_or(0)
}

fn quarantine_name(log: &LogId) -> Vec<u8> {
    [b"q".as_slice(), &log.0].concat()
}
