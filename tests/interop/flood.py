"""Floods a device's port with what somebody can send who is no member: python3 flood.py HOW ADDRESS PORT SECONDS [CAPTURE]

noise       datagrams of random bytes and lengths
initials    first packets of QUIC (RFC 9000, 17.2.2) whose inside is random: they are taken for somebody who connects
replay      what a member sent, from a capture by tcpdump, as it was and with other connection ids
handshakes  whole first packets with a TLS ClientHello, again with the token that a Retry brings, and then silence
packets     one such handshake, and then packets of that connection whose inside is random; again when it has ended

Each from 64 ports, as fast as it goes. Prints how much was sent and what came back.
"""

import hashlib
import hmac
import os
import select
import socket
import struct
import sys
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FULL = 1200
SEGMENTS = 50
UDP_SEGMENT = 103


# First packets (RFC 9001, 5).


def expand(secret, label, length):
    label = b"tls13 " + label
    info = struct.pack(">HB", length, len(label)) + label + b"\0\1"
    return hmac.new(secret, info, hashlib.sha256).digest()[:length]


def keys(connection):
    salt = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
    secret = expand(hmac.new(salt, connection, hashlib.sha256).digest(), b"client in", 32)
    return expand(secret, b"quic key", 16), expand(secret, b"quic iv", 12), expand(secret, b"quic hp", 16)


