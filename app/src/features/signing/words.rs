//! Signatures, and taking them back.

use jiff::civil::Date;

use crate::words::fixed::words;
use crate::words::{date, long_date};

words! {
    SIGN_WORDS = "Words";
    TAKE_BACK = "Take back";
    SIGN_LOCKS = "For a minute it can be taken back. Locking or closing signs it at once";
    IN_ERROR_ASK = "Mark as entered in error…";
    IN_ERROR_SHORT = "Entered in error…";
    IN_ERROR_TITLE = "Entered in error?";
    IN_ERROR_MORE = "The note stays as it was signed. A signed addendum says that it should not be there, and why.";
    IN_ERROR_NOW = "Sign that it was";
    IN_ERROR = "entered in error";
    SIGN_TITLE = "Sign this note?";
    SIGN_MORE = "From then on it cannot be changed. Corrections are signed addenda below it.";
    SIGN_ANYWAY = "Sign all the same";
    SIGN_DAY_TO_COME = "This session is on a day to come. Cancel and change its date, if that is not what you mean.";
    SIGN_ONCE_MORE = "Nothing was signed yet. If it is right, sign once more";
    SIGN_FROM = "Client";
    SIGN_LENGTH = "Length";
    NOT_GIVEN = "not given";
    CHANGED_MEANWHILE = "Another device has written in this note meanwhile. Nothing was signed: look at it as it is now, then sign";
}

/// What speaks against signing something now, one sentence each: that its day is to come, and when the clock was believed last.
pub fn sign_doubts(is_day_to_come: bool, believed: Option<Date>, today: Date) -> Vec<String> {
    let day = is_day_to_come.then(|| SIGN_DAY_TO_COME.to_owned());
    let clock = believed.map(|believed| {
        format!(
            "This computer's clock says {}, and Subrosa was last used on {}. Look whether the clock is right: a signature keeps \
             its time for good.",
            long_date(today),
            long_date(believed)
        )
    });
    day.into_iter().chain(clock).collect()
}

/// `Signed 21 November`
pub fn signed_note(date: Date, today: Date) -> String {
    format!("Signed the note of {}", self::date(date, today))
}

/// `Take back (52 s)`
pub fn take_back(seconds: u64) -> String {
    format!("{TAKE_BACK} ({seconds} s)")
}
