"""A vault as a whole (docs/format.md, 2 to 6): slots, roster, chains of envelopes, keys, and the items inside."""
import pathlib, struct, zlib
from collections import defaultdict
from cryptography.exceptions import InvalidSignature, InvalidTag
from seals import (derive, device_id, labelled, lp, mac, open_passphrase_slot, open_recovery_slot, pieces,
                   sha256, signing_public, unseal, unwrap, verify)
from store import FORMAT, Store, need

TABLES = "head slots state headers bodies index catalog pending keys misc pieces".split()
# Under what items of a kind stand: a key of a client, that of the practice, or none. A kind that is not here is a later version's.
CLIENT, PRACTICE, BARE = "a client's key", "the practice's key", "no key"
UNDER = {1: {BARE}, 2: {BARE}, 19: {CLIENT, PRACTICE}, 22: {CLIENT, BARE}} | {
    **{kind: {CLIENT} for kind in (16, 17, 18, 21, 23, 24, 25)}, **{kind: {PRACTICE} for kind in (20, 26, 27, 28, 29)}}
# What kinds of roster entries say of epochs: whether a commitment, and for each list of earlier ones whether it is their own.
SECRETS = {1: (True, []), 2: (False, [False]), 3: (True, [True])}
DICTIONARY = pathlib.Path(__file__).parents[1].joinpath("dictionary.txt").read_bytes()
PRACTICE_KEY, PAYLOAD_MAX = bytes(15) + b"\x01", 16 << 20
REFUSED = (InvalidSignature, InvalidTag, ValueError, LookupError, RecursionError, struct.error, zlib.error)

class Bytes:  # Reads downwards, as docs/format.md writes its structures.
    def __init__(self, data):
        self.data, self.at = data, 0
    def take(self, length):
        need(length <= self.left(), "cut short")
        self.at += length
        return self.data[self.at - length : self.at]
    left = lambda self: len(self.data) - self.at
    number = lambda self, width: int.from_bytes(self.take(width), "little")
    lp = lambda self: self.take(self.number(4))
    end = lambda self, value: need(not self.left(), "bytes too many") or value
    def list(self, limit, *entry):
        """A counted list: each entry a tuple of fields, or the one field; a field is a width, or what reads it."""
        need((count := self.number(4)) <= limit, "a list longer than its limit")
        fields = lambda: tuple(self.take(field) if isinstance(field, int) else field() for field in entry)
        return [fields() if len(entry) > 1 else fields()[0] for _ in range(count)]
def read_header(data):
    need(data[:9] == b"subrosa\x02\x01" and len(data) in (126, 190), "no header of an envelope")
    need(not any(data[27:34]), "a log of a number above 255")
    _, log, seq, prev, epoch, body_len, body_hash = struct.unpack("<B24sQ32s16sI32s", data[9:126])
    need((seq == 0) == (prev == bytes(32)), "a beginning in the middle of a log, or the reverse")
    return {"log": log, "seq": seq, "prev": prev, "epoch": epoch, "body": (body_len, body_hash),
            "hash": sha256(data[:126]), "bytes": data[:126], "signature": data[126:]}
def open_body(secret, header, body):
    header = read_header(header)
    need((len(body), sha256(body)) == header["body"], "a body that its header does not name")
    r, items = Bytes(unseal(derive(secret, b"outer", header["epoch"]), b"body" + header["bytes"][:90], body)), []
    while any(r.data[r.at :]):
        items.append((r.take(1), r.take(16), r.take(16), r.lp()))
        need(items[-1][0] != b"\0", "something else than zeros after the items")
    return items
def open_item(key, item, device):
    kind, document, _, content = item
    packed = unseal(key, b"item" + kind + document + device, content)
    payload = (stream := zlib.decompressobj(-15, DICTIONARY)).decompress(packed, PAYLOAD_MAX + 1)
    need(stream.eof and not stream.unused_data and len(payload) <= min(PAYLOAD_MAX, 64 * len(packed) + 65_536), "an item that does not inflate")
    return payload
