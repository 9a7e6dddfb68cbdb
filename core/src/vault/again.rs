//! What the passphrase must be given for again: process notes, admitting or removing a device, and a new recovery kit.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::entropy::Entropy;
use crate::id::{ClientId, DocId, KeyId, NoteId};
use crate::log::Class;
use crate::roster::Generation;
use crate::secret::{AgainRole, AuthorityRole, CompartmentRole, Key, Passphrase, WrapRole};
use crate::sign::Signer;
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::boxes::AgainBox;
use crate::vault::index::Work;
use crate::vault::{Millis, Vault, VaultError};

/// How long the second box stays open after the passphrase was given, or after a process note was last written in, in
/// milliseconds.
pub const AGAIN_FOR: Millis = 5 * 60 * 1_000;

/// The second box, open for a while.
pub(crate) struct Again {
    keys: AgainBox,
    until: Millis,
    // Unwrapping a process key takes as long as opening dozens of notes under it.
    opened: RefCell<BTreeMap<KeyId, (ClientId, Key<CompartmentRole>)>>,
}

impl Again {
    /// Generation and seed of PKK.
    pub(crate) fn keys(&self) -> (Generation, &Key<WrapRole>) {
        (self.keys.generation, &self.keys.process)
    }

    /// A process key that was unwrapped before.
    pub(crate) fn opened(&self, id: &KeyId) -> Option<(ClientId, Key<CompartmentRole>)> {
        self.opened.borrow().get(id).map(|(client, key)| (*client, key.duplicate()))
    }

    /// Keeps an unwrapped process key for as long as the box is open.
    pub(crate) fn keep_opened(&self, id: KeyId, client: ClientId, key: &Key<CompartmentRole>) {
        self.opened.borrow_mut().insert(id, (client, key.duplicate()));
    }

    pub(crate) fn authority(&self) -> Signer {
        Signer::new(&self.keys.authority)
    }

    /// The second box, sealed anew with another authority's key, which is held from here on.
    pub(crate) fn sealed_with(
        &mut self,
        authority: Key<AuthorityRole>,
        under: &Key<AgainRole>,
        entropy: &mut dyn Entropy,
    ) -> Vec<u8> {
        self.keys.authority = authority;
        self.keys.seal(under, entropy)
    }

    pub(crate) fn authority_key(&self) -> &Key<AuthorityRole> {
        &self.keys.authority
    }
}

impl Vault {
    /// Opens the second box for [`AGAIN_FOR`].
    pub fn ask_again(&mut self, passphrase: &Passphrase, now: Millis) -> Result<(), VaultError> {
        let (key, keys) = self.second_box(passphrase)?;
        self.keep_again(keys, now);
        self.follow_removals(&key, now)?;
        self.follow_kit()?;
        self.publish_owed_process_parts()?;
        self.settle_signatures(now)?;
        self.let_drafts_go();
        Ok(())
    }

    /// Closes the second box when its time is over; to be called before each use and now and then.
    pub fn close_again(&mut self, now: Millis) {
        // A clock that went back closes it too.
        if self.again.as_ref().is_some_and(|again| now >= again.until || again.until - now > AGAIN_FOR) {
            self.forget_again();
        }
    }

    /// Closes the second box now.
    pub fn forget_again(&mut self) {
        self.again = None;
        // The last body that was opened may be a process note's; drafts of process notes are.
        *self.body.borrow_mut() = None;
        let process: Vec<NoteId> = self.process_notes().unwrap_or_default();
        self.drafts.retain(|id, _| !process.contains(id));
    }

    /// Until when the second box is open.
    pub fn again_until(&self) -> Option<Millis> {
        self.again.as_ref().map(|again| again.until)
    }

    /// Whether the second box is open, and from now on for [`AGAIN_FOR`] again: whoever is writing a process note is not
    /// interrupted, since what was typed could not be saved any more.
    pub(crate) fn renew_again(&mut self, now: Millis) -> bool {
        self.close_again(now);
        if let Some(again) = &mut self.again {
            again.until = now.saturating_add(AGAIN_FOR);
        }
        self.again.is_some()
    }

    pub(crate) fn keep_again(&mut self, keys: AgainBox, now: Millis) {
        self.again = Some(Again { keys, until: now.saturating_add(AGAIN_FOR), opened: RefCell::default() });
    }

    /// Process notes of all clients: whose they are, only their keys tell.
    pub(crate) fn process_notes(&self) -> Result<Vec<NoteId>, VaultError> {
        let row = self.rows.read(Table::Misc, b"process")?;
        Ok(row.map(|row| row.chunks_exact(16).filter_map(DocId::from_slice).collect()).unwrap_or_default())
    }

    pub(crate) fn list_process_note(&mut self, work: &mut Work, id: NoteId) -> Result<(), VaultError> {
        let mut row = self.rows.read_through(&work.changes, Table::Misc, b"process")?.unwrap_or_default();
        row.extend_from_slice(&id.0);
        work.changes.put(Table::Misc, b"process", row.to_vec());
        Ok(())
    }

    /// After an admission: process keys for the new device now, or when the passphrase is given next.
    pub(crate) fn publish_or_owe_process_keys(
        &mut self,
        work: &mut Work,
        out: &mut Outgoing,
    ) -> Result<(), VaultError> {
        if self.again.is_some() {
            return self.publish_process_keys(work, out);
        }
        work.changes.put(Table::Misc, b"owed", vec![1]);
        Ok(())
    }

    pub(crate) fn publish_owed_process_parts(&mut self) -> Result<(), VaultError> {
        if self.rows.read(Table::Misc, b"owed")?.is_none() {
            return Ok(());
        }
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        self.publish_process_keys(&mut work, &mut out)?;
        work.changes.remove(Table::Misc, b"owed");
        self.finish(work, out)
    }
}
