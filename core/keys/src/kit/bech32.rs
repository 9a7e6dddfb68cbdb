//! Bech32 of BIP-173 as age writes it: the original checksum, not the one of Bech32m, and no limit on the length.
//!
//! A public key has 1,957 characters, past the 1,023 up to which the checksum finds every slip of three: it is meant
//! for copying. The identity has 77, where every slip of up to four characters is found.

use bech32::primitives::Bech32;
use bech32::primitives::checksum::{Checksum, Engine};
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Fe32, Fe1024, Hrp};
use zeroize::Zeroizing;

/// The letters that a text may have after its prefix, in the order of what they stand for.
pub(super) const LETTERS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
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

/// Whether these letters, small ones after the prefix, end in their checksum, and what they write leaves no bits over but zeros.
pub(super) fn fits(prefix: &str, letters: &[u8]) -> bool {
    let mut engine = Engine::<Unlimited>::new();
    engine.input_hrp(Hrp::parse_unchecked(prefix));
    let data = letters.len().saturating_sub(CHECKSUM_LEN);
    let spare = data * 5 % 8;
    for (at, letter) in letters.iter().enumerate() {
        let Ok(value) = Fe32::from_char(char::from(*letter)) else { return false };
        if at + 1 == data && value.to_u8().trailing_zeros() < u32::try_from(spare).unwrap_or_default() {
            return false;
        }
        engine.input_fe(value);
    }
    *engine.residue() == Unlimited::TARGET_RESIDUE
}

/// A letter after the prefix as it was printed, small: the four that cannot stand there are read as those that they look like.
pub(super) fn as_printed(letter: u8) -> u8 {
    match letter.to_ascii_lowercase() {
        b'o' => b'0',
        b'b' => b'8',
        b'i' | b'1' => b'l',
        letter => letter,
    }
}
