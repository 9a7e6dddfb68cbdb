//! Rows of the vault as the window shows them.

use std::collections::BTreeSet;

use subrosa_core::catalog;
use subrosa_core::id::{ClientId, DeviceId, NoteId};
use subrosa_core::vault::{
    ADDENDUM_TO, Millis, NoteView, Quarantined, ReadError, SIGNING_GRACE, SignedVersion, Vault, VaultError,
};

use crate::features::devices::messages::DevicesEvent;
use crate::features::devices::values::{LackedNames, NoteCopies, Quarantine, RemovedDevice};
use crate::features::signing::values::Pending;
use crate::messages::Event;
pub(crate) use crate::values::moment::wall;
use crate::values::note_ref::NoteRef;
use crate::values::page::{Addendum, ClientRow, NoteCard, NoteState, OpenNote, Timeline};
use crate::{operations, practice, words};

/// So many of each kind are named of what a device lacks.
const NAMED: usize = 12;

/// The client list: whom the therapist saw last comes first.
pub(crate) fn clients(vault: &Vault) -> Vec<ClientRow> {
    let mut rows: Vec<ClientRow> = vault.clients().all().map(client).collect();
    for (note, _) in vault.notes().being_signed() {
        // A note that was just signed is shown as signed while that can be taken back.
        let of = vault.notes().note(&note).ok().filter(|view| !view.process).map(|view| view.client);
        if let Some(row) = rows.iter_mut().find(|row| Some(row.id) == of) {
            row.unsigned = row.unsigned.saturating_sub(1);
        }
    }
    rows.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.name.cmp(&b.name)).then_with(|| a.id.cmp(&b.id)));
    rows
}

pub(crate) fn client(row: &catalog::ClientRow) -> ClientRow {
    ClientRow {
        id: row.id,
        name: row.name.clone(),
        code: row.code.clone(),
        status: row.status.clone(),
        last: row.last,
        session: row.session,
        unsigned: row.unsigned,
    }
}

/// The devices of the practice, and those that it had.
pub(crate) fn listed_devices(vault: &Vault) -> Result<Event, VaultError> {
    Ok(Event::Devices(DevicesEvent::Listed(operations::devices::all(vault, practice::now())?, removed_devices(vault)?)))
}

/// On how many devices a note is.
pub(crate) fn note_copies(vault: &Vault, note: NoteRef) -> Result<Event, VaultError> {
    let devices = vault.devices();
    let (on, of) = (devices.holders_of(&note.id())?, devices.others().len() + 1);
    Ok(Event::Devices(DevicesEvent::NoteIsOn(NoteCopies { note, on, of })))
}

/// What a device lacks, by name. Of private notes, and of what is beside them, no name is told.
pub(crate) fn lacked(vault: &Vault, device: DeviceId) -> Result<Event, VaultError> {
    let lacks = vault.devices().lacks_of(&device)?;
    let name = |client: &ClientId| vault.clients().client(client).ok().map(|row| row.name.clone());
    let notes = vault.devices().named_notes(&lacks.notes, NAMED).map_err(ReadError::from)?;
    let notes: Vec<_> =
        notes.into_iter().filter_map(|lacked| Some((name(&lacked.client)?, lacked.note.date))).collect();
    let clients: Vec<_> = lacks.clients.iter().take(NAMED).filter_map(name).collect();
    let files = lacks.files.iter().take(NAMED).filter_map(|file| vault.files().file(file).ok());
    let files: Vec<_> = files.filter(|file| !file.process).map(|file| file.name).collect();
    let named = notes.len() + clients.len() + files.len();
    let all = lacks.notes.len() + lacks.clients.len() + lacks.file_count();
    let more = counted(all.saturating_sub(named));
    Ok(Event::Devices(DevicesEvent::Lacked(Box::new(LackedNames { device, notes, clients, files, more }))))
}

/// The devices that were removed, the last first.
pub(crate) fn removed_devices(vault: &Vault) -> Result<Vec<RemovedDevice>, VaultError> {
    let waiting = vault.devices().quarantine()?;
    let in_quarantine = |one: &Quarantined| Quarantine {
        notes: counted(one.notes),
        others: counted(one.others),
        behind: counted(one.behind),
    };
    let rows = vault.devices().removed_devices().into_iter().map(|row| RemovedDevice {
        id: row.id,
        this: row.id == vault.device(),
        by: vault.devices().device_name(&row.by).unwrap_or_else(|| words::ANOTHER_DEVICE.to_owned()),
        at: wall(row.at),
        along: row.along,
        quarantine: waiting.iter().find(|one| one.device == row.id).map(in_quarantine),
        name: row.name,
    });
    Ok(rows.collect())
}

/// A client's page. Private notes are on it only while the passphrase has just been given.
pub(crate) fn timeline(vault: &Vault, client: &subrosa_core::id::ClientId) -> Result<Timeline, VaultError> {
    let row = vault.clients().client(client)?;
    let (mut notes, overlong) = (Vec::new(), vault.notes().overlong_notes()?);
    for note in vault.notes().timeline(client)? {
        if note.late {
            notes.push(late_card(vault, &note)?);
        }
        notes.push(waiting(vault, &overlong, card(&note, false)));
    }
    if vault.reauth_until().is_some() {
        let private = vault.notes().private_timeline(client)?;
        notes.extend(private.iter().map(|note| waiting(vault, &overlong, card(note, true))));
        notes.sort_by_key(|note| std::cmp::Reverse((note.date, note.start)));
    }
    let readers = vault.exchange().disclosures(client)?;
    let readers = readers.into_iter().map(|entry| words::and_reader(&entry.to, entry.on)).collect();
    let mut shown = self::client(row);
    let signing =
        notes.iter().filter(|card| !card.private && vault.notes().signing_until(&card.id.id()).is_some()).count();
    shown.unsigned = shown.unsigned.saturating_sub(u32::try_from(signing).unwrap_or(u32::MAX));
    let merged = vault.clients().other_identities(client)?.into_iter().map(|(_, identity)| identity.name).collect();
    Ok(Timeline {
        client: shown,
        since: row.first,
        notes,
        measures: vault.clients().measures(client)?,
        readers,
        merged,
    })
}

