use super::*;

fn endpoint(n: u8) -> EndpointId {
    EndpointId([n; 32])
}

fn device(n: u8) -> Reachable {
    Reachable { peer: PeerId([n; 16]), endpoints: vec![endpoint(n)], direct: Vec::new(), relay: None }
}

fn seen(n: u8, address: &str) -> PeerAddress {
    PeerAddress { endpoint: endpoint(n), direct: vec![address.parse().unwrap()], relay: None }
}

fn table(devices: &[u8]) -> DialTable {
    let mut table = DialTable::new(7);
    table.devices(devices.iter().map(|n| device(*n)).collect(), 0);
    table
}

#[test]
fn pauses_double_from_a_second_to_ten_minutes_and_differ() {
    for seed in 1..50 {
        let mut table = DialTable::new(seed);
        table.devices(vec![device(1)], 0);
        let (mut now, mut pauses) = (0, Vec::new());
        for _ in 0..14 {
            assert_eq!(table.due(now).len(), 1, "seed {seed}");
            table.failed(endpoint(1), now);
            let next = table.next().unwrap();
            pauses.push(next - now);
            now = next;
        }
        for (tries, pause) in pauses.iter().enumerate() {
            let whole = (FIRST_PAUSE_MS << tries.min(20)).min(LONGEST_PAUSE_MS);
            assert!((whole / 2..=whole).contains(pause), "seed {seed}: {pause} after {tries}");
        }
        assert!(pauses[12] != pauses[13], "seed {seed}");
    }
}

#[test]
fn nobody_is_dialled_twice_at_once_or_while_connected_and_is_again_when_the_connection_is_lost() {
    let mut table = table(&[1]);
    assert_eq!(table.due(0).len(), 1);
    assert_eq!((table.due(1_000_000).len(), table.next()), (0, None));
    table.connected(endpoint(1), PeerId([1; 16]));
    table.wake(5);
    table.seen(&seen(1, "192.0.2.1:1"), 6);
    assert_eq!(table.due(1_000_000).len(), 0);
    table.lost(endpoint(1), 2_000_000);
    let next = table.next().unwrap();
    assert!((2_000_500..=2_001_000).contains(&next), "{next}");
}

#[test]
fn a_device_that_called_by_itself_is_not_dialled_and_a_second_connection_of_it_changes_nothing() {
    let mut table = table(&[1]);
    table.connected(endpoint(9), PeerId([1; 16]));
    table.connected(endpoint(1), PeerId([1; 16]));
    table.lost(endpoint(9), 10);
    assert_eq!(table.due(1_000_000).len(), 0);
    table.lost(endpoint(1), 20);
    assert_eq!(table.due(1_000_000).len(), 1);
}

#[test]
fn what_makes_a_try_worth_while_does_not_wait_for_the_pause() {
    let mut table = table(&[1, 2]);
    for _ in 0..24 {
        let now = table.next().unwrap();
        table.due(now);
        table.failed(endpoint(1), now);
        table.failed(endpoint(2), now);
    }
    let late = table.next().unwrap();
    assert!(late > 100_000);
    table.wake(50);
    assert!((50..=50 + FIRST_PAUSE_MS).contains(&table.next().unwrap()));
    table.due(2_000);
    table.failed(endpoint(1), 2_000);
    table.failed(endpoint(2), 2_000);
    table.seen(&seen(2, "192.0.2.2:1"), 2_001);
    let due = table.due(2_001);
    assert_eq!((due.len(), due[0].endpoint), (1, endpoint(2)));
    table.failed(endpoint(2), 2_002);
    let moved = Reachable { direct: vec!["192.0.2.9:1".parse().unwrap()], ..device(1) };
    table.devices(vec![moved, device(2)], 2_003);
    assert_eq!(table.due(2_003).first().map(|it| it.endpoint), Some(endpoint(1)));
}

#[test]
fn a_try_that_leads_nowhere_keeps_no_better_one_waiting() {
    let mut table = table(&[1]);
    assert_eq!(table.due(0).len(), 1);
    table.seen(&seen(1, "192.0.2.1:1"), 10);
    let due = table.due(10);
    assert_eq!((due.len(), due[0].direct.len()), (1, 1));
    table.failed(endpoint(1), 20);
    assert_eq!(table.next(), None, "the better one is under way");
    table.failed(endpoint(1), 30);
    assert!(table.next().is_some());
}

#[test]
fn few_are_dialled_at_a_time_and_each_gets_its_turn() {
    let mut table = table(&[1, 2, 3, 4, 5, 6, 7]);
    let first: Vec<_> = table.due(0).into_iter().map(|it| it.endpoint).collect();
    assert_eq!((first.len(), table.next()), (AT_ONCE, None));
    first.iter().for_each(|it| table.failed(*it, 0));
    let second: Vec<_> = table.due(0).into_iter().map(|it| it.endpoint).collect();
    assert_eq!(second.len(), 3);
    assert!(second.iter().all(|it| !first.contains(it)));
}

#[test]
fn the_likeliest_key_is_tried_every_second_time_and_each_other_in_between() {
    let mut table = DialTable::new(3);
    table.devices(vec![Reachable { endpoints: vec![endpoint(1), endpoint(2), endpoint(3)], ..device(1) }], 0);
    let mut tried = Vec::new();
    for _ in 0..6 {
        let now = table.next().unwrap();
        let dialled = table.due(now)[0].endpoint;
        tried.push(dialled.0[0]);
        table.failed(dialled, now);
    }
    assert_eq!(tried, [1, 2, 1, 3, 1, 2]);
}

#[test]
fn an_endpoint_nearby_belongs_to_the_device_that_it_turns_out_to_be() {
    let mut table = table(&[1]);
    table.seen(&seen(8, "192.0.2.8:1"), 0);
    assert_eq!(table.due(0).len(), 2);
    table.connected(endpoint(8), PeerId([1; 16]));
    table.failed(endpoint(1), 1);
    assert_eq!(table.due(1_000_000).len(), 0, "it is connected under its other key");
    for n in 10..=255 {
        table.seen(&seen(n, "192.0.2.8:1"), 2);
    }
    assert!(table.targets.len() <= NEARBY_MAX + 1);
    table.devices(Vec::new(), 3);
    assert!(!table.targets.contains_key(&Target::Device(PeerId([1; 16]))), "it was removed");
}
