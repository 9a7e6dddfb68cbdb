//! Counts a change's operations without making any, so that a change which says "two billion of them" in twelve bytes is
//! refused before Automerge walks through them.
//!
//! Reads of a change only what leads to two of its columns, both run-length encoded: the actions (one a row: an
//! operation) and how many earlier operations each replaces. Every other column is read for as many rows as these say.
//! The layout is that of Automerge's file format: parents, actor, number, first operation, time, message, other actors,
//! column list, column data.

/// Specification of the action column: id 4, integers.
const ACTIONS: u64 = 0x42;
/// Specification of the column that says how many operations each one replaces: id 7, a group.
const REPLACED: u64 = 0x70;
const HASH_LEN: u64 = 32;

/// How much a change says.
#[derive(Default)]
pub(super) struct Counted {
    /// Its operations.
    pub(super) operations: u64,
    /// Operations that these replace.
    pub(super) replaced: u64,
}

/// Counts the operations in a change's data; `None` when the data is not well formed.
pub(super) fn operations(data: &[u8]) -> Option<Counted> {
    let mut reader = Reader(data);
    let parents = reader.unsigned()?;
    reader.skip(parents.checked_mul(HASH_LEN)?)?;
    reader.skip_with_length()?;
    // Number, first operation and time are each one LEB128 number; the sign of the time does not matter here.
    (0..3).try_for_each(|_| reader.unsigned().map(drop))?;
    reader.skip_with_length()?;
    let actors = reader.unsigned()?;
    (0..actors).try_for_each(|_| reader.skip_with_length())?;
    let columns = reader.unsigned()?;
    let mut listed = Vec::new();
    for _ in 0..columns {
        listed.push((reader.unsigned()?, reader.unsigned()?));
    }
    let mut counted = Counted::default();
    for (specification, len) in listed {
        let column = Reader(reader.skip(len)?);
        let (rows, sum) = match specification {
            ACTIONS | REPLACED => column.run_lengths()?,
            _ => continue,
        };
        match specification {
            ACTIONS => counted.operations = counted.operations.saturating_add(rows),
            _ => counted.replaced = counted.replaced.saturating_add(sum),
        }
    }
    Some(counted)
}

/// An unsigned LEB128 number and what follows it.
pub(super) fn leb128(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut reader = Reader(bytes);
    Some((reader.unsigned()?, reader.0))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, len: u64) -> Option<&'a [u8]> {
        let (skipped, rest) = self.0.split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = rest;
        Some(skipped)
    }

    fn skip_with_length(&mut self) -> Option<()> {
        let len = self.unsigned()?;
        self.skip(len).map(drop)
    }

    /// LEB128 of at most ten bytes, of which the last holds one bit: what is wider is not a number of 64 bits.
    fn bits(&mut self) -> Option<(u64, u32, u8)> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some((value, shift + 7, byte));
            }
        }
        None
    }

    fn unsigned(&mut self) -> Option<u64> {
        self.bits().map(|(value, _, _)| value)
    }

    fn signed(&mut self) -> Option<i64> {
        let (value, width, last) = self.bits()?;
        let extension = if last & 0x40 != 0 && width < 64 { u64::MAX << width } else { 0 };
        Some((value | extension).cast_signed())
    }

    /// Rows of a run-length encoded column of integers, and their sum.
    fn run_lengths(mut self) -> Option<(u64, u64)> {
        let (mut rows, mut sum) = (0_u64, 0_u64);
        while !self.0.is_empty() {
            let run = self.signed()?;
            let length = run.unsigned_abs();
            if run > 0 {
                sum = sum.saturating_add(self.unsigned()?.saturating_mul(length));
            } else if run < 0 {
                for _ in 0..length {
                    sum = sum.saturating_add(self.unsigned()?);
                }
            }
            // A run of nothing names its length next.
            let length = if run == 0 { self.unsigned()? } else { length };
            rows = rows.saturating_add(length);
        }
        Some((rows, sum))
    }
}
