//! The recovery kit.

use jiff::civil::Date;
use subrosa_core::kit::KitError;

use crate::words::fixed::words;
use crate::words::{count, long_date};

words! {
    KIT_SLIP = "There is a slip in the recovery line: at least one letter is not as it was printed. Nothing was changed; compare each group with the paper";
    KIT_NOT_THERE = "There is no recovery line here. Nothing was changed; it is the long line of capital letters and digits on the kit, in 8 groups";
    KIT_WRONG = "This recovery kit does not open this practice: it may be an older kit, or that of another practice. Nothing was changed; take the kit that was made last. An older one opens backups of its own time";
    OTHER_PDF = "This PDF is not a recovery kit as Subrosa saves it: it is another page, or another program has saved it anew. Nothing was changed; type the line that stands on the page";
    NOT_A_KIT = "This file is too large to be a recovery kit. Nothing was changed; choose the file that the kit was saved to";
    KIT_TITLE = "Your recovery kit";
    KIT_MORE = "It opens your practice if you forget the passphrase. Print it, write it down, or save it to a stick; then put it where you keep papers that matter. It is shown only now.";
    KIT_LINE = "The recovery line. By hand, copy all of it; the small numbers only count the groups";
    KIT_FILE = "Save the whole page as a file";
    KIT_FILE_HINT = "/media/stick/recovery-kit.pdf";
    KIT_SAVE = "Save to print (PDF)";
    KIT_SAVE_TEXT = "Save as text";
    KIT_SAVED = "Saved";
    KIT_SAME_DISK = "Saved, but on the disk that also holds the practice: if this computer is lost, so is the kit. Move it to a stick or print it";
    KIT_PROVE_MORE = "Now type from the paper, so that you know that you have it and can read it. The numbers count the groups; capitals and spaces do not matter";
    KIT_PROVE_BUTTON = "That is it";
    KIT_MISTYPED = "That is not what the kit says. Nothing is lost; look at the line again";
    KIT_LATER_MORE = "Without the kit, a forgotten passphrase cannot be helped";
    KIT_AGAIN_MORE = "You put this off when the practice was new. Fetch the kit and type part of it back, so that you know that it is there and can be read";
    KIT_AGAIN_OVERDUE = "The seven days are over. Your notes are safe and unchanged; this comes first, because without a kit a forgotten passphrase cannot be helped";
    KIT_AGAIN_FIND = "The groups are counted on the page. On one without numbers, mark off eights from the end of the line: the last is group 8";
    KIT_LOST = "I no longer have it";
    KIT_LOST_MORE = "Without the kit a forgotten passphrase cannot be helped. Make a new recovery kit here now, which takes the place of the lost one. Until you do, you will be asked again at each unlock.";
    KIT_AGAIN_NOW = "Prove it now";
    KIT_AGAIN_DONE = "Proven. The kit agrees with this practice";
    NEW_KIT = "Make a new recovery kit…";
    NEW_KIT_TITLE = "Make a new recovery kit";
    NEW_KIT_MORE = "For when the paper is lost, or somebody has seen it who should not hold it. The new kit takes the place of the old one on all your devices, once you have it on paper and typed some of it back; until then nothing is changed.";
    NEW_KIT_OLD = "The old paper then opens only backups and copies that were made before";
    NEW_KIT_SHOW = "Show the new kit";
    NEW_KIT_DRAWING = "Making the new kit…";
    NEW_KIT_PAGE = "Your new recovery kit";
    NEW_KIT_PROVE = "It counts once you type from the paper here; until then the old one does. The numbers count the groups; capitals and spaces do not matter";
    NEW_KIT_KEEP = "Keep the old kit";
    NEW_KIT_KEEP_MORE = "Nothing is changed then. Destroy what you printed or copied";
    NEW_KIT_UNCERTAIN = "Whether the new kit counts is not certain: keep both, and make another one when the practice opens again";
    NEW_KIT_COUNTS = "The new kit counts all the same: print it or write it down, and keep it";
    NEW_KIT_DONE = "The new kit counts from now on, and your other devices follow. Make a new backup now: those made before open with the old paper alone. Keep that paper as long as you keep them, then destroy both.";
}

/// `There is a slip in group 7 of the recovery line. Nothing was changed; compare that group with the paper`
pub fn kit_slip(error: KitError) -> String {
    let group = |group: u8, what: &str| {
        format!(
            "Group {group} of the recovery line has too {what} letters. Nothing was changed; compare it with the paper"
        )
    };
    match error {
        KitError::SlipIn(group) => format!(
            "There is a slip in group {group} of the recovery line. Nothing was changed; compare that group with the paper"
        ),
        KitError::TooFew(number) => group(number, "few"),
        KitError::TooMany(number) => group(number, "many"),
        KitError::Length(letters) => format!(
            "The recovery line has 58 letters after AGE-SECRET-KEY-PQ-1, and {letters} stand here. Nothing was changed; compare each group with the paper"
        ),
        KitError::NothingThere => KIT_NOT_THERE.to_owned(),
        _ => KIT_SLIP.to_owned(),
    }
}

/// `Groups 3 and 7 of the recovery line`
pub fn type_back(groups: &[u8]) -> String {
    let numbers: Vec<String> = groups.iter().map(u8::to_string).collect();
    format!("Groups {} of the recovery line", numbers.join(" and "))
}

/// `Proven on 21 November 2026, by typing from the paper`
pub fn kit_proven(on: Date) -> String {
    format!("Proven on {}, by typing from the paper", long_date(on))
}

/// `The kit that counts is number 1a2b3c4d, made on Laptop on 21 November 2026. …`
pub fn kit_elsewhere(number: &str, device: &str, on: Date) -> String {
    format!(
        "The kit that counts is number {number}, made on {device} on {}. A paper with another number opens only backups and copies of its own time",
        long_date(on)
    )
}

/// `Recovery kit not proven yet · 5 days left`
pub fn kit_due(days: u32) -> String {
    format!("Recovery kit not proven yet · {} left", count(days.into(), "day"))
}
