//! Vectors of who belongs to a practice: its roster, a removal, the keyring that the devices share, and pairing.

use super::*;
use crate::entropy::random;
use crate::keyring::{Compartment, CompartmentEntry, Part};
use crate::pairing::{Code, Endpoints, Invitation, Joiner};
use crate::roster::{self, Cut, Entry, EntryKind, SignedBy};
use crate::secret::AuthorityRole;

/// A device as a reader of the roster lists it.
fn listed(card: &DeviceCard) -> Value {
    json!([hex(card.id.0), [hex(card.signing.0), hex(card.pkk_generation), text(&card.name)]])
}

impl Vectors {
    pub(super) fn roster(&mut self) {
        let mut stream = Stream::new();
        let authority = Signer::new(&key::<AuthorityRole>(0xA0));
        let (first, second) = (device(0x10, "Office"), device(0x20, "L\u{e4}ptop"));
        let kit = WrapPublic::of(&key::<RecoveryRole>(0x4B));
        let number = kit.fingerprint();
        let genesis = Entry::genesis(NOW, first.clone(), vec![kit], &key(0xE5), &authority);
        let parents = [Entry::parse(&genesis).unwrap().hash()];
        let (secret, other) = (key(0xE5), key(0xE4));
        let earlier = [(&EPOCH, &other)];
        let handed = roster::HandedOver::new(&second, (EPOCH, &secret), earlier, &key(0x7E), &mut stream);
        let (wrap, sealed) = (handed.wrap.clone(), handed.earlier.sealed.clone());
        let by = SignedBy { device: &signer(0x10), authority: &authority };
        let admission = Entry::admission(NOW + 1, parents, second.clone(), handed, &by);
        let both = json!([listed(&first), listed(&second)]);
        let none: [Value; 0] = [];
        let said = json!([both, none, hex(authority.public_key().0), none, hex(number.0)]);
        self.gives("a roster", "read_practice", &[json!([hex(&genesis), hex(&admission)])], said);
        self.refused("a roster without genesis", "read_practice", &[json!([hex(&admission)])]);
        self.refused("an admission not signed so", "read_practice", &[json!([hex(&genesis), flipped(&admission)])]);
        let with = [hex([0x21; 32]), context(labels::ADMISSION, &[&second.id.0]), hex(wrap)];
        self.gives("what an admission hands over", "unwrap", &with, hex([[0xE5; 32], [0x7E; 32]].concat()));
        let under: Key<WrapRole> = kdf::derive(&secret, labels::EPOCH_EARLIER, b"");
        let with = [hex(under.expose()), context(labels::EPOCH_EARLIER, &[]), hex(sealed)];
        let listed_secrets = [1_u32.to_le_bytes().as_slice(), &EPOCH.0, &[0xE4; 32]].concat();
        self.gives("the epochs that a later one opens", "unseal", &with, hex(listed_secrets));
        let with = [label(labels::EPOCH), hex([0xE5; 32])];
        let commitment = Entry::parse(&genesis).unwrap().commitment.unwrap();
        self.gives("what an entry says of an epoch's secret", "labelled", &with, hex(commitment.0));
        let make = |id: u8, compartment| CompartmentEntry::new(CLIENT, compartment, key(id));
        let entries = [make(1, Compartment::Identity), make(2, Compartment::Clinical)];
        let readers = [(first.id, first.dkk_generation, &first.dkk), (second.id, second.dkk_generation, &second.dkk)];
        let part = Part::publish(DocId([5; 16]), 3, &entries, first.id, &readers, &mut stream).unwrap();
        let keys = (1_u8..)
            .zip(&entries)
            .map(|(id, entry)| json!([hex(entry.id.0), [hex(CLIENT.0), hex([id]), hex([id; 32])]]));
        let keys: Vec<Value> = keys.collect();
        let with = |author: DeviceCard| {
            [hex(&part), hex(author.id.0), hex(second.id.0), hex(second.dkk_generation), hex([0x21; 32])]
        };
        self.gives("a keyring part", "open_part", &with(first.clone()), keys);
        self.refused("a keyring part in another device's log", "open_part", &with(second.clone()));
        let [part, author, ..] = with(first.clone());
        let third = device(0x30, "");
        let with = [part, author, hex(third.id.0), hex(third.dkk_generation), hex([0x31; 32])];
        self.refused("a keyring part for other devices", "open_part", &with);
    }

