//! Writing the practice out as plain files: each client with every note, and the chain of each signature.

use std::path::Path;

use crate::export::{Chain, Export, ExportError, ExportedClient, ExportedNote, FileToExport, ProcessNotes, Written};
use crate::id::{ClientId, DocId, NoteId};
use crate::import::{Progress, SignedMark};
use crate::record::NoteContent;
use crate::rows::RowError;
use crate::vault::core::Transaction;
use crate::vault::items::note::{ADDENDUM_TO, addendum_to};
use crate::vault::items::signed::SignedVersion;
use crate::vault::read::ReadError;
use crate::vault::read::{FileError, FileRow, NoteView};
use crate::vault::subject::Exchange;
use crate::vault::subject::exchange::ExchangeError;

/// The field of an exported note that says that a signature does not count.
const SIGNATURE: &str = "Signature";

impl Exchange<'_> {
    /// Writes clients, or all of them, as plain files into a fresh folder. Stops between two clients, or within a file, when
    /// `cancel` says so.
    pub fn export(
        &self,
        folder: &Path,
        only: Option<&ClientId>,
        process: ProcessNotes,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Written, ExchangeError> {
        if process == ProcessNotes::Include && self.core.reauth.is_none() {
            return Err(RowError::NeedsReauth.into());
        }
        let mut export = Export::into_fresh(folder, process)?;
        let only = only.map(|id| self.core.read().canonical_client(id));
        let mut rows: Vec<_> = self.core.read().clients().filter(|row| only.is_none_or(|id| row.id == id)).collect();
        if only.is_some() && rows.is_empty() {
            return Err(ReadError::NoSuchClient.into());
        }
        rows.sort_by(|a, b| (&a.code, &a.name, a.id).cmp(&(&b.code, &b.name, b.id)));
        let of = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let mut unreadable = 0;
        for (done, row) in (0..).zip(rows) {
            progress(Progress { done, of });
            if cancel() {
                return Err(ExportError::Stopped.into());
            }
            export.client(&self.exported_but(&row.id, process, Some(&mut unreadable))?)?;
            self.export_files(&mut export, &row.id, process, cancel)?;
        }
        progress(Progress { done: of, of });
        Ok(Written { unreadable, ..export.finish()? })
    }

    /// Writes the files of the client that was written last. One that is damaged or not here is counted and left out.
    fn export_files(
        &self,
        export: &mut Export,
        client: &ClientId,
        process: ProcessNotes,
        cancel: &dyn Fn() -> bool,
    ) -> Result<(), ExchangeError> {
        let mut files = self.core.read().documents().files(client)?;
        if process == ProcessNotes::Include {
            files.extend(self.core.read().documents().process_files(client)?);
        }
        for row in files {
            let mut begun = export.begin_file(&to_export(&row))?;
            match self.core.read().documents().extract(&row.id, &mut begun.file, &mut |_| {}, cancel) {
                Ok(_) => export.end_file(begun)?,
                Err(FileError::NotHere | FileError::NotAsDescribed | FileError::Damaged { .. }) => {
                    export.leave_out_file(begun)?;
                }
                Err(error) => {
                    // It is incomplete either way, and half a scan must not pass for one.
                    let _ = export.leave_out_file(begun);
                    return Err(if error == FileError::Stopped { ExportError::Stopped.into() } else { error.into() });
                }
            }
        }
        Ok(())
    }

    /// A client with everything that an export or a sealed record shows.
    pub fn exported(&self, client: &ClientId, process: ProcessNotes) -> Result<ExportedClient, ReadError> {
        self.exported_but(client, process, None)
    }

    /// As [`Self::exported`]; a note that cannot be read is counted and left out where that is asked for, an error else.
    pub(crate) fn exported_but(
        &self,
        client: &ClientId,
        process: ProcessNotes,
        mut unreadable: Option<&mut u64>,
    ) -> Result<ExportedClient, ReadError> {
        let mut ids: Vec<NoteId> =
            self.core.read().documents().timeline(client)?.iter().rev().map(|row| row.id).collect();
        if process == ProcessNotes::Include {
            ids.extend(self.core.read().documents().private_timeline(client)?.iter().rev().map(|row| row.id));
        }
        let ahead = self.read_ahead(&ids);
        let mut notes = Vec::with_capacity(ids.len());
        for id in ids {
            match (self.exported_note(&ahead, &id, &mut notes), unreadable.as_deref_mut()) {
                (Err(ReadError::Row(RowError::Damaged | RowError::KeyNotHere)), Some(unreadable)) => *unreadable += 1,
                (exported, _) => exported?,
            }
        }
        let client = &self.core.read().documents().client(client)?.id;
        Ok(ExportedClient {
            id: *client,
            identity: self.core.read().documents().whole_identity(client)?,
            notes,
            measures: self.core.read().documents().measures(client)?,
        })
    }

    /// A look at the vault with the notes' payloads opened. What does not open is met where it is read.
    fn read_ahead(&self, ids: &[NoteId]) -> Transaction {
        let mut ahead = Transaction::default();
        let mut items = Vec::new();
        for id in ids {
            let Ok(Some(entry)) = self.core.read().entry(id) else { continue };
            let places = entry.places.iter().filter(|_| !entry.is_private());
            items.extend(places.filter_map(|(place, _)| Some((*place, self.core.read().item(place).ok()?))));
            ahead.entries.insert(*id, entry);
        }
        let opened = self.core.read().open_ahead(&items.iter().map(|(_, (item, by))| (item, *by)).collect::<Vec<_>>());
        let opened = items.iter().zip(opened).filter_map(|((place, _), payload)| Some((*place, payload?)));
        ahead.payloads.extend(opened);
        ahead
    }

    /// A note as it is exported, with its addenda: each version that was signed, or the text where none was.
    fn exported_note(&self, ahead: &Transaction, id: &NoteId, notes: &mut Vec<ExportedNote>) -> Result<(), ReadError> {
        let view = self.core.at(ahead).documents().note(id)?;
        let (own, added): (Vec<_>, Vec<_>) =
            view.uncounted.iter().partition(|version| view.signed.is_empty() && version.content == view.content);
        if view.signed.is_empty() {
            let mut content = view.content.clone();
            content.other.extend(own.first().map(|version| (SIGNATURE.to_owned(), uncounted(version))));
            notes.push(unsigned_note(&view, view.id, None, content));
        }
        for version in &view.signed {
            // The first keeps the note's id; what adds to it, or was signed beside it, has one made from its hash.
            let first = !notes.iter().any(|note| note.id == view.id);
            notes.push(signed_note(&view, version, first));
        }
        notes.extend(added.into_iter().map(|version| {
            let mut content = version.content.clone();
            content.other.insert(SIGNATURE.to_owned(), uncounted(version));
            unsigned_note(&view, id_of_version(&view, version), Some(view.id), content)
        }));
        Ok(())
    }
}

