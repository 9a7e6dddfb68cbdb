//! Finding each other on the local network by multicast.
//!
//! What everybody nearby can see: a service name of ours, the endpoint id (new every week), addresses and, while a code is
//! on the screen, the rendezvous name derived from it. Nothing of it is trusted.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::mpsc;
use std::time::Duration;

use iroh::Endpoint;
use iroh::endpoint_info::EndpointInfo;
use iroh_mdns_address_lookup::{DiscoveryEvent, MdnsAddressLookup};
use n0_future::Stream;

use super::driver::Input;
use super::{NetError, PeerAddress};
use crate::id::EndpointId;

const SERVICE: &str = "subrosa";
/// Stands where a rendezvous name was: the lookup can replace its text but not take it back.
const NOBODY_INVITES: &str = "-";

pub(super) struct LocalNetwork {
    lookup: MdnsAddressLookup,
}

impl LocalNetwork {
    pub(super) async fn open(endpoint: &Endpoint, inputs: mpsc::Sender<Input>) -> Result<Self, NetError> {
        let lookup = MdnsAddressLookup::builder().service_name(SERVICE).build(endpoint.id());
        let lookup = lookup.map_err(|_| NetError::NoNetwork)?;
        endpoint.address_lookup().map_err(|_| NetError::NoNetwork)?.add(lookup.clone());
        let mut seen = lookup.subscribe().await;
        tokio::spawn(async move {
            while let Some(info) = next(&mut seen).await {
                if inputs.send(Input::Nearby(address(&info))).is_err() {
                    return;
                }
            }
        });
        Ok(Self { lookup })
    }

    pub(super) fn advertise(endpoint: &Endpoint, rendezvous: Option<&str>) {
        // A name too long for the lookup is not told: the invitation then needs an address, as without multicast.
        endpoint.set_user_data_for_address_lookup(rendezvous.unwrap_or(NOBODY_INVITES).parse().ok());
    }

    pub(super) async fn find(&self, rendezvous: &str, patience: Duration) -> Option<PeerAddress> {
        let mut seen = self.lookup.subscribe().await;
        let look = async {
            while let Some(info) = next(&mut seen).await {
                if info.user_data().is_some_and(|data| data.as_ref() == rendezvous) {
                    return Some(address(&info));
                }
            }
            None
        };
        tokio::time::timeout(patience, look).await.ok().flatten()
    }
}

/// The next device seen, with its addresses.
async fn next(seen: &mut (impl Stream<Item = DiscoveryEvent> + Unpin)) -> Option<EndpointInfo> {
    loop {
        let event = poll_fn(|context| Pin::new(&mut *seen).poll_next(context)).await?;
        if let DiscoveryEvent::Discovered { endpoint_info, .. } = event {
            return Some(endpoint_info);
        }
    }
}

fn address(info: &EndpointInfo) -> PeerAddress {
    PeerAddress { endpoint: EndpointId(*info.endpoint_id.as_bytes()), direct: info.ip_addrs().copied().collect() }
}
