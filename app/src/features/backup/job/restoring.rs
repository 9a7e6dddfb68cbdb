//! Backups that are opened with the kit: a new practice out of one, and what an existing practice lacks.
//!
//! Reading one from end to end needs no practice and goes on a thread of its own. What was opened lies, sealed, in a file
//! without a name until it is closed or the window locks.

use std::path::{Path, PathBuf};

use subrosa_core::backup::{BackupError, NamedBackup, newest_in};
use subrosa_core::id::ClientId;
use subrosa_core::import;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{BackupFile, Only, RowError, Vault, VaultError};

use crate::features::backup::job::in_hand::BackupInHand;
use crate::features::backup::messages::BackupEvent;
use crate::features::backup::values::{BackupScope, OpenedBackup};
use crate::features::check::job::{self, check_through, keep_check, last_check};
use crate::features::devices::job::syncing::start_syncing;
use crate::features::kit::job::source::read_kit_source;
use crate::features::kit::values::KitSource;
use crate::features::notes::job::read_note;
use crate::features::opening::job::opened::opened;
use crate::features::opening::messages::OpeningEvent;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::jobs::message::Message;
use crate::jobs::rows;
use crate::jobs::thread;
use crate::messages::Event;
use crate::operations::restore::{self, RestoreError, RestoredDevice, Watch};
use crate::values::job::{Job, Progress};
use crate::values::navigation::Field;
use crate::values::note_ref::NoteRef;
use crate::{practice, words};

/// A new practice out of a backup: where there is none, or instead of a file that does not open.
pub(crate) fn restore(
    bench: &mut Bench,
    file: &Path,
    kit: &KitSource,
    passphrase: &Passphrase,
    instead: bool,
) -> JobOutcome {
    if let Some(offered) = offered(Job::Restore, file)? {
        return Ok(Some(offered));
    }
    bench.cancelled.begin(Job::Restore);
    let (answers, cancel) = (bench.answers.clone(), bench.cancelled.stops(Job::Restore));
    let mut tell = |at: import::Progress| answers.send(Event::Progress(Job::Restore, shown_progress(at)));
    let seed = read_kit_source(kit)?;
    let (place, profile) = (bench.setting.file.clone(), bench.setting.profile);
    let failed = |error| restore_failure(error, words::RESTORE_STOPPED);
    let backup = BackupFile::open(file, seed.duplicate(), &cancel).map_err(failed)?;
    let name = practice::device_name();
    let (device, tell) = (RestoredDevice { passphrase, name: &name, profile }, &mut tell);
    let restored = if instead {
        // Whoever tried the passphrase holds the file.
        bench.locked = None;
        restore::restore_instead(&place, (&backup, &seed), device, tell, &cancel)
    } else {
        restore::restore(&place, (&backup, &seed), Only::Everything, device, tell, &cancel)
    };
    let (vault, _) = restored.map_err(|error| match error {
        RestoreError::Backup(error) => failed(error),
        RestoreError::Vault(error) => error.into(),
    })?;
    bench.vault.put(vault);
    let mut opened = opened(bench, false)?;
    if instead {
        let told = opened.warning.into_iter().chain([words::RESTORED_INSTEAD.to_owned()]);
        opened.warning = Some(told.collect::<Vec<_>>().join(" "));
    }
    start_syncing(bench);
    Ok(Some(Event::Opening(OpeningEvent::Unlocked(Box::new(opened)))))
}

pub(crate) fn open_backup(bench: &mut Bench, file: PathBuf, kit: &KitSource) -> JobOutcome {
    close_backup(bench);
    if let Some(offered) = offered(Job::OpenBackup, &file)? {
        return Ok(Some(offered));
    }
    let seed = read_kit_source(kit)?;
    bench.cancelled.begin(Job::OpenBackup);
    let (answers, cancel, nudge) = (bench.answers.clone(), bench.cancelled.stops(Job::OpenBackup), bench.nudge.clone());
    let (ticket, policy) = (bench.backup.looking.ticket, bench.setting.profile.policy());
    let scratch = practice::folder_of(&bench.setting.file);
    let work = move || {
        let mut tell = |at: import::Progress| answers.send(Event::Progress(Job::OpenBackup, shown_progress(at)));
        let opened = BackupFile::open(&file, seed, &cancel).and_then(|file| {
            let inside = file.look(&scratch, policy, &mut tell, &cancel)?;
            Ok(BackupInHand { ticket, file, inside })
        });
        match opened {
            // Only a worker that has ended does not listen.
            Ok(opened) => drop(nudge.send(Message::BackupOpened(Box::new(opened)))),
            Err(error) => answers.send(restore_failure(error, words::LOOKING_STOPPED).event(Job::OpenBackup)),
        }
    };
    thread::spawn("open", Job::OpenBackup, &bench.answers, work)?;
    Ok(None)
}

/// A backup is open. Whoever went elsewhere or locked meanwhile is shown nothing of it.
pub(crate) fn backup_opened(bench: &mut Bench, opened: Box<BackupInHand>) {
    if opened.ticket != bench.backup.looking.ticket || bench.vault.is_locked() {
        return;
    }
    let clients = rows::clients(&opened.inside);
    let notes = opened.file.counts().notes;
    let made = u64::try_from(opened.file.origin().made.as_millisecond()).unwrap_or_default();
    bench.backup.looking.opened = Some(opened);
    let inside = OpenedBackup { made: rows::wall(made), clients, notes, page: None, note: None };
    bench.answers.send(BackupEvent::Opened(Box::new(inside)));
}

