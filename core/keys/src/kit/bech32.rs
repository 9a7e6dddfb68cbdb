//! Bech32 of BIP-173 as age writes it: the original checksum, not the one of Bech32m, and no limit on the length.
//!
//! A public key has 1,957 characters, past the 1,023 up to which the checksum finds every slip of three: it is meant
//! for copying. The identity has 77, where every slip of up to four characters is found.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::primitives::{Bech32, checksum::Checksum};
use bech32::{Fe1024, Hrp};
use zeroize::Zeroizing;

/// Characters in the checksum.
pub(super) const CHECKSUM_LEN: usize = Unlimited::CHECKSUM_LENGTH;

/// Bech32 without the limit, in everything else as defined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unlimited {}

impl Checksum for Unlimited {
    type MidstateRepr = u32;
    type CorrectionField = Fe1024;
    const ROOT_GENERATOR: Fe1024 = Bech32::ROOT_GENERATOR;
    const ROOT_EXPONENTS: std::ops::RangeInclusive<usize> = Bech32::ROOT_EXPONENTS;
    const CODE_LENGTH: usize = usize::MAX;
    const CHECKSUM_LENGTH: usize = Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [u32; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = Bech32::TARGET_RESIDUE;
}

pub(super) fn encode_lower(prefix: &str, data: &[u8]) -> String {
    let mut text = String::new();
    // Writing to a String does not fail, and no length is too long here.
    let _ = bech32::encode_lower_to_fmt::<Unlimited, _>(&mut text, Hrp::parse_unchecked(prefix), data);
    text
}

/// Into a buffer that does not grow and leave a copy behind.
pub(super) fn encode_upper(prefix: &str, data: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + 1 + data.len() * 2 + CHECKSUM_LEN));
    // Writing to a String does not fail, and no length is too long here.
    let _ = bech32::encode_upper_to_fmt::<Unlimited, _>(&mut *text, Hrp::parse_unchecked(prefix), data);
    text
}

/// The data under exactly this prefix, all upper or all lower case, and only as [`encode_upper`] would write it: the
/// library does not look at the padding bits, and age refuses any but zeros.
pub(super) fn decode(prefix: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let parsed = CheckedHrpstring::new::<Unlimited>(text).ok()?;
    if parsed.hrp() != Hrp::parse_unchecked(prefix) {
        return None;
    }
    let mut data = Zeroizing::new(Vec::with_capacity(text.len()));
    data.extend(parsed.byte_iter());
    encode_upper(prefix, &data).eq_ignore_ascii_case(text).then_some(data)
}
