//! Sizes in classes: an object says to whoever keeps the folder only in which of a few its length lies.

use crate::wire::limits;

/// The smallest class.
const LEAST: usize = 16 << 10;
/// From here on classes lie as far apart as this.
const STEP: usize = 512 << 10;

/// The class of a length: 16 KiB, doubled until 512 KiB, then in steps of that.
pub(super) fn class(len: usize) -> usize {
    match len {
        0..=STEP => len.next_power_of_two().max(LEAST),
        _ => len.div_ceil(STEP).saturating_mul(STEP),
    }
}

/// The content with its length before it, and zeros after it up to its class.
pub(super) fn pad(content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let mut padded = Vec::with_capacity(class(content.len() + 4));
    padded.extend_from_slice(&len.to_le_bytes());
    padded.extend_from_slice(content);
    padded.resize(class(padded.len()), 0);
    padded
}

/// The content again; `None` where that is not what the bytes are.
pub(super) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (len, rest) = padded.split_first_chunk()?;
    let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
    let (content, zeros) = rest.split_at_checked(len)?;
    (padded.len() == class(len + 4) && zeros.iter().all(|byte| *byte == 0)).then_some(content)
}

/// The most content that an object may have.
pub(super) const CONTENT_MAX: usize = limits::OBJECT - (64 << 10) - STEP;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_fall_into_few_classes_and_a_large_one_grows_by_little() {
        for (len, expected) in [(0, 16), (1, 16), (16_384, 16), (16_385, 32), (300_000, 512), (524_289, 1_024)] {
            assert_eq!(class(len), expected << 10, "{len}");
        }
        assert!(pad(&vec![1; CONTENT_MAX]).len() <= limits::OBJECT - (64 << 10));
    }

    #[test]
    fn content_comes_back_and_what_was_padded_in_another_way_does_not() {
        for len in [0, 1, 16_380, 16_381, 700_000] {
            let content = vec![7; len];
            let mut padded = pad(&content);
            assert_eq!(unpad(&padded), Some(content.as_slice()));
            assert_eq!(unpad(&[padded.as_slice(), &[0]].concat()), None);
            if let Some(last) = padded.last_mut().filter(|last| **last == 0) {
                *last = 1;
                assert_eq!(unpad(&padded), None);
            }
        }
        for wrong in [&[][..], &[0; 3], &[255; 16 << 10]] {
            assert_eq!(unpad(wrong), None);
        }
    }
}
