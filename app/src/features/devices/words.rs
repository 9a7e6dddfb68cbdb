//! Other devices: added, removed, and what arrives from one that was removed.

use jiff::civil::{Date, DateTime, Time};

use crate::features::devices::values::{DeviceRow, LackCount, MetThrough, Quarantine, Unused};
use crate::values::relay::RelayState;
use crate::words::fixed::words;
use crate::words::{NEVER_SEEN, count, seen, short_date, time};

words! {
    WAITING_FOR_DEVICE = "Waiting for the other device. This page may stay open while you walk over";
    DEVICES_MORE = "Your devices find each other and exchange what is missing while they are unlocked. Whatever carries it in between can read nothing.";
    INVITE = "Invite a device…";
    INVITE_SHOW = "Show the words";
    INVITE_AGAIN_MORE = "A new device will be able to read everything, so your passphrase is asked again";
    INVITE_TITLE = "On the other device, choose Join my other device and type";
    INVITE_TEXT = "Or copy this text to it";
    INVITE_COPY = "Copy the text";
    INVITE_ONCE = "They work once, for one device";
    CONFIRM_YES = "Yes, that is mine";
    CONFIRM_NO = "No, refuse it";
    CONFIRM_COMPARE = "Its screen now shows two words. Compare them with these:";
    CONFIRM_MORE = "It will be able to read everything. Refuse it if you are not standing in front of it, or if its words are others: then it is another device.";
    DEVICE_ADDING = "Handing over what the new device needs…";
    DEVICE_ADDED = "Added. It is receiving your practice now, newest first";
    ALL_DEVICES = "Your devices";
    THIS_DEVICE = "this device";
    FIRST_DEVICE = "the first device";
    ANOTHER_DEVICE = "another device";
    NO_NETWORK = "There is no network here, so no device can be reached. Everything is saved on this device";
    HAS_ALL = "has everything";
    NEVER_HAD_ALL = "has not had everything yet";
    NEVER_JOINED = "It was let in and never finished joining. If it is not to join any more, remove it";
    NOT_SEEN = "This device has not met it for 90 days. If it is not used any more, remove it";
    SHOW_LACKED = "Show what it lacks";
    HIDE_LACKED = "Hide what it lacks";
    REMOVE = "Remove…";
    REMOVE_MEANS_TITLE = "What it means";
    REMOVE_MEANS = "It can read nothing that you write from now on, and what it writes is not used. Your other devices hear of it the next time they sync with this one. It is final: the same device can only come back set up anew, as another one.";
    REMOVE_SAFE_TITLE = "What is safe";
    REMOVE_SAFE = "Every note stays as it is, here and on your other devices. What it has not sent yet will be held for you when it arrives, to keep or to discard.";
    REMOVE_HAS_TITLE = "What it still has";
    REMOVE_HAS = "Every note until now stays on it. If it is lost, its passphrase is what protects them.";
    REMOVE_RENEWED_TITLE = "What is renewed";
    REMOVE_RENEWED = "What protects new notes is renewed at once, by itself. Passphrases stay: if somebody may know the one of that device and you use it here too, change it here afterwards, under Settings.";
    REMOVE_ELDER = "That device has been in the practice for longer than this one. Whoever holds it and knows its passphrase could put this device out instead, and would win. If you have a device that is older still, remove it there.";
    REMOVE_KIT = "The recovery kit was made on that device. Whoever controlled it then can have the kit too, and with it open every backup, those that are made from now on as well. If it was lost or is not to be trusted, make a new recovery kit afterwards.";
    REMOVE_LOST = "It is lost, or may be";
    REMOVE_RETIRED = "I have it and only stop using it";
    REMOVE_LOST_MORE = "The practice gets a new contact card, with which that device cannot sign. Colleagues need it";
    REMOVE_RETIRED_MORE = "The contact card stays as it is. Choose this only while the device is in your hands, and destroy its disk";
    REMOVE_NOW = "Remove for good";
    REMOVING = "Removing it, and renewing what protects new notes…";
    REMOVED_DEVICES = "Removed devices";
    REMOVED_ALONG = "It was let in while another device was removed, and so it is out too";
    KEEP = "Keep";
    DISCARD = "Discard…";
    QUARANTINE_MORE = "What you keep is used on all your devices; what was signed there after it was removed is shown, and its signatures do not count. What you discard stays sealed and is not used.";
    QUARANTINE_KEPT = "Kept. It stands with your notes now, and your other devices get it when they sync";
    DISCARD_MORE = "It stays sealed as it is, is used by nobody, and this device does not ask about it again";
    DISCARD_NOW = "Discard";
    QUARANTINE_DISCARDED = "Discarded. It stays sealed and is not used";
    REMOVED_HERE = "This device was removed from the practice";
    REMOVED_HERE_SAFE = "Everything that is on it can still be read here, and exported. It exchanges nothing with your other devices any more.";
    REMOVED_HERE_NEW = "What you write here from now on stays on this device alone. Write on one of your other devices, and export what is only here.";
    REMOVED_HERE_BACK = "If it was not meant: export what is only here, put the practice file away, and start again with Join my other device. It comes back as another one.";
    REACH = "How they reach each other";
    REACH_MORE = "On one network your devices find each other by themselves, and they remember where they met. On different networks they meet at an address that you type, or through a relay that you name.";
    REACH_HERE = "Where this device is";
    REACH_COPY = "Copy where it is";
    REACH_THERE = "Where another device is, as it says itself";
    CONNECT = "Connect";
    DIALLING = "It is tried until it answers. When it does, it is said above that it has everything";
    DEVICE_NAME = "Another name for this device";
    DEVICE_RENAME = "Rename";
    RELAY = "Relay";
    RELAY_MORE = "A relay carries what your devices send each other when they cannot reach one another. It can read nothing. Whoever runs it learns that they talk, from which addresses, when and how much. If that is somebody else, they process data for you: have the agreement that Art. 28 of the GDPR asks for. Anybody can run one; the program is called iroh-relay and costs nothing.";
    RELAY_URL = "The relay's address";
    RELAY_HINT = "https://";
    CERTIFICATE = "File with its certificate, if the world does not trust it";
    NO_CERTIFICATE = "The certificate's file could not be read, or is none. Nothing was changed";
    PORT = "Port at which this device listens";
    PORT_HINT = "A number, if a firewall asks for a certain one";
    PORT_USE = "Listen there";
    RELAY_TOKEN = "The token that it asks for, if it asks for one";
    RELAY_USE = "Use this relay on all devices";
    RELAY_USE_NONE = "Use no relay";
    NO_RELAY = "No relay is used. Devices reach each other on the same network, or at an address that is typed";
    RELAY_RENEW = "A device that was removed knows this relay's token. Have whoever runs it give you another one, and type it here: until then that device sees when your devices are there";
    RELAY_CONNECTED = "The relay answers: your other devices reach this one through it";
    RELAY_REFUSED = "The relay answers and does not let this device in: the token is another one, or it does not know this practice. Devices on the same network still reach each other";
    RELAY_OTHER_CERTIFICATE = "What answers at the relay's address shows a certificate that is not trusted for it, so nothing was told to it. Look whether the address is right; if the relay's certificate is your own, name it";
    RELAY_NOT_REACHED = "The relay does not answer. Devices on the same network still reach each other, and it is tried again by itself";
    REMOVED_HERE_STATUS = "only on this device, which was removed";
}

