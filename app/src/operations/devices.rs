//! The devices of the practice: how far each is, one that is removed, and this one joining another's practice.

pub(crate) mod certificate;
pub(crate) mod joining;

use std::path::PathBuf;

use subrosa_core::id::DeviceId;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{RedbStore, Store};
use subrosa_core::vault::{self, DeviceError, Gone, Lacks, Millis, UnlockError, Vault, VaultError};

use crate::bridge::{self, CodeLine, JoinError, Joined, Network, NewDevice, TellWords};
use crate::features::devices::values::{DeviceRow, LackCount, MetThrough, Unused};
use crate::operations::for_this_alone;
use crate::practice::{self, Making, Profile};
use crate::values::moment::wall;

/// All devices of the practice, this one first, as window and command line show them.
///
/// # Errors
/// [`VaultError`]: the practice cannot be read.
pub(crate) fn all(vault: &Vault, now: Millis) -> Result<Vec<DeviceRow>, VaultError> {
    Ok(vault.devices().all()?.into_iter().map(|row| shown(vault, row, now)).collect())
}

/// One of them.
pub(crate) fn shown(vault: &Vault, row: vault::DeviceRow, now: Millis) -> DeviceRow {
    DeviceRow {
        id: row.id,
        this: row.here,
        added_by: row.added_by.and_then(|id| vault.devices().device_name(&id)),
        added: Some(wall(row.added).date()),
        last_seen: row.last_seen.map(wall),
        through: row.through.map(through),
        had_all: row.had_all.map(wall),
        lacks: counted(&row.lacks),
        unused: row.unused(now).map(|why| match why {
            vault::Unused::NeverJoined => Unused::NeverJoined,
            vault::Unused::NotSeen => Unused::NotSeen,
        }),
        elder: !row.here && vault.devices().is_elder(&row.id),
        made_kit: vault.devices().made_kit(&row.id),
        name: row.name,
    }
}

fn through(through: vault::MetThrough) -> MetThrough {
    match through {
        vault::MetThrough::SameNetwork => MetThrough::SameNetwork,
        vault::MetThrough::Address => MetThrough::Address,
        vault::MetThrough::Relay => MetThrough::Relay,
        vault::MetThrough::Folder => MetThrough::Folder,
    }
}

fn counted(lacks: &Lacks) -> LackCount {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    LackCount {
        notes: count(lacks.notes.len()),
        clients: count(lacks.clients.len()),
        files: count(lacks.file_count()),
        changes: lacks.changes,
        is_least: lacks.is_more,
    }
}

/// Whether this device and another one hold the same, every file whole, and the other has said so.
pub(crate) fn are_in_step(vault: &Vault, device: &DeviceId) -> bool {
    let rows = vault.devices().all().unwrap_or_default();
    let mut both = rows.iter().filter(|row| row.here || row.id == *device);
    both.clone().count() == 2 && both.all(vault::DeviceRow::has_all)
}

/// Removes a device for good and says what it was called.
///
/// # Errors
/// [`VaultError`]; nothing was removed.
pub(crate) fn remove(
    vault: &mut Vault,
    (device, gone): (&DeviceId, Gone),
    passphrase: &Passphrase,
) -> Result<String, VaultError> {
    let name = vault.devices().device_name(device).ok_or(DeviceError::NoSuchDevice)?;
    for_this_alone(vault, |vault| vault.devices_mut().remove_as(gone, device, passphrase, practice::now()))?;
    Ok(name)
}

/// Joins the practice of the device that shows this code, and gives the file its name when it is one of that practice. Waits
/// for the other device's person; `compare` is told what both screens show meanwhile.
///
/// # Errors
/// [`JoinError`]; no file of the name is there.
pub(crate) fn join(
    making: Making,
    (file, line): (PathBuf, &CodeLine),
    (passphrase, name, profile): (Passphrase, String, Profile),
    (network, compare): (&Network, TellWords),
) -> Result<Joined, JoinError> {
    let part = making.part().to_owned();
    let device = NewDevice {
        path: Some(file),
        make_store: Box::new(move || Ok(Box::new(RedbStore::create(&part)?) as Box<dyn Store>)),
        passphrase,
        strength: profile.strength(),
        name,
        compare,
    };
    let mut joined = bridge::join(line, device, network)?;
    practice::keep_anchor(&mut joined.vault, profile)?;
    making.finish().map_err(UnlockError::from)?;
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use subrosa_core::entropy::Os;
    use subrosa_core::record::Identity;
    use subrosa_core::vault::JoiningDevice;

    use super::*;
    use crate::bridge::full_disk::{self, Disk};

    #[test]
    fn two_devices_are_in_step_once_the_other_has_said_that_it_has_everything_and_until_something_is_written() {
        let (folder, passphrase) = (tempfile::tempdir().unwrap(), Passphrase::new(full_disk::PASSPHRASE.to_owned()));
        let mut vault = full_disk::practice(folder.path(), &Disk::default());
        let new = full_disk::new("Laptop", &passphrase);
        let joining = JoiningDevice::new(&new, &mut Os);
        vault.reauthenticate(&passphrase, new.now).unwrap();
        vault.devices_mut().admit(&joining.introduction(), usize::MAX, new.now).unwrap();
        let other = vault.devices().others()[0];
        let own = vault.device();
        assert!(!are_in_step(&vault, &other) && !are_in_step(&vault, &own));
        let held = vault.log().log_ends().unwrap().into_iter().map(|end| (end.log, vec![(0, end.next_seq)])).collect();
        vault.log_mut().acknowledged_all(&other, &held, new.now).unwrap();
        assert!(are_in_step(&vault, &other));
        assert_eq!(all(&vault, new.now).unwrap().iter().map(DeviceRow::has_all).collect::<Vec<_>>(), [true, true]);
        vault.clients_mut().add_client(&Identity { name: "Aino".to_owned(), ..Identity::default() }, new.now).unwrap();
        assert!(!are_in_step(&vault, &other));
        let lacks = all(&vault, new.now).unwrap()[1].lacks;
        assert_eq!((lacks.notes, lacks.clients, lacks.is_nothing_written()), (0, 1, false));
    }
}
