//! What a person copies from one screen to the other: the words of a code and, if need be, where the device listens.
//!
//! ```text
//! eight words of the code @ <endpoint id, 64 hexadecimal digits> 192.0.2.7:4433, [2001:db8::7]:4433, https://relay.example.org
//! ```
//! One line that survives a mail or a chat. Reading is tolerant of case, spaces and line breaks; refused are words that
//! are no code, and anything after the `@` that is no address. No error quotes what was typed: it is a secret.

use std::net::SocketAddr;

use subrosa_core::id::Hash;
use subrosa_core::pairing::{Code, CodeError};
use subrosa_sync::PeerAddress;
use subrosa_sync::id::EndpointId;
use zeroize::Zeroizing;

/// Addresses of one device that are looked at; nobody has more.
const ADDRESSES: usize = 32;

/// What was typed is not the address of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the address of a device; copy it again, whole, from the other screen")]
pub struct NotAnAddress;

/// Why a line is no code. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeLineError {
    /// The words.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// What stands after them.
    #[error(transparent)]
    Address(#[from] NotAnAddress),
}

/// A pairing code, with the address of the device that shows it or without.
#[derive(Debug)]
pub struct CodeLine {
    /// The eight words.
    pub code: Code,
    /// Where the device is; without it, the device is looked for on the local network.
    pub address: Option<PeerAddress>,
}

impl CodeLine {
    /// Reads what a person has typed or pasted.
    pub fn parse(typed: &str) -> Result<Self, CodeLineError> {
        let (words, address) = typed.split_once('@').map_or((typed, None), |(words, rest)| (words, Some(rest)));
        let code = Code::parse(words)?;
        Ok(Self { code, address: address.map(address_from_text).transpose()? })
    }

    /// The line to copy.
    pub fn to_text(&self) -> Zeroizing<String> {
        let words = self.code.words();
        match &self.address {
            // One allocation of the right size: a string that grows leaves copies of the words behind.
            Some(address) => {
                let address = address_to_text(address);
                let mut line = Zeroizing::new(String::with_capacity(words.len() + 3 + address.len()));
                [words.as_str(), " @ ", &address].into_iter().for_each(|part| line.push_str(part));
                line
            }
            None => words,
        }
    }
}

/// An address as text: the endpoint id, then where to try.
pub fn address_to_text(address: &PeerAddress) -> String {
    let relay = address.relay.iter().map(|relay| relay.as_str().to_owned());
    let places: Vec<String> = address.direct.iter().map(SocketAddr::to_string).chain(relay).collect();
    format!("{} {}", Hash(address.endpoint.0), places.join(", ")).trim_end().to_owned()
}

/// Reads an address back. One without anything to try is good: the device is then looked for on the local network.
pub fn address_from_text(typed: &str) -> Result<PeerAddress, NotAnAddress> {
    let mut parts =
        typed.split(|sign: char| sign.is_whitespace() || matches!(sign, ',' | ';')).filter(|it| !it.is_empty());
    let endpoint = parts.next().and_then(|id| id.to_lowercase().parse::<Hash>().ok()).ok_or(NotAnAddress)?;
    let mut address = PeerAddress { endpoint: EndpointId(endpoint.0), direct: Vec::new(), relay: None };
    for part in parts {
        match part.parse() {
            Ok(place) => address.direct.push(place),
            Err(_) if address.relay.is_none() => {
                address.relay = Some(part.to_lowercase().parse().map_err(|_| NotAnAddress)?)
            }
            Err(_) => return Err(NotAnAddress),
        }
    }
    if address.direct.len() > ADDRESSES {
        return Err(NotAnAddress);
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use subrosa_core::entropy::Os;

    use super::*;

    fn address() -> PeerAddress {
        let direct = ["192.0.2.7:4433", "[2001:db8::7]:4433"].map(|it| it.parse().unwrap()).to_vec();
        PeerAddress {
            endpoint: EndpointId([0xA5; 32]),
            direct,
            relay: Some("https://relay.example.org".parse().unwrap()),
        }
    }

    #[test]
    fn a_line_comes_back_however_a_mail_program_breaks_it() {
        let line = CodeLine { code: Code::random(&mut Os), address: Some(address()) };
        let text = line.to_text();
        let broken = text.replace(' ', "\r\n  ");
        let shouted = text.to_uppercase();
        for typed in [text.as_str(), &broken, &shouted, &text.replace(", ", ";"), &format!("\t{} \n", *text)] {
            let read = CodeLine::parse(typed).unwrap();
            assert!(read.code == line.code && read.address == line.address);
        }
    }

    #[test]
    fn words_alone_are_a_line_and_so_is_an_endpoint_without_addresses() {
        let words = CodeLine { code: Code::random(&mut Os), address: None }.to_text();
        assert_eq!(CodeLine::parse(&words).unwrap().address, None);
        let found = CodeLine::parse(&format!("{} @ {}", *words, "a5".repeat(32))).unwrap().address.unwrap();
        assert_eq!(found, PeerAddress { direct: Vec::new(), relay: None, ..address() });
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_quoted() {
        let words = CodeLine { code: Code::random(&mut Os), address: None }.to_text();
        let many = "192.0.2.7:1 ".repeat(33);
        for rest in [
            "",
            "tomorrow",
            &"a5".repeat(31),
            &format!("{} 192.0.2.7", "a5".repeat(32)),
            &format!("{} {many}", "a5".repeat(32)),
        ] {
            let refused = CodeLine::parse(&format!("{} @ {rest}", *words)).unwrap_err();
            assert_eq!(refused, CodeLineError::Address(NotAnAddress), "{rest}");
        }
        assert!(matches!(
            CodeLine::parse("seven words are too few for a code"),
            Err(CodeLineError::Code(CodeError::Count(8) | CodeError::Word(_)))
        ));
    }
}
