//! The device that wants in.

use super::{PairingError, Refused, deframer, frame, kind};
use crate::wire::{Deframer, Raw};

/// The joining device's part of the cryptography.
pub trait JoinerCrypto: Send {
    /// The request; the same bytes each time.
    fn request(&mut self) -> Vec<u8>;
    /// Checks the answer and proves knowledge of the code. Asked once for one answer.
    fn prove(&mut self, answer: &[u8]) -> Result<Vec<u8>, Refused>;
    /// Takes what makes this a device of the practice, durably; a second time changes nothing.
    fn accept(&mut self, welcome: &[u8]) -> Result<(), Refused>;
}

/// What follows from an event.
#[derive(Debug, Default)]
pub struct JoinerEffects {
    /// Bytes to send.
    pub frames: Vec<Vec<u8>>,
    /// It is over. After `Lost`, [`Joiner::connected`] goes on.
    pub outcome: Option<Result<(), PairingError>>,
}

/// The joining machine; outlives its connections.
pub struct Joiner {
    crypto: Box<dyn JoinerCrypto>,
    deframer: Deframer,
    proven: Option<(Vec<u8>, Vec<u8>)>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Away,
    Requested,
    Proven,
    Over,
}

impl Joiner {
    /// A device that has a code and no connection.
    pub fn new(crypto: Box<dyn JoinerCrypto>) -> Self {
        Self { crypto, deframer: deframer(), proven: None, stage: Stage::Away }
    }

    /// The connection stands, for the first time or again.
    pub fn connected(&mut self) -> JoinerEffects {
        let mut effects = JoinerEffects::default();
        if self.stage == Stage::Over {
            return effects;
        }
        self.deframer = deframer();
        self.stage = Stage::Requested;
        match frame(kind::REQUEST, &self.crypto.request()) {
            Ok(bytes) => effects.frames.push(bytes),
            Err(refused) => self.end(Err(refused.into()), &mut effects),
        }
        effects
    }

    /// Whether a connection has ever brought an answer.
    pub fn has_begun(&self) -> bool {
        self.proven.is_some()
    }

    /// Bytes came.
    pub fn received(&mut self, mut bytes: &[u8]) -> JoinerEffects {
        let mut effects = JoinerEffects::default();
        while self.stage != Stage::Over {
            match self.deframer.next(&mut bytes) {
                Ok(None) => break,
                Ok(Some(raw)) => {
                    if let Err(refused) = self.step(raw, &mut effects) {
                        self.end(Err(refused.into()), &mut effects);
                    }
                }
                Err(error) => self.end(Err(error.into()), &mut effects),
            }
        }
        effects
    }

    /// The connection broke.
    pub fn lost(&mut self) -> JoinerEffects {
        let over = self.stage == Stage::Over;
        if !over {
            self.stage = Stage::Away;
        }
        JoinerEffects { outcome: (!over).then_some(Err(PairingError::Lost)), ..JoinerEffects::default() }
    }

    fn step(&mut self, raw: Raw, effects: &mut JoinerEffects) -> Result<(), Refused> {
        match (self.stage, raw.kind) {
            (_, kind::REFUSED) => Err(raw.payload.first().map_or(Refused::Unable, |code| Refused::from_code(*code))),
            (Stage::Requested, kind::ANSWER) => {
                let proof = match &self.proven {
                    Some((answer, proof)) if *answer == raw.payload => proof.clone(),
                    // The inviter answers one request in one way: another answer is another inviter.
                    Some(_) => return Err(Refused::NotAMessage),
                    None => self.crypto.prove(&raw.payload)?,
                };
                effects.frames.push(frame(kind::PROOF, &proof)?);
                self.proven = Some((raw.payload, proof));
                self.stage = Stage::Proven;
                Ok(())
            }
            (Stage::Proven, kind::WELCOME) => {
                self.crypto.accept(&raw.payload)?;
                effects.frames.push(frame(kind::DONE, &[])?);
                self.end(Ok(()), effects);
                Ok(())
            }
            _ => Err(Refused::NotAMessage),
        }
    }

    fn end(&mut self, how: Result<(), PairingError>, effects: &mut JoinerEffects) {
        self.stage = Stage::Over;
        effects.outcome = Some(how);
    }
}
