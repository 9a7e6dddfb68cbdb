//! The page that is printed and put away, as plain text: the same words as the PDF, in letters that every printer has.

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::instructions::{INTRODUCTION, Item, SECTIONS, Section, WITHOUT};
use super::{groups, identity_text};
use crate::id::Hash;
use crate::secret::{Key, RecoveryRole};
use crate::wrap::WrapPublic;

/// Letters on a line.
const WIDTH: usize = 80;
/// Groups beside each other.
const IN_A_ROW: usize = 4;
const TITLE: &str = "RECOVERY KIT\n============\n\n";
const LINE: &str = "\nThe recovery line, one line of 77 characters:\n\n";
/// The letters after the beginning, to find the groups that are asked for.
const GROUPS: &str = "\n\nThe same letters in groups, counted, without how the line begins:\n";

/// The recovery kit as plain text: for which practice, of which day, the line itself, and what to do with it.
///
/// `practice` is an id, never a name: the page may be found by a stranger.
pub fn kit_text(seed: &Key<RecoveryRole>, practice: &str, date: Date) -> Zeroizing<String> {
    let line = identity_text(seed);
    let number = number_of(seed);
    let mut text = Zeroizing::new(String::with_capacity(8192));
    text.push_str(TITLE);
    paragraph(&mut text, "", "", INTRODUCTION);
    for part in ["\nPractice   ", practice, "\nMade on    ", &date.to_string(), "\nKit number ", &number, "\n"] {
        text.push_str(part);
    }
    for part in [LINE, line.as_str(), GROUPS] {
        text.push_str(part);
    }
    for (place, group) in groups(&line).into_iter().skip(1).enumerate() {
        text.push_str(if place.is_multiple_of(IN_A_ROW) { "\n  " } else { "   " });
        text.push_str(&format!("{}: ", place + 1));
        text.push_str(group);
    }
    text.push('\n');
    SECTIONS.iter().chain(&WITHOUT).for_each(|part| section(&mut text, part));
    text
}

/// What a paper shows of its kit's number: it tells one kit of a practice from another without giving anything of it away.
pub fn kit_number(number: &Hash) -> String {
    number.to_string().chars().take(8).collect()
}

pub(super) fn number_of(seed: &Key<RecoveryRole>) -> String {
    kit_number(&WrapPublic::of(seed).fingerprint())
}

fn section(text: &mut String, section: &Section) {
    text.push('\n');
    paragraph(text, "", "", section.heading);
    for item in section.items {
        match item {
            Item::Say(words) => paragraph(text, "  - ", "    ", words),
            Item::Run(command) => paragraph(text, "        ", "        ", command),
        }
    }
}

/// A paragraph in lines of [`WIDTH`] letters: what stands before its first line, and before the others.
fn paragraph(text: &mut String, first: &str, others: &str, words: &str) {
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in plain(words).split(' ') {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = others.to_owned();
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    text.push_str(&line);
    text.push('\n');
}

/// Without the signs of typesetting that some printers lack.
fn plain(words: &str) -> String {
    words.replace(['“', '”'], "\"").replace('’', "'").replace('…', "...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_broken_between_words_and_nothing_of_it_is_lost() {
        let words = "word ".repeat(100) + "“end…”";
        let mut text = String::new();
        paragraph(&mut text, "  - ", "    ", &words);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("  - word") && lines[1..].iter().all(|line| line.starts_with("    w")));
        assert!(lines.iter().all(|line| line.len() <= WIDTH && !line.ends_with(' ')));
        assert_eq!(text.matches("word").count(), 100);
        assert!(text.ends_with(" \"end...\"\n"));
    }
}
