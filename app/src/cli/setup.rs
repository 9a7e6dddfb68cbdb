//! A new practice, a forgotten passphrase, and another passphrase.

use std::path::{Path, PathBuf};

use serde_json::json;
use subrosa_core::id::DeviceId;
use subrosa_core::kit;
use subrosa_core::secret::{Key, RecoveryRole};
use subrosa_core::vault::Created;
use zeroize::Zeroizing;

use super::failure::Failure;
use super::files;
use super::session::Session;
use super::terminal::Answer;
use crate::practice::{self, Profile, passphrase};

/// Bytes of a file that may hold a recovery line.
const LONGEST_KIT: usize = 64 << 10;

/// `init`: a new practice. Its recovery kit goes into a file, or is the answer: it is shown once.
pub(super) fn init(session: &Session, kit: Option<&Path>, device_name: Option<&str>) -> Result<Answer, Failure> {
    let file = session.file()?;
    session.warn_of_place(&file);
    if file.exists() {
        return Err(subrosa_core::store::StoreError::Exists.into());
    }
    if kit.is_some_and(Path::exists) {
        return Err(Failure::refused("There is already a file where the recovery kit was to go. Nothing was made."));
    }
    let passphrase = passphrase::fresh(session.passphrase_file(), "Choose a passphrase: ")?;
    warn_of_weak(session, &passphrase);
    let name = device_name.map_or_else(practice::device_name, str::to_owned);
    let Created { vault, kit: seed } = practice::create(&file, &passphrase, &name, Profile::Calibrated)?;
    let device = vault.device();
    vault.lock()?;
    let page = kit_page(&seed, device);
    if let Some(to) = kit {
        // A practice whose kit went nowhere must not look as if it had one.
        write_kit(to, &seed, device).inspect_err(|_| practice::remove(&file))?;
    }
    Ok(made(device, &page, kit))
}

/// Writes the kit's page: as PDF when the name says so, else as text.
pub(super) fn write_kit(to: &Path, seed: &Key<RecoveryRole>, device: DeviceId) -> std::io::Result<()> {
    if to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf")) {
        return files::write_new(to, &kit::kit_pdf(seed, &device.to_string(), practice::today()));
    }
    files::write_new(to, kit_page(seed, device).as_bytes())
}

pub(super) fn kit_page(seed: &Key<RecoveryRole>, device: DeviceId) -> Zeroizing<String> {
    kit::kit_text(seed, &device.to_string(), practice::today())
}

fn made(device: DeviceId, page: &str, kit: Option<&Path>) -> Answer {
    let shown = kit.is_none().then_some(page);
    let json = json!({ "id": device, "device": device, "recovery_kit": shown, "recovery_kit_written": kit.is_some() });
    let text = match kit {
        Some(_) => {
            "The practice is made. Print the recovery kit, keep it away from this computer, and delete its file."
                .to_owned()
        }
        None => format!("The practice is made. This recovery kit is shown once: print it or write it down.\n\n{page}"),
    };
    Answer::new(json, text)
}

/// `recover`: a new passphrase by means of the recovery kit.
pub(super) fn recover(session: &Session, kit: Option<&Path>) -> Result<Answer, Failure> {
    let file = session.file()?;
    let locked = practice::open(&file, Profile::Calibrated)?;
    let seed = read_kit(kit)?;
    let fresh = passphrase::fresh(session.passphrase_file(), "Choose a new passphrase: ")?;
    warn_of_weak(session, &fresh);
    let opened = locked.recover(&seed, &fresh, Profile::Calibrated.strength(), practice::now());
    let mut vault = opened.map_err(|still| still.error)?;
    session.tell_notices(&mut vault);
    let clients = vault.clients().count();
    let device = vault.device();
    vault.lock()?;
    let text = "The practice opens with the new passphrase. Notes are as they were.";
    Ok(Answer::new(json!({ "id": device, "clients": clients }), text))
}

/// The recovery line out of a file, or typed.
pub(super) fn read_kit(kit: Option<&Path>) -> Result<Key<RecoveryRole>, Failure> {
    let typed = match kit {
        Some(kit) => {
            let bytes = files::read_capped(kit, LONGEST_KIT, "a recovery kit")?;
            Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())
        }
        None => Zeroizing::new(passphrase::secret_line("The recovery line: ")?.expose().to_owned()),
    };
    Ok(kit::read_kit(&typed)?)
}

/// `passphrase`: another one for this device.
pub(super) fn change(session: &Session, new: Option<PathBuf>) -> Result<Answer, Failure> {
    let mut vault = session.unlock()?;
    let old = match session.passphrase_file() {
        Some(_) => session.passphrase()?,
        None => passphrase::existing(None, "The passphrase until now, again: ")?,
    };
    let fresh = passphrase::fresh(new.as_deref(), "Choose a new passphrase: ")?;
    warn_of_weak(session, &fresh);
    vault.change_passphrase(&old, &fresh, Profile::Calibrated.strength())?;
    let others: Vec<_> = vault.devices()?.into_iter().filter(|device| !device.here).collect();
    let device = vault.device();
    vault.lock()?;
    let mut text = "This device now opens with the new passphrase. Copies of the file made before, and backups of it, still open with the old one.".to_owned();
    for other in &others {
        text.push_str(&format!("\n{} still opens with the passphrase that was chosen there.", other.name));
    }
    let unchanged: Vec<_> = others.iter().map(|other| json!({ "id": other.id, "name": other.name })).collect();
    Ok(Answer::new(json!({ "id": device, "unchanged_devices": unchanged }), text))
}

/// A passphrase out of a file is the caller's choice, and is told what it is worth.
pub(super) fn warn_of_weak(session: &Session, passphrase: &subrosa_core::secret::Passphrase) {
    let judged = crate::view_model::strength(passphrase.expose());
    if !judged.enough {
        session.terminal.say(&format!("Warning: {}", judged.why));
    }
}
