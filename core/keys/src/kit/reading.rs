//! Finds the recovery line in what was typed or pasted and, when it is not as it was printed, the group that differs.
//!
//! A line is taken when its checksum fits, and never put right: a slip that is found is told by the number of its group, and
//! the letters come from the paper again. Four letters after the beginning cannot stand there, and each looks like one that can: O is
//! read as 0, B as 8, I and 1 as L.
//!
//! The checksum tells any four wrong letters of the line, so one that a single letter puts right has one slip, or four and
//! more: two or three slips are never told as one.

use zeroize::Zeroizing;

use super::bech32::{self, CHECKSUM_LEN, LETTERS, as_printed};
use super::proof::GROUP;
use super::{IDENTITY, KitError};
use crate::secret::{KEY_LEN, Key, RecoveryRole};

/// How a line begins when everything but letters and digits is taken out of it, and before the 1 that ends the beginning.
const BEGINNING: &[u8] = b"agesecretkeypq";
/// Letters of a line after the beginning: 32 bytes as groups of 5 bits, and the checksum.
const LINE: usize = (KEY_LEN * 8).div_ceil(5) + CHECKSUM_LEN;
/// Letters of the first group, which has what is left over.
const FIRST: usize = LINE % GROUP;
const GROUPS: usize = LINE.div_ceil(GROUP);
/// Letters that may be too many before they count as a text around the line, and too few before they count as none.
const TOLERATED: usize = GROUP;
/// Digits that a text without the beginning must have to count as a line; one line in 100,000 has fewer.
const DIGITS: usize = 4;

/// Reads the line, from wherever it stands in the text.
pub(super) fn read(text: &str) -> Result<Key<RecoveryRole>, KitError> {
    let typed = Typed::of(text);
    let parts = typed.after_beginnings();
    let read = parts.iter().find_map(|part| part.after_separator().read().or_else(|| part.read()));
    match (read, parts.last()) {
        (Some(seed), _) => Ok(seed),
        (None, Some(part)) => Err(part.after_separator().slip()),
        (None, None) => typed.whole().read_bare(),
    }
}

/// The letters that were typed so far, in the groups of the page. As long as they can be those of the beginning, there are none.
pub(super) fn typed_groups(text: &str) -> Vec<Zeroizing<String>> {
    let typed = Typed::of(text);
    if BEGINNING.starts_with(&typed.letters) {
        return Vec::new();
    }
    let part = typed.after_beginnings().last().map_or(typed.whole(), |part| part.after_separator());
    let Groups { letters, lengths } = part.by_numbers().unwrap_or_else(|| part.by_count());
    let mut rest = letters.iter();
    let group = |length: usize| {
        let mut group = Zeroizing::new(String::with_capacity(length));
        group.extend(rest.by_ref().take(length).map(|letter| char::from(letter.to_ascii_uppercase())));
        group
    };
    lengths.into_iter().map(group).collect()
}

/// The letters and digits of a text, small, and whether each begins a piece: it follows something else.
struct Typed {
    letters: Zeroizing<Vec<u8>>,
    begins: Vec<bool>,
}

impl Typed {
    fn of(text: &str) -> Self {
        let mut typed =
            Self { letters: Zeroizing::new(Vec::with_capacity(text.len())), begins: Vec::with_capacity(text.len()) };
        let mut begins = true;
        for letter in text.bytes() {
            if letter.is_ascii_alphanumeric() {
                typed.letters.push(letter.to_ascii_lowercase());
                typed.begins.push(begins);
            }
            begins = !letter.is_ascii_alphanumeric();
        }
        typed
    }

    fn whole(&self) -> Stretch<'_> {
        Stretch { letters: &self.letters, begins: &self.begins }
    }

    /// What follows each beginning of a line.
    fn after_beginnings(&self) -> Vec<Stretch<'_>> {
        let windows = self.letters.windows(BEGINNING.len()).enumerate();
        let found = windows.filter(|(_, window)| *window == BEGINNING);
        found.map(|(at, _)| self.whole().from(at + BEGINNING.len())).collect()
    }
}

/// Some letters of a text, from one of them on.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    letters: &'a [u8],
    begins: &'a [bool],
}

impl<'a> Stretch<'a> {
    fn from(self, at: usize) -> Self {
        let (letters, begins) = (self.letters.get(at..), self.begins.get(at..));
        Self { letters: letters.unwrap_or_default(), begins: begins.unwrap_or_default() }
    }

