//! What a crash must not give away: no core dump holds the memory of an open practice, and no panic prints its message,
//! which may quote what somebody wrote.

use std::panic::{self, AssertUnwindSafe};

/// The one sentence about a panic.
pub const INTERNAL_ERROR: &str = "An internal error; nothing saved is lost. Open the practice again.";

/// A panic that reached the end of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{INTERNAL_ERROR}")]
pub struct Panicked;

/// To be called first: core dumps off, panics silent. Libraries panic on input that they do not understand, and are
/// caught where that can happen; a hook that spoke would speak about those too.
pub fn set_up() {
    no_core_dumps();
    panic::set_hook(Box::new(|_| {}));
}

/// Runs the whole program, and turns a panic into [`Panicked`].
///
/// # Errors
/// [`Panicked`].
pub fn run<T>(program: impl FnOnce() -> T) -> Result<T, Panicked> {
    // Nothing of what the program held is looked at again: it ends.
    panic::catch_unwind(AssertUnwindSafe(program)).map_err(|_| Panicked)
}

#[cfg(unix)]
fn no_core_dumps() {
    // A system that refuses even less memory on disk leaves nothing else to try.
    let _ = rlimit::Resource::CORE.set(0, 0);
}

/// Elsewhere crash reports are the system's own setting.
#[cfg(not(unix))]
fn no_core_dumps() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_in_a_sentence_that_quotes_nothing() {
        let ended = run(|| panic!("what the client said"));
        assert_eq!(ended.unwrap_err().to_string(), INTERNAL_ERROR);
        assert_eq!(run(|| 7), Ok(7));
    }
}
