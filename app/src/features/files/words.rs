//! Attached files.

use crate::words::fixed::words;
use crate::words::size;

words! {
    FILES = "Files";
    FILES_ASK = "Files of this client";
    FILES_MORE = "Letters, pictures, recordings, up to 2 GB each. They are kept encrypted and leave only as a copy that you save.";
    FILES_PRIVATE = "Files beside private notes are listed after Private notes… has asked for the passphrase";
    FILE_PRIVATE = "Beside a private note, and kept apart like it";
    NO_FILES = "No files yet";
    NO_FILES_MORE = "Choose one, or drop it onto the window";
    FILE_TO_ATTACH = "File to attach";
    ATTACH = "Attach a file…";
    ATTACHING = "Encrypting and keeping the file…";
    ATTACHED = "Attached. The file outside is still where it was: delete it there if it must not stay";
    ATTACH_FOLDER = "This is a folder, or nothing with a length. Nothing was attached; choose a file";
    SHOW_PICTURE = "Show";
    HIDE_PICTURE = "Put the picture away";
    SAVE_COPY = "Save a copy…";
    COPIED = "Saved. The copy is not protected: keep it where only you can read it";
    NAME_DISAGREES = "Its name does not fit what it holds: look twice before you open a copy";
    NOT_A_PICTURE = "This picture cannot be shown here: it is damaged, or larger than is safe to open. The file is as it was; save a copy to look at it elsewhere";
}

/// `PDF · 1.2 MB · 19 Nov`
pub fn file_line(media: &str, length: u64, added: &str) -> String {
    format!("{} · {} · {added}", media_name(media), size(length))
}

/// `3 of 12 MB are on this device`
pub fn partly_here(here: u64, of: u64) -> String {
    format!("{} of {} are on this device yet", size(here), size(of))
}

fn media_name(media: &str) -> String {
    match media {
        "application/pdf" => "PDF".to_owned(),
        "text/plain" => "Text".to_owned(),
        "image/png" => "PNG picture".to_owned(),
        "image/jpeg" => "JPEG picture".to_owned(),
        _ => match media.split('/').next().unwrap_or_default() {
            "image" => "Picture".to_owned(),
            "audio" => "Recording".to_owned(),
            "video" => "Film".to_owned(),
            _ => "File".to_owned(),
        },
    }
}
