//! Contact cards, and records that are sealed to a colleague or were sealed by one.

mod open;
mod seal;

use std::path::Path;

use serde_json::{Value, json};
use subrosa_core::vault::Vault;

pub(super) use self::open::{OpenOptions, open};
pub(super) use self::seal::{SealOptions, seal};
use super::console::{Answer, CliFailure, find, table};
use crate::operations::own_card;
use crate::operations::sealed_record::{self, RecordFileError};
use crate::practice::{self, file_io};

/// Beside two cards that only the words tell apart.
const ALIKE: &str = "Another card bears this name, or passes for this one. Ask by telephone whose words are theirs, and take the other off the list: `colleagues remove`.";

/// `card`: this practice's own, to be given away.
pub(super) fn card(vault: &mut Vault, name: Option<&str>, out: Option<&Path>) -> Result<Answer, CliFailure> {
    let name = name.map_or_else(|| owner(vault), |name| Ok(name.to_owned()))?;
    let card = own_card::of(vault, &name)?;
    practice::keep_owner(vault, card.name())?;
    let text = String::from_utf8_lossy(card.as_bytes()).into_owned();
    let words = card.safety_words();
    if let Some(out) = out {
        file_io::write_new(out, card.as_bytes())?;
    }
    own_card::was_made(vault, &card)?;
    let json = json!({ "name": card.name(), "made": card.made(), "safety_words": words, "card": text });
    let shown = match out {
        Some(_) => {
            format!("The card is written. It is not secret. Its words, to compare by telephone:\n{}", words.join(" "))
        }
        None => text,
    };
    Ok(Answer::new(json, shown))
}

/// The name given with the card, which stands on every sealed record too.
fn owner(vault: &Vault) -> Result<String, CliFailure> {
    practice::owner(vault)?.ok_or_else(no_name)
}

fn no_name() -> CliFailure {
    CliFailure::usage(
        "Your name is not known yet. Make your card once with `subrosa card --name NAME`; nothing was changed.",
    )
}

impl From<RecordFileError> for CliFailure {
    fn from(error: RecordFileError) -> Self {
        match error {
            RecordFileError::File(error) => error.into(),
            RecordFileError::Record(error) => error.into(),
            RecordFileError::NoName => no_name(),
        }
    }
}

/// `colleagues`
pub(super) fn list(vault: &mut Vault) -> Result<Answer, CliFailure> {
    let rows = vault.exchange().colleagues()?;
    let json: Value = rows
        .iter()
        .map(|row| {
            let (card, words) = (&row.card, row.card.safety_words());
            json!({ "id": row.id, "name": card.name(), "made": card.made(), "safety_words": words, "alike": row.alike })
        })
        .collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let words = row.card.safety_words().join(" ");
            [find::short(&row.id), row.card.name().to_owned(), row.card.made().to_string(), words]
        })
        .collect();
    let empty = "There are no colleagues yet.".to_owned();
    let head = ["id", "name", "card of", "words to compare by telephone"];
    let mut text = if rows.is_empty() { empty } else { table(head, &shown) };
    if rows.iter().any(|row| row.alike) {
        text.push_str(&format!("\n{ALIKE}"));
    }
    Ok(Answer::new(json, text))
}

/// `colleagues remove`
pub(super) fn remove(vault: &mut Vault, colleague: &str) -> Result<Answer, CliFailure> {
    let id = find::colleague(vault, colleague)?;
    vault.exchange_mut().remove_colleague(&id, practice::now()).map_err(RecordFileError::from)?;
    let text = "Taken off the list. What was sealed for them stays as it is; add the card again to have them back.";
    Ok(Answer::new(json!({ "id": id }), text.to_owned()))
}

/// `colleagues add`
pub(super) fn add(vault: &mut Vault, file: &Path) -> Result<Answer, CliFailure> {
    let id = sealed_record::add_card(vault, file)?;
    let rows = vault.exchange().colleagues()?;
    let card = rows.iter().find(|row| row.id == id).map(|row| &row.card);
    let (name, words) = card.map(|card| (card.name(), card.safety_words())).unwrap_or_default();
    let alike = rows.iter().any(|row| row.id == id && row.alike);
    let json = json!({ "id": id, "name": name, "safety_words": words, "alike": alike });
    let mut text = format!(
        "Added: {name}\nCompare these words with them by telephone before you use the card:\n{}",
        words.join(" ")
    );
    if alike {
        text.push_str(&format!("\n{ALIKE}"));
    }
    Ok(Answer::new(json, text))
}
