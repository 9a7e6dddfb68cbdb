//! Colleagues: this practice's card, the cards of others, and records sealed to them and opened from them.
//!
//! The keys on the card belong to the practice, so every device seals and opens with the same. Handing a record out is
//! itself an entry in the client's record: to whom, what, why, on what basis, until when.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::card::ContactCard;
use crate::catalog::NoteState;
use crate::codec::{Reader, Writer};
use crate::export::{ProcessNotes, Record, record_json, record_markdown};
use crate::id::{ClientId, ColleagueId, DocId, NoteId};
use crate::kdf;
use crate::kem::WrapPublic;
use crate::labels;
use crate::log::{Class, Kind, PRACTICE_KEY};
use crate::secret::{CardSigningRole, CardWrapRole, Key};
use crate::share::{self, OpenedRecord, RecordToSeal};
use crate::sign::Signer;
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::index::{Entry, Work};
use crate::vault::keys::Compartment;
use crate::vault::{Vault, VaultError};

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
    /// Process notes only when asked for by name.
    pub process: ProcessNotes,
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

    /// Seals a client's record, or some of its notes, to a colleague, and enters that in the client's disclosures. The
    /// entry is durable before the file is handed over.
    pub fn seal_record(&mut self, share: &Share, sender: &str) -> Result<Sealed, VaultError> {
        if share.process == ProcessNotes::Include && self.again.is_none() {
            return Err(VaultError::AskAgain);
        }
        let colleague =
            self.colleagues()?.into_iter().find(|row| row.id == share.to).ok_or(VaultError::NoSuchColleague)?;
        let mut client = self.exported(&share.client, share.process)?;
        if !share.notes.is_empty() {
            let chosen = |id: &NoteId, adds: Option<NoteId>| {
                share.notes.contains(id) || adds.is_some_and(|id| share.notes.contains(&id))
            };
            client.notes.retain(|note| chosen(&note.id, note.addendum_to));
            if client.notes.is_empty() {
                return Err(VaultError::NoSuchNote);
            }
        }
        if share.notes.is_empty() {
            // What is still being written is no part of a record that is handed out.
            let open: Vec<NoteId> = self
                .timeline(&share.client)?
                .iter()
                .filter(|row| row.state == NoteState::Unsigned)
                .map(|row| row.id)
                .collect();
            client.notes.retain(|note| !open.contains(&note.id));
        }
        let measures = if share.notes.is_empty() { client.measures.as_slice() } else { &[] };
        let record = Record { identity: &client.identity, notes: &client.notes, measures };
        let json = record_json(&record, share.process).map_err(|_| VaultError::Damaged)?;
        let mut files = vec![
            ("record.md".to_owned(), record_markdown(&record, share.process).into_bytes()),
            ("record.json".to_owned(), json.into_bytes()),
        ];
        for (mark, bytes) in client.notes.iter().filter_map(|note| note.signed.as_ref()) {
            files.push((format!("signed-{}.json", mark.hash), bytes.clone()));
        }
        // More signed notes than a record may have files: their bytes stay here, their hashes stand in record.json.
        files.truncate(share::MOST_FILES);
        let to_seal = RecordToSeal {
            created: share.today,
            valid_until: share.until,
            purpose: &share.purpose,
            legal_basis: &share.basis,
            consent: &share.consent,
            files: &files,
        };
        let own = self.card(sender, share.today)?;
        let signer = self.card_signer();
        let file =
            share::seal_record(&to_seal, &own, &signer, &colleague.card.keys().recipient, &mut *self.rows.entropy)?;
        self.disclose(share, colleague.card.name(), client.notes.len())?;
        Ok(Sealed { file, notes: client.notes.len() })
    }

    /// Opens a record that a colleague sealed to this practice: read-only, nothing of it is stored.
    pub fn open_record(&self, file: &[u8]) -> Result<OpenedRecord, VaultError> {
        let colleagues = self.colleagues()?;
        Ok(share::open_record(file, &self.card_seed(), colleagues.iter().map(|row| &row.card))?)
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

/// What orders two cards of the same keys.
fn newest(card: &[u8]) -> (Option<Date>, &[u8]) {
    (ContactCard::read(card).ok().map(|card| card.made()), card)
}
