//! What this practice remembers of its backups: the last proven one, what the therapist chose, what may be rotated.

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::backup::{
    BackupAttempt, BackupError, BackupRecord, BackupSettings, Kept, NextBackup, Target, expendable, fingerprint,
    next_backup,
};
use crate::import::Progress;
use crate::rows::RowError;
use crate::store::place;
use crate::vault::Millis;
use crate::vault::backup::{Proven, Step};
use crate::vault::core::{Core, Transaction};
use crate::vault::registry::SettingAt;
use crate::vault::subject::{Backups, BackupsMut, Devices};

/// Names of the settings, sealed like everything else. They stay on this device.
const LAST: &str = "backup last";
const CHOSEN: &str = "backup settings";
const TRIED: &str = "backup tried";
const WRITTEN: &str = "backups written";

impl Backups<'_> {
    /// The last backup that was proven.
    ///
    /// # Errors
    /// [`RowError`].
    pub fn last_backup(&self) -> Result<Option<BackupRecord>, RowError> {
        json(self.core, LAST)
    }

    /// What the therapist chose.
    ///
    /// # Errors
    /// [`RowError`].
    pub fn backup_settings(&self) -> Result<BackupSettings, RowError> {
        Ok(json(self.core, CHOSEN)?.unwrap_or_default())
    }

    /// The last attempt, when no backup came of it.
    ///
    /// # Errors
    /// [`RowError`].
    pub fn last_backup_failure(&self) -> Result<Option<BackupAttempt>, RowError> {
        Ok(json::<Option<BackupAttempt>>(self.core, TRIED)?.flatten())
    }

    /// Whether the recovery kit in force opens this backup.
    ///
    /// # Errors
    /// [`RowError`].
    pub fn kit_opens(&self, record: &BackupRecord) -> Result<bool, RowError> {
        let kit = Devices { core: self.core }.kit_in_force()?;
        Ok(record.kit.map_or(kit.first, |number| number == kit.number))
    }

    /// When the next backup is due by the schedule: at once, when the kit in force opens none yet.
    ///
    /// # Errors
    /// [`RowError`].
    pub fn next_backup(&self, now: Millis) -> Result<NextBackup, RowError> {
        let mut last = None;
        if let Some(record) = self.last_backup()? {
            last = self.kit_opens(&record)?.then_some(record.made);
        }
        let failed = self.last_backup_failure()?.map(|tried| tried.at);
        Ok(next_backup(now, last, failed, &self.backup_settings()?))
    }
}

impl BackupsMut<'_> {
    /// Writes a backup, proves it and gives it its name: all of it at once, for whoever has nothing else to do meanwhile.
    ///
    /// # Errors
    /// [`BackupError`]; nothing of it is then left.
    pub fn back_up(
        &mut self,
        target: &Target,
        readable: bool,
        now: Millis,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<BackupRecord, BackupError> {
        let mut writing = self.begin_backup(target, readable, now)?;
        while let Step::More(done) = writing.go_on(self.core)? {
            progress(done);
            if cancel() {
                return Err(BackupError::Stopped);
            }
        }
        let proven = writing.finish(self.core)?.run(progress, cancel)?;
        self.keep_backup(proven)
    }

    /// Gives a proven backup its name, remembers it as the last tested one, and lets older ones of its folder go.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn keep_backup(&mut self, proven: Proven) -> Result<BackupRecord, BackupError> {
        let Proven { target, origin, temporary, counts, private, bytes, kit } = proven;
        let file = target.file(&origin);
        temporary.name(&file)?;
        let made = Millis::try_from(origin.made.as_millisecond()).unwrap_or_default();
        let in_folder = matches!(target, Target::Folder(_));
        let same_disk = self.core.path.as_deref().is_some_and(|vault| place::on_same_disk(vault, &file));
        let record = BackupRecord { made, in_folder, same_disk, bytes, counts, private, kit: Some(kit) };
        let noted = self.note_backup(&record).map_err(BackupError::from);
        let noted = noted.and_then(|()| if in_folder { self.rotate(target.folder(), &file, made) } else { Ok(()) });
        match noted {
            // It is made, and needs no room on the practice's disk: that is remembered next time.
            Err(BackupError::Row(error)) if error.is_for_want_of_room() => {}
            noted => noted?,
        }
        Ok(record)
    }

    fn note_backup(&mut self, record: &BackupRecord) -> Result<(), RowError> {
        let mut tx = Transaction::default();
        put_json(&mut tx, LAST, record)?;
        put_json::<Option<BackupAttempt>>(&mut tx, TRIED, &None)?;
        self.core.write(tx)
    }

    /// Keeps what the therapist chose.
    ///
    /// # Errors
    /// [`RowError`].
    pub fn keep_backup_settings(&mut self, settings: &BackupSettings) -> Result<(), RowError> {
        let mut tx = Transaction::quiet();
        put_json(&mut tx, CHOSEN, settings)?;
        // Another folder is tried at once.
        put_json::<Option<BackupAttempt>>(&mut tx, TRIED, &None)?;
        self.core.write(tx)
    }

    /// Remembers that a backup could not be made, to be said until one is.
    ///
    /// # Errors
    /// [`RowError`].
    pub fn backup_failed(&mut self, error: &BackupError, now: Millis) -> Result<(), RowError> {
        let mut tx = Transaction::quiet();
        put_json(&mut tx, TRIED, &Some(BackupAttempt { at: now, words: error.to_string() }))?;
        self.core.write(tx)
    }

    /// Deletes what rotation lets go: files that this device wrote into this folder and that are still as it wrote them.
    fn rotate(&mut self, folder: &Path, file: &Path, made: Millis) -> Result<(), BackupError> {
        let mut kept: Vec<Kept> = json(self.core, WRITTEN)?.unwrap_or_default();
        let (bytes, start) = fingerprint(file)?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let here = folder.canonicalize()?.to_string_lossy().into_owned();
        kept.push(Kept { folder: here.clone(), name, made, bytes, start });
        let times: Vec<Millis> = kept.iter().filter(|kept| kept.folder == here).map(|kept| kept.made).collect();
        let going = expendable(&times);
        kept.retain(|kept| {
            if kept.folder != here || !going.contains(&kept.made) || kept.made == made {
                return true;
            }
            let file = folder.join(&kept.name);
            match fingerprint(&file) {
                Ok(found) if found == (kept.bytes, kept.start) => fs::remove_file(&file).is_err(),
                // Somebody's own file by now, or gone: no longer ours to look after.
                Ok(_) => false,
                Err(error) => error.kind() != std::io::ErrorKind::NotFound,
            }
        });
        let mut tx = Transaction::default();
        put_json(&mut tx, WRITTEN, &kept)?;
        Ok(self.core.write(tx)?)
    }
}

fn json<T: DeserializeOwned>(core: &Core, name: &str) -> Result<Option<T>, RowError> {
    // A row of a later version, or a damaged one, is as good as none: it is written anew.
    Ok(core.read().setting(name)?.and_then(|row| serde_json::from_slice(&row).ok()))
}

fn put_json<T: Serialize>(tx: &mut Transaction, name: &str, value: &T) -> Result<(), RowError> {
    tx.put(&SettingAt(name), &serde_json::to_vec(value)?);
    Ok(())
}
