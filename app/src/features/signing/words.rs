//! Signatures, and taking them back.

use jiff::civil::Date;

use crate::words::date;
use crate::words::fixed::words;

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
    SIGN_FROM = "Client";
    SIGN_LENGTH = "Length";
    NOT_GIVEN = "not given";
    CHANGED_MEANWHILE = "Another device has written in this note meanwhile. Nothing was signed: look at it as it is now, then sign";
}

/// `Signed 21 November`
pub fn signed_note(date: Date, today: Date) -> String {
    format!("Signed the note of {}", self::date(date, today))
}

/// `Take back (52 s)`
pub fn take_back(seconds: u64) -> String {
    format!("{TAKE_BACK} ({seconds} s)")
}
