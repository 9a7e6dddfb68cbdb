//! How far a search has come, and what it found.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use subrosa_core::id::ClientId;
use subrosa_core::vault::{Vault, VaultError};

use crate::features::search::messages::SearchEvent;
use crate::features::search::values::Hit;
use crate::messages::Event;
use crate::values::job::Progress;
use crate::values::name_filter::NameFilter;

/// Hits that are shown.
const MOST: usize = 200;

/// Clients looked at before something else may come in between.
const SLICE: usize = 8;

/// How often what was found until now is shown.
const TELL: Duration = Duration::from_millis(300);

/// What is still to be looked at, and what was found.
pub(crate) struct Searching {
    query: String,
    name_filter: NameFilter,
    ticket: u64,
    all: usize,
    left: VecDeque<ClientId>,
    hits: Vec<Hit>,
    told: Instant,
}

impl Searching {
    pub(crate) fn new(vault: &Vault, query: String, ticket: u64) -> Self {
        let mut clients: Vec<_> = vault.clients().all().map(|row| (row.last, row.id)).collect();
        clients.sort_by(|a, b| b.cmp(a));
        let left: VecDeque<ClientId> = clients.into_iter().map(|(_, id)| id).collect();
        let name_filter = NameFilter::new(&query);
        Self { query, name_filter, ticket, all: left.len(), left, hits: Vec::new(), told: Instant::now() }
    }

    /// Looks on for a while.
    pub(crate) fn go_on(&mut self, vault: &Vault) -> Result<(), VaultError> {
        for _ in 0..SLICE {
            let Some(id) = self.left.pop_front() else { break };
            let Ok(row) = vault.clients().client(&id) else { continue };
            let name = row.name.clone();
            if !self.name_filter.is_nothing() && self.name_filter.is_in(&name) {
                self.hits.push(Hit {
                    client: id,
                    name: name.clone(),
                    note: None,
                    date: row.last,
                    before: String::new(),
                    found: name.clone(),
                    after: String::new(),
                });
            }
            for hit in vault.notes().search_client(&id, &self.query)? {
                let (before, found, after) = split(&hit.context, &self.query);
                self.hits.push(Hit {
                    client: id,
                    name: name.clone(),
                    note: Some(hit.note),
                    date: Some(hit.date),
                    before,
                    found,
                    after,
                });
            }
        }
        Ok(())
    }

    /// Whether everything was looked at, or enough was found.
    pub(crate) fn is_done(&self) -> bool {
        self.left.is_empty() || self.hits.len() >= MOST
    }

    /// What to show: now and then what was found until now, and in the end all of it.
    pub(crate) fn answer(&mut self) -> Option<Event> {
        if !self.is_done() && self.told.elapsed() < TELL {
            return None;
        }
        self.told = Instant::now();
        self.hits.sort_by_key(|hit| (hit.note.is_some(), std::cmp::Reverse(hit.date)));
        let hits = self.hits.iter().take(MOST).cloned().collect();
        let [done, total] = [self.all.saturating_sub(self.left.len()), self.all].map(|n| u64::try_from(n).unwrap_or(0));
        let looked = (!self.is_done()).then_some(Progress { done, total });
        Some(Event::Search(SearchEvent::Hits { ticket: self.ticket, hits, looked }))
    }
}

/// The context before, in and after the first word that stands in it.
fn split(context: &str, query: &str) -> (String, String, String) {
    let lower = context.to_lowercase();
    // Where lower case has other lengths the places would not fit, and nothing is marked.
    let places = if lower.len() == context.len() { query.split_whitespace().collect() } else { Vec::new() };
    let found = places.into_iter().find_map(|word| {
        let word = word.to_lowercase();
        lower.find(&word).map(|at| (at, at + word.len()))
    });
    let (from, to) = found.unwrap_or((0, 0));
    match (context.get(..from), context.get(from..to), context.get(to..)) {
        (Some(before), Some(found), Some(after)) => (before.to_owned(), found.to_owned(), after.to_owned()),
        _ => (context.to_owned(), String::new(), String::new()),
    }
}
