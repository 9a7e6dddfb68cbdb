#!/usr/bin/env python3
"""Writes seal.json: vectors for chunked-encryption over ChaCha20-Poly1305, for which no outside set exists.

A second implementation, written from docs/format.md and https://c2sp.org/chunked-encryption alone, over the
`cryptography` package. Run it to see the same file come out: python3 seal.py > seal.json
"""
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

CHUNK = 16 * 1024


def expand(prk, info, length):
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([counter]), hashlib.sha512).digest()
        out, counter = out + block, counter + 1
    return out[:length]


def seal(key, salt, context, plaintext):
    okm = expand(key, b"c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0" + salt + context, 76)
    cipher, base, out = ChaCha20Poly1305(okm[:32]), int.from_bytes(okm[32:44], "big"), salt + okm[44:]
    for number in range(len(plaintext) // CHUNK + 1):
        chunk = plaintext[number * CHUNK : (number + 1) * CHUNK]
        out += cipher.encrypt((base ^ number).to_bytes(12, "big"), chunk, None)
    return out


def vector(length, context):
    key = hashlib.sha256(b"key %d" % length).digest()
    salt = hashlib.sha256(b"salt %d" % length).digest()[:24]
    plaintext = bytes(i * 7 % 251 for i in range(length))
    sealed = seal(key, salt, context, plaintext)
    return {
        "plaintext_length": length,
        "key": key.hex(),
        "salt": salt.hex(),
        "context": context.hex(),
        "first_120_bytes": sealed[:120].hex(),
        "sha256": hashlib.sha256(sealed).hexdigest(),
    }


LENGTHS = (0, 1, 47, 16383, 16384, 16385, 32768, 50000)

if __name__ == "__main__":
    print(
        json.dumps(
            {
                "construction": "c2sp.org/chunked-encryption@v1, AEAD_CHACHA20_POLY1305, HKDF-Expand with SHA-512",
                "plaintext": "byte i is (7 * i) mod 251",
                "vectors": [vector(n, b"subrosa/v1/vector" if n % 2 else b"") for n in LENGTHS],
            },
            indent=2,
        )
    )
