//! What taking in an envelope costs: bytes of memory that were asked for while it was taken in, all together and at one time. Both
//! are counted for the thread alone, so that they are the same in each run.

use std::collections::BTreeMap;

use super::lies::{Lie, Told};
use crate::id::Hash;
use crate::vault::tests::NOW;
use crate::vault::{Taken, Vault};

/// Bytes that an envelope may hold at one time.
const MEMORY: u64 = 64 << 20;
/// Bytes that an honest envelope asks for: so many for itself, and so many for each byte of its body. See
/// `what_an_honest_envelope_costs`.
pub(super) const HONEST: (u64, u64) = (6 << 20, 550);
/// How much more another may ask for.
const TIMES: u64 = 10;

/// What envelopes of each lie cost.
#[derive(Default)]
pub(super) struct Costs {
    /// The most of each lie: bytes of the body, bytes asked for, bytes held at one time.
    pub(super) most: BTreeMap<Lie, (usize, u64, u64)>,
    /// Whether a document was made large: what is said in it costs as much when an honest device says it.
    pub(super) large: bool,
}

impl Costs {
    /// Has a device take bodies in, and counts what that costs.
    pub(super) fn of_lie(&mut self, lie: Lie, to: &mut Vault, bodies: &[(Hash, Vec<u8>)]) -> Vec<Taken> {
        let mut taken = None;
        let counted = allocation_counter::measure(|| taken = Some(to.log_mut().offer_bodies(bodies, NOW)));
        let len = bodies.iter().map(|(_, body)| body.len()).sum();
        let most = self.most.entry(lie).or_default();
        if counted.bytes_total > most.1 {
            *most = (len, counted.bytes_total, counted.bytes_max);
        }
        let honest = HONEST.0 + HONEST.1 * len as u64;
        let is_compared = !self.large || lie.told() == Told::Rarely;
        assert!(
            !is_compared || counted.bytes_total <= TIMES * honest,
            "{lie:?}: {len} bytes ask for {}",
            counted.bytes_total
        );
        assert!(counted.bytes_max <= MEMORY, "{lie:?}: {len} bytes hold {}", counted.bytes_max);
        taken.unwrap().unwrap()
    }

    /// Notes what a list of so many bytes cost.
    pub(super) fn list(&mut self, lie: Lie, len: usize, bytes: u64) {
        let most = self.most.entry(lie).or_default();
        if bytes > most.1 {
            *most = (len, bytes, 0);
        }
    }
}
