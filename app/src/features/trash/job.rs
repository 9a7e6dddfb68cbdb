//! The trash: what goes there, what comes out, and the deletions of other devices.

use std::cmp::Reverse;

use subrosa_core::id::{DeviceId, DocId};
use subrosa_core::log::DocType;
use subrosa_core::vault::{MassDelete, TrashRow};

use crate::features::notes::job::unsaved::{reauthenticate, save_unsaved};
use crate::features::trash::messages::{TrashEffect, TrashEvent};
use crate::features::trash::values::{MassDeletion, Trash, Trashed};
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobOutcome;
use crate::jobs::rows;
use crate::messages::Event;
use crate::values::note_ref::NoteRef;
use crate::{practice, words};
use subrosa_core::vault::ReadError;

pub(crate) fn answer(bench: &mut Bench, effect: TrashEffect) -> JobOutcome {
    // What is deleted takes its last words along.
    save_unsaved(bench);
    match effect {
        TrashEffect::Load => trash(bench),
        TrashEffect::ShowPrivate { passphrase } => {
            reauthenticate(bench, &passphrase)?;
            trash(bench)
        }
        TrashEffect::Delete(id) | TrashEffect::DeleteNote(NoteRef::Note(id)) => delete(bench, id),
        TrashEffect::DeleteNote(NoteRef::LateAddendum(_)) => Err(ReadError::NoSuchNote.into()),
        TrashEffect::Undelete(id) => undelete(bench, &id),
        TrashEffect::Decide { device, apply } => decide(bench, &device, apply),
    }
}

/// Private notes are in it only while the passphrase has just been given.
fn trash(bench: &Bench) -> JobOutcome {
    bench.with(|vault| {
        let now = practice::now();
        let private = vault.reauth_until().is_some();
        let private_rows = if private { vault.trash().private_trash(now)? } else { Vec::new() };
        let all = vault.trash().shown(now).into_iter().map(|row| (false, row));
        let mut all: Vec<_> = all.chain(private_rows.into_iter().map(|row| (true, row))).collect();
        all.sort_by_key(|(_, row)| Reverse(row.deleted_at));
        let mass_deletions = vault.trash().mass_deletions().into_iter().map(|row| MassDeletion {
            device: row.device,
            name: row.device_name,
            clients: rows::counted(row.clients),
            notes: rows::counted(row.notes),
            others: rows::counted(row.others),
        });
        let rows = all.into_iter().map(|(private, row)| trashed(private, row)).collect();
        Ok(Some(Event::Trash(TrashEvent::Listed(Trash { rows, mass_deletions: mass_deletions.collect(), private }))))
    })
}

fn delete(bench: &mut Bench, id: DocId) -> JobOutcome {
    bench.with(|vault| Ok(vault.trash_mut().delete(&[id], MassDelete::Refuse, practice::now())?))?;
    bench.tell_devices();
    Ok(Some(Event::Trash(TrashEvent::Deleted(id))))
}

fn undelete(bench: &mut Bench, id: &DocId) -> JobOutcome {
    let client = bench.with(|vault| {
        vault.trash_mut().undelete(id)?;
        Ok(vault.clients().client(id).is_ok())
    })?;
    bench.tell_devices();
    bench.answers.send(TrashEvent::Undeleted(*id, client));
    trash(bench)
}

fn decide(bench: &mut Bench, device: &DeviceId, apply: bool) -> JobOutcome {
    bench.with(|vault| {
        if apply {
            Ok(vault.trash_mut().confirm_mass_deletions(device)?)
        } else {
            Ok(vault.trash_mut().refuse_mass_deletions(device)?)
        }
    })?;
    bench.tell_devices();
    trash(bench)
}

fn trashed(private: bool, row: TrashRow) -> Trashed {
    // How a private note begins stands on its page alone.
    let shown = if row.kind == DocType::ProcessNote { String::new() } else { row.words };
    Trashed {
        id: row.id,
        kind: kind(row.kind),
        private,
        client: row.client_name,
        date: row.date,
        words: shown,
        at: rows::wall(row.deleted_at),
        device: row.device_name,
        days_left: row.days_left,
        along: rows::counted(row.along),
    }
}

fn kind(kind: DocType) -> &'static str {
    let named = [
        (DocType::Client, words::A_CLIENT),
        (DocType::Note, words::A_NOTE),
        (DocType::ProcessNote, words::PRIVATE_NOTE),
        (DocType::Measures, words::A_MEASURE),
        (DocType::File, words::A_FILE),
    ];
    named.into_iter().find(|(of, _)| *of == kind).map_or(words::SOMETHING, |(_, words)| words)
}
