//! Real endpoints on 127.0.0.1: no multicast, no relay, no sleeping.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use iroh::endpoint::presets;
use iroh::{Endpoint, EndpointAddr, PublicKey, RelayMode, TransportAddr};
use zeroize::Zeroizing;

use super::*;
use crate::pairing::{Introduced, Refused};
use crate::testkit::{Dice, MemoryShelf, PlainGreeting, log, peer};

mod through_a_relay;

const PATIENCE: Duration = Duration::from_secs(120);

fn config(n: u8, listen: Listen) -> Config {
    Config { transport_key: Zeroizing::new([n; 32]), listen, local_discovery: false, relay: None }
}

struct Running {
    node: Node,
    shelf: Arc<Mutex<MemoryShelf>>,
    events: mpsc::Receiver<Event>,
}

impl Running {
    fn new(n: u8) -> Self {
        Self::of_practice(n, 1)
    }

    fn of_practice(n: u8, practice: u8) -> Self {
        Self::with(config(n, Listen::At(([127, 0, 0, 1], 0).into())), n, practice)
    }

    /// On every network of this machine, and telling of itself there.
    fn on_the_local_network(n: u8) -> Self {
        let running = Self::with(Config { local_discovery: true, ..config(n, Listen::Everywhere(None)) }, n, 1);
        running.node.show_tag(Some([1; 16]));
        running
    }

    fn with(config: Config, n: u8, practice: u8) -> Self {
        let shelf = Arc::<Mutex<MemoryShelf>>::default();
        let (tell, events) = mpsc::channel();
        let greeting = Box::new(PlainGreeting::new(practice, n));
        let tell = move |event| drop(tell.send(event));
        let node = Node::spawn(config, shelf.clone(), greeting, tell).unwrap();
        Self { node, shelf, events }
    }

    fn wait_for(&self, what: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap();
            if what(&event) {
                return event;
            }
        }
    }

    fn everything(&self) -> impl PartialEq + use<> {
        self.shelf.lock().unwrap().everything()
    }
}

#[test]
fn two_nodes_on_loopback_exchange_five_thousand_envelopes_and_then_what_is_written_live() {
    let (a, b) = (Running::new(1), Running::new(2));
    a.shelf.lock().unwrap().write_many(log(1), 2_500, 1_200);
    b.shelf.lock().unwrap().write_many(log(2), 2_500, 1_200);
    let began = Instant::now();
    let report = a.node.sync_once(b.node.addresses(), PATIENCE).unwrap();
    println!("5,000 envelopes of 1.2 KB: {:?}, {:?}", began.elapsed(), report.tally);
    assert_eq!((report.peer, report.tally.bodies_stored, report.tally.bodies_sent), (peer(2), 2_500, 2_500));
    assert!(report.tally.in_step && a.everything() == b.everything());
    let ledger = a.wait_for(|event| matches!(event, Event::Ledger { .. }));
    assert!(matches!(ledger, Event::Ledger { peer: Some(it), received: 3_000_000.., .. } if it == peer(2)));

    b.shelf.lock().unwrap().write(log(3), b"written while connected");
    b.node.notify_changed();
    a.wait_for(|event| *event == Event::Stored && a.shelf.lock().unwrap().bodies() == 5_001);

    let began = Instant::now();
    let again = a.node.sync_once(b.node.addresses(), PATIENCE).unwrap();
    println!("nothing to do, connected: {:?}", began.elapsed());
    assert_eq!(again.tally.bodies_sent, 2_500);
    a.node.shutdown();
    b.wait_for(|event| matches!(event, Event::Ended { why: None, .. }));
    b.node.shutdown();
}

#[test]
fn garbage_from_a_raw_endpoint_is_closed_in_silence_and_the_next_peer_is_served() {
    let (a, b) = (Running::new(3), Running::new(4));
    b.shelf.lock().unwrap().write_many(log(2), 10, 100);
    let before = a.everything();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let address = a.node.addresses();
    runtime.block_on(async {
        let raw = Endpoint::builder(presets::Minimal).relay_mode(RelayMode::Disabled).clear_ip_transports();
        let raw = raw.bind_addr("127.0.0.1:0").unwrap().bind().await.unwrap();
        let key = PublicKey::from_bytes(&address.endpoint.0).unwrap();
        let to = EndpointAddr::from_parts(key, address.direct.iter().copied().map(TransportAddr::Ip));
        for (protocol, seed) in [(SYNC_PROTOCOL, 1), (PAIR_PROTOCOL, 2), (SYNC_PROTOCOL, 3)] {
            let connection = raw.connect(to.clone(), protocol).await.unwrap();
            let (mut send, mut recv) = connection.open_bi().await.unwrap();
            // The other end may hang up while we are still talking.
            let _ = send.write_all(&Dice::new(seed).bytes(200_000)).await;
            let heard = recv.read_to_end(10).await.unwrap_or_default();
            assert_eq!(heard, b"", "a stranger is told nothing");
        }
        raw.close().await;
    });
    let ended = a.wait_for(|event| matches!(event, Event::Ended { .. }));
    assert!(matches!(ended, Event::Ended { peer: None, why: Some(SessionError::Stranger(_)) }));
    assert!(a.everything() == before);
    assert_eq!(b.node.sync_once(a.node.addresses(), PATIENCE).unwrap().tally.bodies_sent, 10);
}

