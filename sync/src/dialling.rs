//! Whom to dial when: the devices of the practice, what was seen nearby, and what a person typed.
//!
//! A machine: the caller brings time and what happened, and dials what is due. Each is dialled until it is connected, with a
//! pause between two tries that doubles from one second to ten minutes and is shortened by up to a half by chance, so that two
//! devices do not keep missing or meeting each other. Whatever makes a try more likely to succeed begins anew: unlocking,
//! waking, another network, a record on the local network.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::address::{PeerAddress, RelayUrl};
use crate::id::{EndpointId, PeerId};
use crate::wire::limits;

/// Pause after the first try that failed, in milliseconds.
pub const FIRST_PAUSE_MS: u64 = 1_000;
/// The longest pause.
pub const LONGEST_PAUSE_MS: u64 = 600_000;
/// Tries that may be under way at a time.
pub const AT_ONCE: usize = 4;
/// Endpoints nearby that are kept of whom nobody knows yet which device they are.
pub const NEARBY_MAX: usize = 64;

/// A device of the practice, and where it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reachable {
    /// Which device.
    pub peer: PeerId,
    /// Its transport keys, the likeliest first.
    pub endpoints: Vec<EndpointId>,
    /// Where it was met last, or said that it is.
    pub direct: Vec<SocketAddr>,
    /// The relay on which it listens.
    pub relay: Option<RelayUrl>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Device(PeerId),
    /// It showed this practice's tag, or a person typed where it is.
    Endpoint(EndpointId),
}

#[derive(Default)]
struct Entry {
    endpoints: Vec<EndpointId>,
    direct: Vec<SocketAddr>,
    relay: Option<RelayUrl>,
    tries: u32,
    /// When it is dialled; never, while that is under way, unless it may be somewhere else, or it is connected.
    due: Option<u64>,
    /// Under which keys it is being dialled.
    dialled: Vec<EndpointId>,
}

/// Whom to dial when.
pub struct DialTable {
    targets: BTreeMap<Target, Entry>,
    connected: BTreeMap<EndpointId, PeerId>,
    /// State of xorshift64: pauses are to differ, nothing more.
    chance: u64,
}

impl DialTable {
    /// An empty table; `seed` sets its chance.
    pub fn new(seed: u64) -> Self {
        Self { targets: BTreeMap::new(), connected: BTreeMap::new(), chance: seed | 1 }
    }

    /// The devices of the practice but this one, in place of those told before. One of which something is new is dialled at
    /// once.
    pub fn devices(&mut self, devices: Vec<Reachable>, now: u64) {
        self.targets.retain(|target, _| match target {
            Target::Device(peer) => devices.iter().any(|device| device.peer == *peer),
            Target::Endpoint(_) => true,
        });
        for device in devices {
            let Reachable { peer, endpoints, mut direct, relay } = device;
            direct.truncate(limits::ADDRESSES);
            self.targets.retain(|target, _| !matches!(target, Target::Endpoint(it) if endpoints.contains(it)));
            let is_connected = self.is_connected(&peer);
            let entry = self.targets.entry(Target::Device(peer)).or_default();
            if (&entry.endpoints, &entry.direct, &entry.relay) == (&endpoints, &direct, &relay) {
                continue;
            }
            (entry.endpoints, entry.direct, entry.relay) = (endpoints, direct, relay);
            entry.tries = 0;
            if !is_connected {
                entry.due = Some(now);
            }
        }
    }

    /// An endpoint was seen nearby, or typed: it is dialled at once, where it is now.
    pub fn seen(&mut self, address: &PeerAddress, now: u64) {
        if self.connected.contains_key(&address.endpoint) {
            return;
        }
        let nearby = self.targets.keys().filter(|target| matches!(target, Target::Endpoint(_))).count();
        let of_device = self.targets.iter().find(|(_, entry)| entry.endpoints.contains(&address.endpoint));
        let target = match of_device {
            Some((Target::Device(peer), _)) if self.is_connected(peer) => return,
            Some((target, _)) => *target,
            None if nearby >= NEARBY_MAX => return,
            None => Target::Endpoint(address.endpoint),
        };
        let entry = self.targets.entry(target).or_default();
        entry.endpoints.retain(|it| *it != address.endpoint);
        entry.endpoints.insert(0, address.endpoint);
        entry.direct.retain(|it| !address.direct.contains(it));
        entry.direct.splice(0..0, address.direct.iter().copied());
        entry.direct.truncate(limits::ADDRESSES);
        entry.relay = address.relay.clone().or(entry.relay.take());
        entry.tries = 0;
        // A try that is under way may be to where it is no longer.
        entry.due = Some(now);
    }

