//! Choosing a file or folder: the system's dialog is asked for, and what was chosen is used where it was asked for, or
//! not at all.

use super::{begin, finish, update};
use crate::effect::{Effect, Job};
use crate::model::{Field, Model, Trouble};
use crate::pick::{Pick, Picked};
use crate::words;

/// Shows the dialog, one at a time.
pub(super) fn ask(model: &mut Model, pick: Pick) -> Vec<Effect> {
    if model.progress(Job::Pick).is_some() {
        return Vec::new();
    }
    model.picking = Some(pick);
    begin(model, Effect::Pick(pick))
}

/// An answer that comes after the screen was left, or after the window was locked, is dropped.
pub(super) fn picked(model: &mut Model, pick: Pick, picked: Picked) -> Vec<Effect> {
    finish(model, Job::Pick);
    if model.picking.take() != Some(pick) {
        return Vec::new();
    }
    match picked {
        Picked::Nothing => Vec::new(),
        Picked::NoDialog => {
            model.trouble = Some(Trouble { job: Job::Pick, why: words::NO_DIALOG.to_owned() });
            model.focus = Some(Field::Path);
            Vec::new()
        }
        Picked::Path(path) => {
            *pick.field(&mut model.typed) = path.display().to_string();
            pick.then().map_or_else(Vec::new, |command| update(model, command))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::command::Command;
    use crate::event::Event;
    use crate::model::Screen;
    use crate::update::apply;
    use crate::update::tests::unlocked;

    fn chosen(path: &str) -> Picked {
        Picked::Path(PathBuf::from(path))
    }

    fn at_colleagues() -> Model {
        let mut model = unlocked();
        update(&mut model, Command::Go(Screen::Colleagues));
        model
    }

    #[test]
    fn a_command_without_a_file_asks_for_one_and_goes_on_with_it() {
        let mut model = at_colleagues();
        let asked = update(&mut model, Command::AddColleague);
        assert!(matches!(asked.as_slice(), [Effect::Pick(Pick::CardToAdd)]));
        let goes_on = apply(&mut model, Event::Picked(Pick::CardToAdd, chosen("/stick/virta.card")));
        let [Effect::AddColleague { file }] = goes_on.as_slice() else { panic!("the card is read") };
        assert_eq!(file, &PathBuf::from("/stick/virta.card"));
    }

    #[test]
    fn a_file_that_was_chosen_for_a_screen_that_was_left_is_not_used_elsewhere() {
        let mut model = at_colleagues();
        update(&mut model, Command::AddColleague);
        update(&mut model, Command::Go(Screen::Import));
        assert!(apply(&mut model, Event::Picked(Pick::CardToAdd, chosen("/stick/virta.card"))).is_empty());
        assert!(model.typed.path.is_empty());
        update(&mut model, Command::Go(Screen::Colleagues));
        update(&mut model, Command::AddColleague);
        update(&mut model, Command::Lock);
        assert!(apply(&mut model, Event::Picked(Pick::CardToAdd, chosen("/stick/virta.card"))).is_empty());
        assert!(model.typed.path.is_empty());
    }

    #[test]
    fn a_system_without_dialogs_says_so_and_a_closed_one_says_nothing() {
        let mut model = at_colleagues();
        update(&mut model, Command::OpenSealed);
        apply(&mut model, Event::Picked(Pick::Sealed, Picked::Nothing));
        assert!(model.trouble.is_none());
        update(&mut model, Command::OpenSealed);
        apply(&mut model, Event::Picked(Pick::Sealed, Picked::NoDialog));
        assert_eq!(model.trouble_with(&[Job::Pick]), Some(words::NO_DIALOG));
    }
}
