//! A practice of people who do not exist, as the paper trail that `import` takes in: for the tour and for looking around.
//!
//! The same numbers give the same bytes. No name, sentence or score is anybody's.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::values::note_format::FORMATS;

/// Those who come first: the first page that somebody looks at is a practice as it could be.
const PEOPLE: [&str; 24] = [
    "Aino Mäkinen",
    "Björn Åkerlund",
    "Ирина Иванова",
    "علي الهاشمي",
    "佐藤 明美",
    "Mary-Jane O'Neill",
    "Søren Østergård",
    "Zoë García-López",
    "Väinö Virtanen",
    "Siobhán Doyle",
    "שרה כהן",
    "Μαρία Παπαδοπούλου",
    "Łukasz Żuraw",
    "Nguyễn Thị Ngọc",
    "Çağla Yılmaz",
    "Åsa Lindqvist",
    "Étienne d'Arcy",
    "Фёдор Соколов",
    "Tuulikki Järvinen",
    "João Conceição",
    "Elke Groß",
    "Þórdís Jónsdóttir",
    "Oisín Byrne",
    "Anne-Mari af Björkesten-Wolfenstein",
];
/// The others: as many given names as there are, each beside each family name before one is seen twice.
const GIVEN: [&str; 16] = [
    "Eero", "Maija", "Otso", "Helmi", "Nils", "Freja", "Ronja", "Emil", "Signe", "Lauri", "Inês", "Noé", "Klára",
    "Mateusz", "Dilek", "Ailbhe",
];
const FAMILY: [&str; 15] = [
    "Korhonen",
    "Nieminen",
    "Heikkilä",
    "Sjöberg",
    "Nyström",
    "Kjær",
    "Moreau",
    "Nováková",
    "Wójcik",
    "Demir",
    "Ó Briain",
    "Ferreira",
    "Laine",
    "Salo",
    "Grönroos",
];
const REFERRALS: [&str; 5] =
    ["Sleep, since the spring", "Grief", "Work and rest", "Panic on the tram", "After the move"];
const STATUS: [&str; 5] = ["active", "active", "waiting", "active", "closed"];
const LANGUAGES: [&str; 4] = ["fi", "sv", "en", "ru"];
const SENTENCES: [&str; 12] = [
    "Sleeps better, and tried the breathing exercise on four evenings out of seven.",
    "Came ten minutes early and said the waiting was the hardest part.",
    "Spoke of the summer house for the first time since the funeral.",
    "Calm, clear, tired; smiled when the dog was mentioned.",
    "The week was heavy until Thursday, then lighter without a reason that could be named.",
    "We drew the circle of the evening thoughts together and marked where it can be left.",
    "Mood steadier than last time; no thoughts of harm, asked directly.",
    "Wants to tell the brother, and rehearsed the first sentence twice.",
    "Agreed to write down one good minute a day, no more than one.",
    "The tram went well: two stops on Monday, five on Friday.",
    "Bring the sleep diary next time; look at the evenings after late shifts.",
    "Continue as agreed, the next meeting in a week.",
];

/// What was written into the folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Clients.
    pub clients: u64,
    /// Notes.
    pub notes: u64,
    /// Measures.
    pub measures: u64,
}

/// Writes the paper trail of so many made-up clients, with up to so many sessions each, the last of them shortly before
/// `today`, into a new folder.
///
/// # Errors
/// [`io::Error`].
pub fn write(folder: &Path, clients: u32, sessions: u32, today: Date) -> io::Result<Written> {
    let mut written = Written { clients: clients.into(), ..Written::default() };
    let mut people = String::from("id,name,birth_date,email,phone,language,status,referral\n");
    let mut measures = String::from("client_id,date,instrument,items,total\n");
    fs::create_dir_all(folder.join("notes"))?;
    let mut chance = Chance(u64::from(clients) << 8 | u64::from(sessions));
    for number in 1..=clients {
        let code = format!("M{number:04}");
        people.push_str(&person(number, &code, &mut chance));
        let notes = folder.join("notes").join(&code);
        fs::create_dir(&notes)?;
        let last = 1 + chance.below(sessions.max(1));
        let mut day = today.saturating_sub(i64::from((number - 1) % 27 + 7 * (last - 1)).days());
        for session in 1..=last {
            let (name, text) = note(&code, day, session, &mut chance);
            fs::write(notes.join(name), text)?;
            written.notes += 1;
            if session % 2 == 1 {
                measures.push_str(&measure(&code, day, &mut chance));
                written.measures += 1;
            }
            day = day.saturating_add(7.days());
        }
    }
    fs::write(folder.join("measures.csv"), measures)?;
    fs::write(folder.join("clients.csv"), people)?;
    Ok(written)
}

