//! Where each of the two can be reached: said before the frontier, and again whenever it changes.

use super::{Effects, SessionError};
use crate::address::Addresses;
use crate::wire::{Frame, limits};

#[derive(Default)]
pub(super) struct Places {
    /// What the peer was told last.
    told: Addresses,
    /// How often the peer said it.
    heard: u64,
}

impl Places {
    /// Says where this device can be reached, if that is not what was said last.
    pub(super) fn tell(&mut self, own: &Addresses, effects: &mut Effects) -> Result<(), SessionError> {
        if self.told != *own {
            self.told = own.clone();
            effects.frames.push(Frame::Addresses(own.clone()).encode()?);
        }
        Ok(())
    }

    /// Hears where the peer can be reached.
    pub(super) fn hear(&mut self, addresses: Addresses, effects: &mut Effects) -> Result<(), SessionError> {
        self.heard += 1;
        if self.heard > limits::ADDRESS_NEWS {
            return Err(SessionError::WantsWithoutEnd);
        }
        effects.addresses = Some(addresses);
        Ok(())
    }
}