    /// An admission in its author's own name, and in that of another, by a device that holds the authority's key too.
    pub(super) fn admission(&mut self) {
        let authority = Signer::new(&key::<AuthorityRole>(0xA0));
        let (first, second, third) = (device(0x10, "Office"), device(0x20, "Laptop"), device(0x30, "Tablet"));
        let kit = WrapPublic::of(&key::<RecoveryRole>(0x4B));
        let number = kit.fingerprint();
        let hash = |entry: &[u8]| Entry::parse(entry).unwrap().hash();
        let genesis = Entry::genesis(NOW, first.clone(), vec![kit], &key(0xE5), &authority);
        let admit = |after: &[u8], by: u8, device: &DeviceCard| {
            let by = SignedBy { device: &signer(by), authority: &authority };
            Entry::admission(NOW + 1, [hash(after)], device.clone(), handed(), &by)
        };
        let second_in = admit(&genesis, 0x10, &second);
        let with = |entry: &[u8]| json!([hex(&genesis), hex(&second_in), hex(entry)]);
        let own = admit(&second_in, 0x20, &third);
        let all = json!([listed(&first), listed(&second), listed(&third)]);
        let none: [Value; 0] = [];
        let said = json!([all, none, hex(authority.public_key().0), none, hex(number.0)]);
        self.gives("an admission by the device that it names", "read_practice", &[with(&own)], said);
        let again = |mut entry: Vec<u8>| {
            let message = entry.len() - 64;
            let signature = authority.sign(labels::ROSTER, &entry[..message]);
            entry[message..].copy_from_slice(&signature.0);
            entry
        };
        // The author stands behind the one parent.
        let mut named = own.clone();
        named[16 + 8 + 4 + 32..][..16].copy_from_slice(&first.id.0);
        self.refused("an admission in the name of another device", "read_practice", &[with(&again(named))]);
        // The device's own signature is the last wrap, before three empty lists, the epochs and the authority's signature.
        let end = own.len() - 64 - (4 + 16 + 4 + handed().earlier.sealed.len()) - 3 * 4;
        let mut forged = own.clone();
        forged[end - 1] ^= 1;
        self.refused("an admission that its author did not sign", "read_practice", &[with(&again(forged))]);
        let start = end - (16 + 1 + 4 + 64);
        let count = start - (16 + 1 + 4 + handed().wrap.len()) - 4;
        let mut alone = [&own[..start], &own[end..]].concat();
        assert_eq!(alone[count..][..4], 2_u32.to_le_bytes());
        alone[count] = 1;
        self.refused("an admission that the authority alone signed", "read_practice", &[with(&again(alone))]);
    }

