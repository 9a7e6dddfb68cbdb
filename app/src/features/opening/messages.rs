//! No practice is open: the first run, the locked window, and what opens or locks it.

use subrosa_core::secret::Passphrase;

use crate::features::devices::values::JoinStep;
use crate::features::kit::values::{Kit, KitSource};
use crate::features::opening::values::{Found, OpenedPractice};
use crate::values::job::Job;
use crate::values::navigation::FirstRun;
use crate::values::resume::Leaving;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OpeningCommand {
    /// To a step of the first run.
    FirstRun(FirstRun),
    /// Open the practice of made-up people.
    LookAround,
    /// Create a practice with the passphrase that was typed twice.
    Create,
    /// Join with the code that was typed.
    Join,
    /// Open the practice with the passphrase that was typed.
    Unlock,
    /// To the page that opens the practice with the recovery kit, or back from it.
    Forgotten(bool),
    /// Open the practice with the recovery kit, and with a new passphrase from then on.
    Recover,
    /// Make a practice out of the backup that was named.
    Restore,
}

/// A job to do.
pub enum OpeningEffect {
    /// Is there a practice on this device? → [`OpeningEvent::Found`]
    Look,
    /// → [`OpeningEvent::Created`]
    Create {
        /// The new practice's passphrase.
        passphrase: Passphrase,
    },
    /// Opens a throw-away practice of made-up people. → [`OpeningEvent::Unlocked`]
    OpenDemo,
    /// → [`OpeningEvent::Unlocked`], `Event::Refused`; `Event::Progress` on the way
    Unlock {
        /// As typed.
        passphrase: Passphrase,
    },
    /// Opens the practice with its recovery kit, and gives it a new passphrase. → [`OpeningEvent::Unlocked`], `Event::Failed`
    Recover {
        /// The recovery line, or the file that it stands in.
        kit: KitSource,
        /// From now on.
        passphrase: Passphrase,
    },
    /// Remember where the therapist was, and forget every key, once the effects before this one are done; no answer.
    Lock(Option<Box<Leaving>>),
    /// The practice is sealed, and the computer may fall asleep; no answer.
    LetSleep,
}

impl OpeningEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Look => Job::Look,
            Self::Create { .. } => Job::Create,
            Self::OpenDemo | Self::Unlock { .. } => Job::Unlock,
            Self::Recover { .. } => Job::Recover,
            Self::Lock(..) | Self::LetSleep => Job::Lock,
        }
    }
}

/// What a job brought back.
pub enum OpeningEvent {
    /// Whether there is a practice on this device.
    Found(Found),
    /// The practice exists and is open; its recovery kit has to be kept.
    Created(Box<OpenedPractice>, Box<Kit>),
    /// The practice is open.
    Unlocked(Box<OpenedPractice>),
    /// How far joining is.
    Joining(JoinStep),
}
