//! What a command says: one answer to standard output, as text for people or as one JSON document; everything else,
//! progress included, to standard error.
//!
//! Names and notes are foreign text: a control character in one never reaches the terminal.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;
use subrosa_core::import::Progress;

/// What a command answers.
pub(in crate::cli) struct Answer {
    /// For scripts: stable names, ids in full.
    pub(in crate::cli) json: Value,
    /// For people.
    pub(in crate::cli) text: String,
}

impl Answer {
    /// An answer in both forms.
    pub(in crate::cli) fn new(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into() }
    }

    /// Nothing to say: what was asked for could be seen.
    pub(in crate::cli) fn silent() -> Self {
        Self::new(Value::Null, "")
    }
}

/// Where a command speaks.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Terminal {
    json: bool,
}

impl Terminal {
    /// Answers as JSON, or as text.
    pub(in crate::cli) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether the one answer is a JSON document.
    pub(in crate::cli) fn is_json(&self) -> bool {
        self.json
    }

    /// Writes the answer. That a reader such as `head` has seen enough is no failure.
    ///
    /// # Errors
    /// [`io::Error`], when it cannot be written.
    pub(in crate::cli) fn answer(&self, answer: &Answer) -> io::Result<()> {
        match self.write(answer) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    fn write(&self, answer: &Answer) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if answer.json.is_null() {
            return Ok(());
        }
        if self.json {
            serde_json::to_writer_pretty(&mut out, &answer.json)?;
            writeln!(out)?;
        } else if !answer.text.is_empty() {
            writeln!(out, "{}", plain(&answer.text).trim_end_matches('\n'))?;
        }
        out.flush()
    }

    /// Says something that is not the answer.
    pub(in crate::cli) fn say(&self, words: &str) {
        // Nobody who listens is no reason to stop.
        let _ = writeln!(io::stderr(), "{}", plain(words));
    }

    /// Writes a line of a conversation that goes on, such as a code to be typed elsewhere: part of the text for people,
    /// kept apart from the JSON document.
    pub(in crate::cli) fn tell(&self, words: &str) {
        if self.json {
            return self.say(words);
        }
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{}", plain(words)).and_then(|()| out.flush());
    }

    /// Shows how far something is, where somebody can see it.
    pub(in crate::cli) fn progress(&self, doing: &str, Progress { done, of }: Progress) {
        let seldom = of / 100 + 1;
        if !io::stderr().is_terminal() || (done % seldom != 0 && done != of) {
            return;
        }
        let end = if done == of { "\n" } else { "" };
        let mut err = io::stderr().lock();
        let _ = write!(err, "\r{doing} {done} of {of}{end}").and_then(|()| err.flush());
    }

    /// Shows how far something is whose bytes are counted.
    pub(in crate::cli) fn progress_in_mebibytes(&self, doing: &str, Progress { done, of }: Progress) {
        self.progress(doing, Progress { done: done >> 20, of: of >> 20 });
    }

    /// Whether somebody sits at the terminal.
    pub(in crate::cli) fn can_ask(&self) -> bool {
        io::stdin().is_terminal()
    }

    /// Asks on the terminal; without one the answer is no.
    pub(in crate::cli) fn agrees(&self, question: &str) -> bool {
        if !self.can_ask() {
            return false;
        }
        let mut err = io::stderr().lock();
        let _ = write!(err, "{} [y/N] ", plain(question)).and_then(|()| err.flush());
        let mut line = String::new();
        let _ = io::stdin().read_line(&mut line);
        matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
    }
}

/// The text without anything that would move the cursor or change a colour.
fn plain(text: &str) -> String {
    let shown = |letter: char| letter == '\n' || letter == '\t' || !letter.is_control();
    text.chars().map(|letter| if shown(letter) { letter } else { '\u{FFFD}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn an_escape_sequence_in_a_note_does_not_reach_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\r\n\tä\u{9b}1m"), "a\u{FFFD}[2Jb\u{FFFD}\n\tä\u{FFFD}1m");
    }
}
