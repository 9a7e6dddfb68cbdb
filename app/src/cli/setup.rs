//! A new practice, a forgotten passphrase, another passphrase, and another recovery kit.

mod new_keys;
mod new_kit;

use std::path::Path;

use serde_json::json;
use subrosa_core::entropy::Os;
use subrosa_core::id::DeviceId;
use subrosa_core::kit::{self, Question};
use subrosa_core::secret::{Key, RecoveryRole};
use subrosa_core::vault::Created;

pub(super) use self::new_keys::new_keys;
pub(super) use self::new_kit::new_kit;
use super::console::{Answer, CliFailure, CliSession, ExitStatus, input};
use crate::features::kit::values::KitForm;
use crate::operations::new_passphrase;
use crate::operations::recovery_kit::{self, KitFileError, PageError};
use crate::practice::{self, Profile, kit_status, passphrase};
use crate::values::holder::HolderKind;
use crate::words;

/// `init`: a new practice. Its recovery kit goes into a file, or is the answer: it is shown once. Where somebody can be asked,
/// some of it is typed back at once; otherwise the window asks for it, daily.
pub(super) fn init(session: &CliSession, kit: Option<&Path>, device_name: Option<&str>) -> Result<Answer, CliFailure> {
    let file = session.file()?;
    session.warn_of_place(&file);
    if file.exists() {
        return Err(subrosa_core::store::StoreError::Exists.into());
    }
    if kit.is_some_and(Path::exists) {
        return Err(CliFailure::refused("There is already a file where the recovery kit was to go. Nothing was made."));
    }
    let passphrase = passphrase::fresh(session.passphrase_file(), "Choose a passphrase: ")?;
    let name = device_name.map_or_else(practice::device_name, str::to_owned);
    let made = recovery_kit::make_practice(&file, &passphrase, &name, Profile::Calibrated)?;
    let Created { mut vault, kit: seed } = made;
    let device = vault.device();
    let (page, asks) = (recovery_kit::page(&seed, device), session.terminal.can_ask());
    if let Some(Err(failure)) = kit.map(|to| write_page(to, &page, device)) {
        drop(vault);
        // A practice whose kit went nowhere must not look as if it had one.
        practice::remove(&file);
        return Err(failure);
    }
    if asks && kit.is_none() {
        session.terminal.tell(&page);
    }
    let proven = asks && typed_back(session, &seed, "Enter alone: the window asks for it later");
    if proven {
        kit_status::used(&mut vault, &seed, practice::now())?;
    }
    vault.lock()?;
    Ok(answer(device, &page, kit.is_some(), (asks, proven)))
}

/// Writes the kit's page: as PDF when the name says so, else as text.
pub(super) fn write_page(to: &Path, page: &str, device: DeviceId) -> Result<(), CliFailure> {
    let is_pdf = to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    let form = if is_pdf { KitForm::Pdf } else { KitForm::Text };
    recovery_kit::write_page(to, form, page, device).map_err(|error| match error {
        PageError::Line(error) => error.into(),
        PageError::Setting(error) => CliFailure::failed(format!("{error}.")),
        PageError::Output(error) => error.into(),
    })
}

fn answer(device: DeviceId, page: &str, written: bool, (asked, proven): (bool, bool)) -> Answer {
    let shown = (!written).then_some(page);
    let json = json!({
        "id": device, "device": device, "recovery_kit": shown, "recovery_kit_written": written, "proven": proven,
    });
    let mut text = "The practice is made. ".to_owned();
    text.push_str(match (written, asked) {
        (true, _) => "Print the recovery kit, keep it away from this computer, and delete its file.",
        (false, true) => "The recovery kit is not shown again: keep its paper away from this computer.",
        (false, false) => "This recovery kit is shown once: print it or write it down.",
    });
    if !proven {
        text.push_str("\nNobody has typed from its paper yet: the window asks for that once a day.");
    }
    if !written && !asked {
        text.push_str(&format!("\n\n{page}"));
    }
    Answer::new(json, text)
}

