//! A second device: paired by a code, filled, and written on at the same time as the first; over real sockets, on
//! 127.0.0.1 alone.

use std::net::Ipv4Addr;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::pairing::CompareWords;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{DeviceRow, Vault, empty_note};

use super::stage::{SENTENCE, TourStage};
use super::{Wrong, hold};
use crate::bridge::{AskingDevice, CodeLine, Network, News, Shared, Syncing, system_clock};
use crate::operations;
use crate::practice::{self, Making, Profile};

/// How long the other device is waited for; on one machine it takes a second.
const PATIENCE: Duration = Duration::from_secs(60);
const LAPTOP: &str = "Laptop";
/// What both devices begin with, and what each then writes into it.
const BEFORE: &str = "The evening was long.";
const AT_THE_DESK: &str = "First the walk. ";
const ON_THE_LAPTOP: &str = " Then she slept.";

pub(super) fn pair(stage: &mut TourStage) -> Result<(), Wrong> {
    let desk = Shared::new(stage.desk.take().ok_or_else(|| Wrong("the practice is not open".to_owned()))?);
    let paired = paired(stage, &desk);
    stage.desk = desk.take();
    stage.laptop = Some(paired?);
    Ok(())
}

fn paired(stage: &TourStage, desk: &Shared) -> Result<Vault, Wrong> {
    let network = network(stage.profile);
    let (tell, news) = mpsc::channel();
    let syncing = Syncing::start(desk, &network, move |news| drop(tell.send(news)))?;
    let invited = syncing.invite(&stage.passphrase)?;
    // As a person does it: the line goes from one screen to the other as text.
    let line = CodeLine::parse(&invited.line.to_text())?;
    let file = stage.laptop_file();
    let making = Making::begin(&file)?;
    let passphrase = Passphrase::new("the laptop has a passphrase of its own".to_owned());
    let device = (passphrase, LAPTOP.to_owned(), stage.profile);
    let (shown, compare) = mpsc::channel();
    let tell = Box::new(move |words: CompareWords| drop(shown.send(words.to_string())));
    let joining = thread::spawn(move || operations::devices::join(making, (file, &line), device, (&network, tell)));
    let asked = asks(&news).ok_or_else(|| Wrong("no device asked to be let in".to_owned()))?;
    let same = compare.recv_timeout(PATIENCE).is_ok_and(|words| words == asked.compare);
    hold(same && asked.name == LAPTOP, "the two devices do not show the same words")?;
    syncing.confirm(true)?;
    let joined = joining.join().map_err(|_| Wrong("joining ended in an internal error".to_owned()))??;
    syncing.stop();
    Ok(joined.vault)
}

/// The device that asks in time.
fn asks(news: &Receiver<News>) -> Option<AskingDevice> {
    let until = Instant::now() + PATIENCE;
    while let Ok(news) = news.recv_timeout(until.saturating_duration_since(Instant::now())) {
        if let News::DeviceAsks(asked) = news {
            return Some(asked);
        }
    }
    None
}

pub(super) fn both_know_each_other(stage: &mut TourStage) -> Result<String, Wrong> {
    let desk = stage.desk()?;
    let (ids, own) = (ids(desk)?, desk.device());
    let laptop = stage.laptop()?;
    hold(ids.len() == 2 && ids == self::ids(laptop)?, "the two devices do not agree on who belongs to the practice")?;
    hold(laptop.device() != own, "the laptop has the keys of the desk")?;
    Ok("the code was taken once, and both devices name the same two".to_owned())
}

fn ids(vault: &Vault) -> Result<Vec<subrosa_core::id::DeviceId>, Wrong> {
    let mut ids: Vec<_> = vault.devices().all()?.into_iter().map(|row| row.id).collect();
    ids.sort();
    Ok(ids)
}

pub(super) fn sync(stage: &mut TourStage) -> Result<(), Wrong> {
    let client = stage.client()?;
    let mut draft = empty_note(practice::today());
    draft.text = BEFORE.to_owned();
    let desk = stage.desk()?;
    let note = desk.notes_mut().add_note(&client, &draft, false, practice::now())?;
    desk.notes_mut().close_note(&note)?;
    stage.draft = Some(note);
    exchange(stage)
}

