//! Changes as bytes: how they are packed, and what is refused before Automerge sees it.
//!
//! A chunk is Automerge *change* frames one after the other: `85 6f 4a 83 ‖ checksum (4) ‖ 01 ‖ length (LEB128) ‖ data`.
//! Whole documents (kind 0), deflated changes (2) and bundles (3) are refused unread: they inflate without limit, and
//! the envelope around a chunk compresses already.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Change, ChangeHash};
use subrosa_base::id::DeviceId;

use super::{Actor, census};

/// Bytes of the largest chunk that is read.
pub const MAX_CHUNK: usize = 1024 * 1024;

/// Changes in one chunk.
pub(super) const MAX_CHANGES: usize = 16_384;

/// Operations in a document, and the highest number of one. A typed character is an operation, so is a run of them, and so is what deletes either.
pub(super) const MAX_OPS: u64 = 1 << 20;

/// Operations that those of one change replace: each replaces one, unless several stood at its place.
pub(super) const MAX_REPLACED: u64 = 2 * MAX_OPS;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const KIND_CHANGE: u8 = 1;

/// Why a chunk was not taken. The document is as it was, and other chunks are not affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The chunk, or the document with it, would be larger than a document may be.
    #[error("a change is larger than any that this program writes; it was set aside and the note is as it was")]
    TooLarge,
    /// Not a chunk of changes, damaged, or cut short.
    #[error("a change is damaged and was set aside; the note is as it was")]
    Damaged,
    /// The chunk begins a document: how one begins, every device computes by itself.
    #[error("a change belongs to another note and was set aside; the note is as it was")]
    AnotherDocument,
    /// A change names another device as its writer than the one that sent it.
    #[error("a change was sent in the name of another device; it was set aside and the note is as it was")]
    AnotherWriter,
    /// Two different changes carry the same actor and number: a copied vault went on under its old actor.
    #[error("a change contradicts one that was written by the same copy of the practice; it was set aside")]
    Contradiction,
    /// The change is well formed but leaves something other than fields and one text, or does not survive saving.
    #[error("a change would leave a note that cannot be read; it was set aside and the note is as it was")]
    Unreadable,
    /// Too many chunks of its device could not be read in this document: no further one is tried.
    #[error(
        "too many changes of one device cannot be read; its further ones were set aside, and the note is as it was"
    )]
    TooManyRefused,
    /// Too much waits already for chunks that have not arrived.
    #[error("too many changes wait for earlier ones; this one is tried again when the note is opened")]
    TooManyWaiting,
}

/// Changes that arrived together and are taken or refused together.
#[derive(Clone)]
pub(super) struct Chunk {
    /// Where it stood among what was loaded; `None` for what arrived later.
    pub(super) index: Option<usize>,
    /// The device that sent it.
    pub(super) by: DeviceId,
    /// Bytes it came as.
    pub(super) len: usize,
    pub(super) changes: Vec<Change>,
}

impl Chunk {
    /// A chunk that this device sent.
    pub(super) fn parse(bytes: &[u8], by: DeviceId, index: Option<usize>) -> Result<Self, Refused> {
        if bytes.len() > MAX_CHUNK {
            return Err(Refused::TooLarge);
        }
        let frames = frames(bytes)?;
        if frames.len() > MAX_CHANGES {
            return Err(Refused::TooLarge);
        }
        let changes: Vec<Change> = frames.into_iter().map(change).collect::<Result<_, _>>()?;
        if changes.iter().any(|change| Actor::from_automerge(change.actor_id()).map(|actor| actor.device()) != Some(by))
        {
            return Err(Refused::AnotherWriter);
        }
        Ok(Self { index, by, len: bytes.len(), changes })
    }

    pub(super) fn hashes(&self) -> HashSet<ChangeHash> {
        self.changes.iter().map(Change::hash).collect()
    }

    /// The letters that it writes, in the order in which its changes insert them.
    pub(super) fn letters(&self) -> String {
        let read = catch_unwind(AssertUnwindSafe(|| {
            let operations = self.changes.iter().flat_map(|change| change.decode().operations);
            let letters = operations.filter(|operation| operation.insert);
            letters.filter_map(|letter| letter.primitive_value()?.as_str().map(str::to_owned)).collect()
        }));
        read.unwrap_or_default()
    }

