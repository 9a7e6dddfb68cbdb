//! Colleagues and sealed records, the paper trail in and out.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use subrosa_core::card::{CardError, ContactCard};
use subrosa_core::export::ProcessNotes;
use subrosa_core::id::{ClientId, ColleagueId};
use subrosa_core::import;
use subrosa_core::record::{Identity, Measure, NoteContent};
use subrosa_core::secret::Passphrase;
use subrosa_core::share::Standing;
use subrosa_core::vault::{FileError, Imported, Share, Vault, VaultError};

use crate::effect::{Effect, Job, SealRequest};
use crate::event::{ColleagueRow, Event, ImportReport, OwnCard, Progress, SealedRecord};
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::worker::Worker;
use crate::operations::sealed_record::{self, LONGEST_CARD, SealError, UnpackError};
use crate::practice;
use crate::practice::file_io;
use crate::words;

/// Name of the setting that lists the colleagues whose words agreed.
const AGREED: &str = "words agreed";

impl Worker {
    pub(super) fn share(&mut self, effect: Effect) -> Outcome {
        match effect {
            Effect::LoadColleagues => self.colleagues(),
            Effect::MakeCard { file } => self.make_card(&file),
            Effect::AddColleague { file } => self.add_colleague(&file),
            Effect::WordsAgree(id) => self.words_agree(id),
            Effect::SealRecord(request) => self.seal(&request),
            Effect::OpenSealed { file } => self.open_sealed(&file),
            Effect::SaveSealed { dir } => self.save_sealed(&dir),
            Effect::CloseSealed => {
                self.sealed = None;
                Ok(None)
            }
            Effect::KeepOwner(name) => {
                self.with(|vault| practice::keep_owner(vault, &name))?;
                self.colleagues()
            }
            Effect::Import { dir, dry_run } => self.import(&dir, dry_run),
            Effect::UndoImport => self.undo_import(),
            Effect::Export { dir, client, private } => self.export(&dir, client.as_ref(), private.as_ref()),
            _ => Ok(None),
        }
    }

    fn colleagues(&self) -> Outcome {
        self.with(|vault| {
            let agreed = vault.setting(AGREED)?.unwrap_or_default();
            let own = OwnCard { name: practice::owner(vault)?, words: own_card(vault)?.safety_words().join(" ") };
            let rows = vault.colleagues()?.into_iter().map(|row| ColleagueRow {
                id: row.id,
                name: row.card.name().to_owned(),
                words: row.card.safety_words().join(" "),
                compared: agreed.chunks_exact(16).any(|id| id == row.id.0),
            });
            Ok(Some(Event::Colleagues(Box::new(own), rows.collect())))
        })
    }

    fn make_card(&self, file: &Path) -> Outcome {
        let card = self.with(|vault| own_card(vault))?;
        file_io::write_new(file, card.as_bytes())?;
        Ok(Some(Event::Written(Job::Colleagues)))
    }

    fn add_colleague(&mut self, file: &Path) -> Outcome {
        let card = file_io::read_at_most(file, LONGEST_CARD)?;
        let card = card.ok_or(VaultError::Card(CardError::TooLarge))?;
        self.with(|vault| vault.add_colleague(&card))?;
        self.tell_devices();
        self.colleagues()
    }

    fn words_agree(&self, id: ColleagueId) -> Outcome {
        self.with(|vault| {
            let mut agreed = vault.setting(AGREED)?.unwrap_or_default();
            agreed.extend(id.0);
            vault.keep_setting(AGREED, &agreed)
        })?;
        self.colleagues()
    }

