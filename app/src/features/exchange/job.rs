//! Plain files in and out.

use std::path::Path;

use subrosa_core::export::ProcessNotes;
use subrosa_core::id::ClientId;
use subrosa_core::import;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Imported, UndoError};

use crate::features::exchange::messages::{ExchangeEffect, ExchangeEvent};
use crate::features::exchange::values::ImportReport;
use crate::features::notes::job::unsaved::{reauthenticate, save_unsaved};
use crate::features::signing::job::finish_signatures;
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobOutcome;
use crate::messages::Event;
use crate::values::job::Job;
use crate::{practice, words};

pub(crate) fn answer(bench: &mut Bench, effect: ExchangeEffect) -> JobOutcome {
    // What is exported takes its last words along.
    save_unsaved(bench);
    match effect {
        ExchangeEffect::Import { dir, dry_run } => take_in(bench, &dir, dry_run),
        ExchangeEffect::UndoImport => undo_take_in(bench),
        ExchangeEffect::Export { dir, client, private } => export(bench, &dir, client.as_ref(), private.as_ref()),
    }
}

fn take_in(bench: &mut Bench, dir: &Path, dry_run: bool) -> JobOutcome {
    bench.cancelled.begin(Job::Import);
    let (answers, cancel) = (bench.answers.clone(), bench.cancelled.stops(Job::Import));
    let mut tell = answers.progress_of(Job::Import);
    let mut progress = |at: import::Progress| {
        if at.done.is_multiple_of(50) || at.done == at.of {
            tell(at);
        }
    };
    let done = bench
        .vault
        .with(|vault| vault.exchange_mut().import(dir, dry_run, practice::now(), &mut progress, &cancel))??;
    bench.last_import = done.id.or(bench.last_import);
    bench.tell_devices();
    bench.send_clients()?;
    Ok(Some(Event::Exchange(ExchangeEvent::Imported(Box::new(report(&done, dry_run))))))
}

fn undo_take_in(bench: &mut Bench) -> JobOutcome {
    let last = bench.last_import.take();
    bench.with(|vault| {
        let newest = vault.exchange().imports()?.last().map(|(id, _)| *id);
        Ok(vault.exchange_mut().undo_import(&last.or(newest).ok_or(UndoError::NoSuchImport)?, practice::now())?)
    })?;
    bench.tell_devices();
    bench.send_clients()?;
    Ok(Some(Event::Exchange(ExchangeEvent::Undone)))
}

fn export(bench: &mut Bench, dir: &Path, client: Option<&ClientId>, private: Option<&Passphrase>) -> JobOutcome {
    if let Some(passphrase) = private {
        reauthenticate(bench, passphrase)?;
    }
    finish_signatures(bench, true);
    let dir = &fresh_folder(dir);
    let process = if private.is_some() { ProcessNotes::Include } else { ProcessNotes::LeaveOut };
    bench.cancelled.begin(Job::Export);
    let (answers, cancel) = (bench.answers.clone(), bench.cancelled.stops(Job::Export));
    let mut progress = answers.progress_of(Job::Export);
    bench.vault.with(|vault| vault.exchange().export(dir, client, process, &mut progress, &cancel))??;
    Ok(Some(Event::Written(Job::Export)))
}

/// The folder that was named, or one inside it when something is in there already.
fn fresh_folder(dir: &Path) -> std::path::PathBuf {
    let taken = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if taken { dir.join(words::export_folder(practice::today())) } else { dir.to_owned() }
}

fn report(done: &Imported, dry_run: bool) -> ImportReport {
    let mut not_understood: Vec<String> = done.report.problems.iter().map(ToString::to_string).collect();
    if done.process_left_out > 0 {
        not_understood.push(words::private_left_out(done.process_left_out));
    }
    ImportReport {
        dry_run,
        clients: done.clients,
        notes: done.notes,
        measures: done.measures,
        unchanged: done.known,
        not_understood,
    }
}
