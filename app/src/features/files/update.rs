//! Attached files: taken in, looked at, copied out.

use subrosa_core::id::{ClientId, DocId};

use crate::features::files::messages::{FilesCommand, FilesEffect, FilesEvent};
use crate::features::files::values::{Attachment, Picture};
use crate::messages::Effect;
use crate::model::{Done, Model};
use crate::update::begin::{begin, finish, path, with_practice};
use crate::update::picking;
use crate::values::job::Job;
use crate::values::pick::Pick;

/// Commands about files, while a practice is open.
pub(crate) fn update(model: &mut Model, command: FilesCommand) -> Vec<Effect> {
    match command {
        FilesCommand::Attach => attach(model),
        FilesCommand::Picture(Some(id)) => begin(model, FilesEffect::ShowPicture(id)),
        FilesCommand::Picture(None) => with_practice(model, |practice| practice.files.picture = None),
        FilesCommand::SaveCopy(id) => {
            with_practice(model, |practice| practice.files.copying = Some(id));
            copy(model)
        }
        FilesCommand::WriteCopy => copy(model),
    }
}

/// What jobs bring back of files.
pub(crate) fn apply(model: &mut Model, event: FilesEvent) -> Vec<Effect> {
    match event {
        FilesEvent::Listed(client, files) => listed(model, client, files),
        FilesEvent::Attached(client, done) => attached(model, client, done),
        FilesEvent::Pictured(picture) => pictured(model, picture),
    }
}

fn listed(model: &mut Model, client: ClientId, files: Vec<Attachment>) -> Vec<Effect> {
    finish(model, Job::Files);
    if let Some(practice) = model.practice_mut().filter(|practice| practice.clients.selected == Some(client)) {
        practice.files.list = Some(files);
    }
    Vec::new()
}

fn attach(model: &mut Model) -> Vec<Effect> {
    let client = model.practice().and_then(|practice| practice.clients.selected);
    let Some(client) = client.filter(|_| model.progress(Job::Attach).is_none()) else { return Vec::new() };
    if model.typed.path.trim().is_empty() {
        return picking::ask(model, Pick::Attach);
    }
    let file = path(&std::mem::take(&mut model.typed.path));
    begin(model, FilesEffect::Attach { client, file })
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(file) = model.practice().and_then(|practice| practice.files.copying) else { return Vec::new() };
    if model.typed.path.trim().is_empty() {
        return picking::ask(model, Pick::CopyTo);
    }
    let dir = path(&std::mem::take(&mut model.typed.path));
    begin(model, FilesEffect::Copy { file, dir })
}

/// A file is attached, or its attaching was stopped and nothing of it is here.
pub(crate) fn attached(model: &mut Model, client: ClientId, done: bool) -> Vec<Effect> {
    finish(model, Job::Attach);
    let shown = model.practice().is_some_and(|practice| practice.clients.selected == Some(client));
    if !shown {
        return vec![Effect::Files(FilesEffect::Changed(client))];
    }
    let effects = begin(model, FilesEffect::Changed(client));
    if let Some(practice) = model.practice_mut().filter(|_| done) {
        practice.done = Some((Job::Attach, Done::Attached));
    }
    effects
}

/// A picture of a file that is still listed.
fn pictured(model: &mut Model, picture: Picture) -> Vec<Effect> {
    finish(model, Job::Files);
    with_practice(model, |practice| {
        let listed = |id: DocId| practice.files.list.iter().flatten().any(|file| file.id == id);
        practice.files.picture = Some(picture).filter(|picture| listed(picture.id));
    })
}
