//! Counts a change's operations without making any, so that a change which says "two billion of them" in twelve bytes is
//! refused before Automerge walks through them; then looks at each operation by itself.
//!
//! What an operation may be follows from it alone, never from what else is here: else two devices that hear of changes in
//! another order would refuse different ones. Fields are set to texts or deleted, letters of the text inserted or
//! deleted; how a document begins nobody sends. The layout is that of Automerge's file format: parents, actor, number,
//! first operation, time, message, other actors, column list, column data.

use super::TEXT;

/// Specifications of columns: an id, and in the lowest bits how the column is encoded.
const OBJECTS: u64 = 0x02;
const NAMES: u64 = 0x15;
const INSERTS: u64 = 0x34;
const ACTIONS: u64 = 0x42;
const VALUES: u64 = 0x56;
/// Specification of the column that says how many operations each one replaces: id 7, a group.
const REPLACED: u64 = 0x70;
const HASH_LEN: u64 = 32;

const SET: u64 = 1;
const DELETE: u64 = 3;
/// The lowest bits of a value's length where it is a text.
const IS_TEXT: u64 = 6;

/// How much a change says.
#[derive(Default)]
pub(super) struct Counted<'a> {
    /// Its operations.
    pub(super) operations: u64,
    /// Operations that these replace.
    pub(super) replaced: u64,
    objects: &'a [u8],
    names: &'a [u8],
    inserts: &'a [u8],
    actions: &'a [u8],
    values: &'a [u8],
}

impl Counted<'_> {
    /// Whether each operation is one that a document of fields and one text may have. Takes a step for each of them: what
    /// is counted is compared with its limit first.
    pub(super) fn are_plain(&self) -> bool {
        let number = |column| Runs { rest: Reader(column), run: Run::End, read: Reader::unsigned };
        let (mut objects, mut values) = (number(self.objects), number(self.values));
        let mut names = Runs { rest: Reader(self.names), run: Run::End, read: Reader::with_length };
        let mut inserts = Flags { rest: Reader(self.inserts), flag: true, left: 0 };
        for action in number(self.actions) {
            let (object, name) = (objects.next().flatten(), names.next().flatten());
            let value = values.next().flatten().unwrap_or_default();
            let (inserts, is_text) = (inserts.next().unwrap_or_default(), value & 0xf == IS_TEXT);
            let plain = match (object, name, action) {
                (None, Some(name), Some(SET)) => name != TEXT.as_bytes() && is_text && !inserts,
                (None, Some(name), Some(DELETE)) => name != TEXT.as_bytes() && value == 0 && !inserts,
                (Some(_), None, Some(SET)) => is_text && inserts,
                (Some(_), None, Some(DELETE)) => value == 0 && !inserts,
                _ => false,
            };
            if !plain {
                return false;
            }
        }
        true
    }
}

/// Counts the operations in a change's data; `None` when the data is not well formed.
pub(super) fn operations(data: &[u8]) -> Option<Counted<'_>> {
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
        let column = reader.skip(len)?;
        match specification {
            ACTIONS => {
                counted.operations = counted.operations.saturating_add(Reader(column).run_lengths()?.0);
                counted.actions = column;
            }
            REPLACED => counted.replaced = counted.replaced.saturating_add(Reader(column).run_lengths()?.1),
            OBJECTS => counted.objects = column,
            NAMES => counted.names = column,
            INSERTS => counted.inserts = column,
            VALUES => counted.values = column,
            _ => {}
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

    fn with_length(&mut self) -> Option<&'a [u8]> {
        let len = self.unsigned()?;
        self.skip(len)
    }

    fn skip_with_length(&mut self) -> Option<()> {
        self.with_length().map(drop)
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

/// The rows of a run-length encoded column, `None` where one has no value.
struct Runs<'a, T> {
    rest: Reader<'a>,
    run: Run<T>,
    read: fn(&mut Reader<'a>) -> Option<T>,
}

/// What is left of a run.
enum Run<T> {
    End,
    /// One value, so many times; without one, rows that have none.
    Same(Option<T>, u64),
    /// So many values that follow one another.
    Each(u64),
}

impl<T: Copy> Iterator for Runs<'_, T> {
    type Item = Option<T>;

    fn next(&mut self) -> Option<Option<T>> {
        loop {
            match &mut self.run {
                Run::Same(value, left) if *left > 0 => {
                    *left -= 1;
                    return Some(*value);
                }
                Run::Each(left) if *left > 0 => {
                    *left -= 1;
                    return (self.read)(&mut self.rest).map(Some);
                }
                _ => {}
            }
            let run = self.rest.signed()?;
            self.run = match run {
                0 => Run::Same(None, self.rest.unsigned()?),
                1.. => Run::Same(Some((self.read)(&mut self.rest)?), run.unsigned_abs()),
                _ => Run::Each(run.unsigned_abs()),
            };
        }
    }
}

/// The rows of a column of flags: how many are false, how many true, in turn.
struct Flags<'a> {
    rest: Reader<'a>,
    flag: bool,
    left: u64,
}

impl Iterator for Flags<'_> {
    type Item = bool;

    fn next(&mut self) -> Option<bool> {
        while self.left == 0 {
            self.left = self.rest.unsigned()?;
            self.flag = !self.flag;
        }
        self.left -= 1;
        Some(self.flag)
    }
}
