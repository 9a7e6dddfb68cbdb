//! Versions and actors, without a type of the library underneath.

use automerge::{ActorId, ChangeHash};
use serde::{Deserialize, Serialize};
use subrosa_base::entropy::{self, Entropy};
use subrosa_base::id::{DeviceId, Hash};

/// Who wrote a change: the device, and 8 random bytes, fresh for each document and unlock, so that a restored copy of a
/// vault never goes on under an actor that another copy uses. A change counts only when it came from its actor's device:
/// nobody writes in another's name, or takes the number that another's next change will have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(pub [u8; Actor::LEN]);

impl Actor {
    /// Bytes of an actor.
    pub const LEN: usize = DeviceId::LEN + 8;

    /// Who reads, and writes nothing.
    pub const NOBODY: Self = Self([0; Self::LEN]);

    /// A fresh actor of a device.
    pub fn fresh(device: DeviceId, entropy: &mut dyn Entropy) -> Self {
        let mut actor = Self::NOBODY;
        let random: [u8; 8] = entropy::random(entropy);
        actor.0.iter_mut().zip(device.0.into_iter().chain(random)).for_each(|(to, from)| *to = from);
        actor
    }

    /// The device that writes under it.
    pub fn device(&self) -> DeviceId {
        self.0.first_chunk().copied().map(DeviceId).unwrap_or(DeviceId([0; DeviceId::LEN]))
    }

    pub(super) fn from_automerge(actor: &ActorId) -> Option<Self> {
        actor.to_bytes().try_into().ok().map(Self)
    }
}

/// A version of a document: the hashes of its newest changes, sorted, each once. Two devices at the same version have
/// equal heads, and equal bytes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Hash>")]
pub struct Heads(Vec<Hash>);

impl Heads {
    /// The hashes, sorted.
    pub fn hashes(&self) -> &[Hash] {
        &self.0
    }

    /// The hashes one after the other: 32 bytes each, in order.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| hash.0).collect()
    }

    /// Reads what [`Self::to_bytes`] wrote; anything else, unsorted hashes included, is refused.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let hashes: Vec<Hash> = bytes.chunks(Hash::LEN).map(Hash::from_slice).collect::<Option<_>>()?;
        hashes.is_sorted_by(|a, b| a < b).then_some(Self(hashes))
    }

    pub(super) fn from_automerge(hashes: &[ChangeHash]) -> Self {
        hashes.iter().map(|hash| Hash(hash.0)).collect::<Vec<_>>().into()
    }

    pub(super) fn to_automerge(&self) -> Vec<ChangeHash> {
        self.0.iter().map(|hash| ChangeHash(hash.0)).collect()
    }
}

impl From<Vec<Hash>> for Heads {
    fn from(mut hashes: Vec<Hash>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_have_one_encoding_whatever_their_order() {
        let (a, b) = (Hash([1; 32]), Hash([2; 32]));
        let heads = Heads::from(vec![b, a, b]);
        assert_eq!(heads, Heads::from(vec![a, b]));
        assert_eq!(Heads::from_bytes(&heads.to_bytes()), Some(heads));
        assert_eq!(Heads::from_bytes(&[]), Some(Heads::default()));
    }

    #[test]
    fn heads_cut_short_unsorted_or_doubled_are_refused() {
        let (a, b) = ([1; 32], [2; 32]);
        for bytes in [[b, a].concat(), [a, a].concat(), a[..31].to_vec(), [a, b].concat()[..63].to_vec()] {
            assert_eq!(Heads::from_bytes(&bytes), None);
        }
    }
}
