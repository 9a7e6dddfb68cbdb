//! The search.

use crate::words::fixed::words;

words! {
    SEARCH_HINT = "Words from any note or name";
    SEARCH_EMPTY = "Search everything you have written";
    SEARCH_EMPTY_MORE = "Results come as you type. Private notes are not searched.";
    SEARCH_NOTHING = "Nothing found";
    SEARCH_NOTHING_MORE = "Try fewer words, or the beginning of one";
    SEARCHING = "Searching…";
}
