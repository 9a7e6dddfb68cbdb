//! The sync folder: where it is, what it is, and what is wrong with it.

use jiff::civil::{Date, DateTime};

use crate::values::folder::FolderTrouble;
use crate::words::fixed::words;
use crate::words::{count, seen};

words! {
    SYNC_FOLDER = "Sync folder";
    SYNC_FOLDER_MORE = "Devices that are never on together exchange notes through a folder that both see. Everything in it is sealed. Whoever keeps it learns how many devices write, how much and when, and can read nothing.";
    NO_SYNC_FOLDER = "No sync folder is used. Devices exchange notes while they are on together";
    SYNC_FOLDER_HERE = "A folder on this computer";
    SYNC_FOLDER_HERE_MORE = "One that a cloud's program carries, a stick, a network disk. It is chosen on each device, since it lies somewhere else on each.";
    SYNC_FOLDER_SHARE = "WebDAV";
    SYNC_FOLDER_SHARE_MORE = "A share that all devices use from then on. The password of the share lies sealed in the practice. If somebody else runs it, they process data for you: have the agreement that Art. 28 of the GDPR asks for.";
    SYNC_FOLDER_BUCKET = "S3";
    SYNC_FOLDER_BUCKET_MORE = "A bucket that all devices use from then on. Its access key lies sealed in the practice. If somebody else runs it, they process data for you: have the agreement that Art. 28 of the GDPR asks for.";
    SYNC_FOLDER_PATH = "The folder, best one of its own";
    SYNC_FOLDER_PATH_HINT = "/home/you/Cloud/practice";
    SYNC_FOLDER_URL = "Address of the share";
    SYNC_FOLDER_URL_HINT = "https://";
    SYNC_FOLDER_USER = "User name of the share";
    SYNC_FOLDER_PASSWORD = "Password of the share";
    SYNC_FOLDER_ENDPOINT = "Address of the store, without the bucket";
    SYNC_FOLDER_ENDPOINT_HINT = "https://";
    SYNC_FOLDER_BUCKET_NAME = "Bucket";
    SYNC_FOLDER_REGION = "Region, if it has one";
    SYNC_FOLDER_KEY_ID = "Access key ID";
    SYNC_FOLDER_SECRET = "Secret access key";
    SYNC_FOLDER_USE_HERE = "Use this folder on this device";
    SYNC_FOLDER_USE = "Use it on all devices";
    SYNC_FOLDER_LOOK = "Look into it now";
    SYNC_FOLDER_OFF = "Use no sync folder";
    SYNC_FOLDER_RENEW = "A device that was removed knows what opens this sync folder. Change it where you got it, and type the new one here: until then that device can take away what lies there, and see when your devices write";
    SYNC_FOLDER_FINE = "What is due lies in the sync folder, and what your other devices put there is here";
    SYNC_FOLDER_REMAINS = "What lies in the folder stays there, sealed; only your devices can read it. Delete it there when no device uses the folder any more";
    SYNC_FOLDER_EMPTIED = "What this device had put into the sync folder was gone. Nothing is lost: it was put there again. Look at who else empties or restores that folder";
}

/// `This device uses the sync folder /home/aino/Cloud/praxis, which it has chosen for itself.`
pub fn sync_folder_is_here(path: &str) -> String {
    format!("This device uses the sync folder {path}, which it has chosen for itself.")
}

/// `All devices use the sync folder https://dav.example.org/praxis, named on Desk.`
pub fn sync_folder_is(at: &str, by: &str) -> String {
    format!("All devices use the sync folder {at}, named on {by}.")
}

/// What is wrong with the sync folder
pub fn sync_folder_trouble(trouble: &FolderTrouble) -> String {
    match trouble {
        FolderTrouble::Emptied => SYNC_FOLDER_EMPTIED.to_owned(),
        FolderTrouble::RolledBack(name) => format!(
            "Something older lies in the sync folder than lay there before, from “{name}”. Nothing is lost, and nothing older is used: what is lacking comes when that device looks into the folder the next time"
        ),
        FolderTrouble::Withheld(name) => format!(
            "What “{name}” had put into the sync folder is gone. Nothing that is here is lost: what is lacking comes when that device looks into the folder the next time"
        ),
    }
}

/// `… There are 2 sealed objects of this device in it and 3 of others.`
pub fn sync_folder_visited(state: &str, (own, others): (u64, u64)) -> String {
    let are = if own == 1 { "is" } else { "are" };
    format!("{state}. There {are} {} of this device in it and {others} of others.", count(own, "sealed object"))
}

/// `Looked into: 14:02`
pub fn sync_folder_looked_into(at: DateTime, today: Date) -> String {
    format!("Looked into: {}", seen(at, today))
}
