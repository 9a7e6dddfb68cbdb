//! Closing: what led to a signed note goes (format §3, *closed*).
//!
//! The device that signed keeps the draft until every device of the practice holds the signature and nothing is known
//! to be on its way. Then it says, once, that the draft is closed and which envelopes hold nothing but closed drafts.
//! Whoever hears that lets their bodies go, after looking for itself: a body with anything else in it, or with words that
//! no signature covers, stays. Those words are sent once more with all that they build on, for those who let it go first.
//!
//! Their headers stay, so every chain can be followed; a body that has gone is not asked for and not taken again.

use std::collections::BTreeSet;

use crate::codec::{Reader, Writer};
use crate::document::{Actor, Document, Heads};
use crate::id::{DocId, Hash, LogId, NoteId};
use crate::log::{Class, DocType, Header, Item, Kind, PRACTICE_KEY, SignedHeader};
use crate::store::Table;
use crate::vault::append::{Outgoing, changes_payload};
use crate::vault::clients::Material;
use crate::vault::index::{self, Entry, Work, hashes};
use crate::vault::receive::{HeldBodies, put_missing};
use crate::vault::signing::SignedNote;
use crate::vault::{Vault, VaultError};

/// Envelopes that one closing may name; what is beyond stays until the note is signed again.
const MOST: usize = 1 << 16;
/// Notes that this device signed and whose drafts are not closed.
const OPEN: &[u8] = b"drafts";
/// Envelopes that are said to be gone and whose bodies are here.
const DUE: &[u8] = b"due";

impl Vault {
    /// Closes the drafts that can be closed, and lets go what may go. To be called when a note was signed, when the practice
    /// was unlocked and when its private notes were opened; it does nothing when there is nothing to do. What cannot go now
    /// goes the next time: what was to be done before it is done, and must not be said to have failed.
    pub(crate) fn let_drafts_go(&mut self) {
        let _ = self.close_drafts();
        self.drop_closed();
    }

    /// Lets go what may go, after something arrived.
    pub(crate) fn drop_closed(&mut self) {
        let _ = self.drop_due();
    }

    /// Notes, beside a signature, that its draft is to be closed.
    pub(crate) fn keep_open(&self, work: &mut Work, id: &NoteId) -> Result<(), VaultError> {
        let mut open = self.ids(OPEN)?;
        open.insert(*id);
        put_ids(work, OPEN, &open);
        Ok(())
    }

    /// Whether the draft of a signed note is closed.
    pub(crate) fn is_closed(&self, work: &Work, id: &NoteId) -> Result<bool, VaultError> {
        Ok(self.rows.read_through(&work.changes, Table::Index, &closed_name(id))?.is_some())
    }

    /// Whether an envelope's body is said to be gone.
    pub(crate) fn is_gone(&self, work: &Work, envelope: &Hash) -> Result<bool, VaultError> {
        Ok(self.rows.read_through(&work.changes, Table::Index, &gone_name(envelope))?.is_some())
    }

    /// What a closed note's document has beyond its signatures, with all that they name: nothing else of it counts.
    pub(crate) fn beyond_closing(&self, id: &NoteId, material: &Material, document: Document) -> Option<Document> {
        let heads = signed_heads(&self.signed_versions(id, material));
        Some(document).filter(|document| document.covers(&heads) && !document.is_covered_by(&heads))
    }

    /// Takes in that a draft is closed.
    pub(crate) fn take_closing(&mut self, work: &mut Work, id: DocId, payload: &[u8]) -> Result<(), VaultError> {
        let mut reader = Reader::new(payload);
        let gone = reader.list(MOST, |reader| reader.array().map(Hash)).map_err(|_| VaultError::Damaged)?;
        reader.finish().map_err(|_| VaultError::Damaged)?;
        if !self.is_closed(work, &id)? {
            work.changes.put(Table::Index, &closed_name(&id), Vec::new());
        }
        work.dirty.insert(id);
        let mut due = self.due(work)?;
        for envelope in gone {
            if self.is_gone(work, &envelope)? {
                continue;
            }
            let header = self.header(work, &envelope).ok();
            // A lost header is made again from its body; from now on this stands in for that.
            let row = header.as_ref().map(SignedHeader::to_bytes).unwrap_or_default();
            work.changes.put(Table::Index, &gone_name(&envelope), row);
            if self.rows.read_through(&work.changes, Table::Bodies, &envelope.0)?.is_some() {
                due.push(envelope);
            } else if let Some(signed) = header {
                self.note_gone(work, &signed.header)?;
            }
        }
        put_due(work, &due);
        Ok(())
    }

