//! Joining by two files: on the device that joins, and on the one that lets it in.

use egui::Ui;

use crate::features::letters::messages::LettersCommand;
use crate::features::letters::update::{may_admit, may_finish, may_read, may_request};
use crate::messages::Command;
use crate::ui::passphrase::choose_passphrase;
use crate::ui::recovery_line::numbered_groups;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::Field;
use crate::values::pick::Pick;
use crate::view_model::typed_code_words;
use crate::words;

/// On the device that joins: first the request, then the answer.
pub(crate) fn join(ui: &mut Ui, stage: &mut Stage<'_>) {
    let t = tokens(ui);
    widgets::title(ui, words::LETTERS, words::LETTERS_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Join, Job::Pick]));
    widgets::trouble(ui, stage.model.trouble_at(Field::Code));
    if let Some(progress) = stage.model.progress(Job::Join) {
        return widgets::progress(ui, words::LETTERS_JOINING, progress);
    }
    if stage.typed.letters.shown.is_empty() {
        widgets::wrap(ui, words::LETTERS_ASK, face::pane(), t.ink);
        ask(ui, stage);
        ui.add_space(space::SECTION);
    } else {
        widgets::wrap(ui, words::LETTERS_WRITTEN, face::text(), t.needs_you);
        ui.add_space(space::SMALL);
        numbered_groups(ui, &typed_code_words(stage.typed.letters.shown.expose()), face::strong());
        ui.add_space(space::SECTION);
    }
    widgets::wrap(ui, words::LETTERS_FINISH, face::pane(), t.ink);
    finish(ui, stage);
    let back = widgets::quiet(ui, words::BACK);
    stage.ask_if(back, Command::Back);
}

fn ask(ui: &mut Ui, stage: &mut Stage<'_>) {
    let name = widgets::field(ui, "device", words::JOIN_NAME, "", &mut stage.typed.device, false);
    widgets::wrap(ui, words::JOIN_PASSPHRASE_MORE, face::small(), tokens(ui).soft);
    let chosen = choose_passphrase(ui, stage, words::PASSPHRASE);
    let (label, hint) = (words::LETTERS_REQUEST, words::LETTERS_REQUEST_HINT);
    let place = widgets::place(ui, "request", label, hint, &mut stage.typed.letters.request, false);
    stage.ask_if(place.choose, Command::Pick(Pick::RequestTo));
    let pressed = widgets::filled(ui, words::LETTERS_WRITE, may_request(stage.typed));
    stage.ask_if(name || chosen || place.entered || pressed, LettersCommand::Request);
}

fn finish(ui: &mut Ui, stage: &mut Stage<'_>) {
    let (label, hint) = (words::LETTERS_ANSWER, words::LETTERS_ANSWER_HINT);
    let place = widgets::place(ui, "answer", label, hint, &mut stage.typed.letters.answer, false);
    stage.ask_if(place.choose, Command::Pick(Pick::AnswerToRead));
    let typed = words_field(ui, stage);
    let label = words::LETTERS_FINISH_PASSPHRASE;
    let entered = widgets::secret(ui, "finish", label, &mut stage.typed.current, false);
    let pressed = widgets::outlined(ui, words::LETTERS_JOIN, may_finish(stage.typed));
    stage.ask_if(place.entered || typed || entered || pressed, LettersCommand::Finish);
}

fn words_field(ui: &mut Ui, stage: &mut Stage<'_>) -> bool {
    let focus = stage.focus(Field::Code);
    let entered = widgets::revealable(ui, "letter-words", words::LETTERS_WORDS, &mut stage.typed.letters.words, focus);
    if stage.typed.letters.words.is_shown() {
        numbered_groups(ui, &typed_code_words(stage.typed.letters.words.expose()), face::strong());
        ui.add_space(space::SMALL);
    }
    entered
}

/// On the device that lets another one in: which request, and its words.
pub(crate) fn read(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::wrap(ui, words::LETTERS_ADMIT_MORE, face::text(), tokens(ui).ink);
    ui.add_space(space::SMALL);
    widgets::trouble(ui, stage.model.trouble_at(Field::Code));
    if let Some(progress) = stage.model.progress(Job::Devices) {
        return widgets::progress(ui, words::LETTERS_WORKING, progress);
    }
    let focus = stage.focus(Field::Path);
    let (label, hint) = (words::LETTERS_REQUEST_READ, words::LETTERS_REQUEST_HINT);
    let place = widgets::place(ui, "request", label, hint, &mut stage.typed.letters.request, focus);
    stage.ask_if(place.choose, Command::Pick(Pick::RequestToRead));
    let typed = words_field(ui, stage);
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::LETTERS_READ, may_read(stage.typed));
        stage.ask_if(place.entered || typed || pressed, LettersCommand::Read);
        let cancel = widgets::quiet(ui, words::CANCEL);
        stage.ask_if(cancel, LettersCommand::Leave);
    });
}

/// Who asks, and where the answer goes.
pub(crate) fn asked(ui: &mut Ui, stage: &mut Stage<'_>, name: &str) {
    let t = tokens(ui);
    widgets::wrap(ui, &words::may_join(name), face::pane(), t.ink);
    widgets::wrap(ui, words::CONFIRM_MORE, face::text(), t.soft);
    if let Some(progress) = stage.model.progress(Job::Devices) {
        return widgets::progress(ui, words::LETTERS_WORKING, progress);
    }
    let (label, hint) = (words::LETTERS_ANSWER_WRITE, words::LETTERS_ANSWER_HINT);
    let place = widgets::place(ui, "answer", label, hint, &mut stage.typed.letters.answer, false);
    stage.ask_if(place.choose, Command::Pick(Pick::AnswerTo));
    let focus = stage.focus(Field::Passphrase);
    let entered = widgets::secret(ui, "admit", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    ui.horizontal(|ui| {
        let yes = widgets::filled(ui, words::CONFIRM_YES, may_admit(stage.typed));
        stage.ask_if(place.entered || entered || yes, LettersCommand::Admit);
        let no = widgets::outlined(ui, words::CONFIRM_NO, true);
        stage.ask_if(no, LettersCommand::Leave);
    });
}
