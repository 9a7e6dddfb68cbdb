//! Deletions and restorings (format §3, *delete* and *restore*), and what the trash lists of them.

use crate::vault::DAY;
use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codec::{Reader, Writer};
use crate::id::{ClientId, DeviceId, DocId, Hash};
use crate::planted::{Check, is_out};
use crate::vault::Millis;
use crate::vault::items::home::{DocumentOrigin, said};

/// How long a deleted document is shown in the trash, in milliseconds.
pub const KEPT_FOR: Millis = 30 * DAY;

/// Hashes that one deletion or restoring may name.
pub(crate) const MOST_NAMED: usize = 1_024;

/// A deleted document as the catalog keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TrashedDocument {
    pub(crate) kind: u8,
    pub(crate) client: ClientId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Date>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) words: String,
    pub(crate) at: Millis,
    pub(crate) device: DeviceId,
}

/// All deleted documents but process notes.
pub(crate) type Trash = BTreeMap<DocId, TrashedDocument>;

/// One deletion of a document.
pub(crate) struct Deletion {
    pub(crate) hash: Hash,
    pub(crate) at: Millis,
    pub(crate) device: DeviceId,
}

/// Whether a time that a deletion says can be: it is not beyond tomorrow.
pub(crate) fn is_credible(at: Millis, now: Millis) -> bool {
    at <= now.saturating_add(DAY)
}

/// From when the days in the trash of a deletion count that says this time and was first seen here at that one.
pub(crate) fn kept_from(at: Millis, seen: Millis, now: Millis) -> Millis {
    if is_out(Check::SeenHere) {
        return at;
    }
    if is_credible(at, now) { at.max(seen) } else { seen }
}

/// What kind 19 holds. Its time is the head that begins with 24 zeros, which no hash does.
pub(crate) fn delete_payload(origin: &DocumentOrigin, heads: &[Hash], now: Millis) -> Vec<u8> {
    let time = time_as_head(now);
    let all: Vec<Hash> = std::iter::once(time).chain(heads.iter().copied()).collect();
    naming(origin, &all)
}

/// What kind 23 holds, and kind 19: the deletions that are taken back, or what a deletion saw.
pub(crate) fn naming(origin: &DocumentOrigin, hashes: &[Hash]) -> Vec<u8> {
    let mut payload = Writer::new();
    origin.write(&mut payload);
    payload.list(hashes, |writer, hash| {
        writer.bytes(&hash.0);
    });
    payload.finish()
}

/// The hashes that kind 19 or 23 names.
pub(crate) fn named_hashes(payload: &[u8]) -> Vec<Hash> {
    let mut reader = Reader::new(said(payload));
    reader.list(payload.len(), |reader| reader.array().map(Hash)).unwrap_or_default()
}

/// When a deletion was made, where it says so.
pub(crate) fn deleted_at(payload: &[u8]) -> Option<Millis> {
    named_hashes(payload).iter().find_map(|head| {
        let (zeros, time) = head.0.split_last_chunk::<8>()?;
        zeros.iter().all(|byte| *byte == 0).then(|| Millis::from_le_bytes(*time))
    })
}

pub(crate) fn time_as_head(now: Millis) -> Hash {
    let mut head = [0; Hash::LEN];
    if let Some(time) = head.last_chunk_mut::<8>() {
        *time = now.to_le_bytes();
    }
    Hash(head)
}
