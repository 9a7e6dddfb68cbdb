//! Which characters may stand in what somebody else wrote and the screen shows as a name, and what is left of one that holds others.
//!
//! Refused: control characters, and those that reorder, join or hide what stands beside them: with them a file ends in
//! `fdp.exe` and reads `exe.pdf`, and two names that differ look alike.

use std::borrow::Cow;

/// Whether a name or a file name shows as what it is, on one line.
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(hides)
}

/// The same for a text of several lines.
pub fn is_plain_text(text: &str) -> bool {
    text.lines().all(|line| is_plain(&line.replace('\t', " ")))
}

/// Letters of a name or a code that are shown.
const SHOWN_MAX: usize = 120;
/// Letters at the end that stay when a text is shortened: the ending of a file's name is what tells a letter from a program, and
/// a person's name says at its end whose family they are.
const END: usize = 16;

/// The name of a person, or a code, as a list can show it: one line in one direction, not longer than a line, without what cannot be
/// seen. Never empty, unless nothing was given.
pub fn shown_name(name: &str) -> Cow<'_, str> {
    if name.len() <= SHOWN_MAX && is_plain(name) {
        return Cow::Borrowed(name);
    }
    let spaced = name.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter });
    let plain: String = spaced.filter(|letter| !deceives(*letter)).collect();
    let plain = if plain.trim().is_empty() && !name.trim().is_empty() { "\u{FFFD}" } else { plain.trim() };
    Cow::Owned(shortened(plain, SHOWN_MAX, |text| text.chars().count()))
}

/// Controls, line ends, marks that turn or hide text. Joiners stay: Persian and many pictures need them.
pub(crate) fn deceives(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Cuts letters out before the last few, until it is short enough.
pub(crate) fn shortened(text: &str, most: usize, measure: impl Fn(&str) -> usize) -> String {
    if measure(text) <= most {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let (mut begin, end) = letters.split_at(letters.len().saturating_sub(END));
    // What is longer than that by far is cut without measuring each of its letters.
    begin = begin.get(..most.min(begin.len())).unwrap_or(begin);
    loop {
        let short: String = begin.iter().chain(&['…']).chain(end).collect();
        match begin.split_last() {
            Some((_, shorter)) if measure(&short) > most => begin = shorter,
            _ => return short,
        }
    }
}

/// What deceives, and joiners and fillers that no name needs where two must be told apart.
fn hides(c: char) -> bool {
    deceives(c)
        || matches!(c,
            '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200C}' | '\u{200D}'
            | '\u{3164}' | '\u{FFA0}' | '\u{E0080}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_people_and_files_pass() {
        for text in ["Maija Mäkelä", "Åsa O’Brien-Ng", "李小龙", "Lähete 2026 (1).pdf", "نور"] {
            assert!(is_plain(text), "{text}");
        }
        assert!(is_plain_text("Two lines\nand a\ttab\r\n"));
    }

    #[test]
    fn a_name_is_shown_on_one_line_and_in_one_direction() {
        for name in ["Maija Mäkelä", "", "نور علی", "葛\u{E0100}城", "می\u{200C}خواهم"] {
            assert_eq!(shown_name(name), name);
        }
        for (name, shown) in [
            ("An\u{202E}na\nBerg ", "Anna Berg"),
            ("Mäki\u{AD}nen", "Mäkinen"),
            ("a\u{1B}[2J", "a[2J"),
            ("\u{202E}", "\u{FFFD}"),
        ] {
            assert_eq!(shown_name(name), shown);
        }
        let long = format!("{} Berg", "å".repeat(5_000));
        assert_eq!(shown_name(&long).chars().count(), SHOWN_MAX);
        assert!(shown_name(&long).ends_with(" Berg"));
    }

    #[test]
    fn what_hides_or_reorders_does_not() {
        for text in ["a\u{202E}fdp.exe", "a\u{200B}b", "a\nb", "a\u{7}b", "\u{FEFF}a", "a\u{2066}b", "a\tb"] {
            assert!(!is_plain(text), "{text:?}");
        }
        assert!(!is_plain_text("one\nt\u{202E}wo") && !is_plain_text("a\u{1B}[2J"));
    }
}
