//! Attached files. Long ones are read and written on a thread of their own, which borrows the practice for some pieces at a time:
//! saving what is typed never waits for a recording. No piece is ever in a temporary file.

use std::path::Path;

use image::ImageReader;
use subrosa_core::file_name;
use subrosa_core::id::{ClientId, DocId};
use subrosa_core::vault::{FileError, FileRow, FilesMut, LendFiles, NewFile, Reached, Vault, attach_lent};
use zeroize::Zeroizing;

use crate::bridge::Shared;
use crate::features::files::messages::{FilesEffect, FilesEvent};
use crate::features::files::values::{Attachment, Picture};
use crate::features::notes::job::sending::send;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::jobs::rows;
use crate::jobs::thread;
use crate::messages::Event;
use crate::operations::attachments::FileToAttach;
use crate::practice::{self, file_io};
use crate::values::job::Job;
use crate::words;

/// The largest picture that is read at all, in bytes.
const PICTURE_BYTES: usize = 64 << 20;

/// The widest and the highest that is decoded, in pixels.
const PICTURE_SIDE: u32 = 16_000;

/// Memory that decoding may take.
const PICTURE_MEMORY: u64 = 256 << 20;

/// Pixels of the longer side as it is shown.
const SHOWN_SIDE: u32 = 1_600;

pub(crate) fn answer(bench: &mut Bench, effect: FilesEffect) -> JobOutcome {
    match effect {
        FilesEffect::Load(client) => files(bench, &client),
        FilesEffect::Changed(client) => {
            send(bench);
            bench.tell_devices();
            files(bench, &client)
        }
        FilesEffect::Attach { client, file } => attach(bench, client, &file),
        FilesEffect::ShowPicture(id) => picture(bench, &id),
        FilesEffect::Copy { file, dir } => copy_out(bench, file, &dir),
    }
}

fn files(bench: &Bench, client: &ClientId) -> JobOutcome {
    let found = bench.vault.with(|vault| files_of(vault, client))??;
    Ok(Some(Event::Files(FilesEvent::Listed(*client, found.into_iter().map(attached).collect()))))
}

fn attach(bench: &mut Bench, client: ClientId, file: &Path) -> JobOutcome {
    let Some(FileToAttach { file: mut from, name, length }) = FileToAttach::open(file)? else {
        return Err(JobFailure::Sentence(words::ATTACH_FOLDER.to_owned()));
    };
    bench.cancelled.begin(Job::Attach);
    let (mut vault, answers, cancel) = (bench.vault.clone(), bench.answers.clone(), bench.cancelled.stops(Job::Attach));
    let work = move || {
        let new = NewFile { client, note: None, name: &name, length: Some(length) };
        let progress = &mut answers.progress_of(Job::Attach);
        let answer = match attach_lent(&mut vault, &new, &mut from, &practice::now, progress, &cancel) {
            Ok(_) => Event::Files(FilesEvent::Attached(client, true)),
            Err(FileError::Stopped) => Event::Files(FilesEvent::Attached(client, false)),
            // Nobody is there to be told, and the next unlocking tidies up.
            Err(_) if vault.is_locked() => return,
            Err(error) => Event::Failed(Job::Attach, error.to_string()),
        };
        answers.send(answer);
    };
    thread::spawn("attach", Job::Attach, &bench.answers, work)?;
    Ok(None)
}

/// The practice is borrowed for some pieces, and everybody else works on it in between.
impl LendFiles for Shared {
    fn lend_files<T>(&mut self, work: impl FnOnce(&mut FilesMut<'_>) -> Result<T, FileError>) -> Result<T, FileError> {
        self.with(|vault| work(&mut vault.files_mut())).unwrap_or(Err(FileError::Ended))
    }
}

fn picture(bench: &Bench, id: &DocId) -> JobOutcome {
    let bytes = bench.vault.with(|vault| vault.files().file_bytes(id, PICTURE_BYTES))??;
    let (size, pixels) = decode(&bytes).ok_or_else(|| JobFailure::Sentence(words::NOT_A_PICTURE.to_owned()))?;
    Ok(Some(Event::Files(FilesEvent::Pictured(Picture { id: *id, size, pixels }))))
}

fn copy_out(bench: &mut Bench, id: DocId, dir: &Path) -> JobOutcome {
    let opened = bench.vault.with(|vault| vault.files().open_file(&id))??;
    let path = dir.join(file_name::written(&opened.row().name));
    let (vault, answers) = (bench.vault.clone(), bench.answers.clone());
    let work = move || {
        let piece = &mut |number| -> Result<_, JobFailure> {
            Ok(vault.with(|vault| vault.files().file_piece(&opened, number))??)
        };
        let progress = &mut answers.progress_of(Job::Files);
        let written = file_io::fill_new(&path, |to| opened.write_out(piece, to, progress, &|| false));
        answers.send(match written {
            Ok(()) => Event::Written(Job::Files),
            Err(failure) => failure.event(Job::Files),
        });
    };
    thread::spawn("copy", Job::Files, &bench.answers, work)?;
    Ok(None)
}

/// The files of a client, newest first; those beside private notes while the passphrase has just been given.
fn files_of(vault: &mut Vault, client: &ClientId) -> Result<Vec<FileRow>, FileError> {
    vault.expire_reauth(practice::now());
    let mut found = vault.files().of_client(client)?;
    if vault.reauth_until().is_some() {
        found.extend(vault.files().private_files(client)?);
        found.sort_by_key(|row| std::cmp::Reverse((row.added, row.id)));
    }
    Ok(found)
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

fn attached(row: FileRow) -> Attachment {
    let partly = match row.reached {
        Reached::Here => None,
        Reached::Partly(here, _) => Some(here),
        Reached::NotYet => Some(0),
    };
    Attachment {
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