fn unsigned_note(view: &NoteView, id: NoteId, adds_to: Option<NoteId>, mut content: NoteContent) -> ExportedNote {
    let addendum_to = adds_to.or(addendum_to(&content));
    content.other.remove(ADDENDUM_TO);
    ExportedNote { id, addendum_to, process: view.process, signed: None, chain: None, content }
}

fn signed_note(view: &NoteView, version: &SignedVersion, first: bool) -> ExportedNote {
    let id = if first { view.id } else { id_of_version(view, version) };
    let time = version.signed_at.parse().unwrap_or_default();
    let mark = SignedMark { hash: version.hash, device: version.device, time };
    ExportedNote {
        signed: Some((mark, version.proof.bytes.clone())),
        chain: Some(Chain {
            adds_to: version.adds_to,
            entered_in_error: version.entered_in_error,
            key: version.proof.key,
            signature: version.proof.signature,
        }),
        ..unsigned_note(view, id, (!first).then_some(view.id), version.content.clone())
    }
}

/// The id of a version that is exported as a note of its own.
fn id_of_version(view: &NoteView, version: &SignedVersion) -> NoteId {
    DocId::from_slice(version.hash.0.get(..16).unwrap_or_default()).unwrap_or(view.id)
}

/// Why a signature does not count.
fn uncounted(version: &SignedVersion) -> String {
    let (at, device, hash) = (&version.signed_at, version.device, version.hash);
    format!("does not count: signed {at} on device {device}, which had been removed; SHA-256 {hash}")
}

fn to_export(row: &FileRow) -> FileToExport<'_> {
    FileToExport {
        name: &row.name,
        media: &row.media,
        length: row.length,
        added: row.added,
        note: row.note,
        is_private: row.process,
    }
}
