//! The rows of `clients.csv` and `measures.csv` as identities and measures. Knows no file system: bytes are given.

use std::collections::{BTreeMap, HashMap, HashSet};

use subrosa_base::plain_text::shown_name;
use subrosa_record::{Identity, Measure};

use super::note::{date, keep, problem_of};
use super::table::Rows;
use super::text::{self, Read};
use super::{Found, ProblemKind, Verdict};
use crate::folder_format;

/// Hears what is the matter with a line of the table, all of it at once.
pub(super) type Says<'s> = dyn FnMut(u64, Vec<ProblemKind>) + 's;

/// Clients by id, for telling a second row and an unknown client.
pub(super) type Known = HashMap<String, Identity>;

/// Reads all clients into `known` and hands them to `sink` in the order of the file. Returns the number of rows.
pub(super) fn clients(
    bytes: &[u8],
    known: &mut Known,
    sink: &mut dyn FnMut(Found) -> Verdict,
    says: &mut Says<'_>,
) -> u64 {
    let Some(table) = Table::new(bytes, &["id"], says) else { return 0 };
    table.each(says, &mut |mut row, says| {
        let Some(id) = row.take("id").map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()) else {
            return says(ProblemKind::NoId);
        };
        let identity = identity(&id, row, says);
        match known.get(&id) {
            Some(first) if *first == identity => says(ProblemKind::SameRowAgain),
            Some(_) => says(ProblemKind::SecondRowForClient),
            None => {
                known.insert(id.clone(), identity.clone());
                sink(Found::Client(id, identity));
            }
        }
    })
}

/// Reads all measures of known clients. Returns the number of rows.
pub(super) fn measures(
    bytes: &[u8],
    known: &Known,
    sink: &mut dyn FnMut(Found) -> Verdict,
    says: &mut Says<'_>,
) -> u64 {
    let Some(table) = Table::new(bytes, &["client_id", "date", "instrument"], says) else { return 0 };
    let placed = ["client_id", "date", "instrument", "items", "total"];
    if table.columns.iter().any(|column| !placed.contains(&column.name.as_str())) {
        says(1, vec![ProblemKind::ColumnNotTaken]);
    }
    let mut seen = HashSet::new();
    table.each(says, &mut |mut row, says| {
        let Some(client) = row.take("client_id").map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()) else {
            return says(ProblemKind::NoId);
        };
        if !known.contains_key(&client) {
            return says(ProblemKind::UnknownClient);
        }
        let Some(measure) = measure(row, says) else { return says(ProblemKind::BrokenMeasure) };
        let Measure { date, instrument, items, total } = &measure;
        if !seen.insert((client.clone(), *date, instrument.clone(), items.clone(), *total)) {
            return says(ProblemKind::SameRowAgain);
        }
        sink(Found::Measure(client, measure));
    })
}

fn identity(id: &str, mut row: Cells, says: &mut dyn FnMut(ProblemKind)) -> Identity {
    // An id of this form stands for a client whose own code, if any, could not serve as one: see `export`.
    let code = if id.starts_with('~') { row.take("code") } else { Some(id.to_owned()) };
    let mut text = |name: &str| row.take(name).unwrap_or_default();
    let mut identity = Identity {
        name: text("name"),
        code,
        birth_date: None,
        email: text("email"),
        phone: text("phone"),
        language: text("language"),
        status: text("status"),
        referral: text("referral"),
        other: BTreeMap::new(),
    };
    if identity.name.trim().is_empty() {
        says(ProblemKind::NoName);
        identity.name = id.to_owned();
    }
    let mut names = std::iter::once(&identity.name).chain(&identity.code);
    if names.any(|name| shown_name(name.trim()) != name.trim()) {
        says(ProblemKind::NotPlain);
    }
    let born = row.take("birth_date");
    identity.birth_date = born.as_deref().and_then(date);
    if let (Some(written), None) = (born, identity.birth_date) {
        says(ProblemKind::FieldNotUnderstood);
        row.rest.push(("birth_date".to_owned(), written));
    }
    for (name, value) in row.rest.into_iter().flat_map(unpacked) {
        if !keep(&mut identity.other, &name, value) {
            says(ProblemKind::FieldTwice);
        }
    }
    identity
}

