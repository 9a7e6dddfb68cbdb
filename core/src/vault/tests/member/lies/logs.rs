//! Lies about logs: what they hold, where they end, and who has what of them.

use super::Lie;
use crate::id::{DeviceId, DocId, EpochId, Hash, LogId};
use crate::kdf;
use crate::keyring::Compartment;
use crate::log::{Class, Header, INFLATES_ANYWAY, Item, Kind, LOG_LEN, SignedHeader};
use crate::secret::{DeviceSigningRole, Key};
use crate::sign::Signer;
use crate::vault::items::pruning::closed_payload;
use crate::vault::registry::AsideBodyAt;
use crate::vault::tests::history::tried;
use crate::vault::tests::member::forge::Said;
use crate::vault::tests::member::world::World;

pub(super) fn all_closed(world: &mut World, lie: Lie) -> Option<()> {
    let ((id, _), names) = (world.a_note()?, world.envelopes());
    world.closed.insert(id);
    let numbers = world.numbers_of(&names);
    world.say(lie, &[Said::Practice(Kind::Closed, id, closed_payload(&numbers))])
}

pub(super) fn invented_closed(world: &mut World, lie: Lie) -> Option<()> {
    let (id, _) = world.a_note()?;
    world.closed.insert(id);
    let logs = (0..64_u8).map(|number| (LogId([number; LogId::LEN]), vec![(0, LOG_LEN)]));
    world.say(lie, &[Said::Practice(Kind::Closed, id, closed_payload(&logs.collect()))])
}

/// Another end of a log of the forge's, beside what stands there.
fn fork(world: &mut World, lie: Lie, log: LogId, number: u8) {
    let Some(first) = world.liar.forge.made.iter().find(|made| made.log == log).map(|made| made.name) else { return };
    let blank =
        Header { seq: 1, prev: first, body_hash: Hash([number; 32]), ..world.liar.forge.blank(&world.liar.vault, log) };
    world.liar.forge.put(&world.liar.vault, lie, blank, None);
}

fn begun(world: &mut World, lie: Lie) -> LogId {
    let log = world.liar.forge.fresh_log(&world.liar.vault);
    let epoch = world.liar.vault.core.read().writing_epoch().unwrap();
    for _ in 0..2 {
        world.liar.forge.say_in(&world.liar.vault, lie, (log, epoch), &[]);
    }
    log
}

pub(super) fn forked(world: &mut World, lie: Lie) -> Option<()> {
    let log = begun(world, lie);
    fork(world, lie, log, 1);
    Some(())
}

pub(super) fn many_forks(world: &mut World, lie: Lie) -> Option<()> {
    let log = begun(world, lie);
    (1..=6).for_each(|number| fork(world, lie, log, number));
    world.by_arrival = true;
    Some(())
}

pub(super) fn overlong(world: &mut World, lie: Lie) -> Option<()> {
    let log = world.liar.forge.fresh_log(&world.liar.vault);
    let mut header = world.liar.forge.blank(&world.liar.vault, log);
    let mut run = Vec::new();
    for seq in 0..=LOG_LEN {
        header.seq = seq;
        run.push(SignedHeader { header, signature: None });
        header.prev = header.hash();
    }
    let last = run.pop()?;
    run.push(SignedHeader::sign(last.header, &world.liar.vault.core.signer));
    let run: Vec<Vec<u8>> = run.iter().map(SignedHeader::to_bytes).collect();
    let at = world.somebody();
    tried(world.history.devices[at].log_mut().offer_headers(&log, &run));
    world.answered(lie);
    Some(())
}

