//! Attached files. Long ones are read and written on a thread of their own, which borrows the practice for some pieces at a time:
//! saving what is typed never waits for a recording. No piece is ever in a temporary file.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use image::ImageReader;
use subrosa_core::file_name;
use subrosa_core::id::{ClientId, DocId};
use subrosa_core::vault::{FileError, FileRow, NewFile, Reached, Vault};
use zeroize::Zeroizing;

use crate::attached::{Attached, Picture};
use crate::bridge::Shared;
use crate::effect::{Effect, Job};
use crate::event::{Event, Progress};
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::rows;
use crate::jobs::worker::Worker;
use crate::operations::attachments::FileToAttach;
use crate::practice::file_io;
use crate::{practice, words};

/// The largest picture that is read at all, in bytes.
const PICTURE_BYTES: usize = 64 << 20;
/// The widest and the highest that is decoded, in pixels.
const PICTURE_SIDE: u32 = 16_000;
/// Memory that decoding may take.
const PICTURE_MEMORY: u64 = 256 << 20;
/// Pixels of the longer side as it is shown.
const SHOWN_SIDE: u32 = 1_600;

impl Worker {
    pub(super) fn file(&mut self, effect: Effect) -> Outcome {
        match effect {
            Effect::LoadFiles(client) => self.files(&client),
            Effect::FilesChanged(client) => {
                self.flush();
                self.tell_devices();
                self.files(&client)
            }
            Effect::Attach { client, file } => self.attach(client, &file),
            Effect::ShowPicture(id) => self.picture(&id),
            Effect::CopyFile { file, dir } => self.copy_out(file, &dir),
            other => self.keep(other),
        }
    }

    fn files(&self, client: &ClientId) -> Outcome {
        let found = self.vault.with(|vault| files_of(vault, client))??;
        Ok(Some(Event::Files(*client, found.into_iter().map(attached).collect())))
    }

    fn attach(&mut self, client: ClientId, file: &Path) -> Outcome {
        let Some(FileToAttach { file: mut from, name, length }) = FileToAttach::open(file)? else {
            return Err(Failure::Sentence(words::ATTACH_FOLDER.to_owned()));
        };
        self.begin_cancellable(Job::Attach);
        let (vault, answers, cancel) = (self.vault.clone(), self.answers.clone(), self.cancelled.stops(Job::Attach));
        let work = move || {
            let progress = |done| answers.send(Event::Progress(Job::Attach, Progress { done, total: length }));
            let new = NewFile { client, note: None, name: &name, length: Some(length) };
            let answer = match take_in(&vault, &new, &mut from, &progress, &cancel) {
                Ok(()) => Event::Attached(client, true),
                Err(Some(FileError::Stopped)) => Event::Attached(client, false),
                Err(Some(error)) => Event::Failed(Job::Attach, error.to_string()),
                // The practice was locked meanwhile: nobody is there to be told, and the next unlocking tidies up.
                Err(None) => return,
            };
            answers.send(answer);
        };
        std::thread::Builder::new().name("attach".to_owned()).spawn(work)?;
        Ok(None)
    }

    fn picture(&self, id: &DocId) -> Outcome {
        let bytes = self.vault.with(|vault| vault.file_bytes(id, PICTURE_BYTES))??;
        let (size, pixels) = decode(&bytes).ok_or_else(|| Failure::Sentence(words::NOT_A_PICTURE.to_owned()))?;
        Ok(Some(Event::Pictured(Picture { id: *id, size, pixels })))
    }

    fn copy_out(&mut self, id: DocId, dir: &Path) -> Outcome {
        let opened = self.vault.with(|vault| vault.open_file(&id))??;
        let path = dir.join(file_name::written(&opened.row().name));
        let (vault, answers) = (self.vault.clone(), self.answers.clone());
        let work = move || {
            let total = opened.row().length;
            let mut done = 0;
            let written = file_io::fill_new(&path, |to| {
                (0..opened.pieces()).try_for_each(|number| -> Result<(), Failure> {
                    let piece = vault.with(|vault| vault.file_piece(&opened, number))??;
                    to.write_all(&piece)?;
                    done += u64::try_from(piece.len()).unwrap_or_default();
                    answers.send(Event::Progress(Job::Files, Progress { done, total }));
                    Ok(())
                })
            });
            answers.send(match written {
                Ok(()) => Event::Written(Job::Files),
                Err(Failure::Sentence(why)) => Event::Failed(Job::Files, why),
                Err(Failure::Refused(refusal)) => Event::Refused(Job::Files, refusal),
            });
        };
        std::thread::Builder::new().name("copy".to_owned()).spawn(work)?;
        Ok(None)
    }
}

