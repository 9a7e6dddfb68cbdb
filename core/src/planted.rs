//! Checks that a test takes out, to see that what they guard is missed then. Compiled in tests alone: everywhere else none is
//! ever out, and nothing is asked.

/// A check that a test can take out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// That what an item says of its document is what the document's id commits to.
    Origin,
    /// That an item which cannot be used costs only itself.
    Alone,
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
    /// That the days in the trash count from when a deletion was seen here.
    SeenHere,
    /// That what comes past a cut is not used.
    Cut,
    /// That what a device says it lacks is no more than its row is read with.
    Bounded,
}

/// Whether a check is taken out: never, but in the test that says so.
#[cfg(not(test))]
pub(crate) const fn is_out(_: Check) -> bool {
    false
}

#[cfg(test)]
pub(crate) use out::{is_out, without};

#[cfg(test)]
mod out {
    use std::cell::Cell;

    use super::Check;

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
}
