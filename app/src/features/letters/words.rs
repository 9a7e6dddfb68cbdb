//! Joining by two files.

use crate::words::fixed::words;

words! {
    LETTERS = "They are never on together";
    LETTERS_MORE = "This device asks by a file, another one answers by a file, and eight words go between them on paper. Carry the files as you like: on a stick, by a shared folder, by mail.";
    LETTERS_ASK = "First: ask to join";
    LETTERS_REQUEST = "The request file to write";
    LETTERS_REQUEST_HINT = "/media/stick/request";
    LETTERS_WRITE = "Write the request";
    LETTERS_WRITTEN = "The request is written. Write these eight words down: they are typed on your other device, under Devices, and here again with its answer. They are not shown again";
    LETTERS_FINISH = "Then: join with the answer";
    LETTERS_ANSWER = "The answer file";
    LETTERS_ANSWER_HINT = "/media/stick/answer";
    LETTERS_WORDS = "The eight words";
    LETTERS_FINISH_PASSPHRASE = "The passphrase that you chose with the request";
    LETTERS_JOIN = "Join with the answer";
    LETTERS_JOINING = "Joining…";
    LETTERS_ADMIT = "Let in by a request file…";
    LETTERS_ADMIT_MORE = "For a device that is never on together with this one. It has written a request file and shown eight words.";
    LETTERS_REQUEST_READ = "The request file";
    LETTERS_READ = "Open the request";
    LETTERS_ANSWER_WRITE = "The answer file to write";
    LETTERS_ANSWERED_MORE = "The answer is written. Take it to that device, and type the same words there. Its notes come through a sync folder, or when it meets another device";
    LETTERS_WORKING = "Working…";
}

/// `“Laptop” belongs to this practice now`
pub fn letter_answered(name: &str) -> String {
    format!("“{name}” belongs to this practice now. {LETTERS_ANSWERED_MORE}")
}
