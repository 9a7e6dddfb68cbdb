//! Text as search compares it: what a person would call the same word is the same here, however it was typed.
//!
//! Both sides of a search are folded by [`fold`]: compatibility forms (NFKC, UAX #15), case (full case folding, Unicode 5.18, D144),
//! default-ignorable characters (UAX #44) such as the soft hyphen, and every kind of apostrophe and dash. Letters that differ stay
//! different: ö is not o.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// The text as it is compared.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.chars().map(ascii).collect();
    }
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let is_said = |letter: &char| letter.is_ascii() || !ignorable.contains(*letter);
    let composed: String = in_nfkc(text).chars().filter(is_said).map(mark).collect();
    // Full folding gives İ as i and a dot above it, which i has anyway.
    let folded = CaseMapper::new().fold_string(&composed).replace("i\u{307}", "i");
    in_nfkc(&folded).into_owned()
}

/// NFKC; most texts are in it, which is found out in a fraction of the time.
fn in_nfkc(text: &str) -> Cow<'_, str> {
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfkc().collect()),
    }
}

/// Where a folded word first stands in a text: the bytes of the text that it is.
pub fn find(text: &str, word: &str) -> Option<std::ops::Range<usize>> {
    let (mut folded, mut places) = (String::new(), Vec::new());
    for (at, cluster) in text.grapheme_indices(true) {
        places.push((folded.len(), at));
        folded.push_str(&fold(cluster));
    }
    let begin = folded.find(word)?;
    let end = begin + word.len();
    // A word may begin or end within what one character became: then all of that character is meant.
    let first = places.partition_point(|(folded, _)| *folded <= begin).saturating_sub(1);
    let after = places.partition_point(|(folded, _)| *folded < end);
    let place = |at: usize| places.get(at).map_or(text.len(), |(_, place)| *place);
    Some(place(first)..place(after))
}

fn ascii(letter: char) -> char {
    if letter == '`' { '\'' } else { letter.to_ascii_lowercase() }
}

/// Apostrophes and dashes as the ones on a keyboard.
fn mark(letter: char) -> char {
    match letter {
        '\u{60}' | '\u{B4}' | '\u{2BB}' | '\u{2BC}' | '\u{2BD}' | '\u{2C8}' | '\u{2018}' | '\u{2019}' | '\u{201B}'
        | '\u{2032}' | '\u{5F3}' | '\u{A78B}' | '\u{A78C}' => '\'',
        '\u{2212}' => '-',
        _ if letter.is_ascii() => letter,
        _ if CodePointMapData::<GeneralCategory>::new().get(letter) == GeneralCategory::DashPunctuation => '-',
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_calls_the_same_word_is_the_same() {
        for (one, other) in [
            ("Straße", "STRASSE"),
            ("İstanbul", "istanbul"),
            ("IŞIK", "işik"),
            ("O’Brien", "o'brien"),
            ("Oʼbrien", "O`Brien"),
            ("mother‑in‑law", "mother-in-law"),
            ("Mary—Jane", "mary-jane"),
            ("−5", "-5"),
            ("co\u{AD}operation", "cooperation"),
            ("zero\u{200B}width", "zerowidth"),
            ("Ma\u{308}kinen", "mäkinen"),
            ("ﬁnal", "FINAL"),
            ("ＡＢＣ", "abc"),
            ("ΌΔΟΣ", "όδος"),
            ("MÄKI", "mäki"),
            ("nuit\u{A0}blanche", "nuit blanche"),
            ("שלום׳", "שלום'"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn letters_that_differ_stay_different() {
        for (one, other) in
            [("ö", "o"), ("å", "a"), ("ı", "i"), ("é", "e"), ("ж", "з"), ("が", "か"), ("a-b", "ab"), ("ø", "o")]
        {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
        assert!(!fold("öljy").contains(&fold("o")) && !fold("o\u{308}ljy").contains(&fold("o")));
    }

    #[test]
    fn a_word_is_found_where_it_stands_in_the_text_as_it_was_typed() {
        for (text, word, found) in [
            ("In der Straße", "strasse", "Straße"),
            ("In der Straße", "ass", "aß"),
            ("by co\u{AD}operation", "cooperation", "co\u{AD}operation"),
            ("Ma\u{308}kinen slept", "slept", "slept"),
            ("Ma\u{308}kinen slept", "mä", "Ma\u{308}"),
            ("ﬁnal", "inal", "ﬁnal"),
            ("mother‑in‑law", "-in-", "‑in‑"),
            ("one", "one", "one"),
        ] {
            let place = find(text, &fold(word)).unwrap_or_else(|| panic!("{text} {word}"));
            assert_eq!(&text[place], found, "{text} {word}");
        }
        assert_eq!((find("öljy", "o"), find("", "a"), find("a", "")), (None, None, Some(0..0)));
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for text in ["Straße İstanbul", "O’Brien—‑", "ΌΔΟΣ ﬁ ＡＢＣ", "Ma\u{308}kinen\u{AD}", "`´"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }
}
