//! The fields of a note, as every screen names them.

use crate::words::fixed::words;

words! {
    DATE = "Date";
    START = "Start";
    MINUTES = "Minutes";
    TEMPLATE = "Template";
    SESSION_NUMBER = "Session number";
}
