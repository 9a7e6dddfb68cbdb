//! What the window is told of a practice that has just been opened.

use subrosa_core::store::place;
use subrosa_core::vault::{Vault, VaultError};

use crate::features::backup::job::standing::{backup_status, take_up_backup};
use crate::features::check::job::shown_check;
use crate::features::clients::job::take_kept;
use crate::features::opening::values::OpenedPractice;
use crate::features::settings::job::kept_settings;
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobFailure;
use crate::jobs::rows;
use crate::practice::{self, kit_status};
use crate::values::resume::Resume;
use crate::{operations, words};

/// Name of the setting that says where the therapist was.
pub(crate) const RESUME: &str = "resume";

/// What could be read beside the clients. A list that cannot be is empty, and keeps nobody out of the practice.
#[derive(Default)]
struct Lists {
    unread: bool,
}

impl Lists {
    fn read<T: Default, E>(&mut self, list: Result<T, E>) -> T {
        self.unread |= list.is_err();
        list.unwrap_or_default()
    }
}

/// Everything that the first screen needs.
pub(crate) fn opened(bench: &mut Bench, demo: bool) -> Result<OpenedPractice, JobFailure> {
    let warning = place::warnings_for(&bench.setting.file).first().map(ToString::to_string);
    let stopped = [take_up_backup(bench), bench.cut_off.take()];
    let mut opened = bench.with(|vault| {
        let mut lists = Lists::default();
        let mut opened = OpenedPractice {
            clients: rows::clients(vault),
            devices: lists.read(operations::devices::all(vault, practice::now())),
            removed: lists.read(rows::removed_devices(vault)),
            settings: lists.read(kept_settings(vault)),
            demo,
            warning: None,
            paper: if demo { None } else { lists.read(kit_status::status(vault, practice::now())) },
            resume: lists.read(left_at(vault)),
            unsaved: Vec::new(),
            backups: lists.read(backup_status(vault, &bench.setting.file)),
            check: lists.read(shown_check(vault)),
            pending: lists.read(rows::pending(vault, practice::now())),
        };
        let notices = vault.take_notices().into_iter().map(|notice| notice.words());
        let unread = lists.unread.then_some(words::LISTS_UNREAD);
        let notices: Vec<_> = stopped.into_iter().flatten().chain(unread).chain(notices).collect();
        let notice = Some(notices.join(" ")).filter(|notice| !notice.is_empty());
        opened.warning = notice.or(if demo { None } else { warning });
        Ok(opened)
    })?;
    opened.unsaved = take_kept(bench);
    Ok(opened)
}

/// Where the therapist was when this practice was last locked here. What cannot be read is nowhere.
pub(crate) fn left_at(vault: &Vault) -> Result<Option<Resume>, VaultError> {
    Ok(vault.setting(RESUME)?.and_then(|row| serde_json::from_slice(&row).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::full_disk::Disk;
    use crate::jobs::fixture::WorkerFixture;

    #[test]
    fn lists_that_cannot_be_read_keep_nobody_out_and_that_is_said() {
        let mut fixture = WorkerFixture::new();
        let Ok(whole) = opened(&mut fixture.bench, false) else { panic!("it opens") };
        assert!(!whole.warning.unwrap_or_default().contains(words::LISTS_UNREAD));
        fixture.disk.set(Disk::DAMAGED_MISC);
        let Ok(damaged) = opened(&mut fixture.bench, false) else { panic!("it opens all the same") };
        assert_eq!(damaged.clients.len(), 1);
        assert!(damaged.warning.unwrap_or_default().contains(words::LISTS_UNREAD));
    }
}
