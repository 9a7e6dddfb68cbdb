//! Records handed to colleagues: sealed to one from this practice, or opened from one.
//!
//! Handing a record out is itself an entry in the client's record: to whom, what, why, on what basis, until when.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::io::{self, Cursor, Read, Seek, Write};

use jiff::civil::Date;

use crate::card::ContactCard;
use crate::catalog::NoteState;
use crate::entropy::Entropy;
use crate::export::{ExportedClient, ProcessNotes, Record, record_json, record_markdown};
use crate::file_name;
use crate::id::{ClientId, ColleagueId, DocId, NoteId};
use crate::import::Progress;
use crate::keyring::Compartment;
use crate::log::{DocType, Kind};
use crate::rows::RowError;
use crate::share::{self, Attachment, OpenedRecord, RecordToSeal, SealRecordError};
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::home::{DocumentOrigin, Under};
use crate::vault::read::ReadError;
use crate::vault::read::{Disclosure, Documents, FileError, FileRow, Reached};
use crate::vault::subject::RecordError;
use crate::vault::subject::{Exchange, ExchangeMut};

/// What is to be shared, and why.
#[derive(Clone)]
pub struct Share {
    /// Whose record.
    pub client: ClientId,
    /// These notes only; when empty, all that are signed or imported.
    pub notes: Vec<NoteId>,
    /// The colleague.
    pub to: ColleagueId,
    /// What it is for.
    pub purpose: String,
    /// The law or agreement that allows it.
    pub basis: String,
    /// How the client agreed.
    pub consent: String,
    /// The last day on which the colleague may use it.
    pub until: Option<Date>,
    /// Private notes, and the files beside them, only when asked for by name.
    pub process: ProcessNotes,
    /// Whether attached files go along: those of the notes that do, and of a whole record those that belong to no note.
    pub files: bool,
    /// Today.
    pub today: Date,
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Share")
    }
}

/// A sealed record, ready to be handed over.
pub struct Sealed {
    /// The file.
    pub file: Vec<u8>,
    /// Notes in it.
    pub notes: usize,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed")
    }
}

/// What is in a sealed record that was written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Notes.
    pub notes: usize,
    /// Attached files.
    pub files: usize,
    /// Bytes that were written.
    pub bytes: u64,
}

