//! Reads a therapist's paper trail from a folder: `clients.csv`, `measures.csv`, `notes/<client>/*.md` with front matter.
//!
//! Nothing is dropped in silence: each file and row is taken, or the report has a [`Problem`] for it, or both; the
//! broken thing never stops the rest. No cell is ever made into a path, no link is followed, nothing is opened before
//! its kind and size are known. What comes out is plain data; storing it, once, is the caller's.

mod front_matter;
mod note;
mod problem;
mod table;
mod tables;
mod text;

use std::cell::Cell;
use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use subrosa_base::id::{DeviceId, Hash, NoteId};
use subrosa_record::{Identity, Measure, NoteContent};

pub use self::problem::{Problem, ProblemKind};
use crate::folder_format;

/// A longer file of a note is refused: 4 MiB of text, which is what a note holds, and its header.
pub const MAX_NOTE: u64 = (4 << 20) + (128 << 10);
/// A longer table is refused.
pub const MAX_TABLE: u64 = 64 << 20;
/// Folders nested deeper than this are refused.
const MAX_DEPTH: usize = 8;

/// A note as it came out of its file.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedNote {
    /// Id of the client, as `clients.csv` has it.
    pub client: String,
    /// The file, relative to the folder, with `/` between its parts: what tells this note when it is imported again.
    pub source: String,
    /// Whether it is a process note, kept apart from the record.
    pub process: bool,
    /// The id that it had in the practice that exported it.
    pub note_id: Option<NoteId>,
    /// The note that it adds to, by the id of that practice.
    pub addendum_to: Option<NoteId>,
    /// What the file claims about its signature. Nothing here has checked it.
    pub signed: Option<SignedMark>,
    /// The note.
    pub content: NoteContent,
}

impl fmt::Debug for ImportedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportedNote")
    }
}

/// What a signed note says of its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedMark {
    /// SHA-256 of the exact bytes that were signed.
    pub hash: Hash,
    /// The device that signed.
    pub device: DeviceId,
    /// When it did.
    pub time: Timestamp,
}

/// One thing that [`stream`] found.
#[derive(Debug)]
pub enum Found {
    /// A client, with the id that notes and measures name it by.
    Client(String, Identity),
    /// A measure of the client with this id.
    Measure(String, Measure),
    /// A note.
    Note(ImportedNote),
}

/// What became of something that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken, or is known already.
    Taken,
    /// It was left out, as was asked for: nothing is said of it.
    LeftOut,
    /// It cannot be kept.
    Refused(ProblemKind),
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files read so far.
    pub done: u64,
    /// Files in all.
    pub of: u64,
}

/// What a reading has to say when it is over.
#[derive(Debug, Default)]
pub struct Report {
    /// What was not taken, or not as it stood.
    pub problems: Vec<Problem>,
    /// Files in the folder.
    pub files: u64,
    /// Rows in the tables, headers apart.
    pub rows: u64,
    /// Files that an export of ours adds as a copy of what stands elsewhere in the folder. Not read.
    pub copies: u64,
}

/// All of a paper trail at once.
#[derive(Debug, Default)]
pub struct PaperTrail {
    /// The clients, with the ids that notes and measures name them by.
    pub clients: Vec<(String, Identity)>,
    /// The notes.
    pub notes: Vec<ImportedNote>,
    /// The measures, with the id of their client.
    pub measures: Vec<(String, Measure)>,
    /// What the reading has to say.
    pub report: Report,
}

/// Why nothing could be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// There is no such folder, or it may not be read.
    #[error("the folder could not be read, and nothing was imported: check that it is there and may be opened ({0})")]
    Folder(std::io::ErrorKind),
    /// There is no usable `clients.csv`.
    #[error(
        "nothing was imported: the folder has no readable clients.csv with a column \"id\", so no note could be told \
         to belong to anybody"
    )]
    NoClients,
    /// The caller asked to stop.
    #[error("the import was stopped before its end, as asked")]
    Stopped,
}