    /// As many letters as a line can have, with its numbers and those that are too many, and one more where more stand there.
    fn of_line(self) -> Self {
        let most = LINE + GROUPS + TOLERATED + 1;
        let (letters, begins) = (self.letters.get(..most), self.begins.get(..most));
        Self { letters: letters.unwrap_or(self.letters), begins: begins.unwrap_or(self.begins) }
    }

    /// Without the 1 between the beginning and the letters, or what looks like it.
    fn after_separator(self) -> Self {
        match self.letters.first() {
            Some(b'1') => self.from(1),
            Some(b'i' | b'l') if self.letters.len() > LINE => self.from(1),
            _ => self,
        }
    }

    /// The line that this begins with.
    fn read(&self) -> Option<Key<RecoveryRole>> {
        let numbered = || self.numbered().and_then(|groups| read_line(&groups.letters));
        read_line(self.letters).or_else(numbered)
    }

    /// The line that this is, where nothing says that it is one.
    fn read_bare(self) -> Result<Key<RecoveryRole>, KitError> {
        let last = self.letters.len().checked_sub(LINE).map(|at| self.from(at));
        if let Some(seed) = self.read().or_else(|| last.and_then(|last| last.read())) {
            return Ok(seed);
        }
        let count = self.letters.len();
        let digits = self.letters.iter().filter(|letter| letter.is_ascii_digit()).count();
        let is_line = (LINE - TOLERATED..=LINE + TOLERATED).contains(&count) && digits >= DIGITS;
        Err(if is_line || self.numbered().is_some() { self.slip() } else { KitError::NothingThere })
    }

    /// What is not as it was printed.
    fn slip(&self) -> KitError {
        let groups = self.numbered().unwrap_or_else(|| self.pieces());
        let (letters, count) = (&groups.letters, groups.letters.len());
        // More may stand behind the line.
        let in_line = letters.get(..LINE).and_then(slip_in).map(KitError::SlipIn);
        if count == LINE || count > LINE + TOLERATED {
            return in_line.unwrap_or(KitError::Slip);
        }
        let wrong_length = if count < LINE { KitError::TooFew } else { KitError::TooMany };
        let group = groups.odd_one().or_else(|| slip_in(letters)).map(wrong_length);
        group.or(in_line).unwrap_or(KitError::Length(count))
    }

    /// The letters piece by piece.
    fn pieces(&self) -> Groups {
        let part = self.of_line();
        let mut groups = Groups::with_room(part.letters.len());
        for (place, (letter, begins)) in part.letters.iter().zip(part.begins).enumerate() {
            if *begins || place == 0 {
                groups.begin();
            }
            groups.push(*letter);
        }
        groups
    }

    /// The letters in groups of the lengths that were printed.
    fn by_count(&self) -> Groups {
        let part = self.of_line();
        let mut groups = Groups::with_room(part.letters.len());
        for letter in part.letters {
            let full =
                groups.lengths.iter().enumerate().next_back().is_none_or(|(place, length)| *length == expected(place));
            if full {
                groups.begin();
            }
            groups.push(*letter);
        }
        groups
    }

    /// The letters of the whole line group by group, when each group stands behind its number.
    fn numbered(&self) -> Option<Groups> {
        self.by_numbers().filter(|groups| groups.lengths.len() == GROUPS)
    }

    /// The letters group by group, when the groups stand behind their numbers as on the page: each a piece of its own, or at the head
    /// of its group.
    fn by_numbers(&self) -> Option<Groups> {
        let mut rest = self.of_line();
        let mut groups = Groups::with_room(rest.letters.len());
        while !rest.letters.is_empty() {
            let len = 1 + rest.begins.iter().skip(1).take_while(|begins| !**begins).count();
            let (piece, after) = rest.letters.split_at_checked(len)?;
            let number = groups.lengths.len();
            let is_number = piece.first() == b"12345678".get(number);
            if is_number && (len == 1 || len == expected(number) + 1) {
                groups.begin();
                piece.iter().skip(1).for_each(|letter| groups.push(*letter));
            } else if number == 0 {
                return None;
            } else {
                piece.iter().for_each(|letter| groups.push(*letter));
            }
            rest = rest.from(rest.letters.len() - after.len());
        }
        Some(groups)
    }
}

/// Letters in groups, as they were typed.
struct Groups {
    letters: Zeroizing<Vec<u8>>,
    lengths: Vec<usize>,
}