/// How it stands with the relay
pub fn relay_state(state: RelayState) -> &'static str {
    match state {
        RelayState::Connected => RELAY_CONNECTED,
        RelayState::Refused => RELAY_REFUSED,
        RelayState::OtherCertificate => RELAY_OTHER_CERTIFICATE,
        RelayState::NotReached => RELAY_NOT_REACHED,
    }
}

/// `All devices use the relay https://relay.example.org, named on Desk.`
pub fn relay_is(url: &str, by: &str) -> String {
    format!("All devices use the relay {url}, named on {by}.")
}

/// `Remove Laptop…`: what a screen reader says of the button in its row
pub fn remove_named(name: &str) -> String {
    format!("Remove {name}…")
}

/// `Keep what came from Laptop`
pub fn keep_named(name: &str) -> String {
    format!("{KEEP} what came from {name}")
}

/// `Discard what came from Laptop…`
pub fn discard_named(name: &str) -> String {
    format!("{DISCARD_NOW} what came from {name}…")
}

/// `Remove “Laptop”?`
pub fn may_remove(name: &str) -> String {
    format!("Remove “{name}”?")
}

/// `Discard 2 notes from “Laptop”?`
pub fn may_discard(name: &str, held: &Quarantine) -> String {
    let behind = if held.behind == 0 { "" } else { ", and all that lies behind," };
    format!("Discard {}{behind} from “{name}”?", in_quarantine(held.notes, held.others))
}

/// `Laptop is removed. …`
pub fn device_removed(name: &str) -> String {
    format!("{name} is removed. Your other devices hear of it the next time they sync with this one")
}

/// `removed 19 Nov, 14:00 on Office PC`
pub fn removed_on(at: DateTime, by: &str, today: Date) -> String {
    format!("removed {} on {by}", seen(at, today))
}

/// `2 notes and 1 other part arrived after it was removed. They are held for you and are not used`
pub fn lies_in_quarantine(held: &Quarantine) -> String {
    let (notes, others) = (held.notes, held.others);
    let they = if notes + others == 1 { "It is held for you and is" } else { "They are held for you and are" };
    let behind = behind(held.behind);
    format!("{} arrived after it was removed. {they} not used until you say so{behind}", in_quarantine(notes, others))
}

