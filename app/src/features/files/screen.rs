//! The files of a client: what they are, how large, and a picture inside the window.

use egui::{ColorImage, Id, Image, TextureHandle, TextureOptions, Ui};

use crate::features::files::messages::FilesCommand;
use crate::features::files::values::{Attachment, Picture};
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Doomed, Field, Overlay};
use crate::values::pick::Pick;
use crate::{view_model, words};

/// Draws the list, or the picture that is looked at.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Files, Job::Attach, Job::Pick]));
    if let Some(picture) = practice.files.picture.as_ref().filter(|_| !stage.model.discreet) {
        return self::picture(ui, stage, practice, picture);
    }
    widgets::wrap(ui, words::FILES_MORE, face::text(), t.soft);
    widgets::wrap(ui, words::FILES_PRIVATE, face::small(), t.soft);
    ui.add_space(space::SMALL);
    if !stage.under_way(ui, Job::Attach, words::ATTACHING) {
        let (focus, hint) = (stage.focus(Field::Path), words::CARD_FILE_HINT);
        let place = widgets::place(ui, "attach", words::FILE_TO_ATTACH, hint, &mut stage.typed.path, focus);
        stage.ask_if(place.choose, Command::Pick(Pick::Attach));
        let attach = widgets::outlined(ui, words::ATTACH, true);
        stage.ask_if(attach || place.entered, FilesCommand::Attach);
    }
    if practice.has_done(Job::Attach, &Done::Attached) {
        widgets::wrap(ui, words::ATTACHED, face::text(), t.soft);
    } else if practice.has_done(Job::Files, &Done::Written) {
        widgets::wrap(ui, words::COPIED, face::text(), t.needs_you);
    }
    ui.add_space(space::MEDIUM);
    match &practice.files.list {
        None => widgets::progress(ui, words::LOADING, Default::default()),
        Some(files) if files.is_empty() => widgets::empty(ui, words::NO_FILES, words::NO_FILES_MORE),
        Some(files) => {
            for file in files {
                ui.push_id(file.id, |ui| row(ui, stage, file));
            }
        }
    }
}

fn row(ui: &mut Ui, stage: &mut Stage<'_>, file: &Attachment) {
    let t = tokens(ui);
    widgets::say(ui, &view_model::veiled(stage.model, &file.name), face::strong(), t.ink);
    let added = words::short_date(file.added.date(), stage.model.now.today());
    widgets::say(ui, &words::file_line(&file.media, file.length, &added), face::small(), t.soft);
    if file.private {
        widgets::wrap(ui, words::FILE_PRIVATE, face::small(), t.soft);
    }
    if !file.agrees {
        widgets::wrap(ui, words::NAME_DISAGREES, face::small(), t.needs_you);
    }
    if let Some(here) = file.partly {
        widgets::wrap(ui, &words::partly_here(here, file.length), face::small(), t.needs_you);
    }
    ui.horizontal_wrapped(|ui| {
        if file.is_picture() {
            let show = widgets::quiet(ui, words::SHOW_PICTURE);
            stage.ask_if(show, FilesCommand::Picture(Some(file.id)));
        }
        if file.partly.is_none() {
            let copy = widgets::quiet(ui, words::SAVE_COPY);
            stage.ask_if(copy, FilesCommand::SaveCopy(file.id));
        }
        let delete = widgets::quiet(ui, words::DELETE_SHORT);
        stage.ask_if(delete, Command::Open(Overlay::Delete(Doomed::File(file.id))));
    });
    ui.add_space(space::MEDIUM);
}

fn picture(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, picture: &Picture) {
    let name = practice.files.list.iter().flatten().find(|file| file.id == picture.id).map(|file| file.name.as_str());
    let away = widgets::outlined(ui, words::HIDE_PICTURE, true);
    stage.ask_if(away, FilesCommand::Picture(None));
    ui.add_space(space::SMALL);
    let texture = texture(ui, picture);
    let image = Image::new(&texture).max_width(ui.available_width()).shrink_to_fit().alt_text(name.unwrap_or_default());
    ui.add(image);
}

/// The picture as the graphics card has it, made once and forgotten with everything else at the lock.
fn texture(ui: &Ui, picture: &Picture) -> TextureHandle {
    let id = Id::unique(("picture", picture.id));
    if let Some(made) = ui.data(|data| data.get_temp::<TextureHandle>(id)) {
        return made;
    }
    let pixels = ColorImage::from_rgba_unmultiplied(picture.size, &picture.pixels);
    let made = ui.ctx().load_texture("picture", pixels, TextureOptions::LINEAR);
    ui.data_mut(|data| data.insert_temp(id, made.clone()));
    made
}
