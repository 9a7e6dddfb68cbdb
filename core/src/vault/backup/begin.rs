//! Beginning a backup: what is in it, where it goes, and the small files before the logs.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::io::BufWriter;

use zeroize::Zeroizing;

use crate::archive::ArchiveWriter;
use crate::backup::gzip::GzipWriter;
use crate::backup::{ABOUT, About, BackupError, Counts, Origin, Target, Temporary, sealed, timestamp};
use crate::blob;
use crate::codec::Writer;
use crate::id::{ClientId, NoteId};
use crate::import::Progress;
use crate::keyring::CompartmentEntry;
use crate::rows::RowError;
use crate::rows::Stored;
use crate::store::{Table, place, room};
use crate::vault::Millis;
use crate::vault::backup::Writing;
use crate::vault::backup::contents::{DEVICE, KEYS, LATE, PRIVATE_KEYS, RECOVERY, ROSTER, SECRETS};
use crate::vault::backup::expected::Expected;
use crate::vault::backup::write::{BackupArchive, count, json, numbered};
use crate::vault::commit::flush;
use crate::vault::core::{Core, read_slot};
use crate::vault::items::boot::{entries_to_bytes, secrets_to_bytes};
use crate::vault::items::keys::{KeyRow, PrivatePart};
use crate::vault::registry::OverlongNotesAt;
use crate::vault::subject::{BackupsMut, Devices, DevicesMut};

const READ_ME: &str = "\
This is a backup of a therapist's practice, made by Subrosa.

  clients/    one folder a client: record.md is text that any program shows. Private notes are not in these; if the
              folder is missing, it was left out on purpose.
  practice/   the same and more, as Subrosa keeps it: `subrosa restore` makes a working practice of the whole backup.

What you have unpacked is no longer sealed. Whoever has these files can read them: delete them when you are done.
";

