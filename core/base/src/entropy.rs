//! Where randomness comes from: an argument, never fetched, so that a test can seed it.

/// A source of random bytes.
pub trait Entropy: Send {
    /// Fills the whole slice.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct Os;

impl Entropy for Os {
    fn fill(&mut self, bytes: &mut [u8]) {
        // No key may ever be made from bytes that were not delivered; nothing sensible can go on without them.
        #[expect(clippy::expect_used, reason = "an operating system without randomness cannot run this program")]
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// Fixed-size random bytes, for salts and ids.
pub fn random<const N: usize>(entropy: &mut dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
