//! Rows for people: columns aligned by how wide letters are shown, the last one as long as it is.

use unicode_width::UnicodeWidthStr;

/// Columns between which there are two spaces; the first row is the head.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let head = head.map(str::to_owned);
    let all = || std::iter::once(&head).chain(rows);
    let widths: Vec<usize> = (0..N)
        .map(|column| all().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in all() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            // A cell is one line, whatever stands in it.
            line.extend(cell.chars().map(|letter| if letter.is_control() { ' ' } else { letter }));
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// `1 note`, `2 notes`.
pub(crate) fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// `812 bytes`, `3.4 MB`: as a file's size is told everywhere.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => count(bytes, "byte"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_any_script() {
        let text = table(["name", "n"], &[["佐藤".into(), "1".into()], ["Åsa".into(), "22".into()]]);
        assert_eq!(text, "name  n\n佐藤  1\nÅsa   22\n");
    }

    #[test]
    fn a_size_is_told_in_the_unit_that_fits() {
        let told = [1, 999, 1_000, 3_456_789, 2_147_483_648].map(size);
        assert_eq!(told, ["1 byte", "999 bytes", "1.0 kB", "3.4 MB", "2.1 GB"]);
    }

    #[test]
    fn a_name_with_a_line_end_stays_on_its_line() {
        assert_eq!(table(["name"], &[["a\nb".into()]]), "name\na b\n");
    }
}
