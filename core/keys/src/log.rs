//! Envelopes: what a device appends to its log, and what another device may believe about it.
//!
//! An envelope is a [`Header`] in the clear and a sealed body. Headers form a chain by hash, a signature on one covers
//! every header before it, and each header names its body by hash: so a body can be missing and the chain still
//! verifies, and nothing can be changed, inserted, reordered or left out unnoticed. See docs/format.md, 3.
//!
//! Pure: bytes and keys come in, bytes and verdicts go out. Refused: a header of another make, a log written by a
//! device that its name does not give, a chain with a gap or a turn, a run that no signature ends, a body that its
//! header does not name, an item that does not belong where it stands.

mod body;
mod chain;
mod codes;
mod description;
mod header;
mod item;
mod setting;

/// Whether of two things that one device said, each a number and its bytes, the first counts: that of the larger number, and of two
/// with one number that whose bytes are smaller.
fn replaces(one: (u64, &[u8]), other: (u64, &[u8])) -> bool {
    let order = |(number, bytes)| (number, std::cmp::Reverse(bytes));
    order(one) > order(other)
}

pub use self::body::{
    BODY_MAX, BodyError, IMPORT_BODY, capacity, open_body, open_item, open_items, outer_key, pack, packed_len,
    padded_len, seal_body, unpack,
};
pub use self::chain::{Accepted, ChainError, LOG_LEN, Position, follow};
pub use self::codes::{Class, DocType, Kind};
pub use self::description::{Description, WEEKS_MAX, week_of};
pub use self::header::{Header, HeaderError, Place, SignedHeader};
pub use self::item::{INFLATES, INFLATES_ANYWAY, Item, ItemError, ItemKey, NO_KEY, PAYLOAD_MAX, PRACTICE_KEY};
pub use self::setting::{SEEN_MAX, SETTING_MAX, Setting, SettingKind, in_force};
