//! What a command reads beside the practice: a small file that is named, and the text of a note from standard input.

use std::io::{self, IsTerminal, Read};

use serde_json::{Map, Value};
use subrosa_core::document::MAX_TEXT;
use subrosa_core::import::MAX_NOTE;
use zeroize::Zeroizing;

use super::{CliFailure, Terminal};

/// That a file is too large to be what it was named as.
pub(in crate::cli) fn too_large(what: &str) -> CliFailure {
    CliFailure::refused(format!("This file is too large to be {what}. Nothing was changed."))
}

/// The text of a note, from standard input.
///
/// # Errors
/// [`CliFailure`]: not UTF-8, empty, or longer than a note can be. A pipe that broke must not empty a note.
pub(in crate::cli) fn note_text(terminal: &Terminal) -> Result<String, CliFailure> {
    if io::stdin().is_terminal() {
        terminal.say("Type the text; a line with Ctrl+D alone ends it.");
    }
    text_of(io::stdin().lock())
}

/// One object of JSON, from standard input.
///
/// # Errors
/// [`CliFailure`]: not one object, or longer than a note can be.
pub(in crate::cli) fn object() -> Result<Map<String, Value>, CliFailure> {
    let mut bytes = Zeroizing::new(Vec::new());
    io::stdin().lock().take(MAX_NOTE).read_to_end(&mut bytes)?;
    serde_json::from_slice(&bytes)
        .map_err(|_| CliFailure::usage("Standard input is not one object of JSON. Nothing was changed."))
}

fn text_of(from: impl Read) -> Result<String, CliFailure> {
    let mut bytes = Vec::new();
    let more = u64::try_from(MAX_TEXT).unwrap_or(u64::MAX).saturating_add(1);
    from.take(more).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_TEXT {
        return Err(CliFailure::refused(
            "This is longer than a note can be (4 MiB). Nothing was changed; split it, or attach it as a file.",
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        CliFailure::failed("This text is not UTF-8. Nothing was changed; save it as UTF-8 and try again.")
    })?;
    if text.trim().is_empty() {
        return Err(CliFailure::refused("There is no text on standard input. Nothing was changed."));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_as_it_is_and_what_is_none_is_refused() {
        assert_eq!(text_of("Sov bättre.\n".as_bytes()).unwrap(), "Sov bättre.\n");
        for bytes in [b"".as_slice(), b" \n\t", b"caf\xE9", &vec![b'a'; (8 << 20) + 1]] {
            assert!(text_of(bytes).is_err());
        }
    }
}
