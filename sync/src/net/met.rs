//! Where the other end of a connection was met: on the same network, at an address elsewhere, through a relay.

use std::net::{IpAddr, SocketAddr};

use iroh::TransportAddr;
use iroh::endpoint::Connection;

/// Through what a connection was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// The same network: an address that is no good outside of one, or one beside this device's own.
    SameNetwork,
    /// An address on another network.
    Address,
    /// A relay.
    Relay,
}

/// Where the other end of a connection was when it was opened.
#[derive(Clone, Copy)]
pub(super) struct Met {
    pub(super) through: Through,
    /// Its address, when it was not met through a relay.
    pub(super) at: Option<SocketAddr>,
}

impl Met {
    /// The other end of a connection; `own` is where this device can be reached.
    pub(super) fn of(connection: &Connection, own: &[SocketAddr]) -> Self {
        let paths = connection.paths();
        let path = paths.iter().find(|path| path.is_selected()).or_else(|| paths.iter().next());
        let at = path.and_then(|path| match path.remote_addr() {
            TransportAddr::Ip(address) => Some(*address),
            _ => None,
        });
        Self { through: at.map_or(Through::Relay, |at| through(at.ip(), own)), at }
    }
}

fn through(there: IpAddr, own: &[SocketAddr]) -> Through {
    let there = there.to_canonical();
    let is_of_a_network = match there {
        IpAddr::V4(there) => there.is_loopback() || there.is_private() || there.is_link_local(),
        IpAddr::V6(there) => there.is_loopback() || there.is_unique_local() || there.is_unicast_link_local(),
    };
    let is_beside = |own: &SocketAddr| match (own.ip().to_canonical(), there) {
        (IpAddr::V4(own), IpAddr::V4(there)) => own.octets().first_chunk::<3>() == there.octets().first_chunk(),
        (IpAddr::V6(own), IpAddr::V6(there)) => own.octets().first_chunk::<8>() == there.octets().first_chunk(),
        _ => false,
    };
    if is_of_a_network || own.iter().any(is_beside) { Through::SameNetwork } else { Through::Address }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_on_the_same_network_when_it_is_good_there_alone_or_beside_an_own_one() {
        let own: Vec<SocketAddr> =
            ["192.168.1.4:7", "198.51.100.9:7", "[2001:db8:0:7::4]:7"].iter().map(|at| at.parse().unwrap()).collect();
        for (there, expected) in [
            ("127.0.0.1", Through::SameNetwork),
            ("10.1.2.3", Through::SameNetwork),
            ("::ffff:192.168.9.9", Through::SameNetwork),
            ("fe80::1", Through::SameNetwork),
            ("fd00::1", Through::SameNetwork),
            ("198.51.100.200", Through::SameNetwork),
            ("2001:db8:0:7::99", Through::SameNetwork),
            ("198.51.101.200", Through::Address),
            ("2001:db8:0:8::99", Through::Address),
            ("::ffff:203.0.113.4", Through::Address),
        ] {
            assert_eq!(through(there.parse().unwrap(), &own), expected, "{there}");
        }
    }
}