impl Exchange<'_> {
    /// Opens a record that a colleague sealed to this practice: read-only, nothing of it is stored.
    pub fn open_record(&self, file: &[u8]) -> Result<OpenedRecord, RecordError> {
        self.open_record_in(&mut Cursor::new(file))
    }

    /// The same, out of a file: its texts are held, its attached files are not.
    pub fn open_record_in(&self, file: &mut (impl Read + Seek)) -> Result<OpenedRecord, RecordError> {
        let colleagues = self.colleagues()?;
        let mut open = |seed: &_| share::open_record(&mut *file, seed, colleagues.iter().map(|row| &row.card));
        Ok(self.open_with_cards(&mut open)?)
    }

    /// Writes copies of an opened record's files out; `place` says of each where it goes, if anywhere. The copies are plain.
    pub fn copy_from_record(
        &self,
        file: &mut (impl Read + Seek),
        record: &OpenedRecord,
        place: share::FileSink<'_>,
    ) -> Result<(), RecordError> {
        Ok(self.open_with_cards(|seed| share::copy_files(&mut *file, seed, record, &mut *place))?)
    }

    fn write_record(
        &self,
        share: &Share,
        (sender, colleague): (&str, &ContactCard),
        to: &mut dyn Write,
        entropy: &mut dyn Entropy,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Handed, RecordError> {
        let client = self.shared_client(share)?;
        let rows = self.shared_files(share, &client)?;
        let texts = record_texts(share, &client, share::MOST_FILES.saturating_sub(rows.len()))?;
        let twice = rows.iter().map(|row| row.length).fold(0, u64::saturating_add).saturating_mul(2);
        let reading = Reading {
            documents: self.core.read().documents(),
            cancel,
            failed: Cell::new(None),
            done: Cell::new(0),
            of: twice,
            tell: RefCell::new(progress),
        };
        let mut taken: HashSet<String> = texts.iter().map(|(name, _)| file_name::key(name)).collect();
        let attachments: Vec<Attachment<'_>> = rows.iter().map(|row| reading.attachment(row, &mut taken)).collect();
        let to_seal = RecordToSeal {
            created: share.today,
            valid_until: share.until,
            purpose: &share.purpose,
            legal_basis: &share.basis,
            consent: &share.consent,
            files: &texts,
            attachments: &attachments,
        };
        let own = self.card(sender, share.today)?;
        let recipient = &colleague.keys().recipient;
        let sealed = share::seal_record_to(&to_seal, &own, &self.card_signer()?, recipient, to, entropy);
        let bytes =
            sealed.map_err(|error| reading.failed.take().map_or(RecordError::NotSealed(error), RecordError::File))?;
        Ok(Handed { notes: client.notes.len(), files: rows.len(), bytes })
    }

    /// What of the client's record is meant.
    fn shared_client(&self, share: &Share) -> Result<ExportedClient, RecordError> {
        let mut client = self.exported(&share.client, share.process)?;
        if !share.notes.is_empty() {
            let chosen = |id: &NoteId, adds: Option<NoteId>| {
                share.notes.contains(id) || adds.is_some_and(|id| share.notes.contains(&id))
            };
            client.notes.retain(|note| chosen(&note.id, note.addendum_to));
            client.measures.clear();
            return if client.notes.is_empty() { Err(ReadError::NoSuchNote.into()) } else { Ok(client) };
        }
        // What is still being written is no part of a record that is handed out.
        let rows = self.core.read().documents().timeline(&share.client)?;
        let open: Vec<NoteId> = rows.iter().filter(|row| row.state == NoteState::Unsigned).map(|row| row.id).collect();
        client.notes.retain(|note| !open.contains(&note.id));
        Ok(client)
    }

    /// The files that go along: of notes that do, and of a whole record those of no note. All of each must be here.
    fn shared_files(&self, share: &Share, client: &ExportedClient) -> Result<Vec<FileRow>, RecordError> {
        if !share.files {
            return Ok(Vec::new());
        }
        let mut rows = self.core.read().documents().files(&share.client)?;
        if share.process == ProcessNotes::Include {
            rows.extend(self.core.read().documents().process_files(&share.client)?);
        }
        rows.retain(|row| match row.note {
            Some(note) => client.notes.iter().any(|shared| shared.id == note),
            None => share.notes.is_empty(),
        });
        match rows.iter().all(|row| row.reached == Reached::Here) {
            true => Ok(rows),
            false => Err(SealRecordError::FileNotHere.into()),
        }
    }
}

