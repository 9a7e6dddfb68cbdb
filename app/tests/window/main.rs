//! The window as a person meets it: by what is written on it, with pointer and keys, without display, renderer or system fonts.

#![expect(clippy::expect_used, clippy::panic, reason = "what the desk of a test cannot do ends the test")]

mod flows;
mod hands;
mod real_practice;
#[path = "../script/scripted.rs"]
mod scripted;
