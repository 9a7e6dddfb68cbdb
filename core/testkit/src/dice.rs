//! Seeded chance: what happens in a test, and the randomness that a vault is given in one.

use subrosa_base::entropy::Entropy;
use subrosa_base::id::DocId;

/// SplitMix64: small, and the same on every machine. No randomness for anything but a test.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that roll the same for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.bits() % u64::try_from(sides).unwrap()).unwrap()
    }

    /// Whether something happens that happens `of` times in a hundred.
    pub fn happens(&mut self, of: usize) -> bool {
        self.roll(100) < of
    }

    /// One of them; `None` when there is none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        (!from.is_empty()).then(|| &from[self.roll(from.len())])
    }

    /// Puts them into another order.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.roll(last + 1));
        }
    }

    /// An id of something that does not exist yet.
    pub fn id(&mut self) -> DocId {
        DocId::random(self)
    }

    /// Other dice, which roll on their own.
    pub fn other(&mut self) -> Self {
        Self(self.bits())
    }
}

impl Entropy for Dice {
    fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            let bits = self.bits().to_le_bytes();
            part.copy_from_slice(&bits[..part.len()]);
        }
    }
}
