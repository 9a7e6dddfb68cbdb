//! The recovery kit of a script, and the paper that it stands on.

use subrosa::features::backup::messages::BackupEvent;
use subrosa::features::kit::messages::{KitEffect, KitEvent};
use subrosa::features::kit::values::{Kit, KitSource, KitStatus};
use subrosa::features::opening::values::Refusal;
use subrosa::messages::Event;
use subrosa::values::job::Job;
use subrosa::values::secret::Secret;

use super::{PASSPHRASE, Scripted, TODAY};

/// How far a new recovery kit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewKit {
    /// Nobody has asked for one, or it was given up.
    None,
    /// It is shown.
    Drawn,
    /// It counts.
    InForce,
}

/// The third and the seventh group of the recovery line.
pub(crate) const KIT_GROUPS: &str = "90PDLK2V MM5N7QAW";

/// A kit that waits to be proven for so many days, or is proven.
pub(crate) fn paper(due: Option<u32>, ask_today: bool) -> KitStatus {
    KitStatus { due, groups: vec![3, 7], proven: due.is_none().then_some(TODAY), ask_today, elsewhere: None }
}

/// The recovery line.
pub(crate) const KIT_LINE: &str = "AGE-SECRET-KEY-PQ-1ZX4QZX7WMT90PDLK2V8HNERRT5C0FFEE99UUK3LLQ8MM5N7QAWP6D3TTY2";

pub(super) fn kit() -> Kit {
    Kit { text: Secret::new(format!("RECOVERY KIT\n\n{KIT_LINE}\n\nWhere to keep it")) }
}

pub(super) fn fits(kit: &KitSource) -> bool {
    matches!(kit, KitSource::Typed(line) if line.expose() == KIT_LINE)
}

impl Scripted {
    pub(super) fn kit(&mut self, effect: KitEffect) -> Vec<Event> {
        match effect {
            KitEffect::Write { file, .. } => {
                self.kits.push(file.display().to_string());
                vec![Event::Kit(KitEvent::Written { same_disk: file.starts_with("/home") })]
            }
            KitEffect::Draw { passphrase } if passphrase.expose() == PASSPHRASE => {
                self.new_kit = NewKit::Drawn;
                vec![Event::Kit(KitEvent::Drawn(Box::new(kit()), vec![3, 7]))]
            }
            KitEffect::Draw { .. } => vec![Event::Refused(Job::NewKit, Refusal::WrongPassphrase)],
            KitEffect::Forget => {
                self.new_kit = NewKit::None;
                Vec::new()
            }
            KitEffect::Prove { typed } => self.prove_kit(typed.expose() == KIT_GROUPS),
        }
    }

    fn prove_kit(&mut self, fits: bool) -> Vec<Event> {
        if self.new_kit != NewKit::Drawn || !fits {
            return vec![Event::Kit(KitEvent::Proven(fits))];
        }
        self.new_kit = NewKit::InForce;
        self.backups.last.iter_mut().for_each(|last| last.older_kit = true);
        vec![Event::Backup(BackupEvent::Status(Box::new(self.backups.clone()))), Event::Kit(KitEvent::Proven(true))]
    }
}
