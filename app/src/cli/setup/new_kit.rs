//! `new-kit`: another recovery kit for a practice that is in use. Written, typed back from, and only then in force.

use std::fs;
use std::path::Path;

use serde_json::json;
use subrosa_core::id::DeviceId;
use subrosa_core::kit::kit_number;
use subrosa_core::vault::{NewKit, Vault};

use crate::cli::console::{Answer, CliFailure, CliSession};
use crate::cli::setup;
use crate::operations::recovery_kit::{self, NewKitError};
use crate::practice::passphrase;
use crate::words;

/// What became of the old paper.
const OLD_KIT: &str = "The old kit opens backups and copies of the file that were made before, and other devices until they follow, when they \
are unlocked next. Keep it as long as you keep those backups, and destroy it with them. Make a new backup now, with `subrosa backup`.";

/// The new kit goes into a file, or is shown; where somebody can be asked, it is in force only after some of it was typed back.
pub(in crate::cli) fn new_kit(
    session: &CliSession,
    vault: &mut Vault,
    save: Option<&Path>,
) -> Result<Answer, CliFailure> {
    if save.is_some_and(Path::exists) {
        return Err(CliFailure::refused("There is already a file where the new kit was to go. Nothing was changed."));
    }
    let again = passphrase::existing(session.passphrase_file(), "Passphrase, again for a new recovery kit: ")?;
    let kit = vault.devices_mut().draw_kit(&again)?;
    drop(again);
    let device = vault.device();
    let asks = session.terminal.can_ask();
    let page = recovery_kit::page(kit.seed(), device);
    match save {
        Some(file) => setup::write_page(file, &page, device)?,
        None if asks => session.terminal.tell(&page),
        None => {}
    }
    if asks && !setup::typed_back(session, kit.seed(), "only then does it count; Enter alone keeps the old kit") {
        put_away(save);
        return Err(CliFailure::refused(
            "The new kit was not typed back, so nothing was changed: the old kit still counts. Destroy what you printed or copied.",
        ));
    }
    recovery_kit::put_in_force(vault, &kit, asks).map_err(|error| -> CliFailure {
        match error {
            NewKitError::Refused(error) => {
                put_away(save);
                error.into()
            }
            NewKitError::Uncertain(error) => {
                session.terminal.say(&format!("{}.", words::NEW_KIT_UNCERTAIN));
                error.into()
            }
            NewKitError::InForce(error) => {
                session.terminal.say(&format!("{}.", words::NEW_KIT_COUNTS));
                if save.is_none() && !asks {
                    // It is shown now, and only now.
                    session.terminal.tell(&page);
                }
                error.into()
            }
        }
    })?;
    answer(vault, &kit, device, (save.is_some(), asks))
}

/// A paper that opens nothing must not be found beside the one that does.
fn put_away(saved: Option<&Path>) {
    let _ = saved.map(fs::remove_file);
}

fn answer(vault: &Vault, kit: &NewKit, device: DeviceId, (saved, proven): (bool, bool)) -> Result<Answer, CliFailure> {
    let number = kit_number(&vault.devices().kit_in_force()?.number);
    // Where nobody could be asked and no file was named, it is shown now, and only now.
    let shown = (!saved && !proven).then(|| recovery_kit::page(kit.seed(), device));
    let shown = shown.as_deref().map(String::as_str);
    let json = json!({
        "id": device, "kit_number": number, "recovery_kit": shown, "recovery_kit_written": saved, "proven": proven,
    });
    let mut text = format!("The new recovery kit, number {number}, is in force. {OLD_KIT}\n");
    match shown {
        Some(page) => text.push_str(&format!("It is shown once: print it or write it down.\n\n{page}")),
        None if saved => text.push_str("Print it, keep it away from this computer, and delete its file."),
        None => {}
    }
    Ok(Answer::new(json, text))
}
