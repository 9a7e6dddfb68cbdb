//! What can be typed: the commands and what goes with each, as the program itself explains them.
//!
//! Refused: a passphrase or pairing code as an argument or as a variable's value. There is no option for either.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use subrosa_core::id::DeviceId;

use crate::operations::sync_folder::USUAL_REGION;

use super::{backup, clients, colleagues, export, import, notes, restore, verify};

/// End-to-end encrypted, local-first notes for therapists. Without a command: the window.
#[derive(Debug, Parser)]
#[command(name = "subrosa", version, disable_help_subcommand = true)]
pub(super) struct Line {
    #[command(flatten)]
    pub(super) options: Options,
    #[command(subcommand)]
    pub(super) command: Option<CliCommand>,
}

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The practice's file; the platform's data folder if absent
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) vault: Option<PathBuf>,
    /// A file whose one line is the passphrase; else SUBROSA_PASSPHRASE_FILE names it, else it is asked for
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) passphrase_file: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum CliCommand {
    /// Do the main job for real in a temporary folder, check each step, leave nothing behind
    Tour,
    /// The window on a throw-away practice of made-up people
    Demo {
        /// How many
        #[arg(long, default_value_t = 40, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=40_000))]
        clients: u32,
    },
    /// Make a new practice
    Init {
        /// Where to write the recovery kit; shown once if absent
        #[arg(long, value_name = "FILE")]
        recovery_kit: Option<PathBuf>,
        /// What your other devices call this one
        #[arg(long, value_name = "NAME")]
        device_name: Option<String>,
    },
    /// Choose a new passphrase with the recovery kit
    Recover {
        /// A file with the recovery line; asked for if absent
        #[arg(long, value_name = "FILE")]
        kit: Option<PathBuf>,
    },
    /// Make a new recovery kit, which is in force from then on instead of the old one; asks for the passphrase again
    NewKit {
        /// Where to write it, as a page in PDF when the name ends in .pdf; shown once if absent
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Change this device's passphrase
    Passphrase {
        /// A file with the new one; asked for if absent
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Make all keys of this device new, so that an old copy of the file and its old passphrase open nothing that is written from
    /// then on; asks for the passphrase again
    NewKeys,
    /// Take in clients.csv, measures.csv and notes/ from a folder, once
    Import(import::ImportOptions),
    /// List the clients
    Clients,
    /// List notes, newest first
    Notes {
        /// Of this client: id, its beginning, or code
        #[arg(long, value_name = "CLIENT")]
        client: Option<String>,
        /// The private notes instead; asks for the passphrase again
        #[arg(long)]
        process: bool,
    },
    /// Show a note
    Show {
        /// Id, or its beginning
        note: String,
    },
    /// Show the versions of a note: who wrote what, when
    History {
        /// Id, or its beginning
        note: String,
        /// Write what this version said into the note again, as a new version
        #[arg(long, value_name = "NUMBER")]
        restore: Option<usize>,
    },
    /// Add a client
    AddClient {
        /// Name
        name: String,
        /// A code to find the client by
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
    },
    /// Show a client's particulars, and their versions: who wrote what, when
    Particulars {
        /// Id, its beginning, or code
        client: String,
    },
    /// Change a client's particulars; what is not named stays, and an empty value takes one away
    EditClient {
        /// Id, its beginning, or code
        client: String,
        #[command(flatten)]
        options: clients::ParticularsOptions,
    },
    /// Add a note; its text comes from standard input
    AddNote {
        /// Id, its beginning, or code
        client: String,
        #[command(flatten)]
        options: notes::NoteOptions,
    },
    /// Change an unsigned note to the text from standard input
    Edit {
        /// Id, or its beginning
        note: String,
    },
    /// Sign a note: from then on it cannot be changed
    Sign {
        /// Id, or its beginning
        note: String,
        /// Do not ask first
        #[arg(long)]
        yes: bool,
    },
    /// Add a signed text from standard input to a signed note
    Addendum {
        /// Id, or its beginning
        note: String,
        /// Say that the note was entered in error, and why; it stays as it is
        #[arg(long)]
        entered_in_error: bool,
        /// Sign it though this computer's clock is in doubt
        #[arg(long)]
        yes: bool,
    },
    /// Attach a file to a note, or to a client's record
    Attach {
        /// Id, its beginning, or a client's code
        #[arg(value_name = "NOTE|CLIENT")]
        to: String,
        /// The file; it is copied into the practice, and stays where it is
        file: PathBuf,
    },
    /// Write a plain copy of an attached file
    Extract {
        /// Id, or its beginning
        #[arg(value_name = "ATTACHMENT")]
        file: String,
        /// Where to; never over something that is there
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// List attached files, newest first
    Files {
        /// Of this client: id, its beginning, or code
        #[arg(long, value_name = "CLIENT")]
        client: Option<String>,
        /// Those beside private notes instead; asks for the passphrase again
        #[arg(long)]
        process: bool,
    },
    /// Delete clients, with all that is theirs, notes or files: to the trash, for 30 days
    Delete {
        /// Ids, their beginnings, or a client's code
        #[arg(required = true, value_name = "CLIENT|NOTE|FILE")]
        what: Vec<String>,
        /// More than 20 at once are meant
        #[arg(long)]
        yes: bool,
    },
    /// List what is in the trash
    Trash {
        /// With what has left it and is still in the practice
        #[arg(long)]
        all: bool,
        /// The private notes instead; asks for the passphrase again
        #[arg(long, conflicts_with = "all")]
        process: bool,
    },
    /// Bring back what was deleted
    Undelete {
        /// Ids, or their beginnings
        #[arg(required = true, value_name = "ID")]
        what: Vec<String>,
    },
    /// List deletions of other devices that wait for an answer, or answer them
    MassDeletions {
        /// Yes: delete here too what this device deleted
        #[arg(long, value_name = "DEVICE")]
        apply: Option<DeviceId>,
        /// No: keep it, here and everywhere
        #[arg(long, value_name = "DEVICE", conflicts_with = "apply")]
        refuse: Option<DeviceId>,
    },
    /// Move a note that was begun on the wrong client; a signed one is marked as entered in error, and copied
    Move {
        /// Id, or its beginning
        note: String,
        /// The right client: id, its beginning, or code
        client: String,
        /// What is signed about a signed note that moves
        #[arg(long, value_name = "TEXT", default_value = "Written on the wrong client's record.")]
        why: String,
    },
    /// Make two records of one person one
    Merge {
        /// Whose notes go along: id, its beginning, or code
        client: String,
        /// Who stays in the list
        into: String,
    },
    /// Take a merge back
    Unmerge {
        /// Id, its beginning, or code
        client: String,
    },
    /// Find notes in which every word stands
    Search {
        /// The words
        #[arg(required = true)]
        query: Vec<String>,
    },
    /// Write plain files into a new folder
    Export(export::ExportOptions),
    /// Write a backup that the recovery kit opens, and test it
    Backup(backup::BackupOptions),
    /// Bring everything, one client or one note back from a backup, with the recovery kit
    Restore(restore::RestoreOptions),
    /// Read and check everything; say what is damaged and what is whole
    Verify(verify::VerifyOptions),
    /// List the practice's devices, invite one, remove one, or join the practice of another
    Devices {
        #[command(subcommand)]
        command: Option<DevicesSubcommand>,
    },
    /// Exchange notes with the other devices, until Ctrl+C
    Sync {
        /// Stop when everything that can be found is in step
        #[arg(long)]
        once: bool,
        /// Where the other device is, as it says itself; looked for on the local network if absent
        #[arg(long, value_name = "ADDRESS")]
        peer: Option<String>,
    },
    /// Show the relay through which the practice's devices reach each other from different networks, or name one
    Relay {
        #[command(subcommand)]
        command: Option<RelaySubcommand>,
    },
    /// Show the sync folder through which devices that are never on together exchange notes, or choose one
    Folder {
        #[command(subcommand)]
        command: Option<FolderSubcommand>,
    },
    /// Show this practice's contact card
    Card {
        /// Your name, as colleagues know it; remembered
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Write it into a file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List the colleagues, or add one
    Colleagues {
        #[command(subcommand)]
        command: Option<ColleaguesSubcommand>,
    },
    /// Seal a client's record, or some notes of it, to a colleague
    Seal(colleagues::SealOptions),
    /// Open a record that a colleague sealed to this practice
    Open(colleagues::OpenOptions),
}

#[derive(Debug, Subcommand)]
pub(super) enum RelaySubcommand {
    /// Use this one on all devices from now on; it sees who talks to whom, when and how much, and can read nothing
    Use {
        /// Its address, https://…
        url: String,
        /// A file whose one line is the token that it asks for
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
        /// The certificate that it shows or that signs it, if it is none that the world trusts
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Use none
    Off,
}

#[derive(Debug, Subcommand)]
pub(super) enum FolderSubcommand {
    /// Use a folder on this device: one that a cloud's program carries, a stick, a network disk; on each device it is chosen anew
    Use {
        /// The folder; best one of its own
        directory: PathBuf,
    },
    /// Use a WebDAV share on all devices
    Webdav {
        /// Its address, https://…
        url: String,
        /// The user name
        #[arg(long, value_name = "NAME")]
        user: String,
        /// A file whose one line is the password
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
        /// The certificate (PEM) that the server shows or that signs it, if it is none that the world trusts
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Use a bucket of an S3 store on all devices
    S3 {
        /// The store's address, https://…, without the bucket
        endpoint: String,
        /// The bucket
        #[arg(long)]
        bucket: String,
        /// Its region, as the store calls it
        #[arg(long, default_value = USUAL_REGION)]
        region: String,
        /// What the names of all objects begin with
        #[arg(long, default_value = "")]
        prefix: String,
        /// The id of the key
        #[arg(long, value_name = "ID")]
        key_id: String,
        /// A file whose one line is the key
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
        /// The certificate (PEM) that the server shows or that signs it, if it is none that the world trusts
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Use none any more; what lies there stays there
    Off,
    /// Look into it now, and put in what is due
    Sync,
}

#[derive(Debug, Subcommand)]
pub(super) enum DevicesSubcommand {
    /// Call this device something else, on all devices
    Rename {
        /// What your other devices call this one
        name: String,
    },
    /// Say at which port this device listens from the next unlocking on; without a number, show it
    Port {
        /// From 1024 to 65535
        #[arg(value_parser = clap::value_parser!(u16).range(1024..))]
        number: Option<u16>,
    },
    /// Show a code with which one other device can join
    Invite,
    /// Join the practice whose code another device shows; the code is asked for
    Join {
        /// What your other devices call this one
        #[arg(long, value_name = "NAME")]
        device_name: Option<String>,
    },
    /// Ask to join a practice by a file, where this device is never on together with another; shows eight words to carry over
    Request {
        /// The request file to write
        file: PathBuf,
        /// Write the words into this file, and do not show them
        #[arg(long, value_name = "FILE")]
        words: Option<PathBuf>,
        /// What your other devices call this one
        #[arg(long, value_name = "NAME")]
        device_name: Option<String>,
    },
    /// Let the device in that wrote a request; the words that it showed are asked for
    Admit {
        /// The request file
        request: PathBuf,
        /// The answer file to write
        #[arg(long, value_name = "FILE")]
        answer: PathBuf,
        /// A file whose one line is the words
        #[arg(long, value_name = "FILE")]
        words: Option<PathBuf>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Join with the answer to this device's request; its words are asked for again
    Finish {
        /// The answer file
        answer: PathBuf,
        /// A file whose one line is the words
        #[arg(long, value_name = "FILE")]
        words: Option<PathBuf>,
    },
    /// Remove a device for good: it can read nothing that is written from now on
    Remove {
        /// Its name or id
        device: String,
        /// It is at hand and only not used any more, so that the contact card stays; without this it counts as lost
        #[arg(long)]
        retired: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Use what arrived from a device after it was removed
    Keep {
        /// Its name or id
        device: String,
    },
    /// Leave what arrived from a device after it was removed aside for good
    Discard {
        /// Its name or id
        device: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ColleaguesSubcommand {
    /// Add a colleague by their contact card
    Add {
        /// The card
        file: PathBuf,
    },
    /// Take a colleague off the list; add the card again to have them back
    Remove {
        /// The colleague: id, or the name on the card
        colleague: String,
    },
}
