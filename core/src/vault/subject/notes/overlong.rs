//! Words that a note cannot hold: more than [`MAX_TEXT`].
//!
//! They are no part of the note, and are not thrown away: what the editor showed is kept whole in a row of this device, sealed as
//! what waits to be sent is, until the note is saved again, with less, or they are dropped because they went somewhere else.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::codec::{Malformed, Reader, Writer};
use crate::document::{Heads, MAX_TEXT};
use crate::id::{Hash, NoteId};
use crate::record::NoteContent;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, waiting_items};
use crate::vault::core::Transaction;
use crate::vault::items::frozen::frozen_note;
use crate::vault::items::note::KeptBeyond;
use crate::vault::read::ReadError;
use crate::vault::registry::{OverlongAt, OverlongNotesAt};
use crate::vault::subject::{NoteError, Notes, NotesMut};

/// Bytes of one of the items that they are kept as.
const PART: usize = 8 << 20;

/// What an editor showed, and the version of the note that it was written over.
#[derive(Clone, PartialEq, Eq)]
pub struct Overlong {
    /// All of it.
    pub content: NoteContent,
    /// As [`NotesMut::save_note_from`] takes it.
    pub base: Heads,
}

impl std::fmt::Debug for Overlong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Overlong")
    }
}

impl Overlong {
    fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, RowError> {
        let json = Zeroizing::new(serde_json::to_vec(&self.content).map_err(|_| RowError::TooLarge)?);
        let mut writer = Writer::with_capacity(json.len() + 64);
        writer.list(self.base.hashes(), |writer, head| {
            writer.bytes(&head.0);
        });
        writer.bytes(&json);
        Ok(Zeroizing::new(writer.finish()))
    }

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let base = Heads::from(reader.list(bytes.len(), |reader| reader.array().map(Hash))?);
        Ok(Self { content: frozen_note(reader.rest())?, base })
    }
}

/// A text in parts of at most so many bytes, each as long as it can be without cutting a paragraph, else a line, else a word.
fn parts_of(text: &str, most: usize) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while rest.len() > most {
        let fitting = &rest[..rest.floor_char_boundary(most)];
        // A first half that nothing ends in is not worth a part of its own.
        let end = |of: &str| fitting.rfind(of).map(|at| at + of.len()).filter(|end| *end > most / 2);
        let end = end("\n\n").or_else(|| end("\n")).or_else(|| end(" ")).unwrap_or(fitting.len());
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

impl Notes<'_> {
    /// Notes of which more was written than they hold.
    pub fn overlong_notes(&self) -> Result<BTreeSet<NoteId>, ReadError> {
        Ok(self.core.read().list(&OverlongNotesAt())?)
    }

    /// What was written of a note beyond what it holds, with the rest of it. Of a private note it asks for the passphrase again.
    pub fn overlong(&self, id: &NoteId) -> Result<Option<Overlong>, ReadError> {
        let Some(KeptBeyond { by, items }) = self.core.read().get(&OverlongAt(*id))? else { return Ok(None) };
        let mut bytes = Zeroizing::new(Vec::new());
        for item in items.into_items(*id) {
            bytes.extend_from_slice(&self.core.read().open_item(&item, by)?);
        }
        Ok(Some(Overlong::parse(&bytes).map_err(RowError::from)?))
    }

    /// Nobody signs half of what was written.
    pub(crate) fn refuse_while_overlong(&self, id: &NoteId) -> Result<(), NoteError> {
        if self.overlong_notes()?.contains(id) { Err(NoteError::Overlong) } else { Ok(()) }
    }
}

impl NotesMut<'_> {
    /// Keeps what an editor shows of a note that cannot hold it, in place of what was kept before; durable when it returns. The
    /// note stays as it was. What is kept stays on this device, and in no backup.
    pub fn keep_overlong(&mut self, id: &NoteId, kept: &Overlong, now: Millis) -> Result<(), NoteError> {
        let entry = self.core.read().documents().note_entry(id)?;
        if entry.is_private() && !self.core.extend_reauth(now) {
            return Err(RowError::NeedsReauth.into());
        }
        let home = self.core.read().documents().home(id, &entry)?;
        let (mut tx, mut out) = (Transaction::quiet(), Outbox::everyday());
        let bytes = kept.to_bytes()?;
        let parts = bytes.chunks(PART).map(|part| Zeroizing::new(part.to_vec()));
        let items = waiting_items(self.core, &mut tx, &mut out, &home, parts)?;
        tx.put(&OverlongAt(*id), &KeptBeyond { by: self.core.device, items });
        let mut notes = self.core.at(&tx).list(&OverlongNotesAt())?;
        if notes.insert(*id) {
            tx.put_list(&OverlongNotesAt(), &notes);
        }
        Ok(commit(self.core, tx, out)?)
    }

    /// Splits what was kept into as few notes as hold it, at ends of paragraphs where there are some: the first part becomes what
    /// this note says, unless it is signed; each other one a new unsigned note of the same day. Gives how many are new. What is
    /// interrupted leaves the words where they were kept, and may leave some of them in new notes too.
    pub fn split_overlong(&mut self, id: &NoteId, now: Millis) -> Result<usize, NoteError> {
        let Some(Overlong { content, base }) = self.reads().overlong(id)? else { return Ok(0) };
        let view = self.core.read().documents().note(id)?;
        let mut parts = parts_of(&content.text, MAX_TEXT).into_iter();
        let first = if view.signed.is_empty() { parts.next() } else { None };
        let with = |text: &str| NoteContent { text: text.to_owned(), ..content.clone() };
        let mut new = 0;
        for part in parts {
            self.add_note(&view.client, &with(part), view.process, now)?;
            new += 1;
        }
        match first {
            Some(first) => drop(self.save_note_from(id, &base, &with(first), now)?),
            None => self.drop_overlong(id)?,
        }
        Ok(new)
    }

    /// Drops what was kept: it was saved, or went somewhere else.
    pub fn drop_overlong(&mut self, id: &NoteId) -> Result<(), NoteError> {
        let mut tx = Transaction::quiet();
        if self.strike_overlong(&mut tx, id)? { Ok(self.core.write(tx)?) } else { Ok(()) }
    }

    /// The same in a transaction that says something else too. `false` when nothing was kept.
    pub(crate) fn strike_overlong(&self, tx: &mut Transaction, id: &NoteId) -> Result<bool, RowError> {
        let mut notes = self.core.at(tx).list(&OverlongNotesAt())?;
        let was_kept = notes.remove(id);
        if was_kept {
            tx.remove(&OverlongAt(*id));
            tx.put_list(&OverlongNotesAt(), &notes);
        }
        Ok(was_kept)
    }
}

#[cfg(test)]
mod tests {
    use super::parts_of;

    #[test]
    fn a_text_is_cut_at_the_end_of_a_paragraph_then_of_a_line_then_of_a_word_and_no_letter_is_lost() {
        for (text, parts) in [
            ("short", vec!["short"]),
            ("one two\n\nthree\nfour", vec!["one two\n\n", "three\nfour"]),
            ("one two\nthree four", vec!["one two\n", "three four"]),
            ("one two three four", vec!["one two ", "three four"]),
            ("öööööööö", vec!["öööööö", "öö"]),
            ("a\n\nbcdefghijklmnop", vec!["a\n\nbcdefghij", "klmnop"]),
        ] {
            assert_eq!(parts_of(text, 12), parts);
            assert_eq!(parts_of(text, 12).concat(), text);
        }
    }
}
