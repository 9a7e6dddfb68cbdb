//! `new-keys`: all keys of this device made new.

use serde_json::json;
use subrosa_core::vault::Vault;

use crate::cli::console::{Answer, CliFailure, CliSession, interrupt};
use crate::operations;
use crate::practice::{Profile, passphrase};

/// What it means, before it is done.
const MEANS: &str = "The practice is written into a new file under keys that are all new, which takes the place of this one. Needs as \
much room on the disk as the practice has. This device becomes another one, of the same name.";
/// What follows, when it is done.
const FOLLOWS: &str = "An old copy of the file, with the passphrase that it had, opens nothing that is written from now on. What was \
written before, it opens for ever. Your other devices hear of it the next time they sync with this one: let each of them do that \
soon, and make the keys of another device new only after that. Colleagues need your new contact card: `subrosa card`.\n\
The recovery kit is the one from before. If somebody may have seen it, make another one with `subrosa new-kit`. Make a new backup now, \
with `subrosa backup`, and destroy what you have of old copies.";

/// The passphrase stays what it is.
pub(in crate::cli) fn new_keys(session: &CliSession, vault: &mut Vault) -> Result<Answer, CliFailure> {
    session.terminal.tell(MEANS);
    let again = passphrase::existing(session.passphrase_file(), "Passphrase, again to make all keys new: ")?;
    let former = vault.device();
    let progress = &mut |progress| session.terminal.progress("Sealing the practice anew", progress);
    interrupt::watch();
    operations::new_keys::make(vault, &again, Profile::Calibrated, progress, &interrupt::asked_to_stop)?;
    let device = vault.device();
    let text = format!("All keys of this device are new. {FOLLOWS}");
    Ok(Answer::new(json!({ "id": device, "former_id": former }), text))
}
