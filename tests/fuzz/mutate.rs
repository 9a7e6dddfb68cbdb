//! Changes that a hostile hand, or a failing disk, makes to real bytes.

use subrosa_tests::dice::Dice;

/// The longest input that is made.
const LONGEST: usize = 96 << 10;
/// Numbers at which counts and lengths tend to be wrong.
const NUMBERS: [u64; 12] =
    [0, 1, 2, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 40, u64::MAX];
/// Pieces that mean something to one parser or another.
const WORDS: [&[u8]; 18] = [
    b"\"",
    b",",
    b"\n---\n",
    b"\r\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"&a *a",
    b"\0",
    b"\xFF\xFE",
    b"\xEF\xBB\xBF",
    b"../",
    b"AGE-SECRET-KEY-PQ-1",
    b"-> ",
    b"\x85oJ\x83",
    b"1e999",
];

/// One to eight changes, one after the other.
pub(crate) fn mutate(input: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.roll(8) {
        change(&mut bytes, other, dice);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let at = dice.roll(bytes.len() + 1);
    let bits = dice.roll(12);
    let len = 1 + dice.roll(1 << bits);
    let end = (at + len).min(bytes.len());
    match dice.roll(11) {
        0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << dice.roll(8)),
        1 => over(bytes, at, &[dice.bits().to_le_bytes()[0]]),
        2 => {
            let number = number(bytes.len(), dice).to_le_bytes();
            over(bytes, at, &number[..[1, 2, 4, 8][dice.roll(4)]]);
        }
        3 => {
            let number = number(bytes.len(), dice).to_string();
            over(bytes, at, number.as_bytes());
        }
        4 => drop(bytes.drain(at..end)),
        5 => bytes.truncate(at),
        6 => {
            let again = bytes[at..end].repeat(1 + dice.roll(4));
            insert(bytes, dice.roll(bytes.len() + 1), &again);
        }
        7 => {
            let from = dice.roll(other.len() + 1);
            let part = &other[from..(from + len).min(other.len())];
            if dice.happens(50) { insert(bytes, at, part) } else { over(bytes, at, part) }
        }
        8 => bytes[at..end].reverse(),
        9 => insert(bytes, at, WORDS[dice.roll(WORDS.len())]),
        _ => insert(bytes, at, &vec![dice.bits().to_le_bytes()[0]; len]),
    }
}

/// One of the numbers above, or one near the length of what there is.
fn number(len: usize, dice: &mut Dice) -> u64 {
    match dice.roll(NUMBERS.len() + 3) {
        near @ 0..3 => (len as u64).wrapping_add(near as u64).wrapping_sub(1),
        at => NUMBERS[at - 3],
    }
}

fn over(bytes: &mut [u8], at: usize, with: &[u8]) {
    bytes[at..].iter_mut().zip(with).for_each(|(to, from)| *to = *from);
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}
