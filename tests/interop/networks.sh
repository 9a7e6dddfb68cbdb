#!/bin/sh
# Real devices on networks of their own: two find each other by multicast and one joins by words alone; they meet again where they
# met before when nobody carries multicast; after a cable was pulled, after an address has changed, after one was killed. All the
# while no packet leaves for anywhere else, and no name is looked up. As root, with iproute2, nftables and tcpdump.
set -eu

lan=subrosa-lan-$$ desk=subrosa-desk-$$ laptop=subrosa-laptop-$$
spaces="$desk $laptop $lan"
. "$(dirname -- "$0")/devices.lib"

# Both devices have a way out and a resolver, so that whatever wanted to leave would be seen.
switch_on
plug_in "$desk" to-desk 11
plug_in "$laptop" to-laptop 12
ip netns exec "$lan" tcpdump -i switch -n -U -w "$work/seen" 2>"$work/tcpdump.said" &
until [ -s "$work/seen" ]; do sleep 0.1; done

in_space "$desk" desk init --recovery-kit "$work/kit.txt" --device-name Desk >/dev/null 2>&1
client=$(in_space "$desk" desk add-client 'Aino Test' --code K1)

join "$desk" "$laptop" words

meet() {
    online "$desk" desk
    online "$laptop" laptop
    waits "$work/desk.said" 'Laptop: in step' 60
    waits "$work/laptop.said" 'Desk: in step' 60
    offline "$laptop" laptop
    offline "$desk" desk
}

writes "$desk"
meet
has_come "$laptop" 'two devices that found each other by multicast'

ip netns exec "$lan" nft 'add table bridge quiet; add chain bridge quiet carried { type filter hook forward priority 0; }'
ip netns exec "$lan" nft add rule bridge quiet carried udp dport 5353 drop
writes "$desk"
meet
has_come "$laptop" 'two devices that met before, on a network that carries no multicast'

# A cable is pulled for some seconds while both are online, and a note comes afterwards.
online "$laptop" laptop
online "$desk" desk
waits "$work/desk.said" 'Laptop: in step' 60
offline "$desk" desk
writes "$desk"
ip -n "$lan" link set to-laptop down
online "$desk" desk
sleep 5
ip -n "$lan" link set to-laptop up
waits "$work/desk.said" 'Laptop: in step' 90
offline "$desk" desk
offline "$laptop" laptop
has_come "$laptop" 'a cable that was pulled and put back'

# The desk gets another address while it is online, and then the laptop, which is killed, another one too: each finds the other from
# what it heard last.
online "$laptop" laptop
online "$desk" desk
waits "$work/desk.said" 'Laptop: in step' 60
ip -n "$desk" addr del 10.77.0.11/24 dev eth0
ip -n "$desk" addr add 10.77.0.21/24 dev eth0
ip -n "$desk" route replace default via 10.77.0.1
sleep 5
ip netns pids "$laptop" | xargs -r kill -KILL
wait "$laptop_is" 2>/dev/null || true
offline "$desk" desk
writes "$desk"
ip -n "$laptop" addr del 10.77.0.12/24 dev eth0
ip -n "$laptop" addr add 10.77.0.22/24 dev eth0
ip -n "$laptop" route replace default via 10.77.0.1
online "$desk" desk
online "$laptop" laptop
waits "$work/desk.said" 'Laptop: in step' 90
offline "$laptop" laptop
offline "$desk" desk
has_come "$laptop" 'another address on both sides, and one of them killed'

# What was seen on the switch: packets for these two and for the groups of the local network, and nothing else.
ip netns pids "$lan" | xargs -r kill -INT
sleep 1
seen() { tcpdump -n -r "$work/seen" "$1" 2>/dev/null; }
[ "$(seen 'udp' | wc -l)" -gt 100 ] || failed "the switch has seen nothing at all"
near='dst net 10.77.0.0/24 or dst net 224.0.0.0/4 or dst host 255.255.255.255'
seen "ip and not ($near)" >"$work/left.said"
seen 'ip6 and not (dst net ff00::/8 or dst net fe80::/10)' >>"$work/left.said"
seen 'port 53 or dst host 10.77.0.1' >>"$work/left.said"
[ ! -s "$work/left.said" ] || failed "a packet left for somewhere else"
echo "networks: no name was looked up, and no packet left for anywhere else"
