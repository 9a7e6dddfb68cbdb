//! The list of clients, the page of one, records of one person.

use jiff::civil::Date;

use crate::words::words;

words! {
    MERGE_ASK = "Merge with another client…";
    MERGE_SHORT = "Merge…";
    MERGE_TITLE = "Who is the same person?";
    MERGE_MORE = "The notes of both stand in one record, under the name of the client whose page is open. It can be taken back.";
    MERGE = "Merge the two";
    UNMERGE_ASK = "Take merged records apart…";
    UNMERGE_SHORT = "Take apart…";
    UNMERGE_TITLE = "Two persons after all?";
    UNMERGE_MORE = "Each note goes back to the record in which it was written. What was written since the merge stays in the record whose page is open.";
    UNMERGE = "Take the records apart";
    UNMERGED = "They are records of their own again";
    OTHER_CLIENT = "Part of the name";
    FILTER_HINT = "Find a client   /";
    NO_CLIENTS = "No clients yet";
    NO_CLIENTS_MORE = "Add the first one, or bring your notes from somewhere else";
    NO_MATCH = "No client of that name";
    CHOOSE_CLIENT = "Choose a client";
    CHOOSE_CLIENT_MORE = "With the pointer, with Ctrl+↓, or by typing part of a name after /";
    CLIENT_NAME = "Name";
    CLIENT_CODE = "Code, if you use one";
    TIMELINE = "Timeline";
    MEASURES = "Measures";
    NO_MEASURES = "No measures yet";
    NO_MEASURES_MORE = "They come with an import";
}

/// `active since 2021`
pub fn status_since(status: &str, since: Option<Date>) -> String {
    match (status.is_empty(), since) {
        (true, None) => String::new(),
        (true, Some(since)) => format!("since {}", since.year()),
        (false, None) => status.to_owned(),
        (false, Some(since)) => format!("{status} since {}", since.year()),
    }
}

/// `One record with: A. Mäkinen`
pub fn one_record_with(names: &[String]) -> String {
    format!("One record with {}", names.join(", "))
}
