//! Checks that a test takes out, to see that what they guard is missed then. Compiled in tests alone: everywhere else none is
//! ever out, and nothing is asked.

#[cfg(not(test))]
use crate::id::DeviceId;

/// A check that a test can take out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// That what an item says of its document is what the document's id commits to.
    Origin,
    /// That an item which cannot be used costs only itself.
    Alone,
    /// That a change counts only in an envelope of its actor's device.
    #[cfg(test)]
    Writer,
    /// That a body which another device let go is taken all the same.
    Closing,
    /// That a signature says what the draft says.
    SaysSo,
    /// That nobody took words of another out of a draft before it was signed.
    Rewritten,
    /// That a device writes under keys that it made itself.
    OwnKey,
    /// That a part displaces none of another device's.
    PartOfAnother,
    /// That an epoch's secret is the one that its entry commits to.
    Commitment,
    /// That a colleague's id is that of the card's keys.
    Colleague,
    /// That a blob whose pieces another file names stays.
    SharedPieces,
    /// That the days in the trash count from when a deletion was seen here.
    SeenHere,
    /// That what comes past a cut is not used.
    Cut,
    /// That what a device says it lacks is no more than its row is read with.
    Bounded,
    /// That nothing is kept of what is said of logs that are not here.
    LogsHere,
    /// That what several devices say of colleagues is limited for each of them.
    QuotaOfEach,
}

#[cfg(test)]
impl Check {
    /// All of them.
    pub(crate) const ALL: [Self; 16] = [
        Self::Origin,
        Self::Alone,
        Self::Writer,
        Self::Closing,
        Self::SaysSo,
        Self::Rewritten,
        Self::OwnKey,
        Self::PartOfAnother,
        Self::Commitment,
        Self::Colleague,
        Self::SharedPieces,
        Self::SeenHere,
        Self::Cut,
        Self::Bounded,
        Self::LogsHere,
        Self::QuotaOfEach,
    ];
}

/// Whether a check is taken out: never, but in the test that says so.
#[cfg(not(test))]
pub(crate) const fn is_out(_: Check) -> bool {
    false
}

/// The device in whose name changes count: the one that sent them.
#[cfg(not(test))]
pub(crate) const fn writer(by: DeviceId, _: &[u8]) -> DeviceId {
    by
}

#[cfg(test)]
pub(crate) use out::{is_out, without, writer};

#[cfg(test)]
mod out {
    use std::cell::Cell;

    use super::Check;
    use crate::id::DeviceId;

    thread_local! {
        static OUT: Cell<Option<Check>> = const { Cell::new(None) };
    }

    /// Whether a check is taken out on this thread.
    pub(crate) fn is_out(check: Check) -> bool {
        OUT.get() == Some(check)
    }

    /// Does something without a check.
    pub(crate) fn without<R>(check: Check, run: impl FnOnce() -> R) -> R {
        OUT.set(Some(check));
        let done = run();
        OUT.set(None);
        done
    }

    /// The device in whose name changes count: the one that sent them, or the one that the first of them names.
    pub(crate) fn writer(by: DeviceId, changes: &[u8]) -> DeviceId {
        let named = || {
            // Behind magic, sum, kind and length the parents are counted and named, then the actor.
            let length = 1 + changes.get(9..)?.iter().position(|byte| byte & 0x80 == 0)?;
            let parents = usize::from(*changes.get(9 + length)?);
            let actor = 9 + length + 1 + 32 * parents + 1;
            changes.get(actor..)?.first_chunk().copied().map(DeviceId)
        };
        if is_out(Check::Writer) { named().unwrap_or(by) } else { by }
    }
}
