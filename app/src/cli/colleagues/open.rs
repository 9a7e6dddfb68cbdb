//! Reading a record that a colleague sealed to this practice. Nothing of it enters the practice.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Value, json};
use subrosa_core::share::{OpenedRecord, Standing};
use subrosa_core::vault::Vault;

use crate::cli::console::{Answer, CliFailure};
use crate::operations::sealed_record;
use crate::practice::{self, file_io};
use crate::words::size;

/// `open`: what is done with a sealed record.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct OpenOptions {
    /// The sealed record
    file: PathBuf,
    /// Write its files into a new folder
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// Write one of its files, by its name
    #[arg(long, value_name = "NAME", requires = "out", conflicts_with = "save")]
    extract: Option<String>,
    /// Where to; never over something that is there
    #[arg(long, value_name = "FILE", requires = "extract")]
    out: Option<PathBuf>,
}

/// `open`: reads a sealed record. Nothing of it enters the practice; `--save` writes its files into a new folder, `--extract` one.
pub(in crate::cli) fn open(vault: &mut Vault, options: &OpenOptions) -> Result<Answer, CliFailure> {
    let mut file = File::open(&options.file)?;
    let record = vault.exchange().open_record_in(&mut file)?;
    if let Some(folder) = &options.save {
        sealed_record::unpack(vault, &mut file, &record, folder)?;
    }
    if let (Some(name), Some(out)) = (&options.extract, &options.out) {
        extract(vault, &mut file, &record, name, out)?;
        return Ok(Answer::new(opened_json(&record), "Written. This copy is not sealed: whoever has it can read it."));
    }
    Ok(Answer::new(opened_json(&record), opened_text(&record, options.save.is_some())))
}

fn extract(vault: &Vault, file: &mut File, record: &OpenedRecord, name: &str, out: &Path) -> Result<(), CliFailure> {
    if !record.manifest.files.iter().any(|file| file.name == name) {
        return Err(CliFailure::failed("There is no file of this name in the record. Nothing was written."));
    }
    let to = Rc::new(RefCell::new(file_io::Unfinished::begin(out)?));
    vault.exchange().copy_from_record(file, record, &mut |listed| {
        Ok((listed.name == name).then(|| Box::new(NamedLater(Rc::clone(&to))) as Box<dyn Write>))
    })?;
    let Some(to) = Rc::into_inner(to) else { return Err(CliFailure::failed("The copy could not be written.")) };
    Ok(to.into_inner().finish()?)
}

/// A file that is named after whoever writes it has ended.
struct NamedLater(Rc<RefCell<file_io::Unfinished>>);

impl Write for NamedLater {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

fn opened_json(record: &OpenedRecord) -> Value {
    let manifest = &record.manifest;
    let listed: Vec<_> =
        manifest.files.iter().map(|file| json!({ "id": file.sha256, "name": file.name, "size": file.size })).collect();
    json!({
        "id": record.id, "sender": manifest.sender.name, "known_colleague": record.standing == Standing::Colleague,
        "created": manifest.created, "valid_until": manifest.valid_until,
        "expired": manifest.is_expired(practice::today()), "purpose": manifest.purpose,
        "legal_basis": manifest.legal_basis, "consent": manifest.consent, "files": listed,
        "record": page(record),
    })
}

fn opened_text(record: &OpenedRecord, saved: bool) -> String {
    let manifest = &record.manifest;
    let known = match record.standing {
        Standing::Colleague => "whose card you have; the signature fits",
        _ => "who is not among your colleagues: the signature fits, the name proves nothing",
    };
    let mut text = format!("From     {}, {known}\nSealed   {}\n", manifest.sender.name, manifest.created);
    text.push_str(&format!("Purpose  {}\nBasis    {}\n", manifest.purpose, manifest.legal_basis));
    if let Some(until) = manifest.valid_until {
        let past = if manifest.is_expired(practice::today()) { " (past: it may no longer be used)" } else { "" };
        text.push_str(&format!("Until    {until}{past}\n"));
    }
    for file in record.attachments() {
        text.push_str(&format!("File     {} · {}\n", file.name, size(file.size)));
    }
    if saved {
        text.push_str("Its files are written, and are not sealed any more.\n");
        return text;
    }
    text.push('\n');
    text.push_str(&page(record).unwrap_or_default());
    text
}

/// The record as a page.
fn page(record: &OpenedRecord) -> Option<String> {
    let page = record.files.iter().find(|file| file.name == "record.md")?;
    Some(String::from_utf8_lossy(&page.bytes).into_owned())
}