def first_packet(to, back, token, number, text=None):
    """Sealed when there is a text; else what is inside is random, and only the header is right."""
    key, iv, protection = keys(to)
    header = b"\xc3\0\0\0\1" + bytes([len(to)]) + to + bytes([len(back)]) + back
    header += struct.pack(">H", 0x4000 | len(token)) + token
    room = FULL - len(header) - 2 - 4
    header += struct.pack(">HI", 0x4000 | room + 4, number)
    if text is None:
        sealed = os.urandom(room)
    else:
        nonce = (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")
        sealed = AESGCM(key).encrypt(nonce, text + bytes(room - 16 - len(text)), header)
    mask = Cipher(algorithms.AES(protection), modes.ECB()).encryptor().update(sealed[:16])
    first = bytes([header[0] ^ mask[0] & 0x0F])
    return first + header[1:-4] + bytes(a ^ b for a, b in zip(header[-4:], mask[1:])) + sealed


def sized(form, content):
    return struct.pack(form, len(content)) + content


def client_hello(back):
    """In a CRYPTO frame: as iroh asks, with raw keys on both sides."""
    parameters = b"\x0f" + sized("B", back) + bytes.fromhex("0404800fffff0504800fffff0802406409024064010480007530")
    extensions = [
        (0, sized(">H", b"\0" + sized(">H", b"a.iroh.invalid"))),
        (10, sized(">H", b"\0\x1d")),
        (13, sized(">H", b"\x08\x07\x04\x03")),
        (16, sized(">H", sized("B", b"subrosa/2"))),
        (19, sized("B", b"\2")),
        (20, sized("B", b"\2")),
        (43, sized("B", b"\3\4")),
        (51, sized(">H", b"\0\x1d" + sized(">H", os.urandom(32)))),
        (57, parameters),
    ]
    inside = b"".join(struct.pack(">H", kind) + sized(">H", content) for kind, content in extensions)
    hello = b"\3\3" + os.urandom(32) + b"\0" + sized(">H", b"\x13\1\x13\3") + b"\1\0" + sized(">H", inside)
    hello = b"\1" + struct.pack(">I", len(hello))[1:] + hello
    return b"\6\0" + struct.pack(">H", 0x4000 | len(hello)) + hello


# Who sends.


def sockets(to):
    opened = []
    for _ in range(64):
        it = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        it.setblocking(False)
        it.connect(to)
        opened.append(it)
    return opened


def pour(to, until, batches):
    """Batches of datagrams of one length, each of which the kernel cuts up: a network sends faster than Python."""
    opened, sent, at = sockets(to), 0, 0
    for it in opened:
        it.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    while time.monotonic() < until:
        length, batch = batches[at % len(batches)]
        it = opened[at // len(batches) % len(opened)] if len(batches) > 1 else opened[at % len(opened)]
        at += 1
        try:
            it.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, length)
            it.send(batch)
            sent += len(batch) // length
        except BlockingIOError:
            select.select([], [it], [], 0.1)
        except ConnectionRefusedError:
            pass
    return f"{sent} datagrams sent"


def noise(to, until):
    lengths = [1, 20, 47, 300, 777, 1200, 1200, 1200]
    return pour(to, until, [(n, os.urandom(n * SEGMENTS)) for n in lengths for _ in range(8)])


def initials(to, until):
    batches = []
    for _ in range(40):
        batch = [first_packet(os.urandom(8), os.urandom(8), b"", 0) for _ in range(SEGMENTS)]
        batches.append((FULL, b"".join(batch)))
    return pour(to, until, batches)


def captured(path, port):
    """What was sent to a port, of a file in the first format of libpcap, from Ethernet."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at, found = 24, []
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        if frame[12:14] != b"\x08\0" or len(frame) < 42 or frame[23] != 17:
            continue
        udp = 14 + (frame[14] & 15) * 4
        if struct.unpack_from(">H", frame, udp + 2)[0] == port:
            found.append(frame[udp + 8 : udp + struct.unpack_from(">H", frame, udp + 4)[0]])
    return found


def replay(to, until, path):
    heard = captured(path, to[1])
    firsts = [it for it in heard if FULL <= len(it) <= 1_400 and it[0] & 0xF0 == 0xC0]
    if not firsts:
        sys.exit("nobody connects in this capture")
    # What the kernel carried in one piece was several on the line.
    batches = [(len(it), it * min(SEGMENTS, 60_000 // len(it))) for it in heard if 0 < len(it) <= 1_400]
    for it in firsts:
        batch = [it[:6] + os.urandom(it[5]) + it[6 + it[5] :] for _ in range(60_000 // len(it))]
        batches += [(len(it), b"".join(batch))] * 8
    return f"{len(heard)} captured, of which {len(firsts)} are first packets; " + pour(to, until, batches)


def handshakes(to, until):
    asked = retries = 0
    begun, refused = set(), set()
    opened = sockets(to)
    while time.monotonic() < until:
        for it in opened:
            asked += tried(it, first_packet(os.urandom(8), os.urandom(8), b"", 0))
            for ready in select.select(opened, [], [], 0)[0]:
                try:
                    answer = ready.recv(2048)
                except OSError:
                    continue
                back, rest = answer[6:14], answer[14:]
                if answer[0] & 0xF0 == 0xF0:
                    their, token = rest[1 : 1 + rest[0]], rest[1 + rest[0] : -16]
                    retries += tried(ready, first_packet(their, back, token, 1, client_hello(back)))
                elif answer[0] & 0xF0 == 0xC0:
                    (begun if len(answer) >= FULL else refused).add(back)
    if len(begun) < 32:
        sys.exit(f"{len(begun)} handshakes were begun")
    return f"{asked} asked, {retries} of them again with a token, {len(begun)} handshakes begun, {len(refused)} refused"


def packets(to, until):
    sent = begun = 0
    while time.monotonic() < until:
        it = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        it.settimeout(1)
        it.connect(to)
        back = os.urandom(8)
        try:
            it.send(first_packet(os.urandom(8), back, b"", 0))
            rest = it.recv(2048)[14:]
            it.send(first_packet(rest[1 : 1 + rest[0]], back, rest[1 + rest[0] : -16], 1, client_hello(back)))
            answer = it.recv(2048)
        except OSError:
            continue
        if len(answer) < FULL:
            continue
        begun += 1
        their = answer[15 : 15 + answer[14]]
        batch = b"".join(b"\x40" + their + os.urandom(FULL - 1 - len(their)) for _ in range(SEGMENTS))
        it.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, FULL)
        it.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        # For as long as a handshake may take.
        ends = min(until, time.monotonic() + 5)
        while time.monotonic() < ends:
            sent += SEGMENTS * tried(it, batch)
        it.close()
    if not begun:
        sys.exit("no handshake was begun")
    return f"{sent} packets sent of {begun} handshakes"


def tried(it, packet):
    try:
        it.send(packet)
        return 1
    except OSError:
        return 0


def main():
    how, address, port, seconds, *more = sys.argv[1:]
    ways = {"noise": noise, "initials": initials, "replay": replay, "handshakes": handshakes, "packets": packets}
    print(ways[how]((address, int(port)), time.monotonic() + float(seconds), *more), flush=True)


if __name__ == "__main__":
    main()