    fn seal(&mut self, request: &SealRequest) -> Outcome {
        // What was signed a moment ago goes along.
        self.settle(true);
        let share = Share {
            client: request.client,
            notes: request.notes.clone(),
            to: request.to,
            purpose: request.purpose.clone(),
            basis: request.basis.clone(),
            consent: String::new(),
            until: request.until,
            process: ProcessNotes::LeaveOut,
            files: true,
            today: practice::today(),
        };
        self.begin_cancellable(Job::Seal);
        let (answers, cancel) = (self.answers.clone(), self.cancelled.stops(Job::Seal));
        let mut progress = |at: import::Progress| {
            answers.send(Event::Progress(Job::Seal, Progress { done: at.done, total: at.of }));
        };
        let sealed = self.vault.with(|vault| {
            let name = own_name(vault).map_err(FileError::from)?;
            sealed_record::seal(vault, (&share, &name), &request.file, &mut progress, &cancel)
        });
        sealed?.map_err(|error| match error {
            SealError::Output(error) => error.into(),
            SealError::Record(error) => Failure::of(&error),
        })?;
        self.tell_devices();
        Ok(Some(Event::Written(Job::Seal)))
    }

    fn open_sealed(&mut self, file: &Path) -> Outcome {
        self.begin_cancellable(Job::OpenSealed);
        let mut sealed = Stoppable { file: File::open(file)?, stops: self.cancelled.stops(Job::OpenSealed) };
        let opened = self.with(|vault| {
            let opened = vault.open_record_in(&mut sealed)?;
            let known = vault.colleagues()?;
            let from = known.into_iter().find(|row| row.card.keys() == &opened.manifest.sender.keys);
            let agreed = vault.setting(AGREED)?.unwrap_or_default();
            let compared = from.as_ref().is_some_and(|row| agreed.chunks_exact(16).any(|id| id == row.id.0));
            Ok((opened, from.map(|row| row.card.name().to_owned()), compared))
        });
        let (opened, from, compared) = match opened {
            Err(_) if (sealed.stops)() => return Err(Failure::Sentence(words::LOOKING_STOPPED.to_owned())),
            Err(Failure::Refused(_)) => return Err(Failure::Sentence(words::NOT_A_SEALED_RECORD.to_owned())),
            other => other?,
        };
        let record = opened.files.iter().find(|file| file.name == "record.json");
        let record: RecordJson = record
            .and_then(|file| serde_json::from_slice(&file.bytes).ok())
            .ok_or_else(|| Failure::Sentence(words::NOT_A_SEALED_RECORD.to_owned()))?;
        let mut notes: Vec<NoteContent> = record.notes.into_iter().map(|note| note.content).collect();
        notes.sort_by_key(|note| std::cmp::Reverse((note.date, note.start)));
        let shown = SealedRecord {
            compared,
            sender: opened.manifest.sender.name.clone(),
            from: from.filter(|_| opened.standing == Standing::Colleague),
            words: opened.manifest.sender.keys.safety_words().join(" "),
            sealed: opened.manifest.created,
            purpose: opened.manifest.purpose.clone(),
            basis: opened.manifest.legal_basis.clone(),
            until: opened.manifest.valid_until,
            client: record.identity.name,
            notes,
            measures: record.measures,
        };
        self.sealed = Some((sealed.file, opened));
        Ok(Some(Event::SealedOpened(Box::new(shown))))
    }

    /// Writes the files of the sealed record into a folder of their own: new, or new inside the one that was named.
    fn save_sealed(&mut self, dir: &Path) -> Outcome {
        self.begin_cancellable(Job::OpenSealed);
        let stops = self.cancelled.stops(Job::OpenSealed);
        let gone = || Failure::Sentence(words::NOT_A_SEALED_RECORD.to_owned());
        let (file, record) = self.sealed.as_mut().ok_or_else(gone)?;
        let mut sealed = Stoppable { file, stops };
        let folder =
            if dir.exists() { dir.join(words::sealed_folder(record.manifest.created)) } else { dir.to_owned() };
        let unpacked = self.vault.with(|vault| sealed_record::unpack(vault, &mut sealed, record, &folder))?;
        unpacked.map_err(|error| match error {
            UnpackError::Output(error) => error.into(),
            UnpackError::Record(_) if (sealed.stops)() => Failure::Sentence(words::LOOKING_STOPPED.to_owned()),
            UnpackError::Record(error) => error.into(),
        })?;
        Ok(Some(Event::Written(Job::OpenSealed)))
    }