    /// A practice that lost a device, as its entries say it: who belongs to it, who is out, whose word counts, how far.
    pub(super) fn removal(&mut self) {
        let mut stream = Stream::new();
        let (old, new) = (key::<AuthorityRole>(0xA0), key::<AuthorityRole>(0xA1));
        let (old, public) = (Signer::new(&old), Signer::new(&new).public_key());
        let (first, second, third) = (device(0x10, "Office"), device(0x20, "Laptop"), device(0x30, "Tablet"));
        let kit = WrapPublic::of(&key::<RecoveryRole>(0x4B));
        let number = kit.fingerprint();
        let hash = |entry: &[u8]| Entry::parse(entry).unwrap().hash();
        let admit = |after: &[u8], author: u8, device: &DeviceCard, authority: &Signer| {
            let by = SignedBy { device: &signer(author), authority };
            Entry::admission(NOW + 1, [hash(after)], device.clone(), handed(), &by)
        };
        let genesis = Entry::genesis(NOW, first.clone(), vec![kit], &key(0xE5), &old);
        let second_in = admit(&genesis, 0x10, &second, &old);
        let third_in = admit(&second_in, 0x10, &third, &old);
        let wraps = roster::removal_wraps(&[&first, &second], &key(0xE6), &new, &mut stream);
        let opened = roster::NewEpoch::new(&key(0xE6), [(&EPOCH, &key(0xE5))], public, &mut stream);
        let remove = |by: u8| {
            let by = SignedBy { device: &signer(by), authority: &old };
            Entry::removal(NOW + 2, [hash(&third_in)], vec![third.clone()], wraps.clone(), opened.clone(), &by)
        };
        let removal = remove(0x10);
        let mut log = [0x55; 24];
        log[..16].copy_from_slice(&third.id.0);
        let end = |seq| vec![Cut { log: LogId(log), seq, head: crate::id::Hash([0x66; 32]) }];
        let limit =
            |kind, seq, by: u8| Entry::cut(kind, NOW + 3, [hash(&removal)], third.clone(), end(seq), &signer(by));
        let (cut, kept) = (limit(EntryKind::Cut, 4, 0x20), limit(EntryKind::Kept, 9, 0x10));
        let said = |kind: u8, seq: u64| json!([kind, hex(log), hex(seq.to_le_bytes()), hex([0x66; 32])]);
        let stays = json!([listed(&first), listed(&second)]);
        let mut entries = vec![&genesis, &second_in, &third_in, &removal];
        let mut limits = [(&cut, said(5, 4)), (&kept, said(6, 9))];
        // Entries that are ready at the same time stand by their hashes.
        limits.sort_by_key(|(entry, _)| hash(entry));
        entries.extend(limits.iter().map(|(entry, _)| *entry));
        let with = |entries: &[&Vec<u8>]| json!(entries.iter().map(hex).collect::<Vec<_>>());
        let out = json!([listed(&third)]);
        let cuts: Vec<Value> = limits.iter().map(|(_, said)| said.clone()).collect();
        let whole = json!([stays.clone(), out, hex(public.0), cuts, hex(number.0)]);
        self.gives(
            "a roster with a removal, a cut and what is kept",
            "read_practice",
            &[with(&entries)],
            whole.clone(),
        );
        let branches = limit(EntryKind::Branches, 2, 0x10);
        let with_branches = with(&[entries.as_slice(), &[&branches]].concat());
        self.gives("the same with the branches that a device uses", "read_practice", &[with_branches], whole);
        let before = &entries[..3];
        let and = |more: &[&Vec<u8>]| with(&[before, more].concat());
        let mut forged = removal.clone();
        // The device's own signature stands among the wraps, before what the removal puts in force.
        let at = forged.len() - 64 - (4 + 16 + 4 + opened.earlier.len()) - (4 + 32) - 4 - (4 + 32) - 1;
        forged[at] ^= 1;
        let message = forged.len() - 64;
        let again = old.sign(labels::ROSTER, &forged[..message]);
        forged[message..].copy_from_slice(&again.0);
        self.refused("a removal that its author did not sign", "read_practice", &[and(&[&forged])]);
        self.refused(
            "a changed removal",
            "read_practice",
            &[json!([hex(&genesis), hex(&second_in), hex(&third_in), flipped(&removal)])],
        );
        let late = admit(&removal, 0x10, &device(0x40, "Phone"), &old);
        self.refused("an admission by the authority that was replaced", "read_practice", &[and(&[&removal, &late])]);
        let back = admit(&removal, 0x10, &third, &Signer::new(&new));
        self.refused("an admission of a device that was removed", "read_practice", &[and(&[&removal, &back])]);
        let unsigned = flipped(&branches);
        let all: Vec<Value> =
            before.iter().chain([&&removal]).map(|entry| json!(hex(entry))).chain([unsigned]).collect();
        self.refused("branches that their author did not sign", "read_practice", &[json!(all)]);
        let own = limit(EntryKind::Cut, 4, 0x30);
        self.refused("a cut by the removed device", "read_practice", &[and(&[&removal, &own])]);
        // An admission that did not know of the removal, whoever made it, and what the removed device does in its own name.
        let phone = device(0x40, "Phone");
        let smuggled = admit(&third_in, 0x20, &phone, &old);
        let mut both = [&removal, &smuggled];
        both.sort_by_key(|entry| hash(entry));
        let none: [Value; 0] = [];
        let mut gone = [(third.id, listed(&third)), (phone.id, listed(&phone))];
        gone.reverse();
        let gone: Vec<Value> = gone.into_iter().map(|(_, listed)| listed).collect();
        let whole = json!([stays.clone(), gone, hex(public.0), none, hex(number.0)]);
        self.gives("an admission beside a removal", "read_practice", &[and(&both)], whole);
        let with = [hex([0x21; 32]), context(labels::REMOVAL, &[&second.id.0]), hex(&wraps[2].bytes)];
        self.gives("the epoch that a removal hands over", "unwrap", &with, hex([0xE6; 32]));
        let with = [hex([0x22; 32]), context(labels::REMOVAL_AUTHORITY, &[&second.id.0]), hex(&wraps[3].bytes)];
        self.gives("the authority that a removal hands over", "unwrap", &with, hex([0xA1; 32]));
    }

