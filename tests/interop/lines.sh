#!/bin/sh
# Two devices on lines that are slow, pulled, or flooded: notes come over 30 kbit/s, one of 300 KiB whole; a file of 1 GB is the same
# byte for byte after its cable was pulled, and nobody says before that it has come; whoever floods a device takes little memory of it,
# and it goes on. As root, with iproute2, nftables, tcpdump and Python. SUBROSA_FILE_MB is the size of the file, if not 1000.
set -eu

lan=subrosa-lan-$$ desk=subrosa-desk-$$ laptop=subrosa-laptop-$$ stranger=subrosa-stranger-$$
spaces="$desk $laptop $stranger $lan"
. "$(dirname -- "$0")/devices.lib"
. "$here/python.lib"
for needed in tc tcpdump; do
    command -v "$needed" >/dev/null || failed "there is no $needed"
done

switch_on
plug_in "$desk" to-desk 11
plug_in "$laptop" to-laptop 12
in_space "$desk" desk init --recovery-kit "$work/kit.txt" --device-name Desk >/dev/null 2>&1
client=$(in_space "$desk" desk add-client 'Aino Test' --code K1)
now() { date +%s; }

both_online() {
    online "$desk" desk
    online "$laptop" laptop
}
both_offline() {
    offline "$laptop" laptop
    offline "$desk" desk
}
# Both say that they are in step, within so many seconds.
in_step() {
    waits "$work/desk.said" 'Laptop: in step' "$1"
    waits "$work/laptop.said" 'Desk: in step' "$1"
}

join "$desk" "$laptop" words
both_online
in_step 60
both_offline

answers=0
# A note on the laptop, which the desk has.
answers() {
    answers=$((answers + 1))
    printf 'Answer number %s.\n' "$answers" | in_space "$laptop" laptop add-note "$client" >/dev/null
}
has_answer() {
    in_space "$desk" desk search "Answer number $answers" 2>/dev/null | grep -q "Answer number $answers" ||
        failed "$1: the laptop's note is not on the desk"
}

# What went over the laptop's cable towards it, in bytes.
carried() { ip netns exec "$lan" cat /sys/class/net/to-laptop/statistics/tx_bytes; }

slow() {
    for end in "$desk eth0" "$laptop eth0" "$lan to-desk" "$lan to-laptop"; do
        tc -n "${end% *}" qdisc add dev "${end#* }" root tbf rate 30kbit burst 1600 latency 1s
    done
    writes "$desk"
    answers
    began=$(now)
    both_online
    in_step 120
    took=$(($(now) - began))
    both_offline
    has_answer 'a line of 30 kbit/s'
    has_come "$laptop" "a note each way over a line of 30 kbit/s, in $took s"

    # Words of eight letters by chance: a third of them is all that could be saved.
    head -c 205000 /dev/urandom | base64 -w 8 | tr '\n' ' ' >"$work/long"
    long=$(in_space "$desk" desk add-note "$client" <"$work/long")
    before=$(carried)
    began=$(now)
    both_online
    in_step 300
    took=$(($(now) - began))
    went=$(($(carried) - before))
    both_offline
    text=$(wc -c <"$work/long")
    for device in desk laptop; do
        eval "in_space \$$device $device show $long" 2>/dev/null | tail -n +4 >"$work/$device.long"
    done
    grep -qF "$(tail -c 1000 "$work/long" | sed 's/ *$//')" "$work/laptop.long" || failed 'the long note has no end'
    cmp "$work/desk.long" "$work/laptop.long" || failed 'the long note is another one on the laptop'
    # Had it been begun anew, it would have gone twice.
    [ "$went" -lt $((text * 3 / 2)) ] || failed "$went bytes went for $text of text"
    bare=$((went * 8 / 30000))
    echo "lines: $text bytes of text over 30 kbit/s in $took s; the line alone takes $bare s for the $went bytes that went"
    for end in "$desk eth0" "$laptop eth0" "$lan to-desk" "$lan to-laptop"; do
        tc -n "${end% *}" qdisc del dev "${end#* }" root
    done
}

# The bytes that the laptop's practice has grown by since the file was attached.
grown() { echo $(($(stat -c %s "$work/laptop.vault") - small)); }
# Waits until it has grown by so many hundredths of the file. Nobody may say meanwhile that the two are in step.
grows() {
    tries=6000
    until [ "$(grown)" -ge $((size / 100 * $1)) ]; do
        not_yet
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || failed "no $1 % of the file in ten minutes"
        sleep 0.1
    done
    not_yet
}
not_yet() {
    ! grep ': in step' "$work/desk.said" "$work/laptop.said" || failed 'in step was said before the file was there'
}
# Ends the laptop's and the desk's process at once, as a power cut would.
cut_off() {
    for space in "$desk" "$laptop"; do ip netns pids "$space" | xargs -r kill -KILL; done
    wait "$desk_is" "$laptop_is" 2>/dev/null || true
}
lacks_file() {
    eval "in_space \$$1 $1 --json devices" 2>/dev/null >"$work/$1.devices"
    "$python" - "$work/$1.devices" <<'PYTHON' || failed "what $1 says of the laptop is not so: $(cat "$work/$1.devices")"
import json, sys
laptop = next(it for it in json.load(open(sys.argv[1])) if it["name"] == "Laptop")
sys.exit(laptop["has_everything"] or laptop["lacks"]["files"] != 1)
PYTHON
}

