//! The program's own bridge between the practice and the network, and its rule of when what was typed leaves: taken in as the
//! sources that the window is built from, since the window itself is not reached from here.
#![allow(dead_code, unreachable_pub, reason = "the window uses the rest")]

use subrosa_sync::{Greeting, Shelf};

#[path = "../../../app/src/bridge/greeting.rs"]
mod greeting;
#[path = "../../../app/src/bridge/shared.rs"]
mod shared;
#[path = "../../../app/src/bridge/shelf.rs"]
mod shelf;
#[path = "../../../app/src/features/notes/job/unsent.rs"]
mod unsent;

pub(crate) use shared::{Clock, Shared};
pub(crate) use unsent::{Due, Unsent};

/// Answers other devices out of the open practice.
pub(crate) fn shelf_over(vault: &Shared, clock: &Clock) -> Box<dyn Shelf> {
    Box::new(shelf::VaultShelf::new(vault.clone(), clock.clone(), || {}))
}

/// Makes and checks hellos with the keys of the open practice.
pub(crate) fn greeting_over(vault: &Shared, clock: &Clock) -> Box<dyn Greeting> {
    Box::new(greeting::VaultGreeting::new(vault.clone(), clock.clone()))
}
