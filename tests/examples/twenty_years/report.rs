//! The rows of numbers: one a year, and beside it what lies in each table and how near each limit is.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use crate::measures::Measures;
use crate::office::{DESK, NAMES};
use crate::year::Brought;

/// Everything that the years brought so far, as the last row says it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) years: u16,
    pub(crate) all: Brought,
}

/// One number of a row, by name.
type Cell = (&'static str, String);

impl Sums {
    /// What the last row of a folder says; nothing where there is none.
    pub(crate) fn read(folder: &Path) -> Self {
        let rows = fs::read_to_string(folder.join("years.csv")).unwrap_or_default();
        let Some(last) = rows.lines().skip(1).last() else { return Self::default() };
        let mut cells = last.split(',').map(|cell| cell.parse::<u64>().unwrap_or_default());
        let mut next = || cells.next().unwrap_or_default();
        let years = u16::try_from(next()).expect("a year is small");
        Self { years, all: Brought { notes: next(), private: next(), saves: next(), text: next(), files: next() } }
    }

    /// With what one more year brought.
    pub(crate) fn and(self, brought: Brought) -> Self {
        let all = Brought {
            notes: self.all.notes + brought.notes,
            private: self.all.private + brought.private,
            saves: self.all.saves + brought.saves,
            text: self.all.text + brought.text,
            files: self.all.files + brought.files,
        };
        Self { years: self.years + 1, all }
    }
}

/// Appends a year to the three tables, and prints its row.
pub(crate) fn append(folder: &Path, sums: &Sums, measured: &Measures, work_s: f64) {
    let row = row_of(sums, measured, work_s);
    add(&folder.join("years.csv"), std::slice::from_ref(&row));
    add(&folder.join("tables.csv"), &tables_of(sums.years, measured));
    add(&folder.join("limits.csv"), &limits_of(sums.years, measured));
    row.iter().for_each(|(name, value)| println!("{name:<24} {value}"));
    println!();
}

fn row_of(sums: &Sums, measured: &Measures, work_s: f64) -> Vec<Cell> {
    let Sums { years, all } = *sums;
    let bare = |slot: usize| measured.files[slot].bare();
    let largest = (0..NAMES.len()).map(bare).max().unwrap_or(0);
    let joined = &measured.joined;
    let desk = &measured.files[DESK];
    let nearest = measured.limits.iter().filter(|limit| limit.grows).min_by(|a, b| a.times().total_cmp(&b.times()));
    let nearest = nearest.expect("there are limits");
    vec![
        ("year", years.to_string()),
        ("notes", all.notes.to_string()),
        ("private_notes", all.private.to_string()),
        ("saves", all.saves.to_string()),
        ("text_bytes", all.text.to_string()),
        ("file_bytes", all.files.to_string()),
        ("desk_bytes", desk.file.to_string()),
        ("desk_pieces_bytes", desk.pieces.to_string()),
        ("desk_bare_bytes", bare(0).to_string()),
        ("home_bare_bytes", bare(1).to_string()),
        ("laptop_bare_bytes", bare(2).to_string()),
        ("bare_beside_text", ratio(largest, all.text)),
        ("desk_packed_bytes", desk.packed.to_string()),
        ("packed_beside_text", ratio(desk.packed, all.text)),
        ("unlock_ms", format!("{:.2}", measured.unlock_ms)),
        ("imported_unlock_ms", format!("{:.2}", measured.imported_unlock_ms)),
        ("unlock_beside_imported", format!("{:.2}", measured.unlock_ms / measured.imported_unlock_ms)),
        ("imported_bytes", measured.import.bytes.to_string()),
        ("import_s", format!("{:.2}", measured.import.seconds)),
        ("page_ms", format!("{:.2}", measured.page_ms)),
        ("page_notes", measured.page_notes.to_string()),
        ("list_bytes", joined.list.to_string()),
        ("idle_round_trips", (measured.idle_turns / 2).to_string()),
        ("idle_bytes", measured.idle_bytes.to_string()),
        ("newest_read_s", format!("{:.2}", joined.newest_s)),
        ("text_there_s", format!("{:.2}", joined.text_s)),
        ("all_there_s", format!("{:.2}", joined.all_s)),
        ("logs_ever", measured.logs.all.to_string()),
        ("logs_told", joined.positions.to_string()),
        ("envelopes_told", measured.logs.envelopes.to_string()),
        ("nearest_limit", nearest.of.replace(',', "")),
        ("nearest_limit_times", format!("{:.1}", nearest.times())),
        ("work_s", format!("{work_s:.0}")),
        ("record_page_ms", format!("{:.2}", measured.record_page_ms)),
        ("idle_opened_round_trips", (measured.idle_opened_turns / 2).to_string()),
        ("idle_opened_bytes", measured.idle_opened_bytes.to_string()),
    ]
}

fn tables_of(year: u16, measured: &Measures) -> Vec<Vec<Cell>> {
    let each = NAMES.iter().zip(&measured.files).flat_map(|(device, file)| {
        file.tables.iter().map(move |table| {
            vec![
                ("year", year.to_string()),
                ("device", (*device).to_owned()),
                ("table", table.table.name().to_owned()),
                ("rows", table.rows.to_string()),
                ("bytes", table.bytes.to_string()),
                ("largest", table.largest.to_string()),
            ]
        })
    });
    each.collect()
}

fn limits_of(year: u16, measured: &Measures) -> Vec<Vec<Cell>> {
    let each = measured.limits.iter().map(|limit| {
        vec![
            ("year", year.to_string()),
            ("limit", limit.of.replace(',', "")),
            ("used", limit.used.to_string()),
            ("most", limit.most.to_string()),
            ("times", format!("{:.1}", limit.times())),
        ]
    });
    each.collect()
}

fn add(path: &Path, rows: &[Vec<Cell>]) {
    let is_new = !path.exists();
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("the table opens");
    let names = rows.iter().take(usize::from(is_new)).map(|row| row.iter().map(|(name, _)| (*name).to_owned()));
    let names: Vec<Vec<String>> = names.map(Iterator::collect).collect();
    let values = rows.iter().map(|row| row.iter().map(|(_, value)| value.clone()).collect::<Vec<String>>());
    for row in names.into_iter().chain(values) {
        writeln!(file, "{}", row.join(",")).expect("the row is written");
    }
}

fn ratio(of: u64, beside: u64) -> String {
    let thousandths = of.saturating_mul(1_000) / beside.max(1);
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}
