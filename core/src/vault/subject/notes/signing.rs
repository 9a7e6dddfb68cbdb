//! Signing: a note becomes frozen bytes with this device's signature (format §3, *signed*). Nothing changes them after.

use super::signing_grace::put_signing;
use jiff::Timestamp;

use crate::catalog::NoteState;
use crate::codec::Writer;
use crate::document::{Actor, fields};
use crate::id::{Hash, NoteId};
use crate::log::{DocType, Kind};
use crate::record::NoteContent;
use crate::rows::RowError;
use crate::vault::commit::{Outbox, commit, flush, note_draft_to_prune, prune_drafts};
use crate::vault::core::Transaction;
use crate::vault::items::home::Home;
use crate::vault::items::note::addendum_to;
use crate::vault::items::signed::{Addendum, SIGNED_MAX, SignedNote, Statement};
use crate::vault::items::signing::{LateAddendum, SigningWish};
use crate::vault::registry::LateTextAt;
use crate::vault::subject::NoteError;
use crate::vault::subject::{Notes, NotesMut};
use crate::vault::{FORMAT, Millis};
use crate::{kdf, labels};

impl Notes<'_> {
    /// What this device states about a note, but for what it freezes and adds to.
    fn statement(&self, id: &NoteId, home: &Home, content: NoteContent, now: Millis) -> Statement {
        let at = i64::try_from(now).ok().and_then(|now| Timestamp::from_millisecond(now).ok()).unwrap_or_default();
        Statement {
            format: FORMAT,
            note: *id,
            client: home.client,
            kind: String::new(),
            process: home.origin.kind == DocType::ProcessNote,
            content,
            heads: Vec::new(),
            adds_to: None,
            entered_in_error: false,
            signed_at: at.to_string(),
            device: self.core.device,
        }
    }

    fn push_signed(&self, out: &mut Outbox, mut statement: Statement, home: &Home) -> Result<Hash, NoteError> {
        statement.kind = SignedNote::kind(statement.adds_to).to_owned();
        let bytes = serde_json::to_vec(&statement).map_err(|_| RowError::Damaged)?;
        if bytes.len() > SIGNED_MAX {
            return Err(RowError::TooLarge.into());
        }
        let signature = self.core.signer.sign(labels::NOTE, &bytes);
        let mut payload = Writer::new();
        home.origin.write(&mut payload);
        payload.lp(&bytes).bytes(&self.core.signer.public_key().0).bytes(&signature.0);
        out.push(Kind::Signed, statement.note, home.under(), payload.finish());
        Ok(kdf::sha256(&bytes))
    }
}