pulled() {
    size=$((${SUBROSA_FILE_MB:-1000} * 1000000))
    head -c "$size" /dev/urandom >"$work/file"
    sum=$(sha256sum <"$work/file")
    began=$(now)
    file=$(in_space "$desk" desk attach "$client" "$work/file")
    rm "$work/file"
    echo "lines: a file of $size bytes is attached in $(($(now) - began)) s"
    small=$(stat -c %s "$work/laptop.vault")
    began=$(now)
    both_online
    grows 25
    ip -n "$lan" link set to-laptop down
    sleep 5
    not_yet
    pulled_at=$(grown)
    ip -n "$lan" link set to-laptop up
    grows 50
    # Neither may be asked while it is online; each says then what there is.
    both_offline
    not_yet
    lacks_file desk
    lacks_file laptop
    both_online
    grows 75
    # At whoever says it first: it must be so at that moment, and on the disk.
    tries=6000
    until grep -q ': in step' "$work/desk.said" "$work/laptop.said"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || failed 'the file has not come within ten minutes'
        sleep 0.1
    done
    cut_off
    took=$(($(now) - began))
    in_space "$laptop" laptop extract "$file" --out "$work/file" >/dev/null 2>"$work/extract.said" ||
        failed 'in step, and the file is not whole'
    [ "$(sha256sum <"$work/file")" = "$sum" ] || failed 'the file on the laptop is another one'
    rm "$work/file"
    both_online
    in_step 60
    both_offline
    echo "lines: the file came in $took s over a cable that was pulled with $pulled_at bytes there, and is the same"
}

# What a process takes, in KiB: at most since it was asked last, or now.
most() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }
takes() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }
# Datagrams that left the desk.
answered() { ip netns exec "$desk" awk '/^Udp: [0-9]/ { print $5 }' /proc/net/snmp; }
floods() {
    how=$1 seconds=$2
    shift 2
    ip netns exec "$stranger" "$python" "$here/flood.py" "$how" 10.77.0.11 "$port" "$seconds" "$@" >"$work/flood.said" 2>&1
}

flooded() {
    plug_in "$stranger" to-stranger 13
    # What the laptop says when it connects is kept, for the stranger to say it again once the laptop has gone.
    ip netns exec "$lan" tcpdump -i to-laptop -n -U --immediate-mode -w "$work/heard" udp 2>"$work/tcpdump.said" &
    until [ -s "$work/heard" ]; do sleep 0.1; done
    # What is free is given back at once, so that what unlocking took does not hide what the flood takes.
    export MIMALLOC_PURGE_DELAY=0
    online "$desk" desk
    waits "$work/desk.said" 'is reached at' 30
    online "$laptop" laptop
    in_step 60
    offline "$laptop" laptop
    ip netns pids "$lan" | xargs -r kill -INT
    port=$(sed -n 's/.*10\.77\.0\.11:\([0-9]*\).*/\1/p' "$work/desk.said" | head -n 1)
    process=$(ip netns pids "$desk")
    before=$(takes "$process")
    for how in noise initials replay handshakes; do
        [ "$(takes "$process")" -gt "$before" ] || before=$(takes "$process")
        echo 5 >"/proc/$process/clear_refs"
        answered=$(answered)
        more=
        [ "$how" != replay ] || more=$work/heard
        floods "$how" 10 $more || failed "the flood: $how"
        grew=$(($(most "$process") - before))
        answered=$(($(answered) - answered))
        [ "$answered" -gt 0 ] || failed "$how: the desk has not heard the flood"
        echo "lines: a flood of $how: $(cat "$work/flood.said"); $answered answered; $grew KiB more than $before KiB of memory"
        [ "$grew" -le 65536 ] || failed "$how: the desk took $grew KiB more"
    done
    # While the next one takes every place there is, the laptop comes back.
    answers
    : >"$work/desk.said"
    floods handshakes 60 &
    flooding=$!
    sleep 5
    online "$laptop" laptop
    in_step 50
    kill -0 "$flooding" 2>/dev/null || failed 'the flood ended too early'
    ip netns pids "$stranger" | xargs -r kill
    wait "$flooding" 2>/dev/null || true
    both_offline
    has_answer 'during a flood'
    echo "lines: a note comes while the flood goes on"
}

slow
pulled
flooded
