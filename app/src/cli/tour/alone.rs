//! What one practice does by itself: made, filled, written in, signed, locked, opened, checked.

use std::fs;
use std::path::Path;

use subrosa_core::catalog::NoteState;
use subrosa_core::kit;
use subrosa_core::record::Identity;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Created, Imported, NoteError, Vault, empty_note};

use super::stage::{NAME, SENTENCE, TourStage, gives_away};
use super::{Wrong, hold};
use crate::features::opening::demo::made_up;
use crate::practice;
use crate::words::count;

/// How many made-up clients come out of the paper trail, and how many sessions each has had at the most.
const CLIENTS: u32 = 8;
const SESSIONS: u32 = 6;

pub(super) fn create(stage: &mut TourStage) -> Result<(), Wrong> {
    let Created { vault, kit } = practice::create(&stage.desk_file(), &stage.passphrase, "Desk", stage.profile)?;
    let page = kit::kit_text(&kit, &vault.device().to_string(), practice::today());
    stage.kit_reads_back = kit::read_kit(&page)? == kit;
    stage.desk = Some(vault);
    Ok(())
}

pub(super) fn created(stage: &mut TourStage) -> Result<String, Wrong> {
    hold(stage.kit_reads_back, "the recovery kit does not read back")?;
    hold(for_its_owner_alone(&stage.desk_file())?, "others may read the practice's file")?;
    Ok("the file is its owner's alone, and the recovery kit reads back".to_owned())
}

#[cfg(unix)]
fn for_its_owner_alone(file: &Path) -> Result<bool, Wrong> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(file)?.permissions().mode() & 0o077 == 0)
}

/// Elsewhere the folder's permissions hold.
#[cfg(not(unix))]
fn for_its_owner_alone(file: &Path) -> Result<bool, Wrong> {
    Ok(fs::metadata(file)?.is_file())
}

pub(super) fn import(stage: &mut TourStage) -> Result<(), Wrong> {
    let paper = stage.root().join("paper");
    stage.paper = made_up::write(&paper, CLIENTS, SESSIONS, practice::today())?;
    stage.import = take_in(stage)?.id;
    Ok(())
}

fn take_in(stage: &mut TourStage) -> Result<Imported, Wrong> {
    let paper = stage.root().join("paper");
    Ok(stage.desk()?.exchange_mut().import(&paper, false, practice::now(), &mut |_| {}, &|| false)?)
}

pub(super) fn imported(stage: &mut TourStage) -> Result<String, Wrong> {
    let written = stage.paper;
    let desk = stage.desk()?;
    let (mut clients, mut notes, mut measures) = (0, 0, 0);
    for row in desk.clients().all() {
        clients += 1;
        notes += u64::from(row.notes);
        measures += u64::try_from(desk.clients().measures(&row.id)?.len())?;
    }
    let counts = (clients, notes, measures) == (written.clients, written.notes, written.measures);
    hold(counts, "what is in the practice is not what was in the folder")?;
    let again = take_in(stage)?;
    hold(again.clients + again.notes + again.measures == 0, "importing again added something")?;
    Ok(format!("{clients} clients, {notes} notes and {measures} measures are there; importing again added nothing"))
}

pub(super) fn write(stage: &mut TourStage) -> Result<(), Wrong> {
    let desk = stage.desk()?;
    let client =
        desk.clients_mut().add_client(&Identity { name: NAME.to_owned(), ..Identity::default() }, practice::now())?;
    let mut content = empty_note(practice::today());
    content.format = "Free".to_owned();
    let note = desk.notes_mut().add_note(&client, &content, false, practice::now())?;
    // Once while typing, once at the end, as an editor does.
    let half = SENTENCE.split_at_checked(SENTENCE.len() / 2).map_or(SENTENCE, |(half, _)| half);
    for text in [half, SENTENCE] {
        content.text = text.to_owned();
        desk.notes_mut().save_note(&note, &content, practice::now())?;
    }
    desk.notes_mut().close_note(&note)?;
    (stage.client, stage.note) = (Some(client), Some(note));
    Ok(())
}

