//! A working day in a practice, step by step: everything that writes, with what was acknowledged after each step. It is long
//! because the day is: what a step does and what it has promised afterwards stand side by side.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use subrosa_core::id::{ClientId, Hash, NoteId};
use subrosa_core::kdf::Strength;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{Store, StoreError};
use subrosa_core::vault::{ExchangeError, MassDelete, SIGNING_GRACE, Vault, VaultError};
use subrosa_tests::dice::Dice;
use subrosa_tests::practice::{MORNING, PASSPHRASE, paper_trail, person, written};
use subrosa_tests::world::{Device, cheap};

use super::saved::{Note, Saved, opened};

/// Another passphrase, set in the course of the day.
const CHANGED: &str = "nine loud geese at noon";

/// One step; each is acknowledged as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    AddClient,
    AddNote,
    Save,
    Flush,
    AddPrivate,
    SavePrivate,
    Import,
    EditImported,
    Sign,
    Addendum,
    TakeFromLaptop,
    EditFromLaptop,
    ChangePassphrase,
    UndoImport,
    TakeAdmission,
    KeepSetting,
    LockAndUnlock,
    Reopen,
    AddLong,
    Delete,
    Undelete,
    SignLater,
    SettleSignature,
}

/// The whole day.
pub(super) const DAY: &[Step] = &[
    Step::AddClient,
    Step::AddNote,
    Step::Save,
    Step::Save,
    Step::Flush,
    Step::Save,
    Step::AddPrivate,
    Step::SavePrivate,
    Step::Import,
    Step::EditImported,
    Step::Save,
    Step::Sign,
    Step::Addendum,
    Step::AddNote,
    Step::TakeFromLaptop,
    Step::EditFromLaptop,
    Step::Delete,
    Step::Reopen,
    Step::Save,
    Step::Undelete,
    Step::ChangePassphrase,
    Step::UndoImport,
    Step::TakeAdmission,
    Step::KeepSetting,
    Step::LockAndUnlock,
    Step::AddLong,
    Step::Save,
    Step::SignLater,
    Step::Reopen,
    Step::SettleSignature,
];

/// What opens the practice's file anew, and the store that it is in.
pub(super) type Opening<'a> = &'a dyn Fn() -> Result<Box<dyn Store>, StoreError>;

/// A practice in the course of its day, and another device of it.
pub(super) struct Workday<'a> {
    pub(super) saved: Saved,
    store: Opening<'a>,
    folder: &'a Path,
    office: Option<Device>,
    laptop: Device,
    dice: Dice,
    client: Option<ClientId>,
    /// The note that is written in, of which so much has been typed.
    note: Option<NoteId>,
    typed: usize,
    private: Option<NoteId>,
    /// What was imported, with its client.
    imported: Vec<(NoteId, ClientId)>,
    deleted: Option<Note>,
}

/// Something to import.
pub(super) fn paper() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    paper_trail(folder.path(), 2, 2);
    folder
}

impl<'a> Workday<'a> {
    /// Makes the practice and admits the laptop, which writes two notes of its own and admits a tablet.
    pub(super) fn begin(store: Opening<'a>, folder: &'a Path, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let passphrase = Passphrase::new(PASSPHRASE.to_owned());
        let entropy = Box::new(dice.other());
        let made = Vault::create(store().unwrap(), &cheap("Office", &passphrase, MORNING), entropy).unwrap().vault;
        let mut office = Device::of("Office", made, dice.other());
        let (laptop, _) = office.admit("Laptop", dice.other(), MORNING);
        let saved = Saved { passphrase: PASSPHRASE.to_owned(), devices: 2, ..Saved::default() };
        Self {
            saved,
            store,
            folder,
            office: Some(office),
            laptop,
            dice,
            client: None,
            note: None,
            typed: 0,
            private: None,
            imported: Vec::new(),
            deleted: None,
        }
    }

    pub(super) fn vault(&mut self) -> &mut Vault {
        self.office.as_mut().unwrap().vault()
    }

    /// Whether the practice is open: a step that failed may have left it closed.
    pub(super) fn is_open(&self) -> bool {
        self.office.is_some()
    }

    /// Takes a step. What it acknowledges is entered only when it says that it is done.
    pub(super) fn take(&mut self, step: Step) -> Result<(), VaultError> {
        match step {
            Step::AddClient => self.add_client(),
            Step::AddNote => self.add_note("Came late."),
            Step::AddLong => self.add_note(&"All that was said. ".repeat(400)),
            Step::Save => self.type_on(),
            Step::Flush => Ok(self.vault().notes_mut().flush().map(drop)?),
            Step::AddPrivate => self.add_private(),
            Step::SavePrivate => self.save(self.private.unwrap(), "Doubts of my own, and a dream."),
            Step::Import => self.take_in(),
            Step::EditImported => self.save(self.imported[0].0, "Edited since."),
            Step::Sign => self.sign(),
            Step::Addendum => self.add_to_signed(),
            Step::TakeFromLaptop => self.take_from_laptop(),
            Step::EditFromLaptop => self.edit_from_laptop(),
            Step::ChangePassphrase => self.change_passphrase(),
            Step::UndoImport => self.undo_import(),
            Step::TakeAdmission => self.take_admission(),
            Step::KeepSetting => self.keep_setting(),
            Step::LockAndUnlock => self.lock_and_unlock(),
            Step::Reopen => self.reopen(),
            Step::Delete => self.delete(),
            Step::Undelete => self.undelete(),
            Step::SignLater => self.sign_later(),
            Step::SettleSignature => self.settle_signature(),
        }
    }