    /// Another recovery kit, of two made at the same time the one made last, and one beside its author's removal.
    pub(super) fn recovery(&mut self) {
        let mut stream = Stream::new();
        let (authority, new) = (Signer::new(&key::<AuthorityRole>(0xA0)), key::<AuthorityRole>(0xA1));
        let (first, second) = (device(0x10, "Office"), device(0x20, "Laptop"));
        let kit = |byte| WrapPublic::of(&key::<RecoveryRole>(byte));
        let hash = |entry: &[u8]| Entry::parse(entry).unwrap().hash();
        let genesis = Entry::genesis(NOW, first.clone(), vec![kit(0x4B)], &key(0xE5), &authority);
        let by = SignedBy { device: &signer(0x10), authority: &authority };
        let second_in = Entry::admission(NOW + 1, [hash(&genesis)], second.clone(), handed(), &by);
        let renew = |by: u8, byte: u8, time: u64| {
            let by = SignedBy { device: &signer(by), authority: &authority };
            Entry::recovery(time, [hash(&second_in)], vec![kit(byte)], &by)
        };
        let (earlier, later) = (renew(0x10, 0x4C, NOW + 2), renew(0x20, 0x4D, NOW + 3));
        let none: [Value; 0] = [];
        let with = |more: &[&Vec<u8>]| {
            let mut more = more.to_vec();
            more.sort_by_key(|entry| hash(entry));
            let entries = [&[&genesis, &second_in], more.as_slice()].concat();
            json!(entries.iter().map(hex).collect::<Vec<_>>())
        };
        let both = json!([listed(&first), listed(&second)]);
        let said = |byte| json!([both, none, hex(authority.public_key().0), none, hex(kit(byte).fingerprint().0)]);
        self.gives("another recovery kit", "read_practice", &[with(&[&earlier])], said(0x4C));
        self.gives("two recovery kits at the same time", "read_practice", &[with(&[&earlier, &later])], said(0x4D));
        let wraps = roster::removal_wraps(&[&first], &key(0xE6), &new, &mut stream);
        let opened =
            roster::NewEpoch::new(&key(0xE6), [(&EPOCH, &key(0xE5))], Signer::new(&new).public_key(), &mut stream);
        let public = opened.authority;
        let by = SignedBy { device: &signer(0x10), authority: &authority };
        let gone = Entry::removal(NOW + 4, [hash(&second_in)], vec![second.clone()], wraps, opened, &by);
        let number = hex(kit(0x4B).fingerprint().0);
        let void = json!([[listed(&first)], [listed(&second)], hex(public.0), none, number]);
        self.gives("a recovery kit beside its author's removal", "read_practice", &[with(&[&later, &gone])], void);
        // The device's own signature stands among the wraps, before four counts, the key and the authority's signature.
        let mut forged = earlier.clone();
        let message = forged.len() - 64;
        forged[message - 4 - 4 - 1216 - 4 - 4 - 1] ^= 1;
        let again = authority.sign(labels::ROSTER, &forged[..message]);
        forged[message..].copy_from_slice(&again.0);
        self.refused("a recovery kit that its author did not sign", "read_practice", &[with(&[&forged])]);
        let with = json!([hex(&genesis), hex(&second_in), flipped(&earlier)]);
        self.refused("a changed recovery kit", "read_practice", &[with]);
    }

