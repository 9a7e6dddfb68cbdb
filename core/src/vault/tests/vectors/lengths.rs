//! Vectors of lengths that tell little: of padded bodies, and of files in pieces.

use super::*;
use crate::blob::{LENGTH_MAX, Layout, PIECE};
use crate::padding::padme;

impl Vectors {
    /// What is padded, and to what.
    pub(super) fn lengths(&mut self) {
        for len in [2, 3, 7, 8, 9, 15, 17, 100, 1_000, 65_537, 1_000_000, 123_456_789] {
            self.gives(&format!("Padmé of {len}"), "padme", &[json!(len)], padme(len));
        }
        for len in [1, 864, 865, 1_888, 1_889, 40_000, 65_376, 65_377, 70_000, 1_000_000] {
            self.gives(&format!("a body of {len} bytes, padded"), "pad", &[json!(len)], log::padded_len(len));
        }
        let whole = u64::try_from(PIECE).unwrap();
        for len in [0, 1, 2_048, 2_049, 6_144, 6_145, whole, whole + 1, 40 << 20, 1_000_000_000, LENGTH_MAX] {
            let Layout { pieces, size } = Layout::of(len).unwrap();
            self.gives(&format!("a file of {len} bytes"), "pieces", &[json!(len)], json!([pieces, size]));
        }
    }
}
