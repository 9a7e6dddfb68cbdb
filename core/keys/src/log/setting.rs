//! A setting of the whole practice (format §3, *setting*), as one device said it last.
//!
//! Refused: more settings named than [`SEEN_MAX`], a value longer than [`SETTING_MAX`], anything left over.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::id::{DeviceId, Hash};
use zeroize::Zeroizing;

use crate::kdf;

/// Settings that one names as those in whose place it stands: more than a practice has devices in twenty years.
pub const SEEN_MAX: usize = 256;
/// Bytes of a value.
pub const SETTING_MAX: usize = 16_384;

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettingKind {
    /// The relay through which devices reach each other.
    Relay,
    /// The sync folder that devices use.
    Folder,
    /// Something that a later version sets.
    Unknown(u8),
}

impl SettingKind {
    /// Its byte.
    pub fn code(self) -> u8 {
        match self {
            Self::Relay => 1,
            Self::Folder => 2,
            Self::Unknown(code) => code,
        }
    }

    fn of(code: u8) -> Self {
        match code {
            1 => Self::Relay,
            2 => Self::Folder,
            other => Self::Unknown(other),
        }
    }
}

/// A setting, as one device said it last: of one device's the one with the largest number counts, of two with one number that
/// whose bytes are smaller.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// What is set.
    pub kind: SettingKind,
    /// One more than that of the one before, by this device.
    pub number: u64,
    /// The settings in whose place it stands, by the hashes of their bytes.
    pub seen: BTreeSet<Hash>,
    /// What it is set to; empty for nothing.
    pub value: Zeroizing<Vec<u8>>,
}

impl Setting {
    /// Reads one.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let [code] = reader.array()?;
        let number = reader.u64()?;
        let seen: Vec<Hash> = reader.list(SEEN_MAX, |reader| reader.array().map(Hash))?;
        let value = Zeroizing::new(reader.lp(SETTING_MAX)?.to_vec());
        reader.finish()?;
        let is_sorted = seen.is_sorted_by(|a, b| a < b);
        let seen = seen.into_iter().collect();
        is_sorted.then_some(Self { kind: SettingKind::of(code), number, seen, value }).ok_or(Malformed)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::new();
        let seen: Vec<Hash> = self.seen.iter().copied().collect();
        writer.bytes(&[self.kind.code()]).u64(self.number).list(&seen, |writer, hash| {
            writer.bytes(&hash.0);
        });
        writer.lp(&self.value);
        Zeroizing::new(writer.finish())
    }

    /// Its name among others.
    pub fn hash(&self) -> Hash {
        kdf::sha256(&self.to_bytes())
    }

    /// Whether this one counts of its device's, and not the other.
    pub fn replaces(&self, other: &Self) -> bool {
        super::replaces((self.number, &self.to_bytes()), (other.number, &other.to_bytes()))
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Setting")
    }
}

/// The setting in force: of what devices said last, each for itself, one that stands in no other's place, and of several such
/// that with the smallest hash.
pub fn in_force(said: &BTreeMap<DeviceId, Setting>) -> Option<&Setting> {
    let seen: BTreeSet<&Hash> = said.values().flat_map(|setting| &setting.seen).collect();
    said.values().filter(|setting| !seen.contains(&setting.hash())).min_by_key(|setting| setting.hash())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(number: u64, seen: &[&Setting], value: &[u8]) -> Setting {
        let seen = seen.iter().map(|setting| setting.hash()).collect();
        Setting { kind: SettingKind::Relay, number, seen, value: Zeroizing::new(value.to_vec()) }
    }

    fn said(settings: &[(u8, &Setting)]) -> BTreeMap<DeviceId, Setting> {
        settings.iter().map(|(device, setting)| (DeviceId([*device; 16]), (*setting).clone())).collect()
    }

    #[test]
    fn a_setting_comes_back_at_its_limits_and_one_above_is_refused() {
        let hashes = |many: usize| (0..many as u64).map(|n| kdf::sha256(&n.to_le_bytes())).collect::<BTreeSet<_>>();
        let of = |seen: usize, value: usize| Setting {
            kind: SettingKind::Unknown(9),
            number: 3,
            seen: hashes(seen),
            value: Zeroizing::new(vec![7; value]),
        };
        let whole = of(SEEN_MAX, SETTING_MAX);
        assert_eq!(Setting::parse(&whole.to_bytes()), Ok(whole));
        for above in [of(SEEN_MAX + 1, 0), of(0, SETTING_MAX + 1)] {
            assert!(Setting::parse(&above.to_bytes()).is_err());
        }
        assert!(Setting::parse(&[of(1, 1).to_bytes().as_slice(), &[0]].concat()).is_err());
        let twice = of(2, 0).to_bytes();
        let swapped = [&twice[..13], &twice[45..77], &twice[13..45], &twice[77..]].concat();
        assert!(Setting::parse(&twice).is_ok() && Setting::parse(&swapped).is_err(), "ascending, each once");
    }

    #[test]
    fn the_one_that_was_said_knowing_the_others_is_in_force_whoever_said_the_others_and_however() {
        let wild = setting(u64::MAX, &[], b"wild");
        let first = setting(1, &[], b"first");
        let chosen = setting(2, &[&wild, &first], b"chosen");
        assert_eq!(in_force(&said(&[(1, &wild), (2, &chosen), (3, &first)])), Some(&chosen));
        let later = setting(2, &[&wild, &chosen], b"later");
        assert_eq!(in_force(&said(&[(1, &wild), (2, &chosen), (3, &later)])), Some(&later));
        assert_eq!(in_force(&said(&[])), None);
    }

    #[test]
    fn of_two_that_did_not_know_each_other_all_take_the_same_and_the_next_one_stands_in_place_of_both() {
        let (one, other) = (setting(1, &[], b"one"), setting(1, &[], b"other"));
        let both = in_force(&said(&[(1, &one), (2, &other)])).cloned();
        assert_eq!(both, in_force(&said(&[(1, &other), (2, &one)])).cloned());
        let next = setting(2, &[&one, &other], b"next");
        assert_eq!(in_force(&said(&[(1, &next), (2, &other)])), Some(&next));
        assert!(next.replaces(&one) && !one.replaces(&next) && one.replaces(&other) != other.replaces(&one));
    }
}
