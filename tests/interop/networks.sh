#!/bin/sh
# Real devices on networks of their own: two find each other by multicast and one joins by words alone; they meet again where they
# met before when nobody carries multicast; after a cable was pulled, after an address has changed, after one was killed. All the
# while no packet leaves for anywhere else, and no name is looked up. As root, with iproute2, nftables and tcpdump.
set -eu

[ "$(id -u)" = 0 ] || { echo "FAILED: network namespaces are made by root alone" >&2; exit 1; }

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
work=$(mktemp -d)
lan=subrosa-lan-$$ desk=subrosa-desk-$$ laptop=subrosa-laptop-$$
trap 'clean_up' EXIT

clean_up() {
    for space in $desk $laptop $lan; do
        ip netns pids "$space" 2>/dev/null | xargs -r kill -KILL 2>/dev/null || true
        ip netns del "$space" 2>/dev/null || true
        rm -rf "/etc/netns/$space"
    done
    rm -rf "$work"
}

failed() {
    echo "FAILED: $1" >&2
    tail -n 20 "$work"/*.said >&2 || true
    exit 1
}

cargo test --quiet --no-run --locked --manifest-path "$root/Cargo.toml" --workspace --test command_line
target=${CARGO_TARGET_DIR:-$root/target}
printf 'correct horse battery staple\n' >"$work/passphrase"
export SUBROSA_KEYSTORE=none
export SUBROSA_PASSPHRASE_FILE="$work/passphrase"

# A switch with two cables. Both devices have a way out and a resolver, so that whatever wanted to leave would be seen.
ip netns add "$lan"
ip -n "$lan" link add switch type bridge
ip -n "$lan" addr add 10.77.0.1/24 dev switch
ip -n "$lan" link set switch up
plug_in() {
    ip netns add "$1"
    ip -n "$1" link set lo up
    ip -n "$lan" link add "$2" type veth peer name eth0 netns "$1"
    ip -n "$lan" link set "$2" master switch up
    ip -n "$1" addr add "10.77.0.$3/24" dev eth0
    ip -n "$1" link set eth0 up
    ip -n "$1" route add default via 10.77.0.1
    mkdir -p "/etc/netns/$1"
    echo 'nameserver 10.77.0.1' >"/etc/netns/$1/resolv.conf"
}
plug_in "$desk" to-desk 11
plug_in "$laptop" to-laptop 12
ip netns exec "$lan" tcpdump -i switch -n -U -w "$work/seen" 2>"$work/tcpdump.said" &
until [ -s "$work/seen" ]; do sleep 0.1; done

on() {
    space=$1
    name=${space#subrosa-}
    shift
    ip netns exec "$space" "$target/debug/subrosa" --vault "$work/${name%-*}.vault" "$@"
}

# Waits for so many seconds until a file says something.
waits() {
    tries=$(($3 * 10))
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || failed "not said within $3 s: $2"
        sleep 0.1
    done
}

online() {
    on "$1" sync >"$work/out" 2>"$work/$2.said" &
    eval "$2_is=$!"
}

# Ends as Ctrl+C does; the practice is locked when it returns.
offline() {
    ip netns pids "$1" | xargs -r kill -INT
    eval "wait \$$2_is" || failed "$2 did not end in order"
}

# One more note on the desk, which the laptop has once both say that they are in step.
written=0
writes() {
    written=$((written + 1))
    printf 'Session number %s.\n' "$written" | on "$desk" add-note "$client" >/dev/null
}
has_come() {
    on "$laptop" search "Session number $written" 2>/dev/null | grep -q "Session number $written" ||
        failed "$1: the note is not on the laptop"
    echo "networks: $1"
}

on "$desk" init --recovery-kit "$work/kit.txt" --device-name Desk >/dev/null 2>&1
client=$(on "$desk" add-client 'Aino Test' --code K1)

# The laptop joins by words alone; a person at the desk says yes.
(
    while ! grep -q 'Let it in' "$work/invite.said" 2>/dev/null; do sleep 0.2; done
    echo y
) | script -qefc "ip netns exec $desk $target/debug/subrosa --vault $work/desk.vault devices invite" /dev/null >"$work/invite.said" &
inviting=$!
waits "$work/invite.said" ' @ ' 60
grep ' @ ' "$work/invite.said" | head -n 1 | sed 's/ @ .*//' |
    on "$laptop" devices join --device-name Laptop >/dev/null 2>"$work/join.said" || failed "joining by words"
wait "$inviting" || failed "letting the laptop in"

meet() {
    online "$desk" first
    online "$laptop" second
    waits "$work/first.said" 'Laptop: in step' 60
    waits "$work/second.said" 'Desk: in step' 60
    offline "$laptop" second
    offline "$desk" first
}

writes
meet
has_come 'two devices that found each other by multicast'

ip netns exec "$lan" nft 'add table bridge quiet; add chain bridge quiet all { type filter hook forward priority 0; }'
ip netns exec "$lan" nft add rule bridge quiet all udp dport 5353 drop
writes
meet
has_come 'two devices that met before, on a network that carries no multicast'

# A cable is pulled for some seconds while both are online, and a note comes afterwards.
online "$laptop" second
online "$desk" first
waits "$work/first.said" 'Laptop: in step' 60
offline "$desk" first
writes
ip -n "$lan" link set to-laptop down
online "$desk" first
sleep 5
ip -n "$lan" link set to-laptop up
waits "$work/first.said" 'Laptop: in step' 90
offline "$desk" first
offline "$laptop" second
has_come 'a cable that was pulled and put back'

# The desk gets another address while it is online, and then the laptop, which is killed, another one too: each finds the other from
# what it heard last.
online "$laptop" second
online "$desk" first
waits "$work/first.said" 'Laptop: in step' 60
ip -n "$desk" addr add 10.77.0.21/24 dev eth0
ip -n "$desk" addr del 10.77.0.11/24 dev eth0
ip -n "$desk" route replace default via 10.77.0.1
sleep 5
ip netns pids "$laptop" | xargs -r kill -KILL
wait "$second_is" 2>/dev/null || true
offline "$desk" first
writes
ip -n "$laptop" addr add 10.77.0.22/24 dev eth0
ip -n "$laptop" addr del 10.77.0.12/24 dev eth0
ip -n "$laptop" route replace default via 10.77.0.1
online "$desk" first
online "$laptop" second
waits "$work/first.said" 'Laptop: in step' 90
offline "$laptop" second
offline "$desk" first
has_come 'another address on both sides, and one of them killed'

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
