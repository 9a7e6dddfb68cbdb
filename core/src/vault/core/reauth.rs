//! Reauthentication: what the passphrase must be given for once more, and how long that holds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::entropy::Entropy;
use crate::id::{ClientId, KeyId, NoteId};
use crate::roster::Generation;
use crate::secret::{AuthorityRole, CompartmentRole, KEY_LEN, Key, Passphrase, ReauthRole, WrapRole};
use crate::sign::Signer;
use crate::slots::PassphraseSlot;
use crate::vault::Millis;
use crate::vault::core::{Core, PassphraseError, ReauthBox, read_slot};

/// How long the reauthentication box stays open after the passphrase was given, or after a private note was last written in, in
/// milliseconds.
pub const REAUTH_FOR: Millis = 5 * 60 * 1_000;

/// The reauthentication box, open for a while.
pub(crate) struct Reauth {
    keys: ReauthBox,
    until: Millis,
    // Unwrapping a private key takes as long as opening dozens of notes under it.
    opened: RefCell<BTreeMap<KeyId, (ClientId, Key<CompartmentRole>)>>,
}

impl Reauth {
    /// Generation and seed of PKK.
    pub(crate) fn keys(&self) -> (Generation, &Key<WrapRole>) {
        (self.keys.generation, &self.keys.process)
    }

    /// What opens keys of private notes in a backup that is restored as a trial, and signs nothing.
    pub(crate) fn for_a_trial(&self) -> ReauthBox {
        let ReauthBox { generation, process, .. } = &self.keys;
        let nobody = Key::take(&mut [0; KEY_LEN]);
        ReauthBox { authority: nobody, generation: *generation, process: process.duplicate() }
    }

    /// A private key that was unwrapped before.
    pub(crate) fn opened(&self, id: &KeyId) -> Option<(ClientId, Key<CompartmentRole>)> {
        self.opened.borrow().get(id).map(|(client, key)| (*client, key.duplicate()))
    }

    /// Keeps an unwrapped private key for as long as the box is open.
    pub(crate) fn keep_opened(&self, id: KeyId, client: ClientId, key: &Key<CompartmentRole>) {
        self.opened.borrow_mut().insert(id, (client, key.duplicate()));
    }

    pub(crate) fn authority(&self) -> Signer {
        Signer::new(&self.keys.authority)
    }

    /// The reauthentication box, sealed anew with another authority's key.
    pub(crate) fn sealed_with(
        &self,
        authority: &Key<AuthorityRole>,
        under: &Key<ReauthRole>,
        entropy: &mut dyn Entropy,
    ) -> Vec<u8> {
        ReauthBox { authority: authority.duplicate(), ..self.keys.duplicate() }.seal(under, entropy)
    }

    /// Holds another authority's key from here on, which is sealed already.
    pub(crate) fn take_authority(&mut self, authority: Key<AuthorityRole>) {
        self.keys.authority = authority;
    }

    pub(crate) fn authority_key(&self) -> &Key<AuthorityRole> {
        &self.keys.authority
    }
}

impl Core {
    /// Holds the reauthentication box open for [`REAUTH_FOR`].
    pub(crate) fn begin_reauth(&mut self, keys: ReauthBox, now: Millis) {
        self.reauth = Some(Reauth { keys, until: now.saturating_add(REAUTH_FOR), opened: RefCell::default() });
    }

    /// Whether the reauthentication box is open, and from now on for [`REAUTH_FOR`]: whoever is writing a private note is
    /// not interrupted, since what was typed could not be saved any more.
    pub(crate) fn extend_reauth(&mut self, now: Millis) -> bool {
        self.expire_reauth(now);
        if let Some(reauth) = &mut self.reauth {
            reauth.until = now.saturating_add(REAUTH_FOR);
        }
        self.reauth.is_some()
    }

    /// Closes the reauthentication box when its time is over.
    pub(crate) fn expire_reauth(&mut self, now: Millis) {
        // A clock that went back closes it too.
        if self.reauth.as_ref().is_some_and(|reauth| now >= reauth.until || reauth.until - now > REAUTH_FOR) {
            self.end_reauth();
        }
    }

    /// Closes the reauthentication box now.
    pub(crate) fn end_reauth(&mut self) {
        self.reauth = None;
        // The last body that was opened may be a private note's; drafts of private notes are.
        *self.caches.body.get_mut() = None;
        self.caches.private.get_mut().clear();
        let private: BTreeSet<NoteId> = self.read().private_notes().unwrap_or_default();
        self.caches.drafts.get_mut().retain(|id, _| !private.contains(id));
    }

    /// Until when the reauthentication box is open.
    pub(crate) fn reauth_until(&self) -> Option<Millis> {
        self.reauth.as_ref().map(|reauth| reauth.until)
    }

    /// Whether the reauthentication box is open and holds the authority in force.
    pub(crate) fn holds_authority(&self) -> bool {
        let public = self.reauth.as_ref().map(|reauth| reauth.authority().public_key());
        public.as_ref() == Some(self.memory.roster.authority())
    }

    /// The reauthentication box, if this passphrase opens this vault, and the key that it lies under. Nothing is changed.
    pub(crate) fn open_reauth_box(
        &self,
        passphrase: &Passphrase,
    ) -> Result<(Key<ReauthRole>, ReauthBox), PassphraseError> {
        let (_, key) = PassphraseSlot::open(&read_slot(self.rows.look(), "passphrase")?, passphrase, self.policy)?;
        let opened = ReauthBox::open(&read_slot(self.rows.look(), "again")?, &key)?;
        Ok((key, opened))
    }
}
