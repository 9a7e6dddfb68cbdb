//! Where a peer may be reached: its transport key, addresses, a relay.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use url::Url;

use crate::id::EndpointId;

/// Bytes of a relay's address.
pub(crate) const RELAY_MAX: usize = 512;

/// Where a peer may be reached. Without addresses and relay it is looked for on the local network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAddress {
    /// Its public transport key.
    pub endpoint: EndpointId,
    /// Addresses to try.
    pub direct: Vec<SocketAddr>,
    /// The relay on which it listens.
    pub relay: Option<RelayUrl>,
}

/// Where a device says itself that it can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Addresses to try.
    pub direct: Vec<SocketAddr>,
    /// The relay on which it listens.
    pub relay: Option<RelayUrl>,
}

/// The address of a relay: `https://` and a host, nothing that names a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelayUrl(String);

/// What was typed is not the address of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not the address of a relay: it begins with https:// and names a computer, as in https://relay.example.org"
)]
pub struct NotARelay;

impl RelayUrl {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, an address without brackets, and its port.
    pub(crate) fn host_and_port(&self) -> Option<(String, u16)> {
        let url = Url::parse(&self.0).ok()?;
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        Some((host, url.port_or_known_default()?))
    }
}

impl FromStr for RelayUrl {
    type Err = NotARelay;

    fn from_str(typed: &str) -> Result<Self, NotARelay> {
        let typed = typed.trim();
        if typed.len() > RELAY_MAX {
            return Err(NotARelay);
        }
        let url: Url = typed.parse().map_err(|_| NotARelay)?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_plain = is_plain && url.query().is_none() && url.fragment().is_none();
        let is_secure = url.scheme() == "https" && url.has_host();
        if is_plain && is_secure { Ok(Self(url.into())) } else { Err(NotARelay) }
    }
}

/// Who runs a relay may be known by its name.
impl fmt::Debug for RelayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RelayUrl")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_reached_over_https_alone_and_its_address_holds_no_secret() {
        let relay: RelayUrl = " https://relay.example.org:8443 ".parse().unwrap();
        assert_eq!(relay.as_str().parse(), Ok(relay.clone()));
        assert_eq!(format!("{relay:?}"), "RelayUrl");
        let long = format!("https://{}.example.org", "a".repeat(RELAY_MAX));
        for wrong in
            ["", "relay.example.org", "http://relay.example.org", "https://", "https://me:word@relay.example.org"]
                .into_iter()
                .chain(["https://relay.example.org/?token=word", &long])
        {
            assert_eq!(wrong.parse::<RelayUrl>(), Err(NotARelay), "{wrong}");
        }
    }
}
