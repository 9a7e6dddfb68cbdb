//! When what was typed leaves in an envelope. It is on the disk at once; an envelope is for the other devices, and stays until its
//! note is signed and for thirty days after that.
//!
//! While a device listens, a pause of seconds is enough for notes of the record. Everything leaves when another note is opened,
//! after minutes in which nothing was typed, when the private notes close, when the practice is locked, and after a crash at the
//! next unlocking. A private note that is written without a pause leaves every few minutes while a device listens.

use std::time::{Duration, Instant};

use subrosa_core::vault::{Vault, VaultError};

use crate::bridge::Syncing;
use crate::jobs::bench::Bench;

/// How long nothing must be typed before what was typed leaves for a device that listens.
const PAUSE: Duration = Duration::from_secs(3);
/// How long nothing must be typed before a note counts as left; after this time private notes leave for a device that listens.
const LEFT: Duration = Duration::from_secs(120);

/// Something was typed that has not left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unsent {
    /// When the first of it was typed.
    since: Instant,
    /// When something was typed last.
    last: Instant,
    /// Nothing of it is of the record any more.
    only_private: bool,
}

impl Unsent {
    fn at(now: Instant) -> Self {
        Self { since: now, last: now, only_private: false }
    }

    /// What leaves by now.
    fn due(&self, now: Instant, is_heard: bool) -> Due {
        let idle = now.saturating_duration_since(self.last);
        let waited = now.saturating_duration_since(self.since);
        if idle >= LEFT || (is_heard && waited >= LEFT) {
            Due::Everything
        } else if is_heard && idle >= PAUSE && !self.only_private {
            Due::Record
        } else {
            Due::Nothing
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    Record,
    Everything,
}

/// Notes that something was typed, and says of the first of it that no other device has that.
pub(crate) fn note_typed(bench: &mut Bench) {
    let (now, since) = (Instant::now(), bench.notes.unsent.map(|unsent| unsent.since));
    bench.notes.unsent = Some(Unsent { since: since.unwrap_or(now), ..Unsent::at(now) });
    if since.is_none() {
        bench.send_devices();
    }
}

/// Puts what was typed into an envelope when it is time.
pub(crate) fn send_in_time(bench: &mut Bench) {
    let Some(unsent) = bench.notes.unsent else { return };
    let is_heard = bench.syncing.as_ref().is_some_and(Syncing::is_heard);
    match unsent.due(Instant::now(), is_heard) {
        Due::Nothing => {}
        Due::Everything => send(bench),
        Due::Record => {
            put_into_envelopes(bench, |vault| Ok(vault.notes_mut().flush_record()?));
            let private = bench.vault.with(|vault| vault.notes().has_pending()).unwrap_or_default();
            bench.notes.unsent = private.then_some(Unsent { only_private: true, ..unsent });
        }
    }
}

/// Puts everything that was typed into an envelope, and tells the other devices.
pub(crate) fn send(bench: &mut Bench) {
    if put_into_envelopes(bench, |vault| Ok(vault.notes_mut().flush()?)) {
        bench.notes.unsent = None;
    }
}

/// `false` when it was not done: what was typed is on the disk, and the next time takes it along.
fn put_into_envelopes(bench: &mut Bench, flush: impl FnOnce(&mut Vault) -> Result<bool, VaultError>) -> bool {
    match bench.with(flush) {
        Ok(sent) => {
            if sent {
                bench.tell_devices();
            }
            true
        }
        Err(_) => {
            bench.notes.unsent = Some(Unsent::at(Instant::now()));
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u64) -> Instant {
        *START.get_or_init(Instant::now) + Duration::from_secs(seconds)
    }

    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();

    #[test]
    fn what_was_typed_leaves_at_a_pause_for_who_listens_and_else_when_the_note_is_left() {
        let unsent = Unsent::at(after(0));
        for (seconds, heard, due) in [
            (2, true, Due::Nothing),
            (3, true, Due::Record),
            (3, false, Due::Nothing),
            (119, false, Due::Nothing),
            (120, false, Due::Everything),
        ] {
            assert_eq!(unsent.due(after(seconds), heard), due, "{seconds} s, heard: {heard}");
        }
    }

    #[test]
    fn what_is_typed_without_a_pause_leaves_after_minutes_while_somebody_listens() {
        let unsent = Unsent { last: after(120), ..Unsent::at(after(0)) };
        assert_eq!(unsent.due(after(120), true), Due::Everything);
        assert_eq!(unsent.due(after(121), false), Due::Nothing, "it is on the disk");
        let private = Unsent { only_private: true, last: after(100), ..Unsent::at(after(0)) };
        assert_eq!(private.due(after(119), true), Due::Nothing, "no pause tells that one is being written");
    }
}
