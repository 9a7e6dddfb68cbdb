//! Opening and locking the practice: found, made, unlocked, recovered with the kit.

use crate::features::settings::job::kept_settings;
use crate::jobs::Setting;
use crate::operations::recovery_kit;
use crate::practice::kit_status;
use std::path::Path;

use subrosa_core::kit;
use subrosa_core::kit::KitError;
use subrosa_core::secret::{Key, Passphrase, RecoveryRole};
use subrosa_core::slots::SlotError;
use subrosa_core::store::place;
use subrosa_core::vault::{Created, Vault, VaultError};
use zeroize::Zeroizing;

use crate::features::backup::job::restoring::close_backup;
use crate::features::backup::job::{backup_status, take_up_backup};
use crate::features::check::job::{last_check, stop_checking};
use crate::features::devices::job::removal::removed_devices;
use crate::features::devices::job::start_syncing;
use crate::features::kit::values::{Kit, KitSource};
use crate::features::notes::job::unsaved::save_unsaved;
use crate::features::opening::demo;
use crate::features::opening::demo::Demo;
use crate::features::opening::messages::{OpeningEffect, OpeningEvent};
use crate::features::opening::values::{Found, OpenedPractice};
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::jobs::rows;
use crate::messages::Event;
use crate::practice::Profile;
use crate::values::job::{Job, Progress};
use crate::values::resume::{Leaving, Resume};
use crate::values::secret::Secret;
use crate::{practice, words};

/// Clients in the practice that one can look around in.
const DEMO_CLIENTS: u32 = 24;
/// Name of the setting that says where the therapist was.
const RESUME: &str = "resume";

pub(crate) fn answer(bench: &mut Bench, effect: OpeningEffect) -> JobOutcome {
    match effect {
        OpeningEffect::Look => look(bench),
        OpeningEffect::Create { passphrase } => create(bench, &passphrase),
        OpeningEffect::OpenDemo => open_demo(bench),
        OpeningEffect::Unlock { passphrase } => unlock(bench, &passphrase),
        OpeningEffect::Recover { kit, passphrase } => recover(bench, &kit, &passphrase),
        OpeningEffect::Lock(leaving) => {
            remember(bench, leaving);
            lock(bench);
            Ok(None)
        }
        OpeningEffect::LetSleep => {
            bench.awake.sealed();
            Ok(None)
        }
    }
}

fn look(bench: &mut Bench) -> JobOutcome {
    if bench.setting.demo.is_some() {
        return open_demo(bench);
    }
    let found = if bench.setting.file.exists() { Found::Practice } else { Found::Nothing };
    Ok(Some(Event::Opening(OpeningEvent::Found(found))))
}

pub(crate) fn unlock(bench: &mut Bench, passphrase: &Passphrase) -> JobOutcome {
    bench.answers.send(Event::Progress(Job::Unlock, Progress::default()));
    let locked = match bench.locked.take() {
        Some(locked) => locked,
        None => practice::open(&bench.setting.file, bench.setting.profile)?,
    };
    match locked.unlock(passphrase, practice::now()) {
        Ok(vault) => bench.vault.put(vault),
        Err(still) => {
            bench.locked = Some(still.vault);
            return Err(still.error.into());
        }
    }
    save_unsaved(bench);
    let opened = opened(bench, bench.demo.is_some())?;
    start_syncing(bench);
    Ok(Some(Event::Opening(OpeningEvent::Unlocked(Box::new(opened)))))
}

fn open_demo(bench: &mut Bench) -> JobOutcome {
    let profile = Profile::Floor;
    let clients = bench.setting.demo.unwrap_or(DEMO_CLIENTS);
    let demo = Demo::new(clients, profile).map_err(|error| JobFailure::of(&error))?;
    let passphrase = Passphrase::new(demo::PASSPHRASE.to_owned());
    let vault = practice::unlock(demo.file(), &passphrase, profile)?;
    bench.vault.put(vault);
    bench.locked = None;
    demo.file().clone_into(&mut bench.setting.file);
    bench.setting.profile = profile;
    bench.demo = Some(demo);
    Ok(Some(Event::Opening(OpeningEvent::Unlocked(Box::new(opened(bench, true)?)))))
}

