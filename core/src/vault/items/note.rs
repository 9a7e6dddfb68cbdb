//! What of a note's changes no envelope holds yet (format §6, `p`), and fields with a meaning of their own.

use jiff::civil::Date;

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{DeviceId, DocId, KeyId, NoteId};
use crate::log::{self, Item, Kind};
use crate::record::NoteContent;
use crate::rows::Stored;
use crate::vault::Millis;

/// Name under which a note that is an addendum says to which note it adds.
pub const ADDENDUM_TO: &str = "addendum_to";

/// Name under which a note that was begun anew says of which note it is the continuation.
pub const CONTINUES: &str = "continues";

/// The note that this one adds to, when it is an addendum with a document of its own.
pub(crate) fn addendum_to(content: &NoteContent) -> Option<NoteId> {
    content.other.get(ADDENDUM_TO).and_then(|id| id.parse().ok())
}

/// An empty note of this day.
pub fn empty_note(date: Date) -> NoteContent {
    NoteContent {
        date,
        start: None,
        minutes: None,
        format: String::new(),
        session: None,
        tags: Vec::new(),
        other: std::collections::BTreeMap::new(),
        text: String::new(),
    }
}

/// Whole seconds, as Automerge counts them.
pub(crate) fn seconds(now: Millis) -> Option<i64> {
    i64::try_from(now / 1_000).ok()
}

/// The changes that wait, as the items that they will be: key and content of each. Those of a private note are sealed already;
/// those of the record stand under no key, and get one when they leave.
#[derive(Clone, Default)]
pub(crate) struct PendingChanges(Vec<(KeyId, Vec<u8>)>);

impl PendingChanges {
    pub(crate) fn of(items: impl IntoIterator<Item = Item>) -> Self {
        Self(items.into_iter().map(|item| (item.key, item.content)).collect())
    }

    /// The items, of the draft that they are of.
    pub(crate) fn into_items(self, document: DocId) -> impl Iterator<Item = Item> {
        self.0.into_iter().map(move |(key, content)| Item { kind: Kind::Changes, document, key, content })
    }
}

/// Padded like a body, so that copies of the file do not tell how a draft grew.
impl Stored for PendingChanges {
    fn to_row(&self) -> Vec<u8> {
        let len: usize = self.0.iter().map(|(_, content)| KeyId::LEN + 4 + content.len()).sum();
        let mut writer = Writer::with_capacity(log::padded_len(len));
        for (key, content) in &self.0 {
            writer.bytes(&key.0).lp(content);
        }
        let mut row = writer.finish();
        row.resize(log::padded_len(len), 0);
        row
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut all = Vec::new();
        while reader.rest().iter().any(|byte| *byte != 0) {
            let key = KeyId(reader.array()?);
            let content = reader.lp(bytes.len())?;
            if content.is_empty() {
                return Err(Malformed);
            }
            all.push((key, content.to_vec()));
        }
        Ok(Self(all))
    }
}

/// What was written beyond what a note holds, as items, and the device that it was when it sealed them.
pub(crate) struct KeptBeyond {
    pub(crate) by: DeviceId,
    pub(crate) items: PendingChanges,
}

impl Stored for KeptBeyond {
    fn to_row(&self) -> Vec<u8> {
        [&self.by.0[..], &self.items.to_row()].concat()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let (by, items) = bytes.split_first_chunk().ok_or(Malformed)?;
        Ok(Self { by: DeviceId(*by), items: PendingChanges::of_row(items)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_comes_back_and_its_row_has_one_of_few_lengths() {
        let of = DocId([1; 16]);
        for len in [1, 900, 1_004, 1_005, 70_000] {
            let sealed = Item { kind: Kind::Changes, document: of, key: KeyId([7; 16]), content: vec![0; len] };
            let row = PendingChanges::of([Item::bare(Kind::Changes, of, vec![5; 3]), sealed.clone()]).to_row();
            assert_eq!(row.len(), log::padded_len(row.len()), "{len}");
            let items: Vec<Item> = PendingChanges::of_row(&row).unwrap().into_items(of).collect();
            assert!(items == [Item::bare(Kind::Changes, of, vec![5; 3]), sealed], "{len}");
        }
        assert!(PendingChanges::of_row(&[]).unwrap().into_items(of).next().is_none());
    }

    #[test]
    fn what_waits_and_is_cut_short_or_goes_on_after_its_end_is_refused() {
        let of = DocId([1; 16]);
        let row = PendingChanges::of([Item::bare(Kind::Changes, of, vec![5; 30])]).to_row();
        assert!(PendingChanges::of_row(&row[..40]).is_err());
        let mut longer = row.clone();
        *longer.last_mut().unwrap() = 1;
        assert!(PendingChanges::of_row(&longer).is_err());
    }
}
