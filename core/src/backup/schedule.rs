//! When a backup is due, and what is kept of the ones that were made.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::about::Counts;
use crate::id::Hash;
use crate::time::{HOUR, Millis};

/// A day and a week, less some hours: who begins a little earlier than the day before is not left without.
const A_DAY: Millis = 20 * HOUR;
const A_WEEK: Millis = 6 * 24 * HOUR + 20 * HOUR;
/// After a backup that could not be made.
const RETRY_AFTER: Millis = HOUR / 4;

/// How often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// Once a day.
    #[default]
    Day,
    /// Once a week.
    Week,
    /// When somebody asks for one.
    Never,
}

/// What the therapist chose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupSettings {
    /// Where backups go; `None` makes none by itself.
    #[serde(with = "path_text")]
    pub folder: Option<PathBuf>,
    /// How often.
    #[serde(default)]
    pub every: Every,
    /// Whether each client goes along as text that anybody reads who holds the kit.
    #[serde(default = "yes")]
    pub readable: bool,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self { folder: None, every: Every::Day, readable: true }
    }
}

impl fmt::Debug for BackupSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupSettings")
    }
}

/// A path as text. One that is none is not found again, which is said when a backup is due.
mod path_text {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde gives a field so")]
    pub(super) fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        path.as_ref().map(|path| path.to_string_lossy()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(PathBuf::from))
    }
}

fn yes() -> bool {
    true
}

/// What a backup's proof found of the keys of private notes, which only the passphrase opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrivateKeys {
    /// It was not just given when the backup was written: that they are in it is known, and not whether they open.
    NotTried,
    /// Each was tried out of the backup, where it has any.
    Tried {
        /// So many open with nothing that is in it.
        lacking: u64,
    },
}

/// The last backup that was proven: what the window shows as the last tested backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRecord {
    /// When it was begun: what was written before is in it.
    pub made: Millis,
    /// Whether it went into the folder of the schedule, or a folder of that kind; else into a file that somebody named.
    pub in_folder: bool,
    /// Whether it lies on the disk of the practice, so that both are lost at once.
    pub same_disk: bool,
    /// Bytes of the file.
    pub bytes: u64,
    /// What is in it.
    pub counts: Counts,
    /// Whether the keys of private notes open.
    pub private: PrivateKeys,
    /// The number of the recovery kit that opens it; `None` of the one with which the practice began.
    #[serde(default)]
    pub kit: Option<Hash>,
}

/// A backup that was tried and not made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupAttempt {
    /// When.
    pub at: Millis,
    /// What happened, what is safe, what to do.
    pub words: String,
}

/// A backup in a folder, as rotation knows it again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Its full path, as text.
    pub(crate) folder: String,
    pub(crate) name: String,
    pub(crate) made: Millis,
    pub(crate) bytes: u64,
    pub(crate) start: Hash,
}

/// What the schedule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextBackup {
    /// No folder was chosen, or none is to be made by itself.
    Off,
    /// Now.
    Due,
    /// Not before then.
    At(Millis),
}

/// When the next backup is due, after the last proven one and the last that could not be made. A clock that went back
/// makes one too many, never one too few.
pub fn next_backup(now: Millis, last: Option<Millis>, failed: Option<Millis>, settings: &BackupSettings) -> NextBackup {
    if settings.folder.is_none() {
        return NextBackup::Off;
    }
    let period = match settings.every {
        Every::Day => A_DAY,
        Every::Week => A_WEEK,
        Every::Never => return NextBackup::Off,
    };
    let after = |at: Option<Millis>, wait: Millis| at.filter(|at| *at <= now).map_or(0, |at| at.saturating_add(wait));
    let due = after(last, period).max(after(failed, RETRY_AFTER));
    if due <= now { NextBackup::Due } else { NextBackup::At(due) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_790_000_000_000;

    fn settings(every: Every) -> BackupSettings {
        BackupSettings { folder: Some(PathBuf::from("stick")), every, readable: true }
    }

    #[test]
    fn the_first_is_due_at_once_and_the_next_a_day_or_a_week_later() {
        assert_eq!(next_backup(NOW, None, None, &settings(Every::Day)), NextBackup::Due);
        assert_eq!(next_backup(NOW, Some(NOW - HOUR), None, &settings(Every::Day)), NextBackup::At(NOW + 19 * HOUR));
        assert_eq!(next_backup(NOW, Some(NOW - 23 * HOUR), None, &settings(Every::Day)), NextBackup::Due);
        assert!(matches!(next_backup(NOW, Some(NOW - 23 * HOUR), None, &settings(Every::Week)), NextBackup::At(_)));
        assert_eq!(next_backup(NOW, Some(NOW - 7 * 24 * HOUR), None, &settings(Every::Week)), NextBackup::Due);
        assert_eq!(next_backup(NOW, None, None, &BackupSettings::default()), NextBackup::Off);
        assert_eq!(next_backup(NOW, Some(NOW - 90 * 24 * HOUR), None, &settings(Every::Never)), NextBackup::Off);
    }

    #[test]
    fn one_that_could_not_be_made_is_tried_again_soon_and_not_all_the_time() {
        let last = Some(NOW - 30 * HOUR);
        assert_eq!(next_backup(NOW, last, Some(NOW - 1), &settings(Every::Day)), NextBackup::At(NOW - 1 + HOUR / 4));
        assert_eq!(next_backup(NOW, last, Some(NOW - HOUR), &settings(Every::Day)), NextBackup::Due);
    }

    #[test]
    fn a_clock_that_went_back_puts_nothing_off() {
        assert_eq!(next_backup(NOW, Some(NOW + HOUR), Some(NOW + HOUR), &settings(Every::Day)), NextBackup::Due);
    }
}
