use subrosa_base::entropy::Os;

use super::*;
use crate::kdf::Policy;
use crate::secret::{Key, PairingRole};

const NOW: u64 = 1_000_000;
const ENDS: Endpoints = Endpoints { joiner: [1; 32], inviter: [2; 32] };

fn psk(byte: u8) -> Key<PairingRole> {
    Key::take(&mut [byte; 32])
}

fn invitation(code: u8) -> Invitation {
    Invitation::new(psk(code), NOW)
}

/// A joiner with the right code that has received its answer.
fn answered(invitation: &Invitation, now_ms: u64) -> (Joiner, Inviter, Vec<u8>) {
    let (joiner, request) = Joiner::start(psk(7), ENDS, &mut Os);
    let (inviter, answer) = invitation.answer(ENDS, &request, now_ms, &mut Os).unwrap();
    (joiner, inviter, answer)
}

#[test]
fn two_devices_with_the_same_words_hand_over_a_practice() {
    let code = Code::random(&mut Os);
    let typed = Code::parse(&code.words()).unwrap();
    let mut invitation = Invitation::new(code.stretch(Policy::Tests).unwrap().psk, NOW);
    let (joiner, request) = Joiner::start(typed.stretch(Policy::Tests).unwrap().psk, ENDS, &mut Os);
    let (inviter, answer) = invitation.answer(ENDS, &request, NOW, &mut Os).unwrap();
    let (waiting, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    let asking = invitation.introduced(inviter, &proof, NOW + 1).unwrap();
    assert_eq!(asking.introduction(), b"Laptop");
    let welcome = asking.welcome(b"the keys", &mut Os);
    assert_eq!(waiting.welcome(&welcome).unwrap().as_slice(), b"the keys");
    assert_eq!(waiting.welcome(&welcome).unwrap().as_slice(), b"the keys", "delivered twice");
    for message in [&request, &answer, &proof, &welcome] {
        assert!(!message.windows(4).any(|seen| seen == b"keys" || seen == b"Lapt"));
    }
}

#[test]
fn both_screens_show_the_same_two_words_and_others_when_somebody_who_read_the_code_is_between_them() {
    let mut code = invitation(7);
    let (joiner, inviter, answer) = answered(&code, NOW);
    let (waiting, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    assert_eq!(waiting.compare(), code.introduced(inviter, &proof, NOW).unwrap().compare());
    // He joins the one and invites the other, with the same eight words.
    let (mut code, his) = (invitation(7), invitation(7));
    let (towards, inviter, answer) = answered(&code, NOW);
    let (_, proof) = towards.prove(&answer, b"Laptop", &mut Os).unwrap();
    let (joiner, _, answer) = answered(&his, NOW);
    let (waiting, _) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    assert_ne!(waiting.compare(), code.introduced(inviter, &proof, NOW).unwrap().compare());
}

#[test]
fn a_joiner_that_shows_another_nonce_than_it_committed_itself_to_is_refused() {
    let mut code = invitation(7);
    let (joiner, request) = Joiner::start(psk(7), ENDS, &mut Os);
    let mut other = request.clone();
    *other.last_mut().unwrap() ^= 1;
    // Whoever can change the request can make both sides see the changed one; it is the proof that does not fit it.
    let joiner = joiner.asking_otherwise(other.clone());
    let (inviter, answer) = code.answer(ENDS, &other, NOW, &mut Os).unwrap();
    let (_, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    assert_eq!(code.introduced(inviter, &proof, NOW).err(), Some(PairingError::NotAMessage));
}

#[test]
fn a_joiner_with_another_code_learns_so_before_it_says_who_it_is() {
    let invitation = invitation(7);
    let (joiner, request) = Joiner::start(psk(8), ENDS, &mut Os);
    let (_, answer) = invitation.answer(ENDS, &request, NOW, &mut Os).unwrap();
    assert_eq!(joiner.prove(&answer, b"Laptop", &mut Os).err(), Some(PairingError::WrongCode));
}

#[test]
fn a_man_in_the_middle_with_another_code_gets_nothing_from_either_side() {
    // Towards the joiner he plays the inviting device, with a code of his own.
    let (joiner, request) = Joiner::start(psk(7), ENDS, &mut Os);
    let (_, answer) = invitation(66).answer(ENDS, &request, NOW, &mut Os).unwrap();
    assert_eq!(joiner.prove(&answer, b"Laptop", &mut Os).err(), Some(PairingError::WrongCode));
    // Towards the inviting device he plays the joiner: he has the shared secret, and not the words.
    let mut theirs = invitation(7);
    let (attacker, request) = Joiner::start(psk(66), ENDS, &mut Os);
    let (inviter, _) = theirs.answer(ENDS, &request, NOW, &mut Os).unwrap();
    let his = invitation(66);
    let (_, his_answer) = his.answer(ENDS, &request, NOW, &mut Os).unwrap();
    let (_, proof) = attacker.prove(&his_answer, b"Laptop", &mut Os).unwrap();
    assert_eq!(theirs.introduced(inviter, &proof, NOW).err(), Some(PairingError::WrongCode));
}

#[test]
fn a_man_in_the_middle_who_passes_messages_on_between_his_own_endpoints_is_found_out() {
    let invitation = invitation(7);
    let (joiner, request) = Joiner::start(psk(7), Endpoints { inviter: [66; 32], ..ENDS }, &mut Os);
    let theirs = Endpoints { joiner: [66; 32], ..ENDS };
    let (_, answer) = invitation.answer(theirs, &request, NOW, &mut Os).unwrap();
    assert_eq!(joiner.prove(&answer, b"Laptop", &mut Os).err(), Some(PairingError::WrongCode));
}

#[test]
fn swapped_endpoints_are_another_conversation() {
    let invitation = invitation(7);
    let (joiner, request) = Joiner::start(psk(7), ENDS, &mut Os);
    let swapped = Endpoints { joiner: ENDS.inviter, inviter: ENDS.joiner };
    let (_, answer) = invitation.answer(swapped, &request, NOW, &mut Os).unwrap();
    assert_eq!(joiner.prove(&answer, b"Laptop", &mut Os).err(), Some(PairingError::WrongCode));
}

#[test]
fn a_replayed_request_is_answered_and_gets_no_further() {
    let mut invitation = invitation(7);
    let (joiner, request) = Joiner::start(psk(7), ENDS, &mut Os);
    let (first, answer) = invitation.answer(ENDS, &request, NOW, &mut Os).unwrap();
    let (_, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    // Whoever recorded request and proof sends both again.
    let (second, other_answer) = invitation.answer(ENDS, &request, NOW, &mut Os).unwrap();
    assert_ne!(answer, other_answer);
    assert_eq!(invitation.introduced(second, &proof, NOW).err(), Some(PairingError::WrongCode));
    assert!(invitation.introduced(first, &proof, NOW).is_ok(), "the first conversation is untouched");
}

#[test]
fn every_changed_byte_of_every_message_is_refused() {
    let flipped = |message: &[u8], at: usize| {
        let mut changed = message.to_vec();
        changed[at] ^= 0x40;
        changed
    };
    let mut code = invitation(7);
    let (joiner, inviter, answer) = answered(&code, NOW);
    let (waiting, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    let welcome = code.introduced(inviter, &proof, NOW).unwrap().welcome(b"the keys", &mut Os);
    for at in 0..welcome.len() {
        assert_eq!(waiting.welcome(&flipped(&welcome, at)).err(), Some(PairingError::Damaged), "welcome, byte {at}");
    }
    for at in (0..answer.len()).step_by(97).chain(answer.len() - 32..answer.len()) {
        let (joiner, _, answer) = answered(&invitation(7), NOW);
        let refused = joiner.prove(&flipped(&answer, at), b"Laptop", &mut Os).err().unwrap();
        assert!(matches!(refused, PairingError::WrongCode | PairingError::NotAMessage), "answer, byte {at}");
    }
    for at in (0..proof.len()).step_by(7) {
        let mut code = invitation(7);
        let (joiner, inviter, answer) = answered(&code, NOW);
        let (_, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
        let refused = code.introduced(inviter, &flipped(&proof, at), NOW).err();
        assert_eq!(refused, Some(PairingError::WrongCode), "proof, byte {at}");
    }
}

#[test]
fn garbage_cut_messages_and_other_versions_are_refused() {
    let mut invitation = invitation(7);
    let (_, request) = Joiner::start(psk(7), ENDS, &mut Os);
    let magic = exchange::MAGIC.len();
    let [earlier, later] = [1, 3].map(|version| [&request[..magic], &[version], &request[magic + 1..]].concat());
    for _ in 0..10 {
        for garbage in [
            &b""[..],
            b"hello",
            &request[..magic],
            &request[..request.len() - 1],
            &[0; 1229],
            &[request.clone(), vec![0]].concat(),
        ] {
            let refused = invitation.answer(ENDS, garbage, NOW, &mut Os).err();
            assert_eq!(refused, Some(PairingError::NotAMessage));
        }
        assert_eq!(invitation.answer(ENDS, &later, NOW, &mut Os).err(), Some(PairingError::Newer));
        assert_eq!(invitation.answer(ENDS, &earlier, NOW, &mut Os).err(), Some(PairingError::Older));
    }
    let (joiner, inviter, answer) = answered(&invitation, NOW);
    assert_eq!(invitation.introduced(inviter, &[0; 31], NOW).err(), Some(PairingError::NotAMessage));
    let (_, inviter, _) = answered(&invitation, NOW);
    assert_eq!(invitation.introduced(inviter, &vec![0; 64 * 1024 + 1], NOW).err(), Some(PairingError::NotAMessage));
    assert_eq!(joiner.prove(&answer[..31], b"", &mut Os).err(), Some(PairingError::NotAMessage));
}

#[test]
fn a_proof_is_looked_at_up_to_so_many_bytes() {
    let mut invitation = invitation(7);
    for (len, is_read) in [(64 * 1024, true), (64 * 1024 + 1, false)] {
        let (_, inviter, _) = answered(&invitation, NOW);
        let refused = invitation.introduced(inviter, &vec![0; len], NOW).err();
        assert_eq!(refused != Some(PairingError::NotAMessage), is_read, "{len}: {refused:?}");
    }
}

#[test]
fn a_code_ends_after_five_minutes_at_every_step() {
    let last = NOW + LIFETIME_MS - 1;
    let mut code = invitation(7);
    let (joiner, inviter, answer) = answered(&code, last);
    let (_, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    assert_eq!(code.introduced(inviter, &proof, last + 1).err(), Some(PairingError::Expired));
    let (_, request) = Joiner::start(psk(7), ENDS, &mut Os);
    for now in [last + 1, u64::MAX, NOW - 1, 0] {
        assert_eq!(code.answer(ENDS, &request, now, &mut Os).err(), Some(PairingError::Expired), "{now}");
    }
    assert_eq!(code.check(last), Ok(()));
}

#[test]
fn a_code_lets_one_device_in_and_no_second() {
    let mut code = invitation(7);
    let (joiner, inviter, answer) = answered(&code, NOW);
    let (other, other_inviter, other_answer) = answered(&code, NOW);
    let (_, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    let (_, other_proof) = other.prove(&other_answer, b"Tablet", &mut Os).unwrap();
    assert!(code.introduced(inviter, &proof, NOW).is_ok());
    assert_eq!(code.introduced(other_inviter, &other_proof, NOW).err(), Some(PairingError::Used));
    assert_eq!(code.check(NOW), Err(PairingError::Used));
}

#[test]
fn whoever_only_asks_voids_no_code() {
    let mut code = invitation(7);
    for _ in 0..100 {
        answered(&code, NOW);
    }
    let (joiner, inviter, answer) = answered(&code, NOW);
    let (_, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    assert!(code.introduced(inviter, &proof, NOW).is_ok());
}

#[test]
fn strangers_whose_proofs_fail_void_no_code_until_they_are_many() {
    let mut code = invitation(7);
    let (joiner, early, answer) = answered(&code, NOW);
    let (_, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    for failed in 1..=TRIES {
        let (_, inviter, _) = answered(&code, NOW);
        let expected = if failed < TRIES { PairingError::WrongCode } else { PairingError::Burnt };
        assert_eq!(code.introduced(inviter, &[0; 200], NOW).err(), Some(expected));
    }
    assert_eq!(code.check(NOW), Err(PairingError::Burnt));
    assert_eq!(code.introduced(early, &proof, NOW).err(), Some(PairingError::Burnt));
    let (_, request) = Joiner::start(psk(7), ENDS, &mut Os);
    assert_eq!(code.answer(ENDS, &request, NOW, &mut Os).err(), Some(PairingError::Burnt));
}

#[test]
fn the_right_proof_succeeds_after_as_many_that_failed_as_may() {
    let mut code = invitation(7);
    for _ in 1..TRIES {
        let (_, inviter, _) = answered(&code, NOW);
        assert_eq!(code.introduced(inviter, &[0; 200], NOW).err(), Some(PairingError::WrongCode));
    }
    let (joiner, inviter, answer) = answered(&code, NOW);
    let (_, proof) = joiner.prove(&answer, b"Laptop", &mut Os).unwrap();
    assert!(code.introduced(inviter, &proof, NOW).is_ok());
}

#[test]
fn every_ending_has_a_sentence_of_its_own() {
    use PairingError::{Burnt, Damaged, Expired, Newer, NotAMessage, Older, Used, WrongCode};
    let sentences: std::collections::BTreeSet<String> =
        [WrongCode, NotAMessage, Newer, Older, Damaged, Expired, Used, Burnt].map(|error| error.to_string()).into();
    assert_eq!(sentences.len(), 8);
}
