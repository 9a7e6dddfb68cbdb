//! *Sign*, and sixty seconds in which it can be taken back.
//!
//! [`SignPreview`] is what is shown before; it is bound to the version that it shows, so that nothing else is signed by
//! it. From [`NotesMut::sign_later`] on the note waits, and can be neither edited nor signed otherwise. After
//! [`SIGNING_GRACE`] [`NotesMut::settle_signatures`] makes the signature, with the time at which *Sign* was pressed; what
//! another device wrote meanwhile is no part of it.
//!
//! Locking and quitting make it at once: the offer is no longer on the screen, and a note that its writer believes
//! signed must not stay unsigned until somebody unlocks. When the process dies the wish is in a sealed row: the next
//! unlocking makes the signature if its time is over, and says so, or offers the rest of the time. A private note is
//! signed when the passphrase has been given again, since only then it can be read.

use crate::vault::read::ReadError;
use jiff::civil::Date;

use crate::catalog::NoteState;
use crate::document::Heads;
use crate::id::{ClientId, Hash, NoteId};
use crate::kdf;
use crate::rows::RowError;
use crate::vault::commit::flush;
use crate::vault::core::Transaction;
use crate::vault::items::signing::{SIGNING_GRACE, SigningWish, SigningWishes};
use crate::vault::read::NoteView;
use crate::vault::registry::SigningAt;
use crate::vault::subject::NoteError;
use crate::vault::subject::{Notes, NotesMut};
use crate::vault::{Millis, Notice};

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

/// What became of a signature that was waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The note.
    pub note: NoteId,
    /// The hash of what was signed, or why it is not signed.
    pub outcome: Result<Hash, NoteError>,
}

impl Notes<'_> {
    /// What *Sign* would sign.
    pub fn sign_preview(&self, id: &NoteId) -> Result<SignPreview, NoteError> {
        let view = self.core.read().documents().note(id)?;
        if view.state == NoteState::Signed && view.late.is_none() {
            return Err(NoteError::Signed);
        }
        if view.state != NoteState::Signed {
            self.refuse_while_overlong(id)?;
        }
        let client = self.core.read().documents().client(&view.client)?;
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

    /// The notes whose signatures can still be taken back, and until when.
    pub fn being_signed(&self) -> Vec<(NoteId, Millis)> {
        self.core
            .memory
            .signing
            .values()
            .map(|signing| (signing.note, signing.at.saturating_add(SIGNING_GRACE)))
            .collect()
    }

    /// What waits, but for this note.
    pub(crate) fn signing_without(&self, note: &NoteId) -> SigningWishes {
        let mut waiting = self.core.memory.signing.clone();
        waiting.remove(note);
        waiting
    }
}

