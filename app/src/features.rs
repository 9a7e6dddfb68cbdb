//! What the window can do, one folder a feature: its values, its messages, its state with what is typed, what messages do to the
//! model, the job behind them, the screen and the words. No feature is answered for anywhere else; the window around them is in `update`, `jobs` and `ui`.

/// No practice is open yet: the first run, the locked window, unlocking and locking.
pub mod opening {
    pub mod demo;
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// Clients: the list, the page of one, records of one person.
pub mod clients {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// Notes: begun, written, saved, moved; private ones.
pub mod notes {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// Signatures, and taking them back.
pub mod signing {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// The versions of a note.
pub mod history {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// The trash.
pub mod trash {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// The search over every note.
pub mod search {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// The sync folder: chosen, looked into, left.
pub mod sync_folder {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// A device that joins by two files.
pub mod letters {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod words;
}

/// Devices: invited, joined, removed.
pub mod devices {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// The recovery kit.
pub mod kit {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// Backups, and what comes back from one.
pub mod backup {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// Attached files.
pub mod files {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// Colleagues, their cards, sealed records.
pub mod colleagues {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub mod state;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// Plain files in and out.
pub mod exchange {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}

/// Settings and the passphrase.
pub mod settings {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub(crate) mod update;
    pub mod words;
}

/// A file that no passphrase opens.
pub mod damage {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub(crate) mod update;
    pub mod words;
}

/// The check of the practice, and its repair.
pub mod check {
    pub(crate) mod job;
    pub mod messages;
    pub(crate) mod screen;
    pub(crate) mod update;
    pub mod values;
    pub mod words;
}
