//! What an import did not take, or did not take as it stood: one [`Problem`] for each file and each row, said to the therapist.
//!
//! A problem names a file and a line, because the therapist has to find it. `Display` is that report, for the screen of
//! an unlocked practice and nothing else; `Debug`, which ends in logs, prints the kind alone.

use std::fmt;

/// What the report has to say of one file, or of one row: it was taken or it was not.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the folder that is read, with `/` between its parts.
    pub file: String,
    /// The line, counted from 1, where the file is a table.
    pub line: Option<u64>,
    /// What it is; where it was not taken, why, and nothing else.
    pub kinds: Vec<ProblemKind>,
}

impl Problem {
    /// Of a file, or of a line of one. Gives none where there is nothing to say.
    pub(super) fn of(file: String, line: Option<u64>, mut kinds: Vec<ProblemKind>) -> Option<Self> {
        if kinds.iter().any(|kind| !kind.was_taken()) {
            kinds.retain(|kind| !kind.was_taken());
        }
        kinds.dedup();
        (!kinds.is_empty()).then_some(Self { file, line, kinds })
    }

    /// Whether what the problem is about came into the practice all the same.
    pub fn was_taken(&self) -> bool {
        self.kinds.iter().all(|kind| kind.was_taken())
    }

    /// The verdict and its reasons.
    pub fn words(&self) -> String {
        let reasons: Vec<_> = self.kinds.iter().map(ToString::to_string).collect();
        let verdict = if self.was_taken() { "taken" } else { "not taken" };
        format!("{verdict}: {}", reasons.join("; "))
    }
}

/// What can be the matter with one file, row or field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A row whose quotes do not match, or that has another number of cells than the header. Not taken.
    BrokenRow,
    /// A row that names no client. Not taken.
    NoId,
    /// The same row stands there again. Taken once.
    SameRowAgain,
    /// A second, different row for a client. The first was taken.
    SecondRowForClient,
    /// A client without a name. Taken, with the id for a name.
    NoName,
    /// A measure whose date, scores or total cannot be read. Not taken: a score must not be guessed.
    BrokenMeasure,
    /// A measure without a total. Taken, with the sum of its scores.
    TotalAddedUp,
    /// A table with a column that has no place in a record. Its rows were taken without it.
    ColumnNotTaken,
    /// A table without the columns that it cannot do without. Not taken.
    NotATable,
    /// A note or measure that names a client who is not in the list, or none. Not taken.
    UnknownClient,
    /// A note that lies in one client's folder and names another inside. Taken for the one named inside.
    TwoClients,
    /// Text that is not UTF-8. Taken, read as Windows-1252.
    NotUtf8,
    /// Text that is marked as UTF-16 and is not. Taken, with � for what could not be read.
    BrokenUtf16,
    /// Text that holds NUL characters. Taken, with them.
    HoldsNul,
    /// Lines of front matter that cannot be read. Taken, as part of the note's text.
    UnreadableFrontMatter,
    /// A date, time or number that cannot be read. Taken, and kept as it is written among the note's other fields.
    FieldNotUnderstood,
    /// A field or column that stands there twice. Taken, both.
    FieldTwice,
    /// A name or code that held what hides or turns the text beside it, or that no list could show. Taken, without that.
    NotPlain,
    /// A note without a date, inside or in its name. Not taken: a date must not be guessed.
    NoDate,
    /// A file over the limit. Not taken, not read.
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A link, which may lead out of the folder. Not followed.
    Link,
    /// Neither a file nor a folder, or folders nested too deep. Not opened.
    NotAFile,
    /// A file that is no note and no table. Not taken.
    NotANote,
    /// A file that the system would not let this program read. Not taken.
    Unreadable,
}

impl ProblemKind {
    /// Whether what the problem is about came into the practice all the same.
    pub fn was_taken(self) -> bool {
        !matches!(
            self,
            Self::BrokenRow
                | Self::NoId
                | Self::SecondRowForClient
                | Self::BrokenMeasure
                | Self::NotATable
                | Self::UnknownClient
                | Self::NoDate
                | Self::TooLarge { .. }
                | Self::Link
                | Self::NotAFile
                | Self::NotANote
                | Self::Unreadable
        )
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BrokenRow => "the row is broken (a quote is not closed, or the number of cells differs)",
            Self::NoId => "the row names no client",
            Self::SameRowAgain => "the same row stands there again, once is enough",
            Self::SecondRowForClient => "another row for the same client stands further up",
            Self::NoName => "the client has no name, so the id stands in its place",
            Self::BrokenMeasure => "the date, a score or the total cannot be read",
            Self::TotalAddedUp => "there is no total, so the scores were added up",
            Self::ColumnNotTaken => "but for one column that has no place in a record",
            Self::NotATable => "the first line does not name the columns that are needed",
            Self::UnknownClient => "the client is not in clients.csv",
            Self::TwoClients => "for the client named inside, though it lies in another client's folder",
            Self::NotUtf8 => "read as Windows-1252, as it is not UTF-8: look whether its letters are right",
            Self::BrokenUtf16 => "a part of the text could not be read",
            Self::HoldsNul => "it holds characters that are no text",
            Self::UnreadableFrontMatter => "lines at its top could not be read and stand in the text",
            Self::FieldNotUnderstood => "a date, time or number could not be read and was kept as written",
            Self::FieldTwice => "a field stands there twice, and both were kept",
            Self::NotPlain => "a name or code held marks that hide or turn text, or was too long: they were left out",
            Self::NoDate => "there is no date, inside or at the start of the file's name",
            Self::TooLarge { bytes, limit } => return write!(f, "{bytes} bytes, and the limit is {limit}"),
            Self::Link => "a link, which may lead out of the folder, is not followed",
            Self::NotAFile => "it is no plain file, or lies too deep in folders",
            Self::NotANote => "it is no note (.md, .markdown, .txt) and no table",
            Self::Unreadable => "the system did not let it be read",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A file's name is foreign text: a line end or an escape sequence in it must not write on the terminal.
        self.file.chars().try_for_each(|c| write!(f, "{}", if c.is_control() { '\u{FFFD}' } else { c }))?;
        match self.line {
            Some(line) => write!(f, ", line {line}: {}", self.words()),
            None => write!(f, ": {}", self.words()),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({:?})", self.kinds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_names_the_file_and_a_log_does_not() {
        let line = Some(3);
        let problem = Problem { file: "notes/Anna\u{1b}[2J/x.md".into(), line, kinds: vec![ProblemKind::NoDate] };
        assert!(problem.to_string().starts_with("notes/Anna\u{FFFD}[2J/x.md, line 3: not taken: there is no date"));
        assert_eq!(format!("{problem:?}"), "Problem([NoDate])");
    }

    #[test]
    fn each_file_has_one_verdict() {
        use ProblemKind as K;
        let of = |kinds: &[K]| Problem::of("a.md".into(), None, kinds.to_vec());
        assert_eq!(of(&[]), None);
        let taken = of(&[K::HoldsNul, K::FieldTwice, K::FieldTwice]).unwrap();
        assert_eq!((taken.was_taken(), taken.words().matches("taken").count(), taken.kinds.len()), (true, 1, 2));
        let refused = of(&[K::NotUtf8, K::NoDate]).unwrap();
        assert_eq!((refused.was_taken(), refused.kinds), (false, vec![K::NoDate]));
    }
}
