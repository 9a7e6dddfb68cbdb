//! A search under way: client by client, so that a draft that must be saved never waits for it.

use std::collections::VecDeque;

use subrosa_core::id::ClientId;
use subrosa_core::vault::{Vault, VaultError};

use crate::event::{Event, Hit};
use crate::wanted::Wanted;

/// Hits that are shown.
const MOST: usize = 200;
/// Clients looked at before something else may come in between.
const SLICE: usize = 8;

/// What is still to be looked at, and what was found.
pub(super) struct Searching {
    query: String,
    ticket: u64,
    left: VecDeque<ClientId>,
    hits: Vec<Hit>,
}

impl Searching {
    pub(super) fn new(vault: &Vault, query: String, ticket: u64) -> Self {
        let mut clients: Vec<_> = vault.clients().map(|row| (row.last, row.id)).collect();
        clients.sort_by(|a, b| b.cmp(a));
        Self { query, ticket, left: clients.into_iter().map(|(_, id)| id).collect(), hits: Vec::new() }
    }

    /// Looks on; the answer when everything was looked at, or enough was found.
    pub(super) fn go_on(&mut self, vault: &Vault) -> Result<Option<Event>, VaultError> {
        for _ in 0..SLICE {
            let Some(id) = self.left.pop_front() else { break };
            let Ok(row) = vault.client(&id) else { continue };
            let name = row.name.clone();
            let wanted = Wanted::new(&self.query);
            if !wanted.is_nothing() && wanted.is_in(&name) {
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
            for hit in vault.search_client(&id, &self.query)? {
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
        if !self.left.is_empty() && self.hits.len() < MOST {
            return Ok(None);
        }
        let mut hits = std::mem::take(&mut self.hits);
        hits.sort_by_key(|hit| (hit.note.is_some(), std::cmp::Reverse(hit.date)));
        hits.truncate(MOST);
        Ok(Some(Event::Hits { ticket: self.ticket, hits }))
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
