//! What of each log is here: its branches, headers and bodies, what is missing, what was pruned, what was lost.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::Writer;
use crate::id::{DeviceId, Hash, LogId, NoteId};
use crate::log::{Header, Item, LOG_LEN, Position, SignedHeader};
use crate::rows::{One, RowError};
use crate::state::Tip;
use crate::store::Table;
use crate::vault::Millis;
use crate::vault::items::ledger::{MetThrough, MissedRemoval};
use crate::vault::items::pruning::{Numbers, holds, joined};
use crate::vault::read::{Ledger, NotTaken, Taken};
use crate::vault::registry::{
    BodyAt, HadAllAt, HeaderAt, HeldElsewhereAt, LastSeenAt, LetGoAt, LostHeadersAt, MetThroughAt, MissedRemovalsAt,
    MissingBodiesAt, OrphanEntriesAt, PrunedBodyAt, PrunedDraftAt, PrunedRangesAt, RetiredLogAt,
};
use crate::{kdf, labels, log};

/// Numbers and names of envelopes whose bodies are not here.
type Missing = Vec<(u64, Hash)>;

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

impl<'a> Ledger<'a> {
    /// A digest of everything that this vault holds and tells of the logs: equal on two devices when neither lacks anything.
    pub(crate) fn frontier(&self) -> Result<Hash, RowError> {
        let mut writer = Writer::new();
        for log in self.logs() {
            let ends = match self.told_ends_of(&log) {
                // A log that cannot be read is equal to nobody's.
                Err(RowError::Damaged) => {
                    vec![LogEnd { log, next_seq: u64::MAX, head: Hash([0; Hash::LEN]), missing: Vec::new() }]
                }
                ends => ends?,
            };
            for end in ends {
                writer.bytes(&end.log.0).u64(end.next_seq).bytes(&end.head.0);
                writer.list(&end.missing, |writer, seq| {
                    writer.u64(*seq);
                });
            }
        }
        Ok(kdf::hash(labels::FRONTIER, &[&writer.finish()]))
    }

    /// All branches of all logs of which somebody is told, in a fixed order; none where one cannot be read.
    pub(crate) fn log_ends(&self) -> Result<Vec<LogEnd>, RowError> {
        let ends: Result<Vec<_>, _> = self.logs().iter().map(|log| self.told_ends_of(log)).collect();
        Ok(ends?.concat())
    }

