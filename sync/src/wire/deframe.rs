//! Cuts a stream of bytes into frames.
//!
//! A length over the limit is refused as soon as its five bytes are there; memory grows only with bytes that arrived;
//! frames of unknown kinds are dropped while they arrive.

use super::{Frame, WireError, kind, limits};

/// One frame, not yet parsed.
#[derive(Debug, PartialEq, Eq)]
pub struct Raw {
    /// The kind byte.
    pub kind: u8,
    /// The payload; empty for a kind that is not known.
    pub payload: Vec<u8>,
}

impl Raw {
    /// Parses it.
    pub fn parse(&self) -> Result<Frame, WireError> {
        Frame::parse(self.kind, &self.payload)
    }
}

/// The state between two arrivals of bytes.
#[derive(Debug)]
pub struct Deframer {
    /// The most that a payload of a kind may have; `None` for a kind that is not known.
    limit: fn(u8) -> Option<usize>,
    head: Vec<u8>,
    frame: Option<PartialFrame>,
}

#[derive(Debug)]
struct PartialFrame {
    raw: Raw,
    left: usize,
    known: bool,
}

/// For the frames of a session.
impl Default for Deframer {
    fn default() -> Self {
        Self::new(|kind| is_known(kind).then(|| limits::payload(kind)))
    }
}

fn is_known(kind: u8) -> bool {
    let named = [kind::FRONTIER..=kind::DONE, kind::PIECES..=kind::LACKS, kind::REMOVED..=kind::ADDRESSES];
    named.iter().any(|kinds| kinds.contains(&kind))
}

impl Deframer {
    pub(crate) fn new(limit: fn(u8) -> Option<usize>) -> Self {
        Self { limit, head: Vec::new(), frame: None }
    }

    /// Takes bytes from the front of `input` up to the end of one frame, and returns that frame if it is whole.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Raw>, WireError> {
        if self.frame.is_none() {
            let Some(head) = self.head(input) else { return Ok(None) };
            self.frame = Some(PartialFrame::begin(head, self.limit)?);
        }
        if self.frame.as_mut().is_some_and(|frame| frame.fill(input)) {
            return Ok(self.frame.take().map(|frame| frame.raw));
        }
        Ok(None)
    }

    /// Of the frame that is on its way, its kind and how much of it came.
    pub fn under_way(&self) -> Option<(u8, usize)> {
        self.frame.as_ref().map(|frame| (frame.raw.kind, frame.raw.payload.len()))
    }

    /// Whether a frame has begun and not ended: a stream that stops here was cut.
    pub fn inside_a_frame(&self) -> bool {
        self.frame.is_some() || !self.head.is_empty()
    }

    fn head(&mut self, input: &mut &[u8]) -> Option<[u8; 5]> {
        let missing = 5usize.saturating_sub(self.head.len());
        self.head.extend_from_slice(take(input, missing));
        let head = self.head.first_chunk().copied()?;
        self.head.clear();
        Some(head)
    }
}

impl PartialFrame {
    fn begin([a, b, c, d, kind]: [u8; 5], known: fn(u8) -> Option<usize>) -> Result<Self, WireError> {
        let length = u32::from_le_bytes([a, b, c, d]);
        let limit = u32::try_from(1 + known(kind).unwrap_or(limits::UNKNOWN)).unwrap_or(u32::MAX);
        match usize::try_from(length).ok().and_then(|length| length.checked_sub(1)) {
            Some(left) if length <= limit => {
                Ok(Self { raw: Raw { kind, payload: Vec::new() }, left, known: known(kind).is_some() })
            }
            _ => Err(WireError::Length { kind, length, limit }),
        }
    }

    /// Whether the frame is whole now.
    fn fill(&mut self, input: &mut &[u8]) -> bool {
        let bytes = take(input, self.left);
        self.left -= bytes.len();
        if self.known {
            self.raw.payload.extend_from_slice(bytes);
        }
        self.left == 0
    }
}

fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    taken
}
