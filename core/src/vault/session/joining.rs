//! Joining a practice: the new device's side, from its introduction to its vault.

use zeroize::Zeroizing;

use crate::codec::{Malformed, Reader, Writer};
use crate::entropy::Entropy;
use crate::kdf::{Policy, StrengthError};
use crate::pairing::{JoinRequest, LETTER_MAX};
use crate::roster::{DeviceCard, Epochs, NAME_MAX};
use crate::secret::{AuthorityRole, KEY_LEN, Key, Passphrase};
use crate::sign::Signer;
use crate::slots::{PassphraseSlot, SlotError};
use crate::store::Store;
use crate::vault::Vault;
use crate::vault::core::{KeyBox, ReauthBox};
use crate::vault::founding::{Beginning, DeviceKeys, NewVault, found};
use crate::vault::items::boot::{entries_from_bytes, roster_of};
use crate::vault::session::UnlockError;
use crate::vault::subject::DeviceError;
use crate::{labels, seal};

/// What begins that which a device keeps between its request and the answer.
const PENDING: &[u8; 17] = b"subrosa joining\0\x02";

/// A device that is about to join a practice.
pub struct JoiningDevice {
    keys: DeviceKeys,
    card: DeviceCard,
}

impl std::fmt::Debug for JoiningDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JoiningDevice")
    }
}

impl JoiningDevice {
    /// Makes the new device's own keys.
    pub fn new(new: &NewVault<'_>, entropy: &mut dyn Entropy) -> Self {
        let keys = DeviceKeys::fresh(entropy);
        let card = keys.card(new.device_name);
        Self { keys, card }
    }

    /// What it introduces itself with, under the pairing key.
    pub fn introduction(&self) -> Vec<u8> {
        self.card.to_bytes()
    }

    /// What it keeps until the answer to its request comes, sealed under its passphrase.
    ///
    /// # Errors
    /// [`StrengthError`].
    pub fn put_away(
        &self,
        request: &JoinRequest,
        new: &NewVault<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, StrengthError> {
        let local = Key::random(entropy);
        let (slot, _) = PassphraseSlot::make(new.passphrase, &local, new.strength, new.policy, entropy)?;
        let mut plain = Writer::new();
        plain.lp(self.card.name.as_bytes()).bytes(&self.keys.process_generation).bytes(self.keys.process.expose());
        plain.bytes(request.one_time.expose()).lp(&request.bytes);
        let plain = Zeroizing::new(plain.finish());
        let mut kept = Writer::new();
        kept.bytes(PENDING).lp(&slot).lp(&self.keys.boxes.seal(&local, entropy));
        kept.lp(&seal::seal(&local, labels::PAIRING_PENDING, &plain, entropy));
        Ok(kept.finish())
    }

    /// Takes up what was put away.
    ///
    /// # Errors
    /// [`SlotError`]: another passphrase, or damage.
    pub fn take_up(kept: &[u8], passphrase: &Passphrase, policy: Policy) -> Result<(Self, JoinRequest), SlotError> {
        let [slot, boxes, sealed] = parts(kept).map_err(|_| SlotError::Damaged)?;
        let (local, _) = PassphraseSlot::open(slot, passphrase, policy)?;
        let boxes = KeyBox::open(boxes, &local).map_err(|_| SlotError::Damaged)?;
        let plain = seal::open(&local, labels::PAIRING_PENDING, sealed).map_err(|_| SlotError::Damaged)?;
        read_pending(&plain, boxes).map_err(|_| SlotError::Damaged)
    }

    /// Makes the new device's vault from the welcome.
    pub fn join(
        self,
        welcome: &[u8],
        store: Box<dyn Store>,
        new: &NewVault<'_>,
        entropy: Box<dyn Entropy>,
    ) -> Result<Vault, UnlockError> {
        let (authority, entries) = welcome.split_at_checked(KEY_LEN).ok_or(DeviceError::NotAdmitted)?;
        let authority = Key::<AuthorityRole>::from_slice(authority).ok_or(DeviceError::NotAdmitted)?;
        let roster = entries_from_bytes(entries).and_then(|entries| roster_of(&entries));
        let roster = roster.map_err(|_| DeviceError::NotAdmitted)?;
        let fits = roster.device(&self.card.id) == Some(&self.card)
            && *roster.authority() == Signer::new(&authority).public_key();
        if !fits {
            return Err(DeviceError::NotAdmitted.into());
        }
        let seed = &self.keys.boxes.wrap;
        let practice = roster.open_welcome(&self.card.id, seed).map_err(|_| DeviceError::NotAdmitted)?;
        let epochs = roster.open_epochs(&self.card.id, seed, &Epochs::new());
        let recovery = roster.recovery_keys().first().cloned().ok_or(DeviceError::NotAdmitted)?;
        let reauth = ReauthBox { authority, generation: self.keys.process_generation, process: self.keys.process };
        let beginning = Beginning { boxes: self.keys.boxes, reauth, roster, epochs, practice };
        Ok(Vault { core: found(store, new, beginning, &recovery, entropy)? })
    }
}

fn parts(kept: &[u8]) -> Result<[&[u8]; 3], Malformed> {
    let mut reader = Reader::new(kept);
    if reader.array::<17>()? != *PENDING {
        return Err(Malformed);
    }
    let parts = [reader.lp(LETTER_MAX)?, reader.lp(LETTER_MAX)?, reader.lp(LETTER_MAX)?];
    reader.finish()?;
    Ok(parts)
}

fn read_pending(plain: &[u8], boxes: KeyBox) -> Result<(JoiningDevice, JoinRequest), Malformed> {
    let mut reader = Reader::new(plain);
    let name = std::str::from_utf8(reader.lp(NAME_MAX)?).map_err(|_| Malformed)?.to_owned();
    let process_generation = reader.array()?;
    let process = Key::take(&mut reader.array::<32>()?);
    let one_time = Key::take(&mut reader.array::<32>()?);
    let bytes = reader.lp(LETTER_MAX)?.to_vec();
    reader.finish()?;
    let keys = DeviceKeys { boxes, process, process_generation };
    let card = keys.card(&name);
    Ok((JoiningDevice { keys, card }, JoinRequest { one_time, bytes }))
}