pub(super) fn written(stage: &mut TourStage) -> Result<String, Wrong> {
    let (client, note) = (stage.client()?, stage.note()?);
    let desk = stage.desk()?;
    hold(desk.notes().note(&note)?.content.text == SENTENCE, "the note does not say what was written")?;
    hold(desk.notes().timeline(&client)?.iter().any(|row| row.id == note), "the note is not in the client's timeline")?;
    let hits = desk.notes().search("laughed april", 10, &|| false)?;
    hold(hits.iter().any(|hit| hit.note == note), "the search does not find it")?;
    Ok("it says every letter of it, and the search finds it".to_owned())
}

pub(super) fn sign(stage: &mut TourStage) -> Result<(), Wrong> {
    let note = stage.note()?;
    stage.desk()?.notes_mut().sign(&note, practice::now())?;
    Ok(())
}

pub(super) fn signed(stage: &mut TourStage) -> Result<String, Wrong> {
    let note = stage.note()?;
    let desk = stage.desk()?;
    let view = desk.notes().note(&note)?;
    hold(view.state == NoteState::Signed && view.signed.len() == 1, "the note is not signed")?;
    let mut other = view.content;
    other.text.push_str(" And another word.");
    let changed = desk.notes_mut().save_note(&note, &other, practice::now());
    hold(matches!(changed, Err(NoteError::Signed)), "a signed note could be changed")?;
    Ok("the signature is there, and the note refuses to be changed".to_owned())
}

pub(super) fn lock(stage: &mut TourStage) -> Result<(), Wrong> {
    stage.clients = stage.desk()?.clients().all().count();
    close(stage)
}

/// Locks the practice and lets go of its file.
pub(super) fn close(stage: &mut TourStage) -> Result<(), Wrong> {
    if let Some(desk) = stage.desk.take() {
        desk.lock()?;
    }
    Ok(())
}

pub(super) fn locked(stage: &mut TourStage) -> Result<String, Wrong> {
    let mut files = 0;
    for entry in fs::read_dir(stage.desk_folder())? {
        hold(!gives_away(&fs::read(entry?.path())?), "a name or a sentence can be read on the disk")?;
        files += 1;
    }
    hold(files > 0, "the practice is not on the disk")?;
    let wrong = Passphrase::new(format!("{} ", stage.passphrase.expose()));
    let refused = practice::unlock(&stage.desk_file(), &wrong, stage.profile);
    hold(refused.is_err_and(|error| error.is_wrong_passphrase()), "a wrong passphrase was not refused as one")?;
    Ok("no name and no sentence can be read on the disk, and a wrong passphrase stays out".to_owned())
}

pub(super) fn unlock(stage: &mut TourStage) -> Result<(), Wrong> {
    stage.desk = Some(open(stage)?);
    Ok(())
}

fn open(stage: &TourStage) -> Result<Vault, Wrong> {
    Ok(practice::unlock(&stage.desk_file(), &stage.passphrase, stage.profile)?)
}

pub(super) fn unlocked(stage: &mut TourStage) -> Result<String, Wrong> {
    let (note, clients) = (stage.note()?, stage.clients);
    let desk = stage.desk()?;
    hold(desk.take_notices().is_empty(), "the practice noticed a change from outside")?;
    hold(desk.clients().all().count() == clients, "the clients are not those from before")?;
    hold(desk.notes().note(&note)?.content.text == SENTENCE, "the note is not the one from before")?;
    Ok("every client is there, and the note says every letter of it".to_owned())
}

pub(super) fn verified(stage: &mut TourStage) -> Result<String, Wrong> {
    let vault = open(stage)?;
    let found = vault.integrity().verify(&mut |_, _| {})?;
    hold(found.damaged.is_empty(), "something is damaged")?;
    hold(found.bodies_missing == 0 && found.signatures > 0, "something is missing")?;
    let (changes, documents) = (count(found.envelopes, "stored change"), count(found.documents, "document"));
    Ok(format!("{changes}, {documents} and {} are whole", count(found.signatures, "signature")))
}
