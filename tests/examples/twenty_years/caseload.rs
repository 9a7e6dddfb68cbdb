//! Who comes: some forty open clients, of whom one in four comes twice as often; a few go and a few come every year, and one stays
//! for all the years, every week.

use std::collections::BTreeSet;

use jiff::civil::date;
use subrosa_core::id::ClientId;
use subrosa_core::record::Identity;
use subrosa_core::vault::Vault;
use subrosa_tests::dice::Dice;

use crate::office::{DESK, Office};
use crate::words::Vocabulary;

/// The status of somebody who comes.
const OPEN: &str = "active";
const CLOSED: &str = "closed";

/// An open client, and how often they come beside the others.
struct Coming {
    id: ClientId,
    number: u32,
    weight: usize,
}

/// Adds a client with the next number.
pub(crate) fn add_client(office: &mut Office, words: &Vocabulary) {
    let now = office.now();
    let number = 1 + office.devices[DESK].with(|vault| vault.clients().all().count());
    let name = |dice: &mut Dice| {
        let word = words.word(dice).to_owned();
        word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>()
    };
    let dice = &mut office.dice;
    let full = format!("{} {}{}", name(dice), name(dice), name(dice).to_lowercase());
    let identity = Identity {
        name: full,
        code: Some(format!("K{number:04}")),
        birth_date: Some(date(1940 + i16::try_from(dice.roll(70)).unwrap_or(0), 1 + number_below(dice, 12), 3)),
        email: format!("k{number}@example.org"),
        phone: format!("+358 40 {:07}", dice.roll(10_000_000)),
        language: "fi".to_owned(),
        status: OPEN.to_owned(),
        referral: words.text(60, dice),
        ..Identity::default()
    };
    office.devices[DESK].with(|vault| vault.clients_mut().add_client(&identity, now).expect("a client comes"));
    office.tell(DESK);
}

/// One of the open clients, not the first, goes.
pub(crate) fn close_client(office: &mut Office) {
    let coming = office.devices[DESK].with(|vault| coming(vault));
    let may_go: Vec<&Coming> = coming.iter().filter(|one| one.number != 1).collect();
    let Some(client) = office.dice.pick(&may_go).map(|one| one.id) else { return };
    let now = office.now();
    office.devices[DESK].with(|vault| {
        let shown = vault.clients().identity(&client).expect("the client is there");
        let wanted = Identity { status: CLOSED.to_owned(), ..shown.clone() };
        vault.clients_mut().edit_client(&client, &shown, &wanted, now).expect("the client goes");
    });
    office.tell(DESK);
}

/// Who comes in a week, each once: the first client, and others by how often they come.
pub(crate) fn week_of_clients(office: &mut Office, sessions: usize) -> Vec<ClientId> {
    let mut coming = office.devices[DESK].with(|vault| coming(vault));
    let mut week = Vec::new();
    while week.len() < sessions && !coming.is_empty() {
        let all: usize = coming.iter().map(|one| one.weight).sum();
        let mut thrown = office.dice.roll(all);
        let found = coming.iter().position(|one| {
            let is_it = thrown < one.weight;
            thrown = thrown.saturating_sub(one.weight);
            is_it
        });
        let first = coming.iter().position(|one| one.number == 1 && week.is_empty());
        week.push(coming.swap_remove(first.or(found).expect("somebody comes")).id);
    }
    office.dice.shuffle(&mut week);
    week
}

fn coming(vault: &Vault) -> Vec<Coming> {
    let open = vault.clients().all().filter(|row| row.status == OPEN);
    let mut coming: Vec<Coming> = open
        .map(|row| {
            let code = row.code.as_deref().unwrap_or_default();
            let number = code.trim_start_matches('K').parse().expect("each has a number");
            Coming { id: row.id, number, weight: if number % 4 == 0 { 2 } else { 1 } }
        })
        .collect();
    coming.sort_by_key(|one| one.number);
    coming
}

/// In which weeks of a year somebody goes and somebody comes.
pub(crate) fn weeks_of_change(changes: usize, weeks: usize) -> BTreeSet<usize> {
    (0..changes).map(|change| change * weeks / changes.max(1)).collect()
}

fn number_below(dice: &mut Dice, most: usize) -> i8 {
    i8::try_from(dice.roll(most)).unwrap_or_default()
}