impl ExchangeMut<'_> {
    /// As [`Self::seal_record_to`], into memory: for a record without long files.
    ///
    /// # Errors
    /// See there.
    pub fn seal_record(&mut self, share: &Share, sender: &str) -> Result<Sealed, RecordError> {
        let mut file = Vec::new();
        let handed = self.seal_record_to(share, sender, &mut file, &mut |_| {}, &|| false)?;
        Ok(Sealed { file, notes: handed.notes })
    }

    /// Seals a client's record, or some of its notes, with the files that belong to them, to a colleague, and enters that in
    /// the client's disclosures. The entry is durable when this returns, before the file is handed over; what was written
    /// before an error is no record, and must be thrown away. `progress` is told how many of how many bytes of files were
    /// read; each is read twice, and none is held.
    ///
    /// # Errors
    /// [`RecordError`], those of the practice and of the sealing among them.
    pub fn seal_record_to(
        &mut self,
        share: &Share,
        sender: &str,
        to: &mut dyn Write,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Handed, RecordError> {
        if share.process == ProcessNotes::Include && self.core.reauth.is_none() {
            return Err(RowError::NeedsReauth.into());
        }
        let colleagues = self.reads().colleagues()?;
        let colleague = colleagues.iter().find(|row| row.id == share.to).ok_or(RecordError::NoSuchColleague)?;
        // Lent while the practice is only read.
        let mut entropy = self.core.entropy();
        let handed =
            self.reads().write_record(share, (sender, &colleague.card), to, &mut *entropy, progress, cancel)?;
        drop(entropy);
        self.disclose(share, colleague.card.name(), handed.notes)?;
        Ok(handed)
    }

    fn disclose(&mut self, share: &Share, to: &str, notes: usize) -> Result<(), RecordError> {
        let disclosure = Disclosure {
            client: share.client,
            to: to.to_owned(),
            colleague: share.to,
            on: share.today,
            notes,
            process_notes: share.process == ProcessNotes::Include,
            purpose: share.purpose.clone(),
            basis: share.basis.clone(),
            consent: share.consent.clone(),
            until: share.until,
        };
        let json = serde_json::to_vec(&disclosure).map_err(|_| RowError::Damaged)?;
        let mut out = Outbox::everyday();
        let kind = DocType::of(Kind::Disclosure.code());
        let origin = DocumentOrigin::fresh(kind, share.client, &mut *self.core.entropy());
        let under = Under::Client(share.client, Compartment::Clinical);
        out.push(Kind::Disclosure, origin.id(), under, origin.with(&json));
        Ok(commit(self.core, Transaction::default(), out)?)
    }
}

/// The record itself: as a page, as data, and the bytes of each signed note, as many files as may be.
fn record_texts(share: &Share, client: &ExportedClient, most: usize) -> Result<Vec<(String, Vec<u8>)>, RecordError> {
    let record = Record { identity: &client.identity, notes: &client.notes, measures: &client.measures };
    let json = record_json(&record, share.process).map_err(|_| RowError::Damaged)?;
    let mut files = vec![
        ("record.md".to_owned(), record_markdown(&record, share.process).into_bytes()),
        ("record.json".to_owned(), json.into_bytes()),
    ];
    for (mark, bytes) in client.notes.iter().filter_map(|note| note.signed.as_ref()) {
        files.push((format!("signed-{}.json", mark.hash), bytes.clone()));
    }
    // More signed notes than a record may have files: their bytes stay here, their hashes stand in record.json.
    files.truncate(most.max(2));
    Ok(files)
}

/// Attached files as they are read out of the practice while a record is sealed.
struct Reading<'a> {
    documents: Documents<'a>,
    cancel: &'a dyn Fn() -> bool,
    /// What the practice said when one could not be read.
    failed: Cell<Option<FileError>>,
    done: Cell<u64>,
    of: u64,
    tell: RefCell<&'a mut dyn FnMut(Progress)>,
}

impl Reading<'_> {
    fn attachment<'r>(&'r self, row: &FileRow, taken: &mut HashSet<String>) -> Attachment<'r> {
        let name = share::attachment_name(&row.name, |name| taken.insert(file_name::key(name)));
        let id = row.id;
        Attachment { name, size: row.length, read: Box::new(move |to| self.read(&id, to)) }
    }

    fn read(&self, id: &DocId, to: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let file = self.or_fail(self.documents.open_file(id))?;
        for number in 0..file.pieces() {
            if (self.cancel)() {
                return self.or_fail(Err(FileError::Stopped));
            }
            let piece = self.or_fail(self.documents.file_piece(&file, number))?;
            to(&piece)?;
            self.done.set(self.done.get() + u64::try_from(piece.len()).unwrap_or_default());
            (self.tell.borrow_mut())(Progress { done: self.done.get(), of: self.of });
        }
        Ok(())
    }

    fn or_fail<T>(&self, result: Result<T, FileError>) -> io::Result<T> {
        result.map_err(|error| {
            self.failed.set(Some(error));
            io::Error::other("a file could not be read")
        })
    }
}
