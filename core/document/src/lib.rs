//! The one document type that can be edited on two devices at once: named fields and one text, over Automerge.
//!
//! A [`Document`] knows nothing about notes or clients; [`fields`] turns those into fields and back. It begins at the
//! first edit: what was imported or signed is frozen bytes, and the first edit of such a note begins on changes that
//! every device computes alike and nobody sends ([`Document::from_frozen`]), so that two devices which first edit it
//! offline still merge.
//!
//! What it refuses: a change that is too large, damaged, of another document, written under an actor of another device
//! than the one that sent it, or under an actor and number that were used already, or that leaves anything but text
//! fields and one text behind. A refused chunk leaves the document
//! as it was. What depends on a chunk that has not arrived waits for it.
//!
//! **A document never leaves the vault.** Deleted text stays inside it for ever, in every chunk that ever held it: what
//! a colleague gets, an export, and a signed note are built from [`Document::fields`] and [`Document::text`] alone.
//!
//! Automerge panics on some hostile input. The panic is caught, but the process's panic hook runs first and prints the
//! panic's message, which may quote the input: the program's hook must print no message.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId, Automerge, AutomergeError, Change, ChangeHash, ObjId, ROOT, ReadDoc, TextEncoding, ValueRef};
use subrosa_base::id::DocId;

mod arrival;
mod authorship;
mod base;
mod census;
mod chunk;
pub mod difference;
pub mod fields;
mod heads;
mod history;
mod passages;
mod runs;
mod splice;

pub use arrival::{Loaded, MAX_ACTORS};
pub use chunk::{MAX_CHUNK, Refused, letters_of};
pub use heads::{Actor, Heads};
pub use history::Version;
pub use passages::{Passage, PassageKind};

/// Named values of a document. The name [`TEXT`] is taken by the text.
pub type Fields = BTreeMap<String, String>;

/// Name of the text in the root map; no field can have it.
pub const TEXT: &str = "text";

/// Bytes that a document's text may have.
pub const MAX_TEXT: usize = 4 * 1024 * 1024;

/// Bytes that all names and values of a document's fields may have together.
pub const MAX_FIELDS: usize = 64 * 1024;

/// Up to so many operations only a change of a field makes its writer look how long the document has grown.
const FEW_OPS: u64 = 1 << 16;

/// Bytes of a letter in a saved document, at the most.
const LETTER: usize = 16;

/// Characters are what positions count: never bytes, so that no splice can cut one in two.
const ENCODING: TextEncoding = TextEncoding::UnicodeCodePoint;

/// Why something was not written. The document is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotWritten {
    /// More text or longer fields than a document may hold.
    #[error(
        "This is longer than a note can be (4 MiB). What was saved before is unchanged; split it into two notes, or attach it as a file."
    )]
    TooLong,
    /// A field called like the text.
    #[error("A field cannot be called `text`. Nothing was changed; choose another name.")]
    ReservedName,
    /// So much was written and deleted that other devices would refuse more.
    #[error(
        "This note has been rewritten too often to take more. What was saved before is unchanged; begin a new note."
    )]
    Full,
    /// The library refused the edit.
    #[error(
        "This edit could not be recorded. What was saved before is unchanged; copy the text, and open the note again."
    )]
    Failed,
}

/// Fields and a text that several devices can edit at once. `Debug` prints its id alone.
#[derive(Clone)]
pub struct Document {
    id: DocId,
    automerge: Automerge,
    /// The one change without a parent: it makes the text object, and says nothing.
    root: ChangeHash,
    /// The version that every device computes and nobody sends: the root, and what was frozen.
    computed: Vec<ChangeHash>,
    /// The text object that the root made; it is never replaced.
    text: ObjId,
    /// Chunks whose parents have not arrived.
    waiting: Vec<chunk::Chunk>,
    /// Changes that contradict others, and do not stand.
    contradicted: HashSet<ChangeHash>,
    /// The text as it was written last, and the version that says it: the library puts a text together letter by letter.
    written: Option<(Heads, String)>,
    /// The changes of the device that writes here since a version, as they were asked for last: the library makes each anew out of
    /// its letters.
    gathered: Option<Gathered>,
}

