//! How it stands with backups.

use std::path::Path;

use subrosa_core::backup::NextBackup;
use subrosa_core::store::place;
use subrosa_core::vault::{Vault, VaultError};

use crate::features::backup::job::run::BackupRun;
use crate::features::backup::values::{BackupStatus, TestedBackup};
use crate::jobs::bench::{BackupWork, Bench};
use crate::jobs::failure::JobFailure;
use crate::jobs::rows;
use crate::{practice, words};

pub(crate) fn how_it_stands(bench: &Bench) -> Result<BackupStatus, JobFailure> {
    bench.with(|vault| backup_status(vault, &bench.setting.file))
}

/// What to say of a backup that locking has stopped. It is begun again.
pub(crate) fn take_up_backup(bench: &mut Bench) -> Option<&'static str> {
    let Bench { vault, backup: BackupWork { run, .. }, .. } = bench;
    let taken_up = vault.with(|vault| BackupRun::take_up(run, vault)).unwrap_or_default();
    taken_up.then_some(words::BACKUP_STOPPED)
}

/// How it stands with the backups of this practice.
pub(crate) fn backup_status(vault: &Vault, file: &Path) -> Result<BackupStatus, VaultError> {
    let (settings, now) = (vault.backups().backup_settings()?, practice::now());
    let next = match vault.backups().next_backup(now)? {
        NextBackup::Off => None,
        NextBackup::Due => Some(now),
        NextBackup::At(at) => Some(at),
    };
    let last = vault.backups().last_backup()?.map(|record| TestedBackup {
        older_kit: !vault.backups().kit_opens(&record).unwrap_or(true),
        at: rows::wall(record.made),
        same_disk: record.same_disk,
        bytes: record.bytes,
        clients: record.counts.clients,
        notes: record.counts.notes,
        unreadable: record.counts.unreadable,
        unsent: record.counts.unsent,
        private: record.private,
    });
    Ok(BackupStatus {
        same_disk: settings.folder.as_deref().is_some_and(|folder| place::on_same_disk(folder, file)),
        folder: settings.folder,
        every: settings.every,
        readable: settings.readable,
        last,
        failed: vault.backups().last_backup_failure()?.map(|tried| (rows::wall(tried.at), tried.words)),
        next: next.map(rows::wall),
    })
}
