//! What the page of the kit says, in words for somebody who has never heard of this program: which button first, which command after.

use self::Item::{Run, Say};

/// A part of the page.
pub(super) struct Section {
    pub(super) heading: &'static str,
    pub(super) items: &'static [Item],
}

/// Something that a section says.
pub(super) enum Item {
    /// In words.
    Say(&'static str),
    /// What is typed at a command line.
    Run(&'static str),
}

pub(super) const INTRODUCTION: &str = "Keep this page as you keep the keys to the filing cabinet. Whoever holds it and a \
copy of the practice’s file, or of one of its backups, can read everything in it.";

/// What is done in the window, and with the paper.
pub(super) const SECTIONS: [Section; 5] = [
    Section {
        heading: "What it opens",
        items: &[
            Say(
                "The practice, when the passphrase is forgotten: press “Forgot the passphrase?” in the locked window, type the \
                 line and choose a new passphrase. The notes stay as they are.",
            ),
            Say(
                "A backup, when the computer is lost: start Subrosa on a new one, press “Restore from a backup”, choose the \
                 backup and type the line.",
            ),
            Say(
                "A backup, when something is missing in a practice that you still have: press “Safety”, then “Bring back from a \
                 backup…”. Everything comes back, one client, or one note.",
            ),
        ],
    },
    Section {
        heading: "Typing it in",
        items: &[Say(
            "Capital or small letters, spaces and line breaks do not matter, and the groups are enough without how the line \
                 begins. O never occurs in them and is read as 0, B as 8, I and 1 as L. When there is a slip, its group is named.",
        )],
    },
    Section {
        heading: "What it does not do",
        items: &[
            Say("By itself it opens nothing: somebody needs the file or a backup as well."),
            Say("It is not the passphrase, and nobody needs it from day to day."),
        ],
    },
    Section {
        heading: "Where to keep it",
        items: &[
            Say(
                "On paper, in a safe or a bank box, away from the computer. Not in a mail, not in a photo, not in a cloud folder, \
                 and not in the bag with the laptop.",
            ),
            Say("One copy with the person who looks after your practice when you cannot."),
        ],
    },
    Section {
        heading: "If it was lost, or somebody has seen it",
        items: &[Say(
            "Press “Safety”, then “Make a new recovery kit…”. This one goes on opening the backups and copies of the file that \
                 were made before.",
        )],
    },
];

/// The same without the window, and without this program.
pub(super) const WITHOUT: [Section; 2] = [
    Section {
        heading: "Without the window",
        items: &[
            Say("At a command line, in the same order:"),
            Run("subrosa recover"),
            Run("subrosa restore BACKUP-FILE"),
            Run("subrosa new-kit"),
        ],
    },
    Section {
        heading: "Without Subrosa",
        items: &[
            Say(
                "A backup is an ordinary age file. Install age, version 1.3 or newer (age-encryption.org), write the line into a \
                 text file called kit.txt, and run",
            ),
            Run("age --decrypt --identity kit.txt --output practice.tar.gz BACKUP-FILE"),
            Run("tar --extract --gzip --file practice.tar.gz"),
            Say(
                "It becomes a folder with each client as readable text. A .tar.gz file also opens by a double click on most \
                 systems, and the npm package age-encryption opens the backup too.",
            ),
        ],
    },
];
