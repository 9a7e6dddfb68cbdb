//! Choosing a file or folder: the system's dialog is asked for, and what was chosen is used where it was asked for, or
//! not at all.

use std::path::PathBuf;

use crate::features::backup::messages::BackupCommand;
use crate::features::colleagues::messages::ColleaguesCommand;
use crate::features::exchange::messages::ExchangeCommand;
use crate::features::files::messages::FilesCommand;
use crate::features::kit::messages::KitCommand;
use crate::features::sync_folder::messages::SyncFolderCommand;
use crate::messages::{Command, Effect};
use crate::model::typed::Typed;
use crate::model::{Model, Trouble};
use crate::update::begin::{begin, finish, path};
use crate::values::job::Job;
use crate::values::navigation::Field;
use crate::values::pick::{Pick, Picked};
use crate::words;

/// Shows the dialog, one at a time.
pub(crate) fn ask(model: &mut Model, pick: Pick) -> Vec<Effect> {
    if model.progress(Job::Pick).is_some() {
        return Vec::new();
    }
    model.picking = Some(pick);
    begin(model, Effect::Pick(pick))
}

/// An answer that comes after the screen was left, or after the window was locked, is dropped.
pub(crate) fn picked(model: &mut Model, pick: Pick, picked: Picked) -> Option<Command> {
    finish(model, Job::Pick);
    if model.picking.take() != Some(pick) {
        return None;
    }
    match picked {
        Picked::Nothing => None,
        Picked::NoDialog => {
            model.trouble = Some(Trouble::new(Job::Pick, words::NO_DIALOG.to_owned()));
            model.focus = Some(Field::Path);
            None
        }
        Picked::Path(path) => {
            *field(pick, &mut model.typed) = path.display().to_string();
            then(pick)
        }
    }
}

/// Begins with the file or folder that was typed; without one, it is asked for.
pub(crate) fn with_path<E: Into<Effect>>(
    model: &mut Model,
    pick: Pick,
    effect: impl FnOnce(PathBuf) -> E,
) -> Vec<Effect> {
    if model.typed.path.trim().is_empty() {
        return ask(model, pick);
    }
    let place = path(&model.typed.path);
    begin(model, effect(place))
}

/// What is done with it at once, when nothing else has to be said first.
fn then(pick: Pick) -> Option<Command> {
    match pick {
        Pick::KitToSave(form) => Some(KitCommand::Write(form).into()),
        Pick::CardToAdd => Some(ColleaguesCommand::Add.into()),
        Pick::CardToSave => Some(ColleaguesCommand::MakeCard.into()),
        Pick::Sealed => Some(ColleaguesCommand::OpenSealed.into()),
        Pick::SealedCopy => Some(ColleaguesCommand::SaveSealed.into()),
        Pick::Attach => Some(FilesCommand::Attach.into()),
        Pick::CopyTo => Some(FilesCommand::WriteCopy.into()),
        Pick::BackupFolder => Some(BackupCommand::KeepFolder.into()),
        Pick::BackUpInto => Some(BackupCommand::Make.into()),
        Pick::ImportFrom => Some(ExchangeCommand::Import { dry_run: true }.into()),
        Pick::ExportTo => Some(ExchangeCommand::Export.into()),
        Pick::SyncFolder => Some(SyncFolderCommand::Use.into()),
        Pick::RequestTo | Pick::AnswerToRead | Pick::RequestToRead | Pick::AnswerTo => None,
        Pick::KitToRead | Pick::SealTo | Pick::ExportClientTo | Pick::BackupToRead | Pick::KitOfBackup => None,
    }
}

/// The field that what was chosen stands in.
fn field(pick: Pick, typed: &mut Typed) -> &mut String {
    match pick {
        Pick::KitOfBackup => &mut typed.kit_path,
        Pick::SyncFolder => &mut typed.sync_folder.path,
        Pick::RequestTo | Pick::RequestToRead => &mut typed.letters.request,
        Pick::AnswerTo | Pick::AnswerToRead => &mut typed.letters.answer,
        _ => &mut typed.path,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::features::colleagues::messages::{ColleaguesCommand, ColleaguesEffect};
    use crate::messages::{Command, Event};
    use crate::update::tests::unlocked;
    use crate::update::{apply, update};
    use crate::values::navigation::Screen;

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
        let asked = update(&mut model, ColleaguesCommand::Add);
        assert!(matches!(asked.as_slice(), [Effect::Pick(Pick::CardToAdd)]));
        let goes_on = apply(&mut model, Event::Picked(Pick::CardToAdd, chosen("/stick/virta.card")));
        let [Effect::Colleagues(ColleaguesEffect::Add { file })] = goes_on.as_slice() else {
            panic!("the card is read")
        };
        assert_eq!(file, &PathBuf::from("/stick/virta.card"));
    }

    #[test]
    fn a_file_that_was_chosen_for_a_screen_that_was_left_is_not_used_elsewhere() {
        let mut model = at_colleagues();
        update(&mut model, ColleaguesCommand::Add);
        update(&mut model, Command::Go(Screen::Import));
        assert!(apply(&mut model, Event::Picked(Pick::CardToAdd, chosen("/stick/virta.card"))).is_empty());
        assert!(model.typed.path.is_empty());
        update(&mut model, Command::Go(Screen::Colleagues));
        update(&mut model, ColleaguesCommand::Add);
        update(&mut model, Command::Lock);
        assert!(apply(&mut model, Event::Picked(Pick::CardToAdd, chosen("/stick/virta.card"))).is_empty());
        assert!(model.typed.path.is_empty());
    }

    #[test]
    fn a_system_without_dialogs_says_so_and_a_closed_one_says_nothing() {
        let mut model = at_colleagues();
        update(&mut model, ColleaguesCommand::OpenSealed);
        apply(&mut model, Event::Picked(Pick::Sealed, Picked::Nothing));
        assert!(model.trouble.is_none());
        update(&mut model, ColleaguesCommand::OpenSealed);
        apply(&mut model, Event::Picked(Pick::Sealed, Picked::NoDialog));
        assert_eq!(model.trouble_with(&[Job::Pick]), Some(words::NO_DIALOG));
    }
}
