//! Colleagues, their cards, and sealed records.

use std::fs::File;
use std::io;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use subrosa_core::card::ContactCard;
use subrosa_core::export::ProcessNotes;
use subrosa_core::id::ColleagueId;
use subrosa_core::record::{Identity, Measure, NoteContent};
use subrosa_core::share::Standing;
use subrosa_core::vault::{RecordError, Share, Vault};

use crate::features::colleagues::messages::{ColleaguesEffect, ColleaguesEvent};
use crate::features::colleagues::values::{ColleagueRow, OwnCard, SealRequest, SealedRecord};
use crate::features::notes::job::unsaved::save_unsaved;
use crate::features::signing::job::finish_signatures;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::operations::own_card;
use crate::operations::sealed_record::{self, RecordFileError};
use crate::practice::file_io;
use crate::values::job::Job;
use crate::{practice, words};

/// Name of the setting that lists the colleagues whose words agreed.
const AGREED: &str = "words agreed";

pub(crate) fn answer(bench: &mut Bench, effect: ColleaguesEffect) -> JobOutcome {
    // What is sealed takes its last words along.
    save_unsaved(bench);
    match effect {
        ColleaguesEffect::Load => colleagues(bench),
        ColleaguesEffect::KeepOwner(name) => {
            bench.with(|vault| practice::keep_owner(vault, &name))?;
            colleagues(bench)
        }
        ColleaguesEffect::MakeCard { file } => make_card(bench, &file),
        ColleaguesEffect::Add { file } => add_colleague(bench, &file),
        ColleaguesEffect::WordsAgree(id) => words_agree(bench, id),
        ColleaguesEffect::Remove(id) => remove(bench, &id),
        ColleaguesEffect::Seal(request) => seal(bench, &request),
        ColleaguesEffect::OpenSealed { file } => open_sealed(bench, &file),
        ColleaguesEffect::SaveSealed { dir } => save_sealed(bench, &dir),
        ColleaguesEffect::CloseSealed => {
            bench.sealed = None;
            Ok(None)
        }
    }
}

fn colleagues(bench: &Bench) -> JobOutcome {
    bench.with(|vault| {
        let agreed = vault.setting(AGREED)?.unwrap_or_default();
        let card = own_card(vault)?;
        let is_news = own_card::is_news(vault, &card)?;
        let own = OwnCard { name: practice::owner(vault)?, words: card.safety_words().join(" "), is_news };
        let rows = vault.exchange().colleagues()?.into_iter().map(|row| ColleagueRow {
            id: row.id,
            name: row.card.name().to_owned(),
            words: row.card.safety_words().join(" "),
            compared: agreed.chunks_exact(16).any(|id| id == row.id.0),
            alike: row.alike,
        });
        Ok(Some(Event::Colleagues(ColleaguesEvent::Listed(Box::new(own), rows.collect()))))
    })
}

fn make_card(bench: &Bench, file: &Path) -> JobOutcome {
    let card = bench.with(|vault| Ok(own_card(vault)?))?;
    file_io::write_new(file, card.as_bytes())?;
    bench.with(|vault| Ok(own_card::was_made(vault, &card)?))?;
    if let Some(listed) = colleagues(bench)? {
        bench.answers.send(listed);
    }
    Ok(Some(Event::Written(Job::Colleagues)))
}

fn add_colleague(bench: &mut Bench, file: &Path) -> JobOutcome {
    bench.vault.with(|vault| sealed_record::add_card(vault, file))??;
    bench.tell_devices();
    colleagues(bench)
}

/// Takes a colleague off the list. That the words agreed is forgotten with them.
fn remove(bench: &mut Bench, id: &ColleagueId) -> JobOutcome {
    bench
        .vault
        .with(|vault| vault.exchange_mut().remove_colleague(id, practice::now()))?
        .map_err(RecordFileError::from)?;
    bench.with(|vault| {
        let agreed = vault.setting(AGREED)?.unwrap_or_default();
        let left = agreed.chunks_exact(16).filter(|agreed| *agreed != id.0).flatten().copied();
        Ok(vault.keep_setting(AGREED, &left.collect::<Vec<u8>>())?)
    })?;
    bench.tell_devices();
    colleagues(bench)
}

