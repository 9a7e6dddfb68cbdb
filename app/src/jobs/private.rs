//! The time for which the passphrase opens the private notes.
//!
//! A little before it is over the window is told, so that what is typed in one is saved first, which prolongs the time,
//! and everything of them leaves the screen. When they close in any other way, the window is told that they are closed.

use subrosa_core::vault::Millis;

use crate::event::Event;
use crate::jobs::worker::Worker;
use crate::practice;

/// How long before the end the window is told.
const BEFORE: Millis = 5_000;

/// What the window knows of it.
#[derive(Default)]
pub(super) struct PrivateTime {
    /// They were open when this was last looked at.
    open: bool,
    /// The end that the window was told of.
    told: Option<Millis>,
}

impl Worker {
    pub(super) fn watch_private(&mut self) {
        self.watch_private_at(practice::now());
    }

    fn watch_private_at(&mut self, now: Millis) {
        let until = self.vault.with(|vault| {
            vault.close_again(now);
            vault.again_until()
        });
        let until = until.ok().flatten();
        if until.is_none() && self.private.open && !self.vault.is_locked() {
            self.answers.send(Event::PrivateClosed);
        }
        let over = until.filter(|until| until.saturating_sub(now) <= BEFORE);
        if over.is_some() && over != self.private.told {
            self.private.told = over;
            self.answers.send(Event::PrivateClosing);
        }
        self.private.open = until.is_some();
    }

    /// Nothing of the private notes is on the screen any more.
    pub(super) fn close_private(&mut self) {
        let over = self.private.told;
        // They may have been opened again meanwhile, or written in: then they stay open.
        let _ = self.vault.with(|vault| {
            if vault.again_until() == over {
                vault.forget_again();
            }
        });
        self.watch_private();
    }
}

#[cfg(test)]
mod tests;
