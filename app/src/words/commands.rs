//! What can be done, as the palette and the page of keys call it.

use crate::words::fixed::words;

words! {
    NAME = "Subrosa";
    // Commands
    LOCK = "Lock";
    NEW_NOTE = "New note";
    NEW_PRIVATE_NOTE = "New private note…";
    PRIVATE_NOTES_ASK = "Private notes…";
    EXPORT_CLIENT_ASK = "Export this record…";
    KIT_AGAIN = "Prove the recovery kit";
    SIGN = "Sign";
    SIGN_ASK = "Sign this note…";
    ADDENDUM = "New addendum";
    FIND_CLIENT = "Find a client";
    SEARCH_NOTES = "Search all notes";
    ADD_CLIENT = "Add client";
    ADD_CLIENT_ASK = "Add a client…";
    NEXT_CLIENT = "Next client";
    PREVIOUS_CLIENT = "Previous client";
    SEAL = "Seal";
    SIGN_NOW = "Sign now";
    SEALING = "Sealing…";
    SEAL_ASK = "Seal this record for a colleague…";
    CLIENTS = "Clients";
    SEARCH = "Search";
    DEVICES = "Devices";
    COLLEAGUES = "Colleagues";
    IMPORT_EXPORT = "Import and export";
    SETTINGS = "Settings";
    WHAT_IF = "What if…";
    WRITING_MODE = "Only the note";
    DISCREET = "Discreet: veil names and notes";
    PALETTE = "All commands…";
    HELP = "Keys";
    BACK = "Back";
    CANCEL = "Cancel";
    LATER = "Later";
}
