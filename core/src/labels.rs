//! Every domain-separation label, in one place, so that no two constructions can share one.
//!
//! Each is ASCII and begins with `subrosa/v1/`.

/// Context of the sealed local key in the passphrase slot.
pub const SLOT: &[u8] = b"subrosa/v1/slot/passphrase";
