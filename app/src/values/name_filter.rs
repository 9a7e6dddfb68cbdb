//! Finding a name by what is typed of it: every word, in any order, as letters without their marks. Whoever types *makinen*
//! means Mäkinen too.

use subrosa_core::fold::fold;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What was typed.
#[derive(Clone, Default)]
pub struct NameFilter(Vec<String>);

impl NameFilter {
    /// The words of what was typed.
    pub fn new(typed: &str) -> Self {
        Self(typed.split_whitespace().map(plain).collect())
    }

    /// Nothing was typed.
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every word stands in the text; nothing stands in every text.
    pub fn is_in(&self, text: &str) -> bool {
        if self.is_nothing() {
            return true;
        }
        let text = plain(text);
        self.0.iter().all(|word| text.contains(word.as_str()))
    }
}

/// Folded as for a search of notes, and without marks: whoever looks for a name may not have its letters on the keyboard.
fn plain(text: &str) -> String {
    let folded = fold(text);
    if folded.is_ascii() { folded } else { folded.nfkd().filter(|letter| !is_combining_mark(*letter)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_counts_in_any_order_and_without_its_marks() {
        let name = "Aino-Mari Mäkinen";
        for typed in ["", "  ", "makinen", "MÄKI", "mäkinen aino", "mari mak", "Ma\u{308}kinen"] {
            assert!(NameFilter::new(typed).is_in(name), "{typed}");
        }
        for typed in ["mäkinenaino", "aino virtanen", "makkinen"] {
            assert!(!NameFilter::new(typed).is_in(name), "{typed}");
        }
        assert!(NameFilter::new("лед").is_in("Фёдор Ледов"));
        assert!(NameFilter::new("федор").is_in("Фёдор Ледов"));
        assert!(NameFilter::new("佐").is_in("佐藤 花子"));
        assert!(NameFilter::new("nguyen").is_in("Nguyễn Thị"));
        assert!(NameFilter::new("o'brien").is_in("Mary O’Brien") && NameFilter::new("strauss").is_in("Strauß"));
    }
}
