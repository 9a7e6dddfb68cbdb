//! iroh's own relay on 127.0.0.1, with a certificate of its own and a token that it asks for.

use iroh_relay::server::testing::{quic_config, relay_config, self_signed_tls_certs_and_config};
use iroh_relay::server::{Access, AccessControl, CertConfig, ClientRequest, Server, ServerConfig, TlsConfig};

use super::*;
use crate::address::RelayUrl;

const TOKEN: &str = "a word that the relay asks for";

#[derive(Debug)]
struct AsksForTheToken;

impl AccessControl for AsksForTheToken {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        let knows = request.auth_token().as_deref() == Some(TOKEN);
        if knows { Access::Allow } else { Access::Deny { reason: Some("who are you?".into()) } }
    }
}

/// A relay that runs until it is dropped.
struct Runs {
    server: Option<Server>,
    certificate: Vec<u8>,
    url: RelayUrl,
    runtime: Runtime,
}

impl Runs {
    fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (certificates, server_config) = self_signed_tls_certs_and_config();
        let mut relay = relay_config();
        relay.tls = Some(TlsConfig::new(([127, 0, 0, 1], 0), CertConfig::Manual { server_config }));
        relay.access = Arc::new(AsksForTheToken);
        let mut config = ServerConfig::default();
        config.relay = Some(relay);
        config.quic = Some(quic_config());
        let server = runtime.block_on(Server::spawn(config)).unwrap();
        let port = server.https_addr().unwrap().port();
        let url = format!("https://127.0.0.1:{port}").parse().unwrap();
        Self { server: Some(server), certificate: certificates[0].to_vec(), url, runtime }
    }

    fn named(&self) -> Relay {
        let token = Some(Zeroizing::new(TOKEN.to_owned()));
        Relay { url: self.url.clone(), token, certificate: Some(self.certificate.clone()) }
    }

    fn end(&mut self) {
        if let Some(server) = self.server.take() {
            let _ = self.runtime.block_on(server.shutdown());
        }
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        self.end();
    }
}

fn with_relay(n: u8, relay: Relay) -> Running {
    Running::with(Config { relay: Some(relay), ..config(n, Listen::At(([127, 0, 0, 1], 0).into())) }, n, 1)
}

fn state_of(running: &Running) -> RelayState {
    let told = running.wait_for(|event| matches!(event, Event::Relay(_)));
    let Event::Relay(state) = told else { panic!("it waits for nothing else") };
    state
}

#[test]
fn two_devices_that_know_no_address_of_each_other_meet_through_the_relay_that_both_name() {
    let relay = Runs::new();
    let (a, b) = (with_relay(41, relay.named()), with_relay(42, relay.named()));
    b.shelf.lock().unwrap().write_many(log(2), 50, 1_000);
    assert_eq!((state_of(&a), state_of(&b)), (RelayState::Connected, RelayState::Connected));
    let there = b.node.addresses();
    assert_eq!(there.relay, Some(relay.url.clone()));
    a.node.reach(vec![reachable(42, &PeerAddress { direct: Vec::new(), ..there })]).unwrap();
    a.wait_for(|event| matches!(event, Event::Quiet(report) if report.tally.bodies_stored == 50));
    assert!(a.everything() == b.everything());
    let heard = a.wait_for(|event| matches!(event, Event::Addresses { .. }));
    assert!(matches!(heard, Event::Addresses { addresses, .. } if addresses.relay == Some(relay.url.clone())));
}

#[test]
fn what_a_relay_answers_that_does_not_let_this_device_in_is_told_apart_from_one_that_is_not_there() {
    let mut relay = Runs::new();
    let other_word = Relay { token: Some(Zeroizing::new("another word".to_owned())), ..relay.named() };
    assert_eq!(state_of(&with_relay(43, other_word)), RelayState::Refused);
    assert_eq!(state_of(&with_relay(44, Relay { token: None, ..relay.named() })), RelayState::Refused);
    let not_trusted = Relay { certificate: None, ..relay.named() };
    assert_eq!(state_of(&with_relay(45, not_trusted)), RelayState::OtherCertificate);
    let not_its_own = Relay { certificate: Some(Runs::new().certificate.clone()), ..relay.named() };
    assert_eq!(state_of(&with_relay(46, not_its_own)), RelayState::OtherCertificate);
    relay.end();
    assert_eq!(state_of(&with_relay(47, relay.named())), RelayState::NotReached);
}

#[test]
fn a_certificate_is_read_as_text_or_as_it_is_and_nothing_else_is_one() {
    let der = Runs::new().certificate.clone();
    assert_eq!(certificate(&der), Ok(der.clone()));
    for wrong in [&b""[..], b"https://relay.example.org", b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----"]
    {
        assert_eq!(certificate(wrong), Err(NotACertificate));
    }
}
