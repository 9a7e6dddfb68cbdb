//! Seals and opens single age files from a shell, so that they can be held against those of other programs.
//!
//! ```text
//! age-file recipient IDENTITY-FILE           prints age1pq1…
//! age-file seal RECIPIENT-FILE IN OUT
//! age-file open IDENTITY-FILE IN OUT
//! ```

use std::fs;
use std::process::ExitCode;

use subrosa_core::entropy::Os;
use subrosa_core::wrap::WrapPublic;
use subrosa_core::{kit, share};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["recipient", identity] => recipient(identity),
        ["seal", recipient, from, to] => seal(recipient, from, to),
        ["open", identity, from, to] => open(identity, from, to),
        _ => Err("usage: age-file recipient IDENTITY | seal RECIPIENT IN OUT | open IDENTITY IN OUT".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the recipient is what was asked for")]
fn recipient(identity: &str) -> Outcome {
    let seed = kit::read_kit(&fs::read_to_string(identity)?)?;
    println!("{}", kit::recipient_text(&WrapPublic::of(&seed)));
    Ok(())
}

fn seal(recipient: &str, from: &str, to: &str) -> Outcome {
    let recipient = kit::read_recipient(fs::read_to_string(recipient)?.trim())?;
    fs::write(to, share::encrypt(&[&recipient], &fs::read(from)?, &mut Os)?)?;
    Ok(())
}

fn open(identity: &str, from: &str, to: &str) -> Outcome {
    let seed = kit::read_kit(&fs::read_to_string(identity)?)?;
    fs::write(to, share::decrypt(&seed, &fs::read(from)?)?)?;
    Ok(())
}
