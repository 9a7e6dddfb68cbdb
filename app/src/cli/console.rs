//! How a command meets whoever gave it: what it reads, how it speaks, why it fails, and when it is to stop.

mod failure;
pub(super) mod find;
pub(super) mod input;
pub(super) mod interrupt;
mod session;
mod table;
mod terminal;

pub(super) use self::failure::{CliFailure, ExitStatus};
pub(super) use self::session::CliSession;
pub(super) use self::table::{table, time_of};
pub(super) use self::terminal::{Answer, Terminal};
