//! Writes a practice as the folder that `import` reads, plus each record as one page and one JSON document.
//!
//! Into a fresh folder only, for the owner's eyes only, overwriting nothing. Process notes stay out unless asked for by
//! name, and then lie apart. `clients.csv` is written last: a folder without it is an export that did not end, and
//! `import` refuses it.

mod files;
mod note;
mod record;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub(crate) use self::files::FileToExport;
pub use self::record::{Record, record_json, record_markdown};
use crate::file_name;
use crate::folder_format::{self, guard};
use crate::id::{ClientId, Hash, NoteId};
use crate::import::SignedMark;
use crate::record::{Identity, Measure, NoteContent};
use crate::sign::{PublicKey, Signature};

/// Whether process notes go along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessNotes {
    /// They stay where they are.
    LeaveOut,
    /// They were asked for by name.
    Include,
}

/// A note to be written.
#[derive(Clone)]
pub struct ExportedNote {
    /// Its id in this practice.
    pub id: NoteId,
    /// The note that it adds to.
    pub addendum_to: Option<NoteId>,
    /// Whether it is a process note.
    pub process: bool,
    /// Its signature, and the exact bytes that were signed.
    pub signed: Option<(SignedMark, Vec<u8>)>,
    /// Its place among the signed notes, and what proves it.
    pub chain: Option<Chain>,
    /// What it says.
    pub content: NoteContent,
}

/// What a signed note adds to, and who signed it: with the signed bytes enough to check it without this program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The hash of the signed note that it adds to.
    pub adds_to: Option<Hash>,
    /// Whether it says that what it adds to was entered in error.
    pub entered_in_error: bool,
    /// The device's public signing key.
    pub key: PublicKey,
    /// Its signature.
    pub signature: Signature,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain")
    }
}

/// A client to be written.
#[derive(Clone)]
pub struct ExportedClient {
    /// The client's id in this practice.
    pub id: ClientId,
    /// Who it is.
    pub identity: Identity,
    /// The notes, in any order.
    pub notes: Vec<ExportedNote>,
    /// The measures, in the order in which they are to stand.
    pub measures: Vec<Measure>,
}

impl fmt::Debug for ExportedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExportedNote")
    }
}

impl fmt::Debug for ExportedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExportedClient")
    }
}

/// What an export wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Clients.
    pub clients: u64,
    /// Notes, process notes included.
    pub notes: u64,
    /// Process notes that were left out.
    pub left_out: u64,
    /// Measures.
    pub measures: u64,
    /// Signed notes whose bytes lie beside.
    pub signed: u64,
    /// Of these, the ones whose bytes do not have the hash that the note names.
    pub signed_differ: u64,
    /// Attached files.
    pub files: u64,
    /// Attached files that are damaged or have not reached this device, and are not here.
    pub files_left_out: u64,
    /// Notes that could not be read and are not here; the check of the practice names them.
    pub unreadable: u64,
}

/// Why an export ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// There is something in the folder.
    #[error("the folder is not empty, and nothing was written: an export goes into a new folder")]
    NotEmpty,
    /// The system refused.
    #[error("the export could not be written and is incomplete; the practice itself is untouched ({0})")]
    Io(io::ErrorKind),
    /// It was told to stop.
    #[error(
        "the export was stopped and is incomplete; the practice itself is untouched. What was written is not sealed"
    )]
    Stopped,
    /// A record could not be put into JSON.
    #[error("a record could not be put into JSON, and the export is incomplete; the practice itself is untouched")]
    Json,
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            _ => Self::Io(io::ErrorKind::Other),
        }
    }
}

/// Writes all clients. A caller that loads them one by one uses [`Export`].
pub fn write(
    folder: &Path,
    clients: impl IntoIterator<Item = ExportedClient>,
    process: ProcessNotes,
) -> Result<Written, ExportError> {
    let mut export = Export::into_fresh(folder, process)?;
    clients.into_iter().try_for_each(|client| export.client(&client))?;
    export.finish()
}