    pub(super) fn pairing(&mut self) {
        let (mut stream, code_bytes) = (Stream::new(), random::<10>(&mut Stream::new()));
        let secrets = Code::random(&mut stream).stretch(Policy::Real).unwrap();
        let again = || Code::random(&mut Stream::new()).stretch(Policy::Real).unwrap().psk;
        let (psk, endpoints) = (*secrets.psk.expose(), Endpoints { joiner: [0x1A; 32], inviter: [0x1B; 32] });
        let (joiner, request) = Joiner::start(secrets.psk, endpoints, &mut stream);
        // The one-time key is the next that comes out of the stream after the code.
        let mut same = Stream::new();
        Code::random(&mut same);
        let (seed, nonce) = (random::<32>(&mut same), random::<32>(&mut same));
        let mut invitation = Invitation::new(again(), 0);
        let (inviter, answer) = invitation.answer(endpoints, &request, 0, &mut stream).unwrap();
        let (waiting, proof) = joiner.prove(&answer, b"an introduction", &mut stream).unwrap();
        let asking = invitation.introduced(inviter, &proof, 0).unwrap();
        let welcome = asking.welcome(b"a welcome", &mut stream);
        assert_eq!(waiting.compare(), asking.compare());
        let salt = hex(&kdf::sha256(labels::PAIRING_CODE).0[..16]);
        let with = [hex(code_bytes), salt, json!(3), json!(64 << 10), json!(1), json!(48)];
        self.gives("a pairing code, stretched", "argon2id", &with, hex([psk.as_slice(), &secrets.rendezvous].concat()));
        let (ciphertext, said) = answer.split_at(kem::CIPHERTEXT_LEN);
        let shared = kem::decapsulate(&Key::<WrapRole>::take(&mut seed.clone()), ciphertext).unwrap();
        let both = json!([hex(&request[13..13 + 1_216]), hex(shared.expose())]);
        self.gives("the secret sent to the joiner", "decapsulate", &[hex(seed), hex(ciphertext)], both);
        let with =
            [label(labels::PAIRING_TRANSCRIPT), hex([0x1A; 32]), hex([0x1B; 32]), hex(&request), hex(ciphertext)];
        let first = kdf::hash(labels::PAIRING_TRANSCRIPT, &[&[0x1A; 32], &[0x1B; 32], &request, ciphertext]).0;
        self.gives("the transcript T1", "labelled", &with, hex(first));
        let agreed: Key<WrapRole> =
            kdf::derive_joint(&Key::<WrapRole>::take(&mut psk.clone()), &shared, labels::PAIRING_KEY, &first);
        let with = [hex(psk), hex(shared.expose()), label(labels::PAIRING_KEY), hex(first)];
        self.gives("the key that both agree on", "derive_joint", &with, hex(agreed.expose()));
        let under = |label| hex(kdf::derive::<_, WrapRole>(&agreed, label, b"").expose());
        let next = |before: [u8; 32], message: &[u8]| kdf::hash(labels::PAIRING_TRANSCRIPT, &[&before, message]).0;
        let second = next(first, &answer);
        let with = [under(labels::PAIRING_INVITER), label(labels::PAIRING_INVITER), hex(first), hex(b"")];
        self.gives("the inviter's proof", "mac", &with, hex(said));
        let (sealed, said) = proof.split_at(proof.len() - 32);
        let with = [under(labels::PAIRING_JOINER), label(labels::PAIRING_JOINER), hex(second), hex(sealed)];
        self.gives("the joiner's proof", "mac", &with, hex(said));
        let introduction = labels::PAIRING_INTRODUCTION;
        let with = [under(introduction), context(introduction, &[&second]), hex(sealed)];
        self.gives("the introduction", "unseal", &with, hex([nonce.as_slice(), b"an introduction"].concat()));
        let with = [label(labels::PAIRING_COMMITMENT), hex(nonce)];
        self.gives("what the request says of the nonce", "labelled", &with, hex(&request[13 + 1_216..]));
        let with = [under(labels::PAIRING_WORDS), label(labels::PAIRING_WORDS), hex(second), hex(nonce)];
        let words = kdf::mac::<WrapRole>(
            &kdf::derive(&agreed, labels::PAIRING_WORDS, b""),
            labels::PAIRING_WORDS,
            &[&second, &nonce],
        );
        self.gives("the words that both screens show, in the first 22 bits", "mac", &with, hex(words.0));
        assert_eq!(asking.compare().to_string(), "mind soup");
        let third = next(second, &proof);
        let with = [under(labels::PAIRING_WELCOME), context(labels::PAIRING_WELCOME, &[&third]), hex(welcome)];
        self.gives("the welcome", "unseal", &with, text("a welcome"));
    }
}