fn words_agree(bench: &Bench, id: ColleagueId) -> JobOutcome {
    bench.with(|vault| {
        let mut agreed = vault.setting(AGREED)?.unwrap_or_default();
        agreed.extend(id.0);
        Ok(vault.keep_setting(AGREED, &agreed)?)
    })?;
    colleagues(bench)
}

fn seal(bench: &mut Bench, request: &SealRequest) -> JobOutcome {
    let sender = bench.vault.with(|vault| sealed_record::sender(vault))??;
    // What was signed a moment ago goes along.
    finish_signatures(bench, true);
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
    bench.cancelled.begin(Job::Seal);
    let (answers, cancel) = (bench.answers.clone(), bench.cancelled.stops(Job::Seal));
    let mut progress = answers.progress_of(Job::Seal);
    let seal = |vault: &mut Vault| sealed_record::seal(vault, (&share, &sender), &request.file, &mut progress, &cancel);
    bench.vault.with(seal)?.map_err(|error| match error {
        // Damage in one record is no damage that keeps the practice shut.
        RecordFileError::Record(error) => JobFailure::of(&error),
        error => error.into(),
    })?;
    bench.tell_devices();
    Ok(Some(Event::Written(Job::Seal)))
}

fn open_sealed(bench: &mut Bench, file: &Path) -> JobOutcome {
    bench.cancelled.begin(Job::OpenSealed);
    let mut sealed = Stoppable { file: File::open(file)?, stops: bench.cancelled.stops(Job::OpenSealed) };
    let opened = bench.with(|vault| {
        let opened = vault.exchange().open_record_in(&mut sealed)?;
        let known = vault.exchange().colleagues()?;
        let from = known.into_iter().find(|row| row.card.keys() == &opened.manifest.sender.keys);
        let agreed = vault.setting(AGREED)?.unwrap_or_default();
        let compared = from.as_ref().is_some_and(|row| agreed.chunks_exact(16).any(|id| id == row.id.0));
        Ok((opened, from.map(|row| row.card.name().to_owned()), compared))
    });
    let (opened, from, compared) = match opened {
        Err(_) if (sealed.stops)() => return Err(JobFailure::Sentence(words::LOOKING_STOPPED.to_owned())),
        Err(JobFailure::Refused(_)) => return Err(JobFailure::Sentence(words::NOT_A_SEALED_RECORD.to_owned())),
        other => other?,
    };
    let record = opened.files.iter().find(|file| file.name == "record.json");
    let record: RecordJson = record
        .and_then(|file| serde_json::from_slice(&file.bytes).ok())
        .ok_or_else(|| JobFailure::Sentence(words::NOT_A_SEALED_RECORD.to_owned()))?;
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
    bench.sealed = Some((sealed.file, opened));
    Ok(Some(Event::Colleagues(ColleaguesEvent::SealedOpened(Box::new(shown)))))
}

/// Writes the files of the sealed record into a folder of their own: new, or new inside the one that was named.
fn save_sealed(bench: &mut Bench, dir: &Path) -> JobOutcome {
    bench.cancelled.begin(Job::OpenSealed);
    let stops = bench.cancelled.stops(Job::OpenSealed);
    let gone = || JobFailure::Sentence(words::NOT_A_SEALED_RECORD.to_owned());
    let (file, record) = bench.sealed.as_mut().ok_or_else(gone)?;
    let mut sealed = Stoppable { file, stops };
    let folder = if dir.exists() { dir.join(words::sealed_folder(record.manifest.created)) } else { dir.to_owned() };
    let unpacked = bench.vault.with(|vault| sealed_record::unpack(vault, &mut sealed, record, &folder))?;
    unpacked.map_err(|error| match error {
        RecordFileError::Record(_) if (sealed.stops)() => JobFailure::Sentence(words::LOOKING_STOPPED.to_owned()),
        error => error.into(),
    })?;
    Ok(Some(Event::Written(Job::OpenSealed)))
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

/// One's own card; its words are those of its keys, whatever name it will have.
fn own_card(vault: &Vault) -> Result<ContactCard, RecordError> {
    let name = practice::owner(vault)?.unwrap_or_else(practice::device_name);
    own_card::of(vault, &name)
}

impl From<RecordFileError> for JobFailure {
    fn from(error: RecordFileError) -> Self {
        match error {
            RecordFileError::File(error) => error.into(),
            RecordFileError::Record(error) => error.into(),
            RecordFileError::NoName => Self::Sentence(words::OWN_NAME_FIRST.to_owned()),
        }
    }
}