#[test]
fn a_device_of_another_practice_gets_a_sentence_and_nothing_else() {
    let (a, other) = (Running::new(5), Running::of_practice(6, 2));
    let outcome = other.node.sync_once(a.node.addresses(), PATIENCE);
    assert!(matches!(outcome, Err(NetError::Session(SessionError::Closed | SessionError::Truncated))), "{outcome:?}");
}

#[test]
fn when_nobody_answers_at_the_address_that_is_said() {
    let (a, gone) = (Running::new(7), Running::new(8));
    let address = gone.node.addresses();
    gone.node.shutdown();
    assert_eq!(a.node.sync_once(address, PATIENCE), Err(NetError::NotReached));
}

/// An address where somebody answers who speaks these protocols alone.
fn who_speaks(runtime: &Runtime, protocols: &[&[u8]]) -> (Endpoint, PeerAddress) {
    runtime.block_on(async {
        let raw = Endpoint::builder(presets::Minimal).relay_mode(RelayMode::Disabled).clear_ip_transports();
        let raw = raw.alpns(protocols.iter().map(|protocol| protocol.to_vec()).collect());
        let raw = raw.bind_addr("127.0.0.1:0").unwrap().bind().await.unwrap();
        let address =
            PeerAddress { endpoint: EndpointId(*raw.id().as_bytes()), direct: raw.bound_sockets(), relay: None };
        let answering = raw.clone();
        tokio::spawn(async move {
            while let Some(incoming) = answering.accept().await {
                let _ = incoming.await;
            }
        });
        (raw, address)
    })
}

#[test]
fn a_device_of_another_version_is_not_called_out_of_reach_and_one_of_this_version_is_no_other() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let a = Running::new(21);
    let (_early, address) = who_speaks(&runtime, &[b"subrosa/1", b"subrosa/pair/1"]);
    assert_eq!(a.node.sync_once(address.clone(), PATIENCE), Err(NetError::OtherVersion));
    assert_eq!(a.node.join(address, Box::new(Code(0)), PATIENCE), Err(NetError::OtherVersion));
    let (_present, address) = who_speaks(&runtime, &[SYNC_PROTOCOL]);
    assert_ne!(a.node.sync_once(address, PATIENCE), Err(NetError::OtherVersion));
}

struct Code(u8);

impl InviterCrypto for Code {
    fn answer(&mut self, request: &[u8], _: EndpointId) -> Result<Vec<u8>, Refused> {
        Ok(vec![self.0, request[0]])
    }
    fn forget(&mut self, _: EndpointId) {}
    fn introduced(&mut self, proof: &[u8], _: EndpointId) -> Result<Introduced, Refused> {
        if proof == [self.0] { Ok(laptop()) } else { Err(Refused::WrongCode) }
    }
    fn welcome(&mut self, _: usize) -> Result<Vec<u8>, Refused> {
        Ok(vec![self.0; 300_000])
    }
    fn settled(&mut self) {}
}

impl JoinerCrypto for Code {
    fn request(&mut self) -> Vec<u8> {
        vec![9]
    }
    fn prove(&mut self, answer: &[u8]) -> Result<Vec<u8>, Refused> {
        if answer == [self.0, 9] { Ok(vec![self.0]) } else { Err(Refused::WrongCode) }
    }
    fn accept(&mut self, welcome: &[u8]) -> Result<(), Refused> {
        assert_eq!(welcome.len(), 300_000);
        Ok(())
    }
}

fn laptop() -> Introduced {
    Introduced { name: "Laptop".into(), compare: "apple zebra".into() }
}

