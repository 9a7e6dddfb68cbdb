//! Faults that a test plants, to see that the random schedules find each of them; anywhere else none is.

/// What is done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FolderFaultPlanted {
    /// What an older statement says is believed over what a newer one said.
    OlderBelieved,
    /// A batch is taken away as soon as one device has it.
    TakenAwayEarly,
    /// What has a name and not the content of it is read.
    TornRead,
    /// A batch that cannot be read for long is not named.
    NotNamed,
    /// A batch that somebody cannot read is not put in anew.
    NotPutInAnew,
    /// What another device put in counts as put in, whether it lies there or not.
    CountsAsLying,
    /// What others wrote is never handed on.
    NotHandedOn,
    /// A statement that is gone is not written again.
    NotSaidAgain,
}

#[cfg(test)]
impl FolderFaultPlanted {
    pub(super) const ALL: [Self; 8] = [
        Self::OlderBelieved,
        Self::TakenAwayEarly,
        Self::TornRead,
        Self::NotNamed,
        Self::NotPutInAnew,
        Self::CountsAsLying,
        Self::NotHandedOn,
        Self::NotSaidAgain,
    ];
}

#[cfg(test)]
thread_local! {
    static PLANTED: std::cell::Cell<Option<FolderFaultPlanted>> = const { std::cell::Cell::new(None) };
}

/// Whether this fault is planted in the running test.
#[cfg(test)]
pub(super) fn is_planted(fault: FolderFaultPlanted) -> bool {
    PLANTED.get() == Some(fault)
}

#[cfg(not(test))]
pub(super) const fn is_planted(_: FolderFaultPlanted) -> bool {
    false
}

/// Plants a fault, or takes it out again.
#[cfg(test)]
pub(super) fn plant(fault: Option<FolderFaultPlanted>) {
    PLANTED.set(fault);
}
