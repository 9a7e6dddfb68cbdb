//! The weeks in which a practice works, and the moments of a day.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use subrosa_core::vault::Millis;

/// A minute in milliseconds.
pub(crate) const MINUTE: Millis = 60_000;
/// The calendar year in which the first year of the practice lies.
const FIRST: i16 = 2027;
/// Weeks without sessions: three in July, one at Easter, two at the end of the year. 46 are left of 52.
const CLOSED: [usize; 6] = [14, 28, 29, 30, 50, 51];

/// The Mondays of the weeks in which there are sessions.
pub(crate) fn working_weeks(year: u16) -> Vec<Date> {
    let first = first_monday(year);
    let week = |number: usize| first.saturating_add(i64::try_from(number).unwrap_or_default().weeks());
    (0..52).filter(|number| !CLOSED.contains(number)).map(week).collect()
}

fn first_monday(year: u16) -> Date {
    let january = date(FIRST + i16::try_from(year).expect("a year is small") - 1, 1, 1);
    match january.weekday() {
        Weekday::Monday => january,
        _ => january.nth_weekday(1, Weekday::Monday).expect("there is a Monday"),
    }
}

/// The day so many days after a Monday.
pub(crate) fn day_of(monday: Date, day: usize) -> Date {
    monday.saturating_add(i64::try_from(day).unwrap_or_default().days())
}

/// A moment of a day.
pub(crate) fn at(day: Date, hour: i8, minute: i8) -> Millis {
    let moment = day.at(hour, minute, 0, 0).to_zoned(TimeZone::UTC).expect("the day exists");
    u64::try_from(moment.timestamp().as_millisecond()).expect("it is after 1970")
}