#[test]
fn a_device_joins_over_loopback_and_one_with_a_wrong_code_does_not() {
    let (old, new) = (Running::new(9), Running::new(10));
    let to = old.node.addresses();
    let join = |code| new.node.join(to.clone(), Box::new(Code(code)), PATIENCE);
    old.node.invite(Box::new(Code(4)), None).unwrap();
    assert_eq!(join(5), Err(NetError::Pairing(Refused::WrongCode.into())));
    std::thread::scope(|scope| {
        let joining = scope.spawn(|| join(4));
        old.wait_for(|event| *event == Event::PairingAsks(laptop()));
        old.node.answer_pairing(true).unwrap();
        assert_eq!(joining.join().unwrap(), Ok(()));
    });
    old.wait_for(|event| *event == Event::PairingEnded(Ok(())));
}

#[test]
fn a_device_that_leaves_the_moment_it_has_joined_has_said_so_each_time() {
    let old = Running::new(15);
    for round in 0..20 {
        let new = Running::new(16);
        old.node.invite(Box::new(Code(4)), None).unwrap();
        let to = old.node.addresses();
        std::thread::scope(|scope| {
            let joining = scope.spawn(|| {
                let joined = new.node.join(to, Box::new(Code(4)), PATIENCE);
                new.node.shutdown();
                joined
            });
            old.wait_for(|event| *event == Event::PairingAsks(laptop()));
            old.node.answer_pairing(true).unwrap();
            assert_eq!(joining.join().unwrap(), Ok(()), "round {round}");
        });
        old.wait_for(|event| *event == Event::PairingEnded(Ok(())));
    }
}

/// The device of this number, where it is now.
fn reachable(n: u8, address: &PeerAddress) -> Reachable {
    let PeerAddress { endpoint, direct, relay } = address.clone();
    Reachable { peer: peer(n), endpoints: vec![endpoint], direct, relay }
}

#[test]
fn two_devices_meet_by_themselves_and_again_when_one_was_away() {
    let (a, b) = (Running::new(31), Running::new(32));
    b.shelf.lock().unwrap().write_many(log(2), 10, 100);
    let address = b.node.addresses();
    a.node.reach(vec![reachable(32, &address)]).unwrap();
    a.wait_for(|event| matches!(event, Event::Quiet(report) if report.tally.bodies_stored == 10));
    let told = b.wait_for(|event| matches!(event, Event::Addresses { .. }));
    let Event::Addresses { peer: who, endpoint, addresses } = told else { panic!("it waits for nothing else") };
    assert_eq!((who, endpoint), (peer(31), a.node.local_endpoint_id()));
    assert_eq!(addresses.direct, a.node.addresses().direct, "where it was met is where it says that it is");
    b.node.shutdown();
    a.wait_for(|event| matches!(event, Event::Ended { peer: Some(_), .. }));
    // Nothing is done on either side but to begin again, at the same place.
    let back = Running::with(config(32, Listen::At(address.direct[0])), 32, 1);
    let met = |who| move |event: &Event| *event == Event::Connected { peer: peer(who), through: Through::SameNetwork };
    a.wait_for(met(32));
    back.wait_for(met(31));
}

#[test]
fn a_device_whose_port_is_taken_listens_at_another_one() {
    let taken = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let a = Running::with(config(33, Listen::Everywhere(Some(port))), 33, 1);
    assert!(a.node.addresses().direct.iter().all(|it| it.port() != port));
    a.node.shutdown();
    drop(taken);
    let a = Running::with(config(33, Listen::Everywhere(Some(port))), 33, 1);
    assert!(a.node.addresses().direct.iter().any(|it| it.port() == port));
}

#[test]
#[ignore = "leaves loopback: it needs a network that carries multicast"]
fn two_nodes_find_each_other_by_multicast_and_sync() {
    let (a, b) = (Running::on_the_local_network(11), Running::on_the_local_network(12));
    b.shelf.lock().unwrap().write_many(log(2), 10, 100);
    a.wait_for(|event| matches!(event, Event::Quiet(report) if report.tally.bodies_stored == 10));
}

#[test]
#[ignore = "leaves loopback: it needs a network that carries multicast"]
fn who_invites_is_found_by_the_name_that_the_code_gives_and_by_no_other() {
    let (old, new) = (Running::on_the_local_network(13), Running::on_the_local_network(14));
    old.node.invite(Box::new(Code(4)), Some("a-name-from-the-code")).unwrap();
    let found = new.node.find("a-name-from-the-code", PATIENCE).unwrap();
    assert_eq!(found.endpoint, old.node.local_endpoint_id());
    let nobody = new.node.find("another-name", Duration::from_secs(3));
    assert_eq!(nobody, Err(NetError::NotReached));
}
