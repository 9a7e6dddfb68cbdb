//! What the window is told of a practice that has just been opened.

use subrosa_core::store::place;
use subrosa_core::vault::{Vault, VaultError};

use crate::features::backup::job::standing::{backup_status, take_up_backup};
use crate::features::check::job::last_check;
use crate::features::clients::job::take_kept;
use crate::features::devices::job::removal::removed_devices;
use crate::features::opening::values::OpenedPractice;
use crate::features::settings::job::kept_settings;
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobFailure;
use crate::jobs::rows;
use crate::practice;
use crate::practice::kit_status;
use crate::values::resume::Resume;

/// Name of the setting that says where the therapist was.
pub(crate) const RESUME: &str = "resume";

/// Everything that the first screen needs.
pub(crate) fn opened(bench: &mut Bench, demo: bool) -> Result<OpenedPractice, JobFailure> {
    let warning = place::warnings_for(&bench.setting.file).first().map(ToString::to_string);
    let unsaved = take_kept(bench);
    let stopped = [take_up_backup(bench), bench.cut_off.take()];
    bench.with(|vault| {
        let notices = vault.take_notices().into_iter().map(|notice| notice.words());
        let notices: Vec<_> = stopped.into_iter().flatten().chain(notices).collect();
        let notice = Some(notices.join(" ")).filter(|notice| !notice.is_empty());
        let paper = if demo { None } else { kit_status::status(vault, practice::now())? };
        Ok(OpenedPractice {
            clients: rows::clients(vault),
            devices: rows::devices(vault)?,
            removed: removed_devices(vault)?,
            settings: kept_settings(vault)?,
            demo,
            warning: notice.or(if demo { None } else { warning }),
            paper,
            resume: left_at(vault)?,
            unsaved,
            backups: backup_status(vault, &bench.setting.file)?,
            check: last_check(vault)?,
            pending: rows::pending(vault, practice::now())?,
        })
    })
}

/// Where the therapist was when this practice was last locked here. What cannot be read is nowhere.
pub(crate) fn left_at(vault: &Vault) -> Result<Option<Resume>, VaultError> {
    Ok(vault.setting(RESUME)?.and_then(|row| serde_json::from_slice(&row).ok()))
}
