//! Where a passphrase comes from on the command line: a file that is named, or a prompt. Never an argument or the value
//! of a variable: both are shown to every program on the machine.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use subrosa_core::secret::Passphrase;
use zeroize::Zeroize;

use super::passphrase_strength::PassphraseStrength;

/// The variable that may name the file. Its value is a path, never a passphrase.
pub const FILE_VARIABLE: &str = "SUBROSA_PASSPHRASE_FILE";
/// Bytes of a passphrase file.
const LONGEST: u64 = 4096;

/// Why there is no passphrase. Nothing was opened or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoPassphrase {
    /// The file is not there, or may not be read.
    #[error("The passphrase file cannot be read ({0}). Nothing was opened.")]
    File(io::ErrorKind),
    /// Not a text, or far too long.
    #[error("The passphrase file holds no passphrase: it must be one line of UTF-8 text. Nothing was opened.")]
    NotText,
    /// Nothing was typed, or the file has nothing in it.
    #[error("The passphrase is empty. Nothing was opened.")]
    Empty,
    /// Nobody to ask.
    #[error(
        "There is no terminal to ask for the passphrase on. Name a file that holds it with --passphrase-file. Nothing was opened."
    )]
    NoTerminal,
    /// Typed twice, differently.
    #[error("The two passphrases differ. Nothing was changed; try again.")]
    Differ,
    /// A new one with too few characters.
    #[error(
        "This passphrase is too short: it needs at least ten characters. Nothing was changed; choose several unusual words."
    )]
    TooShort,
    /// A new one that others would guess.
    #[error("This passphrase is too easy to guess. Nothing was changed; choose a passphrase of several unusual words.")]
    Guessable,
}

/// The file to read a passphrase from, if one is named: by the argument, else by the variable.
pub fn named_file(argument: Option<&Path>) -> Option<PathBuf> {
    let named = argument.map(Path::to_owned);
    named.or_else(|| std::env::var_os(FILE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from))
}

/// The passphrase that opens something: out of the file, or typed.
///
/// # Errors
/// [`NoPassphrase`].
pub fn existing(file: Option<&Path>, prompt: &str) -> Result<Passphrase, NoPassphrase> {
    match file {
        Some(file) => from_file(file),
        None => typed(prompt),
    }
}

/// A passphrase to be set, strong enough: out of the file, or typed twice.
///
/// # Errors
/// [`NoPassphrase`].
pub fn fresh(file: Option<&Path>, prompt: &str) -> Result<Passphrase, NoPassphrase> {
    if let Some(file) = file {
        return strong(from_file(file)?);
    }
    let first = strong(typed(prompt)?)?;
    let second = typed("The same again: ")?;
    if first.expose() == second.expose() { Ok(first) } else { Err(NoPassphrase::Differ) }
}

/// A new passphrase, if it is as strong as the window asks too.
fn strong(new: Passphrase) -> Result<Passphrase, NoPassphrase> {
    let strength = PassphraseStrength::of(new.expose());
    match (strength.is_enough(), strength.is_long_enough) {
        (true, _) => Ok(new),
        (false, false) => Err(NoPassphrase::TooShort),
        (false, true) => Err(NoPassphrase::Guessable),
    }
}

/// A secret line that is typed unseen, or the first line of standard input when that is no terminal.
///
/// # Errors
/// [`NoPassphrase`].
pub fn secret_line(prompt: &str) -> Result<Passphrase, NoPassphrase> {
    if io::stdin().is_terminal() {
        return typed(prompt);
    }
    line_of(io::stdin().lock().take(LONGEST + 1))
}

fn typed(prompt: &str) -> Result<Passphrase, NoPassphrase> {
    // A note may come through standard input while somebody sits at the terminal; with neither, nobody does.
    if !io::stdin().is_terminal() && !io::stderr().is_terminal() {
        return Err(NoPassphrase::NoTerminal);
    }
    let line = rpassword::prompt_password(prompt).map_err(|_| NoPassphrase::NoTerminal)?;
    if line.is_empty() { Err(NoPassphrase::Empty) } else { Ok(Passphrase::new(line)) }
}

fn from_file(file: &Path) -> Result<Passphrase, NoPassphrase> {
    let file = File::open(file).map_err(|error| NoPassphrase::File(error.kind()))?;
    line_of(file.take(LONGEST + 1))
}

/// One line, without its end; spaces belong to it.
fn line_of(mut from: impl Read) -> Result<Passphrase, NoPassphrase> {
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(usize::try_from(LONGEST).unwrap_or_default() + 2);
    from.read_to_end(&mut bytes).map_err(|error| NoPassphrase::File(error.kind()))?;
    let line = String::from_utf8(bytes).map_err(|error| {
        error.into_bytes().zeroize();
        NoPassphrase::NotText
    })?;
    // Holds the whole text, so that it is wiped on every way out.
    let mut line = zeroize::Zeroizing::new(line);
    let ends = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(ends);
    if line.len() > usize::try_from(LONGEST).unwrap_or_default() || line.contains(['\n', '\0']) {
        return Err(NoPassphrase::NotText);
    }
    if line.is_empty() { Err(NoPassphrase::Empty) } else { Ok(Passphrase::new(std::mem::take(&mut *line))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, NoPassphrase> {
        line_of(bytes).map(|passphrase| passphrase.expose().to_owned())
    }

    #[test]
    fn a_file_gives_its_one_line_with_its_spaces_and_without_its_end() {
        for bytes in ["  två ord ", "  två ord \n", "  två ord \r\n", "  två ord \n\n"] {
            assert_eq!(read(bytes.as_bytes()).as_deref(), Ok("  två ord "));
        }
    }

    #[test]
    fn what_is_no_passphrase_is_refused() {
        assert_eq!(read(b""), Err(NoPassphrase::Empty));
        assert_eq!(read(b"\n"), Err(NoPassphrase::Empty));
        assert_eq!(read(b"one\ntwo\n"), Err(NoPassphrase::NotText));
        assert_eq!(read(b"caf\xE9"), Err(NoPassphrase::NotText));
        assert_eq!(read(&[b'a'; 5000]), Err(NoPassphrase::NotText));
        assert_eq!(existing(Some(Path::new("/")), "").err().map(|e| matches!(e, NoPassphrase::File(_))), Some(true));
    }

    #[test]
    fn a_new_passphrase_is_strong_wherever_it_comes_from_and_one_that_opens_something_is_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passphrase");
        for (line, refused) in [
            ("lantern gravel oboe thicket", None),
            ("kx7Qm2vRt", Some(NoPassphrase::TooShort)),
            ("password12", Some(NoPassphrase::Guessable)),
            ("password password", Some(NoPassphrase::Guessable)),
        ] {
            std::fs::write(&file, line).unwrap();
            assert_eq!(fresh(Some(&file), "").err(), refused, "{line}");
            assert!(existing(Some(&file), "").is_ok(), "{line}");
        }
    }

    #[test]
    fn an_argument_names_the_file_before_the_variable_does() {
        assert_eq!(named_file(Some(Path::new("here"))), Some(PathBuf::from("here")));
    }
}