/// The files of a client, newest first; those beside private notes while the passphrase has just been given.
fn files_of(vault: &mut Vault, client: &ClientId) -> Result<Vec<FileRow>, FileError> {
    vault.close_again(practice::now());
    let mut found = vault.files(client)?;
    if vault.again_until().is_some() {
        found.extend(vault.process_files(client)?);
        found.sort_by_key(|row| std::cmp::Reverse((row.added, row.id)));
    }
    Ok(found)
}

/// Takes a file in, some pieces at a time. `Err(None)`: the practice was locked.
fn take_in(
    vault: &Shared,
    new: &NewFile<'_>,
    from: &mut File,
    progress: &dyn Fn(u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<(), Option<FileError>> {
    let borrow = |work: &mut dyn FnMut(&mut Vault) -> Result<(), FileError>| match vault.with(|vault| work(vault)) {
        Err(_) => Err(None),
        Ok(done) => done.map_err(Some),
    };
    let mut begun = None;
    borrow(&mut |vault| {
        begun = Some(vault.begin_attach(new, practice::now())?);
        Ok(())
    })?;
    let Some(mut attaching) = begun else { return Err(None) };
    let file = attaching.file();
    let taken = loop {
        if cancelled() {
            break Err(Some(FileError::Stopped));
        }
        match attaching.next(from) {
            Err(error) => break Err(Some(error)),
            Ok(None) => break Ok(()),
            Ok(Some(sealed)) => {
                let (read, mut sealed) = (sealed.read, Some(sealed));
                let kept = borrow(&mut |vault| {
                    sealed.take().map_or(Ok(()), |sealed| vault.keep_pieces(sealed, practice::now()))
                });
                if kept.is_err() {
                    break kept;
                }
                progress(read);
            }
        }
    };
    let mut attaching = Some(attaching);
    let ended = taken.and_then(|()| {
        borrow(&mut |vault| attaching.take().map_or(Ok(()), |attaching| vault.end_attach(attaching).map(|_| ())))
    });
    if ended.is_err() {
        let _ = vault.with(|vault| vault.give_up_attach(&file));
    }
    ended
}

/// Decodes a picture within bounds, and makes it as small as a screen.
fn decode(bytes: &[u8]) -> Option<([usize; 2], Zeroizing<Vec<u8>>)> {
    let mut reader = ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(PICTURE_SIDE);
    limits.max_image_height = Some(PICTURE_SIDE);
    limits.max_alloc = Some(PICTURE_MEMORY);
    reader.limits(limits);
    let whole = reader.decode().ok()?;
    let longest = whole.width().max(whole.height());
    let small = if longest > SHOWN_SIDE { whole.thumbnail(SHOWN_SIDE, SHOWN_SIDE) } else { whole };
    let pixels = small.into_rgba8();
    let size = [usize::try_from(pixels.width()).ok()?, usize::try_from(pixels.height()).ok()?];
    Some((size, Zeroizing::new(pixels.into_raw())))
}

fn attached(row: FileRow) -> Attached {
    let partly = match row.reached {
        Reached::Here => None,
        Reached::Partly(here, _) => Some(here),
        Reached::NotYet => Some(0),
    };
    Attached {
        id: row.id,
        name: row.name,
        media: row.media,
        agrees: row.agrees,
        length: row.length,
        added: rows::wall(row.added),
        private: row.process,
        partly,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of these sides.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbaImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_is_made_as_small_as_a_screen() {
        let (size, pixels) = decode(&png(3_200, 40)).unwrap();
        assert_eq!((size, pixels.len()), ([1_600, 20], 1_600 * 20 * 4));
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_and_one_that_is_none_are_refused() {
        assert!(decode(&png(PICTURE_SIDE + 1, 1)).is_none());
        assert!(decode(b"%PDF-1.7").is_none());
        let mut cut = png(64, 64);
        cut.truncate(40);
        assert!(decode(&cut).is_none());
    }
}
