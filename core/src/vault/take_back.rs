//! *Sign*, and sixty seconds in which it can be taken back.
//!
//! [`SignPreview`] is what is shown before; it is bound to the version that it shows, so that nothing else is signed by
//! it. From [`Vault::sign_later`] on the note waits, and can be neither edited nor signed otherwise. After
//! [`TAKE_BACK_FOR`] [`Vault::settle_signatures`] makes the signature, with the time at which *Sign* was pressed; what
//! another device wrote meanwhile is no part of it.
//!
//! Locking and quitting make it at once: the offer is no longer on the screen, and a note that its writer believes
//! signed must not stay unsigned until somebody unlocks. When the process dies the wish is in a sealed row: the next
//! unlocking makes the signature if its time is over, and says so, or offers the rest of the time. A private note is
//! signed when the passphrase has been given again, since only then it can be read.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalog::NoteState;
use crate::codec::{Reader, Writer};
use crate::document::Heads;
use crate::id::{ClientId, DocId, Hash, NoteId};
use crate::kdf;
use crate::log::DocType;
use crate::rows::Changes;
use crate::store::Table;
use crate::vault::index::Work;
use crate::vault::{Millis, NoteView, Notice, Vault, VaultError};

/// How long a signature can be taken back, in milliseconds.
pub const TAKE_BACK_FOR: Millis = 60 * 1_000;

/// Notes that may wait for their signatures.
const MOST: usize = 1 << 16;

/// Heads of one version.
const MOST_HEADS: usize = 1_024;

/// What *Sign* shows before anything is signed.
#[derive(Clone, PartialEq, Eq)]
pub struct SignPreview {
    /// The note.
    pub note: NoteId,
    /// Whose it is.
    pub client: ClientId,
    /// The client's name.
    pub client_name: String,
    /// The client's code, where there is one.
    pub client_code: Option<String>,
    /// Day of the session.
    pub date: Date,
    /// Length of the session in minutes.
    pub minutes: Option<u32>,
    /// Length of the note in words.
    pub words: usize,
    /// Whether it is a private note.
    pub process: bool,
    /// Whether it is what was written elsewhere while the note was signed, to be signed as an addendum.
    pub late: bool,
    version: Heads,
    text: Hash,
}

impl std::fmt::Debug for SignPreview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignPreview")
    }
}

/// A signature that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signing {
    pub(crate) note: NoteId,
    pub(crate) client: ClientId,
    pub(crate) late: bool,
    /// When *Sign* was pressed.
    pub(crate) at: Millis,
    pub(crate) version: Heads,
}

/// What became of a signature that was waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The note.
    pub note: NoteId,
    /// The hash of what was signed, or why it is not signed.
    pub outcome: Result<Hash, VaultError>,
}

impl Vault {
    /// What *Sign* would sign.
    pub fn sign_preview(&self, id: &NoteId) -> Result<SignPreview, VaultError> {
        let view = self.note(id)?;
        if view.state == NoteState::Signed && view.late.is_none() {
            return Err(VaultError::Signed);
        }
        let client = self.client(&view.client)?;
        let text = to_be_signed(&view);
        Ok(SignPreview {
            note: *id,
            client: view.client,
            client_name: client.name.clone(),
            client_code: client.code.clone(),
            date: view.content.date,
            minutes: view.content.minutes,
            words: text.split_whitespace().count(),
            process: view.process,
            late: view.state == NoteState::Signed,
            text: kdf::sha256(text.as_bytes()),
            version: view.version,
        })
    }

    /// Signs what was shown, at once.
    pub fn sign_shown(&mut self, shown: &SignPreview, now: Millis) -> Result<Hash, VaultError> {
        let signing = self.as_shown(shown, now)?;
        self.sign_version(&signing)
    }

    /// Signs what was shown, unless it is taken back before the time that is returned. Durable when it returns.
    pub fn sign_later(&mut self, shown: &SignPreview, now: Millis) -> Result<Millis, VaultError> {
        let signing = self.as_shown(shown, now)?;
        if shown.process {
            self.renew_again(now);
        }
        // Everything that is to be signed leaves now, so that other devices have what the signature names.
        self.flush()?;
        let mut waiting = self.signing.clone();
        waiting.insert(shown.note, signing);
        self.keep_signing(waiting)?;
        Ok(now.saturating_add(TAKE_BACK_FOR))
    }

    /// Takes a signature back that has not been made yet: the note is an unsigned draft again.
    pub fn take_back_signature(&mut self, id: &NoteId) -> Result<(), VaultError> {
        let mut waiting = self.signing.clone();
        waiting.remove(id).ok_or(VaultError::NothingToTakeBack)?;
        self.keep_signing(waiting)
    }

    /// Makes the signatures that can no longer be taken back.
    pub fn settle_signatures(&mut self, now: Millis) -> Result<Vec<Settled>, VaultError> {
        // A clock that went back ends the wait too.
        self.settle_those(|signing| now.abs_diff(signing.at) >= TAKE_BACK_FOR)
    }

    /// Until when the signature of a note can be taken back.
    pub fn signing_until(&self, id: &NoteId) -> Option<Millis> {
        self.signing.get(id).map(|signing| signing.at.saturating_add(TAKE_BACK_FOR))
    }

    /// The notes whose signatures can still be taken back, and until when.
    pub fn being_signed(&self) -> Vec<(NoteId, Millis)> {
        self.signing.values().map(|signing| (signing.note, signing.at.saturating_add(TAKE_BACK_FOR))).collect()
    }