def belongs(document, compartment, payload):  # A payload begins with what its document's id is a hash of.
    compartments = {1: b"\1", 2: b"\2", 3: b"\2", 4: b"\3", 5: b"\2\3", 21: b"\2"}.get(payload[0], b"\1\2\3")
    return document == labelled(b"document", payload[:1], payload[1:17], payload[17:33])[:16] and compartment in compartments
def read_practice(entries):
    """What `standing` says of entries, each of which is verified, and names only parents that came before it."""
    known = {}
    for data in entries:
        r = Bytes(data)
        need(r.take(15) == b"subrosa roster\x02", "no roster entry")
        kind, keeps, time, parents, author = r.number(1), r.number(1), r.number(8), r.list(64, 32), r.take(16)
        need(keeps <= (kind == 3 or kind > 7), "what says that the contact card stays, in an entry that says nothing of it")
        cards, cuts, at = r.list(16, 16, 32, 16, 1216, 16, 1216, r.lp), r.list(64, 24, 8, 32), r.at
        wraps, end, keys, kits = r.list(64, 16, 1, r.lp), r.at, r.list(1, 32), r.list(4, 1216)
        opens, earlier = r.list(1, 32), r.list(1, 16, r.lp)
        message, signature = data[: r.at], r.end(r.take(64))
        need((bool(opens), [under == bytes(16) for under, _ in earlier]) == SECRETS.get(kind, (False, []))
             or kind > 7, "epochs that do not belong to this kind of entry")
        need((kind == 1) == (not known) == (not parents) and bool(keys) >= (kind in (1, 3)), "a second beginning")
        need(set(parents) <= set(known) and sorted(set(parents)) == parents, "an entry out of order")
        need(not any(known[parent][0] in (5, 6, 7) for parent in parents), "a cut is nobody's parent")
        before = set(parents).union(*(known[parent][1] for parent in parents))
        devices, out, authority, *_ = standing({hash: known[hash] for hash in known if hash in before})
        need(kind not in range(2, 8) or author in devices, "an entry by a device that was not of the practice")
        by_device = lambda said, signed: verify(devices[author][0], b"roster/device", said, signed)
        by_device(message, signature) if kind in (5, 6, 7) else verify(authority or keys[0], b"roster", message, signature)
        if kind in (2, 3, 4):
            own, rest = ([wrap for wrap in wraps if (wrap[1] == b"\4") == is_own] for is_own in (True, False))
            rest = struct.pack("<I", len(rest)) + b"".join(to + purpose + lp(wrap) for to, purpose, wrap in rest)
            by_device(data[:at] + rest + message[end:], own[0][2])
        need(all(id == device_id(signing) for id, signing, *_ in cards), "a device whose id is not its key's")
        cards = {id: (signing, generation, name) for id, signing, *_, generation, _, name in cards}
        need(not set(cards) & {2: set(out), 3: {author}}.get(kind, set()), "removed before, or by itself")
        known[sha256(data)] = kind, before, author, cards, cuts, keys, time, labelled(b"wrap/fingerprint", *kits)
    return standing(known)
def standing(known):
    """Of {hash: (kind, all before, author, cards, …)}: devices by id, those out, authority, cuts, the recovery kit."""
    related = lambda a, b: a == b or a in known[b][1] or b in known[a][1]
    admitted = {hash: list(entry[3])[0] for hash, entry in known.items() if entry[0] in (1, 2)}
    rank = {id: at for at, id in reversed(list(enumerate(admitted.values())))}
    still = lambda id, removal: any(admitted[hash] == id and related(hash, removal) for hash in admitted)
    removals = [hash for hash, entry in known.items() if entry[0] == 3]
    out = {hash: {id for id in rank if id in known[hash][3] or not still(id, hash)} for hash in removals}
    voids = lambda removal, hash: known[hash][2] in out[removal] and hash not in known[removal][1]
    age, counting = lambda hash: rank[known[hash][2]], []
    beats = lambda a, b: voids(a, b) and not (voids(b, a) and age(b) < age(a))
    while removals:
        free = [one for one in removals if not any(beats(other, one) for other in removals)]
        counting.append(one := (free or sorted(removals, key=age))[0])
        removals = [other for other in removals if other != one and not beats(one, other) and not beats(other, one)]
    devices, gone, aside, authority, cuts, kits = {}, {}, {}, None, [], {}
    for hash, (kind, before, _, cards, limits, keys, time, kit) in known.items():
        counts = not any(voids(removal, hash) for removal in counting)
        if kind in (1, 2):
            into = devices if all(related(hash, removal) for removal in counting) else aside
            into |= {id: card for id, card in cards.items() if id not in into and id not in gone}
        elif hash in counting:
            gone, devices = cards | gone, {id: card for id, card in devices.items() if id not in cards}
        cuts += [(kind, *limit) for limit in limits if counts and kind in (5, 6)]
        if counts and kind in (1, 4):
            kits = {other: kits[other] for other in kits if other not in before} | {hash: (time, hash, kit)}
        authority = keys[0] if kind == 1 or hash in counting else authority
    out = {id: card for id, card in (aside | gone).items() if id not in devices}
    return devices, out, authority, cuts, max(kits.values(), default=(0, b"", b""))[2]