    /// Notes in the order of its log that the body of an envelope is not here, and never will be.
    pub(crate) fn note_gone(&self, work: &mut Work, header: &Header) -> Result<(), VaultError> {
        let (log, envelope) = (&header.log, header.hash());
        let mut missing = self.missing(work, log)?;
        missing.retain(|(_, name)| *name != envelope);
        put_missing(work, log, &missing);
        let mut ranges = self.gone_ranges(work, log)?;
        ranges.push((header.seq, header.seq.saturating_add(1)));
        put_ranges(work, log, ranges);
        Ok(())
    }

    /// The header of an envelope whose body has gone, when its own row is lost.
    pub(crate) fn header_of_gone(&self, envelope: &Hash) -> Option<Header> {
        let row = self.rows.read(Table::Index, &gone_name(envelope)).ok()??;
        SignedHeader::parse(&row).ok().map(|signed| signed.header).filter(|header| header.hash() == *envelope)
    }

    /// Numbers of the envelopes of a log whose bodies have gone, as ranges in order.
    pub(crate) fn gone_ranges(&self, work: &Work, log: &LogId) -> Result<Vec<(u64, u64)>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Index, &ranges_name(log))?.unwrap_or_default();
        let number = |bytes: &[u8]| bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        let ranges = row.chunks_exact(16).map(|range| Some((number(range)?, number(range.get(8..)?)?)));
        ranges.collect::<Option<Vec<_>>>().ok_or(VaultError::Damaged)
    }

    /// Numbers of the envelopes up to the head of a branch whose bodies have gone.
    pub(crate) fn gone_from(&self, log: &LogId, head: &Hash, next_seq: u64) -> Result<Vec<u64>, VaultError> {
        let work = Work::default();
        let ranges = self.gone_ranges(&work, log)?;
        let gone = ranges.iter().flat_map(|(first, end)| *first..(*end).min(next_seq));
        let Some((first, _)) = ranges.first().filter(|_| self.tips(&work, log).len() > 1) else {
            return Ok(gone.collect());
        };
        // In a log with branches a number says less than a name.
        let branch = self.branch_names(log, *first, head)?;
        let named = (*first..).zip(branch).filter(|(_, name)| matches!(self.is_gone(&work, name), Ok(true)));
        Ok(named.map(|(seq, _)| seq).collect())
    }

    fn close_drafts(&mut self) -> Result<(), VaultError> {
        let mut open = self.ids(OPEN)?;
        if open.is_empty() || self.count_missing()? > 0 {
            return Ok(());
        }
        let Some(held) = self.held_elsewhere()? else { return Ok(()) };
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let mut closing = BTreeSet::new();
        for id in &open {
            let Some(entry) = self.entry(&work, id)? else { continue };
            if self.is_in_work(id) || !self.have_signatures(&held, &entry)? {
                continue;
            }
            if !self.drafted(&work, id, entry.clone())?.is_some_and(|draft| draft.is_over()) {
                continue;
            }
            closing.insert(*id);
            out.push(Kind::Closed, *id, PRACTICE_KEY, closed_payload(&self.closed_with(&closing, &entry)?));
        }
        if closing.is_empty() {
            return Ok(());
        }
        open.retain(|id| !closing.contains(id));
        put_ids(&mut work, OPEN, &open);
        self.finish(work, out)?;
        self.write_anchor();
        Ok(())
    }

    /// Envelopes of a draft that hold nothing but drafts which are closed now, or were before.
    fn closed_with(&self, closing: &BTreeSet<DocId>, entry: &Entry) -> Result<Vec<Hash>, VaultError> {
        let work = Work::default();
        let closed = |id: &DocId| closing.contains(id) || matches!(self.is_closed(&work, id), Ok(true));
        let mut gone = Vec::new();
        for envelope in changes_in(entry).into_iter().take(MOST) {
            let Some(items) = self.items_of(&work, &envelope)? else { continue };
            let spent = items.iter().all(|item| item.kind == Kind::Changes && closed(&item.document));
            if spent && !self.is_gone(&work, &envelope)? {
                gone.push(envelope);
            }
        }
        Ok(gone)
    }

    /// Lets those bodies go that are said to be gone, hold nothing that a signature does not cover, and are here.
    fn drop_due(&mut self) -> Result<(), VaultError> {
        let due = self.due(&Work::default())?;
        if due.is_empty() {
            return Ok(());
        }
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let mut again = BTreeSet::new();
        let mut left = Vec::new();
        for envelope in &due {
            let Some(items) = self.items_of(&work, envelope)? else {
                left.push(*envelope);
                continue;
            };
            let documents: BTreeSet<DocId> = items.iter().map(|item| item.document).collect();
            let mut over = items.iter().all(|item| item.kind == Kind::Changes);
            for id in &documents {
                over = over && self.may_lose(&mut work, id, envelope, &mut again)?;
            }
            match over {
                true => self.drop_body(&mut work, envelope, &documents)?,
                false => left.push(*envelope),
            }
        }
        for id in again {
            self.send_once_more(&work, &mut out, &id)?;
        }
        if left.len() == due.len() && out.items.is_empty() {
            return Ok(());
        }
        put_due(&mut work, &left);
        *self.body.borrow_mut() = None;
        self.finish(work, out)
    }

    /// Whether a document can do without its changes in an envelope; one with words that no signature covers is put among
    /// those that are sent again.
    fn may_lose(
        &self,
        work: &mut Work,
        id: &DocId,
        envelope: &Hash,
        again: &mut BTreeSet<DocId>,
    ) -> Result<bool, VaultError> {
        let Some(entry) = self.entry(work, id)? else { return Ok(false) };
        let Some(row) = self.rows.read_through(&work.changes, Table::Index, &closed_name(id))? else {
            return Ok(false);
        };
        let mut covered: BTreeSet<Hash> = hashes(&row).into_iter().collect();
        if covered.contains(envelope) {
            return Ok(true);
        }
        let Some(whole) = self.drafted(work, id, entry.clone())? else { return Ok(false) };
        if whole.is_over() && !self.is_in_work(id) {
            // Once a part of it has gone, nobody can tell any more that the rest was covered.
            covered.extend(changes_in(&entry));
            work.changes.put(Table::Index, &closed_name(id), covered.iter().flat_map(|envelope| envelope.0).collect());
            return Ok(true);
        }
        let mut others = entry;
        others.places.retain(|(place, _)| place.envelope != *envelope);
        let stands_elsewhere = self.drafted(work, id, others)?.is_some_and(|others| others.says_as_much_as(&whole));
        if !stands_elsewhere && whole.has_all_that_was_signed() {
            again.insert(*id);
        }
        Ok(stands_elsewhere)
    }

    /// Whether somebody writes in a note or signs it just now.
    fn is_in_work(&self, id: &NoteId) -> bool {
        self.pending.contains(id) || self.signing.contains_key(id)
    }

    /// What is known of a draft by the places of this entry; `None` where that cannot be told now, so that nothing of it goes.
    fn drafted(&self, work: &Work, id: &DocId, entry: Entry) -> Result<Option<Drafted>, VaultError> {
        let opens = match entry.kind {
            DocType::Note => true,
            DocType::ProcessNote => self.again.is_some(),
            _ => false,
        };
        if !opens {
            return Ok(None);
        }
        let mut material = match self.material(work, &entry) {
            Ok(material) => material,
            // A key or a part has not arrived, or is damaged.
            Err(VaultError::KeyNotHere | VaultError::AskAgain | VaultError::Damaged) => return Ok(None),
            Err(error) => return Err(error),
        };
        let signed = self.signed_versions(id, &material);
        // Without its signatures it is loaded as the draft that it was.
        material.signed.clear();
        let pending = self.pending_chunks(id)?;
        let has_changes = !(material.chunks.is_empty() && pending.is_empty());
        let loaded = self.load_document(&material, id, entry.kind, &pending, Actor([0; 16]))?;
        if !loaded.waiting.is_empty() || !loaded.set_aside.is_empty() {
            // Words that wait for what they build on, or that this version cannot read, are not among what it can judge.
            return Ok(None);
        }
        let signed = (!signed.is_empty()).then(|| signed_heads(&signed));
        Ok(Some(Drafted { signed, document: loaded.document, has_changes }))
    }

    fn send_once_more(&self, work: &Work, out: &mut Outgoing, id: &DocId) -> Result<(), VaultError> {
        let entry = self.note_entry(work, id)?;
        let client = self.client_of(work, &entry)?;
        let drafted = self.drafted(work, id, entry.clone())?;
        let Some(document) = drafted.and_then(|drafted| drafted.document) else { return Ok(()) };
        for chunk in document.chunks_since(&Heads::default()) {
            out.push(Kind::Changes, *id, entry.key, changes_payload(entry.kind, client, &chunk));
        }
        Ok(())
    }

    fn drop_body(&mut self, work: &mut Work, envelope: &Hash, of: &BTreeSet<DocId>) -> Result<(), VaultError> {
        let header = self.header(work, envelope)?.header;
        work.changes.remove(Table::Bodies, &envelope.0);
        work.changes.remove(Table::Index, &index::layout_name(envelope));
        self.note_gone(work, &header)?;
        for id in of {
            let Some(mut entry) = self.entry(work, id)? else { continue };
            entry.places.retain(|(place, _)| place.envelope != *envelope);
            work.entries.insert(*id, entry);
            work.dirty.insert(*id);
            self.drafts.remove(id);
        }
        Ok(())
    }

    /// The items of a body that is here; `None` when it does not open.
    fn items_of(&self, work: &Work, envelope: &Hash) -> Result<Option<Vec<Item>>, VaultError> {
        let body = self.rows.read_through(&work.changes, Table::Bodies, &envelope.0);
        let Some(body) = body? else { return Ok(None) };
        let header = self.header(work, envelope)?.header;
        match self.open_body(&header, &body) {
            Ok(items) => Ok(Some(items)),
            Err(VaultError::Damaged | VaultError::KeyNotHere) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What every other device has said that it holds; `None` while one has not said anything.
    fn held_elsewhere(&self) -> Result<Option<Vec<HeldBodies>>, VaultError> {
        let others = self.roster.live().into_iter().filter(|card| card.id != self.device);
        others.map(|card| Ok(self.acknowledgement(&card.id)?.map(|(_, held)| held))).collect()
    }

    /// Whether each of these holds the signatures of a note.
    fn have_signatures(&self, held: &[HeldBodies], entry: &Entry) -> Result<bool, VaultError> {
        let work = Work::default();
        for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Signed) {
            let header = self.header(&work, &place.envelope)?.header;
            let has = |(log, ranges): &(LogId, Vec<(u64, u64)>)| {
                *log == header.log && ranges.iter().any(|(first, end)| (*first..*end).contains(&header.seq))
            };
            if !held.iter().all(|held| held.iter().any(has)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn ids(&self, name: &[u8]) -> Result<BTreeSet<DocId>, VaultError> {
        let row = self.rows.read(Table::Misc, name)?.unwrap_or_default();
        Ok(index::ids(&row).collect())
    }

    fn due(&self, work: &Work) -> Result<Vec<Hash>, VaultError> {
        Ok(hashes(&self.rows.read_through(&work.changes, Table::Pending, DUE)?.unwrap_or_default()))
    }
}

/// What is known of a draft.
struct Drafted {
    /// The heads that signatures which count freeze; `None` without any.
    signed: Option<Heads>,
    document: Option<Document>,
    has_changes: bool,
}

impl Drafted {
    /// Whether it is signed, and the signatures cover every word.
    fn is_over(&self) -> bool {
        let covered = |signed: &Heads| match &self.document {
            Some(document) => document.is_covered_by(signed),
            None => !self.has_changes,
        };
        self.signed.as_ref().is_some_and(covered)
    }

    fn has_all_that_was_signed(&self) -> bool {
        let document = self.document.as_ref();
        self.signed.as_ref().is_some_and(|signed| document.is_some_and(|document| document.covers(signed)))
    }

    fn says_as_much_as(&self, other: &Self) -> bool {
        let heads = |drafted: &Self| drafted.document.as_ref().map(Document::heads);
        heads(self).is_some() && heads(self) == heads(other)
    }
}

fn signed_heads(signed: &[SignedNote]) -> Heads {
    Heads::from(signed.iter().flat_map(|note| note.heads.iter().copied()).collect::<Vec<_>>())
}

/// The envelopes that hold changes of a document.
fn changes_in(entry: &Entry) -> BTreeSet<Hash> {
    entry.places.iter().filter(|(_, kind)| *kind == Kind::Changes).map(|(place, _)| place.envelope).collect()
}

fn put_ids(work: &mut Work, name: &[u8], ids: &BTreeSet<DocId>) {
    match ids.is_empty() {
        true => work.changes.remove(Table::Misc, name),
        false => work.changes.put(Table::Misc, name, ids.iter().flat_map(|id| id.0).collect()),
    }
}

pub(crate) fn put_due(work: &mut Work, due: &[Hash]) {
    match due.is_empty() {
        true => work.changes.remove(Table::Pending, DUE),
        false => work.changes.put(Table::Pending, DUE, due.iter().flat_map(|envelope| envelope.0).collect()),
    }
}

/// Joins ranges that touch.
fn put_ranges(work: &mut Work, log: &LogId, mut ranges: Vec<(u64, u64)>) {
    ranges.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
    for (first, end) in ranges {
        match joined.last_mut().filter(|last| first <= last.1) {
            Some(last) => last.1 = last.1.max(end),
            None => joined.push((first, end)),
        }
    }
    let row = joined.iter().flat_map(|(first, end)| first.to_le_bytes().into_iter().chain(end.to_le_bytes()));
    work.changes.put(Table::Index, &ranges_name(log), row.collect());
}

/// What kind 26 holds.
pub(crate) fn closed_payload(gone: &[Hash]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.list(gone, |writer, envelope| {
        writer.bytes(&envelope.0);
    });
    writer.finish()
}

fn closed_name(id: &NoteId) -> Vec<u8> {
    [b"c".as_slice(), &id.0].concat()
}

fn gone_name(envelope: &Hash) -> Vec<u8> {
    [b"x".as_slice(), &envelope.0].concat()
}

fn ranges_name(log: &LogId) -> Vec<u8> {
    [b"g".as_slice(), &log.0].concat()
}
