//! Sets of sequence numbers, kept as half-open ranges in ascending order that neither touch nor overlap.
//!
//! Refuses to be built from anything else: two spellings of one set would be two roots.

/// A set of sequence numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// The empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Reads a set from `(first, end)` pairs; `None` unless they are ascending, non-empty and apart.
    pub fn from_pairs(pairs: Vec<(u64, u64)>) -> Option<Self> {
        let whole = pairs.iter().all(|(first, end)| first < end);
        let apart = pairs.iter().zip(pairs.iter().skip(1)).all(|((_, end), (next, _))| end < next);
        (whole && apart).then_some(Self(pairs))
    }

    /// Adds one number.
    pub fn insert(&mut self, seq: u64) {
        let Some(end) = seq.checked_add(1) else { return };
        let at = self.0.partition_point(|&(_, range_end)| range_end < seq);
        let mut merged = (seq, end);
        let mut until = at;
        while let Some(&(first, range_end)) = self.0.get(until).filter(|(first, _)| *first <= end) {
            merged = (merged.0.min(first), merged.1.max(range_end));
            until += 1;
        }
        self.0.splice(at..until, [merged]);
    }

    /// Everything that is in either.
    pub fn union(&self, other: &Self) -> Self {
        let mut all = [self.0.as_slice(), &other.0].concat();
        all.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::with_capacity(all.len());
        for (first, end) in all {
            match joined.last_mut() {
                Some((_, last)) if first <= *last => *last = end.max(*last),
                _ => joined.push((first, end)),
            }
        }
        Self(joined)
    }

    /// What is in this one and not in the other.
    pub fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for &(first, end) in &self.0 {
            let mut from = first;
            let at = other.0.partition_point(|&(_, end)| end <= first);
            for &(gone, back) in other.0.iter().skip(at).take_while(|(gone, _)| *gone < end) {
                if from < gone {
                    left.push((from, gone));
                }
                from = back;
            }
            if from < end {
                left.push((from, end));
            }
        }
        Self(left)
    }

    /// What is in both.
    pub fn common(&self, other: &Self) -> Self {
        self.without(&self.without(other))
    }

    /// Whether some number is in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.without(other) != *self
    }

    /// Whether `seq` is in the set.
    pub fn contains(&self, seq: u64) -> bool {
        let at = self.0.partition_point(|&(_, end)| end <= seq);
        self.0.get(at).is_some_and(|&(first, _)| first <= seq)
    }

    /// Every number in the set, the highest first.
    pub fn newest_first(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().rev().flat_map(|&(first, end)| (first..end).rev())
    }

    /// The ranges as `(first, end)` pairs, ascending.
    pub fn pairs(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// One past the highest number, 0 when empty.
    pub fn end(&self) -> u64 {
        self.0.last().map_or(0, |&(_, end)| end)
    }

    /// How many numbers are in the set.
    pub fn len(&self) -> u64 {
        self.0.iter().fold(0, |sum, (first, end)| sum.saturating_add(end - first))
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<u64> for Ranges {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut ranges = Self::new();
        numbers.into_iter().for_each(|seq| ranges.insert(seq));
        ranges
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_built_in_any_order_is_the_same_set(numbers in prop::collection::vec(0u64..60, 0..80)) {
            let model: BTreeSet<u64> = numbers.iter().copied().collect();
            let ranges: Ranges = numbers.into_iter().collect();
            prop_assert_eq!(ranges.newest_first().collect::<Vec<_>>(), model.iter().rev().copied().collect::<Vec<_>>());
            prop_assert!((0..61).all(|seq| ranges.contains(seq) == model.contains(&seq)));
            prop_assert_eq!(Ranges::from_pairs(ranges.pairs().to_vec()), Some(ranges.clone()));
            prop_assert_eq!(ranges.len(), model.len() as u64);
        }

        #[test]
        fn two_sets_are_joined_and_taken_apart_as_sets_are(
            one in prop::collection::btree_set(0u64..40, 0..40),
            other in prop::collection::btree_set(0u64..40, 0..40),
        ) {
            let ranges = |set: &BTreeSet<u64>| set.iter().copied().collect::<Ranges>();
            let (a, b) = (ranges(&one), ranges(&other));
            prop_assert_eq!(a.union(&b), ranges(&(&one | &other)));
            prop_assert_eq!(a.without(&b), ranges(&(&one - &other)));
            prop_assert_eq!(a.common(&b), ranges(&(&one & &other)));
            prop_assert_eq!(a.meets(&b), !one.is_disjoint(&other));
        }
    }

    #[test]
    fn ranges_that_touch_overlap_or_go_backwards_are_refused() {
        for pairs in [vec![(0, 2), (2, 4)], vec![(0, 3), (1, 4)], vec![(4, 5), (0, 1)], vec![(3, 3)], vec![(4, 3)]] {
            assert_eq!(Ranges::from_pairs(pairs.clone()), None, "{pairs:?}");
        }
    }

    #[test]
    fn the_last_number_there_is_does_not_overflow() {
        let mut ranges = Ranges::new();
        ranges.insert(u64::MAX);
        assert!(ranges.is_empty());
    }
}
