//! Joining by two files: `devices request`, `devices admit`, `devices finish`.

use std::path::Path;

use serde_json::json;
use subrosa_core::pairing::Code;

use crate::cli::console::{Answer, CliFailure, CliSession};
use crate::operations::devices::joining::{self, JoinFileError};
use crate::practice::passphrase;
use crate::practice::{self, Profile, file_io};

/// `devices request`: asks to join, by a file for a device of the practice.
pub(in crate::cli) fn request(
    session: &CliSession,
    out: &Path,
    words: Option<&Path>,
    device_name: Option<&str>,
) -> Result<Answer, CliFailure> {
    let file = session.file()?;
    session.warn_of_place(&file);
    [Some(out), words].into_iter().flatten().try_for_each(file_io::refuse_taken)?;
    let passphrase = passphrase::fresh(session.passphrase_file(), "Choose a passphrase for this device: ")?;
    let name = device_name.map_or_else(practice::device_name, str::to_owned);
    let deliver = |code: &Code, bytes: &[u8]| {
        words.map_or(Ok(()), |words| file_io::write_new(words, code.words().as_bytes()))?;
        file_io::write_new(out, bytes)
    };
    let code = joining::request(&file, (&passphrase, &name, Profile::Calibrated), deliver)?;
    if words.is_none() {
        session
            .terminal
            .tell("Write these words down. They are typed on the device that lets this one in, and here again:");
        session.terminal.tell(&code.words());
    }
    let text = "The request is written. Take it to a device of the practice, `subrosa devices admit`, and bring its answer back, `subrosa devices finish`.";
    Ok(Answer::new(json!({ "requested": name }), text))
}

/// `devices admit`: lets the device in that wrote a request, by an answer for it.
pub(in crate::cli) fn admit(
    session: &CliSession,
    (request, answer): (&Path, &Path),
    words: Option<&Path>,
    yes: bool,
) -> Result<Answer, CliFailure> {
    file_io::refuse_taken(answer)?;
    let code = code(words)?;
    let asked = joining::read_request(request, &code, Profile::Calibrated)?;
    let question = format!("A device that calls itself “{}” has the words. Let it in?", asked.name);
    if !yes && !session.terminal.agrees(&question) {
        return Err(CliFailure::refused(
            "No device was let in. Where nobody can be asked, say --yes with the command.".to_owned(),
        ));
    }
    session.with(|vault| {
        let again = passphrase::existing(session.passphrase_file(), "Passphrase, again to let a device in: ")?;
        let bytes = joining::admit(vault, &asked, &again)?;
        file_io::write_new(answer, &bytes)?;
        let text = format!("{} belongs to this practice now. Take the answer to it.", asked.name);
        Ok(Answer::new(json!({ "joined": asked.name }), text))
    })
}

/// `devices finish`: joins with the answer to this device's request.
pub(in crate::cli) fn finish(session: &CliSession, answer: &Path, words: Option<&Path>) -> Result<Answer, CliFailure> {
    let file = session.file()?;
    if !joining::is_asked(&file) {
        return Err(JoinFileError::NotAsked.into());
    }
    let code = code(words)?;
    let passphrase = passphrase::existing(session.passphrase_file(), "The passphrase that you chose here: ")?;
    let vault = joining::finish(&file, (answer, &code), (&passphrase, Profile::Calibrated))?;
    vault.lock()?;
    let text = "This device belongs to the practice now. Notes come when it meets another one, or through a sync folder: `subrosa folder`.";
    Ok(Answer::new(json!({ "joined": true }), text))
}

fn code(words: Option<&Path>) -> Result<Code, CliFailure> {
    let typed = match words {
        Some(file) => passphrase::existing(Some(file), "")?,
        None => passphrase::secret_line("The words: ")?,
    };
    Code::parse(typed.expose()).map_err(|error| CliFailure::failed(error.to_string()))
}

impl From<JoinFileError> for CliFailure {
    fn from(error: JoinFileError) -> Self {
        match error {
            JoinFileError::Slot(error) => subrosa_core::vault::UnlockError::from(error).into(),
            JoinFileError::Unlock(error) => error.into(),
            JoinFileError::Vault(error) => error.into(),
            JoinFileError::Io(error) => error.into(),
            JoinFileError::Pairing(_) | JoinFileError::NotAsked => Self::refused(error.to_string()),
            JoinFileError::Strength(_) => Self::failed(error.to_string()),
        }
    }
}