    /// Parents that are not in this chunk.
    pub(super) fn parents(&self) -> HashSet<ChangeHash> {
        let own = self.hashes();
        self.changes.iter().flat_map(Change::deps).filter(|hash| !own.contains(hash)).copied().collect()
    }
}

/// The letters that a chunk writes, in the order in which its changes insert them: what can be shown of one that waits for
/// what will not come any more.
pub fn letters_of(chunk: &[u8], by: DeviceId) -> Result<String, Refused> {
    Ok(Chunk::parse(chunk, by, None)?.letters())
}

/// Changes in chunks of at most [`MAX_CHUNK`], in order.
pub(super) fn pack(changes: &[Change]) -> Vec<Vec<u8>> {
    let mut chunks: Vec<Vec<u8>> = Vec::new();
    for change in changes {
        let bytes = change.raw_bytes();
        match chunks.last_mut() {
            Some(last) if last.len().saturating_add(bytes.len()) <= MAX_CHUNK => last.extend_from_slice(bytes),
            _ => chunks.push(bytes.to_vec()),
        }
    }
    chunks
}

/// One change: its bytes, and of them those after the length.
struct Frame<'a> {
    bytes: &'a [u8],
    data: &'a [u8],
}

/// Cuts a chunk into frames, each a change. Empty is no chunk.
fn frames(mut rest: &[u8]) -> Result<Vec<Frame<'_>>, Refused> {
    let mut frames = Vec::new();
    loop {
        let (header, after) = rest.split_first_chunk::<9>().ok_or(Refused::Damaged)?;
        if !header.starts_with(&MAGIC) || !header.ends_with(&[KIND_CHANGE]) {
            return Err(Refused::Damaged);
        }
        let (len, data) = census::leb128(after).ok_or(Refused::Damaged)?;
        let len = usize::try_from(len).map_err(|_| Refused::Damaged)?;
        let (data, after) = data.split_at_checked(len).ok_or(Refused::Damaged)?;
        let bytes = rest.strip_suffix(after).ok_or(Refused::Damaged)?;
        frames.push(Frame { bytes, data });
        if after.is_empty() {
            return Ok(frames);
        }
        rest = after;
    }
}

/// Reads one frame. Automerge does not compare the checksum of a single change, so that is done here.
fn change(frame: Frame<'_>) -> Result<Change, Refused> {
    // Before Automerge sets room aside for each of them.
    let counted = census::operations(frame.data).ok_or(Refused::Damaged)?;
    if counted.operations > MAX_OPS || counted.replaced > MAX_REPLACED {
        return Err(Refused::TooLarge);
    }
    let read = catch_unwind(AssertUnwindSafe(|| Change::try_from(frame.bytes)));
    let change = read.map_err(|_| Refused::Damaged)?.map_err(|_| Refused::Damaged)?;
    let checksum = change.hash().0.first_chunk::<4>().copied();
    if frame.bytes.get(4..8).map(<[u8]>::to_vec) != checksum.map(Vec::from) {
        return Err(Refused::Damaged);
    }
    let last_op = change.start_op().get().saturating_add(change.len() as u64);
    if last_op > MAX_OPS {
        return Err(Refused::TooLarge);
    }
    if change.deps().is_empty() {
        return Err(Refused::AnotherDocument);
    }
    if !counted.are_plain() {
        return Err(Refused::Unreadable);
    }
    if change.actors().any(|actor| Actor::from_automerge(actor).is_none()) {
        return Err(Refused::Damaged);
    }
    Ok(change)
}

/// The device that wrote a chunk's first change; nobody of what is none.
#[cfg(test)]
pub(super) fn writer_of(bytes: &[u8]) -> DeviceId {
    let first = frames(bytes).ok().and_then(|frames| Change::try_from(frames.first()?.bytes).ok());
    let actor = first.and_then(|change| Actor::from_automerge(change.actor_id()));
    actor.unwrap_or(Actor::NOBODY).device()
}