/// Changes since a version, up to another one.
#[derive(Clone)]
struct Gathered {
    since: Vec<ChangeHash>,
    up_to: Vec<ChangeHash>,
    changes: Vec<Change>,
}

impl Document {
    /// Something new, written under `actor`.
    pub fn begin(id: DocId, fields: &Fields, text: &str, actor: Actor) -> Result<Self, NotWritten> {
        Self::begin_at(id, fields, text, actor, None)
    }

    /// As [`Self::begin`], recording when, in seconds since 1970.
    pub fn begin_at(
        id: DocId,
        fields: &Fields,
        text: &str,
        actor: Actor,
        seconds: Option<i64>,
    ) -> Result<Self, NotWritten> {
        let mut document = Self::from_frozen(id, [], actor)?;
        document.write_at(fields, text, seconds)?;
        Ok(document)
    }

    /// Goes on with what was frozen, if anything was, under a fresh `actor`. Every device computes the same beginning: see
    /// `base`.
    pub fn from_frozen<'f>(
        id: DocId,
        frozen: impl IntoIterator<Item = (&'f Fields, &'f str)>,
        actor: Actor,
    ) -> Result<Self, NotWritten> {
        let base::Beginning { automerge, root, text } = base::with_frozen(id, frozen)?;
        let computed = automerge.get_heads();
        let automerge = automerge.with_actor(ActorId::from(actor.0));
        let (waiting, contradicted) = (Vec::new(), HashSet::new());
        Ok(Self { id, automerge, root, computed, text, waiting, contradicted, written: None, gathered: None })
    }

    /// Makes the document say this; `false` when it does already. Only what differs is changed: fields one by one, and
    /// the text by splices that leave alone what stayed, so that another device's concurrent edit keeps its place.
    pub fn write(&mut self, fields: &Fields, text: &str) -> Result<bool, NotWritten> {
        self.write_at(fields, text, None)
    }

    /// As [`Self::write`], recording when, in seconds since 1970.
    pub fn write_at(&mut self, fields: &Fields, text: &str, seconds: Option<i64>) -> Result<bool, NotWritten> {
        base::check_sizes(fields, text)?;
        let (old_fields, old_text) = (self.fields(), self.text());
        let splices = splice::splices(&old_text, text);
        self.check_room(&splices, old_fields.len().saturating_add(fields.len()))?;
        let inserted = splices.iter().map(|splice| splice.insert.len()).fold(0, usize::saturating_add);
        if old_fields != *fields || inserted > runs::LONG || self.automerge.stats().num_ops > FEW_OPS {
            self.check_bytes(fields, inserted)?;
        }
        let changes = runs::changes(&splices);
        let before = (changes.len() > 1).then(|| self.automerge.clone());
        let written = self.write_change(seconds, |edit, text| {
            for name in old_fields.keys().filter(|name| !fields.contains_key(*name)) {
                edit.delete(ROOT, name.as_str())?;
            }
            for (name, value) in fields.iter().filter(|(name, value)| old_fields.get(*name) != Some(*value)) {
                edit.put(ROOT, name.as_str(), value.as_str())?;
            }
            runs::write(edit, text, changes.first().map_or(&[], Vec::as_slice))
        });
        let written = changes.iter().skip(1).fold(written, |written, change| {
            written.and_then(|_| self.write_change(seconds, |edit, text| runs::write(edit, text, change)))
        });
        match (&written, before) {
            (Ok(_), _) => self.written = Some((self.heads(), text.to_owned())),
            (Err(_), Some(before)) => self.automerge = before,
            (Err(_), None) => {}
        }
        written
    }

    /// One change, or none where nothing is said. One that fails is none.
    fn write_change(
        &mut self,
        seconds: Option<i64>,
        say: impl FnOnce(&mut Transaction<'_>, &ObjId) -> Result<(), AutomergeError>,
    ) -> Result<bool, NotWritten> {
        let mut edit = self.automerge.transaction();
        if say(&mut edit, &self.text).is_err() {
            edit.rollback();
            return Err(NotWritten::Failed);
        }
        Ok(edit.commit_with(CommitOptions { message: None, time: seconds }).0.is_some())
    }

    /// What this device may not write because others, and the next load, would refuse it.
    fn check_room(&self, splices: &[splice::Splice<'_>], fields: usize) -> Result<(), NotWritten> {
        let newest = self.automerge.get_heads();
        let metas = newest.iter().filter_map(|hash| self.automerge.get_change_meta_by_hash(hash));
        let last_op = metas.map(|change| change.max_op).max().unwrap_or(0);
        let stats = self.automerge.stats();
        let used = last_op.max(stats.num_ops).saturating_add(fields as u64);
        let room = chunk::MAX_OPS.saturating_sub(used);
        let more = runs::operations(&self.automerge, &self.text, splices, room);
        if more >= room || stats.num_actors >= MAX_ACTORS { Err(NotWritten::Full) } else { Ok(()) }
    }

    /// As [`Self::check_room`], of bytes: a field is said anew with each change of it, whole. Room is left for so many letters as
    /// are written without looking.
    fn check_bytes(&self, fields: &Fields, inserted: usize) -> Result<(), NotWritten> {
        let saved = self.automerge.save_nocompress().len();
        let letters = usize::try_from(FEW_OPS).unwrap_or(usize::MAX).saturating_mul(LETTER);
        let most = [saved, bytes_of(fields), inserted, letters].into_iter().fold(0, usize::saturating_add);
        if most > arrival::MAX_DOCUMENT { Err(NotWritten::Full) } else { Ok(()) }
    }

    /// The document as it was at a version, to be written in under an `actor` of its own; `None` when that version has
    /// not arrived. What is written there reaches this document by [`Self::chunks_since`] and [`Self::apply`].
    pub fn fork_at(&self, heads: &Heads, actor: Actor) -> Option<Self> {
        if !self.covers(heads) {
            return None;
        }
        let automerge = self.automerge.fork_at(&heads.to_automerge()).ok()?.with_actor(ActorId::from(actor.0));
        let (computed, text) = (self.computed.clone(), self.text.clone());
        let (waiting, contradicted) = (Vec::new(), HashSet::new());
        Some(Self { automerge, computed, text, waiting, contradicted, written: None, gathered: None, ..*self })
    }

    /// The document's id.
    pub fn id(&self) -> DocId {
        self.id
    }

    /// The version that this document is at.
    pub fn heads(&self) -> Heads {
        Heads::from_automerge(&self.automerge.get_heads())
    }

    /// The version that every device computes: what was frozen, where the document goes on with something frozen.
    pub fn beginning(&self) -> Heads {
        Heads::from_automerge(&self.computed)
    }

    /// The bytes of the changes up to there, which nobody sends: what a second implementation must compute too.
    pub fn beginning_changes(&self) -> Vec<u8> {
        let beginning = self.automerge.fork_at(&self.computed).map(|beginning| beginning.get_changes(&[]));
        chunk::pack(&beginning.unwrap_or_default()).concat()
    }

    /// The fields as they are. Of values written at the same time, every device shows the same one: see
    /// [`Self::rivals`].
    pub fn fields(&self) -> Fields {
        self.automerge.map_range(ROOT, ..).filter_map(named_text).collect()
    }

    /// The text as it is.
    pub fn text(&self) -> String {
        match &self.written {
            Some((heads, text)) if *heads == self.heads() => text.clone(),
            _ => self.automerge.text(&self.text).unwrap_or_default(),
        }
    }

    /// Every value of each field that was set to different values at the same time, the shown one included.
    pub fn rivals(&self) -> BTreeMap<String, Vec<String>> {
        let contested = self.automerge.map_range(ROOT, ..).filter(|item| item.conflict);
        contested
            .map(|item| (item.key.to_string(), self.values_of(&item.key)))
            .filter(|(_, all)| all.len() > 1)
            .collect()
    }

    /// Fields and text as they were at a version; `None` when that version has not arrived.
    pub fn content_at(&self, heads: &Heads) -> Option<(Fields, String)> {
        let heads = self.covers(heads).then(|| heads.to_automerge())?;
        let fields = self.automerge.map_range_at(ROOT, .., &heads).filter_map(named_text).collect();
        Some((fields, self.automerge.text_at(&self.text, &heads).ok()?))
    }

    /// Whether this document holds all of that version.
    pub fn covers(&self, heads: &Heads) -> bool {
        self.automerge.get_missing_deps(&heads.to_automerge()).is_empty()
    }

    /// Whether that version holds all that was written in this document: what every device computes nobody wrote. A version
    /// that has not fully arrived counts for the part that has, so the answer may be no too often, never yes.
    pub fn is_covered_by(&self, heads: &Heads) -> bool {
        self.automerge.get_changes_meta(&self.known_with_beginning(heads)).is_empty()
    }

    /// What this document has beyond that version, as bytes for [`Self::apply`]; empty when there is nothing. More than
    /// [`MAX_CHUNK`] only after a long time: see [`Self::chunks_since`].
    pub fn changes_since(&self, heads: &Heads) -> Vec<u8> {
        self.chunks_since(heads).concat()
    }

    /// As [`Self::changes_since`], in as few chunks of at most [`MAX_CHUNK`] as it takes, to be applied in order.
    pub fn chunks_since(&self, heads: &Heads) -> Vec<Vec<u8>> {
        chunk::pack(&self.automerge.get_changes(&self.known_with_beginning(heads)))
    }

    /// As [`Self::chunks_since`], those of the device that writes here alone: what others wrote they send themselves.
    pub fn own_chunks_since(&mut self, heads: &Heads) -> Vec<Vec<u8>> {
        let device = |actor: &ActorId| Actor::from_automerge(actor).map(|actor| actor.device());
        let own = device(self.automerge.get_actor());
        let since = self.known_with_beginning(heads);
        let before = self.gathered.take().filter(|before| before.since == since);
        let (from, mut changes) = before.map_or((since.clone(), Vec::new()), |before| (before.up_to, before.changes));
        let further = self.automerge.get_changes(&from);
        changes.extend(further.into_iter().filter(|change| device(change.actor_id()) == own));
        let chunks = chunk::pack(&changes);
        self.gathered = Some(Gathered { since, up_to: self.automerge.get_heads(), changes });
        chunks
    }

    /// That version, as far as it has arrived.
    fn known(&self, heads: &Heads) -> Vec<ChangeHash> {
        heads.to_automerge().into_iter().filter(|hash| self.knows(hash)).collect()
    }

    fn is_computed(&self, change: &Change) -> bool {
        change.hash() == self.root || self.computed.contains(&change.hash())
    }

    fn known_with_beginning(&self, heads: &Heads) -> Vec<ChangeHash> {
        [self.known(heads), self.computed.clone()].concat()
    }

    fn knows(&self, hash: &ChangeHash) -> bool {
        self.automerge.get_missing_deps(std::slice::from_ref(hash)).is_empty()
    }

    fn values_of(&self, name: &str) -> Vec<String> {
        let all = self.automerge.get_all(ROOT, name).unwrap_or_default();
        all.iter().filter_map(|(value, _)| value.as_str().map(str::to_owned)).collect()
    }
}

/// Bytes of all names and values of fields.
pub fn bytes_of(fields: &Fields) -> usize {
    fields.iter().map(|(name, value)| name.len().saturating_add(value.len())).fold(0, usize::saturating_add)
}

fn named_text(item: automerge::iter::MapRangeItem<'_>) -> Option<(String, String)> {
    match item.value {
        ValueRef::Scalar(automerge::ScalarValueRef::Str(value)) => Some((item.key.into_owned(), value.into_owned())),
        _ => None,
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({})", self.id)
    }
}

#[cfg(test)]
mod tests;
