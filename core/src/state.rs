//! The state record (format §6): how far the vault has come, written with every transaction.

use std::collections::BTreeMap;

use crate::codec::{Reader, Writer};
use crate::id::{Hash, LogId};
use crate::roster::MAX_DEVICES;

/// Branches that one log may have.
pub(crate) const MAX_BRANCHES: usize = 4;

/// Branches of a log, those included that others say they use: each device of the practice says its own.
pub(crate) const MAX_CUT_BRANCHES: usize = MAX_BRANCHES * MAX_DEVICES;

/// Where one branch of a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tip {
    pub(crate) next_seq: u64,
    pub(crate) head: Hash,
}

/// Commit counter, the ends of all logs, and the sums over the rows that can be replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) counter: u64,
    pub(crate) logs: BTreeMap<LogId, Vec<Tip>>,
    /// Over the slots and the keys.
    pub(crate) vital: Sum,
    /// Over all others.
    pub(crate) other: Sum,
}

impl State {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u64(self.counter).bytes(&self.vital.0).bytes(&self.other.0);
        writer.u32(u32::try_from(self.logs.values().map(Vec::len).sum::<usize>()).unwrap_or(u32::MAX));
        for (log, tips) in &self.logs {
            for tip in tips {
                writer.bytes(&log.0).u64(tip.next_seq).bytes(&tip.head.0);
            }
        }
        writer.finish()
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let (counter, vital, other) = (reader.u64().ok()?, reader.array().ok()?, reader.array().ok()?);
        let mut state = Self { counter, logs: BTreeMap::new(), vital: Sum(vital), other: Sum(other) };
        for _ in 0..reader.u32().ok()? {
            let log = LogId(reader.array().ok()?);
            let tip = Tip { next_seq: reader.u64().ok()?, head: Hash(reader.array().ok()?) };
            state.logs.entry(log).or_default().push(tip);
        }
        reader.finish().ok()?;
        Some(state)
    }
}

/// A keyed multiset hash: the sum, modulo 2^256, of the members' keyed hashes (Clarke et al., ASIACRYPT 2003, MSet-Add-Hash).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum(pub(crate) [u8; 32]);

impl Sum {
    pub(crate) fn add(&mut self, member: &Hash) {
        let mut carry = 0u16;
        for (byte, other) in self.0.iter_mut().zip(member.0) {
            let sum = u16::from(*byte) + u16::from(other) + carry;
            let [low, high] = sum.to_le_bytes();
            *byte = low;
            carry = u16::from(high);
        }
    }

    pub(crate) fn subtract(&mut self, member: &Hash) {
        let mut borrow = false;
        for (byte, other) in self.0.iter_mut().zip(member.0) {
            let (difference, under) = byte.overflowing_sub(other);
            let (difference, under_again) = difference.overflowing_sub(u8::from(borrow));
            *byte = difference;
            borrow = under || under_again;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_and_taken_away_again_leaves_the_sum_as_it_was_in_any_order() {
        let (a, b) = (Hash([0xFF; 32]), Hash([0x81; 32]));
        let mut sum = Sum::default();
        sum.add(&a);
        sum.add(&b);
        sum.subtract(&a);
        let mut only_b = Sum::default();
        only_b.add(&b);
        assert_eq!(sum, only_b);
        sum.subtract(&b);
        assert_eq!(sum, Sum::default());
    }

    #[test]
    fn a_state_record_survives_and_a_cut_one_is_refused() {
        let mut state = State { counter: 7, ..State::default() };
        state.logs.insert(LogId([3; 24]), vec![Tip { next_seq: 2, head: Hash([9; 32]) }]);
        let bytes = state.to_bytes();
        assert_eq!(State::parse(&bytes), Some(state));
        assert_eq!(State::parse(bytes.get(..bytes.len() - 1).unwrap_or_default()), None);
    }
}