    /// The same as other devices are told of it: a log that cannot be read is told of once a repair has made it whole.
    pub(crate) fn log_ends_to_tell(&self) -> Result<Vec<LogEnd>, RowError> {
        let mut all = Vec::new();
        for log in self.logs() {
            match self.told_ends_of(&log) {
                Ok(ends) => all.extend(ends),
                Err(RowError::Damaged) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    pub(crate) fn logs(&self) -> Vec<LogId> {
        self.core.memory.state.logs.keys().copied().collect()
    }

    /// The branches of a log, but of one that is spent: of that there is nothing to tell, whether its headers are here or not.
    fn told_ends_of(&self, log: &LogId) -> Result<Vec<LogEnd>, RowError> {
        let mut ends = self.log_ends_of(log)?;
        if self.is_spent(log, &ends)? {
            ends.clear();
        }
        Ok(ends)
    }

    /// Whether a log does not grow any more, and nothing of it is here that others may want, nor wanted here.
    fn is_spent(&self, log: &LogId, ends: &[LogEnd]) -> Result<bool, RowError> {
        let [end] = ends else { return Ok(false) };
        let is_empty = u64::try_from(end.missing.len()) == Ok(end.next_seq);
        Ok(is_empty && self.has_ended(log, end.next_seq) && self.lacked(log)?.is_empty() && self.lost(log)?.is_empty())
    }

    /// Whether nothing that is used comes to a log any more.
    pub(crate) fn has_ended(&self, log: &LogId, next_seq: u64) -> bool {
        next_seq >= LOG_LEN || self.was_removed(&log.device())
    }

    /// Where a log ended of which nothing is left here, not even its headers.
    fn retired(&self, log: &LogId) -> Result<Option<Tip>, RowError> {
        Ok(self.get(&RetiredLogAt(*log))?.map(|One((next_seq, head))| Tip { next_seq, head }))
    }

    pub(crate) fn log_ends_of(&self, log: &LogId) -> Result<Vec<LogEnd>, RowError> {
        let mut ends = Vec::new();
        let mut tips = self.core.memory.state.logs.get(log).cloned().unwrap_or_default();
        tips.sort_by_key(|tip| tip.head);
        for Tip { next_seq, head } in tips {
            let missing = self.lacking(log, &head)?.unwrap_or_default();
            let mut missing: Vec<u64> = missing.into_iter().map(|(seq, _)| seq).collect();
            // Of an envelope whose header was lost nothing is said to be held, so that it is asked for.
            missing.extend(self.lost_headers(log)?.into_iter().filter(|seq| *seq < next_seq));
            missing.extend(self.pruned_up_to(log, &head, next_seq)?);
            missing.sort_unstable();
            missing.dedup();
            ends.push(LogEnd { log: *log, next_seq, head, missing });
        }
        Ok(ends)
    }

    /// Numbers and names of the envelopes up to `head` whose bodies are not here, in order; `None` when that header is
    /// not here itself.
    pub(crate) fn lacking(&self, log: &LogId, head: &Hash) -> Result<Option<Vec<(u64, Hash)>>, RowError> {
        let Some(end) = self.end_at(log, head)? else {
            // Of what it let go this device wants nothing.
            let is_retired = self.retired(log)?.is_some_and(|tip| tip.head == *head);
            return Ok(is_retired.then(Vec::new));
        };
        let mut missing = self.missing(log)?;
        missing.retain(|(seq, _)| *seq < end);
        if let Some((first, _)) = missing.first().filter(|_| self.tips(log).len() > 1) {
            let branch: BTreeSet<Hash> = self.branch(log, *first, head)?.into_iter().collect();
            missing.retain(|(_, name)| branch.contains(name));
        }
        Ok(Some(missing.into_iter().collect()))
    }

    /// Whether a body is here.
    pub(crate) fn has_body(&self, envelope: &Hash) -> Result<bool, RowError> {
        self.core.rows.has(Table::Bodies, &envelope.0)
    }

    /// Signed headers of the branch that ends at `head`, from `from` on, as many as fit and at least up to the first
    /// signature.
    pub(crate) fn headers(
        &self,
        log: &LogId,
        from: u64,
        head: &Hash,
        max_bytes: usize,
    ) -> Result<Vec<Vec<u8>>, RowError> {
        let (mut run, mut bytes) = (Vec::new(), 0);
        for envelope in self.branch(log, from, head)? {
            let signed = match self.header(&envelope) {
                Ok(signed) => signed,
                // Nothing is served beyond a lost header, nor without the signature that would have covered it.
                Err(RowError::Damaged) => {
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
    pub(crate) fn branch_names(&self, log: &LogId, from: u64, head: &Hash) -> Result<Vec<Hash>, RowError> {
        self.branch(log, from, head)
    }

    /// The chain that ends at `head`, which may have been written on since it was announced.
    pub(crate) fn branch(&self, log: &LogId, from: u64, head: &Hash) -> Result<Vec<Hash>, RowError> {
        let Some(end) = self.end_at(log, head)? else { return Ok(Vec::new()) };
        if let [_] = self.tips(log).as_slice() {
            let names = (from..end).map(|seq| self.envelopes_at(log, seq));
            return Ok(names.collect::<Result<Vec<_>, _>>()?.concat());
        }
        let mut names = Vec::new();
        let (mut seq, mut name) = (end, *head);
        while seq > from {
            names.push(name);
            name = self.header(&name)?.header.prev;
            seq -= 1;
        }
        names.reverse();
        Ok(names)
    }

    /// One past the number of a header of this log; `None` when it is not here.
    pub(crate) fn end_at(&self, log: &LogId, head: &Hash) -> Result<Option<u64>, RowError> {
        let Some(SignedHeader { header, .. }) = self.get(&HeaderAt(*head))? else { return Ok(None) };
        Ok((header.log == *log).then(|| header.seq.saturating_add(1)))
    }

    /// The body of an envelope, as it travels; `None` when it is not here.
    pub(crate) fn envelope_body(&self, envelope: &Hash) -> Result<Option<Vec<u8>>, RowError> {
        self.get(&BodyAt(*envelope))
    }

    /// Where the log ends before this header; `None` when that is not here.
    pub(crate) fn position_before(&self, first: &Header) -> Result<Option<Position>, RowError> {
        if first.seq == 0 {
            return Ok(Some(Position::START));
        }
        if !self.core.rows.has(Table::Headers, &first.prev.0)? {
            return Ok(None);
        }
        // A hash says which header, not that it stands in this log and right before.
        let before = self.header(&first.prev)?.header;
        Ok((before.log == first.log).then(|| Position::after(&before)))
    }

    /// What would become of a body, without taking it.
    pub(crate) fn judge_body(&self, envelope: &Hash, body: &[u8]) -> Result<Taken, RowError> {
        if self.has_body(envelope)? || self.is_pruned(envelope)? {
            return Ok(Taken::Known);
        }
        Ok(self.named(envelope, body)?.map_or_else(Taken::Refused, |_| Taken::Stored))
    }

    /// The header that names a body.
    pub(crate) fn named(&self, envelope: &Hash, body: &[u8]) -> Result<Result<Header, NotTaken>, RowError> {
        let Some(SignedHeader { header, .. }) = self.get(&HeaderAt(*envelope))? else {
            return Ok(Err(NotTaken::Unasked));
        };
        let named = body.len() <= log::BODY_MAX && header.names(body);
        Ok(if named { Ok(header) } else { Err(NotTaken::NotNamed) })
    }

    /// Numbers and names of the envelopes of a log whose bodies are not here.
    pub(crate) fn missing(&self, log: &LogId) -> Result<BTreeSet<(u64, Hash)>, RowError> {
        self.list(&MissingBodiesAt(*log))
    }

    /// Bodies that are known of and not here, but for those that somebody of the practice let go.
    pub(crate) fn count_missing(&self) -> Result<u64, RowError> {
        let mut missing = 0;
        for log in self.logs() {
            missing += u64::try_from(self.lacked(&log)?.len()).unwrap_or(u64::MAX);
        }
        Ok(missing)
    }

    /// Numbers and names of the envelopes of a log whose bodies are not here, and that nobody of the practice let go.
    pub(crate) fn lacked(&self, log: &LogId) -> Result<Vec<(u64, Hash)>, RowError> {
        Ok(self.lacked_and_let_go(log)?.0)
    }

    /// What is missing of a log: what nobody of the practice let go, and what somebody did.
    fn lacked_and_let_go(&self, log: &LogId) -> Result<(Missing, Missing), RowError> {
        let missing = self.missing(log)?;
        let gone = if missing.is_empty() { Numbers::new() } else { self.said_let_go(log)? };
        Ok(missing.into_iter().partition(|(seq, _)| !holds(&gone, *seq)))
    }

    /// Numbers of the envelopes of a log whose bodies devices of the practice, those that were removed too, say that they let go.
    fn said_let_go(&self, log: &LogId) -> Result<Numbers, RowError> {
        let roster = self.roster();
        let cards = roster.live().into_iter().chain(roster.removed().map(|removed| &removed.card));
        let said: Result<Vec<Numbers>, _> = cards.map(|card| self.list(&LetGoAt(card.id, *log))).collect();
        Ok(joined(said?.concat()))
    }

    /// Whether a device of the practice says that it let the body of an envelope go.
    pub(crate) fn is_said_let_go(&self, header: &Header) -> Result<bool, RowError> {
        Ok(holds(&self.said_let_go(&header.log)?, header.seq))
    }

    /// Whether something of a draft went here, or bodies are lacking that another device let go.
    pub(crate) fn lacks_what_went(&self, id: &NoteId) -> Result<bool, RowError> {
        if !self.list(&PrunedDraftAt(*id))?.covered.is_empty() {
            return Ok(true);
        }
        for log in self.logs() {
            if !self.lacked_and_let_go(&log)?.1.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the draft of a signed note is closed.
    pub(crate) fn is_draft_pruned(&self, id: &NoteId) -> Result<bool, RowError> {
        Ok(self.get(&PrunedDraftAt(*id))?.is_some())
    }

    /// Whether this device let an envelope's body go.
    pub(crate) fn is_pruned(&self, envelope: &Hash) -> Result<bool, RowError> {
        Ok(self.get(&PrunedBodyAt(*envelope))?.is_some())
    }

    /// The header of an envelope whose body has gone, when its own row is lost.
    pub(crate) fn header_of_pruned(&self, envelope: &Hash) -> Option<Header> {
        let row = self.get(&PrunedBodyAt(*envelope)).ok()??;
        SignedHeader::parse(&row).ok().map(|signed| signed.header).filter(|header| header.hash() == *envelope)
    }

    /// Numbers of the envelopes of a log whose bodies were pruned, as ranges in order.
    pub(crate) fn pruned_ranges(&self, log: &LogId) -> Result<Numbers, RowError> {
        self.list(&PrunedRangesAt(*log))
    }

    /// Numbers of the envelopes up to the head of a branch whose bodies have gone.
    pub(crate) fn pruned_up_to(&self, log: &LogId, head: &Hash, next_seq: u64) -> Result<Vec<u64>, RowError> {
        let ranges = self.pruned_ranges(log)?;
        let gone = ranges.iter().flat_map(|(first, end)| *first..(*end).min(next_seq));
        let Some((first, _)) = ranges.first().filter(|_| self.tips(log).len() > 1) else {
            return Ok(gone.collect());
        };
        // In a log with branches a number says less than a name.
        let branch = self.branch_names(log, *first, head)?;
        let named = (*first..).zip(branch).filter(|(_, name)| matches!(self.is_pruned(name), Ok(true)));
        Ok(named.map(|(seq, _)| seq).collect())
    }

    /// Numbers and names of the envelopes of a log whose headers were lost.
    pub(crate) fn lost(&self, log: &LogId) -> Result<Vec<(u64, Hash)>, RowError> {
        Ok(self.list(&LostHeadersAt(*log))?.0)
    }

    /// Numbers of a log whose headers only another device or a backup can give back.
    pub(crate) fn lost_headers(&self, log: &LogId) -> Result<Vec<u64>, RowError> {
        Ok(self.lost(log)?.into_iter().map(|(seq, _)| seq).collect())
    }

    /// When another device was last here; `None` too where that cannot be read, until it comes again.
    pub(crate) fn last_seen(&self, device: &DeviceId) -> Result<Option<Millis>, RowError> {
        unless_damaged(self.get(&LastSeenAt(*device))).map(|at| at.map(|One(at)| at))
    }

    /// Through what another device was met last.
    pub(crate) fn met_through(&self, device: &DeviceId) -> Result<Option<MetThrough>, RowError> {
        unless_damaged(self.get(&MetThroughAt(*device))).map(|through| through.map(|One(through)| through))
    }

    /// When another device last had everything that was here, as far as it had said so.
    pub(crate) fn had_all(&self, device: &DeviceId) -> Result<Option<Millis>, RowError> {
        unless_damaged(self.get(&HadAllAt(*device))).map(|at| at.map(|One(at)| at))
    }

    /// Numbers of the envelopes of a log that another device said it holds; none where that cannot be read, until it says so
    /// again.
    pub(crate) fn held_elsewhere(&self, device: &DeviceId, log: &LogId) -> Result<Vec<(u64, u64)>, RowError> {
        Ok(unless_damaged(self.get(&HeldElsewhereAt(*device, *log)))?.unwrap_or_default())
    }

    /// Envelopes whose bodies are to be asked for before all others.
    pub(crate) fn wanted_first(&self) -> Result<BTreeSet<Hash>, RowError> {
        Ok(self.missed_removals()?.into_iter().map(|(_, (_, envelope))| envelope).collect())
    }

    /// Epochs that no removal here opened, where they were met.
    pub(crate) fn missed_removals(&self) -> Result<BTreeSet<MissedRemoval>, RowError> {
        self.list(&MissedRemovalsAt())
    }

    /// Entries of the roster that a later version may understand.
    pub(crate) fn orphan_entries(&self) -> Result<BTreeMap<DeviceId, Vec<Vec<u8>>>, RowError> {
        let logs = self.core.memory.state.logs.keys().map(LogId::device);
        let devices: BTreeSet<DeviceId> = logs.chain([self.core.device]).collect();
        let mut orphans = BTreeMap::new();
        for device in devices {
            let entries = self.list(&OrphanEntriesAt(device))?.0;
            if !entries.is_empty() {
                orphans.insert(device, entries);
            }
        }
        Ok(orphans)
    }

    /// The items of a body that is here; `None` when it does not open.
    pub(crate) fn items_of(&self, envelope: &Hash) -> Result<Option<Vec<Item>>, RowError> {
        let Some(body) = self.get(&BodyAt(*envelope))? else { return Ok(None) };
        let header = self.header(envelope)?.header;
        match self.open_body(&header, &body) {
            Ok(items) => Ok(Some(items)),
            Err(RowError::Damaged | RowError::KeyNotHere) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A row that says what another device said: one that is damaged says nothing.
pub(super) fn unless_damaged<T>(read: Result<Option<T>, RowError>) -> Result<Option<T>, RowError> {
    match read {
        Err(RowError::Damaged) => Ok(None),
        read => read,
    }
}
