//! Rows for people: columns aligned by how wide letters are shown, the last one as long as it is.

use unicode_width::UnicodeWidthStr;

/// Columns between which there are two spaces; the first row is the head.
pub(in crate::cli) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
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

/// A moment as a table shows it, on the wall clock here.
pub(in crate::cli) fn time_of(at: subrosa_core::vault::Millis) -> String {
    let time = i64::try_from(at).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let local = time.map(|time| time.to_zoned(jiff::tz::TimeZone::system()));
    local.map(|local| local.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_any_script() {
        let text = table(["name", "n"], &[["佐藤".into(), "1".into()], ["Åsa".into(), "22".into()]]);
        assert_eq!(text, "name  n\n佐藤  1\nÅsa   22\n");
    }
}
