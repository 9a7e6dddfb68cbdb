//! The device that shows the code.

use super::{PairingError, Refused, WELCOME_LIMIT, deframer, frame, kind};
use crate::id::{ConnId, EndpointId};
use crate::wire::{Deframer, Raw};

/// The inviting device's part of the cryptography. It also knows how old the code is and how often it was tried.
pub trait InviterCrypto: Send {
    /// Answers a request.
    fn answer(&mut self, request: &[u8], joiner: EndpointId) -> Result<Vec<u8>, Refused>;
    /// Checks the proof and returns the name that the new device gives itself.
    fn introduced(&mut self, proof: &[u8]) -> Result<String, Refused>;
    /// The person said yes: admits the device, durably, and returns what it needs, in at most so many bytes. When it would be
    /// more, or anything else fails, nobody has been admitted.
    fn welcome(&mut self, most: usize) -> Result<Vec<u8>, Refused>;
    /// The new device has said that it has everything.
    fn settled(&mut self);
}

/// What follows from an event.
#[derive(Debug, Default)]
pub struct InviterEffects {
    /// Bytes to send over a connection.
    pub frames: Vec<(ConnId, Vec<u8>)>,
    /// A connection to close once they are sent.
    pub close: Option<ConnId>,
    /// The person is to be asked about the device of this name.
    pub ask: Option<String>,
    /// The invitation is over.
    pub outcome: Option<Result<(), PairingError>>,
}

/// The inviting machine; lives as long as its code.
pub struct Inviter {
    crypto: Box<dyn InviterCrypto>,
    candidate: Option<Candidate>,
    attempt: Option<Attempt>,
    over: bool,
}

/// The connection in use: the newest one.
struct Candidate {
    conn: ConnId,
    remote: EndpointId,
    deframer: Deframer,
    proven: bool,
}

/// What was said and answered, kept for when a connection breaks.
struct Attempt {
    remote: EndpointId,
    request: Vec<u8>,
    answer: Vec<u8>,
    proof: Option<Vec<u8>>,
    welcome: Option<Vec<u8>>,
}

impl Inviter {
    /// An invitation that nobody has answered.
    pub fn new(crypto: Box<dyn InviterCrypto>) -> Self {
        Self { crypto, candidate: None, attempt: None, over: false }
    }

    /// A device has connected. It takes the place of an earlier connection, which may be dead; but one that has proven to
    /// know the code gives way to nobody but itself.
    pub fn connected(&mut self, conn: ConnId, remote: EndpointId) -> InviterEffects {
        if self.candidate.as_ref().is_some_and(|candidate| candidate.proven && candidate.remote != remote) {
            return InviterEffects { close: Some(conn), ..InviterEffects::default() };
        }
        let candidate = Candidate { conn, remote, deframer: deframer(), proven: false };
        let close = self.candidate.replace(candidate).map(|old| old.conn);
        InviterEffects { close, ..InviterEffects::default() }
    }

    /// Bytes came.
    pub fn received(&mut self, conn: ConnId, mut bytes: &[u8]) -> InviterEffects {
        let mut effects = InviterEffects::default();
        while let Some(candidate) = self.candidate.as_mut().filter(|candidate| candidate.conn == conn) {
            let step = match candidate.deframer.next(&mut bytes) {
                Ok(None) => break,
                Ok(Some(raw)) => self.step(raw, &mut effects),
                Err(_) => Err(Refused::NotAMessage),
            };
            if let Err(refused) = step {
                self.refuse(refused, &mut effects);
            }
        }
        effects
    }

    /// The connection broke: the invitation waits for the next one.
    pub fn lost(&mut self, conn: ConnId) {
        self.candidate.take_if(|candidate| candidate.conn == conn);
    }

    /// The person has answered the question asked through [`InviterEffects::ask`].
    pub fn decided(&mut self, yes: bool) -> InviterEffects {
        let mut effects = InviterEffects::default();
        if self.over || !self.attempt.as_ref().is_some_and(|it| it.proof.is_some() && it.welcome.is_none()) {
            return effects;
        }
        let step = if yes { self.admit(&mut effects) } else { Err(Refused::ByPerson) };
        if let Err(refused) = step {
            self.refuse(refused, &mut effects);
            // The code belongs to this device, and nobody is asked about it twice.
            self.end(refused, &mut effects);
        }
        effects
    }

