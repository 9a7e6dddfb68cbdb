//! This practice's own contact card: made for a file, and whether colleagues hold another one, from before a device was lost.

use subrosa_core::card::ContactCard;
use subrosa_core::vault::{RecordError, RowError, Vault};

use crate::practice;

/// The setting that holds the safety words of the card that was made last on this device.
const GIVEN: &str = "own card";

/// The card of today under this name.
///
/// # Errors
/// [`RecordError`].
pub(crate) fn of(vault: &Vault, name: &str) -> Result<ContactCard, RecordError> {
    vault.exchange().card(name, practice::today())
}

/// Remembers that this card was made to be given away.
///
/// # Errors
/// [`RowError`].
pub(crate) fn was_made(vault: &mut Vault, card: &ContactCard) -> Result<(), RowError> {
    vault.keep_setting(GIVEN, card.safety_words().join(" ").as_bytes())
}

/// Whether the card is another one than colleagues may hold, and nobody has made it here yet.
///
/// # Errors
/// [`RecordError`].
pub(crate) fn is_news(vault: &Vault, card: &ContactCard) -> Result<bool, RecordError> {
    let given = vault.setting(GIVEN)?;
    let may_be_held = given.is_some() || !vault.exchange().colleagues()?.is_empty();
    let is_made = given.is_some_and(|words| words == card.safety_words().join(" ").as_bytes());
    Ok(vault.exchange().has_new_card() && may_be_held && !is_made)
}
