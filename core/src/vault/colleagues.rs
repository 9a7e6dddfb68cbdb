//! Colleagues: this practice's card, the cards of others, and records sealed to them and opened from them.
//!
//! The keys on the card belong to the practice, so every device seals and opens with the same. Handing a record out is
//! itself an entry in the client's record: to whom, what, why, on what basis, until when.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::io::{self, Cursor, Read, Seek, Write};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::card::ContactCard;
use crate::catalog::NoteState;
use crate::codec::{Reader, Writer};
use crate::entropy::{Entropy, Os};
use crate::export::{ExportedClient, ProcessNotes, Record, record_json, record_markdown};
use crate::id::{ClientId, ColleagueId, DocId, NoteId};
use crate::import::Progress;
use crate::kdf;
use crate::kem::WrapPublic;
use crate::labels;
use crate::log::{Class, Kind, PRACTICE_KEY};
use crate::secret::{CardSigningRole, CardWrapRole, Key};
use crate::share::{self, Attachment, OpenedRecord, RecordToSeal, SealRecordError};
use crate::sign::Signer;
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::index::{Entry, Work};
use crate::vault::keys::Compartment;
use crate::vault::{FileError, FileRow, Reached, Vault, VaultError};

/// Colleagues that a practice keeps.
const MAX_COLLEAGUES: usize = 4_096;
/// Bytes of a card.
const MAX_CARD: usize = 64 << 10;

/// A colleague in the list.
pub struct ColleagueRow {
    /// The colleague's document.
    pub id: ColleagueId,
    /// The card that was added.
    pub card: ContactCard,
}

impl std::fmt::Debug for ColleagueRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ColleagueRow")
    }
}

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
    /// Process notes, and the files beside them, only when asked for by name.
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

/// One entry of a client's disclosures.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// Whose record.
    pub client: ClientId,
    /// To whom, by the name on the card.
    pub to: String,
    /// The colleague's document.
    pub colleague: ColleagueId,
    /// The day.
    pub on: Date,
    /// How many notes.
    pub notes: usize,
    /// Whether process notes were among them.
    pub process_notes: bool,
    /// What for.
    pub purpose: String,
    /// On what basis.
    pub basis: String,
    /// How the client agreed.
    pub consent: String,
    /// Until when.
    pub until: Option<Date>,
}

impl std::fmt::Debug for Disclosure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disclosure")
    }
}

impl Vault {
    /// This practice's contact card.
    pub fn card(&self, name: &str, made: Date) -> Result<ContactCard, VaultError> {
        Ok(ContactCard::make(name, WrapPublic::of(&self.card_seed()), &self.card_signer(), made)?)
    }

    /// The colleagues, by name.
    pub fn colleagues(&self) -> Result<Vec<ColleagueRow>, VaultError> {
        let cards = self.cards(&Work::default())?;
        let mut rows: Vec<ColleagueRow> = cards
            .into_iter()
            .filter_map(|(id, card)| ContactCard::read(&card).ok().map(|card| ColleagueRow { id, card }))
            .collect();
        rows.sort_by(|a, b| (a.card.name(), a.id).cmp(&(b.card.name(), b.id)));
        Ok(rows)
    }

    /// Adds a colleague by their card. The same card again changes nothing; a new card of the same keys replaces it.
    pub fn add_colleague(&mut self, card: &[u8]) -> Result<ColleagueId, VaultError> {
        let card = ContactCard::read(card)?;
        if card.keys().recipient.as_bytes() == WrapPublic::of(&self.card_seed()).as_bytes() {
            return Err(VaultError::OwnCard);
        }
        let hash = kdf::mac(&self.practice, labels::COLLEAGUE, &[card.keys().recipient.as_bytes()]);
        let id = DocId::from_slice(hash.0.get(..16).unwrap_or_default()).ok_or(VaultError::Damaged)?;
        let work = Work::default();
        if self.cards(&work)?.iter().any(|(other, bytes)| *other == id && bytes == card.as_bytes()) {
            return Ok(id);
        }
        let mut out = Outgoing::new(Class::Everyday);
        out.push(Kind::Colleague, id, PRACTICE_KEY, card.as_bytes().to_vec());
        self.finish(work, out)?;
        self.write_anchor();
        Ok(id)
    }

