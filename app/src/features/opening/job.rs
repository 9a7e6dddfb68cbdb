//! Opening and locking the practice: found, made, unlocked, recovered with the kit.

use crate::bridge::{FolderLeft, FolderSyncing};
use crate::jobs::setting::Setting;
use crate::operations::recovery_kit;

use subrosa_core::secret::Passphrase;
use subrosa_core::slots::SlotError;
use subrosa_core::vault::{Created, UnlockError};

use crate::features::backup::job::restoring::close_backup;
use crate::features::check::job::stop_checking;
use crate::features::devices::job::syncing::start_syncing;
use crate::features::kit::job::source::read_kit_source;
use crate::features::kit::values::{Kit, KitSource};
use crate::features::notes::job::unsaved::save_unsaved;
use crate::features::opening::demo;
use crate::features::opening::demo::Demo;
use crate::features::opening::job::opened::{RESUME, opened};
use crate::features::opening::messages::{OpeningEffect, OpeningEvent};
use crate::features::opening::values::Found;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::practice::Profile;
use crate::values::holder::HolderKind;
use crate::values::job::{Job, Progress};
use crate::values::resume::{Leaving, Resume};
use crate::values::secret::Secret;
use crate::{practice, words};

pub(crate) mod opened;

/// Clients in the practice that one can look around in.
const DEMO_CLIENTS: u32 = 24;

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
        None => practice::hold(&bench.setting.file, bench.setting.profile, HolderKind::Window)?,
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
    bench.notes.unsent = None;
    // What cannot be put into an envelope is still on the disk, and goes with the next one.
    let _ = bench.vault.with(|vault| vault.notes_mut().flush());
    let left = bench.reach.folder.take().map(FolderSyncing::leave);
    if let Some(vault) = bench.vault.take() {
        bench.locked = vault.lock().ok();
    }
    // The practice is sealed before anything that waits for a network: whoever asks from there finds it locked.
    if let Some(syncing) = bench.reach.syncing.take() {
        syncing.stop();
    }
    bench.reach.uploading = left.and_then(FolderLeft::upload);
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
        None => practice::hold(&bench.setting.file, bench.setting.profile, HolderKind::Window)?,
    };
    match recovery_kit::recover(locked, &seed, passphrase, bench.setting.profile) {
        Ok(vault) => bench.vault.put(vault),
        Err(still) => {
            bench.locked = Some(still.vault);
            return Err(match still.error {
                UnlockError::Slot(SlotError::WrongKit) => JobFailure::Sentence(words::KIT_WRONG.to_owned()),
                other => JobFailure::of(&other),
            });
        }
    }
    let opened = opened(bench, false)?;
    start_syncing(bench);
    Ok(Some(Event::Opening(OpeningEvent::Unlocked(Box::new(opened)))))
}

/// Seals where the therapist was. Without it unlocking shows the list of clients, and nothing is lost.
pub(crate) fn remember(bench: &Bench, leaving: Option<Box<Leaving>>) {
    let row = leaving.and_then(|leaving| serde_json::to_vec(&Resume::from(*leaving)).ok()).unwrap_or_default();
    let _ = bench.with(|vault| Ok(vault.keep_setting(RESUME, &row)?));
}
