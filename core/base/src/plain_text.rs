//! Which characters may stand in what somebody else wrote and the screen shows as a name.
//!
//! Refused: control characters, and those that reorder, join or hide what stands beside them: with them a file ends in
//! `fdp.exe` and reads `exe.pdf`, and two names that differ look alike.

/// Whether a name or a file name shows as what it is, on one line.
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || hides(c))
}

/// The same for a text of several lines.
pub fn is_plain_text(text: &str) -> bool {
    text.lines().all(|line| is_plain(&line.replace('\t', " ")))
}

fn hides(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
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
    fn what_hides_or_reorders_does_not() {
        for text in ["a\u{202E}fdp.exe", "a\u{200B}b", "a\nb", "a\u{7}b", "\u{FEFF}a", "a\u{2066}b", "a\tb"] {
            assert!(!is_plain(text), "{text:?}");
        }
        assert!(!is_plain_text("one\nt\u{202E}wo") && !is_plain_text("a\u{1B}[2J"));
    }
}
