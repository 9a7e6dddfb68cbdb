//! A practice of twenty years, simulated, and what it has come to at the end of each.
//!
//! `twenty_years FOLDER [--years N] [--sessions-per-week N] [--saves N]`. In the folder lie the closed practice of each computer as
//! it was when the last whole year ended, and the rows of numbers; run again, it goes on with the next year. Twenty sessions a week,
//! 46 weeks a year, each with a note of 1,500 to 3,000 bytes typed in 150 saves over ten minutes, every second with a private note
//! beside it; some forty clients, of whom twelve go and twelve come in a year; three computers that are each replaced after five
//! years; 50 MB of files a year. The time is simulated, what decides are seeded dice, and nothing waits for a disk: put the
//! folder where there is room for two copies of the files, best in memory.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "a failed step is a failed measurement; it prints them"
)]

mod bridge;
mod calendar;
mod caseload;
mod clock;
mod device;
mod disk;
mod imported;
mod limits;
mod line;
mod measures;
mod newcomer;
mod office;
mod report;
mod tables;
mod words;
mod writing;
mod year;

use std::fs;
use std::path::{Path, PathBuf};

use subrosa_core::vault::{DAY, Millis};
use subrosa_tests::dice::Dice;

use crate::calendar::{at, day_of, working_weeks};
use crate::clock::Clock;
use crate::office::Office;
use crate::report::{Sums, append};
use crate::words::Vocabulary;
use crate::year::work;

/// How much is simulated.
pub(crate) struct Options {
    folder: PathBuf,
    years: u16,
    /// Sessions a week.
    pub(crate) sessions: usize,
    /// Saves of a note.
    pub(crate) saves: usize,
}

fn main() {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("twenty_years FOLDER [--years N] [--sessions-per-week N] [--saves N]");
        std::process::exit(2);
    };
    fs::create_dir_all(&options.folder).expect("the folder is there");
    let words = Vocabulary::new();
    loop {
        let sums = Sums::read(&options.folder);
        if sums.years >= options.years {
            return;
        }
        one_year(&options, &sums, &words);
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let folder = PathBuf::from(arguments.next()?);
    let mut options = Options { folder, years: 20, sessions: 20, saves: 150 };
    while let Some(name) = arguments.next() {
        let number: u16 = arguments.next()?.parse().ok().filter(|number| *number > 0)?;
        match name.as_str() {
            "--years" => options.years = number,
            "--sessions-per-week" => options.sessions = number.into(),
            "--saves" => options.saves = number.into(),
            _ => return None,
        }
    }
    Some(options)
}

/// Simulates the year after those that stand in the rows, on a copy, and adds its row.
fn one_year(options: &Options, sums: &Sums, words: &Vocabulary) {
    let (before, year) = (sums.years, sums.years + 1);
    let place = |name: &str| options.folder.join(name);
    let (last, working, measured) = (place(&named(before)), place("working"), place("measured"));
    [&working, &measured].into_iter().for_each(|folder| fresh(folder));
    let mut dice = Dice::new(0x7477_656E_7479 ^ (u64::from(year) << 48));
    let weeks = working_weeks(year);
    let first = weeks.first().map_or(0, |monday| at(*monday, 5, 0));
    let began = Clock::start();
    let mut office = match before {
        0 => Office::founded(&working, dice.other(), first),
        _ => {
            copy_all(&last, &working);
            Office::opened(&working, dice.other(), first)
        }
    };
    let brought = work(&mut office, &working, year, options, words);
    drop(office);
    let work_s = began.read().as_secs_f64();
    let sums = sums.and(brought);
    let after: Millis = weeks.last().map_or(0, |monday| at(day_of(*monday, 6), 12, 0)) + DAY;
    let measures = measures::measure(&working, &measured, words, after, dice.other());
    fs::remove_dir_all(&measured).expect("the copies go");
    let done = place(&named(year));
    let _ = fs::remove_dir_all(&done);
    fs::rename(&working, &done).expect("the year is done");
    append(&options.folder, &sums, &measures, work_s);
    if before > 0 {
        fs::remove_dir_all(&last).expect("the year before goes");
    }
}

fn named(year: u16) -> String {
    format!("after-year-{year:02}")
}

fn fresh(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("the folder is made");
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the year before is there") {
        let path = entry.expect("it lists").path();
        fs::copy(&path, to.join(path.file_name().expect("it has a name"))).expect("it is copied");
    }
}
