#!/usr/bin/env python3
"""Writes keys.json: derived keys, keyed and plain hashes, and a passphrase slot, as a second implementation makes them.

Written from docs/format.md alone, over the `cryptography` package: python3 keys.py > keys.json
"""
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from seal import seal


def lp(part):
    return len(part).to_bytes(4, "little") + part


def framed(label, parts):
    return lp(label) + b"".join(lp(part) for part in parts)


def derive(key, label, context):
    return HKDFExpand(hashes.SHA256(), 32, lp(label) + lp(context)).derive(key)


def derive_joint(first, second, label, context):
    return HKDF(hashes.SHA256(), 32, b"", lp(label) + lp(context)).derive(first + second)


def slot(passphrase, memory_kib, passes, lanes, salt, seal_salt, lk):
    stretched = Argon2id(salt=salt, length=64, iterations=passes, lanes=lanes, memory_cost=memory_kib).derive(passphrase)
    header = b"\x01" + b"".join(cost.to_bytes(4, "little") for cost in (memory_kib, passes, lanes)) + salt
    body = header + seal(stretched[:32], seal_salt, b"subrosa/v1/slot/passphrase" + header, lk)
    checksum = hashlib.sha256(framed(b"subrosa/v1/slot/passphrase/checksum", [body])).digest()
    return body + checksum, stretched[32:]


KEY, OTHER, LABEL, PARTS = bytes(range(32)), bytes(range(32, 64)), b"subrosa/v1/vector", [b"one", b"", b"three"]

if __name__ == "__main__":
    made, again = slot("yöllä".encode(), 64, 1, 1, bytes(range(16)), bytes(range(24)), OTHER)
    print(
        json.dumps(
            {
                "key": KEY.hex(),
                "other": OTHER.hex(),
                "label": LABEL.decode(),
                "context": b"context".hex(),
                "parts": [part.hex() for part in PARTS],
                "derive": derive(KEY, LABEL, b"context").hex(),
                "derive_joint": derive_joint(KEY, OTHER, LABEL, b"context").hex(),
                "mac": hmac.new(KEY, framed(LABEL, PARTS), hashlib.sha256).hexdigest(),
                "hash": hashlib.sha256(framed(LABEL, PARTS)).hexdigest(),
                "slot": {"passphrase": "yöllä", "lk": OTHER.hex(), "ppk": again.hex(), "bytes": made.hex()},
            },
            indent=2,
            ensure_ascii=False,
        )
    )