pub(super) fn many_logs(world: &mut World, lie: Lie) -> Option<()> {
    let (at, by) = (world.somebody(), world.liar.vault.device());
    let hundred: Vec<LogId> = (0..100).map(|_| world.liar.forge.fresh_log(&world.liar.vault)).collect();
    let beyond = (0..200_u8).map(|number| {
        let mut log = LogId::of(by, number);
        log.0[DeviceId::LEN + 1 + usize::from(number % 7)] = 1 + number;
        log
    });
    for log in hundred.into_iter().chain(beyond) {
        let header = world.liar.forge.blank(&world.liar.vault, log);
        let run = [SignedHeader::sign(header, &world.liar.vault.core.signer).to_bytes()];
        tried(world.history.devices[at].log_mut().offer_headers(&log, &run));
    }
    world.answered(lie);
    Some(())
}

pub(super) fn withheld(world: &mut World, lie: Lie) -> Option<()> {
    let log = world.liar.forge.log();
    let header = world.liar.forge.blank(&world.liar.vault, log);
    world.liar.forge.put(&world.liar.vault, lie, header, None);
    world.answered(lie);
    Some(())
}

pub(super) fn no_body(world: &mut World, lie: Lie) -> Option<()> {
    let log = world.liar.forge.log();
    let body = vec![lie as u8; 200];
    let header = Header { body_hash: kdf::sha256(&body), ..world.liar.forge.blank(&world.liar.vault, log) };
    world.liar.forge.put(&world.liar.vault, lie, header, Some(body));
    Some(())
}

pub(super) fn invented_epochs(world: &mut World, lie: Lie) -> Option<()> {
    let log = world.liar.forge.fresh_log(&world.liar.vault);
    for number in 0..80 {
        let (epoch, body) = (EpochId([number; EpochId::LEN]), vec![number; 200]);
        let blank = world.liar.forge.blank(&world.liar.vault, log);
        let header = Header { epoch, body_hash: kdf::sha256(&body), ..blank };
        world.liar.forge.put(&world.liar.vault, lie, header, Some(body).filter(|_| number % 10 == 0));
    }
    Some(())
}

pub(super) fn unknown_kinds(world: &mut World, lie: Lie) -> Option<()> {
    let (id, home) = world.a_note()?;
    let mut said = Vec::new();
    for code in [3, 15, 28, 99, 255].into_iter().filter_map(std::num::NonZeroU8::new) {
        let kind = Kind::of(code);
        said.push(Said::Bare(Item::bare(kind, id, vec![1; 30])));
        said.push(Said::Practice(kind, id, vec![1; 30]));
        said.extend(world.about(kind, id, &home, home.origin.with(b"later")));
    }
    world.say(lie, &said)
}

pub(super) fn copied(world: &mut World, lie: Lie) -> Option<()> {
    let names = world.envelopes();
    let ledger = world.liar.vault.core.read().ledger();
    let items = names.iter().rev().take(6).filter_map(|name| ledger.items_of(name).ok().flatten()).flatten();
    let said: Vec<_> = items.filter(|item| item.content.len() < 20_000).take(20).map(Said::Bare).collect();
    world.say(lie, &said)
}

pub(super) fn inflated(world: &mut World, lie: Lie) -> Option<()> {
    let (id, home) = world.a_note()?;
    let zeros = home.origin.with(&vec![0; INFLATES_ANYWAY - 100]);
    let one = || Some(Said::Under(Kind::Changes, id, world.key(&home.client, Compartment::Clinical)?, zeros.clone()));
    let said: Option<Vec<_>> = (0..60).map(|_| one()).collect();
    world.say(lie, &said?)
}

pub(super) fn anothers_log(world: &mut World, lie: Lie) -> Option<()> {
    let at = world.somebody();
    let honest = world.history.devices[1 - at].core.memory.logs.main;
    let names = world.envelopes();
    let to = &mut world.history.devices[at];
    let end = to.core.read().tips(&honest).first().copied()?;
    let blank = world.liar.forge.blank(&world.liar.vault, honest);
    let header = Header { log: honest, seq: end.next_seq, prev: end.head, ..blank };
    let run = [SignedHeader::sign(header, &world.liar.vault.core.signer).to_bytes()];
    assert_ne!(to.log_mut().offer_headers(&honest, &run), Ok(crate::vault::Taken::Stored), "{lie:?}");
    let bodies: Vec<_> = names.iter().take(30).map(|name| (*name, vec![7; 300])).collect();
    assert!(!to.log_mut().offer_bodies(&bodies, 0).unwrap().contains(&crate::vault::Taken::Stored), "{lie:?}");
    world.answered(lie);
    Some(())
}

