//! A device that joins by two files: the request is written, opened, answered, and the answer used.

use std::path::Path;

use subrosa_core::pairing::Code;
use subrosa_core::secret::Passphrase;

use crate::features::devices::job::syncing::start_syncing;
use crate::features::letters::messages::{LettersEffect, LettersEvent};
use crate::features::opening::job::opened::opened;
use crate::features::opening::messages::OpeningEvent;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::operations::devices::joining::{self, JoinFileError};
use crate::practice::{self, file_io};
use crate::values::navigation::Field;
use crate::values::secret::Secret;
use crate::words;

pub(crate) fn answer(bench: &mut Bench, effect: LettersEffect) -> JobOutcome {
    match effect {
        LettersEffect::Request { out, passphrase, name } => request(bench, &out, &passphrase, &name),
        LettersEffect::Finish { answer, words, passphrase } => finish(bench, &answer, &words, &passphrase),
        LettersEffect::Read { request, words } => {
            let asked = joining::read_request(&request, &code(&words)?, bench.setting.profile)?;
            Ok(Some(Event::Letters(LettersEvent::Read(asked.name))))
        }
        LettersEffect::Admit { request, words, passphrase, answer } => {
            admit(bench, (&request, &answer), &words, &passphrase)
        }
    }
}

fn request(bench: &Bench, out: &Path, passphrase: &Passphrase, name: &str) -> JobOutcome {
    file_io::refuse_taken(out)?;
    let name = if name.is_empty() { practice::device_name() } else { name.to_owned() };
    let device = (passphrase, name.as_str(), bench.setting.profile);
    let code = joining::request(&bench.setting.file, device, |_, bytes| file_io::write_new(out, bytes))?;
    Ok(Some(Event::Letters(LettersEvent::Requested(Secret::new(code.words().to_string())))))
}

fn finish(bench: &mut Bench, answer: &Path, words: &Passphrase, passphrase: &Passphrase) -> JobOutcome {
    let (file, profile) = (bench.setting.file.clone(), bench.setting.profile);
    let vault = joining::finish(&file, (answer, &code(words)?), (passphrase, profile))?;
    bench.vault.put(vault);
    start_syncing(bench);
    Ok(Some(Event::Opening(OpeningEvent::Unlocked(Box::new(opened(bench, false)?)))))
}

fn admit(
    bench: &mut Bench,
    (request, answer): (&Path, &Path),
    words: &Passphrase,
    passphrase: &Passphrase,
) -> JobOutcome {
    file_io::refuse_taken(answer)?;
    let asked = joining::read_request(request, &code(words)?, bench.setting.profile)?;
    let bytes = bench.with(|vault| joining::admit(vault, &asked, passphrase))?;
    file_io::write_new(answer, &bytes)?;
    bench.tell_devices();
    Ok(Some(Event::Letters(LettersEvent::Answered(asked.name))))
}

fn code(words: &Passphrase) -> Result<Code, JobFailure> {
    Code::parse(words.expose()).map_err(|error| JobFailure::Unfit(Field::Code, words::code_slip(error)))
}

impl From<JoinFileError> for JobFailure {
    fn from(error: JoinFileError) -> Self {
        match error {
            JoinFileError::Vault(error) => error.into(),
            JoinFileError::Unlock(error) => error.into(),
            JoinFileError::Io(error) => error.into(),
            JoinFileError::Slot(error) => subrosa_core::vault::UnlockError::from(error).into(),
            JoinFileError::Pairing(_) | JoinFileError::NotAsked | JoinFileError::Strength(_) => {
                Self::Sentence(words::first_upper(&error.to_string()))
            }
        }
    }
}
