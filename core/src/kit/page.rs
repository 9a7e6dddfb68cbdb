//! The page that is printed and put away, in words for somebody who has never heard of this program.

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{groups, identity_text};
use crate::id::Hash;
use crate::secret::{Key, RecoveryRole};
use crate::wrap::WrapPublic;

/// The recovery kit as plain text: for which practice, of which day, the line itself, and what to do with it.
///
/// `practice` is an id, never a name: the page may be found by a stranger.
pub fn kit_text(seed: &Key<RecoveryRole>, practice: &str, date: Date) -> Zeroizing<String> {
    let line = identity_text(seed);
    let number = number_of(seed);
    let mut text = Zeroizing::new(String::with_capacity(4096));
    for part in [HEAD, "Practice   ", practice, "\nMade on    ", &date.to_string(), "\nKit number ", &number] {
        text.push_str(part);
    }
    for part in [LINE, line.as_str(), GROUPS] {
        text.push_str(part);
    }
    for (place, group) in groups(&line).into_iter().skip(1).enumerate() {
        text.push_str(if place.is_multiple_of(IN_A_ROW) { "\n  " } else { "   " });
        text.push_str(&format!("{}: ", place + 1));
        text.push_str(group);
    }
    text.push_str(INSTRUCTIONS);
    text
}

/// What a paper shows of its kit's number: it tells one kit of a practice from another without giving anything of it away.
pub fn kit_number(number: &Hash) -> String {
    number.to_string().chars().take(8).collect()
}

pub(super) fn number_of(seed: &Key<RecoveryRole>) -> String {
    kit_number(&WrapPublic::of(seed).fingerprint())
}

pub(super) const HEAD: &str = "\
RECOVERY KIT
============

Keep this page as you keep the keys to the filing cabinet. Whoever holds it and a
copy of the practice's file, or of one of its backups, can read everything in it.

";

const LINE: &str = "

The recovery line, one line of 77 characters:

";

/// The letters after the beginning, to find the groups that are asked for.
const GROUPS: &str = "

The same letters in groups, counted, without how the line begins:
";

/// Groups beside each other.
const IN_A_ROW: usize = 4;

pub(super) const INSTRUCTIONS: &str = "

What it opens
  - the practice on a computer where Subrosa is installed, when the passphrase is
    forgotten. Run
        subrosa recover
    there, type or paste the line, and choose a new passphrase. The notes stay as
    they are. When the computer is lost, a new one takes everything from a backup:
        subrosa restore BACKUP-FILE
  - every backup that was made with it, with no program of ours. A backup is an
    ordinary age file. Install age, version 1.3 or newer (age-encryption.org), write
    the line into a text file called kit.txt, and run
        age --decrypt --identity kit.txt --output practice.tar.gz BACKUP-FILE
        tar --extract --gzip --file practice.tar.gz
    (The npm package age-encryption opens it too. A .tar.gz file also opens by a
    double click on most systems.) It is a folder with each client as readable text.

What it does not do
  - by itself it opens nothing: somebody needs the file or a backup as well.
  - it is not the passphrase, and nobody needs it from day to day.

Where to keep it
  - on paper, in a safe or a bank box, away from the computer. Not in a mail, not
    in a photo, not in a cloud folder, and not in the bag with the laptop.
  - one copy with the person who looks after your practice when you cannot.

If it was lost, or seen by somebody who should not hold it, make a new one: under
Safety in the window, or run
    subrosa new-kit
This one goes on opening the backups and copies of the file that were made before.

Typing it in: capital or small letters, spaces and line breaks do not matter. The
letters B, I and O never occur after the 1, and the digit 1 occurs there no more.
A slip is noticed.
";