/// The column `other` of our own export holds, as JSON, what has no column; anything else is itself.
fn unpacked((name, value): (String, String)) -> Vec<(String, String)> {
    match serde_json::from_str::<BTreeMap<String, String>>(&value) {
        Ok(packed) if folder_format::field_name(&name) == "other" => packed.into_iter().collect(),
        _ => vec![(name, value)],
    }
}

fn measure(mut row: Cells, says: &mut dyn FnMut(ProblemKind)) -> Option<Measure> {
    let date = row.take("date").as_deref().and_then(date)?;
    let instrument = row.take("instrument").unwrap_or_default();
    let items = row.take("items").unwrap_or_default();
    let items: Vec<i32> = items.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let total = match row.take("total") {
        Some(total) => total.trim().parse().ok()?,
        None if items.is_empty() => return None,
        None => {
            says(ProblemKind::TotalAddedUp);
            items.iter().try_fold(0_i32, |sum, item| sum.checked_add(*item))?
        }
    };
    Some(Measure { date, instrument, items, total })
}

struct Column {
    /// For finding it.
    name: String,
    /// For keeping it.
    written: String,
}

/// A table whose header has been read.
struct Table<'a> {
    columns: Vec<Column>,
    rows: Rows<'a>,
}

/// What is done with a row, and a place to say what is the matter with it.
type TakeRow<'t> = dyn FnMut(Cells, &mut dyn FnMut(ProblemKind)) + 't;

/// The cells of one row, by column; empty ones are not there.
struct Cells {
    rest: Vec<(String, String)>,
}

impl Cells {
    fn take(&mut self, name: &str) -> Option<String> {
        let place = self.rest.iter().position(|(written, _)| folder_format::field_name(written) == name)?;
        Some(self.rest.remove(place).1)
    }
}

impl<'a> Table<'a> {
    /// Reads the header. Spreadsheets in half of Europe write semicolons: the delimiter is the one that finds the columns.
    fn new(bytes: &'a [u8], needed: &[&str], says: &mut Says<'_>) -> Option<Self> {
        for delimiter in *b",;\t" {
            let mut rows = Rows::new(bytes, delimiter);
            let header = rows.next().and_then(|row| row.cells).unwrap_or_default();
            let columns: Vec<Column> = header
                .iter()
                .map(|cell| folder_format::unguard(text::of_piece(cell).0.as_str()).to_owned())
                .map(|written| Column { name: folder_format::field_name(&written), written })
                .collect();
            if needed.iter().all(|name| columns.iter().any(|column| column.name == *name)) {
                return Some(Self { columns, rows });
            }
        }
        says(1, vec![ProblemKind::NotATable]);
        None
    }

    /// Hands each row that fits the header over.
    fn each(mut self, says: &mut Says<'_>, take: &mut TakeRow<'_>) -> u64 {
        let mut count = 0;
        while let Some(row) = self.rows.next() {
            count += 1;
            let Some(cells) = row.cells.filter(|cells| cells.len() == self.columns.len()) else {
                self.rows.resume_after_first_line();
                says(row.line, vec![ProblemKind::BrokenRow]);
                continue;
            };
            let mut read = Read::Utf8;
            let mut rest = Vec::new();
            for (column, cell) in self.columns.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                let (text, how) = text::of_piece(&cell);
                read = if how == Read::Utf8 { read } else { how };
                rest.push((column.written.clone(), folder_format::unguard(&text).to_owned()));
            }
            let mut kinds: Vec<_> = problem_of(read).into_iter().collect();
            if rest.iter().any(|(_, text)| text.contains('\0')) {
                kinds.push(ProblemKind::HoldsNul);
            }
            take(Cells { rest }, &mut |kind| kinds.push(kind));
            says(row.line, kinds);
        }
        count
    }
}
