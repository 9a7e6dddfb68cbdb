//! The relay that the practice names, as the network part uses it.

use subrosa_core::vault::{PracticeRelay, Vault};
use subrosa_sync::net::{self, NotACertificate, Relay, certificate};
use subrosa_sync::{NotARelay, RelayUrl};
use zeroize::Zeroizing;

use crate::values::relay::RelayState;

/// What was typed names no relay. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayTextError {
    /// The address.
    #[error(transparent)]
    Address(#[from] NotARelay),
    /// The certificate.
    #[error(transparent)]
    Certificate(#[from] NotACertificate),
}

/// A relay as a person names it: its address, what it asks for, and the certificate (PEM or DER) that it shows or that signs
/// it, if the world does not trust it.
///
/// # Errors
/// [`RelayTextError`].
pub fn relay_from_text(
    address: &str,
    token: Zeroizing<String>,
    trusted: Option<&[u8]>,
) -> Result<PracticeRelay, RelayTextError> {
    let url: RelayUrl = address.parse()?;
    let certificate = trusted.map(certificate).transpose()?.unwrap_or_default();
    Ok(PracticeRelay { url: url.as_str().to_owned(), token, certificate })
}

/// How it stands with the relay, as it is shown.
pub(super) fn relay_state(state: net::RelayState) -> RelayState {
    match state {
        net::RelayState::Connected => RelayState::Connected,
        net::RelayState::Refused => RelayState::Refused,
        net::RelayState::OtherCertificate => RelayState::OtherCertificate,
        net::RelayState::NotReached => RelayState::NotReached,
    }
}

/// The relay that the practice uses. One whose address cannot be read is none.
pub(super) fn relay(vault: &Vault) -> Option<Relay> {
    let (named, _) = vault.devices().relay().ok().flatten()?;
    let PracticeRelay { url, token, certificate } = named;
    let token = (!token.is_empty()).then_some(token);
    Some(Relay { url: url.parse().ok()?, token, certificate: (!certificate.is_empty()).then_some(certificate) })
}
