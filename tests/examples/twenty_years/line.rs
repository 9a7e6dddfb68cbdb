//! What carries the conversations: in memory, frame by frame, in the order in which they were sent, and counted.

use std::collections::{BTreeMap, VecDeque};

use subrosa_core::vault::Millis;
use subrosa_sync::HELLO_LEN;
use subrosa_sync::id::{ConnId, EndpointId, Endpoints};
use subrosa_sync::session::{Effects, Role, Session, SessionEvent};
use subrosa_sync::wire::kind;

use crate::clock::Clock;
use crate::device::Device;

/// How often time is let pass until a conversation goes on that waited for another one.
const WAITS: usize = 20;
/// Longer than a conversation waits for another one.
const WAIT: Millis = 11_000;

/// A frame under way.
struct Parcel {
    from: usize,
    conn: ConnId,
    frame: Vec<u8>,
}

/// What one connection carried.
#[derive(Default)]
pub(crate) struct Carried {
    /// Times that the direction changed.
    pub(crate) turns: u64,
    /// Bytes of all frames but the hellos.
    pub(crate) bytes: u64,
    /// Bytes of frames that list all that a device holds, by the device.
    pub(crate) listed: BTreeMap<usize, u64>,
    /// When the first piece of a file was asked for.
    pub(crate) pieces_wanted: Option<Clock>,
    last: Option<usize>,
}

/// All connections there are.
#[derive(Default)]
pub(crate) struct Lines {
    ends: BTreeMap<ConnId, [usize; 2]>,
    under_way: VecDeque<Parcel>,
    carried: BTreeMap<ConnId, Carried>,
    made: u64,
    /// The conversations' own clock, which goes on while they wait.
    waited: Millis,
}

impl Lines {
    /// Whether a device of the practice listens to this one.
    pub(crate) fn is_heard(&self, device: usize) -> bool {
        self.ends.values().any(|ends| ends.contains(&device))
    }

    /// Connects two devices. Nothing arrives before [`Self::carry`].
    pub(crate) fn connect(&mut self, devices: &mut [Device], [from, to]: [usize; 2], now: Millis) -> ConnId {
        let conn = ConnId(self.made);
        self.made += 1;
        self.ends.insert(conn, [from, to]);
        self.carried.insert(conn, Carried::default());
        for (here, there, role) in [(from, to, Role::Dials), (to, from, Role::Answers)] {
            let endpoints = Endpoints { local: endpoint(here), remote: endpoint(there) };
            let now = self.time(now);
            let effects = device(devices, here).act(|hub, context| hub.open(conn, role, endpoints, now, context));
            self.take(here, effects);
        }
        conn
    }

    /// Ends a connection, in order.
    pub(crate) fn hang_up(&mut self, devices: &mut [Device], conn: ConnId, now: Millis) -> Carried {
        let ends = self.ends.remove(&conn).expect("the connection stands");
        for here in ends {
            let now = self.time(now);
            let effects = device(devices, here).act(|hub, context| hub.handle(conn, SessionEvent::Ended, now, context));
            self.take(here, effects);
        }
        self.carried.remove(&conn).unwrap_or_default()
    }

    /// Ends all connections.
    pub(crate) fn hang_up_all(&mut self, devices: &mut [Device], now: Millis) {
        while let Some((conn, _)) = self.ends.first_key_value().map(|(conn, ends)| (*conn, *ends)) {
            self.hang_up(devices, conn, now);
        }
    }

    /// Something was written on a device: those that listen are told.
    pub(crate) fn tell(&mut self, devices: &mut [Device], from: usize, now: Millis) {
        let now_here = self.time(now);
        let effects = device(devices, from).act(|hub, context| hub.changed(now_here, context));
        self.take(from, effects);
        self.carry(devices, now);
    }

    /// Carries until nobody wants anything more.
    pub(crate) fn carry(&mut self, devices: &mut [Device], now: Millis) {
        self.carry_watched(devices, now, &mut |_| {});
    }

    /// The same, and shows the devices after each frame.
    pub(crate) fn carry_watched(&mut self, devices: &mut [Device], now: Millis, see: &mut dyn FnMut(&[Device])) {
        for _ in 0..WAITS {
            while let Some(parcel) = self.under_way.pop_front() {
                self.deliver(devices, parcel, now);
                see(devices);
            }
            if self.are_quiet(devices) {
                return;
            }
            self.waited += WAIT;
            for here in 0..devices.len() {
                let now = self.time(now);
                let effects = device(devices, here).act(|hub, context| hub.tick(now, context));
                self.take(here, effects);
            }
        }
        assert!(self.are_quiet(devices), "the devices come to rest");
    }

    fn are_quiet(&self, devices: &[Device]) -> bool {
        self.ends.iter().all(|(conn, ends)| {
            let sessions = ends.iter().map(|end| devices.get(*end).and_then(|device| device.hub().session(*conn)));
            sessions.flatten().all(Session::is_quiet)
        })
    }

    fn deliver(&mut self, devices: &mut [Device], Parcel { from, conn, frame }: Parcel, now: Millis) {
        let Some(ends) = self.ends.get(&conn) else { return };
        let to = if ends[0] == from { ends[1] } else { ends[0] };
        let now = self.time(now);
        let effects =
            device(devices, to).act(|hub, context| hub.handle(conn, SessionEvent::Received(&frame), now, context));
        self.take(to, effects);
        if !self.under_way.iter().any(|parcel| parcel.from == from && parcel.conn == conn) {
            let effects =
                device(devices, from).act(|hub, context| hub.handle(conn, SessionEvent::Drained, now, context));
            self.take(from, effects);
        }
    }

    /// Does what follows on a device: frames are sent, and no conversation may end by a fault.
    fn take(&mut self, from: usize, all: Vec<(ConnId, Effects)>) {
        for (conn, effects) in all {
            if let Some(Err(why)) = effects.end {
                panic!("a conversation of device {from} ended: {why}");
            }
            for frame in effects.frames {
                self.count(conn, from, &frame);
                self.under_way.push_back(Parcel { from, conn, frame });
            }
        }
    }

    fn count(&mut self, conn: ConnId, from: usize, frame: &[u8]) {
        let carried = self.carried.entry(conn).or_default();
        if carried.last.replace(from) != Some(from) {
            carried.turns += 1;
        }
        // The hello is the one frame of its length that has none in front.
        let length = u64::try_from(frame.len()).expect("a frame is short");
        if frame.len() == HELLO_LEN && frame.first_chunk() != Some(&(length as u32 - 4).to_le_bytes()) {
            return;
        }
        carried.bytes += length;
        match frame {
            [_, _, _, _, kind::VECTOR, flags, ..] if flags & 2 != 0 => {
                *carried.listed.entry(from).or_default() += length;
            }
            [_, _, _, _, kind::WANT_PIECES, ..] => drop(carried.pieces_wanted.get_or_insert_with(Clock::start)),
            _ => {}
        }
    }

    fn time(&self, now: Millis) -> Millis {
        now + self.waited
    }
}

fn device(devices: &mut [Device], number: usize) -> &mut Device {
    devices.get_mut(number).expect("there is such a device")
}

fn endpoint(device: usize) -> EndpointId {
    EndpointId([u8::try_from(device).expect("there are few devices"); 32])
}
