//! JSON in which no object has a name twice. RFC 8259 §4 leaves open what such an object says: one program takes the first,
//! another the last, and one signed text would then be two.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a value; `None` where an object has a name twice, at any depth, and for whatever else is no such value.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    names_each_once(bytes).then(|| serde_json::from_slice(bytes).ok())?
}

/// Whether bytes are JSON in which no object has a name twice.
pub(crate) fn names_each_once(bytes: &[u8]) -> bool {
    serde_json::from_slice::<SingleNames>(bytes).is_ok()
}

/// Any value whose objects have each name once; nothing of it is kept.
struct SingleNames;

impl<'de> Deserialize<'de> for SingleNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = SingleNames;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON in which no object has a name twice")
    }

    fn visit_bool<E>(self, _: bool) -> Result<SingleNames, E> {
        Ok(SingleNames)
    }

    fn visit_i64<E>(self, _: i64) -> Result<SingleNames, E> {
        Ok(SingleNames)
    }

    fn visit_u64<E>(self, _: u64) -> Result<SingleNames, E> {
        Ok(SingleNames)
    }

    fn visit_f64<E>(self, _: f64) -> Result<SingleNames, E> {
        Ok(SingleNames)
    }

    fn visit_str<E>(self, _: &str) -> Result<SingleNames, E> {
        Ok(SingleNames)
    }

    fn visit_unit<E>(self) -> Result<SingleNames, E> {
        Ok(SingleNames)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<SingleNames, A::Error> {
        while list.next_element::<SingleNames>()?.is_some() {}
        Ok(SingleNames)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<SingleNames, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = object.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name twice"));
            }
            object.next_value::<SingleNames>()?;
        }
        Ok(SingleNames)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_name_that_an_object_has_twice_is_refused_at_any_depth_and_in_two_objects_it_is_not() {
        for twice in [r#"{"a":1,"a":1}"#, r#"{"b":[{"c":{"a":1,"a":2}}]}"#, r#"{"a":1,"\u0061":2}"#] {
            assert_eq!(read::<Value>(twice.as_bytes()), None, "{twice}");
        }
        for once in [r#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#, "[1,-2,3.5,null,true,\"a\"]", "{}"] {
            assert!(read::<Value>(once.as_bytes()).is_some(), "{once}");
        }
        assert_eq!(read::<Value>(&[b"[".repeat(10_000), b"]".repeat(10_000)].concat()), None, "however deep");
    }
}