def open_part(data, author, reader, generation, seed):  # The keys of a part: {key id: (client, compartment, key)}.
    r = Bytes(data)
    part, version, kind, ids, readers = r.take(16), r.take(8), r.take(1), r.list(64, 16), r.list(32, 16, 16, r.lp)
    wraps, sealed = [wrap for *of, wrap in readers if of == [reader, generation]], r.end(r.lp())
    need(wraps, "a keyring part that is not for this device")
    key = unwrap(seed, b"part/key" + part + version + author + reader, wraps[0])
    r = Bytes(unseal(key, b"part" + part + version + kind + author, sealed))
    keys = {of + labelled(b"key", client, of, key)[:15]: (client, of, key) for client, of, key in r.end(r.list(64, 16, 1, 32))}
    need(list(keys) == ids, "the names of the keys are not those outside")
    need(kind in b"\1\2" and {of == b"\3" for _, of, _ in keys.values()} == {kind == b"\2"}, "keys of another class")
    return keys
def rows_sum(rmk, rows):  # What the state record says of rows that can be replaced, so that an old one put back is found.
    parts = (mac(derive(rmk, b"row/sum"), b"row/sum", *row) for row in rows)
    return (sum(int.from_bytes(part, "little") for part in parts) % 2**256).to_bytes(32, "little")

