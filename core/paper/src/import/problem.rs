//! What an import did not take, or did not take as it stood: one [`Problem`] for each, said to the therapist.
//!
//! A problem names a file and a line, because the therapist has to find it. `Display` is that report, for the screen of
//! an unlocked practice and nothing else; `Debug`, which ends in logs, prints the kind alone.

use std::fmt;

/// One thing that the report has to say, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the folder that is read, with `/` between its parts.
    pub file: String,
    /// The line, counted from 1, where the file is a table.
    pub line: Option<u64>,
    /// What it is.
    pub kind: ProblemKind,
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
    /// Front matter that cannot be read. Taken, whole, as the note's text.
    UnreadableFrontMatter,
    /// A date, time or number that cannot be read. Taken, and kept as it is written among the note's other fields.
    FieldNotUnderstood,
    /// A field or column that stands there twice. Taken, both.
    FieldTwice,
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
            Self::BrokenRow => "not taken: the row is broken (a quote is not closed, or the number of cells differs)",
            Self::NoId => "not taken: the row names no client",
            Self::SameRowAgain => "taken once: the same row stands there again",
            Self::SecondRowForClient => "not taken: another row for the same client stands further up",
            Self::NoName => "taken: the client has no name, so the id stands in its place",
            Self::BrokenMeasure => "not taken: the date, a score or the total cannot be read",
            Self::TotalAddedUp => "taken: there is no total, so the scores were added up",
            Self::ColumnNotTaken => "taken without one column that has no place in a record",
            Self::NotATable => "not taken: the first line does not name the columns that are needed",
            Self::UnknownClient => "not taken: the client is not in clients.csv",
            Self::TwoClients => "taken for the client named inside, though it lies in another client's folder",
            Self::NotUtf8 => "taken, read as Windows-1252: the text is not UTF-8, look whether its letters are right",
            Self::BrokenUtf16 => "taken, but a part of the text could not be read",
            Self::HoldsNul => "taken, but it holds characters that are no text",
            Self::UnreadableFrontMatter => "taken, but the lines at its top could not be read and stand in the text",
            Self::FieldNotUnderstood => "taken, but a date, time or number could not be read and was kept as written",
            Self::FieldTwice => "taken, but a field stands there twice, and both were kept",
            Self::NoDate => "not taken: there is no date, inside or at the start of the file's name",
            Self::TooLarge { bytes, limit } => {
                return write!(f, "not taken: {bytes} bytes, and the limit is {limit}");
            }
            Self::Link => "not taken: a link, which may lead out of the folder, is not followed",
            Self::NotAFile => "not taken: it is no plain file, or lies too deep in folders",
            Self::NotANote => "not taken: it is no note (.md, .markdown, .txt) and no table",
            Self::Unreadable => "not taken: the system did not let it be read",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A file's name is foreign text: a line end or an escape sequence in it must not write on the terminal.
        self.file.chars().try_for_each(|c| write!(f, "{}", if c.is_control() { '\u{FFFD}' } else { c }))?;
        match self.line {
            Some(line) => write!(f, ", line {line}: {}", self.kind),
            None => write!(f, ": {}", self.kind),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({:?})", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_names_the_file_and_a_log_does_not() {
        let problem = Problem { file: "notes/Anna\u{1b}[2J/x.md".into(), line: Some(3), kind: ProblemKind::NoDate };
        assert!(problem.to_string().starts_with("notes/Anna\u{FFFD}[2J/x.md, line 3: not taken"));
        assert_eq!(format!("{problem:?}"), "Problem(NoDate)");
    }

    #[test]
    fn what_the_sentence_says_about_taking_agrees_with_was_taken() {
        use ProblemKind as K;
        let size = K::TooLarge { bytes: 1, limit: 0 };
        for kind in [K::BrokenRow, K::SameRowAgain, K::TwoClients, K::NoDate, size, K::NotUtf8, K::NotANote, K::NoName]
        {
            assert_eq!(kind.was_taken(), !kind.to_string().starts_with("not taken"), "{kind}");
        }
    }
}
