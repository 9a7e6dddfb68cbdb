//! A computer of the practice: its file, the practice on it while it is open, and its conversations.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use subrosa_core::kdf::Policy;
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{LockedVault, Millis, Vault};
use subrosa_sync::hub::{Hub, HubContext};
use subrosa_sync::{Greeting, Shelf};
use subrosa_tests::dice::Dice;
use subrosa_tests::world::passphrase;

use crate::bridge::{Clock, Shared, Unsent, greeting_over, shelf_over};
use crate::disk::store_in;

/// Such a computer.
pub(crate) struct Device {
    /// Its file.
    pub(crate) path: PathBuf,
    /// What was typed and has not left.
    pub(crate) unsent: Option<Unsent>,
    /// Its conversations.
    hub: Hub,
    vault: Shared,
    locked: Option<LockedVault>,
    shelf: Box<dyn Shelf>,
    greeting: Box<dyn Greeting>,
}

impl Device {
    /// The device whose practice this is.
    pub(crate) fn holding(vault: Vault, path: &Path, clock: &Clock) -> Self {
        let vault = Shared::new(vault);
        let (shelf, greeting) = (shelf_over(&vault, clock), greeting_over(&vault, clock));
        Self { path: path.to_owned(), unsent: None, hub: Hub::new(), vault, locked: None, shelf, greeting }
    }

    /// The device whose file lies there, unlocked.
    pub(crate) fn open(path: &Path, dice: &mut Dice, clock: &Clock) -> Self {
        Self::holding(unlocked(store_in(path), dice, clock()), path, clock)
    }

    /// Works on its practice, which must be open.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Vault) -> T) -> T {
        self.vault.with(work).expect("the practice is open")
    }

    /// Whether its practice is open.
    pub(crate) fn is_open(&self) -> bool {
        !self.vault.is_locked()
    }

    /// Locks its practice and keeps the file.
    pub(crate) fn lock(&mut self) {
        let vault = self.vault.take().expect("the practice is open");
        self.locked = Some(vault.lock().expect("what was typed is saved"));
        self.unsent = None;
    }

    /// Unlocks its practice.
    pub(crate) fn unlock(&mut self, now: Millis) {
        let locked = self.locked.take().expect("the practice is locked");
        self.vault.put(locked.unlock(&passphrase(), now).expect("the passphrase opens it"));
    }

    /// Lets its conversations take something in or say something.
    pub(crate) fn act<T>(&mut self, act: impl FnOnce(&mut Hub, &mut HubContext<'_>) -> T) -> T {
        let mut context = HubContext { shelf: &mut *self.shelf, greeting: &mut *self.greeting };
        act(&mut self.hub, &mut context)
    }

    /// Its conversations, to look at.
    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Notes that something was typed.
    pub(crate) fn note_typed(&mut self, at: Instant) {
        self.unsent = Some(Unsent::since(self.unsent.map_or(at, |unsent| unsent.since), at));
    }
}

/// The practice in a store, unlocked.
pub(crate) fn unlocked(store: RedbStore, dice: &mut Dice, now: Millis) -> Vault {
    let locked = LockedVault::open(Box::new(store), None, Policy::Tests, Box::new(dice.other()));
    locked.expect("the file is a practice").unlock(&passphrase(), now).expect("the passphrase opens it")
}

/// The simulated time as the rule of what leaves knows it.
pub(crate) fn instant(began: Instant, now: Millis) -> Instant {
    began + Duration::from_millis(now)
}
