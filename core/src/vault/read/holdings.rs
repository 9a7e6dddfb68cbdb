//! What other devices hold of what is here, and what they lack of it: notes, particulars, files, and what touches none of these.
//!
//! Told by what each durably holds and said so. What was typed and lies in no envelope yet is nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::id::{ClientId, DeviceId, DocId, Hash, LogId, NoteId};
use crate::log::{DocType, Item, Kind};
use crate::rows::RowError;
use crate::vault::core::Touched;
use crate::vault::items::file::{Blob, NamedBlobs};
use crate::vault::items::place::Entry;
use crate::vault::items::pruning::{Numbers, joined};
use crate::vault::read::ledger::unless_damaged;
use crate::vault::read::{Ledger, all_blobs_of};
use crate::vault::registry::OverlongNotesAt;

/// Envelopes of those that a device lacks into which it is looked at once, and bytes of bodies that are opened for it: what is beyond
/// is said to be more. What was opened once is remembered while the practice is open.
const MOST_ENVELOPES: usize = 512;
const MOST_BYTES: u64 = 1 << 20;

/// What of the practice a device lacks, as far as is known here.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Lacks {
    /// Notes of which something is here and not there, each once: what was typed first, then what was written last.
    pub notes: Vec<NoteId>,
    /// Clients of whom particulars or measures are here and not there.
    pub clients: BTreeSet<ClientId>,
    /// What touches none of these, such as keys, settings and who belongs to the practice; or cannot be opened here.
    pub changes: u64,
    /// Files that are whole here and, as far as is known, not there; of this device, those that have not come to it whole.
    pub files: BTreeSet<DocId>,
    /// Which files there are, or which have come, cannot be read here: one at least is not there.
    pub is_file_unread: bool,
    /// There is more, into which it was not looked: each number is the least that it can be.
    pub is_more: bool,
}

impl Lacks {
    /// Whether nothing is lacking.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// How many files are lacking.
    pub fn file_count(&self) -> usize {
        self.files.len() + usize::from(self.is_file_unread)
    }
}

impl std::fmt::Debug for Lacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lacks")
    }
}

/// The files that are known here: where the list of each stands; `None` where that cannot be read until a repair.
pub(crate) struct FilesHere(Option<NamedBlobs>);

/// What is found of one device while its logs are gone through.
#[derive(Default)]
struct Search {
    lacks: Lacks,
    notes: BTreeSet<NoteId>,
    looked: usize,
    opened: u64,
}

impl Search {
    fn note(&mut self, id: NoteId) {
        if self.notes.insert(id) {
            self.lacks.notes.push(id);
        }
    }
}

