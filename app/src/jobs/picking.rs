//! The system's own dialog for a file or folder. It is asked for on the window's thread and waited for on one of its own.

use std::time::{Duration, Instant};

use rfd::{AsyncFileDialog, FileHandle};

use crate::jobs::port::Answers;
use crate::messages::Event;
use crate::values::job::Job;
use crate::values::pick::{DialogKind, Pick, Picked};
use crate::words;

/// Whoever closes a dialog needs longer than this; a system that has none answers at once.
const TOO_QUICK: Duration = Duration::from_millis(400);

/// Shows the dialog.
pub(super) fn show(pick: Pick, answers: Answers) {
    let dialog = AsyncFileDialog::new().set_title(title(pick));
    let began = Instant::now();
    let chosen: std::pin::Pin<Box<dyn Future<Output = Option<FileHandle>> + Send>> = match pick.kind() {
        DialogKind::Open => Box::pin(dialog.pick_file()),
        DialogKind::Save(name) => Box::pin(dialog.set_file_name(name).save_file()),
        DialogKind::Folder => Box::pin(dialog.pick_folder()),
    };
    let lost = answers.clone();
    let waiting = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
            return answers.send(Event::Picked(pick, Picked::NoDialog));
        };
        answers.send(Event::Picked(
            pick,
            match runtime.block_on(chosen) {
                Some(file) => Picked::Path(file.path().to_owned()),
                None if began.elapsed() < TOO_QUICK => Picked::NoDialog,
                None => Picked::Nothing,
            },
        ));
    };
    if std::thread::Builder::new().name("dialog".to_owned()).spawn(waiting).is_err() {
        lost.send(Event::Failed(Job::Pick, words::NO_DIALOG.to_owned()));
    }
}

/// What stands above the dialog.
fn title(pick: Pick) -> &'static str {
    match pick {
        Pick::KitToSave(_) => words::KIT_FILE,
        Pick::KitToRead | Pick::KitOfBackup => words::RECOVER_FILE,
        Pick::BackupToRead => words::RESTORE_FILE,
        Pick::CardToAdd => words::ADD_COLLEAGUE,
        Pick::CardToSave => words::MAKE_CARD,
        Pick::Sealed => words::OPEN_SEALED,
        Pick::SealTo => words::SEAL_FILE,
        Pick::SealedCopy => words::SEALED_SAVE,
        Pick::Attach => words::ATTACH,
        Pick::CopyTo => words::SAVE_COPY,
        Pick::BackupFolder | Pick::BackUpInto => words::BACKUP_FOLDER,
        Pick::ImportFrom => words::FOLDER,
        Pick::RequestTo => words::LETTERS_REQUEST,
        Pick::AnswerToRead => words::LETTERS_ANSWER,
        Pick::RequestToRead => words::LETTERS_REQUEST_READ,
        Pick::AnswerTo => words::LETTERS_ANSWER_WRITE,
        Pick::SyncFolder => words::SYNC_FOLDER_PATH,
        Pick::ExportTo | Pick::ExportClientTo => words::EXPORT_FOLDER,
    }
}
