//! Colleagues and sealed records.

use jiff::civil::Date;

use crate::words::fixed::words;
use crate::words::{long_date, month};

words! {
    SEAL_SHORT = "Seal…";
    NOT_A_SEALED_RECORD = "This file is not a sealed record that can be shown here. Nothing was changed";
    COLLEAGUES_MORE = "A colleague needs no account: you exchange cards, compare the safety words aloud, and from then on can seal records for one another";
    OWN_WORDS = "Your safety words";
    MAKE_CARD = "Save my card…";
    OWN_CARD = "Your card";
    OWN_NAME = "Your name, as colleagues shall read it";
    OWN_NAME_FIRST = "Give your name under Colleagues first: it stands on every record that you seal. Nothing was sealed";
    KEEP_NAME = "Keep the name";
    NEW_CARD = "You have a new contact card, since a device was lost or all keys were made new. Save it and give it to your colleagues: until they have it, they cannot open what you seal for them. What they seal to the old one still opens here.";
    OWN_CARD_MORE = "A small file that you give to a colleague, by mail or on a stick. It holds your name and nothing secret.";
    ADD_COLLEAGUE = "Add a card…";
    OPEN_SEALED = "Open a sealed record…";
    SEALED_SAVE = "Save its files…";
    SEALED_SAVED = "Saved. The folder is not protected: keep it where only you can read it";
    SEALED_OPENING = "Opening…";
    SEALED_WRITING = "Writing its files…";
    CARD_FILE = "File";
    CARD_FILE_HINT = "Path of a file, or drop the file here";
    NO_COLLEAGUES = "No colleagues yet";
    NO_COLLEAGUES_MORE = "Ask for their card, a small file, and add it here";
    WORDS_AGREE = "We compared: they agree";
    WORDS_COMPARED = "compared";
    WORDS_NOT_COMPARED = "not compared yet";
    CARDS_ALIKE = "Another card bears this name, or passes for this one. Ask by telephone whose words are theirs, and take the other off the list";
    REMOVE_COLLEAGUE = "Take off the list";
    REMOVE_COLLEAGUE_MORE = "Who is taken off the list is so on all your devices. What was sealed for them stays as it is; add their card again to have them back";
    SEAL_TITLE = "Seal this record";
    SEAL_MORE = "Only the colleague can open the file. All signed notes go in, private notes do not. This becomes an entry in the client’s disclosures.";
    SEAL_TO = "For";
    SEAL_PURPOSE = "Why";
    SEAL_PURPOSE_HINT = "Referral, holiday cover, supervision…";
    SEAL_BASIS = "On what basis";
    SEAL_BASIS_HINT = "The client’s written consent of 3 May";
    SEAL_UNTIL = "To be kept until, if there is an end";
    SEAL_UNTIL_HINT = "2027-05-31";
    SEAL_UNTIL_BAD = "A date is written 2027-05-31";
    SEAL_FILE = "File to write";
    SEAL_UNCOMPARED = "You have not compared the safety words with this colleague: the card could be somebody else’s";
    SEAL_DONE = "Sealed. The file can go by mail, stick or cloud: only the colleague opens it";
    SEALED_UNKNOWN = "somebody whose card you do not have";
    SEALED_KNOWN = "The signature fits the card that you have, and you have compared its safety words";
    SEALED_NOT_COMPARED = "The signature fits the card that you have, but you have not compared its safety words yet";
    SEALED_STRANGER = "The signature fits, but you have no card of this sender: the name proves nothing. Compare the safety words with them";
    SEALED_EXPIRED = "The day until which it may be kept is past";
    SEALED_READ_ONLY = "To read only. Nothing of it has entered your practice";
    SEALED_WORDS = "Safety words of the sender";
}

/// `Sealed by Dr Virta on 3 May 2026`
pub fn sealed_by(from: &str, on: Date) -> String {
    format!("Sealed by {from} on {}", long_date(on))
}

/// The folder for the files of a sealed record; it names nobody.
pub fn sealed_folder(on: Date) -> String {
    format!("Sealed record {on}")
}

/// `To be kept until 31 May 2027`
pub fn keep_until(until: Date) -> String {
    format!("To be kept until {}", long_date(until))
}

/// `and Dr Virta, sealed on 3 May`
pub fn and_reader(to: &str, on: Date) -> String {
    format!("and {to}, sealed on {} {}", on.day(), month(on))
}
