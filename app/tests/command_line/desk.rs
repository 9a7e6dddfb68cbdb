//! A folder with a practice in it, and the real program run on it.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "lantern gravel oboe thicket";

/// What the program did.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn succeeded(&self) -> &Self {
        assert_eq!(self.status, 0, "{}", self.err);
        self
    }
}

/// The one JSON document of an answer.
pub(crate) fn parsed(ran: &Ran) -> Value {
    ran.succeeded();
    serde_json::from_str(&ran.out).unwrap()
}

/// A folder of its own; nothing outside is touched.
pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("passphrase", &format!("{PASSPHRASE}\n"));
        desk
    }

    pub(crate) fn with_practice() -> Self {
        let desk = Self::new();
        let kit = desk.path("kit.txt");
        desk.run(&["init", "--recovery-kit", kit.to_str().unwrap(), "--device-name", "Desk"]).succeeded();
        desk
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub(crate) fn vault(&self) -> PathBuf {
        self.path("practice.subrosa")
    }

    pub(crate) fn passphrase_file(&self) -> PathBuf {
        self.path("passphrase")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// With the passphrase.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.typing("", arguments)
    }

    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        ran.succeeded();
        ran.out
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        parsed(&self.run(&[&["--json"], arguments].concat()))
    }

    /// With the passphrase, and a text on standard input.
    pub(crate) fn typing(&self, text: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        ran(command.arg("--passphrase-file").arg(self.passphrase_file()), text)
    }

    /// Without a passphrase.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Ran {
        self.bare_typing("", arguments)
    }

    /// Without a passphrase, and a text on standard input.
    pub(crate) fn bare_typing(&self, text: &str, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments), text)
    }

    pub(crate) fn with_variable(&self, name: &str, value: impl AsRef<OsStr>, arguments: &[&str]) -> Ran {
        ran(self.command(arguments).env(name, value), "")
    }

    /// With the passphrase and a text, where no file can become longer than the practice is now.
    #[cfg(unix)]
    pub(crate) fn typing_without_room(&self, text: &str, arguments: &[&str]) -> Ran {
        // In units of 512 bytes; the signal that comes with the error would end the program.
        let blocks = std::fs::metadata(self.vault()).unwrap().len().div_ceil(512);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
        shell.arg(env!("CARGO_BIN_EXE_subrosa"));
        let command = self.with_vault(&mut shell, &self.vault(), arguments);
        ran(command.arg("--passphrase-file").arg(self.passphrase_file()), text)
    }

    /// With the passphrase, in another practice.
    pub(crate) fn json_in(&self, vault: &str, arguments: &[&str]) -> Value {
        parsed(&self.run_in(vault, &[&["--json"], arguments].concat()))
    }

    pub(crate) fn run_in(&self, vault: &str, arguments: &[&str]) -> Ran {
        let mut program = Command::new(env!("CARGO_BIN_EXE_subrosa"));
        let command = self.with_vault(&mut program, &self.path(vault), arguments);
        ran(command.arg("--passphrase-file").arg(self.passphrase_file()), "")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_subrosa"));
        self.with_vault(&mut command, &self.vault(), arguments);
        command
    }

    fn with_vault<'c>(&self, command: &'c mut Command, vault: &Path, arguments: &[&str]) -> &'c mut Command {
        // The keystore of whoever runs the tests is not theirs.
        command.env_remove("SUBROSA_PASSPHRASE_FILE").env("SUBROSA_KEYSTORE", "none").current_dir(self.root());
        command.arg("--vault").arg(vault).args(arguments)
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
