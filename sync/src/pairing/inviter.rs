//! The device that shows the code.

use super::{PairingError, Refused, WELCOME_LIMIT, deframer, frame, kind};
use crate::id::{ConnId, EndpointId};
use crate::wire::{Deframer, Raw};

/// The inviting device's part of the cryptography. It also knows how old the code is and how often it was tried.
pub trait InviterCrypto: Send {
    /// Answers a request, in place of an earlier one from the same end.
    fn answer(&mut self, request: &[u8], joiner: EndpointId) -> Result<Vec<u8>, Refused>;
    /// What this end was answered is of no use any more.
    fn forget(&mut self, joiner: EndpointId);
    /// Checks the proof that follows what this end was answered, which is used up by it.
    fn introduced(&mut self, proof: &[u8], joiner: EndpointId) -> Result<Introduced, Refused>;
    /// The person said yes: admits the device, durably, and returns what it needs, in at most so many bytes. When it would be
    /// more, or anything else fails, nobody has been admitted.
    fn welcome(&mut self, most: usize) -> Result<Vec<u8>, Refused>;
    /// The new device has said that it has everything.
    fn settled(&mut self);
}

/// A device that has the code.
#[derive(Clone, PartialEq, Eq)]
pub struct Introduced {
    /// The name that it gives itself.
    pub name: String,
    /// What its screen shows too: in words, to be compared.
    pub compare: String,
}

impl std::fmt::Debug for Introduced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Introduced")
    }
}

/// What follows from an event.
#[derive(Debug, Default)]
pub struct InviterEffects {
    /// Bytes to send over a connection.
    pub frames: Vec<(ConnId, Vec<u8>)>,
    /// Connections to close once they are sent.
    pub close: Vec<ConnId>,
    /// The person is to be asked about this device.
    pub ask: Option<Introduced>,
    /// The invitation is over.
    pub outcome: Option<Result<(), PairingError>>,
}

/// Ends that may be heard at once before one has proven that it knows the code; of more, the oldest give way.
pub(super) const UNPROVEN: usize = 8;

/// The inviting machine; lives as long as its code.
///
/// Anybody on the network can connect and ask. So several are heard beside each other, each answered for itself, and the first
/// proof decides who it is.
pub struct Inviter {
    crypto: Box<dyn InviterCrypto>,
    /// The connections in use, the newest of each end, the oldest first.
    candidates: Vec<Candidate>,
    /// What was said and answered, by end, the oldest first; kept for when a connection breaks.
    attempts: Vec<Attempt>,
    proven: Option<Proven>,
    over: bool,
}

struct Candidate {
    conn: ConnId,
    remote: EndpointId,
    deframer: Deframer,
    proven: bool,
}

struct Attempt {
    remote: EndpointId,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// The device that knows the code.
struct Proven {
    attempt: Attempt,
    proof: Vec<u8>,
    welcome: Option<Vec<u8>>,
}

impl Inviter {
    /// An invitation that nobody has answered.
    pub fn new(crypto: Box<dyn InviterCrypto>) -> Self {
        Self { crypto, candidates: Vec::new(), attempts: Vec::new(), proven: None, over: false }
    }

    /// A device has connected. It takes the place of an earlier connection from the same end, which may be dead; one that has
    /// proven to know the code gives way to nobody else.
    pub fn connected(&mut self, conn: ConnId, remote: EndpointId) -> InviterEffects {
        if self.candidates.iter().any(|candidate| candidate.proven && candidate.remote != remote) {
            return InviterEffects { close: vec![conn], ..InviterEffects::default() };
        }
        let earlier = self.candidates.extract_if(.., |candidate| candidate.remote == remote);
        let mut close: Vec<_> = earlier.map(|candidate| candidate.conn).collect();
        let beyond = (self.candidates.len() + 1).saturating_sub(UNPROVEN);
        close.extend(self.candidates.drain(..beyond).map(|candidate| candidate.conn));
        self.candidates.push(Candidate { conn, remote, deframer: deframer(), proven: false });
        InviterEffects { close, ..InviterEffects::default() }
    }

    /// Bytes came.
    pub fn received(&mut self, conn: ConnId, mut bytes: &[u8]) -> InviterEffects {
        let mut effects = InviterEffects::default();
        while let Some(candidate) = self.candidates.iter_mut().find(|candidate| candidate.conn == conn) {
            let remote = candidate.remote;
            let step = match candidate.deframer.next(&mut bytes) {
                Ok(None) => break,
                Ok(Some(raw)) => self.step(raw, conn, remote, &mut effects),
                Err(_) => Err(Refused::NotAMessage),
            };
            if let Err(refused) = step {
                self.refuse(conn, refused, &mut effects);
            }
        }
        effects
    }

    /// The connection broke: the invitation waits for the next one.
    pub fn lost(&mut self, conn: ConnId) {
        self.candidates.retain(|candidate| candidate.conn != conn);
    }

