//! The program: the window, or a command. Everything it does is in the library beside it.

use std::path::PathBuf;
use std::process::ExitCode;

use subrosa::cli::{self, CannotOpen, Start};
use subrosa::jobs::Setting;
use subrosa::practice::{Profile, guard, holder};
use subrosa::ui::window;

/// Gives back to the system what a long note took, which the C library's allocator keeps.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    guard::set_up();
    let ended = guard::run(|| cli::run(std::env::args_os(), &open));
    holder::leave();
    ended.unwrap_or_else(|panicked| {
        eprintln!("{panicked}");
        ExitCode::FAILURE
    })
}

/// Opens the window over the practice behind it.
fn open(start: Start) -> Result<(), CannotOpen> {
    let (file, demo) = match start {
        Start::Practice(file) => (file, None),
        Start::Demo(clients) => (PathBuf::new(), Some(clients)),
        _ => return Err(CannotOpen("it does not know how".to_owned())),
    };
    let setting = Setting { file, profile: Profile::Calibrated, discovery: true, demo };
    window::run(setting).map_err(|error| CannotOpen(error.to_string()))
}
