//! All keys made new: the device becomes another one, in a new file that nothing of the old file opens.
//!
//! A new passphrase wraps the keys that there are; whoever has an old copy of the file and its old passphrase has them too, and
//! opens every later version. So here every row is copied into an empty store under a new row key. There the device lets in
//! another one, whose keys are all new and which goes by the same name, and becomes that one; the new device removes the old
//! one, which opens a new epoch under a new authority. Then the new store takes the old one's place.
//!
//! Nothing leaves, and nothing is written to the old file, before that: whenever it ends in between, the old file is as it was.
//! What stays what it was is the practice key, under which colleagues lie, and whatever was sealed before: bodies and pieces lie
//! as they travelled.

use crate::entropy::Entropy;
use crate::id::DeviceId;
use crate::import::Progress;
use crate::kdf::Strength;
use crate::kem::WrapPublic;
use crate::keyring::CompartmentEntry;
use crate::roster::MAX_DEVICES;
use crate::rows::{RowError, Rows};
use crate::secret::{Key, Passphrase, ReauthRole, RowRole};
use crate::sign::Signer;
use crate::state::State;
use crate::store::{Store, StoreError, Table};
use crate::vault::commit::{Outbox, adopt_private_keys, commit, flush, private_keys, publish_owed_private_keys};
use crate::vault::core::{BootRows, Core, KeyBox, OwnLogs, ReauthBox, Slots, Transaction, slot};
use crate::vault::founding::DeviceKeys;
use crate::vault::registry::{OpenPartAt, OwnPartAt, OwnPartsAt, SaidLackingAt};
use crate::vault::session::UnlockError;
use crate::vault::subject::{DeviceError, DevicesMut};
use crate::vault::{FORMAT, Millis, Vault};

/// Who makes all keys new, and when.
pub struct NewKeysBy<'a> {
    /// The passphrase, which stays what it is.
    pub passphrase: &'a Passphrase,
    /// What one guess shall cost.
    pub strength: Strength,
    /// The time.
    pub now: Millis,
}

/// Where the practice goes on under its new keys.
pub struct Fresh<'a> {
    /// An empty store.
    pub store: Box<dyn Store>,
    /// Randomness for the new device.
    pub entropy: Box<dyn Entropy>,
    /// Makes the new store the one that is opened next time, durably; when that fails everything is as it was.
    pub put_in_place: &'a dyn Fn() -> Result<(), StoreError>,
}

/// What the device that goes hands to the one that comes, beside the rows.
struct Legacy {
    recovery: WrapPublic,
    reauth: ReauthBox,
    private: Vec<CompartmentEntry>,
}

impl Vault {
    /// Makes all keys of this device new. `progress` is told how much of the practice is copied.
    ///
    /// # Errors
    /// [`UnlockError`]; the practice is then as it was, and the new store is to be thrown away.
    pub fn make_all_keys_new(
        &mut self,
        by: &NewKeysBy<'_>,
        fresh: Fresh<'_>,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<(), UnlockError> {
        let reauth = self.settle_for_new_keys(by)?;
        let keys = DeviceKeys::fresh(&mut *self.core.entropy());
        let made = self.renewed(by, (fresh.store, fresh.entropy), (keys, reauth), progress, cancel);
        let core = made.map_err(|error| match error.row() {
            Some(RowError::Store(StoreError::Full)) => UnlockError::NoRoomForNewKeys,
            Some(RowError::Damaged) => UnlockError::NotWhole,
            _ => error,
        })?;
        (fresh.put_in_place)()?;
        self.go_on_with(core)
    }

    /// Takes the passphrase, and does what is left to be done by this device while it is itself: what is typed is sent, in its
    /// name, and signatures are made.
    fn settle_for_new_keys(&mut self, by: &NewKeysBy<'_>) -> Result<ReauthBox, UnlockError> {
        self.core.require_vital()?;
        let (key, opened) = self.core.open_reauth_box(by.passphrase)?;
        if self.core.read().is_removed() {
            return Err(DeviceError::RemovedHere.into());
        }
        if self.core.memory.roster.live().len() >= MAX_DEVICES {
            return Err(UnlockError::NoPlaceForNewKeys);
        }
        self.core.begin_reauth(opened, by.now);
        self.devices_mut().follow_removals(&key, by.now)?;
        self.devices_mut().follow_kit()?;
        publish_owed_private_keys(&mut self.core)?;
        self.notes_mut().settle_all_signatures()?;
        flush(&mut self.core)?;
        // What does not leave would lie in the new device's file in the old one's name.
        if !self.core.memory.pending.is_empty() || !self.core.memory.signing.is_empty() {
            return Err(UnlockError::NotWhole);
        }
        Ok(self.core.open_reauth_box(by.passphrase)?.1)
    }

