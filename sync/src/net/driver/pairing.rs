//! A device joins: what the machines of pairing decide, carried out.

use super::{Driver, JOIN_ATTEMPTS};
use crate::id::ConnId;
use crate::net::pipe::Purpose;
use crate::net::{Event, NetError};
use crate::pairing::{InviterEffects, JoinerEffects, PairingError};

impl Driver {
    pub(super) fn join_again(&mut self) {
        let Some(joining) = &mut self.joining else { return };
        if joining.attempts >= JOIN_ATTEMPTS {
            let why = if joining.machine.has_begun() { PairingError::Lost.into() } else { NetError::NotReached };
            return self.joining_failed(why);
        }
        joining.attempts += 1;
        self.dialler.dial(joining.peer.clone(), Purpose::Pair);
    }

    pub(super) fn joining_failed(&mut self, why: NetError) {
        if let Some(joining) = self.joining.take() {
            // Whoever asked may have stopped waiting.
            let _ = joining.reply.send(Err(why));
        }
    }

    pub(super) fn invited(&mut self, effects: InviterEffects) {
        for (conn, frame) in effects.frames {
            self.send(conn, frame);
        }
        effects.close.into_iter().for_each(|conn| self.close(conn));
        if let Some(introduced) = effects.ask {
            (self.events)(Event::PairingAsks(introduced));
        }
        if let Some(outcome) = effects.outcome {
            (self.events)(Event::PairingEnded(outcome));
        }
    }

    pub(super) fn joined(&mut self, conn: ConnId, effects: JoinerEffects) {
        effects.frames.into_iter().for_each(|frame| self.send(conn, frame));
        if let Some(outcome) = effects.outcome {
            self.close(conn);
            if let Some(joining) = self.joining.take() {
                // Whoever asked may have stopped waiting.
                let _ = joining.reply.send(outcome.map_err(NetError::from));
            }
        }
    }
}