fn card(row: &catalog::NoteRow, private: bool) -> NoteCard {
    NoteCard {
        id: NoteRef::Note(row.id),
        date: row.date,
        start: row.start,
        minutes: row.minutes,
        format: row.format.clone(),
        state: state(row),
        private,
        excerpt: if private { String::new() } else { row.snippet.clone() },
        addenda: row.addenda,
        addendum_to: row.addendum_to,
        in_error: row.entered_in_error,
        written_on: None,
        overlong: false,
    }
}

/// A note of which more was written than it holds says so; one whose signature can still be taken back is shown as it will be.
fn waiting(vault: &Vault, overlong: &BTreeSet<NoteId>, mut card: NoteCard) -> NoteCard {
    card.overlong = overlong.contains(&card.id.id());
    if let Some(until) = vault.notes().signing_until(&card.id.id()) {
        card.state = NoteState::Signed { at: wall(until.saturating_sub(SIGNING_GRACE)) };
    }
    card
}

/// The signatures that can still be taken back.
pub(crate) fn pending(vault: &Vault, now: Millis) -> Result<Vec<Pending>, VaultError> {
    let mut pending = Vec::new();
    for (note, until) in vault.notes().being_signed() {
        // A private note is not read before its passphrase.
        if let Ok(view) = vault.notes().note(&note) {
            let for_ms = until.saturating_sub(now);
            pending.push(Pending { note: NoteRef::Note(note), client: view.client, date: view.content.date, for_ms });
        }
    }
    Ok(pending)
}

/// What came from the paper trail is as finished as what was signed here, as long as nobody writes in it.
fn state(row: &catalog::NoteRow) -> NoteState {
    match (row.state, row.signed_at) {
        (catalog::NoteState::Signed, at) => NoteState::Signed { at: wall(at.unwrap_or_default()) },
        (catalog::NoteState::Imported, _) => NoteState::Imported,
        (catalog::NoteState::Unsigned, _) => NoteState::Unsigned,
    }
}

/// The unsigned addendum that another device's text became: a card of its own above the signed note.
fn late_card(vault: &Vault, row: &catalog::NoteRow) -> Result<NoteCard, VaultError> {
    let view = vault.notes().note(&row.id)?;
    let text = view.late.unwrap_or_default();
    Ok(NoteCard {
        id: NoteRef::LateAddendum(row.id),
        state: NoteState::Unsigned,
        excerpt: text.lines().next().unwrap_or_default().chars().take(160).collect(),
        addenda: 0,
        addendum_to: Some(row.id),
        written_on: Some(other_device(vault)?),
        ..card(row, false)
    })
}

/// With two devices the one that wrote is the other one; with more the interface does not guess.
fn other_device(vault: &Vault) -> Result<String, VaultError> {
    let others: Vec<String> = vault.devices().all()?.into_iter().filter(|row| !row.here).map(|row| row.name).collect();
    let only = if let [only] = others.as_slice() { Some(only.clone()) } else { None };
    Ok(only.unwrap_or_else(|| words::ANOTHER_DEVICE.to_owned()))
}

/// A note with its text; `late` shows what was written elsewhere while it was signed.
pub(crate) fn open_note(vault: &Vault, view: NoteView, late: bool) -> Result<OpenNote, VaultError> {
    let rows = if view.process {
        vault.notes().private_timeline(&view.client)?
    } else {
        vault.notes().timeline(&view.client)?
    };
    let row = rows.iter().find(|row| row.id == view.id).ok_or(ReadError::NoSuchNote)?;
    if late {
        let mut content = view.content.clone();
        content.text = view.late.clone().unwrap_or_default();
        return Ok(OpenNote {
            card: late_card(vault, row)?,
            client: view.client,
            content,
            addenda: Vec::new(),
            seen: 0,
        });
    }
    let mut addenda: Vec<Addendum> = view.signed.iter().skip(1).map(addendum).collect();
    for other in rows.iter().filter(|other| other.addendum_to == Some(view.id)) {
        let other = vault.notes().note(&other.id)?;
        addenda.extend(other.signed.first().map(addendum));
    }
    addenda.sort_by_key(|addendum| addendum.at);
    let card = waiting(vault, &vault.notes().overlong_notes()?, card(row, view.process));
    Ok(OpenNote { card, client: view.client, content: view.content, addenda, seen: 0 })
}

fn addendum(version: &SignedVersion) -> Addendum {
    let in_error = version.entered_in_error;
    Addendum { in_error, at: wall(version.at), text: version.content.text.clone() }
}

/// An addendum's beginning: the note that it adds to is named in its fields.
pub(crate) fn as_addendum(content: &mut subrosa_core::record::NoteContent, to: &NoteId) {
    content.other.insert(ADDENDUM_TO.to_owned(), to.to_string());
}

/// A number of things, as the screens count them.
pub(crate) fn counted(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