/// Everything that the first screen needs.
pub(crate) fn opened(bench: &mut Bench, demo: bool) -> Result<OpenedPractice, JobFailure> {
    let warning = place::warnings_for(&bench.setting.file).first().map(ToString::to_string);
    let stopped = [take_up_backup(bench), bench.cut_off.take()];
    bench.with(|vault| {
        let notices = vault.take_notices().into_iter().map(|notice| notice.words());
        let notices: Vec<_> = stopped.into_iter().flatten().chain(notices).collect();
        let notice = Some(notices.join(" ")).filter(|notice| !notice.is_empty());
        let paper = if demo { None } else { kit_status::status(vault, practice::now())? };
        Ok(OpenedPractice {
            clients: rows::clients(vault),
            devices: rows::devices(vault)?,
            removed: removed_devices(vault)?,
            settings: kept_settings(vault)?,
            demo,
            warning: notice.or(if demo { None } else { warning }),
            paper,
            resume: left_at(vault)?,
            backups: backup_status(vault, &bench.setting.file)?,
            check: last_check(vault)?,
            pending: rows::pending(vault, practice::now())?,
        })
    })
}

/// Seals what was typed, closes the network, and forgets every key. The file stays held.
pub(crate) fn lock(bench: &mut Bench) {
    if !bench.vault.is_locked() {
        save_unsaved(bench);
    }
    bench.cancelled.stop(Job::Attach);
    bench.searching = None;
    stop_checking(bench);
    bench.backup.run.stop();
    close_backup(bench);
    bench.sealed = None;
    bench.signing.preview = None;
    bench.drawn = None;
    bench.signing.shown_as.clear();
    bench.notes.editing = None;
    bench.notes.typed = None;
    if let Some(syncing) = bench.syncing.take() {
        syncing.stop();
    }
    if let Some(vault) = bench.vault.take() {
        // What could not be put into an envelope is still on the disk, and goes with the next one.
        bench.locked = vault.lock().ok();
    }
}

fn create(bench: &mut Bench, passphrase: &Passphrase) -> JobOutcome {
    let Setting { file, profile, .. } = &bench.setting;
    let made = recovery_kit::make_practice(file, passphrase, &practice::device_name(), *profile)?;
    let Created { mut vault, kit } = made;
    let page = recovery_kit::page(&kit, vault.device());
    practice::keep_anchor(&mut vault, bench.setting.profile)?;
    bench.vault.put(vault);
    let opened = opened(bench, false)?;
    start_syncing(bench);
    let kit = Kit { text: Secret::new(page.to_string()) };
    Ok(Some(Event::Opening(OpeningEvent::Created(Box::new(opened), Box::new(kit)))))
}

/// Whatever goes wrong, the practice stays locked and opens with what opened it before.
pub(crate) fn recover(bench: &mut Bench, source: &KitSource, passphrase: &Passphrase) -> JobOutcome {
    let seed = read_kit_source(source)?;
    let locked = match bench.locked.take() {
        Some(locked) => locked,
        None => practice::open(&bench.setting.file, bench.setting.profile)?,
    };
    match locked.recover(&seed, passphrase, bench.setting.profile.strength(), practice::now()) {
        Ok(mut vault) => {
            kit_status::used(&mut vault, &seed, practice::now())?;
            bench.vault.put(vault);
        }
        Err(still) => {
            bench.locked = Some(still.vault);
            return Err(match still.error {
                VaultError::Slot(SlotError::WrongKit) => JobFailure::Sentence(words::KIT_WRONG.to_owned()),
                other => JobFailure::of(&other),
            });
        }
    }
    let opened = opened(bench, false)?;
    start_syncing(bench);
    Ok(Some(Event::Opening(OpeningEvent::Unlocked(Box::new(opened)))))
}

/// Reads the recovery line from where it is.
pub(crate) fn read_kit_source(source: &KitSource) -> Result<Key<RecoveryRole>, JobFailure> {
    match source {
        KitSource::Typed(line) => kit::read_kit(line.expose()),
        KitSource::File(file) => kit::read_kit(&contents(file)?),
    }
    .map_err(|error| {
        let why = if error == KitError::NothingThere { words::KIT_NOT_THERE } else { words::KIT_SLIP };
        JobFailure::Sentence(why.to_owned())
    })
}

fn contents(file: &Path) -> Result<Zeroizing<String>, JobFailure> {
    recovery_kit::read_file(file)?.ok_or_else(|| JobFailure::Sentence(words::NOT_A_KIT.to_owned()))
}

/// Where the therapist was when this practice was last locked here. What cannot be read is nowhere.
pub(crate) fn left_at(vault: &Vault) -> Result<Option<Resume>, VaultError> {
    Ok(vault.setting(RESUME)?.and_then(|row| serde_json::from_slice(&row).ok()))
}

/// Seals where the therapist was. Without it unlocking shows the list of clients, and nothing is lost.
pub(crate) fn remember(bench: &Bench, leaving: Option<Box<Leaving>>) {
    let row = leaving.and_then(|leaving| serde_json::to_vec(&Resume::from(*leaving)).ok()).unwrap_or_default();
    let _ = bench.with(|vault| vault.keep_setting(RESUME, &row));
}