impl NotesMut<'_> {
    /// Signs a note as it is now, or what was written elsewhere while it was signed. What other devices wrote meanwhile
    /// becomes an unsigned addendum when it arrives. The window signs through [`Self::sign_later`].
    pub fn sign(&mut self, id: &NoteId, now: Millis) -> Result<Hash, NoteError> {
        let view = self.core.read().documents().note(id)?;
        if view.state == NoteState::Signed {
            return Err(NoteError::Signed);
        }
        self.refuse_while_signing(id)?;
        self.reads().refuse_while_overlong(id)?;
        self.sign_version(&SigningWish { note: *id, client: view.client, late: false, at: now, version: view.version })
    }

    /// Signs what was written elsewhere while the note was signed, as an addendum that covers it.
    pub fn sign_late(&mut self, id: &NoteId, now: Millis) -> Result<Hash, NoteError> {
        let view = self.core.read().documents().note(id)?;
        if view.signed.is_empty() {
            return Err(NoteError::NotSigned);
        }
        if view.late.is_none() {
            return Err(NoteError::Signed);
        }
        self.refuse_while_signing(id)?;
        self.sign_version(&SigningWish { note: *id, client: view.client, late: true, at: now, version: view.version })
    }

    /// Adds a signed addendum to a signed note.
    pub fn add_addendum(&mut self, id: &NoteId, content: NoteContent, now: Millis) -> Result<Hash, NoteError> {
        self.sign_addendum(id, Addendum { content, adds_to: None, entered_in_error: false }, now)
    }

    /// Says, signed, that a signed note was entered in error, and why; or that one of its addenda, named by its hash,
    /// was. What was signed stays as it is.
    pub fn mark_entered_in_error(
        &mut self,
        id: &NoteId,
        addendum: Option<Hash>,
        why: NoteContent,
        now: Millis,
    ) -> Result<Hash, NoteError> {
        self.sign_addendum(id, Addendum { content: why, adds_to: addendum, entered_in_error: true }, now)
    }

    fn sign_addendum(&mut self, id: &NoteId, addendum: Addendum, now: Millis) -> Result<Hash, NoteError> {
        let mut out = Outbox::everyday();
        let hash = self.push_addendum(&mut out, id, addendum, now)?;
        commit(self.core, Transaction::default(), out)?;
        Ok(hash)
    }

    /// Puts a signed addendum into an outbox.
    pub(crate) fn push_addendum(
        &mut self,
        out: &mut Outbox,
        id: &NoteId,
        addendum: Addendum,
        now: Millis,
    ) -> Result<Hash, NoteError> {
        let documents = self.core.read().documents();
        let home = documents.home(id, &documents.note_entry(id)?)?;
        let view = documents.note(id)?;
        let first = view.signed.first().ok_or(NoteError::NotSigned)?.hash;
        let adds_to = addendum.adds_to.unwrap_or(first);
        if !view.signed.iter().any(|version| version.hash == adds_to) {
            return Err(NoteError::NotSigned);
        }
        let statement = Statement {
            adds_to: Some(adds_to),
            entered_in_error: addendum.entered_in_error,
            ..self.reads().statement(id, &home, addendum.content, now)
        };
        self.reads().push_signed(out, statement, &home)
    }

    /// Signs one version of a note, which may have been written on since. The draft leaves first: a signature names heads
    /// that other devices can have.
    pub(crate) fn sign_version(&mut self, signing: &SigningWish) -> Result<Hash, NoteError> {
        let id = &signing.note;
        flush(self.core)?;
        let entry = self.core.read().documents().note_entry(id)?;
        let home = self.core.read().documents().home(id, &entry)?;
        let kind = home.origin.kind;
        let material = self.core.read().documents().material(id, &entry)?;
        let open = self.core.caches.drafts.borrow().get(id).map(|draft| draft.document.clone());
        let document = match open {
            Some(document) => Some(document),
            None => self.core.read().documents().assemble_document(&material, id, kind, &[], Actor::NOBODY)?,
        };
        let Some(document) = document else { return self.sign_letters(signing, &home) };
        // An imported note in which nobody had written may have been shown without a version: it is what was imported.
        let version = match signing.version.hashes() {
            [] => document.beginning(),
            _ => signing.version.clone(),
        };
        let shown = match document.heads() == version {
            true => document,
            false => document.fork_at(&version, Actor::NOBODY).ok_or(RowError::KeyNotHere)?,
        };
        let mut content = fields::to_note(&shown.fields(), &shown.text());
        let signed = self.core.read().documents().signed_versions(id, &material);
        let mut adds_to = match addendum_to(&content) {
            Some(parent) => {
                Some(self.core.read().documents().note(&parent)?.signed.first().ok_or(NoteError::NotSigned)?.hash)
            }
            None => None,
        };
        let mut tx = Transaction::default();
        if signing.late {
            let first = signed.first().ok_or(NoteError::NotSigned)?;
            let view = self.core.read().documents().note(id)?;
            let late = self.core.read().documents().late(id, &signed, &shown)?;
            let text = late.or(view.late).ok_or(NoteError::Signed)?;
            content = NoteContent { text, ..first.content.clone() };
            adds_to = Some(first.hash);
            tx.remove(&LateTextAt(*id));
        }
        let heads = version.hashes().to_vec();
        let statement = Statement { heads, adds_to, ..self.reads().statement(id, &home, content, signing.at) };
        note_draft_to_prune(self.core, &mut tx, id)?;
        let hash = self.commit_signed(tx, statement, &home)?;
        self.core.drop_draft(id);
        if self.core.require_vital().is_ok() {
            prune_drafts(self.core);
        }
        Ok(hash)
    }

    /// Signs words that wait for what nobody has any more, as they are shown: an addendum that covers no version.
    fn sign_letters(&mut self, signing: &SigningWish, home: &Home) -> Result<Hash, NoteError> {
        let view = self.core.read().documents().note(&signing.note)?;
        let (Some(text), true) = (view.late, signing.late) else { return Err(RowError::KeyNotHere.into()) };
        let first = view.signed.first().ok_or(NoteError::NotSigned)?;
        let content = NoteContent { text, ..first.content.clone() };
        let adds_to = Some(first.hash);
        let statement = Statement { adds_to, ..self.reads().statement(&signing.note, home, content, signing.at) };
        let mut tx = Transaction::default();
        tx.remove(&LateTextAt(signing.note));
        self.commit_signed(tx, statement, home)
    }

    /// Commits a signature. With it goes the wish for it: a crash between the two would sign twice.
    fn commit_signed(&mut self, mut tx: Transaction, statement: Statement, home: &Home) -> Result<Hash, NoteError> {
        let waiting = self.reads().signing_without(&statement.note);
        if waiting.len() < self.core.memory.signing.len() {
            put_signing(&mut tx, waiting);
        }
        let mut out = Outbox::everyday();
        let hash = self.reads().push_signed(&mut out, statement, home)?;
        commit(self.core, tx, out)?;
        Ok(hash)
    }

    /// Keeps what the therapist made of the unsigned addendum of [`NoteView::late`](super::NoteView::late) until it is
    /// signed; durable when it returns. Stays on this device.
    pub fn save_late(&mut self, id: &NoteId, text: &str) -> Result<(), NoteError> {
        let view = self.core.read().documents().note(id)?;
        if view.process {
            return Err(RowError::NeedsReauth.into());
        }
        if view.late.is_none() {
            return Err(NoteError::Signed);
        }
        self.refuse_while_signing(id)?;
        let mut tx = Transaction::quiet();
        tx.put(&LateTextAt(*id), &LateAddendum { heads: view.version.hashes().to_vec(), text: text.to_owned() });
        Ok(self.core.write(tx)?)
    }
}
