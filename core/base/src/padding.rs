//! Padmé: lengths rounded up so that they tell little.

/// Padmé (Nikitin et al., PETS 2019, §4): the length keeps as many leading bits as its exponent has digits, the rest are
/// rounded up. At most 12 % more, and a length tells O(log log n) bits.
pub fn padme(len: usize) -> usize {
    let Some(exponent) = len.checked_ilog2().filter(|exponent| *exponent > 0) else { return len };
    let digits = exponent.ilog2() + 1;
    let mask = (1_usize << (exponent - digits)) - 1;
    len.saturating_add(mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_bits_stay_and_the_rest_are_rounded_up() {
        let expected = [
            (0, 0),
            (1, 1),
            (2, 2),
            (3, 3),
            (7, 7),
            (8, 8),
            (9, 10),
            (100, 104),
            (65_537, 67_584),
            (1_000_000, 1_015_808),
        ];
        for (len, padded) in expected {
            assert_eq!(padme(len), padded, "{len}");
        }
    }

    #[test]
    fn a_padded_length_is_its_own_and_never_more_than_twelve_percent_longer() {
        for len in (1..4_096).chain([usize::MAX / 3, usize::MAX - 1, usize::MAX]) {
            let padded = padme(len);
            assert!(padded >= len || len > usize::MAX / 2, "{len}");
            assert!(padded <= len.saturating_add(len / 8).saturating_add(1), "{len}");
            assert_eq!(padme(padded), padded, "{len}");
        }
    }
}