    fn add_client(&mut self) -> Result<(), VaultError> {
        let id = self.vault().clients_mut().add_client(&person("Aino Mäkinen"), MORNING)?;
        self.saved.clients.insert(id, "Aino Mäkinen".to_owned());
        self.client = Some(id);
        Ok(())
    }

    fn add_note(&mut self, text: &str) -> Result<(), VaultError> {
        let client = self.client.unwrap();
        let id = self.vault().notes_mut().add_note(&client, &written(text), false, MORNING)?;
        self.note = Some(id);
        self.typed = 0;
        self.note_saved(id, text);
        Ok(())
    }

    /// What a few key presses come to: words at the end, and every other time one that goes again.
    fn type_on(&mut self) -> Result<(), VaultError> {
        let id = self.note.unwrap();
        let mut text = self.saved.notes[&id].text.clone();
        self.typed += 1;
        if self.typed.is_multiple_of(2) {
            text.truncate(text.rfind(' ').unwrap());
        }
        text.push_str(&format!(" Wörter {}, schnell getippt.", self.typed));
        self.save(id, &text)
    }

    fn save(&mut self, id: NoteId, text: &str) -> Result<(), VaultError> {
        self.vault().notes_mut().save_note(&id, &written(text), MORNING)?;
        self.note_saved(id, text);
        Ok(())
    }

    fn note_saved(&mut self, id: NoteId, text: &str) {
        self.saved.notes.entry(id).or_default().text = text.to_owned();
    }

    /// Gives the passphrase again.
    pub(super) fn open_private(&mut self) -> Result<(), VaultError> {
        let passphrase = Passphrase::new(self.saved.passphrase.clone());
        Ok(self.vault().reauthenticate(&passphrase, MORNING)?)
    }

    fn add_private(&mut self) -> Result<(), VaultError> {
        let client = self.client.unwrap();
        self.open_private()?;
        let id = self.vault().notes_mut().add_note(&client, &written("Doubts of my own."), true, MORNING)?;
        self.note_saved(id, "Doubts of my own.");
        self.private = Some(id);
        Ok(())
    }

    fn take_in(&mut self) -> Result<(), VaultError> {
        let folder = self.folder;
        match self.vault().exchange_mut().import(folder, false, MORNING, &mut |_| {}, &|| false) {
            Ok(_) => {}
            Err(ExchangeError::Read(error)) => return Err(error.into()),
            Err(other) => panic!("{other}"),
        }
        for (client, name, notes) in all(self.office.as_ref().unwrap().read())? {
            if let Entry::Vacant(new) = self.saved.clients.entry(client) {
                new.insert(name);
                self.imported.extend(notes.keys().map(|id| (*id, client)));
                self.saved.notes.extend(notes);
            }
        }
        Ok(())
    }

    fn sign(&mut self) -> Result<(), VaultError> {
        let id = self.note.unwrap();
        let hash = self.vault().notes_mut().sign(&id, MORNING)?;
        self.saved.notes.entry(id).or_default().signed.push(hash);
        Ok(())
    }

    fn add_to_signed(&mut self) -> Result<(), VaultError> {
        let id = self.note.unwrap();
        let hash = self.vault().notes_mut().add_addendum(&id, written("The date was wrong."), MORNING + 1)?;
        self.saved.notes.entry(id).or_default().signed.push(hash);
        Ok(())
    }

    fn take_from_laptop(&mut self) -> Result<(), VaultError> {
        let laptop = self.laptop.vault();
        if laptop.clients().all().next().is_none() {
            let client = laptop.clients_mut().add_client(&person("Bertil"), MORNING).unwrap();
            for number in 0..2 {
                laptop.notes_mut().add_note(&client, &written(&format!("At home, {number}.")), false, MORNING).unwrap();
            }
            laptop.notes_mut().flush().unwrap();
        }
        self.take_bodies()
    }

    fn take_bodies(&mut self) -> Result<(), VaultError> {
        let (laptop, office) = (self.laptop.vault(), self.office.as_mut().unwrap().vault());
        self.saved.bodies.extend(offer(laptop, office)?);
        for (client, name, notes) in all(laptop)? {
            self.saved.clients.insert(client, name);
            self.saved.notes.extend(notes);
        }
        Ok(())
    }

    fn edit_from_laptop(&mut self) -> Result<(), VaultError> {
        let id = self.first_from_laptop();
        self.save(id, "At home, and then at the office.")
    }

