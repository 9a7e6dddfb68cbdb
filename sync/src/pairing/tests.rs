use std::sync::{Arc, Mutex};

use super::inviter::UNPROVEN;
use super::*;
use crate::id::{ConnId, EndpointId};

/// What both sides came to believe.
#[derive(Default)]
struct Truth {
    answered: usize,
    failed: usize,
    admitted: usize,
    accepted: usize,
    settled: usize,
    forgotten: Vec<EndpointId>,
}

struct Code {
    code: u8,
    fault: Option<Refused>,
    welcome: usize,
    truth: Arc<Mutex<Truth>>,
}

impl InviterCrypto for Code {
    fn answer(&mut self, request: &[u8], _: EndpointId) -> Result<Vec<u8>, Refused> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut truth = self.truth.lock().unwrap();
        truth.answered += 1;
        if truth.failed >= 3 { Err(Refused::Burnt) } else { Ok([&[self.code], request].concat()) }
    }

    fn forget(&mut self, joiner: EndpointId) {
        self.truth.lock().unwrap().forgotten.push(joiner);
    }

    fn introduced(&mut self, proof: &[u8], _: EndpointId) -> Result<Introduced, Refused> {
        if proof == [self.code, 9] {
            return Ok(Introduced { name: "Laptop".into(), compare: "apple zebra".into() });
        }
        let mut truth = self.truth.lock().unwrap();
        truth.failed += 1;
        Err(if truth.failed >= 3 { Refused::Burnt } else { Refused::WrongCode })
    }

    fn welcome(&mut self, most: usize) -> Result<Vec<u8>, Refused> {
        if self.welcome > most {
            return Err(Refused::Unable);
        }
        self.truth.lock().unwrap().admitted += 1;
        Ok(vec![5; self.welcome])
    }

    fn settled(&mut self) {
        self.truth.lock().unwrap().settled += 1;
    }
}

/// Somebody who has no code and sends a proof all the same.
struct Guesses;

impl JoinerCrypto for Guesses {
    fn request(&mut self) -> Vec<u8> {
        vec![3, 3]
    }

    fn prove(&mut self, _: &[u8]) -> Result<Vec<u8>, Refused> {
        Ok(vec![3, 9])
    }

    fn accept(&mut self, _: &[u8]) -> Result<(), Refused> {
        panic!("nothing is handed to it")
    }
}

struct Typed(u8, Arc<Mutex<Truth>>);

impl JoinerCrypto for Typed {
    fn request(&mut self) -> Vec<u8> {
        vec![self.0, 7]
    }

    fn prove(&mut self, answer: &[u8]) -> Result<Vec<u8>, Refused> {
        if answer[0] == self.0 { Ok(vec![self.0, 9]) } else { Err(Refused::WrongCode) }
    }

    fn accept(&mut self, _: &[u8]) -> Result<(), Refused> {
        self.1.lock().unwrap().accepted += 1;
        Ok(())
    }
}

/// An inviter, a joiner, and a line that may lose everything after so many messages.
struct Room {
    inviter: Inviter,
    joiner: Joiner,
    truth: Arc<Mutex<Truth>>,
    says: bool,
    invited: Option<Result<(), PairingError>>,
    joined: Option<Result<(), PairingError>>,
    next: u64,
}

impl Room {
    fn new(code: u8, typed: u8, fault: Option<Refused>) -> Self {
        Self::with_welcome(code, typed, fault, 100_000)
    }

    /// A room whose welcome has so many bytes.
    fn with_welcome(code: u8, typed: u8, fault: Option<Refused>, welcome: usize) -> Self {
        let truth = Arc::<Mutex<Truth>>::default();
        let inviter = Inviter::new(Box::new(Code { code, fault, welcome, truth: truth.clone() }));
        let joiner = Joiner::new(Box::new(Typed(typed, truth.clone())));
        Self { inviter, joiner, truth, says: true, invited: None, joined: None, next: 0 }
    }

    /// One connection that breaks after `messages` of them. True if it broke.
    fn connect(&mut self, mut messages: usize) -> bool {
        let conn = ConnId(self.next);
        self.next += 1;
        self.inviter.connected(conn, EndpointId([1; 32]));
        let mut to_inviter = self.joiner.connected().frames;
        while !to_inviter.is_empty() {
            let mut to_joiner = Vec::new();
            for bytes in std::mem::take(&mut to_inviter) {
                if messages == 0 {
                    return self.breaks(conn);
                }
                messages -= 1;
                let effects = self.inviter.received(conn, &bytes);
                let decided = effects.ask.is_some().then(|| self.inviter.decided(self.says));
                for effects in [Some(effects), decided].into_iter().flatten() {
                    self.invited = effects.outcome.or(self.invited);
                    to_joiner.extend(effects.frames.into_iter().map(|(_, bytes)| bytes));
                }
            }
            for bytes in to_joiner {
                if messages == 0 {
                    return self.breaks(conn);
                }
                messages -= 1;
                let effects = self.joiner.received(&bytes);
                self.joined = effects.outcome.or(self.joined);
                to_inviter.extend(effects.frames);
            }
        }
        false
    }