/// An export under way.
pub struct Export {
    folder: PathBuf,
    process: ProcessNotes,
    measures: csv::Writer<File>,
    clients: Vec<(String, Identity)>,
    /// Names in use, in lower case: `C1` and `c1` are one folder on Windows and on a Mac.
    names: HashSet<String>,
    files: files::Files,
    written: Written,
}

impl Export {
    /// Begins an export in a folder that is empty or not there yet.
    pub fn into_fresh(folder: &Path, process: ProcessNotes) -> Result<Self, ExportError> {
        make_folder(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            return Err(ExportError::NotEmpty);
        }
        make_private(folder)?;
        let mut measures = csv::Writer::from_writer(new_file(&folder.join(folder_format::MEASURES))?);
        measures.write_record(["client_id", "date", "instrument", "items", "total"])?;
        let (clients, names, written) = (Vec::new(), HashSet::new(), Written::default());
        let files = files::Files::default();
        Ok(Self { folder: folder.to_owned(), process, measures, clients, names, files, written })
    }

    /// Writes one client's notes, measures and record.
    pub fn client(&mut self, client: &ExportedClient) -> Result<(), ExportError> {
        let name = self.name_for(client);
        self.notes(&name, &client.notes)?;
        for measure in &client.measures {
            let items = measure.items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            let cells = [&name, &measure.date.to_string(), &measure.instrument, &items, &measure.total.to_string()];
            self.measures.write_record(cells.map(|cell| guard(cell).into_owned()))?;
            self.written.measures += 1;
        }
        let record = Record { identity: &client.identity, notes: &client.notes, measures: &client.measures };
        let folder = self.folder_of(folder_format::RECORDS, &name)?;
        let json = record_json(&record, ProcessNotes::LeaveOut)?;
        new_file(&folder.join("record.json"))?.write_all(json.as_bytes())?;
        let page = record_markdown(&record, ProcessNotes::LeaveOut);
        new_file(&folder.join("record.md"))?.write_all(page.as_bytes())?;
        self.clients.push((name, client.identity.clone()));
        self.written.clients += 1;
        Ok(())
    }

    /// Writes the list of clients, without which the folder is not an export.
    pub fn finish(mut self) -> Result<Written, ExportError> {
        self.measures.flush()?;
        self.finish_files()?;
        let columns: BTreeSet<&str> = self
            .clients
            .iter()
            .flat_map(|(_, identity)| &identity.other)
            .filter(|(name, value)| has_column(name, value))
            .map(|(name, _)| name.as_str())
            .collect();
        let mut table = csv::Writer::from_writer(new_file(&self.folder.join(folder_format::CLIENTS))?);
        let header = folder_format::CLIENT_COLUMNS.into_iter().chain(columns.iter().copied());
        table.write_record(header.map(|cell| guard(cell).into_owned()))?;
        for (name, identity) in &self.clients {
            table.write_record(row(name, identity, &columns)?.iter().map(|cell| guard(cell).into_owned()))?;
        }
        table.flush()?;
        Ok(self.written)
    }

    /// The client's own code where it can name a folder on every system and no other client has it; else `~` and the id.
    fn name_for(&mut self, client: &ExportedClient) -> String {
        folder_name(client.identity.code.as_deref(), &client.id, &mut self.names)
    }

    fn folder_of(&self, kind: &str, name: &str) -> Result<PathBuf, ExportError> {
        let above = self.folder.join(kind);
        make_folder(&above)?;
        let folder = above.join(name);
        make_folder(&folder)?;
        Ok(folder)
    }

