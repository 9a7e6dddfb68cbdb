//! The recovery kit as a page that is printed and put away; the line on it, and the proof that the paper is there, are the
//! keys' own.

mod instructions;
mod page;
mod pdf;
mod sheet;

pub use subrosa_keys::kit::{
    KitError, KitState, NotARecipient, Question, groups, identity_text, kit_state, read_kit, read_recipient,
    recipient_text, typed_groups,
};

pub use self::page::{kit_number, kit_text};
pub use self::pdf::{is_pdf, kit_pdf, line_in_pdf};
pub use self::sheet::{NotSet, Typefaces};

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::entropy::Os;
    use crate::secret::Key;

    #[test]
    fn a_printed_page_gives_back_the_key_and_fits_on_paper() {
        let kit = Key::random(&mut Os);
        let page = kit_text(&kit, "3f2a", date(2026, 3, 1));
        assert!(read_kit(&page).unwrap() == kit);
        assert!(page.lines().all(|line| line.len() <= 80) && page.lines().count() <= 64 && page.is_ascii());
        assert!(page.contains("3f2a") && page.contains("2026-03-01"));
        let line = identity_text(&kit);
        assert_eq!(line.len(), 77);
        assert!(page.lines().any(|printed| printed == line.as_str()), "the line stands alone, for age to read");
        assert!(
            groups(&line)[1..].iter().zip(1..).all(|(group, number)| page.contains(&format!(" {number}: {group}")))
        );
    }
}
