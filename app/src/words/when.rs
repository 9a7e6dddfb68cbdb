//! Days and times, as short as they can be understood.

use jiff::civil::{Date, DateTime, Time};

/// The months, in full.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) fn month(date: Date) -> &'static str {
    usize::try_from(date.month()).ok().and_then(|month| MONTHS.get(month - 1)).copied().unwrap_or_default()
}

/// `21 November 2026`
pub fn long_date(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// `14 November`, with the year when it is not this one.
pub fn date(date: Date, today: Date) -> String {
    if date.year() == today.year() { format!("{} {}", date.day(), month(date)) } else { long_date(date) }
}

/// `Today`, `19 Nov`, or `19 Nov 2024`.
pub fn short_date(date: Date, today: Date) -> String {
    let month: String = month(date).chars().take(3).collect();
    match date {
        _ if date == today => "Today".to_owned(),
        _ if date.year() == today.year() => format!("{} {month}", date.day()),
        _ => format!("{} {month} {}", date.day(), date.year()),
    }
}

/// `14:52`
pub fn time(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `09:10`, or `19 Nov, 09:10` on another day.
pub fn seen(at: DateTime, today: Date) -> String {
    if at.date() == today { time(at.time()) } else { format!("{}, {}", short_date(at.date(), today), time(at.time())) }
}
