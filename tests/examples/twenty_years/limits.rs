//! How near a practice comes to what the format and the protocol allow.

use std::collections::BTreeMap;
use std::path::Path;

use subrosa_core::id::{DeviceId, LogId};
use subrosa_core::store::Table;
use subrosa_core::vault::Vault;

use crate::newcomer::{Joined, Welcome};
use crate::tables::FileMeasured;

/// A limit, and what is used of it.
pub(crate) struct Limit {
    pub(crate) of: &'static str,
    pub(crate) used: u64,
    pub(crate) most: u64,
    /// Whether what is used grows with the years, or how people work decides it.
    pub(crate) grows: bool,
}

impl Limit {
    /// How many times what is used the limit is.
    pub(crate) fn times(&self) -> f64 {
        u32::try_from(self.most).map_or(f64::MAX, f64::from) / f64::from(u32::try_from(self.used.max(1)).unwrap_or(1))
    }
}

/// Every limit that years may come near to. What is full by design (an envelope, a log, a part of the keyring) is not among them:
/// a further one is begun.
pub(crate) fn limits(seen: &Seen<'_>) -> Vec<Limit> {
    let largest = |table: Table| {
        let of = seen.files.iter().flat_map(|file| &file.tables).filter(|one| one.table == table);
        of.map(|one| one.largest).max().unwrap_or(0)
    };
    let row = Table::ALL.iter().filter(|table| **table != Table::Pieces).map(|table| largest(*table)).max();
    let limit = |of, used, most, grows| Limit { of, used, most, grows };
    let (joined, welcome) = (seen.joined, seen.welcome);
    vec![
        limit("logs of one device", seen.logs.of_one, 256, true),
        limit("logs that a list tells of", joined.positions, 4_096, true),
        limit("ranges of one log", joined.ranges.0, 2_048, true),
        limit("ranges of all logs", joined.ranges.1, 65_536, true),
        limit("files that a newcomer lacks", joined.files, 16_384, true),
        limit("bodies asked for in vain in one session", joined.gone, 1_024, true),
        limit("bytes of a welcome", welcome.bytes, 4_194_304, true),
        limit("entries of the roster, of one device", welcome.of_one, 256, true),
        limit("secrets of earlier epochs", welcome.removals + 1, 8_192, true),
        limit("cuts of a roster entry", welcome.cuts, 64, true),
        limit("parents of a roster entry", welcome.parents, 64, false),
        limit("wraps of a roster entry", welcome.wraps, 64, false),
        limit("devices at one time", 4, 16, false),
        limit("bytes of a row", row.unwrap_or(0), 268_435_456, true),
        limit("items set aside", seen.set_aside, 1, false),
    ]
}

/// What the limits are compared with.
pub(crate) struct Seen<'a> {
    pub(crate) files: &'a [FileMeasured],
    pub(crate) joined: &'a Joined,
    pub(crate) welcome: &'a Welcome,
    pub(crate) logs: &'a Logs,
    pub(crate) set_aside: u64,
}

/// Logs that were ever seen, of all devices that ever were: those that are spent are in no list any more.
#[derive(Default)]
pub(crate) struct Logs {
    /// Of the device that has most of them.
    pub(crate) of_one: u64,
    /// Of all.
    pub(crate) all: u64,
    /// Envelopes in those that are told of.
    pub(crate) envelopes: u64,
}

/// Adds the logs that a practice tells of to those that a file names.
pub(crate) fn count_logs(vault: &Vault, named_in: &Path) -> Logs {
    let kept = std::fs::read_to_string(named_in).unwrap_or_default();
    let mut names: Vec<String> = kept.lines().map(str::to_owned).collect();
    let ends = vault.log().log_ends().expect("they are read");
    names.extend(ends.iter().map(|end| hex(&end.log)));
    names.sort_unstable();
    names.dedup();
    std::fs::write(named_in, names.join("\n")).expect("it is written");
    let mut by_device: BTreeMap<&str, u64> = BTreeMap::new();
    for name in &names {
        *by_device.entry(name.get(..2 * DeviceId::LEN).unwrap_or(name)).or_default() += 1;
    }
    Logs {
        of_one: by_device.into_values().max().unwrap_or(0),
        all: u64::try_from(names.len()).unwrap_or(u64::MAX),
        envelopes: ends.iter().map(|end| end.next_seq).sum(),
    }
}

fn hex(log: &LogId) -> String {
    log.0.iter().map(|byte| format!("{byte:02x}")).collect()
}
