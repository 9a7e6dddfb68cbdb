//! What a practice has acknowledged, and whether it is there.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::ControlFlow;

use subrosa_core::id::{ClientId, Hash, NoteId};
use subrosa_core::kdf::Policy;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{RedbStore, Store, Table};
use subrosa_core::vault::{LockedVault, NoteView, ReadError, RowError, Vault, VaultError};
use subrosa_tests::dice::Dice;
use subrosa_tests::medium::Medium;
use subrosa_tests::practice::{MORNING, written};

/// Everything for which somebody was told that it is saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) passphrase: String,
    pub(super) clients: BTreeMap<ClientId, String>,
    pub(super) notes: BTreeMap<NoteId, Note>,
    /// Notes that were taken back.
    pub(super) gone: BTreeSet<NoteId>,
    /// Envelopes of other devices whose bodies were taken.
    pub(super) bodies: BTreeSet<Hash>,
    pub(super) settings: BTreeMap<String, Vec<u8>>,
    /// How many devices there are.
    pub(super) devices: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) text: String,
    /// Signed notes and addenda.
    pub(super) signed: Vec<Hash>,
}

impl Note {
    pub(super) fn of(view: &NoteView) -> Self {
        let signed = view.signed.iter().map(|version| version.hash).collect();
        Self { text: view.content.text.clone(), signed }
    }
}

impl Saved {
    /// What an opened practice lacks of it. Of what was under way, `next`, all or nothing may be there.
    pub(super) fn lacking(&self, next: &Self, vault: &mut Vault) -> Result<(), String> {
        let notices = vault.take_notices();
        check(notices.is_empty(), || format!("it says {notices:?}"))?;
        for (id, name) in &self.clients {
            let found = vault.clients().client(id).map(|row| row.name.clone());
            check(found.as_ref() == Ok(name) || !next.clients.contains_key(id), || format!("a client: {found:?}"))?;
        }
        for (id, note) in &self.notes {
            self.note(id, note, next, vault)?;
        }
        for id in self.gone.intersection(&next.gone) {
            let found = vault.notes().note(id).map(|_| ());
            check(found == Err(ReadError::NoSuchNote), || format!("a note that was taken back: {found:?}"))?;
        }
        for envelope in &self.bodies {
            check(vault.log().has_body(envelope) == Ok(true), || "an envelope of another device is gone".to_owned())?;
        }
        let devices = vault.devices().all().map_err(|error| format!("devices: {error:?}"))?.len();
        check([self.devices, next.devices].contains(&devices), || format!("{devices} devices"))?;
        for name in self.settings.keys().chain(next.settings.keys()) {
            let found = vault.setting(name).map_err(|error| format!("a setting: {error:?}"))?;
            let legal = found.as_ref() == self.settings.get(name) || found.as_ref() == next.settings.get(name);
            check(legal, || format!("a setting is {found:?}"))?;
        }
        Ok(())
    }

    /// Whether every note is there, on a medium that is damaged. None may say what nobody wrote.
    pub(super) fn is_told_truly(&self, next: &Self, vault: &Vault) -> bool {
        let told = self.notes.iter().map(|(id, note)| match vault.notes().note(id) {
            Ok(view) => {
                let later = next.notes.get(id).unwrap_or(note);
                assert!([&note.text, &later.text].contains(&&view.content.text), "a text that nobody wrote");
                true
            }
            Err(ReadError::NoSuchNote) => !next.notes.contains_key(id),
            Err(error) => {
                assert_eq!(error, RowError::Damaged.into());
                false
            }
        });
        told.filter(|told| !told).count() == 0
    }

    /// Of what was under way after `before`, keeps as saved what the practice shows.
    pub(super) fn as_shown(&mut self, before: &Self, vault: &mut Vault) {
        if vault.reauthenticate(&Passphrase::new(self.passphrase.clone()), MORNING).is_err() {
            self.passphrase.clone_from(&before.passphrase);
        }
        self.clients.retain(|id, _| vault.clients().client(id).is_ok());
        self.clients.extend(before.clients.clone().into_iter().filter(|(id, _)| vault.clients().client(id).is_ok()));
        self.gone.retain(|id| vault.notes().note(id).is_err());
        self.gone.extend(before.gone.iter().filter(|id| vault.notes().note(id).is_err()));
        let known: BTreeSet<NoteId> = self.notes.keys().chain(before.notes.keys()).copied().collect();
        let shown = known.into_iter().filter_map(|id| Some((id, Note::of(&vault.notes().note(&id).ok()?))));
        self.notes = shown.collect();
        self.bodies.retain(|envelope| vault.log().has_body(envelope) == Ok(true));
        self.settings.retain(|name, _| vault.setting(name).is_ok_and(|value| value.is_some()));
        self.devices = vault.devices().all().unwrap().len();
    }