    /// As [`Self::seal_record_to`], into memory: for a record without long files.
    ///
    /// # Errors
    /// See there.
    pub fn seal_record(&mut self, share: &Share, sender: &str) -> Result<Sealed, FileError> {
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
    /// [`FileError`], those of the practice and of the sealing among them.
    pub fn seal_record_to(
        &mut self,
        share: &Share,
        sender: &str,
        to: &mut dyn Write,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Handed, FileError> {
        if share.process == ProcessNotes::Include && self.again.is_none() {
            return Err(VaultError::AskAgain.into());
        }
        let colleagues = self.colleagues()?;
        let colleague = colleagues.iter().find(|row| row.id == share.to).ok_or(VaultError::NoSuchColleague)?;
        // Lent while the practice is only read.
        let mut entropy = std::mem::replace(&mut self.rows.entropy, Box::new(Os));
        let handed = self.write_record(share, (sender, &colleague.card), to, &mut *entropy, progress, cancel);
        self.rows.entropy = entropy;
        let handed = handed?;
        self.disclose(share, colleague.card.name(), handed.notes)?;
        Ok(handed)
    }

    fn write_record(
        &self,
        share: &Share,
        (sender, colleague): (&str, &ContactCard),
        to: &mut dyn Write,
        entropy: &mut dyn Entropy,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Handed, FileError> {
        let client = self.shared_client(share)?;
        let rows = self.shared_files(share, &client)?;
        let texts = record_texts(share, &client, share::MOST_FILES.saturating_sub(rows.len()))?;
        let twice = rows.iter().map(|row| row.length).fold(0, u64::saturating_add).saturating_mul(2);
        let reading = Reading {
            vault: self,
            cancel,
            failed: Cell::new(None),
            done: Cell::new(0),
            of: twice,
            tell: RefCell::new(progress),
        };
        let mut taken: HashSet<String> = texts.iter().map(|(name, _)| name.to_lowercase()).collect();
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
        let sealed = share::seal_record_to(&to_seal, &own, &self.card_signer(), recipient, to, entropy);
        let bytes = sealed.map_err(|error| reading.failed.take().unwrap_or(VaultError::from(error).into()))?;
        Ok(Handed { notes: client.notes.len(), files: rows.len(), bytes })
    }

    /// What of the client's record is meant.
    fn shared_client(&self, share: &Share) -> Result<ExportedClient, VaultError> {
        let mut client = self.exported(&share.client, share.process)?;
        if !share.notes.is_empty() {
            let chosen = |id: &NoteId, adds: Option<NoteId>| {
                share.notes.contains(id) || adds.is_some_and(|id| share.notes.contains(&id))
            };
            client.notes.retain(|note| chosen(&note.id, note.addendum_to));
            client.measures.clear();
            return if client.notes.is_empty() { Err(VaultError::NoSuchNote) } else { Ok(client) };
        }
        // What is still being written is no part of a record that is handed out.
        let rows = self.timeline(&share.client)?;
        let open: Vec<NoteId> = rows.iter().filter(|row| row.state == NoteState::Unsigned).map(|row| row.id).collect();
        client.notes.retain(|note| !open.contains(&note.id));
        Ok(client)
    }

    /// The files that go along: of notes that do, and of a whole record those of no note. All of each must be here.
    fn shared_files(&self, share: &Share, client: &ExportedClient) -> Result<Vec<FileRow>, FileError> {
        if !share.files {
            return Ok(Vec::new());
        }
        let mut rows = self.files(&share.client)?;
        if share.process == ProcessNotes::Include {
            rows.extend(self.process_files(&share.client)?);
        }
        rows.retain(|row| match row.note {
            Some(note) => client.notes.iter().any(|shared| shared.id == note),
            None => share.notes.is_empty(),
        });
        match rows.iter().all(|row| row.reached == Reached::Here) {
            true => Ok(rows),
            false => Err(VaultError::from(SealRecordError::FileNotHere).into()),
        }
    }

    /// Opens a record that a colleague sealed to this practice: read-only, nothing of it is stored.
    pub fn open_record(&self, file: &[u8]) -> Result<OpenedRecord, VaultError> {
        self.open_record_in(&mut Cursor::new(file))
    }

    /// The same, out of a file: its texts are held, its attached files are not.
    pub fn open_record_in(&self, file: &mut (impl Read + Seek)) -> Result<OpenedRecord, VaultError> {
        let colleagues = self.colleagues()?;
        Ok(share::open_record(file, &self.card_seed(), colleagues.iter().map(|row| &row.card))?)
    }

    /// Writes copies of an opened record's files out; `place` says of each where it goes, if anywhere. The copies are plain.
    pub fn copy_from_record(
        &self,
        file: &mut (impl Read + Seek),
        record: &OpenedRecord,
        place: share::Place<'_>,
    ) -> Result<(), VaultError> {
        Ok(share::copy_files(file, &self.card_seed(), record, place)?)
    }

    /// To whom a client's record was handed out, newest first.
    pub fn disclosures(&self, client: &ClientId) -> Result<Vec<Disclosure>, VaultError> {
        self.client(client)?;
        let work = Work::default();
        let mut all = Vec::new();
        for id in self.whole_timeline(client)?.disclosures {
            let entry = self.entry(&work, &id)?.ok_or(VaultError::Damaged)?;
            for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Disclosure) {
                let json = self.payload(&work, place)?;
                all.push(serde_json::from_slice::<Disclosure>(&json).map_err(|_| VaultError::Damaged)?);
            }
        }
        all.sort_by_key(|entry| std::cmp::Reverse(entry.on));
        Ok(all)
    }

    fn disclose(&mut self, share: &Share, to: &str, notes: usize) -> Result<(), VaultError> {
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
        let json = serde_json::to_vec(&disclosure).map_err(|_| VaultError::Damaged)?;
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let key = self.key_for(&mut work, &mut out, share.client, Compartment::Clinical)?;
        let id = DocId::random(&mut *self.rows.entropy);
        out.push(Kind::Disclosure, id, key, json);
        self.finish(work, out)?;
        self.write_anchor();
        Ok(())
    }

    pub(crate) fn refresh_disclosure(&mut self, work: &mut Work, id: DocId, entry: &Entry) -> Result<(), VaultError> {
        let deleted = self.is_deleted(work, &id, entry)?;
        self.list_trashed(work, id, entry, deleted.then(Default::default))?;
        let timeline = self.timeline_in(work, entry.client)?;
        timeline.disclosures.retain(|other| *other != id);
        if !deleted {
            timeline.disclosures.push(id);
        }
        work.clients.insert(entry.client);
        Ok(())
    }

    /// Takes in a colleague's card from a log.
    pub(crate) fn take_colleague(&mut self, work: &mut Work, id: ColleagueId, card: &[u8]) -> Result<(), VaultError> {
        let mut cards = self.cards(work)?;
        if cards.len() >= MAX_COLLEAGUES || card.len() > MAX_CARD {
            return Ok(());
        }
        // Of two cards of the same keys the later made stays, on every device the same one.
        if let Some((_, kept)) = cards.iter().find(|(other, _)| *other == id)
            && newest(kept) >= newest(card)
        {
            return Ok(());
        }
        cards.retain(|(other, _)| *other != id);
        cards.push((id, card.to_vec()));
        let mut writer = Writer::new();
        writer.list(&cards, |writer, (id, card)| {
            writer.bytes(&id.0).lp(card);
        });
        work.changes.put(Table::Misc, b"colleagues", writer.finish());
        Ok(())
    }

    fn cards(&self, work: &Work) -> Result<Vec<(ColleagueId, Vec<u8>)>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Misc, b"colleagues")?;
        let Some(row) = row else { return Ok(Vec::new()) };
        let mut reader = Reader::new(&row);
        let cards = reader.list(MAX_COLLEAGUES, |reader| Ok((DocId(reader.array()?), reader.lp(MAX_CARD)?.to_vec())));
        cards.map_err(|_| VaultError::Damaged)
    }

