//! Devices that hold one practice, and what carries envelopes between them: a wire that loses, doubles and mixes up.
//!
//! Each device is a real vault over a disk in memory, with the cheap passphrase of tests. Nothing waits and nothing is
//! random but by the seed: a schedule that failed once fails again.

use subrosa_core::entropy::Entropy;
use subrosa_core::id::{ClientId, Hash, LogId, NoteId};
use subrosa_core::kdf::{Policy, Strength};
use subrosa_core::pairing::{Endpoints, Invitation, Joiner};
use subrosa_core::secret::{Key, PairingRole, Passphrase, RecoveryRole};
use subrosa_core::store::{RedbStore, Salvaged, Store, copy_readable};
use subrosa_core::vault::{JoiningDevice, LockedVault, Millis, NewVault, Taken, UnlockError, Vault};
use tempfile::TempDir;

use crate::dice::Dice;
use crate::medium::Medium;
use crate::practice::{MORNING, PASSPHRASE, paper_trail, person, written};

/// The passphrase of every device here.
pub fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.to_owned())
}

/// How a vault of a test is made.
pub fn cheap<'a>(name: &'a str, passphrase: &'a Passphrase, now: Millis) -> NewVault<'a> {
    NewVault {
        path: None,
        passphrase,
        strength: Strength::CHEAP_FOR_TESTS,
        policy: Policy::Tests,
        device_name: name,
        now,
    }
}

/// A vault over what a disk holds, not yet unlocked.
pub fn locked(medium: &Medium, entropy: Dice) -> Result<LockedVault, UnlockError> {
    let store = RedbStore::over(medium.clone())?;
    LockedVault::open(Box::new(store), None, Policy::Tests, Box::new(entropy))
}

/// Lets a further device into a practice, which it is to keep in this store. What passed between the two is returned beside it.
pub fn admit(by: &mut Vault, name: &str, store: Box<dyn Store>, dice: &mut Dice, now: Millis) -> (Vault, Vec<Vec<u8>>) {
    let passphrase = passphrase();
    let new = cheap(name, &passphrase, now);
    let joining = JoiningDevice::new(&new, dice);
    let mut words = [0; 32];
    dice.fill(&mut words);
    let psk = Key::<PairingRole>::take(&mut words);
    let ends = Endpoints { joiner: [1; 32], inviter: [2; 32] };
    let mut invitation = Invitation::new(psk.duplicate(), now);
    let (joiner, request) = Joiner::start(psk, ends, dice);
    let (inviter, answer) = invitation.answer(ends, &request, now, dice).unwrap();
    let (waiting, proof) = joiner.prove(&answer, &joining.introduction(), dice).unwrap();
    let asking = invitation.introduced(inviter, &proof, now).unwrap();
    by.reauthenticate(&passphrase, now).unwrap();
    let admitted = by.devices_mut().admit(asking.introduction(), usize::MAX, now).unwrap();
    let welcome = asking.welcome(&admitted, dice);
    let opened = waiting.welcome(&welcome).unwrap();
    let vault = joining.join(&opened, store, &new, Box::new(dice.other())).unwrap();
    (vault, vec![request, answer, proof, welcome])
}

/// One device: a vault, and the disk under it.
pub struct Device {
    /// What the others call it.
    pub name: String,
    vault: Option<Vault>,
    medium: Medium,
    dice: Dice,
}

impl Device {
    /// The device that a practice begins on, and the seed of its recovery kit.
    pub fn create(name: &str, mut dice: Dice, now: Millis) -> (Self, Key<RecoveryRole>) {
        let medium = Medium::default();
        let store = RedbStore::over(medium.clone()).unwrap();
        let passphrase = passphrase();
        let created = Vault::create(Box::new(store), &cheap(name, &passphrase, now), Box::new(dice.other())).unwrap();
        (Self { name: name.to_owned(), vault: Some(created.vault), medium, dice }, created.kit)
    }

    /// A further device, which pairs with this one. What passed between the two is returned beside it.
    pub fn admit(&mut self, name: &str, mut dice: Dice, now: Millis) -> (Self, Vec<Vec<u8>>) {
        let medium = Medium::default();
        let store = Box::new(RedbStore::over(medium.clone()).unwrap());
        let (vault, said) = admit(self.vault(), name, store, &mut dice, now);
        (Self { name: name.to_owned(), vault: Some(vault), medium, dice }, said)
    }

