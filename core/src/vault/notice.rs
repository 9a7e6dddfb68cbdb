//! What the therapist is told once.

/// What the therapist should be told once after unlocking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// An anchor has seen the practice further than this file.
    RolledBack,
    /// The anchor beside it cannot be read.
    AnchorUnreadable,
    /// Some rows are not the ones that were written last.
    RowsChanged,
    /// What the practice is opened with, or who belongs to it, is not what was written last.
    VitalChanged,
    /// Rows that are read at every unlocking are damaged; all that could be was made again from others.
    Damaged,
    /// The program ended before a signature was made that nobody took back; it has been made now.
    SignedSince,
    /// A signature that was to be made could not be.
    NotSigned,
    /// Another device deleted so much at once that it is asked about.
    DeletionsHeld,
    /// This device's own log went on elsewhere: the practice file was copied.
    Copied,
    /// Something that arrived could not be used, and was set aside alone.
    SetAside,
    /// The disk is full: nothing can be written.
    DiskFull,
    /// The disk, or the file, can be read and not written on.
    ReadOnly,
    /// A file that arrived found no room on the disk.
    NoRoom,
    /// This device was removed from the practice.
    RemovedHere,
    /// Two devices were removed at the same time, and the passphrase is needed.
    TwoRemoved,
    /// Another device put a new recovery kit in force, and the passphrase is needed.
    NewKit,
    /// A removed device's envelopes arrived that it wrote, or sent, after it was removed.
    Quarantined,
}

impl Notice {
    /// What happened, what is safe, and what to do.
    pub fn words(self) -> &'static str {
        match self {
            Self::RolledBack => {
                "This is not the copy of the practice that was open here last: an older copy was put in place, or the one from before that was put back. What it holds is whole; what was written in the other since is missing here until another device or a backup brings it back."
            }
            Self::AnchorUnreadable => {
                "The small file beside the practice that would show an older copy cannot be read. The practice itself is whole; a new one has been written."
            }
            Self::RowsChanged => {
                "Somebody or something changed the practice file from outside. Every note that opens is as it was written; check the practice."
            }
            Self::VitalChanged => {
                "Somebody or something changed in the practice file, from outside, what the practice is opened with or who belongs to it. Every note that opens is as it was written, and notes are saved; nothing goes to another device or into a backup until the practice is repaired. Repair it now; if an old passphrase has opened it, change the passphrase then."
            }
            Self::Damaged => {
                "A part of the practice file is damaged. What can be read is shown; copy the file, check the practice, and export it into a new folder."
            }
            Self::SignedSince => {
                "The program ended within the minute after you signed. What you signed is signed now, with the time at which you did it."
            }
            Self::NotSigned => {
                "The program ended within the minute after you signed, and a note could not be signed since. Nothing of it is lost: it is an unsigned note; look at it and sign again."
            }
            Self::DeletionsHeld => {
                "Another device deleted more than 20 clients, notes or files at once. Nothing of it is deleted here; look at it and say whether it is meant."
            }
            Self::Copied => {
                "This practice was copied, and both copies went on. Nothing is lost: both are kept and shown."
            }
            Self::DiskFull => {
                "The disk is full. Everything saved is safe, and can be read, exported and backed up to another disk; nothing new is saved until there is room."
            }
            Self::ReadOnly => {
                "The practice's disk or file is read-only. Everything saved can be read, exported and backed up to another place; nothing new is saved here. Make it writable, then lock and unlock."
            }
            Self::NoRoom => {
                "The disk is nearly full, so parts of attached files that other devices have are not fetched. Notes are saved and kept in step as before; make room, then lock and unlock."
            }
            Self::RemovedHere => {
                "This device was removed from the practice. Everything that is on it can still be read here and exported; it exchanges nothing with the other devices any more."
            }
            Self::TwoRemoved => {
                "Two devices were removed at the same time. Lock this practice and unlock it once, so that neither of them could open what is written from then on."
            }
            Self::NewKit => {
                "A new recovery kit was made on another device, and the paper of the old one opens nothing that is kept from now on. Lock this practice and unlock it once: then the new kit opens it too, and backups go on."
            }
            Self::Quarantined => {
                "Something arrived from a device after you removed it. It is held for you and is not used; look at it in the list of devices, and say whether to keep or discard it."
            }
            Self::SetAside => {
                "Something that another device sent could not be used and was set aside. Everything else arrived, and no note was changed by it; check the practice on that device too."
            }
        }
    }
}