impl Groups {
    fn with_room(letters: usize) -> Self {
        Self { letters: Zeroizing::new(Vec::with_capacity(letters)), lengths: Vec::new() }
    }

    fn begin(&mut self) {
        self.lengths.push(0);
    }

    fn push(&mut self, letter: u8) {
        self.letters.push(as_printed(letter));
        if let Some(length) = self.lengths.last_mut() {
            *length += 1;
        }
    }

    /// The one group that is not as long as it was printed, when there are as many groups as were printed.
    fn odd_one(&self) -> Option<u8> {
        let lengths = self.lengths.iter().enumerate();
        let mut odd = lengths.filter(|(place, length)| **length != expected(*place)).map(|(place, _)| place);
        let (first, second) = (odd.next()?, odd.next());
        (self.lengths.len() == GROUPS && second.is_none()).then(|| number(first))
    }
}

/// Letters of the group at this place, from 0.
fn expected(place: usize) -> usize {
    if place == 0 { FIRST } else { GROUP }
}

/// The number of the group at this place, as the page counts them.
fn number(place: usize) -> u8 {
    u8::try_from(place + 1).unwrap_or(u8::MAX)
}

/// The number of the group in which this letter of the line stands.
fn group_of(letter: usize) -> u8 {
    number((letter + GROUP - FIRST) / GROUP)
}

/// The line that these letters begin with, when its checksum fits.
fn read_line(letters: &[u8]) -> Option<Key<RecoveryRole>> {
    let letters = letters.get(..LINE)?;
    let mut whole = Zeroizing::new(String::with_capacity(IDENTITY.len() + 1 + LINE));
    whole.push_str(IDENTITY);
    whole.push('1');
    whole.extend(letters.iter().map(|letter| char::from(as_printed(*letter))));
    Key::from_slice(&bech32::decode(IDENTITY, &whole)?)
}

/// The group in which the line has its one slip: another letter, a letter that is missing or too many, or two neighbours that
/// are swapped. `None` when no such slip explains the letters, or several in different groups do.
fn slip_in(letters: &[u8]) -> Option<u8> {
    let mut trial = Zeroizing::new(Vec::with_capacity(LINE + 1));
    trial.extend_from_slice(letters);
    let mut groups = Vec::new();
    match letters.len().checked_sub(LINE - 1)? {
        0 => missing(&mut trial, &mut groups),
        1 => {
            other(&mut trial, &mut groups);
            swapped(&mut trial, &mut groups);
        }
        2 => surplus(&mut trial, &mut groups),
        _ => {}
    }
    groups.dedup();
    let [group] = groups.as_slice() else { return None };
    Some(*group)
}

fn other(trial: &mut [u8], groups: &mut Vec<u8>) {
    for at in 0..trial.len() {
        let Some(typed) = trial.get(at).copied() else { return };
        for letter in LETTERS.bytes().filter(|letter| *letter != typed) {
            set(trial, at, letter);
            if fits(trial) {
                groups.push(group_of(at));
            }
        }
        set(trial, at, typed);
    }
}

fn swapped(trial: &mut [u8], groups: &mut Vec<u8>) {
    for at in 1..trial.len() {
        let Some([one, two]) = trial.get(at - 1..=at).and_then(|pair| pair.first_chunk::<2>().copied()) else { return };
        set(trial, at - 1, two);
        set(trial, at, one);
        if fits(trial) {
            groups.extend([group_of(at - 1), group_of(at)]);
        }
        set(trial, at - 1, one);
        set(trial, at, two);
    }
}

fn missing(trial: &mut Vec<u8>, groups: &mut Vec<u8>) {
    for at in 0..=trial.len() {
        for letter in LETTERS.bytes() {
            trial.insert(at, letter);
            if fits(trial) {
                groups.push(group_of(at));
            }
            trial.remove(at);
        }
    }
}

fn surplus(trial: &mut Vec<u8>, groups: &mut Vec<u8>) {
    for at in 0..trial.len() {
        let letter = trial.remove(at);
        if fits(trial) {
            // One between two groups may have been typed with either.
            groups.extend([group_of(at.saturating_sub(1)), group_of(at.min(LINE - 1))]);
        }
        trial.insert(at, letter);
    }
}

fn set(trial: &mut [u8], at: usize, letter: u8) {
    trial.iter_mut().skip(at).take(1).for_each(|place| *place = letter);
}

fn fits(letters: &[u8]) -> bool {
    bech32::fits(IDENTITY, letters)
}
