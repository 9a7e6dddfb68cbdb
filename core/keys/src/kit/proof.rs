//! Proving the paper: some groups of the recovery line are typed back from it. Which ones is drawn anew each time, and what is
//! kept is a hash, never the letters.
//!
//! What was put off ends: a kit that is not proven within a week is treated as one that was never printed.

use subrosa_base::codec::{Reader, Writer};
use subrosa_base::entropy::{self, Entropy};
use subrosa_base::id::Hash;
use subrosa_base::labels;
use subrosa_base::time::{DAY, Millis};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::bech32::as_printed;
use super::identity_text;
use crate::kdf;
use crate::secret::{Key, RecoveryRole};

/// Letters before the first group: `AGE-SECRET-KEY-PQ-1`, which say nothing.
const HEAD: usize = 19;
/// Letters in a group; the first has what is left over.
pub(super) const GROUP: usize = 8;
/// Groups that are asked for.
const ASKED: usize = 2;
/// Days that proving can be put off.
const DAYS: u64 = 7;

/// The recovery line in groups that can be copied by hand: how it begins, then its letters.
pub fn groups(line: &str) -> Vec<&str> {
    let (head, mut letters) = line.split_at_checked(HEAD).unwrap_or((line, ""));
    let mut groups = vec![head];
    while !letters.is_empty() {
        let len = match letters.len() % GROUP {
            0 => GROUP,
            rest => rest,
        };
        let Some((group, rest)) = letters.split_at_checked(len) else { break };
        groups.push(group);
        letters = rest;
    }
    groups
}

/// A question about the paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    /// Which groups, in their order; the first group of letters after the beginning is 1.
    pub groups: Vec<u8>,
    salt: [u8; 16],
    answer: Hash,
}

impl Question {
    /// Asks for two whole groups of this kit.
    pub fn draw(kit: &Key<RecoveryRole>, entropy: &mut dyn Entropy) -> Self {
        let line = identity_text(kit);
        let all: Vec<&str> = groups(&line);
        // The first group of letters is shorter than the others.
        let mut left: Vec<u8> = (2..).take(all.len().saturating_sub(2)).collect();
        let mut chosen = Vec::with_capacity(ASKED);
        while chosen.len() < ASKED && !left.is_empty() {
            let number = u64::from_le_bytes(entropy::random(entropy));
            let at = number.checked_rem(u64::try_from(left.len()).unwrap_or(1)).unwrap_or_default();
            chosen.push(left.swap_remove(usize::try_from(at).unwrap_or_default()));
        }
        chosen.sort_unstable();
        let letters: Zeroizing<String> =
            Zeroizing::new(chosen.iter().filter_map(|at| all.get(usize::from(*at)).copied()).collect());
        let salt = entropy::random(entropy);
        let answer = answer_hash(&salt, &letters);
        Self { groups: chosen, salt, answer }
    }

    /// Whether this is what stands there. Spaces, hyphens, case and letters that are read as those they look like do not matter; the
    /// comparison takes the same time for all.
    pub fn fits(&self, typed: &str) -> bool {
        answer_hash(&self.salt, typed).0.ct_eq(&self.answer.0).into()
    }

    /// As it is kept until it is answered.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.lp(&self.groups).bytes(&self.salt).bytes(&self.answer.0);
        writer.finish()
    }

    /// Reads what was kept.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let groups = reader.lp(ASKED).ok()?.to_vec();
        let question = Self { groups, salt: reader.array().ok()?, answer: Hash(reader.array().ok()?) };
        reader.finish().ok()?;
        Some(question)
    }
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Question")
    }
}

/// How it stands with the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KitState {
    /// Somebody typed from it.
    Proven,
    /// Put off, with so many days left; said once a day.
    Waiting(u8),
    /// Put off for too long: nothing else is offered before it is proven, or made anew.
    Due,
}

/// What follows from when a kit was made and when it was proven. A clock that went back gives no more than the whole week.
pub fn kit_state(made: Millis, proven: Option<Millis>, now: Millis) -> KitState {
    let days = now.saturating_sub(made) / DAY;
    match (proven, DAYS.checked_sub(days)) {
        (Some(_), _) => KitState::Proven,
        (None, None | Some(0)) => KitState::Due,
        (None, Some(left)) => KitState::Waiting(u8::try_from(left).unwrap_or(u8::MAX)),
    }
}

fn answer_hash(salt: &[u8; 16], typed: &str) -> Hash {
    let mut letters = Zeroizing::new(String::with_capacity(typed.len()));
    let typed = typed.bytes().filter(u8::is_ascii_alphanumeric);
    letters.extend(typed.map(|letter| char::from(as_printed(letter).to_ascii_uppercase())));
    kdf::hash(labels::KIT_ANSWER, &[salt, letters.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use subrosa_base::entropy::Os;

    fn kit() -> Key<RecoveryRole> {
        Key::take(&mut std::array::from_fn(|at| u8::try_from(at * 7).unwrap()))
    }

    #[test]
    fn the_groups_are_the_whole_line() {
        let line = identity_text(&kit());
        let groups = groups(&line);
        assert_eq!(groups.concat(), *line);
        assert_eq!(groups[0], "AGE-SECRET-KEY-PQ-1");
        assert!(groups[2..].iter().all(|group| group.len() == 8) && groups.len() == 9);
    }

    #[test]
    fn the_groups_that_are_asked_for_fit_and_no_others() {
        let line = identity_text(&kit());
        let all = groups(&line);
        for _ in 0..200 {
            let question = Question::parse(&Question::draw(&kit(), &mut Os).to_bytes()).unwrap();
            let [one, two] = question.groups.clone().try_into().unwrap();
            let (one, two) = (all[usize::from(one)], all[usize::from(two)]);
            assert!(one != two && one.len() == 8 && two.len() == 8);
            assert!(
                question.fits(&format!("{one}{two}")) && question.fits(&format!(" {} {two}\n", one.to_lowercase()))
            );
            let almost = format!("{one}{}", &two[..7]);
            for wrong in ["", one, two, &format!("{two}{one}"), &line, &almost] {
                assert!(!question.fits(wrong));
            }
        }
    }

    #[test]
    fn every_group_is_asked_for_some_day_and_what_is_kept_has_no_letter_of_it() {
        let line = identity_text(&kit());
        let all = groups(&line);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let question = Question::draw(&kit(), &mut Os);
            let kept = question.to_bytes();
            assert!(
                all.iter().all(|group| !kept.windows(4).any(|window| group.as_bytes().windows(4).any(|w| w == window)))
            );
            seen.extend(question.groups);
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn a_kit_can_be_put_off_for_seven_days() {
        let made = 1_790_000_000_000;
        assert_eq!(kit_state(made, None, made), KitState::Waiting(7));
        assert_eq!(kit_state(made, None, made + DAY), KitState::Waiting(6));
        assert_eq!(kit_state(made, None, made + 7 * DAY - 1), KitState::Waiting(1));
        assert_eq!(kit_state(made, None, made + 7 * DAY), KitState::Due);
        assert_eq!(kit_state(made, Some(made + 30 * DAY), made + 60 * DAY), KitState::Proven);
        assert_eq!(kit_state(made, None, made - DAY), KitState::Waiting(7));
    }
}
