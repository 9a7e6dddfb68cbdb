//! The relay that a person names: set up, and what it answers in words.
//!
//! Without one no name is looked up and nobody outside is asked for anything. With one, its name alone is, by the resolver that this
//! system has and no other.

use std::error::Error;
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use iroh::dns::DnsResolver;
use iroh::endpoint::{Builder, RelayStatus};
use iroh::tls::CaTlsConfig;
use iroh::{RelayConfig, RelayMap, RelayMode};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection};
use zeroize::Zeroizing;

use crate::address::RelayUrl;

/// How long each step of a look at a relay may take.
const LOOK: Duration = Duration::from_secs(5);

/// A relay, as a person named it. No Debug: the token is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Relay {
    /// Where it is.
    pub url: RelayUrl,
    /// What it asks for, if it is not open to everybody.
    pub token: Option<Zeroizing<String>>,
    /// The certificate (DER) that it shows or that signs it, where it is none that the world trusts.
    pub certificate: Option<Vec<u8>>,
}

/// How it stands with the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayState {
    /// Connected: other devices reach this one through it.
    Connected,
    /// It answers, and does not let this device in.
    Refused,
    /// What answers shows a certificate that is not trusted for this name.
    OtherCertificate,
    /// Nothing answers, or what answers is no relay.
    NotReached,
}

/// These bytes are no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no certificate: it is a text that begins with -----BEGIN CERTIFICATE-----, or the same as DER")]
pub struct NotACertificate;

/// The first certificate of a PEM text, or one that is DER already. What is in it is read when the relay shows its own.
///
/// # Errors
/// [`NotACertificate`].
pub fn certificate(bytes: &[u8]) -> Result<Vec<u8>, NotACertificate> {
    /// The first byte of a certificate in DER: a sequence (X.690, 8.9).
    const SEQUENCE: u8 = 0x30;
    match bytes.first() {
        Some(&SEQUENCE) => Ok(bytes.to_vec()),
        _ => CertificateDer::from_pem_slice(bytes).map(|read| read.to_vec()).map_err(|_| NotACertificate),
    }
}

/// Gives the endpoint this relay and no other, or none.
pub(super) fn set_up(builder: Builder, relay: Option<&Relay>) -> Builder {
    // Its own resolvers would be asked when the system's does not know a name.
    let resolver = DnsResolver::builder().with_system_defaults().disable_fallback().build();
    let builder = builder.dns_resolver(resolver);
    let Some(relay) = relay else { return builder.relay_mode(RelayMode::Disabled) };
    let Ok(url) = relay.url.as_str().parse::<iroh::RelayUrl>() else { return builder.relay_mode(RelayMode::Disabled) };
    // With the port at which iroh's relay tells a device its address as seen from outside: without that no direct path through a
    // router is found.
    let mut config = RelayConfig::from(url);
    if let Some(token) = &relay.token {
        config = config.with_auth_token(token.as_str());
    }
    let builder = builder.relay_mode(RelayMode::Custom(RelayMap::from(config)));
    match &relay.certificate {
        Some(certificate) => builder.ca_tls_config(CaTlsConfig::custom_roots([certificate.clone().into()])),
        None => builder,
    }
}

/// What the endpoint found; `None` as long as it is still trying for the first time.
pub(super) fn state_of(status: &RelayStatus) -> Option<RelayState> {
    if status.is_connected() {
        return Some(RelayState::Connected);
    }
    if status.auth_denied_reason().is_some() {
        return Some(RelayState::Refused);
    }
    let error = status.last_error()?;
    Some(if is_of_certificate(error) { RelayState::OtherCertificate } else { RelayState::NotReached })
}

/// Looks at a relay of which the endpoint says nothing: whether something answers at its address, and with which certificate.
/// Blocks for some seconds at most.
pub(super) fn look(tls: ClientConfig, url: &RelayUrl) -> RelayState {
    match shake_hands(tls, url) {
        Err(error) if is_of_certificate(&error) => RelayState::OtherCertificate,
        // Something answers, and it is no relay that can be used.
        Ok(()) | Err(_) => RelayState::NotReached,
    }
}

fn shake_hands(tls: ClientConfig, url: &RelayUrl) -> io::Result<()> {
    let (host, port) = url.host_and_port().ok_or(io::ErrorKind::InvalidInput)?;
    let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
    let address = (host.as_str(), port).to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, LOOK)?;
    stream.set_read_timeout(Some(LOOK))?;
    stream.set_write_timeout(Some(LOOK))?;
    let mut shaking = ClientConnection::new(Arc::new(tls), name).map_err(io::Error::other)?;
    while shaking.is_handshaking() {
        shaking.complete_io(&mut stream)?;
    }
    Ok(())
}

/// Whether TLS found the other end to be another one than it should be.
fn is_of_certificate(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        let inside = error.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref());
        if inside.is_some_and(|inside| is_of_certificate(inside)) {
            return true;
        }
        next = error.source();
    }
    false
}
