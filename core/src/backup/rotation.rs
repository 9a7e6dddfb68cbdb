//! Which backups may go: a decision over times alone.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::time::{Millis, whole_seconds};

const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 12;

/// Of backups made at these times, the ones that may be deleted: all but the newest of each of the last 7 days, 4 weeks and
/// 12 months that have one. The newest of all always stays.
pub fn expendable(made: &[Millis]) -> Vec<Millis> {
    let mut newest_first = made.to_vec();
    newest_first.sort_unstable_by(|a, b| b.cmp(a));
    let mut kept = BTreeSet::new();
    keep(&newest_first, DAYS, |day| day, &mut kept);
    keep(&newest_first, WEEKS, |day| (day.iso_week_date().year(), day.iso_week_date().week()), &mut kept);
    keep(&newest_first, MONTHS, |day| (day.year(), day.month()), &mut kept);
    newest_first.retain(|at| !kept.contains(at));
    newest_first
}

/// Keeps the newest of each of the last `most` periods.
fn keep<P: PartialEq>(newest_first: &[Millis], most: usize, period: impl Fn(Date) -> P, kept: &mut BTreeSet<Millis>) {
    let mut seen = Vec::with_capacity(most);
    for at in newest_first {
        let of = period(whole_seconds(*at).to_zoned(TimeZone::UTC).date());
        if seen.contains(&of) {
            continue;
        }
        if seen.len() == most {
            break;
        }
        seen.push(of);
        kept.insert(*at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, HOUR};

    /// Sunday, 22 November 2026, noon.
    const NOW: Millis = 1_795_348_800_000;

    #[test]
    fn of_a_backup_a_day_for_two_years_seven_days_four_weeks_and_twelve_months_stay() {
        let all: Vec<Millis> = (0..730).map(|day| NOW - day * DAY).collect();
        let gone = expendable(&all);
        let stay: Vec<Millis> = all.iter().copied().filter(|at| !gone.contains(at)).collect();
        assert_eq!(stay.get(..7).unwrap(), all.get(..7).unwrap(), "the last week, every day");
        // Weeks that end on the 15th, 8th and 1st; months that end on 31 October, 30 September …
        let sundays = [7, 14, 21].map(|days| NOW - days * DAY);
        assert!(sundays.iter().all(|at| stay.contains(at)));
        assert_eq!(stay.len(), 7 + 3 + 11);
        assert!(*stay.last().unwrap() > NOW - 366 * DAY);
    }

    #[test]
    fn rotating_again_and_again_never_loses_what_one_rotation_keeps_of_all() {
        let mut kept: Vec<Millis> = Vec::new();
        for day in (0..400).rev() {
            kept.push(NOW - day * DAY);
            let gone = expendable(&kept);
            kept.retain(|at| !gone.contains(at));
            assert!(kept.contains(&(NOW - day * DAY)));
        }
        let months: BTreeSet<_> =
            kept.iter().map(|at| whole_seconds(*at).to_zoned(TimeZone::UTC).date().month()).collect();
        assert_eq!(months.len(), 12);
    }

    #[test]
    fn several_of_one_day_leave_its_newest_and_few_leave_all() {
        assert_eq!(expendable(&[NOW, NOW - HOUR, NOW - 2 * HOUR]), [NOW - HOUR, NOW - 2 * HOUR]);
        assert!(expendable(&[NOW]).is_empty() && expendable(&[]).is_empty());
        assert!(expendable(&[NOW - 400 * DAY, NOW - 800 * DAY]).is_empty());
    }
}
