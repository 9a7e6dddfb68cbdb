//! A further device that is let in, on copies: how long until it reads the newest note, until it has every text, and until it has
//! everything. What is carried is carried in memory, and both devices work on one thread: the time is that of both, and none that a
//! network takes.

use std::path::Path;

use subrosa_core::codec::Reader;
use subrosa_core::id::NoteId;
use subrosa_core::roster::{Entry, EntryKind};
use subrosa_core::vault::{JoiningDevice, Vault};
use subrosa_tests::world::{cheap, passphrase};

use crate::clock::Clock;
use crate::office::{DESK, HOME, Office};

/// What was seen.
pub(crate) struct Joined {
    pub(crate) newest_s: f64,
    pub(crate) text_s: f64,
    pub(crate) all_s: f64,
    /// Bytes with which the desk said which envelopes it holds.
    pub(crate) list: u64,
    /// Logs that the desk tells of.
    pub(crate) positions: u64,
    /// Most ranges of one of these, and of all.
    pub(crate) ranges: (u64, u64),
    /// Wants that were answered with nothing.
    pub(crate) gone: u64,
    /// Files that the newcomer lacks at first.
    pub(crate) files: u64,
}

/// Lets one in, and waits until it has everything.
pub(crate) fn let_one_in(office: &mut Office, folder: &Path, newest: &NoteId) -> Joined {
    let path = folder.join("newcomer.subrosa");
    let (positions, ranges) = told(office);
    let began = Clock::start();
    let new = office.admit(DESK, "newcomer", &path);
    let (now, mut read) = (office.now(), None);
    office.lines.carry_watched(&mut office.devices, now, &mut |devices| {
        if read.is_none() && reads(devices, new, newest) {
            read = Some(began.read());
        }
    });
    let all_s = began.read().as_secs_f64();
    let (conn, tally) = {
        let hub = office.devices[new].hub();
        hub.tallies().next().expect("it is connected")
    };
    assert!(tally.in_step, "it has everything");
    let carried = office.lines.hang_up(&mut office.devices, conn, now);
    let text_s = carried.pieces_wanted.map_or(all_s, |wanted| wanted.since(began).as_secs_f64());
    let files = office.devices[new].with(|vault| {
        let clients: Vec<_> = vault.clients().all().map(|row| row.id).collect();
        clients.iter().map(|id| vault.files().of_client(id).expect("they are listed").len()).sum::<usize>()
    });
    Joined {
        newest_s: read.expect("it reads the newest note").as_secs_f64(),
        text_s,
        all_s,
        list: carried.listed.get(&DESK).copied().unwrap_or_default(),
        positions,
        ranges,
        gone: tally.gone,
        files: u64::try_from(files).unwrap_or(u64::MAX),
    }
}

fn reads(devices: &[crate::device::Device], new: usize, note: &NoteId) -> bool {
    devices
        .get(new)
        .is_some_and(|new| new.with(|vault| vault.notes().note(note).is_ok_and(|view| !view.content.text.is_empty())))
}

/// How many logs the desk tells of, and how many ranges of bodies in the largest and in all.
fn told(office: &Office) -> (u64, (u64, u64)) {
    let ends = office.devices[DESK].with(|vault| vault.log().log_ends().expect("they are read"));
    let (mut most, mut all) = (0, 0);
    for end in &ends {
        let gaps = end.missing.windows(2).filter(|two| two[0] + 1 != two[1]).count();
        let ranges = u64::try_from(gaps + 2).unwrap_or(u64::MAX);
        most = most.max(ranges);
        all += ranges;
    }
    (u64::try_from(ends.len()).unwrap_or(u64::MAX), (most, all))
}

/// What a welcome hands over.
pub(crate) struct Welcome {
    pub(crate) bytes: u64,
    /// Entries of the device that wrote most of them.
    pub(crate) of_one: u64,
    pub(crate) removals: u64,
    pub(crate) parents: u64,
    pub(crate) cuts: u64,
    pub(crate) wraps: u64,
}

/// Lets one in that never comes, and reads what it would be handed.
pub(crate) fn welcome_of(office: &mut Office) -> Welcome {
    let (now, dice) = (office.now(), &mut office.dice);
    let passphrase = passphrase();
    let joining = JoiningDevice::new(&cheap("nobody", &passphrase, now), dice);
    let bytes = office.devices[HOME].with(|vault: &mut Vault| {
        vault.reauthenticate(&passphrase, now).expect("the passphrase is right");
        vault.devices_mut().admit(&joining.introduction(), usize::MAX, now).expect("it is let in")
    });
    let mut reader = Reader::new(&bytes);
    reader.bytes(32).expect("the authority's key stands first");
    let entries = reader.list(65_536, |reader| reader.lp(1 << 20).map(<[u8]>::to_vec)).expect("entries follow");
    let entries: Vec<Entry> = entries.iter().map(|entry| Entry::parse(entry).expect("each is one")).collect();
    let most = |of: fn(&Entry) -> usize| number(entries.iter().map(of).max().unwrap_or(0));
    let of_one = entries.iter().map(|entry| entries.iter().filter(|other| other.author == entry.author).count());
    Welcome {
        bytes: number(bytes.len()),
        of_one: number(of_one.max().unwrap_or(0)),
        removals: number(entries.iter().filter(|entry| entry.kind == EntryKind::Removal).count()),
        parents: most(|entry| entry.parents.len()),
        cuts: most(|entry| entry.cuts.len()),
        wraps: most(|entry| entry.wraps.len()),
    }
}

fn number(of: usize) -> u64 {
    u64::try_from(of).expect("a count is small")
}
