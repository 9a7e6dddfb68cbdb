//! Attached files in an export: as they are, under names that every system takes, with a table that says what each is.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::PathBuf;

use super::{Export, ExportError, new_file};
use crate::folder_format::{self, guard};
use crate::id::NoteId;
use crate::time::Millis;
use crate::{file_name, time};

/// The table of files, and the names that are in use.
#[derive(Default)]
pub(super) struct Files {
    table: Option<csv::Writer<File>>,
    in_use: HashSet<PathBuf>,
}

/// What an export says of an attached file.
pub(crate) struct FileToExport<'a> {
    /// As it was called when it was attached.
    pub(crate) name: &'a str,
    pub(crate) media: &'a str,
    /// Bytes.
    pub(crate) length: u64,
    pub(crate) added: Millis,
    /// The note that it was attached to.
    pub(crate) note: Option<NoteId>,
    /// Kept apart from the record, beside private notes.
    pub(crate) is_private: bool,
}

/// A file that is being written. Unless it is ended, it is taken away again.
pub(crate) struct ExportedFile {
    /// Where its bytes go.
    pub(crate) file: File,
    path: PathBuf,
    row: Vec<String>,
}

impl Export {
    /// Begins a file of the client that was written last.
    pub(crate) fn begin_file(&mut self, of: &FileToExport<'_>) -> Result<ExportedFile, ExportError> {
        let client = self.clients.last().map(|(name, _)| name.clone()).unwrap_or_default();
        let top = if of.is_private { folder_format::PROCESS_FILES } else { folder_format::FILES };
        let folder = self.folder_of(top, &client)?;
        let name = file_name::free(&file_name::written(of.name), |name| {
            // Some disks take two names for one that differ in case alone, or in how an accent is put together.
            self.files.in_use.insert(folder.join(file_name::key(name)))
        });
        let added = time::timestamp(of.added);
        let cells = [
            client.clone(),
            format!("{top}/{client}/{name}"),
            of.note.map(|note| note.to_string()).unwrap_or_default(),
            of.media.to_owned(),
            of.length.to_string(),
            added.map(|added| added.to_string()).unwrap_or_default(),
        ];
        let path = folder.join(name);
        Ok(ExportedFile { file: new_file(&path)?, path, row: cells.to_vec() })
    }

    /// Ends a file all of which was written.
    pub(crate) fn end_file(&mut self, written: ExportedFile) -> Result<(), ExportError> {
        if self.files.table.is_none() {
            let mut table = csv::Writer::from_writer(new_file(&self.folder.join(folder_format::FILES_TABLE))?);
            table.write_record(["client_id", "file", "note_id", "type", "bytes", "added"])?;
            self.files.table = Some(table);
        }
        if let Some(table) = &mut self.files.table {
            table.write_record(written.row.iter().map(|cell| guard(cell).into_owned()))?;
        }
        self.written.files += 1;
        Ok(())
    }

    /// Takes a file away that could not be written whole: half a scan must not pass for one.
    pub(crate) fn leave_out_file(&mut self, written: ExportedFile) -> Result<(), ExportError> {
        drop(written.file);
        fs::remove_file(&written.path)?;
        self.written.files_left_out += 1;
        Ok(())
    }

    pub(super) fn finish_files(&mut self) -> Result<(), ExportError> {
        self.files.table.as_mut().map_or(Ok(()), csv::Writer::flush)?;
        Ok(())
    }
}
