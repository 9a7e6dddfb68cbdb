//! A search under way: client by client, so that a draft that must be saved never waits for it.

use crate::features::search::job::searching::Searching;
use crate::features::search::messages::SearchEffect;
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobOutcome;
use crate::values::job::Job;

pub(crate) mod searching;

pub(crate) fn answer(bench: &mut Bench, effect: SearchEffect) -> JobOutcome {
    let SearchEffect::Start { query, ticket } = effect;
    bench.searching = Some(bench.with(|vault| Ok(Searching::new(vault, query, ticket)))?);
    Ok(None)
}

/// Looks on for a while, if there is a search.
pub(crate) fn go_on_searching(bench: &mut Bench) {
    let Some(mut searching) = bench.searching.take() else { return };
    match bench.with(|vault| searching.go_on(vault)) {
        Ok(()) => {
            searching.answer().into_iter().for_each(|hits| bench.answers.send(hits));
            bench.searching = Some(searching).filter(|searching| !searching.is_done());
        }
        Err(failure) => bench.answers.send(failure.event(Job::Search)),
    }
}
