//! Clients: a new one, and particulars that change. A code is one client's.

use subrosa_core::id::ClientId;
use subrosa_core::record::Identity;
use subrosa_core::vault::{ClientError, Vault};

use crate::practice;

/// Why nothing was written about a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParticularsError {
    /// Another client has this code.
    #[error("Another client has this code already. Nothing was changed; choose another.")]
    CodeTaken,
    /// The practice did not.
    #[error("{0}")]
    Client(#[from] ClientError),
}

/// Adds a client of this name.
pub(crate) fn add(vault: &mut Vault, name: &str, code: Option<&str>) -> Result<ClientId, ParticularsError> {
    let code = code.map(str::trim).filter(|code| !code.is_empty());
    is_free(vault, None, code)?;
    let (name, code) = (name.trim().to_owned(), code.map(str::to_owned));
    let identity = Identity { name, code, status: "active".to_owned(), ..Identity::default() };
    Ok(vault.clients_mut().add_client(&identity, practice::now())?)
}

/// Changes what differs between the particulars that were shown and those that are wanted; `false` when nothing does.
pub(crate) fn edit(
    vault: &mut Vault,
    id: &ClientId,
    shown: &Identity,
    wanted: &Identity,
) -> Result<bool, ParticularsError> {
    if wanted.code != shown.code {
        is_free(vault, Some(id), wanted.code.as_deref())?;
    }
    Ok(vault.clients_mut().edit_client(id, shown, wanted, practice::now())?)
}

fn is_free(vault: &Vault, client: Option<&ClientId>, code: Option<&str>) -> Result<(), ParticularsError> {
    let Some(code) = code else { return Ok(()) };
    let taken = vault.clients().all().any(|row| Some(&row.id) != client && row.code.as_deref() == Some(code));
    if taken { Err(ParticularsError::CodeTaken) } else { Ok(()) }
}
