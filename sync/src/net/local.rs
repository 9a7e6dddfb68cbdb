//! Finding each other on the local network by multicast.
//!
//! What everybody nearby can see: a service name of ours, the endpoint id (new every week), addresses, a tag that means nothing to
//! others and, while a code is on the screen, the rendezvous name derived from it. Nothing of it is trusted, and no address
//! outside the networks that this machine is on is taken from it.
//!
//! The multicast group is joined again whenever an interface comes or goes: a computer that was unlocked before its network was
//! there would stay deaf.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iroh::address_lookup::{AddrFilter, AddressLookup, EndpointData, EndpointInfo, Error, Item};
use iroh::{Endpoint, EndpointId as Id, Watcher as _};
use iroh_mdns_address_lookup::{DiscoveryEvent, MdnsAddressLookup};
use n0_future::boxed::BoxStream;
use n0_future::{Stream, StreamExt};
use netwatch::interfaces::{IpNet, State};
use netwatch::netmon::Monitor;
use tokio::sync::Notify;

use super::driver::Input;
use super::{NetError, PeerAddress};
use crate::id::EndpointId;

const SERVICE: &str = "subrosa";
/// Stands where a tag or a rendezvous name would: the lookup can replace its text but not take it back.
const NOTHING: &str = "-";
/// After which the group is joined again when listening to it has failed.
const AGAIN: Duration = Duration::from_secs(5);
/// Endpoints nearby that are remembered; more than one local network has.
const SEEN_MAX: usize = 256;

pub(super) struct LocalNetwork {
    seen: Seen,
    shown: Mutex<Shown>,
}

/// What stands beside the endpoint id.
#[derive(Default)]
struct Shown {
    tag: Option<[u8; 16]>,
    rendezvous: Option<String>,
}

impl LocalNetwork {
    pub(super) async fn open(endpoint: &Endpoint, inputs: mpsc::Sender<Input>) -> Result<Self, NetError> {
        let monitor = Monitor::new().await.map_err(|_| NetError::NoNetwork)?;
        let seen = Seen::default();
        tokio::spawn(listen(endpoint.clone(), monitor, seen.clone(), inputs));
        Ok(Self { seen, shown: Mutex::default() })
    }

    /// Shows another tag, by which the devices of the practice know this one.
    pub(super) fn show_tag(&self, endpoint: &Endpoint, tag: Option<[u8; 16]>) {
        self.show(endpoint, |shown| shown.tag = tag);
    }

    pub(super) fn advertise(&self, endpoint: &Endpoint, rendezvous: Option<&str>) {
        self.show(endpoint, |shown| shown.rendezvous = rendezvous.map(str::to_owned));
    }

    fn show(&self, endpoint: &Endpoint, change: impl FnOnce(&mut Shown)) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut shown);
        let tag = shown.tag.map_or_else(|| NOTHING.to_owned(), |tag| format!("{:032x}", u128::from_be_bytes(tag)));
        let text = format!("{tag} {}", shown.rendezvous.as_deref().unwrap_or(NOTHING));
        // A name too long for the lookup is not told: the invitation then needs an address, as without multicast.
        endpoint.set_user_data_for_address_lookup(text.parse().ok());
    }

    /// Who invites under this name; waits for one that is not there yet.
    pub(super) async fn find(&self, rendezvous: &str, patience: Duration) -> Option<PeerAddress> {
        let look = async {
            loop {
                let news = self.seen.news.notified();
                if let Some(found) = self.seen.find(rendezvous) {
                    return found;
                }
                news.await;
            }
        };
        tokio::time::timeout(patience, look).await.ok()
    }
}

/// Listens until the endpoint closes, and joins the group anew with each change of the interfaces.
async fn listen(endpoint: Endpoint, monitor: Monitor, seen: Seen, inputs: mpsc::Sender<Input>) {
    let mut states = monitor.interface_state();
    let mut networks = own_networks(&states.get());
    let closed = endpoint.closed();
    tokio::pin!(closed);
    loop {
        let mut events = match join(&endpoint, &networks).await {
            Some(lookup) => lookup.subscribe().await.boxed(),
            // Without a network there is nobody to hear until there is one.
            None => n0_future::stream::pending().boxed(),
        };
        networks = loop {
            tokio::select! {
                event = next(&mut events) => match event {
                    Some(info) if inputs.send(seen.note(&info, &networks)).is_ok() => {}
                    Some(_) => return,
                    // The lookup has given up.
                    None => {
                        tokio::time::sleep(AGAIN).await;
                        break networks;
                    }
                },
                state = states.updated() => match state {
                    Ok(state) if own_networks(&state) != networks => {
                        if inputs.send(Input::Wake).is_err() {
                            return;
                        }
                        break own_networks(&state);
                    }
                    Ok(_) => {}
                    Err(_) => return,
                },
                () = &mut closed => return,
            }
        };
    }
}

