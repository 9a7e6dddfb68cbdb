//! The time for which the passphrase opens the private notes.
//!
//! A little before it is over the window is told, so that what is typed in one is saved first, which prolongs the time,
//! and everything of them leaves the screen. When they close in any other way, the window is told that they are closed.

use subrosa_core::vault::Millis;

use crate::features::notes::job::sending::send;
use crate::features::notes::messages::NotesEvent;
use crate::jobs::bench::Bench;
use crate::practice;

/// How long before the end the window is told.
const BEFORE: Millis = 5_000;

pub(crate) fn watch_private(bench: &mut Bench) {
    watch_private_at(bench, practice::now());
}

pub(crate) fn watch_private_at(bench: &mut Bench, now: Millis) {
    let until = bench.vault.with(|vault| {
        vault.expire_reauth(now);
        vault.reauth_until()
    });
    let until = until.ok().flatten();
    if until.is_none() && bench.notes.private.open && !bench.vault.is_locked() {
        send(bench);
        bench.answers.send(NotesEvent::PrivateClosed);
    }
    let over = until.filter(|until| until.saturating_sub(now) <= BEFORE);
    if over.is_some() && over != bench.notes.private.told {
        bench.notes.private.told = over;
        bench.answers.send(NotesEvent::PrivateClosing);
    }
    bench.notes.private.open = until.is_some();
}

/// Nothing of the private notes is on the screen any more.
pub(crate) fn close_private(bench: &mut Bench) {
    let over = bench.notes.private.told;
    // They may have been opened again meanwhile, or written in: then they stay open.
    let _ = bench.vault.with(|vault| {
        if vault.reauth_until() == over {
            vault.end_reauth();
        }
    });
    watch_private(bench);
}

#[cfg(test)]
mod tests;
