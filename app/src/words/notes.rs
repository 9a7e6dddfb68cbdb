//! Clients, notes and the search.

words! {
    // Clients
    FILTER_HINT = "Find a client   /";
    NO_CLIENTS = "No clients yet";
    NO_CLIENTS_MORE = "Add the first one, or bring your notes from somewhere else";
    NO_MATCH = "No client of that name";
    CHOOSE_CLIENT = "Choose a client";
    CHOOSE_CLIENT_MORE = "With the pointer, with Ctrl+↓, or by typing part of a name after /";
    LOADING = "Opening…";
    CLIENT_NAME = "Name";
    CLIENT_CODE = "Code, if you use one";
    TIMELINE = "Timeline";
    MEASURES = "Measures";
    NO_NOTES = "Nothing written yet";
    NO_NOTES_MORE = "New note begins with today and the template that you used last";
    NO_MEASURES = "No measures yet";
    NO_MEASURES_MORE = "They come with an import";
    UNSIGNED = "unsigned";
    IMPORTED = "imported";
    SIGNED = "signed";
    ADDENDUM_NOUN = "addendum";
    PRIVATE_NOTE = "Private note";
    PRIVATE_CLOSED = "Kept apart from the record. Asks for your passphrase";
    DATE = "Date";
    START = "Start";
    MINUTES = "Minutes";
    MIN = "min";
    TEMPLATE = "Template";
    SESSION_NUMBER = "Session number";
    TAGS = "Tags";
    NOTE_LABEL = "Note";
    NOTE_HINT = "Write here. ## begins a heading, ** makes bold, - begins a list";
    UNREADABLE = "The date is written 2026-11-21, the start 14:00, the length in minutes. Until then the last readable value stays";
    CLOSE_NOTE = "Close";
    SIGN_TITLE = "Sign this note?";
    SIGN_MORE = "From then on it cannot be changed. Corrections are signed addenda below it.";
    SIGN_FROM = "Client";
    SIGN_LENGTH = "Length";
    NOT_GIVEN = "not given";
    PRIVATE_TITLE = "Private note";
    PRIVATE_MORE = "Kept apart from the record and left out of everything that you seal or export, unless you ask for it. Your passphrase opens it.";
    PRIVATE_LIST = "Private notes";
    PRIVATE_OVER = "Private notes were closed, as nothing was written in them for five minutes. Private notes… opens them again";
    SAVE_ASKS = "What you typed last in a private note is kept here, and is not saved yet. Give your passphrase to save it.";
    SAVE_ASKED = "Give the passphrase…";
    SHOW = "Show";
    OPEN = "Open";
    // Search
    SEARCH_HINT = "Words from any note or name";
    SEARCH_EMPTY = "Search everything you have written";
    SEARCH_EMPTY_MORE = "Results come as you type. Private notes are not searched.";
    SEARCH_NOTHING = "Nothing found";
    SEARCH_NOTHING_MORE = "Try fewer words, or the beginning of one";
    SEARCHING = "Searching…";
}
