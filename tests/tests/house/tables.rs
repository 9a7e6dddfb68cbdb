//! The floors of each crate, the lowest first. A room is a module with all below it, or its file alone when rooms below it have
//! lines of their own; a star stands for any one name. Whatever has no line stands on no floor, so every new folder needs one.

/// Rooms at one height.
#[derive(Clone, Copy)]
pub(crate) struct Floor {
    /// Its rooms may name each other, though not in a circle.
    pub(crate) is_shared: bool,
    pub(crate) rooms: &'static [&'static str],
}

const fn floor(rooms: &'static [&'static str]) -> Floor {
    Floor { is_shared: false, rooms }
}

const fn shared(rooms: &'static [&'static str]) -> Floor {
    Floor { is_shared: true, rooms }
}

pub(crate) const CORE: &[Floor] = &[
    // Formats, without rows or a vault: what is sealed for others, what is printed, what is exported.
    shared(&["archive", "card", "export", "file_kind", "kit", "share", "state", "strict_json"]),
    // What is told.
    floor(&["vault::notice"]),
    // Checks that a test takes out; everywhere else none is.
    floor(&["planted"]),
    // Work on all processors.
    floor(&["parallel"]),
    // Rows as they lie sealed in the store, and what can go wrong with them, then the rows that lists are made of.
    floor(&["rows"]),
    // What a backup's file is, when one is due, and why one could not be made.
    floor(&["backup"]),
    floor(&["catalog"]),
    // What payloads say, as plain values, and judges over them.
    floor(&["vault::items"]),
    // Every row by name, with the type of its value.
    floor(&["vault::registry"]),
    // Reads, collects a transaction, writes it; decides nothing.
    floor(&["vault::core"]),
    // What can be read off a vault.
    floor(&["vault::read"]),
    // Rows that follow from items.
    floor(&["vault::project"]),
    // How a transaction and what it sends out become true.
    floor(&["vault::commit"]),
    // The two doors of each subject.
    floor(&["vault::subject::doors"]),
    // Subjects: none has a handle on another.
    floor(&[
        "vault::subject::clients",
        "vault::subject::devices",
        "vault::subject::exchange",
        "vault::subject::files",
        "vault::subject::log",
        "vault::subject::notes",
        "vault::subject::trash",
    ]),
    // All subjects; the unlocked practice, with their doors.
    floor(&["vault::subject"]),
    floor(&["vault::unlocked"]),
    // The lists in memory, read anew; a vault in an empty store.
    floor(&["vault::founding", "vault::load"]),
    // Long jobs over all of a practice.
    floor(&["vault::backup", "vault::integrity"]),
    // Locked, unlocked, asked again.
    floor(&["vault::session"]),
    // Any error of the vault's operations.
    floor(&["vault::error"]),
    // What others name of the vault.
    floor(&["vault"]),
    floor(&["lib"]),
];

pub(crate) const APP: &[Floor] = &[
    // Plain values of the window and of each feature.
    shared(&["values", "values::*", "features::*::values"]),
    // What the window says: what all say, each feature's words, then all of them.
    shared(&["words::*"]),
    floor(&["features::*::words"]),
    floor(&["words"]),
    // The practice on this computer: its files, its keystore, its passphrase.
    floor(&["practice"]),
    // The only room that knows of other devices.
    floor(&["bridge"]),
    // What window and command line both do.
    shared(&["operations", "operations::*"]),
    // What goes to and fro: each feature's messages, then all of them.
    floor(&["features::*::messages"]),
    floor(&["messages"]),
    // What the window holds: each feature's own, then all of it.
    shared(&["features::*::state"]),
    floor(&["model"]),
    // What is shown of the model.
    floor(&["view_model"]),
    // What messages do to the model: what features share, each feature's answers, then who asks them.
    shared(&["update::begin", "update::page", "update::picking", "update::saving"]),
    shared(&[
        "features::*::update",
        "features::backup::update::looked_into",
        "features::opening::update::forgot",
        "update::leave",
        "update::navigate",
        "update::report",
    ]),
    floor(&["update"]),
    // A practice that is made up, to look at.
    floor(&["features::opening::demo"]),
    // Jobs: what all are given, what lives from one job of a feature to its next, and the bench where all of that lies.
    shared(&["jobs::*"]),
    shared(&[
        "features::backup::job::in_hand",
        "features::backup::job::run",
        "features::check::job::slices",
        "features::notes::job::editing",
        "features::notes::job::unsent",
        "features::notes::job::waiting",
        "features::search::job::searching",
    ]),
    floor(&["jobs::message"]),
    floor(&["jobs::bench"]),
    // Each feature's jobs; a part that other features' jobs need too is a room of its own.
    shared(&[
        "features::*::job",
        "features::backup::job::standing",
        "features::devices::job::removal",
        "features::devices::job::syncing",
        "features::kit::job::source",
        "features::notes::job::sending",
        "features::opening::job::opened",
    ]),
    floor(&["jobs::fault"]),
    floor(&["jobs::worker"]),
    floor(&["jobs"]),
    // What is drawn: what all screens are made of, each feature's, then the window around them.
    shared(&["ui::*"]),
    shared(&["features::*::screen"]),
    shared(&["ui::frame", "ui::overlay", "ui::safety"]),
    floor(&["ui"]),
    floor(&["ui::app"]),
    floor(&["ui::window"]),
    // The command line: what its commands are made of, the commands, then who chooses among them.
    floor(&["cli"]),
    floor(&["features", "lib", "main"]),
];

/// Modules beside each other, without a circle.
pub(crate) const KEYS: &[Floor] = &[shared(&["*"]), floor(&["lib"])];

pub(crate) const SYNC: &[Floor] = &[
    // Ids and numbers.
    shared(&["address", "claims", "id", "ranges"]),
    // What is asked of whoever has keys and a store.
    shared(&["greeting", "shelf"]),
    // Frames, and every limit.
    floor(&["wire"]),
    // One peer; a device that joins; whom to dial.
    floor(&["dialling", "folder", "pairing", "session"]),
    // All peers.
    floor(&["hub"]),
    // Over iroh.
    floor(&["net"]),
    floor(&["lib"]),
];

pub(crate) const FOLDER: &[Floor] = &[
    // What can go wrong, what an object is, where a folder is.
    floor(&["error"]),
    floor(&["object", "place"]),
    // Over https.
    floor(&["line"]),
    // The three places.
    floor(&["directory", "s3", "webdav"]),
    // Whichever of them.
    floor(&["folder"]),
    floor(&["lib"]),
];