class Vault:  # An opened vault: by its recovery kit, or by the passphrase that is asked for.
    def __init__(self, data, kit, passphrase):
        self.store, self.unopened, self.uncounted, self.lists = Store(data), [], set(), {}
        self.gone, self.says = set(), {}
        slot = lambda name: self.store["slots"].get(labelled(b"slots", name), b"")
        need(slot(b"about") == struct.pack("<I", FORMAT), "the vault has a format that this reader does not know")
        if kit:
            local, _, pkk = open_recovery_slot(slot(b"recovery"), kit)
        else:
            local, again = open_passphrase_slot(slot(b"passphrase"), passphrase().encode())
            pkk = unseal(again, b"box/again", slot(b"again"))[48:]
        keys = unseal(local, b"box/keys", slot(b"keys"))
        self.rmk, device = keys[:32], device_id(signing_public(keys[32:64]))
        roster, epochs = self.row("keys", b"roster"), self.row("keys", b"epochs")
        devices, self.out, _, self.cuts, _ = read_practice(roster.end(roster.list(2**32, roster.lp)))
        self.devices = devices | self.out
        self.own, self.process = device, (device, self.devices[device][1], pkk)
        self.epochs = dict(epochs.list(2**32, 16, 32))
        self.keys = {PRACTICE_KEY: (b"", b"", epochs.end(epochs.take(32)))}
        self.state = self.row("state", b"state")
        self.counter, vital, other = self.state.number(8), self.state.take(32), self.state.take(32)
        for total, tables in ((vital, (1, 8)), (other, (5, 6, 7, 9))):
            replaceable = ((bytes([at + 1]), *row) for at in tables for row in self.store[TABLES[at]].items())
            need(total == rows_sum(self.rmk, replaceable), "rows are not those that the vault was left with")
        self.headers = self.read_chains(self.state.end(self.state.list(2**32, 24, 8, 32)))
    def row(self, table, name):  # A row, opened; empty when there is none. Bodies and pieces alone are not sealed as rows.
        number = bytes([TABLES.index(table) + 1])
        key = mac(derive(self.rmk, b"row/name"), b"row/name", number, name)
        stored, context = self.store[table].get(key, b""), b"row" + number + key
        if table in ("bodies", "pieces") or not stored:
            return Bytes(stored)
        row = Bytes(unseal(derive(self.rmk, b"row", number), context, stored))
        need(row.lp() == name, "a row of another name")
        return Bytes(row.take(row.left()))
    def check_anchor(self, anchor):
        need(sha256(b"subrosa/v1/store/anchor" + anchor[:56])[:16] == anchor[56:], "the anchor is damaged")
        counter, same = int.from_bytes(anchor[16:24], "little"), anchor[24:56] == labelled(b"anchor", self.state.data)
        need(counter < self.counter or counter == self.counter and same, "this is an older copy of the vault")
    def read_chains(self, tips):
        """Every header, from the tips of the state record back to the beginning of each log; each tip is signed."""
        headers = {}
        for log, next_seq, head in tips:
            for seq in reversed(range(last := int.from_bytes(next_seq, "little"))):
                header = read_header(self.row("headers", head).data)
                need((header["log"], header["seq"], header["hash"]) == (log, seq, head), "a chain with a turn")
                if header["signature"] or seq == last - 1:
                    verify(self.devices[log[:16]][0], b"header", header["bytes"], header["signature"])
                headers[head], head = header, header["prev"]
        need(len(headers) == len(self.store["headers"]), "headers that no chain holds")
        return headers
    def within(self, header, kinds=(5, 6)):  # Of a device that is out: up to its cuts and what was kept.
        ends = {head for kind, _, _, head in self.cuts if kind in kinds and head in self.headers}
        heads = ends if header["log"][:16] in set(self.out) - {self.own} else {header["hash"]}
        while heads and header["hash"] not in heads:
            heads = {self.headers[head]["prev"] for head in heads} & set(self.headers)
        return bool(heads)
    def key(self, key_id):  # Client, compartment and CK: as its row has it, or out of the part that only PKK opens.
        if key_id not in self.keys:
            row = self.row("keys", b"k" + key_id)
            if row.number(1) == 1:
                self.keys[key_id] = row.end((row.take(16), row.take(1), row.take(32)))
            parts = [(row.take(16), row.take(16)) for _ in range(row.left() // 32)]
            for author, part in sorted(parts, key=lambda part: (part[0] != self.own, part)):
                held = self.row("keys", b"b" + author + part)
                try:
                    found = open_part(*reversed(held.end((held.take(17)[1:], held.lp()))), *self.process)
                    self.keys |= {} if key_id in self.keys else found
                except REFUSED:
                    continue  # It takes nobody's place: another device may have published the key too.
            need(key_id in self.keys, "a key that is not here")
        return self.keys[key_id]
    def documents(self):  # All items, {document: [(kind, device, payload)]}. What does not open is set aside alone.
        documents, lacking = defaultdict(list), []
        for header in self.headers.values():
            for index, item in enumerate(self.items_of(header, lacking)):
                try:
                    said = self.said_by(header, item)
                    documents[item[1]] += [said] if said else []
                except REFUSED as error:
                    self.unopened.append(f"item {index} of {header['hash'].hex()}: {error}")
        lacking = [header["hash"].hex() for header in lacking if (header["log"], header["seq"]) not in self.gone]
        self.unopened += [f"the body of {name} is not here" for name in lacking]
        ids = self.row("pending", b"all")
        while id := ids.left() and ids.take(16):
            waiting = self.row("pending", b"p" + id)
            while any(waiting.data[waiting.at :]):
                item = (b"\x11", id, waiting.take(16), waiting.lp())
                payload = open_item(self.key(item[2])[2], item, self.own) if any(item[2]) else item[3]
                documents[id].append((17, self.own, payload))
        return documents
    def items_of(self, header, lacking):  # None of an epoch that is not known, nor of a device that is out, past its cut.
        body = self.row("bodies", header["hash"]).data
        lacking += [] if body else [header]
        try:
            opens = body and self.within(header) and header["epoch"] in self.epochs
            return open_body(self.epochs[header["epoch"]], header["bytes"], body) if opens else []
        except REFUSED as error:
            return self.unopened.append(f"the body of {header['hash'].hex()}: {error}") or []
    def said_by(self, header, item):  # What an item says of its document; nothing where that is not for readers of notes.
        kind, document, key_id, content = item[0][0], *item[1:]
        under = BARE if not any(key_id) else PRACTICE if key_id == PRACTICE_KEY else CLIENT
        need(under in UNDER.get(kind, {under}), f"an item of kind {kind} under {under}")
        if kind == 22 and under == BARE:
            hashes = (r := Bytes(content[8:])).end(r.list(2176, 32))
            need(hashes, "a list of no piece")
            self.lists[document, labelled(b"file/blob", b"".join(hashes))] = hashes
        if kind not in UNDER or under == BARE:
            return None
        _, of, key = self.key(key_id)
        payload = open_item(key, item, header["log"][:16])
        need(under == PRACTICE or belongs(document, of, payload), "an item of another document")
        if kind == 18 and not self.within(header, (5,)):
            self.uncounted.add(sha256(payload))  # Signed after a removal: it is shown, and does not count.
        if kind in (28, 29):
            self.hear(kind, header["log"][:16], payload)
        if kind == 26:
            closed, number = Bytes(payload), lambda: closed.number(8)
            for log, ranges in closed.end(closed.list(64, 24, lambda: closed.list(512, number, number))):
                self.gone |= {(log, seq) for first, end in ranges for seq in range(first, end)}
        return kind, header["log"][:16], payload
    def hear(self, kind, device, payload):  # Of what one device says of itself or sets, the largest number, then the smaller bytes.
        said = Bytes(payload)
        what, number = said.number(1) if kind == 29 else 0, said.number(8)
        rest = (said.lp().decode(), said.number(4), said.list(106, 32)) if kind == 28 else (said.list(256, 32), said.lp())
        need(kind == 28 and len(rest[0].encode()) <= 256 or kind == 29 and rest[0] == sorted(set(rest[0])), "a name or a list that is none")
        said.end(True)
        before = self.says.get((kind, what, device))
        self.says[kind, what, device] = min(filter(None, (before, (-number, payload, rest))))
    def name(self, device):
        return self.says.get((28, 0, device), (0, b"", ("",)))[2][0] or self.devices[device][2].decode()
    def setting(self, wanted):  # Of the settings that no other names, that with the smallest hash.
        said = {sha256(payload): rest for (kind, what, _), (_, payload, rest) in self.says.items() if (kind, what) == (29, wanted)}
        seen = {hash for hashes, _ in said.values() for hash in hashes}
        value = min(((hash, rest[1]) for hash, rest in said.items() if hash not in seen), default=(b"", b""))[1]
        return Bytes(value) if value else None
    def relay(self):
        value = self.setting(1)
        return value.lp().decode() if value else None
    def folder(self):  # What kind of place it is, and its address.
        value = self.setting(2)
        return [{1: "webdav", 2: "s3"}[value.number(1)], value.lp().decode()] if value else None
    def content(self, id, blob, key, length):  # The bytes of an attached file, out of the pieces that its list names.
        hashes, sealed = self.lists.get((id, blob), []), []
        need(len(hashes) == pieces(length)[0], "the list of its pieces is not here")
        for hash in hashes:
            sealed.append(self.row("pieces", hash).data)
            need(sealed[-1], f"the piece {hash.hex()} is not here")
            need(sha256(sealed[-1]) == hash, "a piece that its list does not name")
        parts = [unseal(key, b"file/piece" + id + struct.pack("<I", at), piece) for at, piece in enumerate(sealed)]
        need({len(part) for part in parts} == {pieces(length)[1]}, "a piece of another length")
        need(not any(b"".join(parts)[length:]), "something behind the end of the file")
        return b"".join(parts)[:length]
