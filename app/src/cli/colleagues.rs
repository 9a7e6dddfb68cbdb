//! Contact cards, and records that are sealed to a colleague or were sealed by one.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::civil::Date;
use serde_json::{Value, json};
use subrosa_core::export::ProcessNotes;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::share::{OpenedRecord, Standing};
use subrosa_core::vault::{Handed, Share, Vault};

use super::failure::Failure;
use super::session::Session;
use super::table::table;
use super::terminal::Answer;
use super::{attachments, find, input, interrupt};
use crate::practice::{self, file_io};
use crate::words::{count, size};

/// Bytes of a file that may be a card.
const LONGEST_CARD: usize = 64 << 10;

/// What `seal` is told.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct SealOptions {
    /// A client, or notes of one client
    #[arg(required = true, value_name = "CLIENT|NOTE")]
    what: Vec<String>,
    /// The colleague: id, or the name on the card
    #[arg(long, value_name = "COLLEAGUE")]
    to: String,
    /// What the colleague gets it for
    #[arg(long, value_name = "TEXT")]
    purpose: String,
    /// The law or agreement that allows it
    #[arg(long, value_name = "TEXT")]
    basis: String,
    /// How the client agreed
    #[arg(long, default_value = "", value_name = "TEXT")]
    consent: String,
    /// The last day on which the colleague may use it
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Private notes too, and the files beside them; asks for the passphrase again
    #[arg(long)]
    with_process_notes: bool,
    /// Leave attached files out
    #[arg(long)]
    without_files: bool,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// `card`: this practice's own, to be given away.
pub(super) fn card(vault: &mut Vault, name: Option<&str>, out: Option<&Path>) -> Result<Answer, Failure> {
    let name = name.map_or_else(|| owner(vault), |name| Ok(name.to_owned()))?;
    let card = vault.card(&name, practice::today())?;
    practice::keep_owner(vault, card.name())?;
    let text = String::from_utf8_lossy(card.as_bytes()).into_owned();
    let words = card.safety_words();
    if let Some(out) = out {
        file_io::write_new(out, card.as_bytes())?;
    }
    let json = json!({ "name": card.name(), "made": card.made(), "safety_words": words, "card": text });
    let shown = match out {
        Some(_) => {
            format!("The card is written. It is not secret. Its words, to compare by telephone:\n{}", words.join(" "))
        }
        None => text,
    };
    Ok(Answer::new(json, shown))
}

/// The name given with the card, which stands on every sealed record too.
fn owner(vault: &Vault) -> Result<String, Failure> {
    let unknown =
        "Your name is not known yet. Make your card once with `subrosa card --name NAME`; nothing was changed.";
    practice::owner(vault)?.ok_or_else(|| Failure::usage(unknown))
}

/// `colleagues`
pub(super) fn colleagues(vault: &mut Vault) -> Result<Answer, Failure> {
    let rows = vault.colleagues()?;
    let json: Value = rows
        .iter()
        .map(|row| {
            let (card, words) = (&row.card, row.card.safety_words());
            json!({ "id": row.id, "name": card.name(), "made": card.made(), "safety_words": words })
        })
        .collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let words = row.card.safety_words().join(" ");
            [find::short(&row.id), row.card.name().to_owned(), row.card.made().to_string(), words]
        })
        .collect();
    let empty = "There are no colleagues yet.".to_owned();
    let head = ["id", "name", "card of", "words to compare by telephone"];
    Ok(Answer::new(json, if rows.is_empty() { empty } else { table(head, &shown) }))
}

/// `colleagues add`
pub(super) fn add(vault: &mut Vault, file: &Path) -> Result<Answer, Failure> {
    let bytes = input::read_capped(file, LONGEST_CARD, "a contact card")?;
    let id = vault.add_colleague(&bytes)?;
    let rows = vault.colleagues()?;
    let card = rows.iter().find(|row| row.id == id).map(|row| &row.card);
    let (name, words) = card.map(|card| (card.name(), card.safety_words())).unwrap_or_default();
    let json = json!({ "id": id, "name": name, "safety_words": words });
    let text = format!(
        "Added: {name}\nCompare these words with them by telephone before you use the card:\n{}",
        words.join(" ")
    );
    Ok(Answer::new(json, text))
}

