//! The end of a conversation with a device that was removed, on either side.

use super::{Effects, Session, SessionError, World};
use crate::wire::{Frame, limits};

impl Session {
    /// The last word to a peer that was removed: what it brought is kept, and it is told why nothing comes back.
    pub(super) fn part(&mut self, world: &mut World<'_>, effects: &mut Effects) -> Result<(), SessionError> {
        if let Some(peer) = self.peer {
            let mut parts = world.greeting.farewell(&peer, limits::FAREWELL)?.into_iter();
            let mut next = parts.next();
            while let Some(part) = next {
                next = parts.next();
                effects.frames.push(Frame::Removed { more: next.is_some(), part }.encode()?);
            }
        }
        Err(SessionError::RemovedThere)
    }

    /// Takes a part of what the peer says to one that was removed. The last of them must have made that plain.
    pub(super) fn hear_farewell(&mut self, more: bool, part: &[u8], world: &mut World<'_>) -> Result<(), SessionError> {
        if world.greeting.told(part)? {
            return Err(SessionError::RemovedHere);
        }
        self.farewells += 1;
        if more && self.farewells < limits::FAREWELL_PARTS { Ok(()) } else { Err(SessionError::OutOfTurn) }
    }
}
