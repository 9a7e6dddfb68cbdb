//! Typed rows: which table one lies in, what it is called, and how its value is written.

use std::collections::BTreeSet;

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{DeviceId, DocId, EpochId, Hash, KeyId, LogId};
use crate::store::Table;

/// One row of a vault. All of them are listed in one place, the vault's registry.
pub(crate) trait Row {
    /// What the row holds.
    type Value: Stored;
    /// Where it lies.
    const TABLE: Table;

    /// Its name, unlike that of any other row of the table.
    fn name(&self) -> Vec<u8>;
}

/// What can be the value of a row.
pub(crate) trait Stored: Sized {
    /// The value as the row's bytes.
    fn to_row(&self) -> Vec<u8>;

    /// The value of a row's bytes.
    fn of_row(bytes: &[u8]) -> Result<Self, Malformed>;
}

/// What is part of a row's name.
pub(crate) trait NamePart {
    fn append_to(&self, name: &mut Vec<u8>);
}

/// What has the same length in every row, so that a list of it needs no count.
pub(crate) trait Fixed: Sized {
    const LEN: usize;

    fn write(&self, writer: &mut Writer);

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed>;
}

impl Stored for Vec<u8> {
    fn to_row(&self) -> Vec<u8> {
        self.clone()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(bytes.to_vec())
    }
}

impl<T: Fixed> Stored for Vec<T> {
    fn to_row(&self) -> Vec<u8> {
        write_all(self.len(), self)
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        read_all(bytes)
    }
}

impl<T: Fixed + Ord> Stored for BTreeSet<T> {
    fn to_row(&self) -> Vec<u8> {
        write_all(self.len(), self)
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(read_all(bytes)?.into_iter().collect())
    }
}

fn write_all<'a, T: Fixed + 'a>(count: usize, all: impl IntoIterator<Item = &'a T>) -> Vec<u8> {
    let mut writer = Writer::with_capacity(count * T::LEN);
    all.into_iter().for_each(|one| one.write(&mut writer));
    writer.finish()
}

fn read_all<T: Fixed>(bytes: &[u8]) -> Result<Vec<T>, Malformed> {
    let mut reader = Reader::new(bytes);
    let mut all = Vec::with_capacity(bytes.len() / T::LEN);
    while !reader.rest().is_empty() {
        all.push(T::read(&mut reader)?);
    }
    Ok(all)
}

macro_rules! fixed_ids {
    ($($id:ident)*) => {$(
        impl Fixed for $id {
            const LEN: usize = $id::LEN;

            fn write(&self, writer: &mut Writer) {
                writer.bytes(&self.0);
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                reader.array().map($id)
            }
        }
    )*};
}

fixed_ids!(DocId Hash KeyId EpochId LogId DeviceId);

impl Fixed for u64 {
    const LEN: usize = 8;

    fn write(&self, writer: &mut Writer) {
        writer.u64(*self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.u64()
    }
}

impl<A: Fixed, B: Fixed> Fixed for (A, B) {
    const LEN: usize = A::LEN + B::LEN;

    fn write(&self, writer: &mut Writer) {
        self.0.write(writer);
        self.1.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok((A::read(reader)?, B::read(reader)?))
    }
}

/// A single id as the whole of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct One<T>(pub(crate) T);

impl<T: Fixed> Stored for One<T> {
    fn to_row(&self) -> Vec<u8> {
        write_all(1, [&self.0])
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let one = T::read(&mut reader)?;
        reader.finish()?;
        Ok(Self(one))
    }
}

/// That something is so: the row is there or it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark;

impl Stored for Mark {
    fn to_row(&self) -> Vec<u8> {
        vec![1]
    }

    fn of_row(_: &[u8]) -> Result<Self, Malformed> {
        Ok(Self)
    }
}

/// A list with its count before it, each entry of a length of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listed(pub(crate) Vec<Vec<u8>>);

impl Stored for Listed {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.list(&self.0, |writer, entry| {
            writer.lp(entry);
        });
        writer.finish()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let entries = reader.list(bytes.len(), |reader| Ok(reader.lp(bytes.len())?.to_vec()))?;
        reader.finish()?;
        Ok(Self(entries))
    }
}

impl<const N: usize> NamePart for [u8; N] {
    fn append_to(&self, name: &mut Vec<u8>) {
        name.extend_from_slice(self);
    }
}

impl NamePart for u64 {
    fn append_to(&self, name: &mut Vec<u8>) {
        name.extend_from_slice(&self.to_le_bytes());
    }
}

impl NamePart for u8 {
    fn append_to(&self, name: &mut Vec<u8>) {
        name.push(*self);
    }
}

impl NamePart for &str {
    fn append_to(&self, name: &mut Vec<u8>) {
        name.extend_from_slice(self.as_bytes());
    }
}

macro_rules! name_part_ids {
    ($($id:ty)*) => {$(
        impl NamePart for $id {
            fn append_to(&self, name: &mut Vec<u8>) {
                name.extend_from_slice(&self.0);
            }
        }
    )*};
}

name_part_ids!(DocId Hash KeyId EpochId LogId DeviceId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_and_one_cut_short_is_refused() {
        let ids = vec![DocId([1; 16]), DocId([2; 16])];
        let row = ids.to_row();
        assert_eq!(row.len(), 32);
        assert_eq!(Vec::<DocId>::of_row(&row), Ok(ids));
        assert_eq!(Vec::<DocId>::of_row(&row[..31]), Err(Malformed));
    }
}