/// `seal`: the disclosure is entered in the record before the file is written.
pub(super) fn seal(session: &Session, vault: &mut Vault, options: &SealOptions) -> Result<Answer, Failure> {
    if options.out.exists() {
        return Err(Failure::refused("There is already a file where the sealed record was to go. Nothing was sealed."));
    }
    let sender = owner(vault)?;
    let (client, notes) = meant(session, vault, &options.what)?;
    let process = if options.with_process_notes { ProcessNotes::Include } else { ProcessNotes::LeaveOut };
    let share = Share {
        client,
        notes,
        to: find::colleague(vault, &options.to)?,
        purpose: options.purpose.clone(),
        basis: options.basis.clone(),
        consent: options.consent.clone(),
        until: options.until,
        process,
        files: !options.without_files,
        today: practice::today(),
    };
    session.again_for(options.with_process_notes, vault)?;
    interrupt::watch();
    let mut to = file_io::Unfinished::begin(&options.out)?;
    let progress = &mut |progress| attachments::in_mebibytes(session, "Sealing, MiB:", progress);
    let sealed = vault.seal_record_to(&share, &sender, &mut to, progress, &interrupt::asked_to_stop)?;
    to.finish()?;
    let left_out = if share.notes.is_empty() { vault.client(&client)?.unsigned } else { 0 };
    let json = json!({
        "client": client, "to": share.to, "notes": sealed.notes, "files": sealed.files,
        "unsigned_left_out": left_out, "bytes": sealed.bytes,
    });
    Ok(Answer::new(json, sealed_text(&sealed, left_out)))
}

fn sealed_text(sealed: &Handed, left_out: u32) -> String {
    let number = |number: usize, what| count(u64::try_from(number).unwrap_or(u64::MAX), what);
    let mut what = number(sealed.notes, "note");
    if sealed.files > 0 {
        what.push_str(&format!(" and {}", number(sealed.files, "attached file")));
    }
    let mut text = format!(
        "Sealed: {what}. Only this colleague opens the file; what was handed out is entered in the client's record."
    );
    if left_out > 0 {
        let verb = if left_out == 1 { "was" } else { "were" };
        let unsigned = count(u64::from(left_out), "unsigned note");
        text.push_str(&format!("\n{unsigned} {verb} left out: sign first what the colleague shall have."));
    }
    text
}

/// One client, or notes that all belong to one client.
fn meant(session: &Session, vault: &mut Vault, what: &[String]) -> Result<(ClientId, Vec<NoteId>), Failure> {
    if let [one] = what
        && let Ok(client) = find::client(vault, one)
    {
        return Ok((client, Vec::new()));
    }
    let mut notes = Vec::with_capacity(what.len());
    let mut clients = Vec::new();
    for meant in what {
        let id = find::note(vault, meant)?;
        clients.push(session.asking(vault, |vault| vault.note(&id))?.client);
        notes.push(id);
    }
    clients.dedup();
    match clients.as_slice() {
        [client] => Ok((*client, notes)),
        _ => Err(Failure::usage("Name one client, or notes of one client: a sealed record holds one client's record.")),
    }
}

/// `open`: what is done with a sealed record.
#[derive(Debug, clap::Args)]
pub(super) struct OpenOptions {
    /// The sealed record
    file: PathBuf,
    /// Write its files into a new folder
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// Write one of its files, by its name
    #[arg(long, value_name = "NAME", requires = "out", conflicts_with = "save")]
    detach: Option<String>,
    /// Where to; never over something that is there
    #[arg(long, value_name = "FILE", requires = "detach")]
    out: Option<PathBuf>,
}

/// `open`: reads a sealed record. Nothing of it enters the practice; `--save` writes its files into a new folder, `--detach` one.
pub(super) fn open(vault: &mut Vault, options: &OpenOptions) -> Result<Answer, Failure> {
    let mut file = File::open(&options.file)?;
    let record = vault.open_record_in(&mut file)?;
    if let Some(folder) = &options.save {
        file_io::new_folder(folder)?;
        // Their names were checked when the record was opened: no folders, no device names.
        let copied = vault.copy_from_record(&mut file, &record, &mut |listed| {
            Ok(Some(Box::new(file_io::create_new(&folder.join(&listed.name))?) as Box<dyn Write>))
        });
        copied.inspect_err(|_| {
            // Half a file must not pass for one; the folder was made for these.
            let _ = fs::remove_dir_all(folder);
        })?;
    }
    if let (Some(name), Some(out)) = (&options.detach, &options.out) {
        detach(vault, &mut file, &record, name, out)?;
        return Ok(Answer::new(opened_json(&record), "Written. This copy is not sealed: whoever has it can read it."));
    }
    Ok(Answer::new(opened_json(&record), opened_text(&record, options.save.is_some())))
}

fn detach(vault: &Vault, file: &mut File, record: &OpenedRecord, name: &str, out: &Path) -> Result<(), Failure> {
    if !record.manifest.files.iter().any(|file| file.name == name) {
        return Err(Failure::failed("There is no file of this name in the record. Nothing was written."));
    }
    let to = Rc::new(RefCell::new(file_io::Unfinished::begin(out)?));
    vault.copy_from_record(file, record, &mut |listed| {
        Ok((listed.name == name).then(|| Box::new(Shared(Rc::clone(&to))) as Box<dyn Write>))
    })?;
    let Some(to) = Rc::into_inner(to) else { return Err(Failure::failed("The copy could not be written.")) };
    Ok(to.into_inner().finish()?)
}

/// A file that is named after whoever writes it has ended.
struct Shared(Rc<RefCell<file_io::Unfinished>>);

impl Write for Shared {
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
