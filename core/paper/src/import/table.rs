//! Splits a CSV file (RFC 4180) into rows, and goes on after a broken one.
//!
//! The `csv` crate, which writes ours, takes an opening quote that is never closed as the start of a cell that holds the
//! rest of the file: one stray quote would cost every client after it. This reader refuses such a row, names its line,
//! and goes on at the next line. It works on bytes, so that a cell that is not UTF-8 costs nobody else anything.

/// A row longer than this is taken for a quote that was never closed.
const MAX_ROW: usize = 256 << 10;

/// One row of a table, whole or not.
#[derive(PartialEq, Eq)]
pub(super) struct Row {
    /// Line of the file on which it begins, counted from 1.
    pub(super) line: u64,
    /// The cells as bytes; `None` when the quotes of the row do not match.
    pub(super) cells: Option<Vec<Vec<u8>>>,
}

/// The rows of a table, blank lines left out.
pub(super) struct Rows<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    at: usize,
    line: u64,
    /// Where the line after the first line of the last row begins, and its number: a row that spans lines and turns out
    /// not to fit is broken at its first line, and what it swallowed is looked at again.
    second_line: (usize, u64),
}

impl<'a> Rows<'a> {
    pub(super) fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        Self { bytes, delimiter, at: 0, line: 1, second_line: (0, 1) }
    }

    /// Gives up the last row but for its first line: the next row begins on the line after that.
    pub(super) fn resume_after_first_line(&mut self) {
        (self.at, self.line) = self.second_line;
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Goes past the end of line at the current place, if there is one there.
    fn end_of_line(&mut self) -> bool {
        let width = match self.rest() {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return false,
        };
        self.at += width;
        self.line += 1;
        true
    }

    /// Reads the cells of one row up to its end of line, or nothing when its quotes do not match.
    fn cells(&mut self) -> Option<Vec<Vec<u8>>> {
        let limit = self.at.saturating_add(MAX_ROW);
        let mut cells = Vec::new();
        loop {
            cells.push(match self.rest().first() {
                Some(b'"') => self.quoted(limit)?,
                _ => self.plain(),
            });
            match self.rest().first() {
                Some(byte) if *byte == self.delimiter => self.at += 1,
                _ => return Some(cells),
            }
        }
    }

    fn plain(&mut self) -> Vec<u8> {
        let rest = self.rest();
        let ends = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\r' | b'\n');
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default().to_vec()
    }

    fn quoted(&mut self, limit: usize) -> Option<Vec<u8>> {
        let mut cell = Vec::new();
        self.at += 1;
        while self.at < limit {
            match self.rest() {
                [b'"', b'"', ..] => {
                    cell.push(b'"');
                    self.at += 2;
                }
                [b'"', after @ ..] => {
                    self.at += 1;
                    let closed = after.first().is_none_or(|b| *b == self.delimiter || matches!(b, b'\r' | b'\n'));
                    return closed.then_some(cell);
                }
                [byte, after @ ..] => {
                    let ends_line = *byte == b'\n' || (*byte == b'\r' && after.first() != Some(&b'\n'));
                    self.line += u64::from(ends_line);
                    cell.push(*byte);
                    self.at += 1;
                }
                [] => return None,
            }
        }
        None
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while self.end_of_line() {}
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        let first_line = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
        self.at = start + first_line;
        self.end_of_line();
        self.second_line = (self.at, self.line);
        (self.at, self.line) = (start, line);
        let cells = self.cells();
        match cells {
            Some(_) => _ = self.end_of_line(),
            None => self.resume_after_first_line(),
        }
        Some(Row { line, cells })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Option<Vec<String>>)> {
        let text_of = |cells: Vec<Vec<u8>>| cells.into_iter().map(|cell| String::from_utf8(cell).unwrap()).collect();
        Rows::new(text.as_bytes(), b',').map(|row| (row.line, row.cells.map(text_of))).collect()
    }

    fn whole(line: u64, cells: &[&str]) -> (u64, Option<Vec<String>>) {
        (line, Some(cells.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn quotes_delimiters_and_line_ends_inside_a_cell_belong_to_the_cell() {
        let text = "a,b\r\n\r\n\"x, \"\"y\"\"\",\"one\r\ntwo\"\nlast,\"\"";
        assert_eq!(rows(text), [whole(1, &["a", "b"]), whole(3, &["x, \"y\"", "one\r\ntwo"]), whole(5, &["last", ""])]);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_own_line_alone() {
        assert_eq!(rows("a,\"b\nc,d\ne,f\n"), [(1, None), whole(2, &["c", "d"]), whole(3, &["e", "f"])]);
        assert_eq!(rows("a,\"b\nc,\"d\"\n"), [(1, None), whole(2, &["c", "d"])], "it must not close at the next quote");
    }

    #[test]
    fn a_quote_inside_a_bare_cell_is_a_character() {
        assert_eq!(rows("O\"Neil,5\"\n"), [whole(1, &["O\"Neil", "5\""])]);
    }

    #[test]
    fn a_quoted_row_is_read_up_to_its_limit() {
        let quoted = |len: usize| format!("\"{}\"\n", "a".repeat(len - 2));
        let is_read = |len| rows(&quoted(len)).first().is_some_and(|(_, cells)| cells.is_some());
        assert_eq!([is_read(MAX_ROW), is_read(MAX_ROW + 1)], [true, false]);
    }

    #[test]
    fn a_file_of_nothing_but_open_quotes_ends_in_bounded_work() {
        let text = "\"\n".repeat(2_000);
        assert!(rows(&text).len() <= 2_000);
    }
}