/// Reads everything into memory. For a practice of many years, [`stream`] needs less.
pub fn read(
    folder: &Path,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<PaperTrail, ImportError> {
    let mut trail = PaperTrail::default();
    let mut sink = |found| {
        match found {
            Found::Client(id, identity) => trail.clients.push((id, identity)),
            Found::Measure(client, measure) => trail.measures.push((client, measure)),
            Found::Note(note) => trail.notes.push(note),
        }
        ControlFlow::Continue(Verdict::Taken)
    };
    let report = stream(folder, &mut sink, progress, cancel)?;
    Ok(PaperTrail { report, ..trail })
}

/// Hands over what it finds, one thing at a time: all clients, then all measures, then the notes in the order of their
/// names; `sink` says what became of it. Stops when `sink` breaks or `cancel` says so.
pub fn stream(
    folder: &Path,
    sink: &mut dyn FnMut(Found) -> ControlFlow<(), Verdict>,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<Report, ImportError> {
    let mut reading = Reading { folder, report: Report::default(), known: tables::Known::new(), notes: Vec::new() };
    reading.walk(&mut PathBuf::new(), 0, cancel)?;
    let of = reading.report.files;
    let stopped = Cell::new(false);
    let mut pass = |found| match sink(found) {
        ControlFlow::Continue(verdict) => verdict,
        ControlFlow::Break(()) => {
            stopped.set(true);
            Verdict::LeftOut
        }
    };
    reading.table(folder_format::CLIENTS, &mut pass)?;
    reading.table(folder_format::MEASURES, &mut pass)?;
    let notes = std::mem::take(&mut reading.notes);
    let other_files = of.saturating_sub(u64::try_from(notes.len()).unwrap_or(of));
    for (done, path) in (other_files..).zip(&notes) {
        progress(Progress { done, of });
        reading.note(path, &mut pass);
        if stopped.get() || cancel() {
            return Err(ImportError::Stopped);
        }
    }
    progress(Progress { done: of, of });
    if stopped.get() { Err(ImportError::Stopped) } else { Ok(reading.report) }
}

struct Reading<'a> {
    folder: &'a Path,
    report: Report,
    known: tables::Known,
    /// Note files, relative to the folder.
    notes: Vec<PathBuf>,
}

impl Reading<'_> {
    fn say(&mut self, file: String, kinds: Vec<ProblemKind>) {
        self.report.problems.extend(Problem::of(file, None, kinds));
    }

    /// Lists what there is without opening a file.
    fn walk(&mut self, at: &mut PathBuf, depth: usize, cancel: &dyn Fn() -> bool) -> Result<(), ImportError> {
        let entries = fs::read_dir(self.folder.join(&at)).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(ImportError::Folder(error.kind())),
            Err(_) => {
                self.say(shown(at), vec![ProblemKind::Unreadable]);
                return Ok(());
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if cancel() {
                return Err(ImportError::Stopped);
            }
            at.push(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => self.walk(at, depth + 1, cancel)?,
                Ok(kind) if kind.is_file() => self.sort(at),
                Ok(kind) => self.refuse(at, if kind.is_symlink() { ProblemKind::Link } else { ProblemKind::NotAFile }),
                Err(_) => self.refuse(at, ProblemKind::Unreadable),
            }
            at.pop();
        }
        Ok(())
    }

    fn refuse(&mut self, path: &Path, kind: ProblemKind) {
        self.report.files += 1;
        self.say(shown(path), vec![kind]);
    }

    fn sort(&mut self, path: &Path) {
        let name = shown(path);
        let (top, below) = name.split_once('/').unwrap_or((&name, ""));
        let ends_as_note = [".md", ".markdown", ".txt"].iter().any(|end| name.to_lowercase().ends_with(end));
        let copy = (top == folder_format::RECORDS
            && (below.ends_with("/record.md") || below.ends_with("/record.json")))
            || (top == folder_format::SIGNED
                && [".json", ".sig", ".pem"].iter().any(|end| is_hex(below.strip_suffix(end))))
            || (top == folder_format::FILES_TABLE && below.is_empty())
            || ([folder_format::FILES, folder_format::PROCESS_FILES].contains(&top) && !below.is_empty());
        self.report.files += 1;
        match top {
            folder_format::CLIENTS | folder_format::MEASURES if below.is_empty() => {}
            folder_format::NOTES | folder_format::PROCESS if ends_as_note && !below.is_empty() => {
                self.notes.push(path.to_owned())
            }
            _ if copy => self.report.copies += 1,
            _ => self.say(name, vec![ProblemKind::NotANote]),
        }
    }

    fn table(&mut self, name: &'static str, sink: &mut dyn FnMut(Found) -> Verdict) -> Result<(), ImportError> {
        let is_clients = name == folder_format::CLIENTS;
        let bytes = match bounded(&self.folder.join(name), MAX_TABLE) {
            Ok(bytes) => bytes,
            Err(_) if is_clients => return Err(ImportError::NoClients),
            // Having measured nothing is no problem; a link in its place has been reported by the walk.
            Err(ProblemKind::NotAFile) => return Ok(()),
            Err(kind) => {
                self.say(name.to_owned(), vec![kind]);
                return Ok(());
            }
        };
        // UTF-16 has to be read whole, UTF-8 and the rest cell by cell, so that one bad cell is one bad cell.
        let bytes = match text::of_file(&bytes) {
            (text, text::Read::Utf16 | text::Read::BrokenUtf16) => text.into_bytes(),
            _ => bytes.strip_prefix(b"\xEF\xBB\xBF").map(<[u8]>::to_vec).unwrap_or(bytes),
        };
        let Self { report, known, .. } = self;
        let mut says = |line, kinds| report.problems.extend(Problem::of(name.to_owned(), Some(line), kinds));
        report.rows += if is_clients {
            tables::clients(&bytes, known, sink, &mut says)
        } else {
            tables::measures(&bytes, known, sink, &mut says)
        };
        let unusable = |problem: &Problem| problem.kinds == [ProblemKind::NotATable];
        if is_clients && report.problems.last().is_some_and(unusable) { Err(ImportError::NoClients) } else { Ok(()) }
    }

    fn note(&mut self, path: &Path, sink: &mut dyn FnMut(Found) -> Verdict) {
        let source = shown(path);
        let bytes = match bounded(&self.folder.join(path), MAX_NOTE) {
            Ok(bytes) => bytes,
            Err(kind) => return self.say(source, vec![kind]),
        };
        let mut parts = source.split('/');
        let is_process = parts.next() == Some(folder_format::PROCESS);
        // The folder under `notes` names the client, unless it is a file or a folder of an export that stands for one.
        let folder = parts.next().filter(|folder| self.known.contains_key(*folder));
        let (note, problems) = note::read(&bytes, &source, folder);
        let verdict = match note {
            None => Verdict::Taken,
            Some(note) if !self.known.contains_key(&note.client) => Verdict::Refused(ProblemKind::UnknownClient),
            Some(note) => sink(Found::Note(ImportedNote { process: note.process || is_process, ..note })),
        };
        match verdict {
            Verdict::Taken => self.say(source, problems),
            Verdict::LeftOut => {}
            Verdict::Refused(kind) => self.say(source, vec![kind]),
        }
    }
}

/// The path as the report shows it, the same on every system.
fn shown(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Whether a name is a hash or a device's id.
fn is_hex(name: Option<&str>) -> bool {
    name.is_some_and(|name| [32, 64].contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Reads a plain file whose size is within the limit, and never more than that, should it grow meanwhile.
fn bounded(path: &Path, limit: u64) -> Result<Vec<u8>, ProblemKind> {
    let kind = fs::symlink_metadata(path).map_err(|_| ProblemKind::NotAFile)?;
    if !kind.is_file() {
        return Err(ProblemKind::NotAFile);
    }
    let too_large = |bytes| ProblemKind::TooLarge { bytes, limit };
    if kind.len() > limit {
        return Err(too_large(kind.len()));
    }
    let file = File::open(path).map_err(|_| ProblemKind::Unreadable)?;
    let mut bytes = Vec::with_capacity(usize::try_from(kind.len()).unwrap_or_default());
    let read = file.take(limit + 1).read_to_end(&mut bytes).map_err(|_| ProblemKind::Unreadable)?;
    match u64::try_from(read) {
        Ok(read) if read <= limit => Ok(bytes),
        _ => Err(too_large(limit + 1)),
    }
}

#[cfg(test)]
mod tests;
