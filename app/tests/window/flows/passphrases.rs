//! A new passphrase is chosen by one rule, wherever it is chosen and by whichever half of the program.

use std::fs;

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable};
use subrosa::model::typed::Typed;
use subrosa::practice::passphrase;
use subrosa::values::secret::Secret;
use subrosa::view_model::{may_choose, may_join, may_recover};
use subrosa::words;

use super::{Window, window};
use crate::hands::{click, type_into};
use crate::scripted::Scripted;
use crate::scripted::kit::KIT_LINE;

/// What is refused and a neighbour of it that is good, with the beginning of what the meter says.
const JUDGED: [(&str, bool, &str); 6] = [
    ("password12", false, words::STRENGTH_ONE),
    ("password password", false, words::STRENGTH_ZERO),
    ("kx7Qm2vRt", false, words::STRENGTH_SHORT),
    ("kx7Qm2vRt9", true, words::STRENGTH_THREE),
    ("lantern gravel", false, words::STRENGTH_TWO),
    ("lantern gravel oboe", true, words::STRENGTH_FOUR),
];

fn typed(passphrase: &str) -> Typed {
    let secret = || Secret::new(passphrase.to_owned());
    Typed { passphrase: secret(), repeated: secret(), ..Typed::default() }
}

fn is_ready(window: &Window, button: &str) -> bool {
    !window.get_by_role_and_label(Role::Button, button).accesskit_node().is_disabled()
}

#[test]
fn window_and_terminal_give_the_same_verdict() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("passphrase");
    let others = ["", "correcthorse", "Subrosa therapy practice", "åäöåäöåäö", "violin", "qwertyuiop123"];
    for passphrase in JUDGED.iter().map(|(passphrase, ..)| *passphrase).chain(others) {
        fs::write(&file, passphrase).expect("a file");
        let terminal = passphrase::fresh(Some(&file), "").is_ok();
        assert_eq!(may_choose(&typed(passphrase)), terminal, "{passphrase}");
    }
}

#[test]
fn a_practice_is_not_begun_with_a_passphrase_that_is_guessed_and_the_line_beneath_says_why() {
    for (passphrase, good, said) in JUDGED {
        let mut window = window(Scripted::empty());
        click(&mut window, words::START_NEW);
        type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, passphrase);
        type_into(&mut window, Role::PasswordInput, words::PASSPHRASE_REPEATED, passphrase);
        assert_eq!(is_ready(&window, words::CREATE), good, "{passphrase}");
        assert!(window.query_all_by_label(said).next().is_some(), "{passphrase}");
    }
}

#[test]
fn joining_recovering_and_restoring_ask_for_one_that_is_as_strong() {
    for (passphrase, good, _) in JUDGED {
        let joining =
            Typed { code: Secret::new("eight words".to_owned()), device: "Laptop".to_owned(), ..typed(passphrase) };
        assert_eq!(may_join(&joining), good, "{passphrase}");
        let recovering = Typed { kit: Secret::new(KIT_LINE.to_owned()), ..typed(passphrase) };
        assert_eq!(may_recover(&recovering), good, "{passphrase}");

        let mut window = window(Scripted::empty());
        click(&mut window, words::START_RESTORE);
        type_into(&mut window, Role::TextInput, words::RESTORE_FILE, "/stick/practice.age");
        type_into(&mut window, Role::PasswordInput, words::RECOVER_LINE, KIT_LINE);
        type_into(&mut window, Role::PasswordInput, words::PASSPHRASE_NEW, passphrase);
        type_into(&mut window, Role::PasswordInput, words::PASSPHRASE_REPEATED, passphrase);
        assert_eq!(is_ready(&window, words::RESTORE), good, "{passphrase}");
    }
}