    fn take_admission(&mut self) -> Result<(), VaultError> {
        if self.laptop.read().devices().all().unwrap().len() < 3 {
            let dice = self.dice.other();
            self.laptop.admit("Tablet", dice, MORNING);
        }
        // What the laptop says of notes is older by now than what was written here.
        let before = self.saved.clone();
        let taken = self.take_bodies();
        self.saved = Saved { bodies: std::mem::take(&mut self.saved.bodies), ..before };
        taken?;
        self.saved.devices = 3;
        Ok(())
    }

    fn first_from_laptop(&self) -> NoteId {
        let (_, _, notes) = all(self.laptop.read()).unwrap().remove(0);
        *notes.first_key_value().unwrap().0
    }

    fn delete(&mut self) -> Result<(), VaultError> {
        let id = self.first_from_laptop();
        self.vault().trash_mut().delete(&[id], MassDelete::Refuse, MORNING)?;
        self.deleted = self.saved.notes.remove(&id);
        self.saved.gone.insert(id);
        Ok(())
    }

    fn undelete(&mut self) -> Result<(), VaultError> {
        let id = self.first_from_laptop();
        self.vault().trash_mut().undelete(&id)?;
        self.saved.gone.remove(&id);
        self.saved.notes.insert(id, self.deleted.take().unwrap());
        Ok(())
    }

    /// From here on it can be taken back for a minute; nobody does.
    fn sign_later(&mut self) -> Result<(), VaultError> {
        let id = self.note.unwrap();
        let shown = self.vault().notes().sign_preview(&id)?;
        Ok(self.vault().notes_mut().sign_later(&shown, MORNING).map(drop)?)
    }

    fn settle_signature(&mut self) -> Result<(), VaultError> {
        for settled in self.vault().notes_mut().settle_signatures(MORNING + SIGNING_GRACE)? {
            self.saved.notes.entry(settled.note).or_default().signed.push(settled.outcome?);
        }
        Ok(())
    }

    fn change_passphrase(&mut self) -> Result<(), VaultError> {
        let old = Passphrase::new(self.saved.passphrase.clone());
        let new = Passphrase::new(CHANGED.to_owned());
        self.vault().change_passphrase(&old, &new, Strength::CHEAP_FOR_TESTS)?;
        self.saved.passphrase = CHANGED.to_owned();
        Ok(())
    }

    /// The first was written in and stays, and so does its client.
    fn undo_import(&mut self) -> Result<(), VaultError> {
        let (import, _) = self.vault().exchange().imports()?[0];
        self.vault().exchange_mut().undo_import(&import, MORNING)?;
        let (first, stays) = self.imported[0];
        for (id, client) in self.imported.iter().filter(|(id, _)| *id != first) {
            self.saved.notes.remove(id);
            self.saved.gone.insert(*id);
            if *client != stays {
                self.saved.clients.remove(client);
            }
        }
        Ok(())
    }

    fn keep_setting(&mut self) -> Result<(), VaultError> {
        self.vault().keep_setting("durable", b"yes")?;
        self.saved.settings.insert("durable".to_owned(), b"yes".to_vec());
        Ok(())
    }

    fn lock_and_unlock(&mut self) -> Result<(), VaultError> {
        let locked = self.office.take().unwrap().into_vault().lock()?;
        let passphrase = Passphrase::new(self.saved.passphrase.clone());
        let vault = locked.unlock(&passphrase, MORNING).map_err(|still| still.error)?;
        self.office = Some(Device::of("Office", vault, self.dice.other()));
        Ok(())
    }

    /// The program ends and is started again.
    fn reopen(&mut self) -> Result<(), VaultError> {
        drop(self.office.take());
        let vault = opened((self.store)()?, &self.saved, &self.saved, self.dice.bits())?;
        self.office = Some(Device::of("Office", vault, self.dice.other()));
        Ok(())
    }
}

/// Everything that one device has and another lacks, and the names of the bodies that were taken.
pub(super) fn offer(from: &Vault, to: &mut Vault) -> Result<Vec<Hash>, VaultError> {
    let mut taken = Vec::new();
    for end in from.log().log_ends()? {
        to.log_mut().offer_headers(&end.log, &from.log().headers(&end.log, 0, &end.head, usize::MAX)?)?;
        let mut bodies = Vec::new();
        for (_, name) in to.log().lacking(&end.log, &end.head)?.unwrap_or_default() {
            bodies.extend(from.log().envelope_body(&name)?.map(|body| (name, body)));
        }
        to.log_mut().offer_bodies(&bodies, MORNING)?;
        taken.extend(bodies.into_iter().map(|(name, _)| name));
    }
    Ok(taken)
}

/// Clients, names and notes of a practice.
type Found = Vec<(ClientId, String, BTreeMap<NoteId, Note>)>;

fn all(vault: &Vault) -> Result<Found, VaultError> {
    let mut found = Vec::new();
    for row in vault.clients().all() {
        let mut notes = BTreeMap::new();
        for note in vault.notes().timeline(&row.id)? {
            notes.insert(note.id, Note::of(&vault.notes().note(&note.id)?));
        }
        found.push((row.id, row.name.clone(), notes));
    }
    Ok(found)
}
