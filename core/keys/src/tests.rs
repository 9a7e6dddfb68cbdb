//! The published vectors of `core/vectors`, for the tests that read them.

use serde_json::Value;

/// Keys, hashes and a passphrase slot, written by `vectors/keys.py`.
pub(crate) fn keys() -> Value {
    serde_json::from_str(include_str!("../../vectors/keys.json")).unwrap()
}

/// The bytes of a hexadecimal field.
pub(crate) fn bytes(field: &Value) -> Vec<u8> {
    let text = field.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