    /// The person has answered the question asked through [`InviterEffects::ask`].
    pub fn decided(&mut self, yes: bool) -> InviterEffects {
        let mut effects = InviterEffects::default();
        if self.over || self.proven.as_ref().is_none_or(|proven| proven.welcome.is_some()) {
            return effects;
        }
        let step = if yes { self.admit(&mut effects) } else { Err(Refused::ByPerson) };
        if let Err(refused) = step {
            if let Some(conn) = self.proven_conn() {
                self.refuse(conn, refused, &mut effects);
            }
            // The code belongs to this device, and nobody is asked about it twice.
            self.end(refused, &mut effects);
        }
        effects
    }

    /// Whether the new device was admitted, though it may not have said yet that it knows.
    pub fn has_admitted(&self) -> bool {
        self.proven.as_ref().is_some_and(|proven| proven.welcome.is_some())
    }

    /// The connection of the device that knows the code, while it stands.
    fn proven_conn(&self) -> Option<ConnId> {
        self.candidates.iter().find(|candidate| candidate.proven).map(|candidate| candidate.conn)
    }

    fn step(
        &mut self,
        raw: Raw,
        conn: ConnId,
        remote: EndpointId,
        effects: &mut InviterEffects,
    ) -> Result<(), Refused> {
        if self.over {
            return Err(Refused::UsedUp);
        }
        match raw.kind {
            kind::REQUEST => self.request(raw.payload, conn, remote, effects),
            kind::PROOF => self.proof(raw.payload, conn, remote, effects),
            kind::DONE if self.has_admitted() && self.proven_conn() == Some(conn) => {
                self.crypto.settled();
                self.over = true;
                effects.close.extend(self.candidates.drain(..).map(|candidate| candidate.conn));
                effects.outcome = Some(Ok(()));
                Ok(())
            }
            _ => Err(Refused::NotAMessage),
        }
    }

    fn request(
        &mut self,
        request: Vec<u8>,
        conn: ConnId,
        remote: EndpointId,
        effects: &mut InviterEffects,
    ) -> Result<(), Refused> {
        let is_same = |attempt: &&Attempt| attempt.remote == remote && attempt.request == request;
        let proven = self.proven.as_ref().map(|proven| &proven.attempt);
        if let Some(attempt) = proven.into_iter().chain(&self.attempts).find(is_same) {
            effects.frames.push((conn, frame(kind::ANSWER, &attempt.answer)?));
            return Ok(());
        }
        if self.proven.is_some() {
            return Err(Refused::UsedUp);
        }
        let answer = self.crypto.answer(&request, remote)?;
        effects.frames.push((conn, frame(kind::ANSWER, &answer)?));
        self.attempts.retain(|attempt| attempt.remote != remote);
        self.attempts.push(Attempt { remote, request, answer });
        let beyond = self.attempts.len().saturating_sub(UNPROVEN);
        self.attempts.drain(..beyond).for_each(|attempt| self.crypto.forget(attempt.remote));
        Ok(())
    }

    fn proof(
        &mut self,
        proof: Vec<u8>,
        conn: ConnId,
        remote: EndpointId,
        effects: &mut InviterEffects,
    ) -> Result<(), Refused> {
        match &self.proven {
            Some(proven) if proven.attempt.remote != remote => return Err(Refused::NotAMessage),
            Some(proven) if proven.proof != proof => return Err(Refused::WrongCode),
            Some(_) => {}
            None => {
                let at = self.attempts.iter().position(|attempt| attempt.remote == remote);
                // What was answered is used up, whatever becomes of it.
                let attempt = at.map(|at| self.attempts.remove(at)).ok_or(Refused::NotAMessage)?;
                effects.ask = Some(self.crypto.introduced(&proof, remote)?);
                self.proven = Some(Proven { attempt, proof, welcome: None });
                self.send_others_away(conn, effects);
            }
        }
        self.candidates.iter_mut().filter(|candidate| candidate.conn == conn).for_each(|it| it.proven = true);
        if let Some(welcome) = self.proven.as_ref().and_then(|proven| proven.welcome.as_ref()) {
            effects.frames.push((conn, frame(kind::WELCOME, welcome)?));
        }
        Ok(())
    }

    /// The first proof decides: nobody else is heard any more.
    fn send_others_away(&mut self, conn: ConnId, effects: &mut InviterEffects) {
        self.attempts.drain(..).for_each(|attempt| self.crypto.forget(attempt.remote));
        let others: Vec<_> = self.candidates.iter().map(|other| other.conn).filter(|other| *other != conn).collect();
        others.into_iter().for_each(|other| self.refuse(other, Refused::UsedUp, effects));
    }

    fn admit(&mut self, effects: &mut InviterEffects) -> Result<(), Refused> {
        let welcome = self.crypto.welcome(WELCOME_LIMIT)?;
        if let Some(conn) = self.proven_conn() {
            effects.frames.push((conn, frame(kind::WELCOME, &welcome)?));
        }
        if let Some(proven) = &mut self.proven {
            proven.welcome = Some(welcome);
        }
        Ok(())
    }

    /// Tells the other side why, closes, and ends the invitation if no other attempt can succeed.
    fn refuse(&mut self, conn: ConnId, refused: Refused, effects: &mut InviterEffects) {
        self.lost(conn);
        effects.frames.extend(frame(kind::REFUSED, &[refused.code()]).ok().map(|bytes| (conn, bytes)));
        effects.close.push(conn);
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