impl NotesMut<'_> {
    /// Signs what was shown, at once.
    pub fn sign_shown(&mut self, shown: &SignPreview, now: Millis) -> Result<Hash, NoteError> {
        let signing = self.as_shown(shown, now)?;
        self.sign_version(&signing)
    }

    /// Signs what was shown, unless it is taken back before the time that is returned. Durable when it returns.
    pub fn sign_later(&mut self, shown: &SignPreview, now: Millis) -> Result<Millis, NoteError> {
        let signing = self.as_shown(shown, now)?;
        if shown.process {
            self.core.extend_reauth(now);
        }
        // Everything that is to be signed leaves now, so that other devices have what the signature names.
        flush(self.core)?;
        let mut waiting = self.core.memory.signing.clone();
        waiting.insert(shown.note, signing);
        self.keep_signing(waiting)?;
        Ok(now.saturating_add(SIGNING_GRACE))
    }

    /// Takes a signature back that has not been made yet: the note is an unsigned draft again.
    pub fn take_back_signature(&mut self, id: &NoteId) -> Result<(), NoteError> {
        let mut waiting = self.core.memory.signing.clone();
        waiting.remove(id).ok_or(NoteError::NothingToTakeBack)?;
        self.keep_signing(waiting)
    }

    /// Makes the signatures that can no longer be taken back.
    pub fn settle_signatures(&mut self, now: Millis) -> Result<Vec<Settled>, NoteError> {
        // A clock that went back ends the wait too.
        self.settle_those(|signing| now.abs_diff(signing.at) >= SIGNING_GRACE)
    }

    /// Makes all of them now: the vault is being locked.
    pub(crate) fn settle_all_signatures(&mut self) -> Result<(), NoteError> {
        self.settle_those(|_| true).map(|_| ())
    }

    /// What an unlocking does: signatures whose time ran out while nobody was there are made, and it is said.
    pub(crate) fn settle_signatures_left_behind(&mut self, now: Millis) -> Result<(), NoteError> {
        let settled = self.settle_signatures(now)?;
        if settled.iter().any(|one| one.outcome.is_ok()) {
            self.core.memory.tell(Notice::SignedSince);
        }
        if settled.iter().any(|one| one.outcome.is_err()) {
            self.core.memory.tell(Notice::NotSigned);
        }
        Ok(())
    }

    /// The wish to sign what was shown, if that is still what there is.
    pub(super) fn refuse_while_signing(&self, id: &NoteId) -> Result<(), NoteError> {
        if self.core.read().is_being_signed(id) { Err(NoteError::BeingSigned) } else { Ok(()) }
    }

    fn as_shown(&mut self, shown: &SignPreview, now: Millis) -> Result<SigningWish, NoteError> {
        self.refuse_while_signing(&shown.note)?;
        let view = self.core.read().documents().note(&shown.note)?;
        let same = view.version == shown.version
            && view.client == shown.client
            && kdf::sha256(to_be_signed(&view).as_bytes()) == shown.text;
        if !shown.late {
            self.reads().refuse_while_overlong(&shown.note)?;
        }
        if !same || (view.state == NoteState::Signed) != shown.late {
            return Err(NoteError::ChangedSinceShown);
        }
        Ok(SigningWish { note: shown.note, client: shown.client, late: shown.late, at: now, version: view.version })
    }

    fn settle_those(&mut self, due: impl Fn(&SigningWish) -> bool) -> Result<Vec<Settled>, NoteError> {
        let mut settled = Vec::new();
        for signing in self.core.memory.signing.values().filter(|signing| due(signing)).cloned().collect::<Vec<_>>() {
            let outcome = match self.settle_one(&signing) {
                // Only the passphrase is missing: it waits until that is given again.
                Err(NoteError::Read(ReadError::Row(RowError::NeedsReauth))) => continue,
                Err(error @ NoteError::Read(ReadError::Row(RowError::Store(_)))) => return Err(error),
                outcome => outcome,
            };
            if outcome.is_err() {
                let waiting = self.reads().signing_without(&signing.note);
                self.keep_signing(waiting)?;
            }
            settled.push(Settled { note: signing.note, outcome });
        }
        Ok(settled)
    }

    fn settle_one(&mut self, signing: &SigningWish) -> Result<Hash, NoteError> {
        let entry = self.core.read().documents().note_entry(&signing.note)?;
        if entry.is_private() && self.core.reauth.is_none() {
            return Err(RowError::NeedsReauth.into());
        }
        // Moved to another client by another device meanwhile: the signature would name one that was not shown.
        let reader = self.core.read();
        if reader.canonical_client(&reader.documents().home(&signing.note, &entry)?.client) != signing.client {
            return Err(NoteError::ChangedSinceShown);
        }
        self.sign_version(signing)
    }

    fn keep_signing(&mut self, waiting: SigningWishes) -> Result<(), NoteError> {
        let mut tx = Transaction::default();
        put_signing(&mut tx, waiting);
        Ok(self.core.write(tx)?)
    }
}

/// Writes which signatures wait.
pub(super) fn put_signing(tx: &mut Transaction, waiting: SigningWishes) {
    match waiting.is_empty() {
        true => tx.remove(&SigningAt()),
        false => tx.put(&SigningAt(), &waiting),
    }
    tx.next.signing = Some(waiting);
}

fn to_be_signed(view: &NoteView) -> &str {
    match (view.state, &view.late) {
        (NoteState::Signed, Some(late)) => late,
        _ => &view.content.text,
    }
}
