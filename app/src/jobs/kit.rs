//! The recovery kit: where its page is put, and whether somebody has typed from the paper.
//!
//! The practice keeps which groups are asked for and a salted hash of them, never the letters: enough to know them when they are
//! typed, on a later day too.

use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use subrosa_core::entropy::Os;
use subrosa_core::kit::{self, KitState, Question, kit_state};
use subrosa_core::secret::{Key, Passphrase, RecoveryRole};
use subrosa_core::store::place;
use subrosa_core::vault::{Created, Millis, Vault, VaultError};

use crate::cli::files;
use crate::effect::Effect;
use crate::event::{Event, Kit};
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::rows;
use crate::jobs::worker::Worker;
use crate::kit_paper::{KitForm, KitPaper};
use crate::practice;
use crate::typed::Secret;

/// Name of the setting.
const PROOF: &str = "kit proof";

/// What the practice keeps of the proof.
#[derive(Serialize, Deserialize)]
struct Kept {
    made: Millis,
    proven: Option<Millis>,
    /// The day on which it was last asked for.
    asked: Option<Date>,
    question: Vec<u8>,
}

impl Worker {
    pub(super) fn kit(&mut self, effect: Effect) -> Outcome {
        match effect {
            Effect::CreatePractice { passphrase } => self.create(&passphrase),
            Effect::WriteKit { kit, file, form } => self.write_kit(&kit, &file, form),
            Effect::ProveKit { typed } => self.prove_kit(&typed),
            other => self.devices(other),
        }
    }

    fn create(&mut self, passphrase: &Passphrase) -> Outcome {
        let made = practice::create(&self.setting.file, passphrase, &practice::device_name(), self.setting.profile)?;
        let Created { mut vault, kit } = made;
        let page = kit::kit_text(&kit, &vault.device().to_string(), practice::today());
        wait(&mut vault, &kit, practice::now())?;
        practice::keep_anchor(&mut vault, self.setting.profile)?;
        self.vault.put(vault);
        let opened = self.opened(false)?;
        self.start_syncing();
        let kit = Kit { text: Secret::new(page.to_string()) };
        Ok(Some(Event::PracticeCreated(Box::new(opened), Box::new(kit))))
    }

    fn write_kit(&self, page: &Passphrase, file: &Path, form: KitForm) -> Outcome {
        let written = match form {
            KitForm::Text => files::write_new(file, page.expose().as_bytes()),
            KitForm::Pdf => {
                let seed = kit::read_kit(page.expose()).map_err(|error| Failure::of(&error))?;
                let device = self.with(|vault| Ok(vault.device()))?;
                files::write_new(file, &kit::kit_pdf(&seed, &device.to_string(), practice::today()))
            }
        };
        written?;
        Ok(Some(Event::KitWritten { same_disk: place::on_same_disk(file, &self.setting.file) }))
    }

    fn prove_kit(&self, typed: &Passphrase) -> Outcome {
        let proven = self.with(|vault| prove(vault, typed, practice::now()))?;
        Ok(Some(Event::KitProven(proven)))
    }
}

/// From now on the kit waits to be proven.
fn wait(vault: &mut Vault, kit: &Key<RecoveryRole>, now: Millis) -> Result<(), VaultError> {
    let question = Question::draw(kit, &mut Os).to_bytes();
    // It is asked for at once, on the page that shows it.
    keep(vault, &Kept { made: now, proven: None, asked: Some(rows::wall(now).date()), question })
}

/// Whoever opens something with the kit has read its paper.
pub(super) fn used(vault: &mut Vault, kit: &Key<RecoveryRole>, now: Millis) -> Result<(), VaultError> {
    let question = Question::draw(kit, &mut Os).to_bytes();
    keep(vault, &Kept { made: now, proven: Some(now), asked: None, question })
}

/// Whether these are the groups that are asked for; if so, the kit is proven.
fn prove(vault: &mut Vault, typed: &Passphrase, now: Millis) -> Result<bool, VaultError> {
    let Some(kept) = kept(vault)? else { return Ok(false) };
    let fits = Question::parse(&kept.question).is_some_and(|question| question.fits(typed.expose()));
    if fits {
        keep(vault, &Kept { proven: Some(now), ..kept })?;
    }
    Ok(fits)
}

