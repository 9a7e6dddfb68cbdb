//! Whom to dial: the devices of the practice, with the transport keys that they said and the addresses at which they were met
//! or said that they are. Kept sealed like everything else.

use subrosa_core::entropy::{Os, random};
use subrosa_core::id::DeviceId;
use subrosa_core::vault::{Millis, Vault};
use subrosa_sync::dialling::Reachable;
use subrosa_sync::id::{EndpointId, PeerId};
use subrosa_sync::{Addresses, PeerAddress, RelayUrl};

use super::address::{address_from_text, address_to_text};
use super::relay::relay;

/// Ports that are nobody's by appointment (RFC 6335, 6).
const FREE_PORTS: std::ops::RangeInclusive<u16> = 49_152..=65_535;
const PORT: &str = "port";

/// The devices of the practice but this one; none, once this one was removed. What cannot be read is as if it were not known: the
/// device may call by itself.
pub(super) fn reachable(vault: &Vault, now: Millis) -> Vec<Reachable> {
    if vault.devices().is_removed() {
        return Vec::new();
    }
    let named = relay(vault).map(|relay| relay.url);
    let others = vault.devices().others();
    others.iter().map(|device| reachable_device(vault, device, named.as_ref(), now)).collect()
}

fn reachable_device(vault: &Vault, device: &DeviceId, named: Option<&RelayUrl>, now: Millis) -> Reachable {
    let met = vault.setting(&setting(device)).ok().flatten();
    let met = met.and_then(|text| address_from_text(std::str::from_utf8(&text).ok()?).ok());
    let said = vault.devices().transport_keys_of(device, now).unwrap_or_default();
    let mut endpoints: Vec<EndpointId> = said.into_iter().map(EndpointId).collect();
    let (direct, relay) = match met {
        Some(met) => {
            // It may be the only key that is known, and is tried last.
            if !endpoints.contains(&met.endpoint) {
                endpoints.push(met.endpoint);
            }
            (met.direct, met.relay)
        }
        None => (Vec::new(), None),
    };
    // A device that was met before the relay was named listens there by now.
    Reachable { peer: PeerId(device.0), endpoints, direct, relay: relay.or_else(|| named.cloned()) }
}

/// Remembers where a device was met. That is a help: when it cannot be kept, the device is looked for next time.
pub(super) fn remember(vault: &mut Vault, peer: PeerId, endpoint: EndpointId, addresses: &Addresses) {
    let Addresses { direct, relay } = addresses.clone();
    let (name, text) = (setting(&DeviceId(peer.0)), address_to_text(&PeerAddress { endpoint, direct, relay }));
    if vault.setting(&name).ok().flatten().as_deref() != Some(text.as_bytes()) {
        let _ = vault.keep_setting(&name, text.as_bytes());
    }
}

/// The port at which this device listens: the one that a person chose, or one drawn once, so that the others find it where
/// they met it.
pub fn port(vault: &mut Vault) -> Option<u16> {
    let kept = vault.setting(PORT).ok().flatten().and_then(|port| Some(u16::from_le_bytes(port.try_into().ok()?)));
    kept.or_else(|| {
        let free = FREE_PORTS.end() - FREE_PORTS.start();
        let port = FREE_PORTS.start() + u16::from_le_bytes(random(&mut Os)) % free;
        keep_port(vault, port).ok().map(|()| port)
    })
}

/// Listens at this port from the next unlocking on.
///
/// # Errors
/// As for anything that is written.
pub fn keep_port(vault: &mut Vault, port: u16) -> Result<(), subrosa_core::vault::RowError> {
    vault.keep_setting(PORT, &port.to_le_bytes())
}

/// Under which name a device's address is kept.
fn setting(device: &DeviceId) -> String {
    format!("address {device}")
}
