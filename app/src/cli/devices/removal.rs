//! Removing a device, and what to do with what arrives from one that was removed.

use serde_json::json;
use subrosa_core::id::DeviceId;
use subrosa_core::vault::{Credential, DeviceError, Gone, Quarantined, Vault};

use super::pairing::name_of;
use crate::cli::console::{Answer, CliFailure, CliSession, time_of};
use crate::operations;
use crate::practice::{self, passphrase};
use crate::words;

/// What removing a device means, before it is done.
const MEANS: &str = "It can read nothing that you write from now on, and what it writes is not used unless you keep it. What it has \
stays on it: every note until now. If it is lost, what protects that is its passphrase. Removing is final: the same device can \
only come back set up anew, as another one.";

/// What colleagues need after a device was lost.
const NEW_CARD: &str = " The practice has a new contact card, with which that device cannot sign: give it to your colleagues, `subrosa card`.";

/// `devices remove`: that device is out, and the practice goes on without it.
pub(in crate::cli) fn remove(
    session: &CliSession,
    vault: &mut Vault,
    (which, gone): (&str, Gone),
    yes: bool,
) -> Result<Answer, CliFailure> {
    if vault.devices().is_removed() {
        return Err(DeviceError::RemovedHere.into());
    }
    let row = find(vault.devices().all()?, which, |row| (row.id, row.name.as_str()), DeviceError::NoSuchDevice)?;
    if row.here {
        return Err(DeviceError::OwnDevice.into());
    }
    session.terminal.tell(MEANS);
    if vault.devices().is_elder(&row.id) {
        session.terminal.tell(words::REMOVE_ELDER);
    }
    if vault.devices().made_kit(&row.id) {
        session.terminal.tell(words::REMOVE_KIT);
    }
    if !row.has_all() {
        session
            .terminal
            .tell("What it wrote and has not sent yet will be held for you when it arrives, to keep or to discard.");
    }
    if !yes && !session.terminal.agrees(&format!("Remove “{}” from this practice for good?", row.name)) {
        return Err(CliFailure::refused(
            "Nothing was removed. Where nobody can be asked, say --yes with the command.".to_owned(),
        ));
    }
    let again = passphrase::existing(session.passphrase_file(), "Passphrase, again to remove a device: ")?;
    let name = operations::devices::remove(vault, (&row.id, gone), &again)?;
    let card = if gone == Gone::Lost { NEW_CARD } else { "" };
    let mut text =
        format!("{name} is removed. Your other devices hear of it the next time they sync with this one.{card}");
    for credential in vault.devices().credentials_to_renew()? {
        let renew = match credential {
            Credential::Relay => words::RELAY_RENEW,
            Credential::Folder => words::SYNC_FOLDER_RENEW,
        };
        text = format!("{text}\n{renew}.");
    }
    Ok(Answer::new(json!({ "id": row.id, "removed": name }), text))
}

/// `devices keep`: what arrived from a removed device is used.
pub(in crate::cli) fn keep(vault: &mut Vault, which: &str) -> Result<Answer, CliFailure> {
    let waiting = waiting(vault, which)?;
    vault.devices_mut().keep_quarantined(&waiting.device, practice::now())?;
    let more = if waiting.behind == 0 { "" } else { " More lies behind: `subrosa devices` says what." };
    let text = format!(
        "Kept: {} from {}. What was signed there after it was removed is shown, and its signatures do not count.{more}",
        amount(&waiting),
        waiting.name
    );
    let kept = waiting.notes + waiting.others;
    Ok(Answer::new(json!({ "id": waiting.device, "kept": kept, "behind": waiting.behind }), text))
}

/// `devices discard`: what arrived from a removed device stays sealed and is not asked about again.
pub(in crate::cli) fn discard(
    session: &CliSession,
    vault: &mut Vault,
    which: &str,
    yes: bool,
) -> Result<Answer, CliFailure> {
    let waiting = waiting(vault, which)?;
    let all = if waiting.behind == 0 { "" } else { ", and all that lies behind," };
    let question = format!("Discard {}{all} from “{}”?", amount(&waiting), waiting.name);
    if !yes && !session.terminal.agrees(&question) {
        return Err(CliFailure::refused(
            "Nothing was discarded. Where nobody can be asked, say --yes with the command.".to_owned(),
        ));
    }
    vault.devices_mut().discard_quarantined(&waiting.device)?;
    let text = format!("Discarded: {} from {}. It stays sealed and is not used.", amount(&waiting), waiting.name);
    Ok(Answer::new(json!({ "id": waiting.device, "discarded": waiting.notes + waiting.others }), text))
}

/// The removed devices for the list: when, where, and what of them waits.
pub(in crate::cli) fn listed(vault: &Vault) -> Result<(Vec<serde_json::Value>, String), CliFailure> {
    let waiting = vault.devices().quarantine()?;
    let (mut json, mut text) = (Vec::new(), String::new());
    for row in vault.devices().removed_devices() {
        let quarantined = waiting.iter().find(|one| one.device == row.id);
        json.push(json!({
            "id": row.id, "name": row.name, "here": row.id == vault.device(), "removed": row.at, "removed_on": row.by,
            "waiting": quarantined.map(|one| json!({ "notes": one.notes, "others": one.others, "behind": one.behind })),
        }));
        let (when, by) = (time_of(row.at), name_of(vault, &row.by));
        let along = if row.along { ", because it was let in while another device was removed" } else { "" };
        text.push_str(&format!("Removed {when} on {by}{along}: {} ({})\n", row.name, row.id));
        if let Some(one) = quarantined {
            let (what, name, id) = (amount(one), &row.name, row.id.to_string());
            let id = id.get(..8).unwrap_or_default();
            text.push_str(&format!(
                "  {what} from {name} arrived after you removed it, and is not used: `subrosa devices keep {id}` or `subrosa devices discard {id}`\n"
            ));
        }
    }
    Ok((json, text))
}

fn waiting(vault: &Vault, which: &str) -> Result<Quarantined, CliFailure> {
    find(vault.devices().quarantine()?, which, |one| (one.device, one.name.as_str()), DeviceError::NothingQuarantined)
}

fn amount(waiting: &Quarantined) -> String {
    let of = |number: usize| number.try_into().unwrap_or(u64::MAX);
    words::in_quarantine(of(waiting.notes), of(waiting.others))
}

/// The one of these that is called so, or whose id begins so.
fn find<T>(
    rows: Vec<T>,
    which: &str,
    known_by: impl Fn(&T) -> (DeviceId, &str),
    none: DeviceError,
) -> Result<T, CliFailure> {
    let is = |row: &T| {
        let (id, name) = known_by(row);
        name == which || (which.len() >= 4 && id.to_string().starts_with(&which.to_lowercase()))
    };
    let mut found: Vec<T> = rows.into_iter().filter(is).collect();
    match (found.pop(), found.is_empty()) {
        (Some(row), true) => Ok(row),
        (Some(_), false) => Err(CliFailure::refused(
            "More than one device is called so. Nothing was changed; name it by its id, which `subrosa devices` shows."
                .to_owned(),
        )),
        (None, _) => Err(none.into()),
    }
}
