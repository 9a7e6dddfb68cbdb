//! Bytes in and out: one strict cursor and one writer, for every durable form.
//!
//! Integers are little-endian and of fixed width; `lp` is a u32 length and that many bytes; a list is a u32 count and
//! that many entries. Every length and count meets its limit before anything is read or set aside for it. Refused:
//! a text cut short, a length or count beyond its limit, and a byte too many at the end.

/// Bytes that are not in the form which their reader expects. Nothing of them was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not in the expected form: it was cut short, changed, or made by something else; nothing of it was used"
)]
pub struct Malformed;

/// Reads downwards through bytes that may come from anywhere.
#[derive(Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Begins at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// One byte.
    ///
    /// # Errors
    /// [`Malformed`] at the end, as for every method here.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(u8::from_le_bytes)
    }

    /// Four bytes, least first.
    ///
    /// # Errors
    /// [`Malformed`] at the end.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes, least first.
    ///
    /// # Errors
    /// [`Malformed`] at the end.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    /// Exactly `N` bytes.
    ///
    /// # Errors
    /// [`Malformed`] when fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*array)
    }

    /// Exactly this many bytes.
    ///
    /// # Errors
    /// [`Malformed`] when fewer are left.
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A length, `max` at the most, and as many bytes.
    ///
    /// # Errors
    /// [`Malformed`] when the length is beyond `max` or beyond what is left.
    pub fn lp(&mut self, max: usize) -> Result<&'a [u8], Malformed> {
        let len = self.count(max)?;
        self.bytes(len)
    }

    /// A count, `max` at the most, and as many entries, each read by `entry`.
    ///
    /// # Errors
    /// [`Malformed`] when the count is beyond `max` or an entry is not in form.
    pub fn list<T>(
        &mut self,
        max: usize,
        mut entry: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let count = self.count(max)?;
        (0..count).map(|_| entry(self)).collect()
    }

    /// What is left, without moving on.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The end.
    ///
    /// # Errors
    /// [`Malformed`] when a byte is left.
    pub fn finish(self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    fn count(&mut self, max: usize) -> Result<usize, Malformed> {
        usize::try_from(self.u32()?).ok().filter(|count| *count <= max).ok_or(Malformed)
    }
}

/// Writes downwards. For secrets, give it its full capacity first, so that no outgrown copy stays in freed memory.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer that does not move its bytes until there are more than this many.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity) }
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    /// Four bytes, least first.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Eight bytes, least first.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// The bytes as they are, for a field whose length is known.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// The length, then the bytes.
    pub fn lp(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len()).bytes(bytes)
    }

    /// The count, then each entry as `entry` writes it.
    pub fn list<T>(&mut self, entries: &[T], mut entry: impl FnMut(&mut Self, &T)) -> &mut Self {
        self.count(entries.len());
        entries.iter().for_each(|each| entry(self, each));
        self
    }

    /// What was written.
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    #[expect(clippy::expect_used, reason = "nothing written here comes near 4 GiB; a length that lies would be worse")]
    fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).expect("a field is shorter than 4 GiB"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written() -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u8(1).u32(2).u64(3).bytes(b"four").lp(b"five!").list(&[6_u8, 7], |writer, entry| {
            writer.u8(*entry);
        });
        writer.finish()
    }

    type Fields<'a> = (u8, u32, u64, [u8; 4], &'a [u8], Vec<u8>);

    fn read(bytes: &[u8]) -> Result<Fields<'_>, Malformed> {
        let mut reader = Reader::new(bytes);
        let all = (
            reader.u8()?,
            reader.u32()?,
            reader.u64()?,
            reader.array()?,
            reader.lp(5)?,
            reader.list(2, |reader| reader.u8())?,
        );
        reader.finish()?;
        Ok(all)
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(read(&written()), Ok((1, 2, 3, *b"four", b"five!".as_slice(), vec![6, 7])));
    }

    #[test]
    fn a_text_cut_anywhere_or_with_a_byte_too_many_is_refused() {
        let mut written = written();
        for end in 0..written.len() {
            assert_eq!(read(&written[..end]), Err(Malformed), "cut at {end}");
        }
        written.push(0);
        assert_eq!(read(&written), Err(Malformed));
    }

    #[test]
    fn a_length_or_a_count_beyond_its_limit_is_refused_before_anything_is_read() {
        let endless = [&u32::MAX.to_le_bytes()[..], &[0; 64]].concat();
        assert_eq!(Reader::new(&endless).lp(usize::MAX), Err(Malformed));
        assert_eq!(Reader::new(&[4, 0, 0, 0, 1, 2, 3, 4]).lp(3), Err(Malformed));
        let mut entries = 0;
        let list = Reader::new(&endless).list(64, |reader| {
            entries += 1;
            reader.u8()
        });
        assert_eq!((list, entries), (Err(Malformed), 0));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, max: usize) {
            let _ = read(&bytes);
            let _ = Reader::new(&bytes).lp(max);
            let _ = Reader::new(&bytes).list(max, |reader| reader.lp(max).map(<[u8]>::len));
        }
    }
}