impl Ledger<'_> {
    pub(crate) fn files_here(&self) -> Result<FilesHere, RowError> {
        Ok(FilesHere(unless_damaged(self.blobs().named().map(Some))?))
    }

    /// The files that have not come whole to this device.
    pub(crate) fn files_to_come(&self) -> Result<Lacks, RowError> {
        let Some(wanted) = unless_damaged(self.blobs().wanted_blobs().map(Some))? else {
            return Ok(Lacks { is_file_unread: true, ..Lacks::default() });
        };
        let mut lacks = Lacks::default();
        for (_, blob) in wanted {
            self.count_file(&mut lacks, &blob)?;
        }
        Ok(lacks)
    }

    /// What another device lacks.
    pub(crate) fn lacked_by(&self, device: &DeviceId, files: &FilesHere) -> Result<Lacks, RowError> {
        let mut search = Search::default();
        for blob in self.files_not_on(device, files)? {
            self.count_file(&mut search.lacks, &blob)?;
        }
        search.lacks.is_file_unread |= files.0.is_none();
        self.typed()?.into_iter().for_each(|id| search.note(id));
        for log in self.own_logs_first() {
            for (first, end) in self.not_held(device, &log)?.into_iter().rev() {
                for seq in (first..end).rev() {
                    if search.looked == MOST_ENVELOPES {
                        search.lacks.is_more = true;
                        return Ok(search.lacks);
                    }
                    search.looked += 1;
                    self.count_envelopes(&mut search, &log, seq)?;
                }
            }
        }
        Ok(search.lacks)
    }

    /// Whether another device lacks nothing; opens no envelope.
    pub(crate) fn has_all(&self, device: &DeviceId) -> Result<bool, RowError> {
        if !self.typed()?.is_empty() {
            return Ok(false);
        }
        for log in self.logs() {
            if !self.not_held(device, &log)?.is_empty() {
                return Ok(false);
            }
        }
        let files = self.files_here()?;
        Ok(files.0.is_some() && self.files_not_on(device, &files)?.is_empty())
    }

    /// Whether another device has a note as it is here, with the files that were attached to it.
    pub(crate) fn holds_note(&self, device: &DeviceId, id: &NoteId, blobs: &[Hash]) -> Result<bool, RowError> {
        if self.typed()?.contains(id) {
            return Ok(false);
        }
        let mut not_held = BTreeMap::<LogId, Numbers>::new();
        for (place, _) in self.entry(id)?.map(|entry| entry.places).unwrap_or_default() {
            let header = self.header(&place.envelope)?.header;
            let lacking = match not_held.entry(header.log) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(place) => place.insert(self.not_held(device, &header.log)?),
            };
            if is_among(lacking, header.seq) {
                return Ok(false);
            }
        }
        if blobs.is_empty() {
            return Ok(true);
        }
        let files = self.files_here()?;
        let lacked = self.files_not_on(device, &files)?;
        Ok(files.0.is_some() && !blobs.iter().any(|blob| lacked.contains(blob)))
    }

    /// Notes of which something was typed that lies in no envelope, and those that were written beyond what they hold.
    pub(crate) fn typed(&self) -> Result<BTreeSet<NoteId>, RowError> {
        let overlong = unless_damaged(self.list(&OverlongNotesAt()).map(Some))?.unwrap_or_default();
        Ok(self.pending().iter().copied().chain(overlong).collect())
    }

    /// All logs: first that in which this device writes drafts, then all of its own.
    fn own_logs_first(&self) -> Vec<LogId> {
        let (own, mut logs) = (self.own_logs(), self.logs());
        logs.sort_by_key(|log| (*log != own.drafts, *log != own.main, log.device() != self.core.device));
        logs
    }

    /// One past the greatest number of a log.
    pub(crate) fn end_of(&self, log: &LogId) -> u64 {
        let tips = self.core.memory.state.logs.get(log).map(Vec::as_slice).unwrap_or_default();
        tips.iter().map(|tip| tip.next_seq).max().unwrap_or(0)
    }

    /// Numbers of the envelopes of a log that another device has not acknowledged. Nobody waits for what has gone.
    fn not_held(&self, device: &DeviceId, log: &LogId) -> Result<Numbers, RowError> {
        let end = self.end_of(log);
        let mut covered = self.held_elsewhere(device, log)?;
        covered.extend(self.pruned_ranges(log).unwrap_or_default());
        let (mut gaps, mut last) = (Numbers::new(), 0);
        for (first, next) in joined(covered).into_iter().chain([(end, end)]) {
            if last < first.min(end) {
                gaps.push((last, first.min(end)));
            }
            last = last.max(next);
        }
        Ok(gaps)
    }

    /// Counts what stands at one number of a log.
    fn count_envelopes(&self, search: &mut Search, log: &LogId, seq: u64) -> Result<(), RowError> {
        let names = unless_damaged(self.envelopes_at(log, seq).map(Some))?.unwrap_or_default();
        if names.is_empty() {
            search.lacks.changes += 1;
        }
        for name in names {
            let Some(touched) = self.touched(search, &name)? else { continue };
            touched.notes.iter().for_each(|id| search.note(*id));
            search.lacks.clients.extend(&touched.clients);
            let is_file_counted = touched.files.iter().any(|file| search.lacks.files.contains(file));
            let is_said = is_file_counted || !touched.notes.is_empty() || !touched.clients.is_empty();
            search.lacks.changes += u64::from(!is_said);
        }
        Ok(())
    }

    /// What an envelope touches; nothing of it where it cannot be opened here, `None` when it was not looked into.
    fn touched(&self, search: &mut Search, name: &Hash) -> Result<Option<Arc<Touched>>, RowError> {
        if let Some(known) = self.core.caches.touched.borrow().get(name) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(header) = unless_damaged(self.header(name).map(Some))?.map(|signed| signed.header) else {
            return Ok(Some(Arc::default()));
        };
        let bytes = u64::from(header.body_len);
        if search.opened > 0 && search.opened.saturating_add(bytes) > MOST_BYTES {
            search.lacks.is_more = true;
            return Ok(None);
        }
        search.opened = search.opened.saturating_add(bytes);
        let Some(items) = unless_damaged(self.items_of(name))? else { return Ok(Some(Arc::default())) };
        let (mut touched, mut is_known) = (Touched::default(), true);
        for item in items.iter().filter(|item| is_of_document(item)) {
            match unless_damaged(self.entry(&item.document))? {
                Some(entry) => touch(&mut touched, item, &entry),
                // A key or an answer is lacking that may come yet.
                None => is_known = false,
            }
        }
        let touched = Arc::new(touched);
        if is_known {
            self.core.caches.touched.borrow_mut().insert(*name, Arc::clone(&touched));
        }
        Ok(Some(touched))
    }

    /// The blobs that are whole here and not on another device, by what that acknowledged and says that it lacks.
    fn files_not_on(&self, device: &DeviceId, files: &FilesHere) -> Result<BTreeSet<Hash>, RowError> {
        let (mut behind, mut not_held) = (BTreeSet::new(), BTreeMap::new());
        let lacked = self.blobs().lacked_there(device)?;
        for (blob, (log, seq)) in files.0.iter().flatten() {
            if !not_held.contains_key(log) {
                not_held.insert(*log, self.not_held(device, log)?);
            }
            let is_listed = not_held.get(log).is_some_and(|lacking| !is_among(lacking, *seq));
            let says_whole = |lacked: &BTreeSet<Hash>| {
                ![*blob, all_blobs_of(&log.device())].iter().any(|name| lacked.contains(name))
            };
            let is_there = is_listed && lacked.as_ref().is_some_and(says_whole);
            // What is not whole here either, or was let go, is nothing that this device could give.
            let is_whole_here = || matches!(self.blobs().missing_pieces(blob), Ok(None) | Err(RowError::Damaged));
            if !is_there && is_whole_here() {
                behind.insert(*blob);
            }
        }
        Ok(behind)
    }

    fn count_file(&self, lacks: &mut Lacks, blob: &Hash) -> Result<(), RowError> {
        match unless_damaged(self.blobs().blob(blob))? {
            Some(Blob { file, .. }) => drop(lacks.files.insert(file)),
            None => lacks.is_file_unread = true,
        }
        Ok(())
    }
}

/// Whether a number is in one of these ranges, which are in order and do not touch.
fn is_among(numbers: &[(u64, u64)], seq: u64) -> bool {
    let after = numbers.partition_point(|(first, _)| *first <= seq);
    after.checked_sub(1).and_then(|at| numbers.get(at)).is_some_and(|(_, end)| seq < *end)
}

/// Whether an item says something of a document of a client.
fn is_of_document(item: &Item) -> bool {
    matches!(
        item.kind,
        Kind::Frozen
            | Kind::Changes
            | Kind::Signed
            | Kind::Delete
            | Kind::Disclosure
            | Kind::File
            | Kind::Restore
            | Kind::Moved
    )
}

fn touch(touched: &mut Touched, item: &Item, entry: &Entry) {
    match entry.kind() {
        DocType::Note | DocType::ProcessNote => touched.notes.push(item.document),
        DocType::Client | DocType::Measures => touched.clients.push(entry.client),
        DocType::File => touched.files.push(item.document),
        DocType::Unknown(_) => {}
    }
}