pub(super) fn synced(stage: &mut TourStage) -> Result<String, Wrong> {
    let (note, draft) = (stage.note()?, stage.draft()?);
    let here = everything(stage.desk()?)?;
    let laptop = stage.laptop()?;
    hold(everything(laptop)? == here, "the laptop does not have the same clients and notes")?;
    hold(laptop.notes().note(&note)?.content.text == SENTENCE, "the signed note reads otherwise on the laptop")?;
    hold(laptop.notes().note(&note)?.signed.len() == 1, "the signature did not arrive")?;
    hold(laptop.notes().note(&draft)?.content.text == BEFORE, "the unsigned note reads otherwise on the laptop")?;
    let other = stage.desk()?.devices().all()?.into_iter().find(|row| !row.here);
    hold(other.is_some_and(|row| row.has_all()), "the laptop has not acknowledged everything")?;
    Ok(format!("{} clients and every note are on both devices, and the laptop has acknowledged them", here.len()))
}

/// Clients with their names and the ids of their notes, in one order.
fn everything(vault: &Vault) -> Result<Vec<(ClientId, String, Vec<NoteId>)>, Wrong> {
    let mut all = Vec::new();
    for row in vault.clients().all() {
        let notes = vault.notes().timeline(&row.id)?.into_iter().map(|note| note.id).collect();
        all.push((row.id, row.name.clone(), notes));
    }
    Ok(all)
}

pub(super) fn write_on_both(stage: &mut TourStage) -> Result<(), Wrong> {
    let draft = stage.draft()?;
    rewrite(stage.desk()?, &draft, &format!("{AT_THE_DESK}{BEFORE}"))?;
    rewrite(stage.laptop()?, &draft, &format!("{BEFORE}{ON_THE_LAPTOP}"))?;
    exchange(stage)
}

pub(super) fn rewrite(vault: &mut Vault, note: &NoteId, text: &str) -> Result<(), Wrong> {
    let mut content = vault.notes().note(note)?.content;
    content.text = text.to_owned();
    vault.notes_mut().save_note(note, &content, practice::now())?;
    Ok(vault.notes_mut().close_note(note)?)
}

pub(super) fn merged(stage: &mut TourStage) -> Result<String, Wrong> {
    let draft = stage.draft()?;
    let here = stage.desk()?.notes().note(&draft)?.content.text;
    let there = stage.laptop()?.notes().note(&draft)?.content.text;
    hold(here == there, "the two devices show two texts")?;
    hold(here == format!("{AT_THE_DESK}{BEFORE}{ON_THE_LAPTOP}"), "a letter that one of them wrote is missing")?;
    Ok("both show one text, with every letter that either wrote".to_owned())
}

/// Both devices meet until neither wants anything more.
fn exchange(stage: &mut TourStage) -> Result<(), Wrong> {
    let network = network(stage.profile);
    let (Some(desk), Some(laptop)) = (stage.desk.take(), stage.laptop.take()) else {
        return Err(Wrong("a practice is not open".to_owned()));
    };
    let (desk, laptop) = (Shared::new(desk), Shared::new(laptop));
    let met = meet(&desk, &laptop, &network);
    (stage.desk, stage.laptop) = (desk.take(), laptop.take());
    met
}

fn meet(desk: &Shared, laptop: &Shared, network: &Network) -> Result<(), Wrong> {
    let (tell, news) = mpsc::channel();
    let here = Syncing::start(desk, network, move |news| drop(tell.send(news)))?;
    let there = Syncing::start(laptop, network, |_| {})?;
    there.sync_with(here.address()?, PATIENCE)?;
    // The laptop is done when it has everything; the desk, when it has heard so.
    let until = Instant::now() + PATIENCE;
    while !acknowledged(desk)? && Instant::now() < until {
        let _ = news.recv_timeout(Duration::from_millis(20));
    }
    there.stop();
    here.stop();
    Ok(())
}

/// Whether the other device has said that it holds everything.
fn acknowledged(desk: &Shared) -> Result<bool, Wrong> {
    let rows = desk.with(|vault| vault.devices().all())??;
    Ok(rows.iter().all(DeviceRow::has_all))
}

/// This machine and nothing else.
fn network(profile: Profile) -> Network {
    let bind = Some((Ipv4Addr::LOCALHOST, 0).into());
    Network { bind, local: false, clock: system_clock(), policy: profile.policy() }
}