    fn notes(&mut self, name: &str, notes: &[ExportedNote]) -> Result<(), ExportError> {
        let mut in_use = HashSet::new();
        for note in notes {
            if note.process && self.process == ProcessNotes::LeaveOut {
                self.written.left_out += 1;
                continue;
            }
            let kind = if note.process { folder_format::PROCESS } else { folder_format::NOTES };
            let folder = self.folder_of(kind, name)?;
            let file = note::file_name(&note.content, |file| in_use.insert((kind, file_name::key(file))));
            new_file(&folder.join(file))?.write_all(note::file(name, note).as_bytes())?;
            self.written.notes += 1;
            if let Some((mark, bytes)) = &note.signed {
                self.signed(mark, bytes, note.chain.as_ref())?;
            }
        }
        Ok(())
    }

    /// Writes the exact bytes that were signed under their hash, so that `sha256sum` checks them, and beside them the
    /// signature and the device's key, so that `openssl` checks those.
    fn signed(&mut self, mark: &SignedMark, bytes: &[u8], chain: Option<&Chain>) -> Result<(), ExportError> {
        let folder = self.folder.join(folder_format::SIGNED);
        make_folder(&folder)?;
        write_once(&folder.join(format!("{}.json", mark.hash)), bytes)?;
        if let Some(chain) = chain {
            write_once(&folder.join(format!("{}.sig", mark.hash)), &chain.signature.0)?;
            write_once(&folder.join(format!("{}.pem", mark.device)), chain.key.to_pem().as_bytes())?;
        }
        self.written.signed += 1;
        self.written.signed_differ += u64::from(Sha256::digest(bytes).as_slice() != mark.hash.0.as_slice());
        Ok(())
    }
}

/// The name of a client's folder; `names` are the ones in use, in lower case.
pub(crate) fn folder_name(code: Option<&str>, id: &ClientId, names: &mut HashSet<String>) -> String {
    match code.filter(|code| is_plain(code) && names.insert(code.to_lowercase())) {
        Some(code) => code.to_owned(),
        None => format!("~{id}"),
    }
}

/// Whether the name can be a folder everywhere, Windows and its device names included, and reads back as itself.
fn is_plain(code: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let stem = code.split('.').next().unwrap_or_default().to_uppercase();
    let port = |name: &str| stem.strip_prefix(name).is_some_and(|rest| rest.len() == 1);
    let is_device = ["", "CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || port("COM") || port("LPT");
    code.len() <= 64 && code.chars().all(allowed) && !code.ends_with('.') && !is_device
}

/// Whether a column of its own can hold this, and give it back.
fn has_column(name: &str, value: &str) -> bool {
    let plain = folder_format::field_name(name);
    !value.is_empty() && !plain.is_empty() && !folder_format::CLIENT_COLUMNS.contains(&plain.as_str())
}

fn row(name: &str, identity: &Identity, columns: &BTreeSet<&str>) -> Result<Vec<String>, ExportError> {
    let packed: BTreeMap<_, _> = identity.other.iter().filter(|(name, value)| !has_column(name, value)).collect();
    let packed = match packed.is_empty() {
        true => String::new(),
        false => serde_json::to_string(&packed).map_err(|_| ExportError::Json)?,
    };
    let code = identity.code.as_deref().filter(|code| *code != name).unwrap_or_default();
    let born = identity.birth_date.map(|date| date.to_string()).unwrap_or_default();
    let Identity { email, phone, language, status, referral, .. } = identity;
    let placed = [name, &identity.name, &born, email, phone, language, status, referral, code, &packed];
    let further = columns.iter().map(|column| identity.other.get(*column).filter(|value| has_column(column, value)));
    let further = further.map(|value| value.cloned().unwrap_or_default());
    Ok(placed.into_iter().map(str::to_owned).chain(further).collect())
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Closes a folder that was there before to everybody but its owner.
#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// On Windows a folder inherits from the one above, which in a user's profile is closed to others.
#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A file that was not there before, for its owner alone.
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What lies there already under the name of its own hash, or its device's, is the same.
fn write_once(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    match new_file(path) {
        Ok(mut file) => Ok(file.write_all(bytes)?),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
