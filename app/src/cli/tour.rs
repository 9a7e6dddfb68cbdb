//! The tour: the main job done for real in a temporary folder, each step looked at after it was done.
//!
//! Real means the real cipher, the real store, a passphrase at real strength, real sockets on 127.0.0.1. A step that
//! does not hold ends the tour, and whatever happens nothing is left behind. Each step is two functions, what is done
//! and what is then checked; the tests step in between the two, spoil what was done, and see the check notice.

mod alone;
mod devices;
mod sharing;
mod stage;
#[cfg(test)]
mod tests;

use self::stage::TourStage;
use crate::practice::Profile;

/// A step of the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TourStep {
    /// A practice is made.
    Create,
    /// A paper trail is taken in, twice.
    Import,
    /// A note is written.
    Write,
    /// It is signed.
    Sign,
    /// The practice is locked.
    Lock,
    /// And opened again.
    Unlock,
    /// A second device joins, by a code.
    Pair,
    /// It gets everything.
    Sync,
    /// Both write in one note at the same time.
    Merge,
    /// A record is sealed for a colleague.
    Seal,
    /// The colleague opens it.
    Open,
    /// Everything is read and checked.
    Verify,
    /// Everything is removed.
    CleanUp,
}

impl TourStep {
    /// What scripts call it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Import => "import",
            Self::Write => "write",
            Self::Sign => "sign",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Pair => "pair",
            Self::Sync => "sync",
            Self::Merge => "merge",
            Self::Seal => "seal",
            Self::Open => "open",
            Self::Verify => "verify",
            Self::CleanUp => "clean-up",
        }
    }

    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Create => "Make a practice",
            Self::Import => "Import a paper trail",
            Self::Write => "Write a note",
            Self::Sign => "Sign it",
            Self::Lock => "Lock",
            Self::Unlock => "Unlock",
            Self::Pair => "Pair a second device",
            Self::Sync => "Sync over 127.0.0.1",
            Self::Merge => "Write on both at once",
            Self::Seal => "Seal a record for a colleague",
            Self::Open => "Open it in the colleague's practice",
            Self::Verify => "Check everything",
            Self::CleanUp => "Leave nothing behind",
        }
    }
}

/// A step that held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedStep {
    /// Which.
    pub step: TourStep,
    /// What was checked.
    pub checked: String,
}

/// The step that did not hold. Nothing was left behind, and nobody's practice was touched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} did not hold: {why}", step.words())]
pub struct Broken {
    /// Which.
    pub step: TourStep,
    /// What was found.
    pub why: String,
}

/// What a step does, and what is then looked at.
struct Act {
    step: TourStep,
    act: fn(&mut TourStage) -> Result<(), Wrong>,
    check: fn(&mut TourStage) -> Result<String, Wrong>,
}

const ACTS: &[Act] = &[
    Act { step: TourStep::Create, act: alone::create, check: alone::created },
    Act { step: TourStep::Import, act: alone::import, check: alone::imported },
    Act { step: TourStep::Write, act: alone::write, check: alone::written },
    Act { step: TourStep::Sign, act: alone::sign, check: alone::signed },
    Act { step: TourStep::Lock, act: alone::lock, check: alone::locked },
    Act { step: TourStep::Unlock, act: alone::unlock, check: alone::unlocked },
    Act { step: TourStep::Pair, act: devices::pair, check: devices::both_know_each_other },
    Act { step: TourStep::Sync, act: devices::sync, check: devices::synced },
    Act { step: TourStep::Merge, act: devices::write_on_both, check: devices::merged },
    Act { step: TourStep::Seal, act: sharing::seal, check: sharing::sealed },
    Act { step: TourStep::Open, act: sharing::hand_over, check: sharing::opened },
    Act { step: TourStep::Verify, act: alone::close, check: alone::verified },
    Act { step: TourStep::CleanUp, act: stage::clean_up, check: stage::cleaned_up },
];

/// Does every step; `report` hears of each that held, `stop` is asked before each.
///
/// # Errors
/// [`Broken`], at the first that did not hold.
pub fn run(profile: Profile, stop: &dyn Fn() -> bool, report: &mut dyn FnMut(&PassedStep)) -> Result<(), Broken> {
    run_spoiled(profile, stop, report, &mut |_, _| {})
}

/// The same, with somebody who may spoil what a step did before it is looked at.
fn run_spoiled(
    profile: Profile,
    stop: &dyn Fn() -> bool,
    report: &mut dyn FnMut(&PassedStep),
    spoil: &mut dyn FnMut(TourStep, &mut TourStage),
) -> Result<(), Broken> {
    let broken = |step| move |Wrong(why)| Broken { step, why };
    let mut stage = TourStage::new(profile).map_err(broken(TourStep::Create))?;
    for Act { step, act, check } in ACTS {
        if stop() {
            return Err(Broken { step: *step, why: "it was stopped, as asked".to_owned() });
        }
        act(&mut stage).map_err(broken(*step))?;
        spoil(*step, &mut stage);
        let checked = check(&mut stage).map_err(broken(*step))?;
        report(&PassedStep { step: *step, checked });
    }
    Ok(())
}

/// What a step found that should not be so.
#[derive(Debug)]
struct Wrong(String);

/// Holds a step to what it says.
fn hold(so: bool, otherwise: &str) -> Result<(), Wrong> {
    if so { Ok(()) } else { Err(Wrong(otherwise.to_owned())) }
}

impl<E: std::error::Error> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