    /// A vault that was opened elsewhere, a file for instance, as a device of the world.
    pub fn of(name: &str, vault: Vault, dice: Dice) -> Self {
        Self { name: name.to_owned(), vault: Some(vault), medium: Medium::default(), dice }
    }

    /// The unlocked practice alone.
    pub fn into_vault(self) -> Vault {
        self.vault.unwrap()
    }

    /// The unlocked practice.
    pub fn vault(&mut self) -> &mut Vault {
        self.vault.as_mut().unwrap()
    }

    /// The unlocked practice, to look at.
    pub fn read(&self) -> &Vault {
        self.vault.as_ref().unwrap()
    }

    /// What is on its disk.
    pub fn medium(&self) -> &Medium {
        &self.medium
    }

    /// Locks, and unlocks again.
    pub fn lock_and_unlock(&mut self, now: Millis) {
        let locked = self.vault.take().unwrap().lock().unwrap();
        self.vault = Some(locked.unlock(&passphrase(), now).unwrap());
    }

    /// The process dies with whatever it had in memory, and is started again on what its disk held.
    pub fn crash(&mut self, now: Millis) {
        let image = self.medium.image();
        drop(self.vault.take());
        self.start_on(image, now);
    }

    /// As [`Self::crash`]; `false` when what its disk holds does not open any more, and the device is gone.
    pub fn try_crash(&mut self, now: Millis) -> bool {
        drop(self.vault.take());
        self.medium = Medium::holding(self.medium.image());
        let opened = locked(&self.medium, self.dice.other());
        self.vault = opened.ok().and_then(|locked| locked.unlock(&passphrase(), now).ok());
        self.vault.is_some()
    }

    /// Goes on with what can be read of its disk, on a new one.
    pub fn renew(&mut self) {
        let medium = Medium::default();
        let store = RedbStore::over(medium.clone()).unwrap();
        self.vault().integrity_mut().renew(Box::new(store), &|| Ok(())).unwrap();
        self.medium = medium;
    }

    /// Goes on with the rows that can still be found on a disk that does not open any more, on a new one; `false` when that
    /// does not open either, and the device is gone.
    pub fn salvage(&mut self, damaged: &Medium, now: Millis) -> bool {
        drop(self.vault.take());
        let Ok(salvaged) = Salvaged::over(damaged.clone()) else { return false };
        let medium = Medium::default();
        let mut store = RedbStore::over(medium.clone()).unwrap();
        copy_readable(&salvaged, &mut store).unwrap();
        let opened = LockedVault::open(Box::new(store), None, Policy::Tests, Box::new(self.dice.other()));
        self.vault = opened.ok().and_then(|locked| locked.unlock(&passphrase(), now).ok());
        self.medium = medium;
        self.vault.is_some()
    }

    /// Starts on another content of its disk: an older copy put back.
    pub fn start_on(&mut self, image: Vec<u8>, now: Millis) {
        drop(self.vault.take());
        self.medium = Medium::holding(image);
        let locked = locked(&self.medium, self.dice.other()).unwrap();
        self.vault = Some(locked.unlock(&passphrase(), now).unwrap());
    }
}

/// What a wire does to what it carries, each in percent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wire {
    /// Headers cut short, and bodies that do not arrive.
    pub loses: usize,
    /// Bodies that arrive twice.
    pub doubles: usize,
    /// Whether bodies arrive in another order than they were written in.
    pub mixes: bool,
}

/// Some devices, a clock, and what the wires carried.
pub struct World {
    /// Milliseconds since 1970.
    pub now: Millis,
    /// What decides.
    pub dice: Dice,
    /// The devices.
    pub devices: Vec<Device>,
    /// The seed of the recovery kit.
    pub kit: Key<RecoveryRole>,
    /// Everything that a wire carried, when it is being listened to.
    pub heard: Option<Vec<Vec<u8>>>,
}

impl World {
    /// A practice on so many devices.
    pub fn of(devices: usize, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let (first, kit) = Device::create("Device 1", dice.other(), MORNING);
        let mut world = Self { now: MORNING, dice, devices: vec![first], kit, heard: None };
        for _ in 1..devices {
            world.admit(0);
        }
        world
    }