impl BackupsMut<'_> {
    /// Begins a backup of everything that was saved until now. Writing it, [`Writing::step`], can be done between other
    /// work; proving it, [`Writing::into_proof`], needs no practice and goes well on a thread of its own.
    ///
    /// # Errors
    /// [`BackupError`]; nothing is left behind.
    pub fn begin_backup(&mut self, target: &Target, readable: bool, now: Millis) -> Result<Writing, BackupError> {
        self.core.look_at_vital()?;
        let unsent = self.flushed()?;
        // The practice could not be opened with what is damaged here, nor could its backup.
        self.core.check_slots()?;
        let origin =
            Origin { practice: self.core.memory.roster.practice(), device: self.core.device, made: timestamp(now) };
        let mut expected = Expected::of(self.core)?;
        // Where the passphrase was given a moment ago, the slot can follow now.
        DevicesMut { core: &mut *self.core }.follow_kit()?;
        if !(Devices { core: self.core }).follows_kit()? {
            return Err(BackupError::NewKit);
        }
        let recovery = self.core.read().recovery_key()?.clone();
        let folder = target.folder().to_owned();
        // A backup that fills the disk of the practice would keep notes from being saved.
        let beside = self.core.path.as_deref().is_some_and(|path| place::on_same_disk(&folder, path));
        let spare = if beside { room::SPARE } else { 0 };
        if !room::fits(&folder, least_of_files(self.core)?.saturating_add(spare)) {
            return Err(BackupError::Full);
        }
        let (temporary, file) = Temporary::create(target, &origin)?;
        let (sealed, one_time) =
            sealed::seal(&recovery, BufWriter::with_capacity(1 << 18, file), &mut *self.core.entropy())?;
        expected.recovery = read_slot(self.core.rows.look(), "recovery")?;
        let mut archive = ArchiveWriter::new(GzipWriter::new(sealed)?);
        write_beginning(self.core, &mut archive, &origin, &expected)?;
        let ends = numbered(expected.ends.clone());
        let clients: VecDeque<ClientId> =
            if readable { self.core.memory.clients.keys().copied().collect() } else { VecDeque::new() };
        let bodies: u64 = expected.ends.iter().map(|end| end.next_seq).sum();
        let of = bodies + u64::try_from(clients.len()).unwrap_or_default();
        let counts = Counts {
            logs: count(ends.len()),
            clients: expected.clients,
            notes: expected.notes,
            unsent,
            ..Counts::default()
        };
        Ok(Writing {
            target: target.clone(),
            folder,
            spare,
            origin,
            readable,
            temporary,
            archive,
            one_time,
            ends,
            forked: HashSet::new(),
            run: None,
            blobs: self.core.read().blobs().blobs()?.into_iter().collect(),
            pieces: VecDeque::new(),
            clients,
            names: HashSet::new(),
            counts,
            expected,
            kit: recovery.fingerprint(),
            progress: Progress { done: 0, of },
        })
    }

    /// Puts what was typed last into envelopes, which is what a backup holds. Gives the number of notes whose last words are not
    /// in them, since they are more than a note holds or the practice's disk takes nothing more.
    fn flushed(&mut self) -> Result<u64, BackupError> {
        let overlong = self.core.read().list(&OverlongNotesAt())?;
        match flush(self.core) {
            Ok(_) => Ok(count(overlong.len())),
            Err(error) if error.is_for_want_of_room() => {
                // What is read only stays so.
                let _ = self.core.reopen();
                Ok(count(self.core.memory.pending.union(&overlong).count()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The least that the pieces of attached files take: those of a long file are full ones.
fn least_of_files(core: &Core) -> Result<u64, RowError> {
    let blobs = core.read().blobs();
    let mut pieces = 0;
    for blob in blobs.blobs()? {
        pieces += Some(blobs.pieces_of(&blob)?.len()).filter(|pieces| *pieces > 1).unwrap_or_default();
    }
    Ok(count(pieces).saturating_mul(count(blob::PIECE)))
}

fn write_beginning(
    core: &Core,
    archive: &mut BackupArchive,
    origin: &Origin,
    expected: &Expected,
) -> Result<(), BackupError> {
    archive.file(ABOUT, &json(&About::new(*origin))?)?;
    archive.file("READ-ME.txt", READ_ME.as_bytes())?;
    archive.file(ROSTER, &entries_to_bytes(core.memory.roster.entries()))?;
    archive.file(SECRETS, &Zeroizing::new(secrets_to_bytes(&core.memory.epochs, &core.practice)))?;
    let (clear, private) = keys_for_backup(core)?;
    archive.file(KEYS, &clear)?;
    archive.file(PRIVATE_KEYS, &private)?;
    archive.file(RECOVERY, &expected.recovery)?;
    archive.file(DEVICE, &read_slot(core.rows.look(), "keys")?)?;
    archive.file(LATE, &late_addenda(core)?)?;
    Ok(())
}

/// Unsigned addenda that were written in and wait for a signature: they are in no envelope yet.
fn late_addenda(core: &Core) -> Result<Vec<u8>, RowError> {
    let mut rows: Vec<(NoteId, Vec<u8>)> = Vec::new();
    for client in core.memory.clients.keys() {
        for note in core.read().read_timeline(client)?.notes.iter().filter(|note| note.late) {
            let late = core.read().documents().late_text(&note.id)?;
            rows.extend(late.map(|late| (note.id, late.to_row())));
        }
    }
    let mut writer = Writer::new();
    writer.list(&rows, |writer, (note, row)| {
        writer.bytes(&note.0).lp(row);
    });
    Ok(writer.finish())
}

/// Every key that this device holds, for a backup: those that the practice opens with, and the parts with keys of
/// private notes, each with its author, as they lie.
fn keys_for_backup(core: &Core) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), RowError> {
    let (mut clear, mut private) = (Vec::new(), BTreeSet::new());
    core.rows.scan(Table::Keys, &mut |row| {
        let Some((_, row)) = row else { return };
        if let Ok(KeyRow::Clear { client, compartment, key }) = KeyRow::of_row(row) {
            clear.push(CompartmentEntry::new(client, compartment, key));
        }
        private.extend(PrivatePart::of_row(row).ok());
    })?;
    clear.sort_unstable_by_key(|entry| entry.id);
    // All of it reserved at once, so that no copy is left behind when it grows.
    let mut keys = Writer::with_capacity(4 + clear.len() * CompartmentEntry::LEN);
    keys.list(&clear, |writer, entry| entry.write(writer));
    let mut parts = Writer::new();
    parts.list(&private.into_iter().collect::<Vec<_>>(), |writer, held| {
        writer.bytes(&held.author.0).lp(&held.part);
    });
    Ok((Zeroizing::new(keys.finish()), parts.finish()))
}
