//! The thread that holds the practice: takes one effect after the other, and what nobody asked for in between.
//!
//! A draft is saved before anything that stands behind it in the queue. A search gives way to whatever waits.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::features::backup::job as backup;
use crate::features::check::job as check;
use crate::features::clients::job as clients;
use crate::features::colleagues::job as colleagues;
use crate::features::damage::job as damage;
use crate::features::devices::job as devices;
use crate::features::exchange::job as exchange;
use crate::features::files::job as files;
use crate::features::history::job as history;
use crate::features::kit::job as kit;
use crate::features::letters::job as letters;
use crate::features::notes::job as notes;
use crate::features::opening::job as opening;
use crate::features::opening::messages::OpeningEffect;
use crate::features::search::job as search;
use crate::features::settings::job as settings;
use crate::features::signing::job as signing;
use crate::features::sync_folder::job as sync_folder;
use crate::features::trash::job as trash;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::jobs::fault::{guarded, guarded_in_time};
use crate::jobs::message::Message;
use crate::messages::Effect;
use crate::values::job::Job;
use crate::words;

/// How often the clock is looked at while nothing comes.
const TICK: Duration = Duration::from_millis(500);

/// Runs until the window is gone, then seals the practice.
pub(super) fn run(mut bench: Bench, inbox: &Receiver<Message>) {
    let bench = &mut bench;
    loop {
        let busy = bench.searching.is_some() || bench.backup.run.is_writing() || bench.slices.are_asked_for();
        let patience = if busy { Duration::ZERO } else { TICK };
        match inbox.recv_timeout(patience) {
            Ok(Message::Do(effect)) => answer(bench, effect),
            Ok(Message::Outdated) => devices::syncing::restart_syncing(bench),
            Ok(Message::Holding) => bench.send_note_copies(),
            Ok(Message::Arrived) => drop(guarded(bench, Job::Timeline, devices::arrived)),
            Ok(Message::BackupOpened(opened)) => {
                guarded(bench, Job::OpenBackup, |bench| backup::restoring::backup_opened(bench, opened));
            }
            Err(RecvTimeoutError::Timeout) => meanwhile(bench),
            Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    guarded(bench, Job::Lock, opening::lock);
    // What was due for the sync folder is sealed, and leaves without the practice.
    bench.reach.uploading.take().into_iter().for_each(|thread| drop(thread.join()));
}

pub(crate) fn answer(bench: &mut Bench, effect: Effect) {
    let job = effect.job();
    let is_lock = matches!(effect, Effect::Opening(OpeningEffect::Lock(_)));
    bench.asked = Instant::now();
    // What somebody asks for does not rest.
    bench.resting.remove(&job);
    match guarded(bench, job, |bench| carry_out(bench, effect)) {
        Some(Ok(Some(event))) => bench.answers.send(event),
        Some(Ok(None)) | None => {}
        Some(Err(failure)) => {
            if bench.cancelled.is_leaving() && !matches!(failure, JobFailure::Refused(_)) {
                bench.cut_off = words::cut_off(job).or(bench.cut_off);
            }
            bench.answers.send(failure.event(job));
        }
    }
    if is_lock {
        bench.cancelled.left();
    }
}

fn carry_out(bench: &mut Bench, effect: Effect) -> JobOutcome {
    match effect {
        // The window's own thread shows dialogs and stops jobs: neither waits for its turn here.
        Effect::Pick(_) | Effect::Cancel(_) => Ok(None),
        Effect::Opening(effect) => opening::answer(bench, effect),
        Effect::Clients(effect) => clients::answer(bench, effect),
        Effect::Notes(effect) => notes::answer(bench, effect),
        Effect::Signing(effect) => signing::answer(bench, effect),
        Effect::History(effect) => history::answer(bench, effect),
        Effect::Trash(effect) => trash::answer(bench, effect),
        Effect::Search(effect) => search::answer(bench, effect),
        Effect::Devices(effect) => devices::answer(bench, effect),
        Effect::Letters(effect) => letters::answer(bench, effect),
        Effect::SyncFolder(effect) => sync_folder::answer(bench, effect),
        Effect::Kit(effect) => kit::answer(bench, effect),
        Effect::Backup(effect) => backup::answer(bench, effect),
        Effect::Files(effect) => files::answer(bench, effect),
        Effect::Colleagues(effect) => colleagues::answer(bench, effect),
        Effect::Exchange(effect) => exchange::answer(bench, effect),
        Effect::Settings(effect) => settings::answer(bench, effect),
        Effect::Damage(effect) => damage::answer(bench, effect),
        Effect::Check(effect) => check::answer(bench, effect),
    }
}

/// What is due while nothing is asked: the search goes on, and what was typed leaves in time.
pub(crate) fn meanwhile(bench: &mut Bench) {
    guarded_in_time(bench, Job::Note, notes::private::watch_private);
    guarded_in_time(bench, Job::Save, notes::unsaved::save_unsaved_in_time);
    if bench.searching.is_some() {
        return guarded_in_time(bench, Job::Search, search::go_on_searching);
    }
    guarded_in_time(bench, Job::Sign, |bench| signing::finish_signatures(bench, false));
    guarded_in_time(bench, Job::Check, check::go_on_checking);
    guarded_in_time(bench, Job::Clients, notes::sending::send_in_time);
    guarded_in_time(bench, Job::Backup, backup::go_on_backing_up);
}