    /// Whether the new device was admitted, though it may not have said yet that it knows.
    pub fn has_admitted(&self) -> bool {
        self.attempt.as_ref().is_some_and(|attempt| attempt.welcome.is_some())
    }

    fn step(&mut self, raw: Raw, effects: &mut InviterEffects) -> Result<(), Refused> {
        if self.over {
            return Err(Refused::UsedUp);
        }
        match raw.kind {
            kind::REQUEST => self.request(raw.payload, effects),
            kind::PROOF => self.proof(raw.payload, effects),
            kind::DONE if self.has_admitted() && self.candidate.as_ref().is_some_and(|candidate| candidate.proven) => {
                self.crypto.settled();
                self.over = true;
                effects.close = self.candidate.take().map(|candidate| candidate.conn);
                effects.outcome = Some(Ok(()));
                Ok(())
            }
            _ => Err(Refused::NotAMessage),
        }
    }

    fn request(&mut self, request: Vec<u8>, effects: &mut InviterEffects) -> Result<(), Refused> {
        let Some(candidate) = &mut self.candidate else { return Ok(()) };
        let same = self.attempt.as_ref().is_some_and(|it| it.request == request && it.remote == candidate.remote);
        if !same {
            if self.attempt.as_ref().is_some_and(|attempt| attempt.proof.is_some()) {
                return Err(Refused::UsedUp);
            }
            let answer = self.crypto.answer(&request, candidate.remote)?;
            self.attempt = Some(Attempt { remote: candidate.remote, request, answer, proof: None, welcome: None });
        }
        if let Some(attempt) = &self.attempt {
            effects.frames.push((candidate.conn, frame(kind::ANSWER, &attempt.answer)?));
        }
        Ok(())
    }

    fn proof(&mut self, proof: Vec<u8>, effects: &mut InviterEffects) -> Result<(), Refused> {
        let (Some(candidate), Some(attempt)) = (&mut self.candidate, &mut self.attempt) else {
            return Err(Refused::NotAMessage);
        };
        if candidate.remote != attempt.remote {
            return Err(Refused::NotAMessage);
        }
        match &attempt.proof {
            None => match self.crypto.introduced(&proof) {
                Ok(name) => {
                    effects.ask = Some(name);
                    attempt.proof = Some(proof);
                }
                // What was answered to it is used up.
                Err(refused) => {
                    self.attempt = None;
                    return Err(refused);
                }
            },
            Some(accepted) if *accepted != proof => return Err(Refused::WrongCode),
            Some(_) => {}
        }
        candidate.proven = true;
        if let Some(welcome) = &attempt.welcome {
            effects.frames.push((candidate.conn, frame(kind::WELCOME, welcome)?));
        }
        Ok(())
    }

    fn admit(&mut self, effects: &mut InviterEffects) -> Result<(), Refused> {
        let welcome = self.crypto.welcome(WELCOME_LIMIT)?;
        if let Some(candidate) = self.candidate.as_ref().filter(|candidate| candidate.proven) {
            effects.frames.push((candidate.conn, frame(kind::WELCOME, &welcome)?));
        }
        if let Some(attempt) = &mut self.attempt {
            attempt.welcome = Some(welcome);
        }
        Ok(())
    }

    /// Tells the other side why, closes, and ends the invitation if no other attempt can succeed.
    fn refuse(&mut self, refused: Refused, effects: &mut InviterEffects) {
        if let Some(candidate) = self.candidate.take() {
            effects.frames.extend(frame(kind::REFUSED, &[refused.code()]).ok().map(|bytes| (candidate.conn, bytes)));
            effects.close = Some(candidate.conn);
        }
        if refused.ends_the_invitation() {
            self.end(refused, effects);
        }
    }

    fn end(&mut self, refused: Refused, effects: &mut InviterEffects) {
        if !self.over && !self.has_admitted() {
            self.over = true;
            effects.outcome = Some(Err(refused.into()));
        }
    }
}
