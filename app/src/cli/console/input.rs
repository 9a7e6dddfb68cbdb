//! What a command reads beside the practice: a small file that is named, and the text of a note from standard input.

use std::io::{self, IsTerminal, Read};

use serde_json::{Map, Value};
use subrosa_core::document::{MAX_FIELDS, MAX_TEXT};
use zeroize::Zeroizing;

use super::{CliFailure, Terminal};

/// Bytes of an object on standard input: all that its values may have, with every letter written as `\u00e4`.
const MAX_OBJECT: usize = 8 * MAX_FIELDS;

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
/// [`CliFailure`]: not one object, or longer than one can be whose values fit.
pub(in crate::cli) fn object() -> Result<Map<String, Value>, CliFailure> {
    object_of(io::stdin().lock())
}

fn object_of(from: impl Read) -> Result<Map<String, Value>, CliFailure> {
    let bytes = Zeroizing::new(up_to(from, MAX_OBJECT)?.ok_or_else(|| {
        CliFailure::refused("This is more than particulars can be (64 KiB). Nothing was changed; shorten it.")
    })?);
    serde_json::from_slice(&bytes)
        .map_err(|_| CliFailure::usage("Standard input is not one object of JSON. Nothing was changed."))
}

fn text_of(from: impl Read) -> Result<String, CliFailure> {
    let bytes = up_to(from, MAX_TEXT)?.ok_or_else(|| {
        CliFailure::refused(
            "This is longer than a note can be (4 MiB). Nothing was changed; split it, or attach it as a file.",
        )
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        CliFailure::failed("This text is not UTF-8. Nothing was changed; save it as UTF-8 and try again.")
    })?;
    if text.trim().is_empty() {
        return Err(CliFailure::refused("There is no text on standard input. Nothing was changed."));
    }
    Ok(text)
}

/// All that can be read; `None` where that is more than so many bytes.
fn up_to(from: impl Read, most: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() <= most))
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

    #[test]
    fn an_object_is_taken_up_to_its_limit_and_one_that_is_longer_is_called_long_and_not_broken() {
        let object = |len: usize| format!("{{\"name\": \"{}\"}}", "a".repeat(len - 12)).into_bytes();
        assert_eq!(object_of(&*object(MAX_OBJECT)).unwrap().len(), 1);
        let longer = object_of(&*object(MAX_OBJECT + 1)).unwrap_err();
        let broken = object_of(&object(100)[..90]).unwrap_err();
        assert!(longer.words.contains("64 KiB") && broken.words.contains("not one object"));
    }
}
