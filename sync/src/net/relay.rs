//! The relay that a person names: set up, and what it answers in words.
//!
//! Without one no name is looked up and nobody outside is asked for anything. With one, its name alone is, by the resolver that this
//! system has and no other.

use std::error::Error;

use iroh::dns::DnsResolver;
use iroh::endpoint::{Builder, RelayStatus};
use iroh::tls::CaTlsConfig;
use iroh::{RelayConfig, RelayMap, RelayMode};
use zeroize::Zeroizing;

use crate::address::RelayUrl;

/// A relay, as a person named it. No Debug: the token is a secret.
#[derive(Clone)]
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