/// Joins the group in place of an earlier time.
async fn join(endpoint: &Endpoint, networks: &Networks) -> Option<MdnsAddressLookup> {
    let lookup = MdnsAddressLookup::builder().service_name(SERVICE).addr_filter(AddrFilter::ip_only());
    let lookup = lookup.build(endpoint.id()).ok()?;
    let services = endpoint.address_lookup().ok()?;
    services.clear();
    services.add(OwnNetworksOnly { lookup: lookup.clone(), networks: networks.clone() });
    Some(lookup)
}

/// The networks that this machine is on.
type Networks = Vec<(IpAddr, u8)>;

fn own_networks(state: &State) -> Networks {
    let up = state.interfaces.values().filter(|interface| interface.is_up());
    let mut networks: Networks =
        up.flat_map(|interface| interface.addrs().map(|net| (net.addr(), prefix(&net)))).collect();
    networks.sort_unstable();
    networks
}

fn prefix(net: &IpNet) -> u8 {
    match net {
        IpNet::V4(net) => net.prefix_len(),
        IpNet::V6 { net, .. } => net.prefix_len(),
    }
}

/// Whether an address is on one of these networks.
pub(super) fn is_near(address: &SocketAddr, networks: &[(IpAddr, u8)]) -> bool {
    let same = |a: u128, b: u128, bits: u32, prefix: u8| {
        let free = bits.saturating_sub(u32::from(prefix));
        a.checked_shr(free).unwrap_or(0) == b.checked_shr(free).unwrap_or(0)
    };
    networks.iter().any(|(own, prefix)| match (address.ip(), own) {
        (IpAddr::V4(there), IpAddr::V4(own)) => {
            same(u32::from(there).into(), u32::from(*own).into(), u32::BITS, *prefix)
        }
        (IpAddr::V6(there), IpAddr::V6(own)) => same(there.into(), (*own).into(), u128::BITS, *prefix),
        _ => false,
    })
}

/// The lookup as the endpoint has it: what it finds is kept to the networks that this machine is on.
#[derive(Debug)]
struct OwnNetworksOnly {
    lookup: MdnsAddressLookup,
    networks: Networks,
}

impl AddressLookup for OwnNetworksOnly {
    fn publish(&self, data: &EndpointData) {
        self.lookup.publish(data);
    }

    fn resolve(&self, endpoint: Id) -> Option<BoxStream<Result<Item, Error>>> {
        let networks = self.networks.clone();
        let found = self.lookup.resolve(endpoint)?.map(move |item| {
            let item = item?;
            let near = near(item.endpoint_info(), &networks);
            Ok(Item::new(EndpointInfo::new(item.endpoint_id()).with_ip_addrs(near), item.provenance(), None))
        });
        Some(found.boxed())
    }
}

fn near(info: &EndpointInfo, networks: &Networks) -> Vec<SocketAddr> {
    info.ip_addrs().copied().filter(|address| is_near(address, networks)).collect()
}

/// What was seen nearby, with the name under which it invites.
#[derive(Clone, Default)]
struct Seen {
    endpoints: Arc<Mutex<BTreeMap<EndpointId, (PeerAddress, String)>>>,
    news: Arc<Notify>,
}

impl Seen {
    fn note(&self, info: &EndpointInfo, networks: &Networks) -> Input {
        let endpoint = EndpointId(*info.endpoint_id.as_bytes());
        let address = PeerAddress { endpoint, direct: near(info, networks), relay: None };
        let text = info.user_data().map(|data| data.as_ref().to_owned()).unwrap_or_default();
        let (tag, rendezvous) = text.split_once(' ').unwrap_or_default();
        let tag = (tag.len() == 32).then(|| u128::from_str_radix(tag, 16).ok().map(u128::to_be_bytes)).flatten();
        let mut seen = self.hold();
        if seen.len() < SEEN_MAX || seen.contains_key(&endpoint) {
            seen.insert(endpoint, (address.clone(), rendezvous.to_owned()));
        }
        drop(seen);
        self.news.notify_waiters();
        Input::Nearby { address, tag }
    }

    fn find(&self, rendezvous: &str) -> Option<PeerAddress> {
        let named = |(address, name): &(PeerAddress, String)| (name == rendezvous).then(|| address.clone());
        self.hold().values().find_map(named)
    }

    fn hold(&self) -> MutexGuard<'_, BTreeMap<EndpointId, (PeerAddress, String)>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_near_on_the_networks_of_this_machine_and_nowhere_else() {
        let networks: Networks = vec![
            ("192.168.1.7".parse().unwrap(), 24),
            ("fe80::1".parse().unwrap(), 64),
            ("10.0.0.1".parse().unwrap(), 32),
        ];
        let near = |address: &str| is_near(&address.parse().unwrap(), &networks);
        assert!(near("192.168.1.200:1") && near("[fe80::7]:1") && near("10.0.0.1:1"));
        assert!(!near("192.168.2.7:1") && !near("10.0.0.2:1") && !near("203.0.113.9:53") && !near("[2001:db8::7]:1"));
        assert!(!is_near(&"127.0.0.1:1".parse().unwrap(), &[]));
        assert!(is_near(&"203.0.113.9:1".parse().unwrap(), &[("0.0.0.0".parse().unwrap(), 0)]));
    }
}
