//! What a device says of itself (format §3, *device*): what it is called, and under which transport keys it answers in
//! which week.
//!
//! Refused: a name that is no text or too long, more weeks than [`WEEKS_MAX`], anything left over.

use std::fmt;

use subrosa_base::codec::{Malformed, Reader, Writer};

use crate::roster::NAME_MAX;

/// Weeks of transport keys that one description names at most: two years.
pub const WEEKS_MAX: usize = 106;

/// Milliseconds of a week.
const WEEK: u64 = 7 * 24 * 60 * 60 * 1_000;

/// The week of a moment, in whole weeks since 1970-01-01 UTC.
pub fn week_of(millis: u64) -> u32 {
    u32::try_from(millis / WEEK).unwrap_or(u32::MAX)
}

/// What a device says of itself. The one with the largest number counts; of two with one number that whose bytes are smaller.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// One more than that of the description before it.
    pub number: u64,
    /// What it is called; empty where it is called as when it was let in.
    pub name: String,
    /// The week for which the first key stands ([`week_of`]).
    pub first_week: u32,
    /// Its public transport key of each week from that one on.
    pub transport: Vec<[u8; 32]>,
}

impl Description {
    /// Reads one.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let read = Self {
            number: reader.u64()?,
            name: std::str::from_utf8(reader.lp(NAME_MAX)?).map_err(|_| Malformed)?.to_owned(),
            first_week: reader.u32()?,
            transport: reader.list(WEEKS_MAX, Reader::array)?,
        };
        reader.finish()?;
        Ok(read)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u64(self.number).lp(self.name.as_bytes()).u32(self.first_week).list(&self.transport, |writer, key| {
            writer.bytes(key);
        });
        writer.finish()
    }

    /// Whether this one counts, and not the other.
    pub fn replaces(&self, other: &Self) -> bool {
        super::replaces((self.number, &self.to_bytes()), (other.number, &other.to_bytes()))
    }

    /// The public transport key of a week, if it is named.
    pub fn key_of(&self, week: u32) -> Option<&[u8; 32]> {
        let after = usize::try_from(week.checked_sub(self.first_week)?).ok()?;
        self.transport.get(after)
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Description")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(weeks: usize) -> Description {
        let transport = (0..weeks).map(|week| [u8::try_from(week).unwrap(); 32]).collect();
        Description { number: 7, name: "Läppäri".into(), first_week: 2_900, transport }
    }

    #[test]
    fn a_description_comes_back_at_its_limits_and_one_above_is_refused() {
        for weeks in [0, 1, WEEKS_MAX] {
            assert_eq!(Description::parse(&description(weeks).to_bytes()), Ok(description(weeks)));
        }
        assert!(Description::parse(&description(WEEKS_MAX + 1).to_bytes()).is_err());
        let named = |bytes: usize| Description { name: "a".repeat(bytes), ..description(1) }.to_bytes();
        assert!(Description::parse(&named(NAME_MAX)).is_ok());
        assert!(Description::parse(&named(NAME_MAX + 1)).is_err());
        assert!(Description::parse(&[description(1).to_bytes(), vec![0]].concat()).is_err());
    }

    #[test]
    fn the_larger_number_counts_and_of_equal_ones_the_same_on_every_device() {
        let (first, second) = (description(1), Description { number: 8, ..description(0) });
        assert!(second.replaces(&first) && !first.replaces(&second));
        let other = Description { name: "Kannettava".into(), ..description(1) };
        assert_ne!(first.replaces(&other), other.replaces(&first));
        assert!(!first.replaces(&first));
    }

    #[test]
    fn a_week_has_its_key_and_none_before_the_first_or_after_the_last() {
        let said = description(3);
        assert_eq!(said.key_of(2_901), Some(&[1; 32]));
        assert_eq!((said.key_of(2_899), said.key_of(2_903)), (None, None));
        assert_eq!((week_of(0), week_of(WEEK - 1), week_of(WEEK), week_of(u64::MAX)), (0, 0, 1, u32::MAX));
    }
}