/// How it stands with the paper; `None` on a device that has made no kit and used none. Who is asked today is not asked again
/// today.
pub(super) fn paper(vault: &mut Vault, now: Millis) -> Result<Option<KitPaper>, VaultError> {
    let Some(mut kept) = kept(vault)? else { return Ok(None) };
    let Some(question) = Question::parse(&kept.question) else { return Ok(None) };
    let due = match kit_state(kept.made, kept.proven, now) {
        KitState::Proven => None,
        KitState::Waiting(days) => Some(u32::from(days)),
        KitState::Due => Some(0),
    };
    let today = rows::wall(now).date();
    let ask_today = due.is_some() && kept.asked != Some(today);
    let proven = kept.proven.map(|at| rows::wall(at).date());
    if ask_today {
        kept.asked = Some(today);
        keep(vault, &kept)?;
    }
    Ok(Some(KitPaper { due, groups: question.groups, proven, ask_today }))
}

fn kept(vault: &Vault) -> Result<Option<Kept>, VaultError> {
    Ok(vault.setting(PROOF)?.and_then(|row| serde_json::from_slice(&row).ok()))
}

fn keep(vault: &mut Vault, kept: &Kept) -> Result<(), VaultError> {
    vault.keep_setting(PROOF, &serde_json::to_vec(kept).map_err(|_| VaultError::Damaged)?)
}

#[cfg(test)]
mod tests {
    use subrosa_core::vault::DAY;

    use super::*;
    use crate::practice::Profile;

    fn made() -> (tempfile::TempDir, Vault, Key<RecoveryRole>, Millis) {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        let made = practice::create(&folder.path().join("practice"), &passphrase, "Here", Profile::Tests).unwrap();
        (folder, made.vault, made.kit, practice::now())
    }

    fn typed(kit: &Key<RecoveryRole>, groups: &[u8]) -> Passphrase {
        let line = kit::identity_text(kit);
        let all = kit::groups(&line);
        Passphrase::new(groups.iter().map(|at| all[usize::from(*at)]).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_kit_that_is_put_off_is_asked_for_once_a_day_for_a_week_and_then_it_is_due() {
        let (_folder, mut vault, kit, now) = made();
        wait(&mut vault, &kit, now).unwrap();
        let mut at = |days: u64| {
            let paper = paper(&mut vault, now + days * DAY).unwrap().unwrap();
            (paper.due, paper.ask_today)
        };
        assert_eq!(at(0), (Some(7), false));
        assert_eq!((at(1), at(1)), ((Some(6), true), (Some(6), false)));
        assert_eq!(at(6), (Some(1), true));
        assert_eq!(at(7), (Some(0), true));
    }

    #[test]
    fn two_groups_prove_the_kit_and_others_of_it_do_not() {
        let (_folder, mut vault, kit, now) = made();
        assert_eq!(paper(&mut vault, now).unwrap(), None);
        wait(&mut vault, &kit, now).unwrap();
        let asked = paper(&mut vault, now).unwrap().unwrap().groups;
        let others: Vec<u8> = (2..).filter(|group| !asked.contains(group)).take(2).collect();
        for wrong in [typed(&kit, &others), typed(&kit, &asked[..1]), Passphrase::new(String::new())] {
            assert!(!prove(&mut vault, &wrong, now).unwrap());
        }
        assert_eq!(paper(&mut vault, now).unwrap().unwrap().due, Some(7));
        assert!(prove(&mut vault, &typed(&kit, &asked), now).unwrap());
        let later = paper(&mut vault, now + 30 * DAY).unwrap().unwrap();
        assert_eq!((later.due, later.proven, later.ask_today), (None, Some(rows::wall(now).date()), false));
    }

    #[test]
    fn whoever_opened_something_with_the_kit_is_not_asked_for_it() {
        let (_folder, mut vault, kit, now) = made();
        wait(&mut vault, &kit, now).unwrap();
        used(&mut vault, &kit, now + 8 * DAY).unwrap();
        assert_eq!(paper(&mut vault, now + 9 * DAY).unwrap().unwrap().due, None);
    }
}
