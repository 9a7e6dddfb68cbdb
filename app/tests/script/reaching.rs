//! The sync folder of a script, and joining by two files.

use jiff::civil::time;
use subrosa::features::letters::messages::{LettersEffect, LettersEvent};
use subrosa::features::opening::messages::OpeningEvent;
use subrosa::features::sync_folder::messages::{SyncFolderEffect, SyncFolderEvent};
use subrosa::features::sync_folder::values::{FolderLook, UsedFolder};
use subrosa::messages::Event;
use subrosa::values::folder::FolderTrouble;
use subrosa::values::job::Job;
use subrosa::values::secret::Secret;

use super::{Scripted, TODAY, device};

/// The words of every request.
pub(crate) const LETTER_WORDS: &str = "apple brave cloud delta eager fancy globe honey";

impl Scripted {
    /// A folder whose path says so is turned back, and a share that is named `refused` lets nobody in.
    pub(super) fn sync_folder(&mut self, effect: SyncFolderEffect) -> Vec<Event> {
        let used =
            |at: String, by: Option<&str>| UsedFolder { at, by: by.map(str::to_owned), is_known_elsewhere: false };
        let looked = |state| SyncFolderEvent::Looked(FolderLook { at: TODAY.to_datetime(time(14, 2, 0, 0)), state });
        let events = match effect {
            SyncFolderEffect::Load => vec![SyncFolderEvent::Used(None)],
            SyncFolderEffect::UseDirectory(path) => {
                let at = path.display().to_string();
                let trouble = at.contains("turned back").then(|| FolderTrouble::RolledBack("Laptop".to_owned()));
                vec![SyncFolderEvent::Used(Some(used(at, None))), looked(Ok(trouble))]
            }
            SyncFolderEffect::UseShare(share) => {
                let refused = Err("it does not let this device in".to_owned());
                let state = if share.user == "refused" { refused } else { Ok(None) };
                vec![SyncFolderEvent::Used(Some(used(share.url, Some("Office PC")))), looked(state)]
            }
            SyncFolderEffect::UseBucket(bucket) => {
                let at = format!("{}/{}", bucket.endpoint, bucket.bucket);
                vec![SyncFolderEvent::Used(Some(used(at, Some("Office PC")))), looked(Ok(None))]
            }
            SyncFolderEffect::Look => vec![looked(Ok(None))],
            SyncFolderEffect::Leave => vec![SyncFolderEvent::Used(None), SyncFolderEvent::Left],
        };
        events.into_iter().map(Event::SyncFolder).collect()
    }

    pub(super) fn letters(&mut self, effect: LettersEffect) -> Vec<Event> {
        let other_words = || vec![Event::Failed(Job::Devices, "These are not the words".to_owned())];
        match effect {
            LettersEffect::Request { .. } => {
                vec![Event::Letters(LettersEvent::Requested(Secret::new(LETTER_WORDS.to_owned())))]
            }
            LettersEffect::Finish { words, .. } if words.expose() == LETTER_WORDS => {
                vec![Event::Opening(OpeningEvent::Unlocked(Box::new(self.opened())))]
            }
            LettersEffect::Finish { .. } => vec![Event::Failed(Job::Join, "These are not the words".to_owned())],
            LettersEffect::Read { words, .. } if words.expose() == LETTER_WORDS => {
                vec![Event::Letters(LettersEvent::Read("Laptop".to_owned()))]
            }
            LettersEffect::Read { .. } => other_words(),
            LettersEffect::Admit { .. } => {
                self.devices.push(device("Laptop", false, None));
                vec![Event::Letters(LettersEvent::Answered("Laptop".to_owned()))]
            }
        }
    }
}