/// Forgets the backup that is looked at, and stops looking for one.
pub(crate) fn close_backup(bench: &mut Bench) {
    bench.cancelled.stop(Job::OpenBackup);
    bench.backup.looking.ticket += 1;
    bench.backup.looking.opened = None;
}

/// A client's page in the backup that is open.
pub(crate) fn look_into(bench: &Bench, client: &ClientId) -> JobOutcome {
    inside(bench, |inside| Ok(BackupEvent::LookedInto(Box::new(rows::timeline(inside, client)?))))
}

/// A note in the backup that is open.
pub(crate) fn read_inside(bench: &Bench, note: &NoteRef) -> JobOutcome {
    inside(bench, |inside| Ok(BackupEvent::Note(Box::new(read_note(inside, *note)?))))
}

fn inside(bench: &Bench, work: impl FnOnce(&Vault) -> Result<BackupEvent, VaultError>) -> JobOutcome {
    match &bench.backup.looking.opened {
        Some(opened) => Ok(Some(work(&opened.inside)?.into())),
        None => Ok(None),
    }
}

/// What is asked to come back, as the practice knows it.
fn only(scope: BackupScope) -> Only {
    match scope {
        BackupScope::Everything => Only::Everything,
        BackupScope::Client(client) => Only::Client(client),
        BackupScope::Note(note) => Only::Note(note),
    }
}

pub(crate) fn bring_back(bench: &mut Bench, scope: BackupScope) -> JobOutcome {
    let only = only(scope);
    let Some(opened) = &bench.backup.looking.opened else { return Ok(None) };
    bench.cancelled.begin(Job::BringBack);
    let (answers, cancel) = (bench.answers.clone(), bench.cancelled.stops(Job::BringBack));
    let mut bringing = |at: import::Progress| answers.send(Event::Progress(Job::BringBack, shown_progress(at)));
    let deleted = is_in_trash(bench, only)?;
    let damaged = bench.with(is_damaged)?;
    let backup = (&opened.file, only);
    let done = if damaged {
        let mut repairing = job::tell(bench, Job::BringBack);
        let watch = Watch { repairing: &mut repairing, bringing: &mut bringing, cancel: &cancel };
        bench.with(|vault| restore::repair_from(vault, &bench.setting.file, backup, watch))?.1
    } else {
        bench.vault.with(|vault| restore::bring_back(vault, backup.0, only, &mut bringing, &cancel))?
    };
    // What came until it was stopped, or failed, is there and is shown.
    bench.tell_devices();
    bench.send_clients()?;
    if damaged {
        let found = check_through(bench, &mut |_, _| {})?;
        let checked = found.map_or(Ok(None), |found| keep_check(bench, &found))?;
        checked.into_iter().for_each(|checked| bench.answers.send(checked));
    }
    let restored = done.map_err(|error| restore_failure(error, words::BRINGING_STOPPED))?;
    Ok(Some(Event::Backup(BackupEvent::BroughtBack(restored.envelopes + u64::from(deleted)))))
}

/// Whether the last check found damage, or what it found cannot be read.
fn is_damaged(vault: &mut Vault) -> Result<bool, VaultError> {
    match last_check(vault) {
        Err(error) if error.row() == Some(RowError::Damaged) => Ok(true),
        check => Ok(check?.is_some_and(|check| !check.is_whole())),
    }
}

/// Whether what is asked for was deleted: taken out of the trash, it is back although nothing of it had been missing.
fn is_in_trash(bench: &Bench, only: Only) -> Result<bool, JobFailure> {
    let (Only::Client(id) | Only::Note(id)) = only else { return Ok(false) };
    bench.with(|vault| Ok(vault.trash().shown(practice::now()).iter().any(|row| row.id == id)))
}

/// The newest backup of what was named for this job, when that is a folder: it is offered, and opened once somebody agrees.
pub(crate) fn offered(job: Job, named: &Path) -> JobOutcome {
    if !named.is_dir() {
        return Ok(None);
    }
    let newest = newest_in(named).map_err(|error| JobFailure::from(error).at(Field::Path))?;
    let Some(NamedBackup { file, made }) = newest else {
        return Err(JobFailure::Unfit(Field::Path, words::NO_BACKUP_IN_FOLDER.to_owned()));
    };
    let made = rows::wall(u64::try_from(made.as_millisecond()).unwrap_or_default());
    Ok(Some(Event::Backup(BackupEvent::Offered { job, file, made })))
}

pub(crate) fn shown_progress(at: import::Progress) -> Progress {
    Progress { done: at.done, total: at.of }
}

/// In words for somebody who restores; the sentences of the core speak to somebody who makes a backup.
pub(crate) fn restore_failure(error: BackupError, stopped: &str) -> JobFailure {
    let words = match error {
        BackupError::Stopped => stopped,
        BackupError::Away => return JobFailure::Unfit(Field::Path, words::BACKUP_NOT_THERE.to_owned()),
        BackupError::Full => words::RESTORE_FULL,
        BackupError::Exists => words::RESTORE_TAKEN,
        BackupError::Row(error) => return error.into(),
        other => return JobFailure::of(&other),
    };
    JobFailure::Sentence(words.to_owned())
}
