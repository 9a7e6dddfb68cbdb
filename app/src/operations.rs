//! What window and command line both do, once: each operation takes the practice, what it is told, whoever is told how far it
//! is, and whoever says when to stop, and returns what came of it.
//!
//! Refused: printing, asking, and everything that a screen or a terminal looks like. An operation that is one call on the
//! vault is made there and not here.

/// What can come of the vault's operations fails as any error of the vault does.
macro_rules! operations_fail_as_the_vault {
    ($failure:ty) => {
        operations_fail_as_the_vault!(
            $failure: RowError, ReadError, NoteError, ClientError, TrashError, DeviceError, RecordError, UndoError,
            UnlockError
        );
    };
    ($failure:ty: $($error:ident),*) => {
        $(impl From<subrosa_core::vault::$error> for $failure {
            fn from(error: subrosa_core::vault::$error) -> Self {
                subrosa_core::vault::VaultError::from(error).into()
            }
        })*
    };
}

pub(crate) use operations_fail_as_the_vault;

use subrosa_core::vault::Vault;

/// Does what the passphrase is given for. It opens no private notes beyond that, unless they were open before.
pub(crate) fn for_this_alone<T>(vault: &mut Vault, act: impl FnOnce(&mut Vault) -> T) -> T {
    let was_open = vault.reauth_until().is_some();
    let done = act(vault);
    if !was_open {
        vault.end_reauth();
    }
    done
}

pub(crate) mod attachments;
pub(crate) mod clients;
pub(crate) mod devices;
pub(crate) mod drafts;
pub(crate) mod history;
pub(crate) mod new_keys;
pub(crate) mod new_passphrase;
pub(crate) mod own_card;
pub(crate) mod recovery_kit;
pub mod repair;
pub mod restore;
pub(crate) mod sealed_record;
pub(crate) mod signing;
pub(crate) mod sync_folder;
