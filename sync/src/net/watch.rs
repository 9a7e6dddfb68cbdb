//! What the endpoint says of itself while it runs: where it can be reached, and how it stands with its relay.

use std::sync::mpsc;
use std::time::Duration;

use iroh::{Endpoint, Watcher as _};
use n0_future::StreamExt;

use super::driver::Input;
use super::relay::{RelayState, look, state_of};
use crate::address::{Addresses, RelayUrl};
use crate::wire::limits;

/// For how long addresses must stay as they are before they are told: an interface that comes up changes them several times.
const SETTLED: Duration = Duration::from_millis(500);
/// After which it is looked why nothing was heard of the relay, at first and later.
const FIRST_LOOK: Duration = Duration::from_secs(5);
const LATER_LOOKS: Duration = Duration::from_secs(30);

/// Where an endpoint can be reached now.
pub(super) fn addresses_of(endpoint: &Endpoint) -> Addresses {
    let now = endpoint.addr();
    let mut direct: Vec<_> = now.ip_addrs().copied().collect();
    if direct.is_empty() {
        direct = endpoint.bound_sockets();
    }
    direct.truncate(limits::ADDRESSES);
    Addresses { direct, relay: now.relay_urls().next().and_then(|url| url.as_str().parse().ok()) }
}

/// Tells the driver where this device can be reached, whenever that is no longer what was told.
pub(super) async fn addresses(endpoint: Endpoint, mut told: Addresses, inputs: mpsc::Sender<Input>) {
    let mut changes = endpoint.watch_addr().stream();
    while changes.next().await.is_some() {
        while let Ok(Some(_)) = tokio::time::timeout(SETTLED, changes.next()).await {}
        let now = addresses_of(&endpoint);
        if told != now {
            told = now.clone();
            if inputs.send(Input::Moved(now)).is_err() {
                return;
            }
        }
    }
}

/// Tells the driver how it stands with the relay, whenever that changes.
pub(super) async fn relay(endpoint: Endpoint, url: RelayUrl, inputs: mpsc::Sender<Input>) {
    let mut told = None;
    let mut changes = endpoint.home_relay_status().stream();
    let mut patience = FIRST_LOOK;
    loop {
        let now = match tokio::time::timeout(patience, changes.next()).await {
            Ok(Some(relays)) => relays.iter().find(|status| status.url().as_str() == url.as_str()).and_then(state_of),
            Ok(None) => return,
            // The endpoint says nothing of a relay that it cannot use at all.
            Err(_) if matches!(told, Some(RelayState::Connected | RelayState::Refused)) => None,
            Err(_) => {
                patience = LATER_LOOKS;
                let (tls, url) = (endpoint.tls_config().clone(), url.clone());
                tokio::task::spawn_blocking(move || look(tls, &url)).await.ok()
            }
        };
        if now.is_some() && now != told {
            told = now;
            if now.is_some_and(|state| inputs.send(Input::Relay(state)).is_err()) {
                return;
            }
        }
    }
}
