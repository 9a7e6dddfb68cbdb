//! The rules of the house that no compiler keeps, read from the sources themselves.
//!
//! Each rule is a function over sources: it is run over the real ones, and over a few planted lines that break it, which it must
//! find. What is built for tests alone is left out: modules and items under `cfg(test)`, files named `tests.rs`, folders named
//! `tests`.

mod borders;
mod calls;
mod circles;
mod floors;
mod messages;
mod names;
mod paths;
mod sizes;
mod sources;
mod subjects;
mod tables;
