//! A folder with a practice in it, and the real program run on it.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub const PASSPHRASE: &str = "lantern gravel oboe thicket";

/// What the program did.
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn succeeded(&self) -> &Self {
        assert_eq!(self.status, 0, "{}", self.err);
        self
    }
}

/// The one JSON document of an answer.
pub fn parsed(ran: &Ran) -> Value {
    ran.succeeded();
    serde_json::from_str(&ran.out).unwrap()
}

/// A folder of its own; nothing outside is touched.
pub struct Desk(TempDir);

impl Desk {
    pub fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("passphrase", &format!("{PASSPHRASE}\n"));
        desk
    }

    pub fn with_practice() -> Self {
        let desk = Self::new();
        let kit = desk.path("kit.txt");
        desk.run(&["init", "--recovery-kit", kit.to_str().unwrap(), "--device-name", "Desk"]).succeeded();
        desk
    }

    pub fn root(&self) -> &Path {
        self.0.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub fn vault(&self) -> PathBuf {
        self.path("practice.subrosa")
    }

    pub fn passphrase_file(&self) -> PathBuf {
        self.path("passphrase")
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// With the passphrase.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.typing("", arguments)
    }

    pub fn text(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        ran.succeeded();
        ran.out
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        parsed(&self.run(&[&["--json"], arguments].concat()))
    }

    /// With the passphrase, and a text on standard input.
    pub fn typing(&self, text: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        ran(command.arg("--passphrase-file").arg(self.passphrase_file()), text)
    }

    /// Without a passphrase.
    pub fn bare(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments), "")
    }

    pub fn with_variable(&self, name: &str, value: impl AsRef<OsStr>, arguments: &[&str]) -> Ran {
        ran(self.command(arguments).env(name, value), "")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_subrosa"));
        command.env_remove("SUBROSA_PASSPHRASE_FILE").current_dir(self.root());
        command.arg("--vault").arg(self.vault()).args(arguments);
        command
    }
}

fn ran(command: &mut Command, text: &str) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that does not want the text closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
