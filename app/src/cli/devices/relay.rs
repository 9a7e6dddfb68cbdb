//! `relay`: the relay through which the practice's devices reach each other when they are on different networks.

use std::path::Path;

use serde_json::json;
use subrosa_core::vault::{Credential, Vault};
use zeroize::Zeroizing;

use super::pairing::name_of;
use crate::bridge::relay_from_text;
use crate::cli::arguments::RelaySubcommand;
use crate::cli::console::{Answer, CliFailure};
use crate::operations::devices::certificate;
use crate::practice::passphrase;
use crate::words;

/// `relay`, and naming another one or none.
pub(in crate::cli) fn relay(vault: &mut Vault, command: Option<RelaySubcommand>) -> Result<Answer, CliFailure> {
    match command {
        None => {}
        Some(RelaySubcommand::Use { url, token_file, certificate }) => {
            let token = token_file.map(|file| secret_in(&file)).transpose()?.unwrap_or_default();
            let certificate = certificate.map(|file| read(&file)).transpose()?;
            let named = relay_from_text(&url, token, certificate.as_deref());
            let named = named.map_err(|error| CliFailure::usage(error.to_string()))?;
            vault.devices_mut().use_relay(Some(&named))?;
        }
        Some(RelaySubcommand::Off) => vault.devices_mut().use_relay(None)?,
    }
    shown(vault)
}

fn shown(vault: &Vault) -> Result<Answer, CliFailure> {
    Ok(match vault.devices().relay()? {
        Some((relay, by)) => {
            let by = name_of(vault, &by);
            let is_known = vault.devices().credentials_to_renew()?.contains(&Credential::Relay);
            let json = json!({
                "url": relay.url, "token": !relay.token.is_empty(), "certificate": !relay.certificate.is_empty(), "by": by,
                "known_to_removed": is_known,
            });
            let text = words::relay_is(&relay.url, &by);
            Answer::new(json, if is_known { format!("{text}\n{}.", words::RELAY_RENEW) } else { text })
        }
        None => Answer::new(json!({ "url": null }), format!("{}.", words::NO_RELAY)),
    })
}

/// The token, password or key that is the first line of a file.
pub(super) fn secret_in(file: &Path) -> Result<Zeroizing<String>, CliFailure> {
    let line = passphrase::existing(Some(file), "");
    let line = line.map_err(|_| {
        CliFailure::failed(
            "The file with the token or password could not be read, or its first line is empty. Nothing was changed.",
        )
    })?;
    Ok(Zeroizing::new(line.expose().to_owned()))
}

/// A certificate, as it lies in a file.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, CliFailure> {
    let read = certificate::read_certificate(file);
    read.map_err(|_| CliFailure::failed("The certificate's file could not be read. Nothing was changed."))?
        .ok_or_else(|| CliFailure::refused("This file is too large to be a certificate. Nothing was changed."))
}
