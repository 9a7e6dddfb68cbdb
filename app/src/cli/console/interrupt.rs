//! Ctrl+C: the first asks what is at work to stop where nothing is lost, the second ends the program. Commands that
//! have nothing to finish are simply ended; what was reported as saved is saved by then.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
static WATCH: Once = Once::new();
/// What shells report for a program ended by Ctrl+C.
const ENDED: i32 = 130;

/// From here on Ctrl+C asks first.
pub(in crate::cli) fn watch() {
    WATCH.call_once(|| {
        let asked = || {
            if ASKED.swap(true, Ordering::SeqCst) {
                std::process::exit(ENDED);
            }
        };
        // Where it cannot be watched, Ctrl+C ends the program, and commits are whole or absent.
        let _ = ctrlc::set_handler(asked);
    });
}

/// Whether Ctrl+C was pressed since [`watch`].
pub(in crate::cli) fn asked_to_stop() -> bool {
    ASKED.load(Ordering::SeqCst)
}