pub(super) fn unknown_signer(world: &mut World, lie: Lie) -> Option<()> {
    let signer = Signer::new(&Key::<DeviceSigningRole>::random(&mut world.liar.forge.dice));
    let log = LogId::of(signer.public_key().device_id(), 0);
    let (epoch, prev) = (world.liar.vault.core.memory.roster.epoch(), Hash([0; 32]));
    let body_hash = Hash([1; 32]);
    let header = Header { class: Class::Everyday, log, seq: 0, prev, epoch, body_len: 100, body_hash };
    let run = vec![SignedHeader::sign(header, &signer).to_bytes(); 40];
    let at = world.somebody();
    for _ in 0..3 {
        tried(world.history.devices[at].log_mut().offer_headers(&log, &run));
    }
    world.by_arrival = true;
    world.answered(lie);
    Some(())
}

pub(super) fn invented_held(world: &mut World, lie: Lie) -> Option<()> {
    let (at, now) = (world.somebody(), world.now());
    let ends = world.liar.vault.log().log_ends().unwrap();
    let invented = (0..4_096).map(|number| {
        let mut log = LogId([7; 24]);
        log.0[..8].copy_from_slice(&u64::to_le_bytes(number));
        (log, vec![(0, u64::MAX)])
    });
    let odd = ends.iter().map(|end| (end.log, vec![(9, 2), (0, u64::MAX), (u64::MAX, 0)]));
    let said: Vec<_> = invented.chain(odd).collect();
    let by = world.liar.vault.device();
    let to = &mut world.history.devices[at];
    let counted = allocation_counter::measure(|| {
        to.log_mut().acknowledged_all(&by, &said, now).unwrap();
    });
    world.costs.list(lie, said.len() * 32, counted.bytes_total);
    let rows = to.devices().all().unwrap();
    assert!(rows.iter().any(|row| row.id == by), "{lie:?}");
    world.answered(lie);
    Some(())
}

pub(super) fn all_held(world: &mut World, lie: Lie) -> Option<()> {
    let (now, by) = (world.now(), world.liar.vault.device());
    for to in &mut world.history.devices {
        let ends = to.log().log_ends().unwrap();
        let all = ends.iter().map(|end| (end.log, vec![(0, end.next_seq + 100)])).collect();
        to.log_mut().acknowledged_all(&by, &all, now).unwrap();
        crate::vault::commit::prune_drafts(&mut to.core);
    }
    world.answered(lie);
    Some(())
}

pub(super) fn gone_offered(world: &mut World, lie: Lie) -> Option<()> {
    let names = world.envelopes();
    for at in 0..world.history.devices.len() {
        let to = &mut world.history.devices[at];
        let gone = |name: &Hash| Some((*name, to.core.read().get(&AsideBodyAt(*name)).ok()??));
        let bodies: Vec<_> = names.iter().filter_map(gone).collect();
        let taken = to.log_mut().offer_bodies(&bodies, 0).unwrap();
        assert!(taken.iter().all(|taken| *taken == crate::vault::Taken::Known), "{lie:?}");
        if !bodies.is_empty() {
            world.answered(lie);
        }
    }
    // Other documents of the liar's own name what was let go as if it were a file's.
    let pieces = names.iter().take(5).map(|name| Said::Bare(Item::bare(Kind::File, DocId([3; 16]), name.0.to_vec())));
    let said: Vec<_> = pieces.collect();
    world.say(lie, &said)
}
