//! The recovery kit's proof: what is to be typed back, until when, and where the page was put.
//!
//! The vault keeps the hash of the last letters, never the letters: enough to know them when they are typed.

use subrosa_core::kdf;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Millis, Vault, VaultError};

/// Name of the setting: since when the kit waits (zero once it is proven), then the hash.
const KIT: &str = "kit";
/// Letters that are typed back.
const LETTERS: usize = 8;
/// Days that proving can be put off.
const DAYS: u64 = 7;
const DAY: Millis = 24 * 3_600 * 1_000;

/// The letters to type back: the last of the recovery line.
pub(super) fn last_group(line: &str) -> String {
    let letters: Vec<char> = line.chars().collect();
    letters.get(letters.len().saturating_sub(LETTERS)..).unwrap_or_default().iter().collect()
}

/// From now on the kit waits to be proven.
pub(super) fn wait(vault: &mut Vault, now: Millis, answer: &str) -> Result<(), VaultError> {
    vault.keep_setting(KIT, &row(now, answer))
}

/// The kit has been proven.
pub(super) fn proven(vault: &mut Vault) -> Result<(), VaultError> {
    vault.keep_setting(KIT, &row(0, ""))
}

/// Whether these are the letters; if so, the kit is proven.
pub(super) fn prove(vault: &mut Vault, typed: &Passphrase) -> Result<bool, VaultError> {
    let kept = vault.setting(KIT)?.unwrap_or_default();
    let fits = kept.get(8..) == Some(&hash(typed.expose())[..]);
    if fits {
        proven(vault)?;
    }
    Ok(fits)
}

/// Days that are left to prove the kit; `None` once it is proven, and on a device that made none.
pub(super) fn due(vault: &Vault, now: Millis) -> Result<Option<u32>, VaultError> {
    let kept = vault.setting(KIT)?.unwrap_or_default();
    let since = kept.get(..8).and_then(|since| since.try_into().ok()).map(Millis::from_le_bytes).unwrap_or_default();
    if since == 0 {
        return Ok(None);
    }
    let days = now.saturating_sub(since) / DAY;
    Ok(Some(u32::try_from(DAYS.saturating_sub(days)).unwrap_or_default()))
}

fn row(since: Millis, answer: &str) -> Vec<u8> {
    let mut row = since.to_le_bytes().to_vec();
    row.extend(hash(answer));
    row
}

fn hash(typed: &str) -> [u8; 32] {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    kdf::hash(b"subrosa/v1/kit/answer", &[letters.as_bytes()]).0
}