    fn note(&self, id: &NoteId, note: &Note, next: &Self, vault: &Vault) -> Result<(), String> {
        let Some(later) = next.notes.get(id).filter(|_| !next.gone.contains(id)) else {
            // It was being taken back.
            let found = vault.notes().note(id).map(|view| view.content.text);
            return check(found.as_ref() == Ok(&note.text) || found == Err(ReadError::NoSuchNote), || {
                format!("a note being taken back: {found:?}")
            });
        };
        let view = vault.notes().note(id).map_err(|error| format!("a note: {error:?}"))?;
        let found = Note::of(&view);
        check(found.text == note.text || found.text == later.text, || {
            format!("{} characters, not {} or {}", found.text.len(), note.text.len(), later.text.len())
        })?;
        check(found.signed == note.signed || found.signed == later.signed, || {
            format!("{} signatures, not {} or {}", found.signed.len(), note.signed.len(), later.signed.len())
        })
    }
}

/// Opens what is on a medium, and checks it from the first block to the last signature.
pub(super) fn examine(store: Box<dyn Store>, saved: &Saved, next: &Saved, seed: u64) -> Result<(), String> {
    let mut vault = unlocked(store, saved, next, seed)?;
    saved.lacking(next, &mut vault)?;
    whole(&vault)
}

fn unlocked(store: Box<dyn Store>, saved: &Saved, next: &Saved, seed: u64) -> Result<Vault, String> {
    opened(store, saved, next, seed).map_err(|error| format!("it does not open: {error:?}"))
}

/// Unlocks, with the passphrase that was acknowledged or the one that was being set.
pub(super) fn opened(store: Box<dyn Store>, saved: &Saved, next: &Saved, seed: u64) -> Result<Vault, VaultError> {
    let locked = LockedVault::open(store, None, Policy::Tests, Box::new(Dice::new(seed)))?;
    let [first, second] = [saved, next].map(|saved| Passphrase::new(saved.passphrase.clone()));
    let (mut vault, passphrase) = match locked.unlock(&first, MORNING) {
        Ok(vault) => (vault, first),
        Err(still) if still.error.is_wrong_passphrase() => {
            (still.vault.unlock(&second, MORNING).map_err(|still| still.error)?, second)
        }
        Err(still) => return Err(still.error.into()),
    };
    vault.reauthenticate(&passphrase, MORNING)?;
    Ok(vault)
}

/// Every chain, envelope, item, document, index and signature; nothing set aside, no header without its body but those
/// whose bodies another device has not sent.
pub(super) fn whole(vault: &Vault) -> Result<(), String> {
    let found = vault.integrity().verify(&mut |_, _| {}).map_err(|error| format!("verify: {error:?}"))?;
    check(found.damaged.is_empty(), || format!("damaged: {:?}", found.damaged))?;
    check(vault.log().set_aside_count() == Ok(0), || "something was set aside".to_owned())?;
    let own = vault.log().log_ends().map_err(|error| format!("logs: {error:?}"))?;
    let own = own.iter().filter(|end| end.log.device() == vault.device());
    check(own.into_iter().all(|end| end.missing.is_empty()), || "a header of its own without its body".to_owned())
}

/// That a practice which was found so can be gone on with.
pub(super) fn writes_on(image: Vec<u8>, saved: &Saved, next: &Saved, seed: u64) -> Result<(), String> {
    let medium = Medium::holding(image);
    let store = || RedbStore::over(medium.clone()).map(Box::new).map_err(|error| format!("the store: {error:?}"));
    let mut vault = unlocked(store()?, saved, next, seed)?;
    let Some(client) = vault.clients().all().next().map(|row| row.id) else { return Ok(()) };
    let note = vault.notes_mut().add_note(&client, &written("written after it"), false, MORNING);
    let note = note.map_err(|error| format!("writing on: {error:?}"))?;
    vault.notes_mut().flush().map_err(|error| format!("flushing: {error:?}"))?;
    drop(vault);
    let vault = unlocked(store()?, saved, next, seed + 1)?;
    check(vault.notes().note(&note).is_ok_and(|view| view.content.text == "written after it"), || {
        "not kept".to_owned()
    })?;
    whole(&vault)
}

/// One number for all rows of a store.
pub(super) fn rows(store: &dyn Store) -> Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    for table in Table::ALL {
        let scanned = store.scan(*table, &mut |key, value| {
            (table, key, value).hash(&mut hasher);
            ControlFlow::Continue(())
        });
        scanned.map_err(|error| format!("reading the rows: {error:?}"))?;
    }
    Ok(hasher.finish())
}

pub(super) fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
