//! The list of clients, the page of one, records of one person.

use jiff::civil::Date;

use crate::words::fixed::words;

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
    PARTICULARS_TAB = "Particulars";
    PARTICULARS_ASK = "Particulars of this client…";
    PARTICULARS_SAVE = "Save";
    PARTICULARS_RESET = "Put back";
    PARTICULARS_SAVED = "The particulars are saved";
    PARTICULARS_NOT_SAVED = "Particulars not saved yet";
    PARTICULARS_VEILED = "Particulars are not shown while names are hidden";
    PARTICULARS_VERSIONS = "History of the particulars";
    PARTICULAR_NAME = "Name";
    PARTICULAR_CODE = "Code";
    PARTICULAR_BIRTH_DATE = "Date of birth";
    PARTICULAR_PHONE = "Telephone";
    PARTICULAR_EMAIL = "E-mail";
    PARTICULAR_LANGUAGE = "Language";
    PARTICULAR_STATUS = "Status";
    PARTICULAR_REFERRAL = "Referral";
    BIRTH_DATE_HINT = "1986-04-03";
    STATUS_HINT = "active, waiting, closed";
    NO_NAME = "A client has a name";
    NO_BIRTH_DATE = "A date of birth is written year first, as 1986-04-03";
    NO_MEASURES = "No measures yet";
    NO_MEASURES_MORE = "They come with an import";
}

/// What a therapist calls a particular of a client; one that an import brought has the name it had there.
pub fn particular_name(name: &str) -> &str {
    match name {
        "name" => PARTICULAR_NAME,
        "code" => PARTICULAR_CODE,
        "birth_date" => PARTICULAR_BIRTH_DATE,
        "phone" => PARTICULAR_PHONE,
        "email" => PARTICULAR_EMAIL,
        "language" => PARTICULAR_LANGUAGE,
        "status" => PARTICULAR_STATUS,
        "referral" => PARTICULAR_REFERRAL,
        own => own.strip_prefix("other.").unwrap_or(own),
    }
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

/// `Particulars of Aino Mäkinen not saved yet`
pub fn particulars_not_saved(name: &str) -> String {
    format!("Particulars of {name} not saved yet")
}
