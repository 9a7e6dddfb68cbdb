//! A file that does not open any more: repaired at the locked window, with or without a backup.

use crate::features::opening::job::opened::opened;
use crate::operations::{repair, restore};
use std::path::{Path, PathBuf};

use subrosa_core::backup::BackupError;
use subrosa_core::import;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{BackupFile, Only, Restored, Vault};

use crate::features::backup::job::restoring::{offered, restore_failure, shown_progress};
use crate::features::check::job::{check_through, keep_check, repair_result};
use crate::features::check::messages::CheckEvent;
use crate::features::damage::messages::DamageEffect;
use crate::features::devices::job::syncing::start_syncing;
use crate::features::kit::job::source::read_kit_source;
use crate::features::kit::values::KitSource;
use crate::features::opening::messages::OpeningEvent;
use crate::features::opening::values::Refusal;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::values::job::{Job, Progress};
use crate::words;

pub(crate) fn answer(bench: &mut Bench, effect: DamageEffect) -> JobOutcome {
    let DamageEffect::Salvage { passphrase, backup } = effect;
    salvage(bench, &passphrase, backup)
}

/// Opens what can still be read of the file as a new one, and brings back from a backup what is lacking then. The backup
/// is read first: with the wrong kit nothing is begun.
pub(crate) fn salvage(bench: &mut Bench, passphrase: &Passphrase, backup: Option<(PathBuf, KitSource)>) -> JobOutcome {
    // Whoever tried the passphrase holds the file.
    bench.locked = None;
    bench.cancelled.begin(Job::Salvage);
    let cancel = bench.cancelled.stops(Job::Salvage);
    if let Some(offered) = backup.as_ref().map(|(named, _)| offered(Job::Salvage, named)).transpose()?.flatten() {
        return Ok(Some(offered));
    }
    let backup = backup.map(|(file, kit)| named_backup(&file, &kit, &cancel)).transpose()?;
    let answers = bench.answers.clone();
    let mut tell = |done, total| answers.send(Event::Progress(Job::Salvage, Progress { done, total }));
    let saved = repair::salvage(&bench.setting.file, passphrase, bench.setting.profile, &mut tell);
    let (mut vault, done) = saved.map_err(|error| too_little(error.into()))?;
    let given = backup.map(|backup| give_back(bench, &mut vault, &backup, &cancel));
    bench.vault.put(vault);
    let Some(found) = check_through(bench, &mut tell)? else { return Ok(None) };
    let mut opened = opened(bench, false)?;
    let (given_back, trouble) = match given {
        Some(Ok(restored)) => (Some(restored), None),
        Some(Err(error)) => (None, Some(restore_failure(error, words::BRINGING_STOPPED))),
        None => (None, None),
    };
    if let Some(JobFailure::Sentence(why)) = trouble {
        // The repair stands, and is shown; that the backup gave nothing is said beside it.
        opened.warning = Some(opened.warning.into_iter().chain([why]).collect::<Vec<_>>().join(" "));
    }
    start_syncing(bench);
    bench.answers.send(OpeningEvent::Unlocked(Box::new(opened)));
    bench.answers.send(CheckEvent::Repaired(repair_result(&done, given_back.map(|back| (back, &found)))));
    keep_check(bench, &found)
}

fn named_backup(file: &Path, kit: &KitSource, cancel: &dyn Fn() -> bool) -> Result<BackupFile, JobFailure> {
    BackupFile::open(file, read_kit_source(kit)?, cancel)
        .map_err(|error| restore_failure(error, words::LOOKING_STOPPED))
}

fn give_back(
    bench: &Bench,
    vault: &mut Vault,
    backup: &BackupFile,
    cancel: &dyn Fn() -> bool,
) -> Result<Restored, BackupError> {
    let answers = bench.answers.clone();
    let mut tell = |at: import::Progress| answers.send(Event::Progress(Job::Salvage, shown_progress(at)));
    restore::bring_back(vault, backup, Only::Everything, &mut tell, cancel)
}

/// That it is damaged was known; now it is known that nothing can be made of it.
fn too_little(failure: JobFailure) -> JobFailure {
    match failure {
        JobFailure::Refused(Refusal::Damaged) => JobFailure::Sentence(words::NOTHING_TO_SALVAGE.to_owned()),
        other => other,
    }
}
