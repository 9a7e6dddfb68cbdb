//! What is asked about before something is signed: a session on a day to come, and a clock that cannot be right. A signature says its
//! time for good, and nobody can take it back from paper.

use jiff::civil::Date;

use crate::rows::RowError;
use crate::vault::core::{Core, Reader};
use crate::vault::subject::{Notes, NotesMut};
use crate::vault::{DAY, Millis};

/// The setting that holds when this device's clock was believed last, in 8 bytes.
const BELIEVED: &str = "clock";
/// A device that was not used for longer is asked about its clock.
const LONGEST_PAUSE: Millis = 90 * DAY;

/// What speaks against signing now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignDoubts {
    /// The session is on a day to come.
    pub is_day_to_come: bool,
    /// The device's clock is a day or more before the last time that it was believed, or 90 days or more past that: when that was.
    pub believed: Option<Millis>,
}

impl SignDoubts {
    /// Whether anything does.
    pub fn any(&self) -> bool {
        self.is_day_to_come || self.believed.is_some()
    }
}

impl Notes<'_> {
    /// What speaks against signing something now that is of a day, where today is another, by this device's clock.
    pub fn sign_doubts(&self, day: Date, today: Date, now: Millis) -> Result<SignDoubts, RowError> {
        let believed = believed(&self.core.read())?.filter(|believed| !is_likely(*believed, now));
        Ok(SignDoubts { is_day_to_come: day > today, believed })
    }
}

impl NotesMut<'_> {
    /// The therapist was asked about the clock, and it is right.
    pub fn believe_clock(&mut self, now: Millis) -> Result<(), RowError> {
        self.core.keep_setting(BELIEVED, &now.to_le_bytes())
    }
}

/// Notes the time of an unlocking, where nothing speaks against it: once a day.
pub(crate) fn note_clock(core: &mut Core, now: Millis) -> Result<(), RowError> {
    match believed(&core.read())? {
        Some(believed) if !is_likely(believed, now) || now < believed.saturating_add(DAY) => Ok(()),
        _ => core.keep_setting(BELIEVED, &now.to_le_bytes()),
    }
}

fn believed(reader: &Reader<'_>) -> Result<Option<Millis>, RowError> {
    let kept = reader.setting(BELIEVED)?;
    Ok(kept.and_then(|kept| kept.try_into().ok()).map(Millis::from_le_bytes))
}

fn is_likely(believed: Millis, now: Millis) -> bool {
    now > believed.saturating_sub(DAY) && now < believed.saturating_add(LONGEST_PAUSE)
}
