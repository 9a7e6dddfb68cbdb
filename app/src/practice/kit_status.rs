//! How it stands with the recovery kit's paper: whether somebody has typed from it, and whether it is of the kit that counts.
//!
//! The practice keeps which groups are asked for and a salted hash of them, never the letters: enough to know them when they are
//! typed, on a later day too. It also keeps which kit that was about, since another device may make a new one.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use subrosa_core::entropy::Os;
use subrosa_core::id::Hash;
use subrosa_core::kem::WrapPublic;
use subrosa_core::kit::{self, KitState, Question, kit_state};
use subrosa_core::secret::{Key, Passphrase, RecoveryRole};
use subrosa_core::vault::{Millis, RowError, Vault};

use super::day_of;
use crate::features::kit::values::{Elsewhere, KitStatus};

/// Name of the setting.
const PROOF: &str = "kit proof";

/// What the practice keeps of the proof.
#[derive(Serialize, Deserialize)]
struct KitProof {
    made: Millis,
    proven: Option<Millis>,
    /// The day on which it was last asked for.
    asked: Option<Date>,
    question: Vec<u8>,
    /// The number of the kit; none of the one with which the practice began.
    #[serde(default)]
    about: Option<Hash>,
}

/// From now on the kit waits to be proven.
///
/// # Errors
/// [`RowError`].
pub fn wait(vault: &mut Vault, kit: &Key<RecoveryRole>, now: Millis) -> Result<(), RowError> {
    // It is asked for at once, on the page that shows it.
    keep(vault, &KitProof { asked: Some(day_of(now)), ..about(kit, now) })
}

/// Whoever opens something with the kit, or has typed from it, has read its paper.
///
/// # Errors
/// [`RowError`].
pub fn used(vault: &mut Vault, kit: &Key<RecoveryRole>, now: Millis) -> Result<(), RowError> {
    keep(vault, &KitProof { proven: Some(now), ..about(kit, now) })
}

/// Whether these are the groups that are asked for; if so, the kit is proven.
///
/// # Errors
/// [`RowError`].
pub fn prove(vault: &mut Vault, typed: &Passphrase, now: Millis) -> Result<bool, RowError> {
    let Some(kept) = kept(vault)? else { return Ok(false) };
    let fits = Question::parse(&kept.question).is_some_and(|question| question.fits(typed.expose()));
    if fits {
        keep(vault, &KitProof { proven: Some(now), ..kept })?;
    }
    Ok(fits)
}

/// How it stands with the paper; `None` on a device that has made no kit and used none, while the practice has its first kit.
/// Who is asked today is not asked again today.
///
/// # Errors
/// [`RowError`].
pub fn status(vault: &mut Vault, now: Millis) -> Result<Option<KitStatus>, RowError> {
    let (kept, kit) = (kept(vault)?, vault.devices().kit_in_force()?);
    let counts = |kept: &KitProof| kept.about.map_or(kit.first, |about| about == kit.number);
    if !kept.as_ref().map_or(kit.first, counts) {
        let device = vault.devices().device_name(&kit.by).unwrap_or_default();
        let elsewhere = Elsewhere { device, on: day_of(kit.at), number: kit::kit_number(&kit.number) };
        return Ok(Some(KitStatus {
            due: None,
            groups: Vec::new(),
            proven: None,
            ask_today: false,
            elsewhere: Some(elsewhere),
        }));
    }
    let Some(mut kept) = kept else { return Ok(None) };
    let Some(question) = Question::parse(&kept.question) else { return Ok(None) };
    let due = match kit_state(kept.made, kept.proven, now) {
        KitState::Proven => None,
        KitState::Waiting(days) => Some(u32::from(days)),
        KitState::Due => Some(0),
    };
    let today = day_of(now);
    let ask_today = due.is_some() && kept.asked != Some(today);
    let proven = kept.proven.map(day_of);
    if ask_today {
        kept.asked = Some(today);
        keep(vault, &kept)?;
    }
    Ok(Some(KitStatus { due, groups: question.groups, proven, ask_today, elsewhere: None }))
}

fn about(kit: &Key<RecoveryRole>, now: Millis) -> KitProof {
    let question = Question::draw(kit, &mut Os).to_bytes();
    KitProof { made: now, proven: None, asked: None, question, about: Some(WrapPublic::of(kit).fingerprint()) }
}

fn kept(vault: &Vault) -> Result<Option<KitProof>, RowError> {
    Ok(vault.setting(PROOF)?.and_then(|row| serde_json::from_slice(&row).ok()))
}

fn keep(vault: &mut Vault, kept: &KitProof) -> Result<(), RowError> {
    vault.keep_setting(PROOF, &serde_json::to_vec(kept)?)
}

#[cfg(test)]
mod tests {
    use subrosa_core::vault::DAY;

    use super::*;
    use crate::practice::{self, Profile};

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
            let paper = status(&mut vault, now + days * DAY).unwrap().unwrap();
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
        assert_eq!(status(&mut vault, now).unwrap(), None);
        wait(&mut vault, &kit, now).unwrap();
        let asked = status(&mut vault, now).unwrap().unwrap().groups;
        let others: Vec<u8> = (2..).filter(|group| !asked.contains(group)).take(2).collect();
        for wrong in [typed(&kit, &others), typed(&kit, &asked[..1]), Passphrase::new(String::new())] {
            assert!(!prove(&mut vault, &wrong, now).unwrap());
        }
        assert_eq!(status(&mut vault, now).unwrap().unwrap().due, Some(7));
        assert!(prove(&mut vault, &typed(&kit, &asked), now).unwrap());
        let later = status(&mut vault, now + 30 * DAY).unwrap().unwrap();
        assert_eq!((later.due, later.proven, later.ask_today), (None, Some(day_of(now)), false));
    }

    #[test]
    fn whoever_opened_something_with_the_kit_is_not_asked_for_it() {
        let (_folder, mut vault, kit, now) = made();
        wait(&mut vault, &kit, now).unwrap();
        used(&mut vault, &kit, now + 8 * DAY).unwrap();
        assert_eq!(status(&mut vault, now + 9 * DAY).unwrap().unwrap().due, None);
    }

    #[test]
    fn a_paper_whose_kit_was_replaced_is_not_asked_for_and_the_one_that_counts_is_named() {
        let (_folder, mut vault, kit, now) = made();
        wait(&mut vault, &kit, now).unwrap();
        let drawn = vault.devices_mut().draw_kit(&Passphrase::new("lantern gravel oboe thicket".into())).unwrap();
        vault.devices_mut().put_in_force(&drawn, now + DAY).unwrap();
        // As on a device that only heard of it.
        let paper = status(&mut vault, now + 9 * DAY).unwrap().unwrap();
        assert_eq!((paper.due, paper.ask_today, paper.proven), (None, false, None));
        let elsewhere = paper.elsewhere.unwrap();
        assert_eq!((elsewhere.device.as_str(), elsewhere.on), ("Here", day_of(now + DAY)));
        assert_eq!(elsewhere.number.len(), 8);
        // Whoever typed from the new paper has the one that counts.
        used(&mut vault, drawn.seed(), now + 2 * DAY).unwrap();
        let paper = status(&mut vault, now + 9 * DAY).unwrap().unwrap();
        assert_eq!((paper.elsewhere, paper.proven), (None, Some(day_of(now + 2 * DAY))));
    }
}
