//! The templates that a new note can begin with.

/// A template: its name, and its headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// As stored with the note, and as shown.
    pub name: &'static str,
    /// The headings, in order.
    pub headings: &'static [&'static str],
}

/// Every template, the one for a new note first.
pub const FORMATS: [Format; 4] = [
    Format { name: "SOAP", headings: &["Subjective", "Objective", "Assessment", "Plan"] },
    Format { name: "DAP", headings: &["Data", "Assessment", "Plan"] },
    Format { name: "BIRP", headings: &["Behaviour", "Intervention", "Response", "Plan"] },
    Format { name: "Free", headings: &[] },
];

impl Format {
    /// The empty note.
    pub fn template(self) -> String {
        self.headings.iter().map(|heading| format!("## {heading}\n\n")).collect::<Vec<_>>().join("\n")
    }

    /// Whether a text is a template that nothing was written into.
    pub fn is_untouched(text: &str) -> bool {
        text.trim().is_empty() || FORMATS.iter().any(|format| format.template().trim() == text.trim())
    }

    /// Where the caret belongs in the empty note, in characters: below the first heading.
    pub fn caret(self) -> usize {
        self.headings.first().map_or(0, |heading| heading.chars().count() + 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_of_a_new_note_stands_below_its_first_heading() {
        let soap = FORMATS[0];
        let text: Vec<char> = soap.template().chars().collect();
        assert_eq!(text[..soap.caret()].iter().collect::<String>(), "## Subjective\n");
    }

    #[test]
    fn one_word_written_makes_a_template_the_therapists_own() {
        assert!(Format::is_untouched(&FORMATS[1].template()));
        assert!(!Format::is_untouched("## Data\n\nslept\n\n## Assessment\n\n## Plan\n"));
    }
}