    fn breaks(&mut self, conn: ConnId) -> bool {
        self.inviter.lost(conn);
        self.joined = self.joiner.lost().outcome.or(self.joined);
        true
    }
}

fn refused(why: Refused) -> Option<Result<(), PairingError>> {
    Some(Err(PairingError::Refused(why)))
}

#[test]
fn a_device_with_the_right_code_joins_when_the_person_says_yes() {
    let mut room = Room::new(1, 1, None);
    assert!(!room.connect(99));
    assert_eq!((room.invited, room.joined), (Some(Ok(())), Some(Ok(()))));
    let truth = room.truth.lock().unwrap();
    assert_eq!((truth.admitted, truth.accepted, truth.settled), (1, 1, 1));
}

#[test]
fn a_break_after_any_message_leaves_one_truth_and_the_same_code_goes_on() {
    for messages in 0..5 {
        let mut room = Room::new(1, 1, None);
        assert!(room.connect(messages), "{messages}");
        room.connect(99);
        assert_eq!(room.joined, Some(Ok(())), "{messages}");
        assert!(room.inviter.has_admitted());
        let truth = room.truth.lock().unwrap();
        assert_eq!((truth.answered, truth.admitted, truth.accepted), (1, 1, 1), "{messages}");
    }
}

#[test]
fn a_wrong_code_is_said_and_hands_over_nothing_and_the_right_one_still_works() {
    let mut room = Room::new(1, 2, None);
    room.connect(99);
    assert_eq!((room.invited, room.joined), (None, refused(Refused::WrongCode)));
    room.joiner = Joiner::new(Box::new(Typed(1, room.truth.clone())));
    room.connect(99);
    assert_eq!(room.joined, Some(Ok(())));
}

#[test]
fn whoever_asks_with_other_codes_however_often_voids_nothing() {
    let mut room = Room::new(1, 0, None);
    for typed in 2..30 {
        room.joiner = Joiner::new(Box::new(Typed(typed, room.truth.clone())));
        room.connect(99);
        assert_eq!((room.invited, room.joined), (None, refused(Refused::WrongCode)));
    }
    room.joiner = Joiner::new(Box::new(Typed(1, room.truth.clone())));
    room.connect(99);
    assert_eq!(room.joined, Some(Ok(())));
}

#[test]
fn too_many_proofs_that_fail_void_the_code_for_good() {
    let mut room = Room::new(1, 0, None);
    for _ in 0..3 {
        room.joiner = Joiner::new(Box::new(Guesses));
        room.connect(99);
    }
    assert_eq!((room.invited, room.joined), (refused(Refused::Burnt), refused(Refused::Burnt)));
    room.joiner = Joiner::new(Box::new(Typed(1, room.truth.clone())));
    room.connect(99);
    assert_eq!((room.joined, room.truth.lock().unwrap().admitted), (refused(Refused::UsedUp), 0));
}

#[test]
fn a_welcome_that_does_not_fit_admits_nobody_and_ends_the_invitation_and_the_longest_that_fits_is_delivered() {
    let mut room = Room::with_welcome(1, 1, None, WELCOME_LIMIT);
    room.connect(99);
    assert_eq!((room.invited, room.joined), (Some(Ok(())), Some(Ok(()))));
    let mut room = Room::with_welcome(1, 1, None, WELCOME_LIMIT + 1);
    room.connect(99);
    assert_eq!((room.invited, room.joined), (refused(Refused::Unable), refused(Refused::Unable)));
    assert_eq!((room.truth.lock().unwrap().admitted, room.inviter.has_admitted()), (0, false));
}

#[test]
fn an_expired_code_and_a_refusal_by_the_person_end_the_invitation_each_in_its_own_words() {
    let mut expired = Room::new(1, 1, Some(Refused::Expired));
    expired.connect(99);
    assert_eq!((expired.invited, expired.joined), (refused(Refused::Expired), refused(Refused::Expired)));
    let mut unwanted = Room::new(1, 1, None);
    unwanted.says = false;
    unwanted.connect(99);
    assert_eq!((unwanted.invited, unwanted.joined), (refused(Refused::ByPerson), refused(Refused::ByPerson)));
    assert_eq!(unwanted.truth.lock().unwrap().admitted, 0);
}