    /// Makes all of them now: the vault is being locked.
    pub(crate) fn settle_all_signatures(&mut self) -> Result<(), VaultError> {
        self.settle_those(|_| true).map(|_| ())
    }

    pub(crate) fn load_signing(&mut self) -> Result<(), VaultError> {
        self.signing = read_signing(&self.rows.read(Table::Pending, b"signing")?.unwrap_or_default())?;
        Ok(())
    }

    /// What an unlocking does: signatures whose time ran out while nobody was there are made, and it is said.
    pub(crate) fn settle_signatures_left_behind(&mut self, now: Millis) -> Result<(), VaultError> {
        let settled = self.settle_signatures(now)?;
        if settled.iter().any(|one| one.outcome.is_ok()) {
            self.notices.push(Notice::SignedSince);
        }
        if settled.iter().any(|one| one.outcome.is_err()) {
            self.notices.push(Notice::NotSigned);
        }
        Ok(())
    }

    pub(crate) fn refuse_while_signing(&self, id: &NoteId) -> Result<(), VaultError> {
        if self.signing.contains_key(id) { Err(VaultError::BeingSigned) } else { Ok(()) }
    }

    /// The wish to sign what was shown, if that is still what there is.
    fn as_shown(&mut self, shown: &SignPreview, now: Millis) -> Result<Signing, VaultError> {
        self.refuse_while_signing(&shown.note)?;
        let view = self.note(&shown.note)?;
        let same = view.version == shown.version
            && view.client == shown.client
            && kdf::sha256(to_be_signed(&view).as_bytes()) == shown.text;
        if !same || (view.state == NoteState::Signed) != shown.late {
            return Err(VaultError::ChangedSinceShown);
        }
        Ok(Signing { note: shown.note, client: shown.client, late: shown.late, at: now, version: view.version })
    }

    fn settle_those(&mut self, due: impl Fn(&Signing) -> bool) -> Result<Vec<Settled>, VaultError> {
        let mut settled = Vec::new();
        for signing in self.signing.values().filter(|signing| due(signing)).cloned().collect::<Vec<_>>() {
            let outcome = match self.settle_one(&signing) {
                // Only the passphrase is missing: it waits until that is given again.
                Err(VaultError::AskAgain) => continue,
                Err(VaultError::Store(error)) => return Err(VaultError::Store(error)),
                outcome => outcome,
            };
            if outcome.is_err() {
                let waiting = self.signing_without(&signing.note);
                self.keep_signing(waiting)?;
            }
            settled.push(Settled { note: signing.note, outcome });
        }
        Ok(settled)
    }

    fn settle_one(&mut self, signing: &Signing) -> Result<Hash, VaultError> {
        let entry = self.note_entry(&Work::default(), &signing.note)?;
        if entry.kind == DocType::ProcessNote && self.again.is_none() {
            return Err(VaultError::AskAgain);
        }
        // Moved to another client by another device meanwhile: the signature would name one that was not shown.
        if self.home(&self.client_of(&Work::default(), &entry)?) != signing.client {
            return Err(VaultError::ChangedSinceShown);
        }
        self.sign_version(signing)
    }

    /// What waits, but for this note.
    pub(crate) fn signing_without(&self, note: &NoteId) -> BTreeMap<NoteId, Signing> {
        let mut waiting = self.signing.clone();
        waiting.remove(note);
        waiting
    }

    fn keep_signing(&mut self, waiting: BTreeMap<NoteId, Signing>) -> Result<(), VaultError> {
        let mut changes = Changes::default();
        put_signing(&mut changes, &waiting);
        self.rows.commit(&mut self.state, changes)?;
        self.signing = waiting;
        self.write_anchor();
        Ok(())
    }
}

fn to_be_signed(view: &NoteView) -> &str {
    match (view.state, &view.late) {
        (NoteState::Signed, Some(late)) => late,
        _ => &view.content.text,
    }
}

pub(crate) fn put_signing(changes: &mut Changes, waiting: &BTreeMap<NoteId, Signing>) {
    if waiting.is_empty() {
        changes.remove(Table::Pending, b"signing");
    } else {
        changes.put(Table::Pending, b"signing", signing_to_bytes(waiting));
    }
}

fn signing_to_bytes(waiting: &BTreeMap<NoteId, Signing>) -> Vec<u8> {
    let mut writer = Writer::new();
    let all: Vec<&Signing> = waiting.values().collect();
    writer.list(&all, |writer, signing| {
        writer.bytes(&signing.note.0).bytes(&signing.client.0).u8(u8::from(signing.late)).u64(signing.at);
        writer.list(signing.version.hashes(), |writer, head| {
            writer.bytes(&head.0);
        });
    });
    writer.finish()
}

fn read_signing(row: &[u8]) -> Result<BTreeMap<NoteId, Signing>, VaultError> {
    if row.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut reader = Reader::new(row);
    let waiting = reader.list(MOST, |reader| {
        Ok(Signing {
            note: DocId(reader.array()?),
            client: DocId(reader.array()?),
            late: reader.u8()? == 1,
            at: reader.u64()?,
            version: Heads::from(reader.list(MOST_HEADS, |reader| reader.array().map(Hash))?),
        })
    });
    let waiting = waiting.map_err(|_| VaultError::Damaged)?;
    Ok(waiting.into_iter().map(|signing| (signing.note, signing)).collect())
}
