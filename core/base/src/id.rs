//! Ids: newtypes over fixed-size bytes, written as lower-case hexadecimal.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::entropy::{self, Entropy};

/// A text that is not an id of the expected kind. Only what is written here is one: no capitals, no sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an id: an id is written in hexadecimal digits, with small letters")]
pub struct NotAnId;

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident($len:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id(pub [u8; $len]);

        impl $id {
            /// Bytes in an id of this kind.
            pub const LEN: usize = $len;

            /// A fresh id.
            pub fn random(entropy: &mut dyn Entropy) -> Self {
                Self(entropy::random(entropy))
            }

            /// Reads an id from exactly [`Self::LEN`] bytes.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($id), "({})"), self)
            }
        }

        impl FromStr for $id {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let mut bytes = [0; $len];
                if text.len() != 2 * $len {
                    return Err(NotAnId);
                }
                for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
                    *byte = digits.iter().try_fold(0, |value, digit| Some(value << 4 | nibble(*digit)?)).ok_or(NotAnId)?;
                }
                Ok(Self(bytes))
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

ids! {
    /// Any document: a client, a note, a set of measures, a colleague.
    DocId(16);
    /// A device: the first 16 bytes of a labelled hash of its public signing key.
    DeviceId(16);
    /// A log: the id of the device that writes it, then its number among that device's logs.
    LogId(24);
    /// A compartment key: its compartment, then 15 bytes of a labelled hash of it.
    KeyId(16);
    /// An epoch: the first 16 bytes of the hash of the roster entry that opened it.
    EpochId(16);
    /// SHA-256 of something.
    Hash(32);
}

/// A client's document.
pub type ClientId = DocId;
/// A note's document.
pub type NoteId = DocId;
/// A colleague's document.
pub type ColleagueId = DocId;

/// Logs that one device has.
pub const LOGS_MAX: usize = 1 << u8::BITS;

impl LogId {
    /// A device's log of this number. It has so many and no more, whichever of them come first (format §3).
    pub fn of(device: DeviceId, number: u8) -> Self {
        let mut id = [0; Self::LEN];
        let number = u64::from(number).to_le_bytes();
        id.iter_mut().zip(device.0.into_iter().chain(number)).for_each(|(to, from)| *to = from);
        Self(id)
    }

    /// Whether its number is one that a device's log can have.
    pub fn can_be(&self) -> bool {
        *self == Self::of(self.device(), self.0.get(DeviceId::LEN).copied().unwrap_or(0))
    }

    /// The device that writes this log.
    pub fn device(&self) -> DeviceId {
        let mut id = [0; 16];
        id.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        DeviceId(id)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IntoDeserializer;
    use serde::de::value::{self, StrDeserializer};

    use super::*;

    #[test]
    fn an_id_survives_being_written_and_read() {
        let id = DocId([0xA5; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn a_device_has_256_logs_and_no_other() {
        let device = DeviceId([7; 16]);
        let logs: std::collections::BTreeSet<LogId> = (0..=u8::MAX).map(|number| LogId::of(device, number)).collect();
        assert!(logs.len() == LOGS_MAX && logs.iter().all(|log| log.can_be() && log.device() == device));
        for place in DeviceId::LEN + 1..LogId::LEN {
            let mut beyond = LogId::of(device, 255);
            beyond.0[place] = 1;
            assert!(!beyond.can_be());
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let id = DocId([0x0a; 16]).to_string();
        for text in [
            "",
            "a5",
            &format!("z{}", &id[1..]),
            &format!("+{}", &id[1..]),
            &format!("ä{}", &id[2..]),
            &format!(" {}", &id[1..]),
            &format!("{id}0"),
            &id[1..],
        ] {
            assert_eq!(text.parse::<DocId>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn an_id_has_one_form_so_that_what_is_signed_of_it_has_one_reading() {
        let id = DocId([0x0a; 16]).to_string();
        let read = |text: &str| {
            let text: StrDeserializer<'_, value::Error> = text.into_deserializer();
            DocId::deserialize(text).is_ok()
        };
        assert!(read(&id));
        for text in [id.to_uppercase(), format!("+{}", &id[1..])] {
            assert!(!read(&text) && text.parse::<DocId>() == Err(NotAnId), "{text}");
        }
    }
}