    /// The practice of the new device, in the new store.
    fn renewed(
        &self,
        by: &NewKeysBy<'_>,
        (store, mut entropy): (Box<dyn Store>, Box<dyn Entropy>),
        (keys, reauth): (DeviceKeys, ReauthBox),
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Core, UnlockError> {
        let (rows, of) = (&self.core.rows, self.core.rows.to_reseal()?);
        let mut tell = |done| {
            progress(Progress { done, of });
            if cancel() { Err(UnlockError::Stopped) } else { Ok(()) }
        };
        let (master, state) = (&keys.boxes.rows, &self.core.memory.state);
        let (rows, state) = rows.reseal_into(store, master, state, &mut *entropy, &mut tell)?;
        let mut former = self.core.in_rows(rows, state, master, entropy)?;
        let card = keys.card(&self.core.read().device_name(&self.core.device).unwrap_or_default());
        former.begin_reauth(reauth.duplicate(), by.now);
        DevicesMut { core: &mut former }.admit(&card.to_bytes(), usize::MAX, by.now)?;
        let recovery = former.read().recovery_key()?.clone();
        let private = private_keys(&former, &Transaction::default())?;
        become_new(former, keys, Legacy { recovery, reauth, private }, by)
    }

    /// Goes on in the new store, whose file is in place.
    fn go_on_with(&mut self, core: Core) -> Result<(), UnlockError> {
        let mut before = std::mem::replace(&mut self.core, core);
        let core = &mut self.core;
        core.path = before.path.take();
        core.attaching = std::mem::take(&mut before.attaching);
        before.memory.notices.into_iter().for_each(|notice| core.memory.tell(notice));
        core.write_anchor();
        if let Some(kept) = before.kept_anchor {
            // Where the old file is put back, folder and all, its own name in the keystore says that it is an older copy.
            kept.keep(&core.anchor(), true);
            core.set_keystore(Some(kept.into_keystore()));
            core.check_rollback_anchors()?;
        }
        Ok(())
    }
}

impl Core {
    /// This device as it is, over its rows under another row key.
    fn in_rows(
        &self,
        rows: Rows,
        state: State,
        master: &Key<RowRole>,
        entropy: Box<dyn Entropy>,
    ) -> Result<Self, RowError> {
        let memory = &self.memory;
        let boot = BootRows {
            state,
            roster: memory.roster.clone(),
            epochs: memory.epochs.iter().map(|(epoch, secret)| (*epoch, secret.duplicate())).collect(),
            practice: self.practice.duplicate(),
            logs: memory.logs,
            pending: memory.pending.clone(),
            is_vital_changed: false,
        };
        let boxes = KeyBox { rows: master.duplicate(), ..self.boxes.duplicate() };
        let mut core = Self::assemble(rows, boot, boxes, self.local.duplicate(), (None, self.policy), entropy);
        if core.load()?.any { Err(RowError::Damaged) } else { Ok(core) }
    }
}

/// The rows of a device become those of another one that it let in, which removes it.
fn become_new(former: Core, keys: DeviceKeys, legacy: Legacy, by: &NewKeysBy<'_>) -> Result<Core, UnlockError> {
    let (gone, policy) = (former.device, former.policy);
    let Legacy { recovery, reauth, private } = legacy;
    let DeviceKeys { boxes, process, process_generation: generation } = keys;
    let voucher = Signer::new(&reauth.authority);
    let reauth = ReauthBox { authority: reauth.authority, generation, process };
    let (store, mut entropy, _) = former.close();
    let slots = Slots { recovery: recovery.clone(), policy, strength: by.strength, passphrase: by.passphrase };
    let made = slots.make(&boxes, &reauth, &mut *entropy)?;
    let rows = Rows::new(store, &boxes.rows);
    let signing = Signer::new(&boxes.signing).public_key();
    let boot = BootRows { logs: OwnLogs::fresh(signing.device_id(), &mut *entropy), ..BootRows::read(&rows)? };
    let mut core = Core::assemble(rows, boot, boxes, made.local, (None, policy), entropy);
    if core.load()?.any {
        return Err(RowError::Damaged.into());
    }
    let mut tx = Transaction { batch: made.batch, ..Transaction::default() };
    tx.batch.put(Table::Slots, slot("about"), FORMAT.to_le_bytes());
    core.remember_kit(&mut tx, &recovery)?;
    put_own_rows(&core, &mut tx)?;
    core.write(tx)?;
    core.begin_reauth(reauth, by.now);
    // The authority that the others know, who have not heard of this device yet.
    DevicesMut { core: &mut core }.keep_voucher(&voucher, &signing)?;
    leave_behind(&mut core, &gone, &made.reauth, private, by.now)?;
    Ok(core)
}

/// What a device has of its own begins anew: its logs, the parts that it publishes, what it said that it lacks.
fn put_own_rows(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    core.memory.logs.put(tx);
    for part in core.read().list(&OwnPartsAt())? {
        tx.remove(&OwnPartAt(part));
    }
    tx.put_list(&OwnPartsAt(), &Vec::new());
    tx.remove(&OpenPartAt());
    tx.remove(&SaidLackingAt());
    Ok(())
}

/// Removes the device that this one was, and publishes the keys of private notes for all who stay, this one among them.
fn leave_behind(
    core: &mut Core,
    gone: &DeviceId,
    key: &Key<ReauthRole>,
    private: Vec<CompartmentEntry>,
    now: Millis,
) -> Result<(), UnlockError> {
    DevicesMut { core: &mut *core }.remove_former_self(gone, key, now)?;
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    adopt_private_keys(core, &mut tx, &mut out, private)?;
    Ok(commit(core, tx, out)?)
}
