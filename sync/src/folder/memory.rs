//! What a device remembers of a folder from one start to the next.

use std::collections::BTreeMap;

use super::batch::Listing;
use super::statement::Statement;
use crate::id::{ObjectHash, PeerId, WriterTag};

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    /// Under which this device writes.
    pub(super) tag: WriterTag,
    /// Its last statement's number; 0 before the first.
    pub(super) number: u64,
    /// The name of its last statement that was seen to lie in the folder.
    pub(super) lies: Option<ObjectHash>,
    /// The name of its last statement, whether it came to lie there or not.
    pub(super) written: Option<ObjectHash>,
    /// A digest of what that said.
    pub(super) said: ObjectHash,
    /// Its batches, the oldest first.
    pub(super) batches: Vec<(ObjectHash, Listing)>,
    /// The number of the last statement of each other device.
    pub(super) heard: BTreeMap<PeerId, u64>,
}

const VERSION: u8 = 1;

impl Memory {
    pub(super) fn new(tag: WriterTag) -> Self {
        let said = ObjectHash([0; 32]);
        Self { tag, number: 0, lies: None, written: None, said, batches: Vec::new(), heard: BTreeMap::new() }
    }

    /// `version ‖ tag ‖ lies or zeros ‖ written or zeros ‖ said ‖ count u16 ‖ (peer ‖ number) each ‖` a statement with its number and batches alone.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.tag.0);
        for name in [self.lies, self.written] {
            bytes.extend(name.unwrap_or(ObjectHash([0; 32])).0);
        }
        bytes.extend(self.said.0);
        bytes.extend(u16::try_from(self.heard.len()).unwrap_or(u16::MAX).to_le_bytes());
        for (peer, number) in self.heard.iter().take(usize::from(u16::MAX)) {
            bytes.extend(peer.0);
            bytes.extend(number.to_le_bytes());
        }
        let own = Statement { number: self.number, batches: self.batches.clone(), ..Statement::default() };
        // What was written within the limits is within them still.
        bytes.extend(own.encode().unwrap_or_default());
        bytes
    }

    /// `None` where it is anything else: then everything is looked at anew.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&[VERSION])?;
        let tag = WriterTag(take(&mut rest)?);
        let mut name = || take(&mut rest).map(ObjectHash);
        let [lies, written] = [name()?, name()?].map(|name| Some(name).filter(|name| name.0 != [0; 32]));
        let said = name()?;
        let count = u16::from_le_bytes(take(&mut rest)?);
        let heard: Option<_> =
            (0..count).map(|_| Some((PeerId(take(&mut rest)?), u64::from_le_bytes(take(&mut rest)?)))).collect();
        let heard = heard?;
        let Statement { number, batches, .. } = Statement::parse(rest)?;
        Some(Self { tag, number, lies, written, said, batches, heard })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PieceHash;

    #[test]
    fn a_memory_comes_back_and_cut_or_changed_in_form_it_is_none() {
        let listing = Listing { positions: Vec::new(), pieces: [PieceHash([5; 32])].into() };
        let memory = Memory {
            number: 9,
            lies: Some(ObjectHash([2; 32])),
            written: Some(ObjectHash([4; 32])),
            batches: vec![(ObjectHash([1; 32]), listing)],
            heard: [(PeerId([3; 16]), 4)].into(),
            ..Memory::new(WriterTag([7; 8]))
        };
        let bytes = memory.to_bytes();
        assert_eq!(Memory::of_bytes(&bytes), Some(memory.clone()));
        assert!((0..bytes.len()).all(|cut| Memory::of_bytes(&bytes[..cut]).is_none_or(|it| it != memory)));
        assert_eq!(Memory::of_bytes(&[&[2], &bytes[1..]].concat()), None);
        let new = Memory::new(WriterTag([1; 8]));
        assert_eq!(Memory::of_bytes(&new.to_bytes()), Some(new));
    }
}
