//! How it stands with backups, and what is in one that was opened to look at.

use std::path::PathBuf;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use subrosa_core::backup::{Every, PrivateKeys};
use subrosa_core::id::{ClientId, NoteId};

use crate::values::page::{ClientRow, OpenNote, Timeline};

/// After so many hours the last tested backup of each day is said to be old, and of any other after so many.
const OLD_DAILY: i64 = 30;

const OLD: i64 = 8 * 24;

/// What was chosen, what was made, and what comes next.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct BackupStatus {
    /// Where they go.
    pub folder: Option<PathBuf>,
    /// That is on the disk that also holds the practice.
    pub same_disk: bool,
    /// How often one is made by itself.
    pub every: Every,
    /// Each client goes along as text that anybody reads who holds the kit.
    pub readable: bool,
    /// The last one that was tested.
    pub last: Option<TestedBackup>,
    /// When one could not be made since, and why: what happened, what is safe, what to do.
    pub failed: Option<(DateTime, String)>,
    /// When the next one is due by itself.
    pub next: Option<DateTime>,
}

/// A backup that was restored as a trial and is the practice.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct TestedBackup {
    /// When it was begun: what was written before is in it.
    pub at: DateTime,
    /// It lies on the disk that also holds the practice.
    pub same_disk: bool,
    /// Bytes of the file.
    pub bytes: u64,
    /// Clients in it.
    pub clients: u64,
    /// Notes in it.
    pub notes: u64,
    /// Notes that could not be written as text, because they are damaged.
    pub unreadable: u64,
    /// Notes whose last words are not in it.
    pub unsent: u64,
    /// Whether the keys of private notes in it open.
    pub private: PrivateKeys,
    /// Not the recovery kit that counts now opens it, but the one of its time.
    pub older_kit: bool,
}

impl BackupStatus {
    /// Whether the last tested one is older than what was chosen, or than the recovery kit.
    pub fn is_overdue(&self, now: DateTime) -> bool {
        let hours = if self.every == Every::Day { OLD_DAILY } else { OLD };
        let old = |last: &TestedBackup| now.duration_since(last.at) > SignedDuration::from_hours(hours);
        self.last.as_ref().is_some_and(|last| last.older_kit || old(last))
    }
}

/// An opened backup.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct OpenedBackup {
    /// When it was made.
    pub made: DateTime,
    /// Who is in it, in the order of the list.
    pub clients: Vec<ClientRow>,
    /// How many notes there are, private ones apart.
    pub notes: u64,
    /// The client that is looked at.
    pub page: Option<Timeline>,
    /// The note that is read.
    pub note: Option<OpenNote>,
}

/// What is to come back from a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupScope {
    /// Everything that is missing here.
    Everything,
    /// One client.
    Client(ClientId),
    /// One note.
    Note(NoteId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_old_after_a_day_and_some_hours_or_after_a_week_and_a_day() {
        let at = DateTime::constant(2026, 11, 14, 9, 0, 0, 0);
        let last = TestedBackup {
            at,
            same_disk: false,
            bytes: 0,
            clients: 0,
            notes: 0,
            unreadable: 0,
            unsent: 0,
            private: PrivateKeys::NotTried,
            older_kit: false,
        };
        let backups = |every| BackupStatus { every, last: Some(last.clone()), ..BackupStatus::default() };
        let after = |hours| at.checked_add(SignedDuration::from_hours(hours)).unwrap();
        assert!(!backups(Every::Day).is_overdue(after(30)) && backups(Every::Day).is_overdue(after(31)));
        for every in [Every::Week, Every::Never] {
            assert!(!backups(every).is_overdue(after(8 * 24)) && backups(every).is_overdue(after(8 * 24 + 1)));
        }
        let older = TestedBackup { older_kit: true, ..last.clone() };
        assert!(
            BackupStatus { last: Some(older), ..BackupStatus::default() }.is_overdue(at),
            "only the old kit opens it"
        );
        assert!(!BackupStatus::default().is_overdue(at), "one that was never made is said in other words");
    }
}