/// `. 36 changes lie behind; you are asked about them once these are kept`
fn behind(changes: u64) -> String {
    match changes {
        0 => String::new(),
        1 => ". 1 change lies behind; you are asked about it once these are kept".to_owned(),
        many => format!(". {} lie behind; you are asked about them once these are kept", count(many, "change")),
    }
}

/// `2 notes and 1 other part`
pub fn in_quarantine(notes: u64, others: u64) -> String {
    match (notes, others) {
        (notes, 0) => count(notes, "note"),
        (0, others) => count(others, "other part"),
        (notes, others) => format!("{} and {}", count(notes, "note"), count(others, "other part")),
    }
}

/// `May “Laptop” join?`
pub fn may_join(device: &str) -> String {
    format!("May “{device}” join your practice?")
}

/// `Valid until 14:05`
pub fn valid_until(until: Time) -> String {
    format!("Valid until {}. {INVITE_ONCE}", time(until))
}

/// `this device, 2 files have not come yet`
fn files_to_come(files: u64) -> String {
    let have = if files == 1 { "has" } else { "have" };
    format!("{THIS_DEVICE}, {} {have} not come yet", count(files, "file"))
}

/// `has everything`, `lacks 3 notes and 1 file`, `not in touch yet`
pub fn device_state(device: &DeviceRow) -> String {
    let lacks = &device.lacks;
    match (device.this, device.last_seen) {
        (true, _) if lacks.is_nothing() => THIS_DEVICE.to_owned(),
        (true, _) => files_to_come(lacks.files),
        (false, None) => NEVER_SEEN.to_owned(),
        (false, Some(_)) if lacks.is_nothing() => HAS_ALL.to_owned(),
        (false, Some(_)) => format!("lacks {}", lacked(lacks)),
    }
}

/// `Office PC last seen 09:10, lacks 3 notes and 1 file`
pub fn device_behind(device: &DeviceRow, today: Date) -> String {
    let (name, state) = (&device.name, device_state(device));
    match device.last_seen {
        Some(at) => format!("{name} last seen {}, {state}", seen(at, today)),
        None => format!("{name} {state}"),
    }
}

/// `last seen 09:10 on the same network · last had everything 19 Nov, 14:00`; nothing of this device, and of one that nobody met
pub fn device_met(device: &DeviceRow, today: Date) -> Option<String> {
    let at = device.last_seen.filter(|_| !device.this)?;
    let through = device.through.map(|through| format!(" {}", met_through(through))).unwrap_or_default();
    let had_all = device.had_all.map(|at| format!("last had everything {}", seen(at, today)));
    let had_all = had_all.unwrap_or_else(|| NEVER_HAD_ALL.to_owned());
    Some(format!("last seen {}{through} · {had_all}", seen(at, today)))
}

fn met_through(through: MetThrough) -> &'static str {
    match through {
        MetThrough::SameNetwork => "on the same network",
        MetThrough::Address => "at an address",
        MetThrough::Relay => "through a relay",
        MetThrough::Folder => "through a sync folder",
    }
}

/// Why a device may be one that is not used any more
pub fn unused(why: Unused) -> &'static str {
    match why {
        Unused::NeverJoined => NEVER_JOINED,
        Unused::NotSeen => NOT_SEEN,
    }
}

/// `3 notes, the particulars of 1 client, 1 file and 2 other changes`; `at least 40 notes`
pub fn lacked(lacks: &LackCount) -> String {
    let LackCount { notes, clients, files, changes, is_least } = *lacks;
    let change = if notes + clients + files > 0 { "other change" } else { "change" };
    let mut kinds = vec![(notes, "note"), (files, "file"), (changes, change)];
    kinds.retain(|(number, _)| *number > 0);
    let mut parts: Vec<String> = kinds.into_iter().map(|(number, one)| count(number, one)).collect();
    if clients > 0 {
        let place = usize::from(notes > 0);
        parts.insert(place, format!("the particulars of {}", count(clients, "client")));
    }
    let last = parts.pop().unwrap_or_default();
    let all = if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) };
    if is_least { format!("at least {all}") } else { all }
}

/// `Aino Mäkinen, 19 Nov`
pub fn lacked_note(client: &str, on: Date, today: Date) -> String {
    format!("{client}, {}", short_date(on, today))
}

/// `The particulars of Aino Mäkinen`
pub fn lacked_particulars(client: &str) -> String {
    format!("The particulars of {client}")
}

/// `and 7 more; private notes are not named`
pub fn lacked_more(more: u64) -> String {
    format!("and {more} more; private notes are not named")
}

/// `Show what it lacks (Laptop)`: what a screen reader says of the button in its row
pub fn lacked_named(button: &str, device: &str) -> String {
    format!("{button} ({device})")
}

/// `This note is on 1 of 2 devices`
pub fn note_is(copies: &str) -> String {
    format!("This note is {copies}")
}

/// `added by Office PC`
pub fn added_by(device: &str) -> String {
    format!("added by {device}")
}
