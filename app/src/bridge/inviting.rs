//! The inviting device's part of pairing, over the open practice.
//!
//! The vault admits only while its second box is open, which asking for the passphrase has opened; the invitation counts
//! the minutes and the tries.

use std::collections::BTreeMap;

use subrosa_core::entropy::Os;
use subrosa_core::pairing::{Endpoints, Invitation, Inviter, InviterAsking, PairingError};
use subrosa_core::roster::DeviceCard;
use subrosa_sync::id::EndpointId;
use subrosa_sync::pairing::{Introduced, InviterCrypto, Refused};

use super::shared::{Clock, Shared};

/// Answers whoever has the code.
pub(super) struct PairingInviter {
    vault: Shared,
    clock: Clock,
    own: EndpointId,
    invitation: Invitation,
    /// Who was answered and has not proven anything. As many as the network part hears at once.
    answered: BTreeMap<EndpointId, Inviter>,
    /// The device that has the code.
    asking: Option<InviterAsking>,
}

impl PairingInviter {
    pub(super) fn new(vault: Shared, clock: Clock, own: EndpointId, invitation: Invitation) -> Self {
        Self { vault, clock, own, invitation, answered: BTreeMap::new(), asking: None }
    }
}

impl InviterCrypto for PairingInviter {
    fn answer(&mut self, request: &[u8], joiner: EndpointId) -> Result<Vec<u8>, Refused> {
        let endpoints = Endpoints { joiner: joiner.0, inviter: self.own.0 };
        let answered = self.invitation.answer(endpoints, request, (self.clock)(), &mut Os);
        let (inviter, answer) = answered.map_err(refused)?;
        self.answered.insert(joiner, inviter);
        Ok(answer)
    }

    fn forget(&mut self, joiner: EndpointId) {
        self.answered.remove(&joiner);
    }

    fn introduced(&mut self, proof: &[u8], joiner: EndpointId) -> Result<Introduced, Refused> {
        let inviter = self.answered.remove(&joiner).ok_or(Refused::NotAMessage)?;
        let asking = self.invitation.introduced(inviter, proof, (self.clock)()).map_err(refused)?;
        let card = DeviceCard::parse(asking.introduction()).map_err(|_| Refused::NotAMessage)?;
        // Who asks in time may be let in a while later: the person compares words first.
        self.vault.with(|vault| vault.extend_reauth((self.clock)())).map_err(|_| Refused::Unable)?;
        let compare = asking.compare().to_string();
        self.asking = Some(asking);
        Ok(Introduced { name: card.name, compare })
    }

    fn welcome(&mut self, most: usize) -> Result<Vec<u8>, Refused> {
        let asking = self.asking.as_ref().ok_or(Refused::NotAMessage)?;
        let now = (self.clock)();
        let admitted = self.vault.with(|vault| {
            vault.expire_reauth(now);
            vault.devices_mut().admit(asking.introduction(), most, now)
        });
        match admitted {
            Ok(Ok(welcome)) => Ok(asking.welcome(&welcome, &mut Os)),
            _ => Err(Refused::Unable),
        }
    }

    fn settled(&mut self) {
        self.asking = None;
    }
}

/// The words of the one side for those of the other.
pub(super) fn refused(error: PairingError) -> Refused {
    match error {
        PairingError::WrongCode => Refused::WrongCode,
        PairingError::Expired => Refused::Expired,
        PairingError::Used => Refused::UsedUp,
        PairingError::Burnt => Refused::Burnt,
        PairingError::NotAMessage | PairingError::Damaged => Refused::NotAMessage,
        _ => Refused::Unable,
    }
}
