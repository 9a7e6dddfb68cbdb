//! Making a practice: its authority, its first device, its recovery kit.

use std::collections::BTreeMap;

use crate::entropy::Entropy;
use crate::kem::WrapPublic;
use crate::roster::{Entry, Roster};
use crate::rows::RowError;
use crate::secret::{AuthorityRole, Key, RecoveryRole};
use crate::sign::Signer;
use crate::store::Store;
use crate::vault::Vault;
use crate::vault::core::ReauthBox;
use crate::vault::founding::{Beginning, DeviceKeys, NewVault, found};
use crate::vault::session::UnlockError;

/// A practice just made.
pub struct Created {
    /// The unlocked practice.
    pub vault: Vault,
    /// The seed for the recovery kit: shown once, kept nowhere.
    pub kit: Key<RecoveryRole>,
}

impl Vault {
    /// A new practice in an empty store.
    pub fn create(
        store: Box<dyn Store>,
        new: &NewVault<'_>,
        mut entropy: Box<dyn Entropy>,
    ) -> Result<Created, UnlockError> {
        let keys = DeviceKeys::fresh(&mut *entropy);
        let kit = Key::<RecoveryRole>::random(&mut *entropy);
        let authority = Key::<AuthorityRole>::random(&mut *entropy);
        let card = keys.card(new.device_name);
        let epoch = Key::random(&mut *entropy);
        let genesis = Entry::genesis(new.now, card, vec![WrapPublic::of(&kit)], &epoch, &Signer::new(&authority));
        let roster = Roster::begin(&genesis).map_err(|_| RowError::Damaged)?;
        let epochs = BTreeMap::from([(roster.epoch(), epoch)]);
        let reauth = ReauthBox { authority, generation: keys.process_generation, process: keys.process };
        let practice = Key::random(&mut *entropy);
        let beginning = Beginning { boxes: keys.boxes, reauth, roster, epochs, practice };
        let core = found(store, new, beginning, &WrapPublic::of(&kit), entropy)?;
        Ok(Created { vault: Self { core }, kit })
    }
}
