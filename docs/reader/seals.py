"""Seals, keys, hashes, signatures, lengths, wraps and slots (docs/format.md, 1 to 3 and 13). `V1` begins every label."""
import functools, hashlib, hmac, struct, unicodedata
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from store import need

V1, CHUNK, PIECE = b"subrosa/v1/", 16 * 1024 + 16, (1 << 20) - 2048
lp = lambda part: struct.pack("<I", len(part)) + part
framed = lambda label, parts: lp(V1 + label) + b"".join(map(lp, parts))
sha256 = lambda data: hashlib.sha256(data).digest()
labelled = lambda label, *parts: sha256(framed(label, parts))
mac = lambda key, label, *parts: hmac.digest(key, framed(label, parts), "sha256")
derive = lambda key, label, context=b"": HKDFExpand(SHA256(), 32, framed(label, [context])).derive(key)
derive_joint = lambda one, other, label, context: HKDF(SHA256(), 32, b"", framed(label, [context])).derive(one + other)
signing_public = lambda seed: ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
verify = lambda public, label, message, signature: ed25519.Ed25519PublicKey.from_public_bytes(public).verify(
    signature, lp(V1 + label) + message)
device_id = lambda public: labelled(b"device", public)[:16]
padme = lambda n: -(-n >> (cut := (e := n.bit_length() - 1) - e.bit_length())) << cut
pad = lambda n: (1 << max(10, (n + 159).bit_length())) - 160 if n + 160 <= 1 << 16 else padme(n)
pieces = lambda n: (padme(-(-n // PIECE)), PIECE) if n > PIECE else (1, (1 << max(12, (n + 2047).bit_length())) - 2048)
argon2id = functools.partial(hash_secret_raw, type=Type.ID, version=19)
def unseal(key, context, sealed):
    """The chunks, each under the next nonce; anything but what was sealed under this key for this place is refused."""
    salt, commit, rest = sealed[:24], sealed[24:56], sealed[56:]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0" + salt + V1 + context
    okm = HKDFExpand(SHA512(), 76, info).derive(key)
    need(hmac.compare_digest(okm[44:], commit), "sealed under another key, or for another place")
    cipher, first = ChaCha20Poly1305(okm[:32]), int.from_bytes(okm[32:44], "big")
    chunks = ((first ^ at, rest[at * CHUNK : (at + 1) * CHUNK]) for at in range(len(rest) // CHUNK + 1))
    return b"".join(cipher.decrypt(nonce.to_bytes(12, "big"), chunk, None) for nonce, chunk in chunks)
def decapsulate(seed, ciphertext):  # X-Wing: the public key of this seed, and the secret in the ciphertext.
    seeds, point = hashlib.shake_256(seed).digest(96), ciphertext[1088:]
    lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(seeds[:64])
    curve, public = x25519.X25519PrivateKey.from_private_bytes(seeds[64:]), x25519.X25519PublicKey.from_public_bytes
    first, second = lattice.decapsulate(ciphertext[:1088]), curve.exchange(public(point))
    own = curve.public_key().public_bytes_raw()
    shared = hashlib.sha3_256(first + second + point + own + rb"\.//^" + b"\\").digest()
    return lattice.public_key().public_bytes_raw() + own, shared
def unwrap(seed, context, wrapped):
    public, shared = decapsulate(seed, wrapped[:1120])
    bound = labelled(b"wrap/fingerprint", public) + sha256(wrapped[:1120]) + V1 + context
    return unseal(derive(shared, b"wrap", bound), b"wrap", wrapped[1120:])
def recovery_key(page):  # The seed in a recovery line: Bech32, whose checksum is not looked at here.
    letters = "".join(letter for letter in page.lower() if letter.isascii() and letter.isalnum())
    digits = str.maketrans("qpzry9x8gf2tvdw0s3jn54khce6mua7l", "0123456789abcdefghijklmnopqrstuv")
    line = letters.partition("agesecretkeypq1")[2][:52].translate(digits)
    return (int(line, 32) >> 4).to_bytes(32, "big")
def checked(label, slot):
    need(hmac.compare_digest(labelled(label, slot[:-32]), slot[-32:]), "a slot is damaged")
    need(slot[0] == 1, "a slot of a newer version")
    return slot[:-32]
def open_passphrase_slot(slot, passphrase, least_memory=64 << 10, least_passes=3):
    """LK and PPK, from one run of Argon2id, whose cost must be within bounds."""
    body = checked(b"slot/passphrase/checksum", slot)
    memory, passes, lanes = struct.unpack_from("<3I", body, 1)
    need(least_memory <= memory <= 2 << 20 and least_passes <= passes <= 16 >= lanes >= 1, "a cost out of bounds")
    text = unicodedata.normalize("NFC", passphrase.decode()).encode()
    keys = argon2id(text, body[13:29], passes, memory, lanes, 64)
    return unseal(keys[:32], b"slot/passphrase" + body[:29], body[29:]), keys[32:]
def open_recovery_slot(slot, kit):  # LK, VAK and PKK.
    keys = unwrap(kit, b"slot/recovery\x01", checked(b"slot/recovery/checksum", slot)[1:])
    return keys[:32], keys[32:64], keys[64:]
