#!/bin/sh
# Real devices behind two routers that let nothing in unasked, with iroh's relay outside: they reach each other through it, again after
# it was killed and is back; a wrong token is told. As root, with iproute2, nftables and openssl.
set -eu

outside=subrosa-outside-$$
left=subrosa-left-$$ right=subrosa-right-$$
desk=subrosa-desk-$$ laptop=subrosa-laptop-$$
spaces="$desk $laptop $left $right $outside"
. "$(dirname -- "$0")/devices.lib"

# The world outside is a switch on which the relay is; each device is behind a router of its own.
for space in $spaces; do
    ip netns add "$space"
    ip -n "$space" link set lo up
done
ip -n "$outside" link add switch type bridge
ip -n "$outside" addr add 203.0.113.1/24 dev switch
ip -n "$outside" link set switch up
behind() {
    router=$1 device=$2 number=$3
    ip -n "$outside" link add "to-$number" type veth peer name out netns "$router"
    ip -n "$outside" link set "to-$number" master switch up
    ip -n "$router" addr add "203.0.113.1$number/24" dev out
    ip -n "$router" link set out up
    ip -n "$router" link add in type veth peer name eth0 netns "$device"
    ip -n "$router" addr add "10.$number.0.1/24" dev in
    ip -n "$router" link set in up
    ip -n "$device" addr add "10.$number.0.11/24" dev eth0
    ip -n "$device" link set eth0 up
    ip -n "$device" route add default via "10.$number.0.1"
    ip netns exec "$router" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
    ip netns exec "$router" nft -f - <<RULES
table ip nat {
    chain out { type nat hook postrouting priority 100; oifname "out" masquerade random; }
}
table ip held {
    chain through { type filter hook forward priority 0; policy drop;
        ct state established,related accept
        iifname "in" accept
    }
    chain here { type filter hook input priority 0; policy drop;
        ct state established,related accept
        iifname "in" accept
    }
}
RULES
}
behind "$left" "$desk" 1
behind "$right" "$laptop" 2

# The certificate of a server, and not of an authority, as openssl would make it by itself.
cat >"$work/certificate.conf" <<CONF
[req]
distinguished_name = name
x509_extensions = server
prompt = no
[name]
CN = relay
[server]
basicConstraints = CA:FALSE
subjectAltName = IP:203.0.113.1
CONF
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -config "$work/certificate.conf" \
    -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
relay() {
    ip netns exec "$outside" "$target/debug/examples/relay" 203.0.113.1 "$work/certificate.pem" "$work/key.pem" "$1" \
        >"$work/relay.said" 2>&1 &
    relay_is=$!
    waits "$work/relay.said" listening 30
}
end_relay() {
    kill -KILL "$relay_is"
    wait "$relay_is" 2>/dev/null || true
}
relay 'a word that it asks for'
echo 'a word that it asks for' >"$work/token"

# Both are made outside, where they reach each other, and carried home then.
in_space "$outside" desk init --recovery-kit "$work/kit.txt" --device-name Desk >/dev/null 2>&1
client=$(in_space "$outside" desk add-client 'Aino Test' --code K1)
in_space "$outside" desk relay use https://203.0.113.1:8443 --token-file "$work/token" \
    --certificate "$work/certificate.pem" >/dev/null || failed "naming the relay"
join "$outside" "$outside" line

writes "$desk"
online "$desk" desk
online "$laptop" laptop
waits "$work/desk.said" 'The relay answers: ' 60
waits "$work/desk.said" 'Laptop: in step' 90
offline "$laptop" laptop
offline "$desk" desk
has_come "$laptop" 'two devices behind two routers, through the relay'

# Killed while both are online, and back while both try.
online "$laptop" laptop
online "$desk" desk
waits "$work/desk.said" 'Laptop: in step' 90
offline "$desk" desk
end_relay
writes "$desk"
online "$desk" desk
waits "$work/desk.said" 'The relay does not answer' 60
relay 'a word that it asks for'
waits "$work/desk.said" 'The relay answers: ' 90
waits "$work/desk.said" 'Laptop: in step' 180
offline "$desk" desk
offline "$laptop" laptop
has_come "$laptop" 'a relay that was killed and is back'

end_relay
relay 'another word'
online "$desk" desk
waits "$work/desk.said" 'does not let this device in' 60
offline "$desk" desk
echo 'relay: another token is told apart from a relay that is not there'
end_relay
