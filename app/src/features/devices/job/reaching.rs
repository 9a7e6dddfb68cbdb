//! How devices reach each other: this one's name, an address that a person typed, a relay.

use std::path::Path;

use subrosa_core::secret::Passphrase;
use subrosa_core::vault::Credential;
use zeroize::Zeroizing;

use crate::bridge::{address_from_text, address_to_text, keep_port, relay_from_text};
use crate::features::devices::job::list;
use crate::features::devices::job::syncing::restart_syncing;
use crate::features::devices::messages::DevicesEvent;
use crate::features::devices::values::{NamedRelay, Reach};
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::operations::devices::certificate;
use crate::words;

/// Tells how devices reach each other. What cannot be read is told as if there were none.
pub(crate) fn tell(bench: &Bench) {
    let here = bench.reach.syncing.as_ref().and_then(|syncing| syncing.address().ok());
    let relay = bench.with(|vault| {
        let (named, renew) = (vault.devices().relay()?, vault.devices().credentials_to_renew()?);
        Ok(named.map(|(relay, by)| NamedRelay {
            url: relay.url,
            by: vault.devices().device_name(&by).unwrap_or_else(|| words::ANOTHER_DEVICE.to_owned()),
            is_known_elsewhere: renew.contains(&Credential::Relay),
        }))
    });
    let here = here.map(|address| address_to_text(&address)).unwrap_or_default();
    bench.answers.send(DevicesEvent::Reach(Reach { here, relay: relay.ok().flatten() }));
}

pub(crate) fn rename(bench: &Bench, name: &str) -> JobOutcome {
    bench.with(|vault| Ok(vault.devices_mut().rename(name)?))?;
    changed(bench)
}

/// Dials it until it answers: it appears among the devices then.
pub(crate) fn connect(bench: &Bench, typed: &str) -> JobOutcome {
    let address = address_from_text(typed).map_err(|error| JobFailure::of(&error))?;
    super::running(bench)?.connect(address).map_err(|error| JobFailure::of(&error))?;
    Ok(Some(Event::Devices(DevicesEvent::Dialling)))
}

/// Listens there at once: who is connected finds it again.
pub(crate) fn use_port(bench: &mut Bench, port: u16) -> JobOutcome {
    bench.with(|vault| Ok(keep_port(vault, port)?))?;
    restart_syncing(bench);
    changed(bench)
}

pub(crate) fn use_relay(bench: &mut Bench, url: &str, token: &Passphrase, certificate: Option<&Path>) -> JobOutcome {
    let token = Zeroizing::new(token.expose().to_owned());
    let read = |file| certificate::read_certificate(file).ok().flatten();
    let none = || JobFailure::Sentence(words::NO_CERTIFICATE.to_owned());
    let certificate = certificate.map(|file| read(file).ok_or_else(none)).transpose()?;
    let relay = relay_from_text(url, token, certificate.as_deref()).map_err(|error| JobFailure::of(&error))?;
    bench.with(|vault| Ok(vault.devices_mut().use_relay(Some(&relay))?))?;
    restart_syncing(bench);
    changed(bench)
}

pub(crate) fn use_no_relay(bench: &mut Bench) -> JobOutcome {
    bench.with(|vault| Ok(vault.devices_mut().use_relay(None)?))?;
    restart_syncing(bench);
    changed(bench)
}

/// What was said leaves at once, and is shown.
fn changed(bench: &Bench) -> JobOutcome {
    if let Some(syncing) = &bench.reach.syncing {
        syncing.notify_changed();
    }
    tell(bench);
    list(bench)
}