/// How often somebody may mistype.
const TRIES: u32 = 3;

/// Asks for two groups of the kit's line until they are right, or nothing is typed.
pub(super) fn typed_back(session: &CliSession, seed: &Key<RecoveryRole>, or_else: &str) -> bool {
    let question = Question::draw(seed, &mut Os);
    let groups: Vec<String> = question.groups.iter().map(u8::to_string).collect();
    session.terminal.say("Print the recovery kit or write it down, then type from the paper.");
    let prompt = format!("From the paper, the groups {} of the counted letters ({or_else}): ", groups.join(" and "));
    for _ in 0..TRIES {
        match passphrase::secret_line(&prompt) {
            Ok(typed) if question.fits(typed.expose()) => return true,
            Ok(_) => session.terminal.say("That is not what the kit says. Look at the line again."),
            Err(_) => return false,
        }
    }
    false
}

/// `recover`: a new passphrase by means of the recovery kit.
pub(super) fn recover(session: &CliSession, kit: Option<&Path>) -> Result<Answer, CliFailure> {
    let file = session.file()?;
    let locked = practice::hold(&file, Profile::Calibrated, HolderKind::Command)?;
    let seed = read_kit(kit)?;
    let fresh = passphrase::fresh(session.passphrase_file(), "Choose a new passphrase: ")?;
    let opened = recovery_kit::recover(locked, &seed, &fresh, Profile::Calibrated);
    let mut vault = opened.map_err(|still| still.error)?;
    session.tell_notices(&mut vault);
    let clients = vault.clients().all().count();
    let device = vault.device();
    vault.lock()?;
    let text = "The practice opens with the new passphrase. Notes are as they were.";
    Ok(Answer::new(json!({ "id": device, "clients": clients }), text))
}

/// The recovery line out of a file, or typed.
pub(super) fn read_kit(kit: Option<&Path>) -> Result<Key<RecoveryRole>, CliFailure> {
    let Some(file) = kit else {
        return Ok(kit::read_kit(passphrase::secret_line("The recovery line: ")?.expose())?);
    };
    recovery_kit::read_file(file).map_err(|error| match error {
        KitFileError::Input(error) => error.into(),
        KitFileError::Line(error) => error.into(),
        KitFileError::TooLarge => input::too_large("a recovery kit"),
        KitFileError::OtherPdf => CliFailure::new(ExitStatus::WrongPassphrase, words::OTHER_PDF.to_owned() + "."),
    })
}

/// What a new passphrase does not do.
const OLD_COPIES: &str = "Copies of the file made before still open with the old one, and whoever has such a copy and the old \
passphrase can open what this practice writes later too, should they get hold of it. Against that, make all keys new: `subrosa new-keys`.";

/// `passphrase`: another one for this device.
pub(super) fn change_passphrase(session: &CliSession, new: Option<&Path>) -> Result<Answer, CliFailure> {
    let mut vault = session.unlock()?;
    let old = match session.passphrase_file() {
        Some(_) => session.passphrase()?,
        None => passphrase::existing(None, "The passphrase until now, again: ")?,
    };
    let fresh = passphrase::fresh(new, "Choose a new passphrase: ")?;
    let others = new_passphrase::change(&mut vault, &old, &fresh, Profile::Calibrated.strength())?;
    let device = vault.device();
    vault.lock()?;
    let mut text = format!("This device now opens with the new passphrase. {OLD_COPIES}");
    for other in &others {
        text.push_str(&format!("\n{} still opens with the passphrase that was chosen there.", other.name));
    }
    let unchanged: Vec<_> = others.iter().map(|other| json!({ "id": other.id, "name": other.name })).collect();
    Ok(Answer::new(json!({ "id": device, "unchanged_devices": unchanged }), text))
}
