//! Which envelopes of a removed device are used (format §4, *cuts*), and which lie in quarantine.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{DeviceId, DocId, Hash, KeyId, LogId};
use crate::keyring::{Part, is_process_key};
use crate::log::{DocType, Header, Kind, Spot};
use crate::roster::Cut;
use crate::rows::RowError;
use crate::secret::{CompartmentRole, Key};
use crate::state::Tip;
use crate::vault::Millis;
use crate::vault::items::ledger::QuarantinedEnvelope;
use crate::vault::read::Ledger;
use crate::vault::registry::{BodyAt, QuarantineAt};

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

impl<'a> Ledger<'a> {
    /// Whether an envelope is used: its device belongs to the practice, or it stands within what is accepted or kept of it.
    pub(crate) fn is_accepted(&self, header: &Header) -> Result<bool, RowError> {
        Ok(self.is_within_cut(header)? || self.is_before(header, self.roster().kept(&header.log))?)
    }

    /// Whether a signature in an envelope counts: not when it stands past its device's cut.
    pub(crate) fn is_within_cut(&self, header: &Header) -> Result<bool, RowError> {
        let device = header.log.device();
        // A removed device does not know its own cut, and keeps what it wrote.
        let free = device == self.core.device || self.roster().removal_of(&device).is_none();
        Ok(free || self.is_before(header, self.roster().cuts(&header.log))?)
    }

