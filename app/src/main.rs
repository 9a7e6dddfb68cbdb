//! The program: the window, or a command. Everything it does is in the library beside it.

use std::process::ExitCode;

use subrosa::cli::{self, CannotOpen, Start};
use subrosa::practice::guard;

fn main() -> ExitCode {
    guard::set_up();
    guard::run(|| cli::run(std::env::args_os(), &open)).unwrap_or_else(|panicked| {
        eprintln!("{panicked}");
        ExitCode::FAILURE
    })
}

/// Opens the window over the practice behind it.
fn open(_: Start) -> Result<(), CannotOpen> {
    Err(CannotOpen("this build has none".to_owned()))
}