    /// Something changed that may bring any of them nearer: another network, a computer that woke.
    pub fn wake(&mut self, now: u64) {
        let targets: Vec<Target> = self.targets.keys().copied().collect();
        for target in targets {
            let soon = now + self.up_to(FIRST_PAUSE_MS);
            if let Some(entry) = self.targets.get_mut(&target)
                && entry.due.is_some_and(|due| due > soon)
            {
                entry.tries = 0;
                entry.due = Some(soon);
            }
        }
    }

    /// A device was recognised at this endpoint, whoever dialled.
    pub fn connected(&mut self, endpoint: EndpointId, peer: PeerId) {
        self.connected.insert(endpoint, peer);
        self.targets.remove(&Target::Endpoint(endpoint));
        if let Some(entry) = self.targets.get_mut(&Target::Device(peer)) {
            (entry.tries, entry.due) = (0, None);
            entry.dialled.clear();
        }
    }

    /// The connection with this endpoint has ended, and none with it stands.
    pub fn lost(&mut self, endpoint: EndpointId, now: u64) {
        let peer = self.connected.remove(&endpoint);
        match peer {
            Some(peer) if !self.is_connected(&peer) => self.again(Target::Device(peer), now),
            Some(_) => {}
            None => self.failed(endpoint, now),
        }
    }

    /// An endpoint was dialled in vain, or what answered was no device of the practice.
    pub fn failed(&mut self, endpoint: EndpointId, now: u64) {
        let mut targets = self.targets.iter_mut();
        let found = targets.find_map(|(target, entry)| {
            let number = entry.dialled.iter().position(|it| *it == endpoint)?;
            entry.dialled.swap_remove(number);
            Some((*target, entry.dialled.is_empty() && entry.due.is_none()))
        });
        if let Some((target, true)) = found {
            self.again(target, now);
        }
    }

    /// What is to be dialled now. What became of it is told by [`Self::connected`] or [`Self::failed`].
    pub fn due(&mut self, now: u64) -> Vec<PeerAddress> {
        let free = AT_ONCE.saturating_sub(self.under_way());
        let mut waiting: Vec<(u64, &mut Entry)> =
            self.targets.values_mut().filter_map(|entry| Some((entry.due.filter(|due| *due <= now)?, entry))).collect();
        waiting.sort_by_key(|(due, _)| *due);
        waiting.into_iter().take(free).filter_map(|(_, entry)| entry.dial()).collect()
    }

    /// When something is due, if no more tries are under way than may be.
    pub fn next(&self) -> Option<u64> {
        self.targets.values().filter_map(|entry| entry.due).min().filter(|_| self.under_way() < AT_ONCE)
    }

    fn again(&mut self, target: Target, now: u64) {
        let chance = self.up_to(1_000);
        let Some(entry) = self.targets.get_mut(&target) else { return };
        let pause = FIRST_PAUSE_MS.saturating_mul(1 << entry.tries.min(20)).min(LONGEST_PAUSE_MS);
        entry.tries += 1;
        entry.due = Some(now + pause - pause * chance / 2_000);
    }

    fn under_way(&self) -> usize {
        self.targets.values().map(|entry| entry.dialled.len()).sum()
    }

    fn is_connected(&self, peer: &PeerId) -> bool {
        self.connected.values().any(|connected| connected == peer)
    }

    /// A number from 0 to `most`.
    fn up_to(&mut self, most: u64) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance % (most + 1)
    }
}

impl Entry {
    /// Its transport keys in turn, the likeliest every second time.
    fn dial(&mut self) -> Option<PeerAddress> {
        self.due = None;
        let others = self.endpoints.len().checked_sub(1)?;
        let turn = usize::try_from(self.tries).unwrap_or(0);
        let number = if turn % 2 == 0 || others == 0 { 0 } else { 1 + (turn / 2) % others };
        let endpoint = *self.endpoints.get(number)?;
        self.dialled.push(endpoint);
        Some(PeerAddress { endpoint, direct: self.direct.clone(), relay: self.relay.clone() })
    }
}

#[cfg(test)]
mod tests;