    fn card_seed(&self) -> Key<CardWrapRole> {
        kdf::derive(&self.practice, labels::CARD_WRAP, b"")
    }

    fn card_signer(&self) -> Signer {
        let seed: Key<CardSigningRole> = kdf::derive(&self.practice, labels::CARD_SIGN, b"");
        Signer::new(&seed)
    }
}

/// The record itself: as a page, as data, and the bytes of each signed note, as many files as may be.
fn record_texts(share: &Share, client: &ExportedClient, most: usize) -> Result<Vec<(String, Vec<u8>)>, VaultError> {
    let record = Record { identity: &client.identity, notes: &client.notes, measures: &client.measures };
    let json = record_json(&record, share.process).map_err(|_| VaultError::Damaged)?;
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
    vault: &'a Vault,
    cancel: &'a dyn Fn() -> bool,
    /// What the practice said when one could not be read.
    failed: Cell<Option<FileError>>,
    done: Cell<u64>,
    of: u64,
    tell: RefCell<&'a mut dyn FnMut(Progress)>,
}

impl Reading<'_> {
    fn attachment<'r>(&'r self, row: &FileRow, taken: &mut HashSet<String>) -> Attachment<'r> {
        let name = share::attachment_name(&row.name, |name| taken.insert(name.to_lowercase()));
        let id = row.id;
        Attachment { name, size: row.length, read: Box::new(move |to| self.read(&id, to)) }
    }

    fn read(&self, id: &DocId, to: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let file = self.or_fail(self.vault.open_file(id))?;
        for number in 0..file.pieces() {
            if (self.cancel)() {
                return self.or_fail(Err(FileError::Stopped));
            }
            let piece = self.or_fail(self.vault.file_piece(&file, number))?;
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

/// What orders two cards of the same keys.
fn newest(card: &[u8]) -> (Option<Date>, &[u8]) {
    (ContactCard::read(card).ok().map(|card| card.made()), card)
}
