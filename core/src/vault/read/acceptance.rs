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

/// Envelopes in quarantine of one removed device that are asked about at a time.
pub const QUARANTINE_MAX: usize = 1_024;

/// Bytes of their bodies.
pub const QUARANTINE_BYTES: u64 = 64 << 20;

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
    /// Envelopes behind these, which are asked about once these are kept.
    pub behind: usize,
}

/// What lies undecided in quarantine of one device, by log and number.
pub(crate) struct Undecided {
    /// The beginning of it, as much as is asked about at a time.
    pub(crate) asked: Vec<QuarantinedEnvelope>,
    /// How many envelopes come after it.
    pub(crate) behind: usize,
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

    /// The ends of a log's branches of which no device of the practice says that it uses them. Whoever says so names an envelope that
    /// stands on this branch alone.
    pub(crate) fn branches_not_said(&self, log: &LogId) -> Result<Vec<Cut>, RowError> {
        let said: BTreeMap<u64, BTreeSet<Hash>> = self.roster().branches(log).fold(BTreeMap::new(), |mut said, cut| {
            said.entry(cut.seq).or_default().insert(cut.head);
            said
        });
        let lowest = said.keys().next().copied().unwrap_or(u64::MAX);
        let (mut on, mut ends) = (BTreeMap::<Hash, usize>::new(), Vec::new());
        for tip in self.tips(log) {
            let (mut head, mut passed): (Hash, Vec<&Hash>) = (tip.head, Vec::new());
            for seq in (lowest..tip.next_seq).rev() {
                passed.extend(said.get(&seq).and_then(|heads| heads.get(&head)));
                head = match self.header(&head) {
                    Ok(signed) => signed.header.prev,
                    Err(RowError::Damaged) => break,
                    Err(error) => return Err(error),
                };
            }
            for head in &passed {
                *on.entry(**head).or_default() += 1;
            }
            ends.push((Cut { log: *log, seq: tip.next_seq.saturating_sub(1), head: tip.head }, passed));
        }
        ends.retain(|(_, passed)| !passed.iter().any(|head| on.get(*head) == Some(&1)));
        Ok(ends.into_iter().map(|(end, _)| end).collect())
    }

    /// What of a removed device waits for an answer. What is asked about follows from what is here, whenever it came.
    pub(crate) fn undecided_of(&self, device: &DeviceId) -> Result<Undecided, RowError> {
        let mut undecided = Undecided { asked: Vec::new(), behind: 0 };
        let mut bytes = 0;
        for log in self.logs_of(device) {
            for one in self.waiting(&log)?.into_iter().filter(|one| !one.discarded) {
                bytes += u64::from(one.len);
                let fits = undecided.asked.len() < QUARANTINE_MAX && bytes <= QUARANTINE_BYTES;
                if fits && undecided.behind == 0 {
                    undecided.asked.push(one);
                } else {
                    undecided.behind += 1;
                }
            }
        }
        Ok(undecided)
    }

    /// The last of these envelopes on each branch of their logs.
    pub(crate) fn ends_of(&self, device: &DeviceId, asked: &[QuarantinedEnvelope]) -> Result<Vec<Cut>, RowError> {
        let asked: BTreeSet<Hash> = asked.iter().map(|one| one.envelope).collect();
        let mut ends = Vec::new();
        for log in self.logs_of(device) {
            for tip in self.tips(&log) {
                ends.extend(self.last_of(log, &tip, &asked)?.filter(|end| !ends.contains(end)));
            }
        }
        Ok(ends)
    }

    fn last_of(&self, log: LogId, tip: &Tip, asked: &BTreeSet<Hash>) -> Result<Option<Cut>, RowError> {
        let mut head = tip.head;
        for seq in (0..tip.next_seq).rev() {
            if asked.contains(&head) {
                return Ok(Some(Cut { log, seq, head }));
            }
            head = match self.header(&head) {
                Ok(signed) => signed.header.prev,
                Err(RowError::Damaged) => return Ok(None),
                Err(error) => return Err(error),
            };
        }
        Ok(None)
    }

    /// What arrived from removed devices beyond their cuts and waits for an answer.
    pub(crate) fn quarantine(&self) -> Result<Vec<Quarantined>, RowError> {
        let mut rows = Vec::new();
        for removed in self.roster().removed() {
            let (mut notes, mut others) = (BTreeSet::new(), BTreeSet::new());
            let Undecided { asked, behind } = self.undecided_of(&removed.card.id)?;
            for one in &asked {
                self.count_quarantined(&one.envelope, &mut notes, &mut others)?;
            }
            let others = others.difference(&notes).count();
            if !notes.is_empty() || others > 0 || behind > 0 {
                let (device, at) = (removed.card.id, removed.at);
                let name = self.device_name(&device).unwrap_or_default();
                rows.push(Quarantined { device, name, removed: at, notes: notes.len(), others, behind });
            }
        }
        Ok(rows)
    }

    /// Documents about which something lies in quarantine and is not decided; `None` where that cannot be told of all of it.
    pub(crate) fn undecided(&self) -> Result<Option<BTreeSet<DocId>>, RowError> {
        let mut documents = BTreeSet::new();
        for removed in self.roster().removed() {
            let Undecided { asked, behind } = self.undecided_of(&removed.card.id)?;
            if behind > 0 {
                return Ok(None);
            }
            for one in asked {
                let header = self.header(&one.envelope)?.header;
                let Some(body) = self.envelope_body(&one.envelope)? else { continue };
                let Ok(items) = self.open_body(&header, &body) else { return Ok(None) };
                documents.extend(items.iter().map(|item| item.document));
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
