//! How long something took, in time of this thread's processor: on a machine on which others work too, a clock on the wall says how
//! much they work.

use std::time::Duration;

/// Runs from its start.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Duration);

impl Clock {
    /// Begins.
    pub(crate) fn start() -> Self {
        Self(processor())
    }

    /// What the thread worked between two starts.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// What the thread has worked since.
    pub(crate) fn read(self) -> Duration {
        processor().saturating_sub(self.0)
    }
}

#[cfg(unix)]
fn processor() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(spent.tv_sec).unwrap_or(0), u32::try_from(spent.tv_nsec).unwrap_or(0))
}

/// Elsewhere the wall has to do.
#[cfg(not(unix))]
fn processor() -> Duration {
    static BEGAN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    BEGAN.get_or_init(std::time::Instant::now).elapsed()
}
