//! What is asked about clients: a new one, and records of one person.

use egui::Ui;

use crate::features::clients::messages::ClientsCommand;
use crate::messages::Command;
use crate::model::Practice;
use crate::ui::answer::answer;
use crate::ui::other_client::other_client;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::Field;
use crate::{view_model, words};

pub(crate) fn add_client(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::ADD_CLIENT, "");
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Clients]));
    let focus = stage.focus(Field::Name);
    let name = widgets::field(ui, "name", words::CLIENT_NAME, "", &mut stage.typed.clients.name, focus);
    let code = widgets::field(ui, "client-code", words::CLIENT_CODE, "", &mut stage.typed.clients.code, false);
    let ready = !stage.typed.clients.name.trim().is_empty();
    answer(ui, stage, words::ADD_CLIENT, ready, name || code, Command::Clients(ClientsCommand::Add));
}

/// Which client is the same person?
pub(crate) fn merging(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::MERGE_TITLE, words::MERGE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Move]));
    other_client(ui, stage, practice);
    let ready = practice.clients.other.is_some() && stage.model.progress(Job::Move).is_none();
    answer(ui, stage, words::MERGE, ready, false, Command::Clients(ClientsCommand::Merge));
}

/// Are they two persons after all?
pub(crate) fn unmerging(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::UNMERGE_TITLE, words::UNMERGE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Move]));
    let merged = practice.timeline.as_ref().map(|page| page.merged.as_slice()).unwrap_or_default();
    let names = words::one_record_with(merged);
    widgets::wrap(ui, &view_model::veiled(stage.model, &names), face::text(), tokens(ui).ink);
    let ready = stage.model.progress(Job::Move).is_none();
    answer(ui, stage, words::UNMERGE, ready, false, Command::Clients(ClientsCommand::Unmerge));
}