    fn import(&mut self, dir: &Path, dry_run: bool) -> Outcome {
        self.begin_cancellable(Job::Import);
        let (answers, cancel) = (self.answers.clone(), self.cancelled.stops(Job::Import));
        let mut progress = move |at: import::Progress| {
            if at.done.is_multiple_of(50) || at.done == at.of {
                answers.send(Event::Progress(Job::Import, Progress { done: at.done, total: at.of }));
            }
        };
        let done = self.vault.with(|vault| vault.import(dir, dry_run, practice::now(), &mut progress, &cancel))??;
        self.last_import = done.id.or(self.last_import);
        self.tell_devices();
        self.send_clients()?;
        Ok(Some(Event::ImportReport(Box::new(report(&done, dry_run)))))
    }

    fn undo_import(&mut self) -> Outcome {
        let last = self.last_import.take();
        self.with(|vault| {
            let newest = vault.imports()?.last().map(|(id, _)| *id);
            vault.undo_import(&last.or(newest).ok_or(VaultError::NoSuchImport)?, practice::now())
        })?;
        self.tell_devices();
        self.send_clients()?;
        Ok(Some(Event::ImportUndone))
    }

    fn export(&mut self, dir: &Path, client: Option<&ClientId>, private: Option<&Passphrase>) -> Outcome {
        if let Some(passphrase) = private {
            self.ask_again(passphrase)?;
        }
        self.settle(true);
        let dir = &fresh_folder(dir);
        let process = if private.is_some() { ProcessNotes::Include } else { ProcessNotes::LeaveOut };
        self.begin_cancellable(Job::Export);
        let (answers, cancel) = (self.answers.clone(), self.cancelled.stops(Job::Export));
        let mut progress = move |at: import::Progress| {
            answers.send(Event::Progress(Job::Export, Progress { done: at.done, total: at.of }));
        };
        self.vault.with(|vault| vault.export(dir, client, process, &mut progress, &cancel))??;
        Ok(Some(Event::Written(Job::Export)))
    }
}

/// A file that is read no further once whoever reads it is to stop.
struct Stoppable<F, S> {
    file: F,
    stops: S,
}

impl<F: Read, S: Fn() -> bool> Read for Stoppable<F, S> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if (self.stops)() { Err(io::Error::other("stopped")) } else { self.file.read(to) }
    }
}

impl<F: Seek, S> Seek for Stoppable<F, S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// The folder that was named, or one inside it when something is in there already.
fn fresh_folder(dir: &Path) -> std::path::PathBuf {
    let taken = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if taken { dir.join(words::export_folder(practice::today())) } else { dir.to_owned() }
}

/// What `record.json` of a sealed record holds, as far as the window shows it.
#[derive(serde::Deserialize)]
struct RecordJson {
    identity: Identity,
    #[serde(default)]
    notes: Vec<NoteJson>,
    #[serde(default)]
    measures: Vec<Measure>,
}

#[derive(serde::Deserialize)]
struct NoteJson {
    #[serde(flatten)]
    content: NoteContent,
}

fn own_card(vault: &Vault) -> Result<ContactCard, VaultError> {
    vault.card(&own_name(vault)?, practice::today())
}

/// The name on one's own card: the one that was given, or that of this device until then.
fn own_name(vault: &Vault) -> Result<String, VaultError> {
    Ok(practice::owner(vault)?.unwrap_or_else(practice::device_name))
}

fn report(done: &Imported, dry_run: bool) -> ImportReport {
    let mut not_understood: Vec<String> = done.report.problems.iter().map(ToString::to_string).collect();
    not_understood.extend(done.too_large.iter().map(|file| words::note_too_large(file)));
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
