//! Lies about colleagues and about attached files.

use super::Lie;
use crate::blob::PieceList;
use crate::card::ContactCard;
use crate::id::{DocId, Hash};
use crate::kem::WrapPublic;
use crate::keyring::Compartment;
use crate::log::{DocType, Item, Kind};
use crate::secret::{CardSigningRole, CardWrapRole, Key};
use crate::sign::Signer;
use crate::vault::PieceWant;
use crate::vault::items::deletion::delete_payload;
use crate::vault::items::file::FileItem;
use crate::vault::items::home::DocumentOrigin;
use crate::vault::items::ledger::MAX_COLLEAGUES;
use crate::vault::tests::history::tried;
use crate::vault::tests::member::forge::Said;
use crate::vault::tests::member::world::World;

fn card(name: &str, recipient: u8, signing: &[u8; 32]) -> ContactCard {
    let signing = Signer::new(&Key::<CardSigningRole>::take(&mut signing.clone()));
    let recipient = WrapPublic::of(&Key::<CardWrapRole>::take(&mut [recipient; 32]));
    ContactCard::make(name, recipient, &signing, jiff::civil::date(2026, 11, 20)).unwrap()
}

fn says(card: &ContactCard, at: u64) -> Vec<u8> {
    [&at.to_le_bytes(), card.as_bytes()].concat()
}

pub(super) fn anothers_card(world: &mut World, lie: Lie) -> Option<()> {
    let known: Vec<DocId> =
        world.history.devices[0].exchange().colleagues().ok()?.into_iter().map(|row| row.id).collect();
    let id = world.history.dice.pick(&known).copied()?;
    let said = [
        Said::Practice(Kind::Colleague, id, says(&card("Dr B", 66, &[67; 32]), u64::MAX)),
        Said::Practice(Kind::Colleague, id, b"no card".to_vec()),
        Said::Practice(Kind::Delete, id, b"no removal".to_vec()),
    ];
    world.say(lie, &said)
}

pub(super) fn one_key(world: &mut World, lie: Lie) -> Option<()> {
    let forged = card("Dr B", 7, &[99; 32]);
    let id = world.liar.vault.core.read().colleague_of(forged.keys());
    world.say(lie, &[Said::Practice(Kind::Colleague, id, says(&forged, world.now()))])
}

pub(super) fn many_cards(world: &mut World, lie: Lie) -> Option<()> {
    let mut seed = [0x33; 32];
    let recipient = WrapPublic::of(&Key::<CardWrapRole>::take(&mut [3; 32]));
    for some in 0..3_u16 {
        let said: Vec<_> = (0..370_u16)
            .map(|number| {
                seed[..4].copy_from_slice(&u32::from(some * 370 + number).to_le_bytes());
                let signing = Signer::new(&Key::<CardSigningRole>::take(&mut seed.clone()));
                let made = jiff::civil::date(2026, 11, 20);
                let card = ContactCard::make("Dr M", recipient.clone(), &signing, made).unwrap();
                let id = world.liar.vault.core.read().colleague_of(card.keys());
                Said::Practice(Kind::Colleague, id, says(&card, 1))
            })
            .collect();
        world.say(lie, &said)?;
    }
    const { assert!(3 * 370 > MAX_COLLEAGUES) };
    Some(())
}

/// The lists of pieces that an honest device has.
fn lists(world: &World) -> Vec<(DocId, PieceList)> {
    let blobs = world.liar.vault.core.read().blobs();
    let all = blobs.blobs().unwrap().into_iter().filter_map(|blob| blobs.blob(&blob).ok().flatten());
    all.map(|blob| (blob.file, blob.list)).collect()
}

pub(super) fn shared_pieces(world: &mut World, lie: Lie) -> Option<()> {
    let lists = lists(world);
    let (_, list) = world.history.dice.pick(&lists)?;
    let client = world.a_client()?;
    let origin = DocumentOrigin { kind: DocType::File, client, nonce: [lie as u8; 16] };
    let longer = PieceList::new(list.added() + 1, [list.hashes(), &[Hash([3; 32])]].concat())?;
    let item = FileItem {
        origin,
        note: None,
        blob: list.name(),
        key: Key::random(&mut world.liar.forge.dice),
        length: 3_000,
        added: 1,
        name: "same.pdf".to_owned(),
        media: "application/pdf".to_owned(),
    };
    let payload = item.to_bytes();
    let head = crate::kdf::sha256(&payload);
    let key = || world.key(&client, Compartment::Clinical);
    let said = [
        Said::Bare(Item::bare(Kind::File, origin.id(), list.to_bytes())),
        Said::Bare(Item::bare(Kind::File, DocId([9; 16]), longer.to_bytes())),
        Said::Under(Kind::File, origin.id(), key()?, payload),
        Said::Under(Kind::Delete, origin.id(), key()?, delete_payload(&origin, &[head], 1)),
    ];
    world.borrowed.extend([origin.id(), DocId([9; 16])]);
    world.say(lie, &said)
}

pub(super) fn many_lists(world: &mut World, lie: Lie) -> Option<()> {
    let lists = lists(world);
    let (_, list) = world.history.dice.pick(&lists)?;
    let said = (0..200_u8).map(|number| {
        let hashes = [list.hashes(), &[Hash([number; 32])]].concat();
        let list = PieceList::new(1, hashes).unwrap();
        Said::Bare(Item::bare(Kind::File, DocId([number; 16]), list.to_bytes()))
    });
    let said: Vec<_> = said.collect();
    world.say(lie, &said)
}

pub(super) fn no_file(world: &mut World, lie: Lie) -> Option<()> {
    let client = world.a_client()?;
    let origin = DocumentOrigin { kind: DocType::File, client, nonce: [lie as u8; 16] };
    let endless = [&[0; 8][..], &3_000_u32.to_le_bytes()[..], &vec![0; 3_000 * 32]].concat();
    let list = PieceList::new(5, vec![Hash([lie as u8; 32])])?;
    let item = FileItem {
        origin,
        note: Some(DocId([4; 16])),
        blob: list.name(),
        key: Key::random(&mut world.liar.forge.dice),
        length: 2 << 30,
        added: u64::MAX,
        name: "\u{202E}fdp.exe".to_owned(),
        media: "application/pdf".to_owned(),
    };
    let key = || world.key(&client, Compartment::Clinical);
    let said = [
        Said::Bare(Item::bare(Kind::File, origin.id(), endless)),
        Said::Bare(Item::bare(Kind::File, origin.id(), list.to_bytes())),
        Said::Under(Kind::File, origin.id(), key()?, item.to_bytes()),
        Said::Under(Kind::File, origin.id(), key()?, origin.with(b"cut")),
    ];
    world.say(lie, &said)?;
    // To its face: a piece that is none, for whatever is wanted.
    let at = world.somebody();
    let wants: Vec<PieceWant> = world.history.devices[at].files().wanted_pieces(5, &|_| false).unwrap();
    let pieces = wants.into_iter().map(|want| (want, vec![7; 4_136])).collect();
    tried(world.history.devices[at].files_mut().offer_pieces(pieces));
    Some(())
}