    /// Whether an envelope stands on the chain that ends in one of these.
    pub(crate) fn is_before<'c>(&self, header: &Header, cuts: impl Iterator<Item = &'c Cut>) -> Result<bool, RowError> {
        let single = self.tips(&header.log).len() <= 1;
        for cut in cuts.filter(|cut| cut.seq >= header.seq) {
            let end = match self.header(&cut.head) {
                Ok(end) => end.header,
                // Not here, or not readable: then what is before it is told by another cut, or waits.
                Err(RowError::Damaged) => continue,
                Err(error) => return Err(error),
            };
            let is_end = end.log == header.log && end.seq == cut.seq;
            if is_end && (single || self.leads_to(end, header)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) fn leads_to(&self, mut end: Header, header: &Header) -> Result<bool, RowError> {
        while end.seq > header.seq {
            end = match self.header(&end.prev) {
                Ok(before) => before.header,
                Err(RowError::Damaged) => return Ok(false),
                Err(error) => return Err(error),
            };
        }
        Ok(end.hash() == header.hash())
    }

    /// Whether a removed device's log may grow to this end.
    pub(crate) fn may_grow(&self, log: &LogId, end: u64) -> bool {
        let device = log.device();
        if device == self.core.device || self.roster().removal_of(&device).is_none() {
            return true;
        }
        let known = self.core.memory.state.logs.iter().filter(|(known, _)| known.device() == device);
        let mut ends: BTreeMap<LogId, u64> = known.map(|(log, tips)| (*log, end_of(tips))).collect();
        let grown = ends.entry(*log).or_default();
        *grown = end.max(*grown);
        let beyond = ends.iter().map(|(log, end)| {
            let cut = self.roster().cuts(log).chain(self.roster().kept(log)).map(|cut| cut.seq.saturating_add(1)).max();
            cut.map_or(end.saturating_add(NEW_LOG), |cut| end.saturating_sub(cut))
        });
        beyond.sum::<u64>() <= QUARANTINE_MAX
    }

    /// Whether the body of an envelope beyond its cut may still be stored.
    pub(crate) fn may_take_body(&self, header: &Header) -> Result<bool, RowError> {
        let mut bytes = u64::from(header.body_len);
        for log in self.logs_of(&header.log.device()) {
            bytes += self.waiting(&log)?.iter().map(|one| u64::from(one.len)).sum::<u64>();
        }
        Ok(bytes <= QUARANTINE_BYTES)
    }

    pub(crate) fn all_logs(&self) -> BTreeSet<LogId> {
        self.core.memory.state.logs.keys().chain(self.tx.next.tips.keys()).copied().collect()
    }

    pub(crate) fn logs_of(&self, device: &DeviceId) -> Vec<LogId> {
        self.all_logs().into_iter().filter(|log| log.device() == *device).collect()
    }

    pub(crate) fn waiting(&self, log: &LogId) -> Result<Vec<QuarantinedEnvelope>, RowError> {
        self.list(&QuarantineAt(*log))
    }

    /// The last envelope of a branch that is used here, unless something says that it is.
    pub(crate) fn used_without_cut(&self, log: LogId, tip: &Tip) -> Result<Option<Cut>, RowError> {
        let waiting = self.waiting(&log)?;
        let mut head = tip.head;
        loop {
            let header = match self.header(&head) {
                Ok(signed) => signed.header,
                Err(RowError::Damaged) => return Ok(None),
                Err(error) => return Err(error),
            };
            if self.is_accepted(&header)? {
                return Ok(None);
            }
            let waits = waiting.iter().any(|one| one.envelope == head);
            if !waits && self.get(&BodyAt(head))?.is_some() {
                return Ok(Some(Cut { log, seq: header.seq, head }));
            }
            if header.seq == 0 {
                return Ok(None);
            }
            head = header.prev;
        }
    }

    /// What arrived from removed devices beyond their cuts and waits for an answer.
    pub(crate) fn quarantine(&self) -> Result<Vec<Quarantined>, RowError> {
        let mut rows = Vec::new();
        for removed in self.roster().removed() {
            let mut seen = InQuarantine::default();
            for log in self.logs_of(&removed.card.id) {
                let mut waiting = self.waiting(&log)?;
                // A key is sent before what lies under it.
                waiting.sort_by_key(|one| one.seq);
                for one in waiting.iter().filter(|one| !one.discarded) {
                    self.see_quarantined(&one.envelope, &mut seen)?;
                }
            }
            let InQuarantine { notes, others, .. } = seen;
            let others = others.difference(&notes).count();
            if !notes.is_empty() || others > 0 {
                let (device, name) = (removed.card.id, removed.card.name.clone());
                rows.push(Quarantined { device, name, removed: removed.at, notes: notes.len(), others });
            }
        }
        Ok(rows)
    }

    /// What an envelope in quarantine is about, as far as it can be told. The keys that it brings open nothing else.
    fn see_quarantined(&self, envelope: &Hash, seen: &mut InQuarantine) -> Result<(), RowError> {
        let header = self.header(envelope)?.header;
        let Some(body) = self.envelope_body(envelope)? else { return Ok(()) };
        let Ok(items) = self.open_body(&header, &body) else {
            let unread = envelope.0.get(..DocId::LEN).and_then(DocId::from_slice);
            seen.others.extend(unread);
            return Ok(());
        };
        for (index, item) in (0..).zip(&items) {
            let spot = Spot { log: header.log, seq: header.seq, index };
            let is_note = match item.kind {
                Kind::Keyring => {
                    seen.keys.extend(self.keys_of_part(&header.log.device(), &item.content));
                    continue;
                }
                Kind::Roster | Kind::Unknown(_) => continue,
                Kind::Signed => true,
                _ if is_process_key(&item.key) => true,
                Kind::Frozen | Kind::Changes => {
                    let opened = match seen.keys.get(&item.key) {
                        Some(key) => item.open(key, &spot).ok(),
                        None => self.open_item(item, &spot).ok(),
                    };
                    let kind = opened.and_then(|payload| payload.first().copied());
                    matches!(kind.map(DocType::of), Some(DocType::Note | DocType::ProcessNote))
                }
                _ => false,
            };
            let into = if is_note { &mut seen.notes } else { &mut seen.others };
            into.insert(item.document);
        }
        Ok(())
    }

    /// The keys of a part that is for this device; none of one that does not open.
    fn keys_of_part(&self, author: &DeviceId, part: &[u8]) -> Vec<(KeyId, Key<CompartmentRole>)> {
        let boxes = &self.core.boxes;
        let opened = Part::parse(part)
            .ok()
            .and_then(|part| part.open(*author, self.core.device, &boxes.generation, &boxes.wrap).ok());
        opened.into_iter().flatten().map(|entry| (entry.id, entry.key)).collect()
    }
}

/// What lies in quarantine of one device, while it is looked through.
#[derive(Default)]
struct InQuarantine {
    notes: BTreeSet<DocId>,
    others: BTreeSet<DocId>,
    keys: BTreeMap<KeyId, Key<CompartmentRole>>,
}

fn end_of(tips: &[Tip]) -> u64 {
    tips.iter().map(|tip| tip.next_seq).max().unwrap_or(0)
}