fn person(number: u32, code: &str, chance: &mut Chance) -> String {
    let step = usize::try_from(number - 1).unwrap_or_default();
    let name = match PEOPLE.get(step) {
        Some(name) => (*name).to_owned(),
        None => format!("{} {}", pick(&GIVEN, step), pick(&FAMILY, step)),
    };
    let born = Date::constant(1940, 2, 1).saturating_add(i64::from(chance.below(24_000)).days());
    let (status, language) = (pick(&STATUS, step), pick(&LANGUAGES, step));
    let referral = pick(&REFERRALS, step);
    format!("{code},{name},{born},{code}@example.org,+358 40 {number:07},{language},{status},\"{referral}\"\n")
}

fn note(code: &str, day: Date, session: u32, chance: &mut Chance) -> (String, String) {
    let format = FORMATS.get(usize::try_from(chance.below(4)).unwrap_or_default()).copied().unwrap_or(FORMATS[0]);
    let hour = 8 + chance.below(9);
    let mut text = format!(
        "---\nclient: {code}\ndate: {day}\nstart: {hour:02}:00\nminutes: 50\nformat: {}\nsession: {session}\n---\n\n",
        format.name
    );
    for heading in format.headings.iter().chain(format.headings.is_empty().then_some(&"Note")) {
        let (one, two) = (chance.sentence(), chance.sentence());
        // Writing into a String cannot fail.
        let _ = write!(text, "## {heading}\n\n{one} {two}\n\n");
    }
    (format!("{day} {}.md", format.name), text)
}

fn measure(code: &str, day: Date, chance: &mut Chance) -> String {
    let scores: Vec<u32> = (0..9).map(|_| chance.below(4)).collect();
    let total: u32 = scores.iter().sum();
    let items: Vec<String> = scores.iter().map(u32::to_string).collect();
    format!("{code},{day},PHQ-9,{},{total}\n", items.join(" "))
}

fn pick<const N: usize>(list: &[&'static str; N], at: usize) -> &'static str {
    list.iter().cycle().nth(at % N).copied().unwrap_or_default()
}

/// Numbers that only have to look mixed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(end.max(1))).unwrap_or_default()
    }

    fn sentence(&mut self) -> &'static str {
        let at = self.below(u32::try_from(SENTENCES.len()).unwrap_or(1));
        pick(&SENTENCES, usize::try_from(at).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use subrosa_core::import;

    use super::*;

    #[test]
    fn the_same_numbers_give_the_same_people_and_import_understands_every_row() {
        let folder = tempfile::tempdir().unwrap();
        let today = Date::constant(2026, 11, 21);
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        let written = write(&one, 40, 6, today).unwrap();
        assert_eq!(write(&two, 40, 6, today).unwrap(), written);
        for name in ["clients.csv", "measures.csv"] {
            assert_eq!(fs::read(one.join(name)).unwrap(), fs::read(two.join(name)).unwrap());
        }
        let trail = import::read(&one, &mut |_| {}, &|| false).unwrap();
        assert!(trail.report.problems.is_empty(), "{:?}", trail.report.problems);
        let counts = [trail.clients.len(), trail.notes.len(), trail.measures.len()].map(|count| count as u64);
        assert_eq!(counts, [written.clients, written.notes, written.measures]);
        let mut names: Vec<_> = trail.clients.iter().map(|(_, identity)| &identity.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 40, "names differ");
    }
}
