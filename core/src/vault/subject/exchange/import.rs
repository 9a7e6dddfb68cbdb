//! Taking a paper trail in, and undoing that.
//!
//! Ids of imported documents come from what identifies them in the paper trail, so importing twice adds nothing, on two
//! devices as on one. An edit is never overwritten: what is here stays. Undoing takes back what nobody has touched.

use crate::rows::{One, RowError};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use crate::export::ExportError;
use crate::id::{ClientId, DocId};
use crate::import::{self, ImportError, Progress, Report};
use crate::log::{Class, DocType, Kind};
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::read::FileError;
use crate::vault::read::ReadError;
use crate::vault::registry::{ImportAt, ImportedAt, ImportsAt};
use crate::vault::subject::exchange::importing::Importing;
use crate::vault::subject::{Exchange, ExchangeMut};

/// What an import did, or would do.
#[derive(Debug, Default)]
pub struct Imported {
    /// Names the import, to undo it; `None` for a dry run and when nothing was added.
    pub id: Option<DocId>,
    /// Clients added.
    pub clients: u64,
    /// Notes added.
    pub notes: u64,
    /// Measures added.
    pub measures: u64,
    /// Clients, notes and measures that were here already.
    pub known: u64,
    /// Private notes left out, because the passphrase was not given again.
    pub process_left_out: u64,
    /// What the reading has to say.
    pub report: Report,
}

/// What undoing an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Documents taken back.
    pub removed: u64,
    /// Documents kept, because somebody has written in them since.
    pub kept: u64,
}

/// Why an import or an export did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The folder.
    #[error("{0}")]
    Import(#[from] ImportError),
    /// The folder to write to.
    #[error("{0}")]
    Export(#[from] ExportError),
    /// The vault.
    #[error("{0}")]
    Read(#[from] ReadError),
    /// An attached file.
    #[error("{0}")]
    File(FileError),
}

/// Why an import was not undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UndoError {
    /// Rows were not read or not written.
    #[error(transparent)]
    Row(#[from] RowError),
    /// It is not known.
    #[error("There is no such import. Nothing was changed.")]
    NoSuchImport,
}

impl From<RowError> for ExchangeError {
    fn from(error: RowError) -> Self {
        Self::Read(error.into())
    }
}

impl From<FileError> for ExchangeError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Practice(error) => Self::Read(error),
            FileError::Write(kind) => Self::Export(ExportError::Io(kind)),
            error => Self::File(error),
        }
    }
}

impl Exchange<'_> {
    /// Imports that can be undone, newest last, with the time of each.
    pub fn imports(&self) -> Result<Vec<(DocId, Millis)>, ReadError> {
        let mut imports = Vec::new();
        for id in self.core.read().list(&ImportsAt())? {
            imports.extend(self.core.read().get(&ImportAt(id))?.map(|One((at, _))| (id, at)));
        }
        Ok(imports)
    }
}

impl ExchangeMut<'_> {
    /// Takes in the folder of a paper trail. A dry run only counts.
    pub fn import(
        &mut self,
        folder: &Path,
        dry_run: bool,
        now: Millis,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Imported, ExchangeError> {
        let mut importing = Importing::begin(self.core, dry_run, now);
        let mut failed = None;
        let streamed = import::stream(
            folder,
            &mut |found| match importing.take(found) {
                Ok(verdict) => ControlFlow::Continue(verdict),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            },
            progress,
            cancel,
        );
        if let Some(error) = failed {
            return Err(error.into());
        }
        let done = importing.end()?;
        if done.id.is_some() {
            self.core.compact()?;
        }
        Ok(Imported { report: streamed?, ..done })
    }

    /// Takes an import back, but for what somebody has written in since.
    pub fn undo_import(&mut self, import: &DocId, now: Millis) -> Result<Undone, UndoError> {
        let One((_, parts)) = self.core.read().get(&ImportAt(*import))?.ok_or(UndoError::NoSuchImport)?;
        let mut undone = Undone::default();
        let mut documents = Vec::new();
        for part in 0..parts {
            documents.extend(self.core.read().list(&ImportedAt(*import, part))?);
        }
        // Notes and measures first: a client goes only when nothing of theirs is left.
        documents.reverse();
        let (mut tx, mut out) = (Transaction::default(), Outbox::new(Class::Import));
        let mut going: BTreeMap<ClientId, usize> = BTreeMap::new();
        for id in documents {
            let Some(entry) = self.core.read().entry(&id)? else { continue };
            let touched =
                entry.places.iter().any(|(_, kind)| matches!(kind, Kind::Changes | Kind::Signed | Kind::Moved));
            let left = match entry.kind() {
                DocType::Client => {
                    let timeline = self.core.read().read_timeline(&id)?;
                    timeline.notes.len() + timeline.measures.len() > going.get(&id).copied().unwrap_or(0)
                }
                _ => false,
            };
            if touched || left || self.core.memory.pending.contains(&id) {
                undone.kept += 1;
                continue;
            }
            let documents = self.core.read().documents();
            let home = documents.home(&id, &entry)?;
            out.push(Kind::Delete, id, home.under(), documents.delete_payload_of(&id, &entry, &home.origin, now)?);
            *going.entry(entry.client).or_default() += 1;
            undone.removed += 1;
        }
        tx.remove(&ImportAt(*import));
        (0..parts).for_each(|part| tx.remove(&ImportedAt(*import, part)));
        commit(self.core, tx, out)?;
        Ok(undone)
    }
}