#[test]
fn a_code_that_has_admitted_one_device_admits_no_other() {
    let mut room = Room::new(1, 1, None);
    room.connect(4);
    struct Other;
    impl JoinerCrypto for Other {
        fn request(&mut self) -> Vec<u8> {
            vec![1, 8]
        }
        fn prove(&mut self, _: &[u8]) -> Result<Vec<u8>, Refused> {
            Ok(vec![1, 9])
        }
        fn accept(&mut self, _: &[u8]) -> Result<(), Refused> {
            panic!("nothing is handed to it")
        }
    }
    room.joiner = Joiner::new(Box::new(Other));
    room.connect(99);
    assert_eq!((room.joined, room.truth.lock().unwrap().admitted), (refused(Refused::UsedUp), 1));
}

#[test]
fn nobody_pushes_aside_a_device_that_has_proven_itself_and_waits_for_the_person() {
    let mut room = Room::new(1, 1, None);
    let (honest, other) = (EndpointId([1; 32]), EndpointId([2; 32]));
    room.inviter.connected(ConnId(0), honest);
    let answer = room.inviter.received(ConnId(0), &room.joiner.connected().frames[0]).frames.remove(0).1;
    let proof = room.joiner.received(&answer).frames.remove(0);
    assert_eq!(room.inviter.received(ConnId(0), &proof).ask.map(|asked| asked.name).as_deref(), Some("Laptop"));
    assert_eq!(room.inviter.connected(ConnId(1), other).close, [ConnId(1)]);
    assert_eq!(room.inviter.connected(ConnId(2), honest).close, [ConnId(0)]);
}

#[test]
fn strangers_who_connect_and_ask_push_nobody_out_and_the_first_proof_decides() {
    let mut room = Room::new(1, 1, None);
    let asks = [&3_u32.to_le_bytes()[..], &[kind::REQUEST, 4, 4]].concat();
    let stranger = |room: &mut Room, n: u8| {
        let conn = ConnId(u64::from(n));
        let closed = room.inviter.connected(conn, EndpointId([n; 32])).close;
        assert_eq!(room.inviter.received(conn, &asks).frames.len(), 1, "{n} is answered");
        closed
    };
    assert_eq!(stranger(&mut room, 10), []);
    room.inviter.connected(ConnId(1), EndpointId([1; 32]));
    let answer = room.inviter.received(ConnId(1), &room.joiner.connected().frames[0]).frames.remove(0).1;
    let last = u8::try_from(UNPROVEN).unwrap() + 9;
    for n in 11..last {
        assert_eq!(stranger(&mut room, n), [], "{n}");
    }
    assert_eq!(stranger(&mut room, last), [ConnId(10)], "of more, the oldest gives way");
    let proof = room.joiner.received(&answer).frames.remove(0);
    let effects = room.inviter.received(ConnId(1), &proof);
    assert_eq!(effects.ask.map(|asked| asked.name).as_deref(), Some("Laptop"));
    assert_eq!(effects.close, (11..=last).map(|n| ConnId(u64::from(n))).collect::<Vec<_>>());
    assert!(effects.frames.iter().all(|(conn, bytes)| *conn != ConnId(1) && bytes[4] == kind::REFUSED));
    assert_eq!(room.truth.lock().unwrap().forgotten.len(), UNPROVEN);
    let welcome = room.inviter.decided(true).frames.remove(0);
    assert_eq!((welcome.0, welcome.1[4]), (ConnId(1), kind::WELCOME));
}

#[test]
fn a_proof_counts_for_the_end_that_was_answered_alone() {
    let mut room = Room::new(1, 1, None);
    room.inviter.connected(ConnId(1), EndpointId([1; 32]));
    let answer = room.inviter.received(ConnId(1), &room.joiner.connected().frames[0]).frames.remove(0).1;
    let proof = room.joiner.received(&answer).frames.remove(0);
    room.inviter.connected(ConnId(2), EndpointId([2; 32]));
    let effects = room.inviter.received(ConnId(2), &proof);
    assert_eq!((effects.ask, effects.close), (None, vec![ConnId(2)]));
    assert_eq!(room.inviter.received(ConnId(1), &proof).ask.map(|asked| asked.name).as_deref(), Some("Laptop"));
}

#[test]
fn garbage_and_frames_over_the_limit_are_refused_on_both_sides() {
    for bytes in [&[0xFF; 9][..], &[2, 0, 0, 0, 99, 1], &[1, 0, 0, 0, kind::DONE], &[2, 0, 0, 0, kind::PROOF, 1]] {
        let mut room = Room::new(1, 1, None);
        room.inviter.connected(ConnId(0), EndpointId([1; 32]));
        let effects = room.inviter.received(ConnId(0), bytes);
        assert_eq!((effects.close, effects.outcome), (vec![ConnId(0)], None), "{bytes:?}");
        room.joiner.connected();
        assert!(matches!(room.joiner.received(bytes).outcome, Some(Err(_))), "{bytes:?}");
    }
}
