//! Attached files: taken in, looked at, copied out.

use subrosa_core::id::{ClientId, DocId};

use super::{begin, finish, path, picking, with_practice};
use crate::attached::Picture;
use crate::command::Command;
use crate::effect::{Effect, Job};
use crate::model::{Done, Model};
use crate::pick::Pick;

/// Commands about files, while a practice is open.
pub(super) fn update(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Attach => attach(model),
        Command::Picture(Some(id)) => begin(model, Effect::ShowPicture(id)),
        Command::SaveCopy(id) => {
            with_practice(model, |practice| practice.copying = Some(id));
            copy(model)
        }
        Command::CopyFile => copy(model),
        _ => with_practice(model, |practice| practice.picture = None),
    }
}

fn attach(model: &mut Model) -> Vec<Effect> {
    let client = model.practice().and_then(|practice| practice.selected);
    let Some(client) = client.filter(|_| model.progress(Job::Attach).is_none()) else { return Vec::new() };
    if model.typed.path.trim().is_empty() {
        return picking::ask(model, Pick::Attach);
    }
    let file = path(&std::mem::take(&mut model.typed.path));
    begin(model, Effect::Attach { client, file })
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(file) = model.practice().and_then(|practice| practice.copying) else { return Vec::new() };
    if model.typed.path.trim().is_empty() {
        return picking::ask(model, Pick::CopyTo);
    }
    let dir = path(&std::mem::take(&mut model.typed.path));
    begin(model, Effect::CopyFile { file, dir })
}

/// A file is attached, or its attaching was stopped and nothing of it is here.
pub(super) fn attached(model: &mut Model, client: ClientId, done: bool) -> Vec<Effect> {
    finish(model, Job::Attach);
    let shown = model.practice().is_some_and(|practice| practice.selected == Some(client));
    if !shown {
        return vec![Effect::FilesChanged(client)];
    }
    let effects = begin(model, Effect::FilesChanged(client));
    if let Some(practice) = model.practice_mut().filter(|_| done) {
        practice.done = Some((Job::Attach, Done::Attached));
    }
    effects
}

/// A picture of a file that is still listed.
pub(super) fn pictured(model: &mut Model, picture: Picture) {
    finish(model, Job::Files);
    let Some(practice) = model.practice_mut() else { return };
    let listed = |id: DocId| practice.files.iter().flatten().any(|file| file.id == id);
    practice.picture = Some(picture).filter(|picture| listed(picture.id));
}