    /// So many devices in step, of which the first has begun a note of one client, Ida, that the others have not heard of.
    pub fn with_note(devices: usize, seed: u64, text: &str) -> (Self, ClientId, NoteId) {
        let mut world = Self::of(devices, seed);
        world.settle();
        let now = world.now;
        let vault = world.devices[0].vault();
        let client = vault.clients_mut().add_client(&person("Ida"), now).unwrap();
        let note = vault.notes_mut().add_note(&client, &written(text), false, now).unwrap();
        (world, client, note)
    }

    /// Two devices in step, the first of which has imported this [`paper_trail`], and the folder that it lies in.
    pub fn imported(clients: usize, notes: usize, seed: u64) -> (Self, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        paper_trail(folder.path(), clients, notes);
        let mut world = Self::of(2, seed);
        let now = world.now;
        world.devices[0].vault().exchange_mut().import(folder.path(), false, now, &mut |_| {}, &|| false).unwrap();
        world.settle();
        (world, folder)
    }

    /// A further device, admitted by that one.
    pub fn admit(&mut self, by: usize) {
        let name = format!("Device {}", self.devices.len() + 1);
        let dice = self.dice.other();
        let now = self.tick();
        let (device, said) = self.devices[by].admit(&name, dice, now);
        self.hear(said);
        self.devices.push(device);
    }

    /// A second passes.
    pub fn tick(&mut self) -> Millis {
        self.now += 1_000;
        self.now
    }

    /// Carries what one device has and another lacks, as far as the wire lets it through. `true` when something arrived.
    pub fn carry(&mut self, from: usize, to: usize, wire: Wire) -> bool {
        let (dice, mut said, mut arrived) = (&mut self.dice, Vec::new(), false);
        let [from, to] = self.devices.get_disjoint_mut([from, to]).unwrap();
        let (from, to) = (from.vault(), to.vault());
        let mut ends = from.log().log_ends().unwrap();
        dice.shuffle(&mut ends);
        for end in ends {
            let most = if dice.happens(wire.loses) { 1 + dice.roll(2_000) } else { usize::MAX };
            let run = from.log().headers(&end.log, 0, &end.head, most).unwrap();
            arrived |= to.log_mut().offer_headers(&end.log, &run).unwrap() == Taken::Stored;
            said.extend(run);
            let mut bodies = lacking(from, to, &end.log, &end.head);
            bodies.retain(|_| !dice.happens(wire.loses));
            let again: Vec<_> = bodies.iter().filter(|_| dice.happens(wire.doubles)).cloned().collect();
            bodies.extend(again);
            if wire.mixes {
                dice.shuffle(&mut bodies);
            }
            while !bodies.is_empty() {
                let some: Vec<_> = bodies.drain(..(1 + dice.roll(4)).min(bodies.len())).collect();
                arrived |= to.log_mut().offer_bodies(&some, self.now).unwrap().contains(&Taken::Stored);
                said.extend(some.into_iter().map(|(_, body)| body));
            }
        }
        self.hear(said);
        arrived
    }

    /// Sends everything that waits, and carries until no device lacks anything; panics when that does not come about.
    pub fn settle(&mut self) {
        for _ in 0..20 {
            for device in &mut self.devices {
                device.vault().notes_mut().flush().unwrap();
            }
            let mut moved = false;
            for from in 0..self.devices.len() {
                for to in (0..self.devices.len()).filter(|to| *to != from) {
                    moved |= self.carry(from, to, Wire::default());
                }
            }
            if !moved {
                let frontier = |device: &Device| device.read().log().frontier().unwrap();
                assert!(
                    self.devices.windows(2).all(|two| frontier(&two[0]) == frontier(&two[1])),
                    "they hold the same"
                );
                return;
            }
        }
        panic!("the devices do not come to rest");
    }

    /// Random bytes for whatever a test makes itself.
    pub fn entropy(&mut self) -> Box<dyn Entropy> {
        Box::new(self.dice.other())
    }

    fn hear(&mut self, said: Vec<Vec<u8>>) {
        if let Some(heard) = &mut self.heard {
            heard.extend(said);
        }
    }
}

/// Bodies of a branch whose headers have arrived and which have not.
fn lacking(from: &Vault, to: &Vault, log: &LogId, head: &Hash) -> Vec<(Hash, Vec<u8>)> {
    let names = from.log().branch_names(log, 0, head).unwrap();
    let lacks = names.into_iter().filter(|name| to.log().envelope_body(name).unwrap().is_none());
    lacks.filter_map(|name| Some((name, from.log().envelope_body(&name).unwrap()?))).collect()
}
