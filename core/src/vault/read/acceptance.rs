//! Which envelopes of a removed device are used (format §4, *cuts*), and which lie in quarantine.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{DeviceId, DocId, Hash, LogId};
use crate::keyring::{Compartment, compartment_of};
use crate::log::{Header, Kind};
use crate::planted::{Check, is_out};
use crate::roster::Cut;
use crate::rows::RowError;
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
        let free = device == self.core.device || self.roster().removal_of(&device).is_none() || is_out(Check::Cut);
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
            let (mut notes, mut others) = (BTreeSet::new(), BTreeSet::new());
            for log in self.logs_of(&removed.card.id) {
                for one in self.waiting(&log)?.iter().filter(|one| !one.discarded) {
                    self.count_quarantined(&one.envelope, &mut notes, &mut others)?;
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

    /// Documents about which something lies in quarantine and is not decided; `None` where that cannot be told of all of it.
    pub(crate) fn undecided(&self) -> Result<Option<BTreeSet<DocId>>, RowError> {
        let mut documents = BTreeSet::new();
        for removed in self.roster().removed() {
            for log in self.logs_of(&removed.card.id) {
                for one in self.waiting(&log)?.iter().filter(|one| !one.discarded) {
                    let header = self.header(&one.envelope)?.header;
                    let Some(body) = self.envelope_body(&one.envelope)? else { continue };
                    let Ok(items) = self.open_body(&header, &body) else { return Ok(None) };
                    documents.extend(items.iter().map(|item| item.document));
                }
            }
        }
        Ok(Some(documents))
    }

    /// What an envelope in quarantine is about, as far as its items say without being opened: the keys that they lie under may
    /// be in quarantine with them, and not all devices of the practice may have them.
    fn count_quarantined(
        &self,
        envelope: &Hash,
        notes: &mut BTreeSet<DocId>,
        others: &mut BTreeSet<DocId>,
    ) -> Result<(), RowError> {
        let header = self.header(envelope)?.header;
        let Some(body) = self.envelope_body(envelope)? else { return Ok(()) };
        let Ok(items) = self.open_body(&header, &body) else {
            others.insert(DocId::from_slice(envelope.0.get(..16).unwrap_or_default()).unwrap_or(DocId([0; 16])));
            return Ok(());
        };
        for item in items {
            let is_note = match (item.kind, compartment_of(&item.key)) {
                (Kind::Roster | Kind::Keyring | Kind::Unknown(_), _) => continue,
                (Kind::Signed, _) | (_, Compartment::Process) => true,
                (kind, compartment) => {
                    matches!(kind, Kind::Frozen | Kind::Changes) && compartment == Compartment::Clinical
                }
            };
            let into = if is_note { &mut *notes } else { &mut *others };
            into.insert(item.document);
        }
        Ok(())
    }
}

fn end_of(tips: &[Tip]) -> u64 {
    tips.iter().map(|tip| tip.next_seq).max().unwrap_or(0)
}
