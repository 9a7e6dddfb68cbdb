//! A backup's new device: admitted by the kit's authority and the device that made the backup, in that one's name.

use std::collections::BTreeMap;

use crate::backup::BackupError;
use crate::entropy::Entropy;
use crate::id::{EpochId, LogId};
use crate::kem::WrapPublic;
use crate::log::{self, Class, Item, Position, SignedHeader};
use crate::roster::{self, Entry, Gone, Offered, SignedBy};
use crate::rows::RowError;
use crate::sign::Signer;
use crate::store::Store;
use crate::vault::NewVault;
use crate::vault::backup::BackupFile;
use crate::vault::backup::contents::Contents;
use crate::vault::core::{Core, KeyBox, ReauthBox, new_log};
use crate::vault::founding::{Beginning, DeviceKeys, FoundingError, found};
use crate::vault::read::Taken;
use crate::vault::subject::{DevicesMut, LogMut};

/// A new device of the practice, admitted with the kit's authority in the name of the device that made the backup.
pub(super) fn admit_anew(
    backup: &BackupFile,
    contents: &Contents,
    store: Box<dyn Store>,
    new: &NewVault<'_>,
    mut entropy: Box<dyn Entropy>,
) -> Result<Core, BackupError> {
    let old = KeyBox::open(&contents.device, &backup.secrets.local).map_err(|_| BackupError::Damaged)?;
    let old = Signer::new(&old.signing);
    if old.public_key().device_id() != backup.origin.device {
        return Err(BackupError::Damaged);
    }
    if contents.roster.removal_of(&backup.origin.device).is_some() {
        return Err(BackupError::OfRemovedDevice);
    }
    let mut roster = contents.roster.clone();
    // What the others can open, whatever follows.
    let opened = roster.epochs().into_iter().rev().find(|epoch| contents.secrets.epochs.contains_key(epoch));
    let known = opened.ok_or(BackupError::Damaged)?;
    let mut epochs: BTreeMap<_, _> =
        contents.secrets.epochs.iter().map(|(epoch, secret)| (*epoch, secret.duplicate())).collect();
    let mut authority = backup.secrets.authority.duplicate();
    let mut entries = Vec::new();
    if !roster.is_renewed() {
        // Two devices had been removed at the same time: as the old device would have done when it was opened next.
        let by = SignedBy { device: &old, authority: &Signer::new(&authority) };
        let gone = roster.to_renew().to_vec();
        let renewed = roster.remove((Gone::Lost, gone), &epochs, &by, new.now, &mut *entropy);
        if roster.offer(&renewed.entry) != Offered::Added {
            return Err(BackupError::Damaged);
        }
        epochs.insert(roster.epoch(), renewed.epoch);
        authority = renewed.authority;
        entries.push(renewed.entry);
    }
    let keys = DeviceKeys::fresh(&mut *entropy);
    let card = keys.card(new.device_name);
    let signing = card.signing;
    let handed = roster.hand_over(&card, &epochs, &contents.secrets.practice, &mut *entropy);
    let handed = handed.map_err(|_| BackupError::Damaged)?;
    let by = SignedBy { device: &old, authority: &Signer::new(&authority) };
    let entry = Entry::admission(new.now, roster.heads(), card, handed, &by);
    match roster.offer(&entry) {
        Offered::Added => entries.push(entry),
        Offered::Refused(roster::Refusal::TooManyDevices) => return Err(BackupError::TooManyDevices),
        _ => return Err(BackupError::Damaged),
    }
    let reauth = ReauthBox { authority, generation: keys.process_generation, process: keys.process };
    let practice = contents.secrets.practice.duplicate();
    let beginning = Beginning { boxes: keys.boxes, reauth, roster, epochs, practice };
    let mut core = found(store, new, beginning, &WrapPublic::of(&backup.kit), entropy)?;
    // The authority that the others know, who have not heard of this device's own entries yet.
    DevicesMut { core: &mut core }.keep_voucher(&Signer::new(&backup.secrets.authority), &signing)?;
    let log = new_log(backup.origin.device, &|log| backup.logs.contains(log), &mut *core.entropy());
    announce_for(&mut core, &old, (log, known), entries)?;
    Ok(core)
}

/// Writes an admission, and what had to come before it, into a new log of the device in whose name it was made: others take it
/// from there, since they know that device, and this epoch.
fn announce_for(
    core: &mut Core,
    signer: &Signer,
    (log, epoch): (LogId, EpochId),
    entries: Vec<Vec<u8>>,
) -> Result<(), BackupError> {
    let secret = core.read().epoch(&epoch).ok_or(RowError::KeyNotHere)?;
    let place = log::Place { class: Class::Everyday, log, after: Position::START, epoch };
    let items: Vec<Item> = entries.into_iter().map(Item::roster).collect();
    let outer = log::outer_key(secret, epoch);
    let (header, body) =
        log::seal_body(&outer, &place, &items, &mut *core.entropy()).map_err(|_| RowError::TooLarge)?;
    let taken = LogMut { core: &mut *core }.offer_headers(&log, &[SignedHeader::sign(header, signer).to_bytes()])?;
    if taken != Taken::Stored {
        return Err(RowError::LogsFull.into());
    }
    LogMut { core }.take_bodies(&[(header.hash(), body)], None)?;
    Ok(())
}

impl From<FoundingError> for BackupError {
    fn from(error: FoundingError) -> Self {
        match error {
            FoundingError::Row(error) => Self::Row(error),
            FoundingError::Strength(error) => Self::Strength(error),
        }
    }
}
