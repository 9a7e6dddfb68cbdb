"""Documents: what was imported, written and signed becomes clients, notes and measures (docs/format.md, 3 and 11)."""
import json
from collections import defaultdict
from seals import device_id, sha256, verify
from store import need
from vault import Bytes

TYPES = {1: "client", 2: "note", 3: "measures", 4: "process note"}
NOTE = ("date", "start", "minutes", "format", "session", "tags", "text")

class Column(Bytes):  # Numbers and texts of a change: LEB128, in runs, and as differences.
    def unsigned(self):
        byte = self.take(1)[0]
        return byte if byte < 128 else byte & 127 | self.unsigned() << 7
    def signed(self):
        start, value = self.at, self.unsigned()
        return value - (1 << 7 * (self.at - start)) if self.data[self.at - 1] & 64 else value
    text = lambda self: self.take(self.unsigned())
    def runs(self, read):  # A value n times, or after -n as many values, or after 0 none a number of times.
        while self.at < len(self.data):
            n = self.signed()
            yield from [read()] * n if n > 0 else [read() for _ in range(-n)] if n else [None] * self.unsigned()
    def differences(self):
        value = 0
        for step in self.runs(self.signed):
            yield None if step is None else (value := value + step)
    def flags(self):
        flag = True
        while self.at < len(self.data):
            yield from [flag := not flag] * self.unsigned()
def read_changes(data):
    chunk = Column(data)
    while chunk.at < len(data):
        magic, check, start, kind, body = chunk.take(4), chunk.take(4), chunk.at, chunk.take(1), Column(chunk.text())
        hash = sha256(data[start : chunk.at])
        need((magic, check, kind) == (b"\x85oJ\x83", hash[:4], b"\x01"), "no change, or a damaged one")
        parents, actor = {body.take(32) for _ in range(body.unsigned())}, body.text()
        _, first, _, message = body.unsigned(), body.unsigned(), body.signed(), body.text().decode()
        actors = [actor] + [body.text() for _ in range(body.unsigned())]
        lengths = [(body.unsigned(), body.unsigned()) for _ in range(body.unsigned())]
        columns = defaultdict(lambda: Column(b"")) | {name: Column(body.take(length)) for name, length in lengths}
        yield {"hash": hash, "parents": parents, "message": message, "ops": list(operations(columns, actors, first))}
def operations(columns, actors, first):
    number = lambda name: columns[name].runs(columns[name].unsigned)
    ids = lambda name, counts: zip(counts, (None if at is None else actors[at] for at in number(name)))
    objects, elements = ids(0x01, number(0x02)), ids(0x11, columns[0x13].differences())
    names, inserts = columns[0x15].runs(columns[0x15].text), columns[0x34].flags()
    sizes, counts, replaced = number(0x56), number(0x70), ids(0x71, columns[0x73].differences())
    for at, action in enumerate(number(0x42)):
        size = next(sizes, 0)
        yield {"id": (first + at, actors[0]), "object": next(objects, (None, None)), "action": action,
               "behind": next(elements, (None, None)), "name": next(names, None), "insert": next(inserts, False),
               "value": columns[0x57].take(size >> 4), "replaces": [next(replaced) for _ in range(next(counts, 0))]}

class Document:  # All changes whose parents are here, as operations by their ids.
    def __init__(self, id, chunks):
        waiting = {change["hash"]: change for chunk in chunks for change in read_changes(chunk)}
        roots = [c for c in waiting.values() if not c["parents"] and c["message"] in ("", id.hex())]
        self.changes, ready = {}, roots[:1]
        while ready:
            self.changes |= {change["hash"]: waiting.pop(change["hash"]) for change in ready}
            ready = [c for c in waiting.values() if c["parents"] and c["parents"] <= set(self.changes)]
        self.ops = {op["id"]: op for op in self.of(self.changes)}
        self.gone = {id for op in self.ops.values() for id in op["replaces"]}
    of = lambda self, hashes: [op for hash in hashes for op in self.changes[hash]["ops"]]
    def unseen(self, heads):  # The ids of the operations that these heads have not seen.
        open_, seen = [head for head in heads if head in self.changes], set()
        while open_:
            seen.add(head := open_.pop())
            open_ += self.changes[head]["parents"] - seen
        return {op["id"] for op in self.of(set(self.changes) - seen)}
    def fields(self):  # Of values set at the same time, that of the greatest id counts.
        live = (op for id, op in sorted(self.ops.items()) if id not in self.gone and op["object"] == (None, None))
        return {op["name"].decode(): op["value"].decode() for op in live if op["action"] == 1}
    def text(self, of=None):  # Each character behind the one that it was inserted behind, of two the later id first.
        behind, parts, open_ = defaultdict(list), [], [(0, None)]
        for id, op in sorted(self.ops.items()):
            behind[op["behind"]] += [id] if op["insert"] else []
        while open_:
            id = open_.pop()
            parts += [self.ops[id]["value"]] if id in (of or self.ops) and id not in self.gone else []
            open_ += behind[id]
        return b"".join(parts).decode()
def of_fields(fields, text):  # A note as docs/format.md names its fields.
    named = lambda prefix: {name[len(prefix) :]: fields[name] for name in fields if name.startswith(prefix)}
    tags = sorted((int(place), tag) for tag, places in named("tag.").items() for place in places.split())
    plain = {name: fields[name] for name in fields if not name.startswith(("tag.", "other."))}
    return of_json(plain | {"tags": [tag for _, tag in tags], "other": named("other."), "text": text})
def of_json(data):  # A note as its JSON says it; members that a later version added stand with the others.
    known = {name: data[name] for name in NOTE if name in data}
    later = {name: value for name, value in data.items() if name not in NOTE + ("other", "client")}
    return {"tags": [], "text": ""} | known | {"other": data.get("other", {}) | later}
def single(pairs):  # A name twice says two things to two readers.
    return need(len(dict(pairs)) == len(pairs), "a name that stands twice") or dict(pairs)
def read_signed(id, payload, devices):
    r = Bytes(payload)
    data, key, signature = r.lp(), r.take(32), r.end(r.take(64))
    verify(key, b"note", data, signature)
    said = json.loads(data.decode(), object_pairs_hook=single, parse_constant=lambda it: need(False, f"{it} is no JSON"))
    own = (said["note"], said["device"]) == (id.hex(), device_id(key).hex()) and device_id(key) in devices
    need(own, "a signature of another note, or by a device that is not of the practice")
    return said | {"hash": sha256(data).hex(), "content": of_json(said["content"])}
def read_document(id, items, devices):  # Type, client and content; None when it was deleted, or is none of these.
    of_kind = lambda *kinds: [payload for kind, _, payload in items if kind in kinds]
    listed = lambda kind, first: {p[at : at + 32] for p in of_kind(kind) for at in range(first, len(p), 32)}
    frozen, changes, seen = of_kind(16), of_kind(17), listed(19, 21)
    document = Document(id, [payload[17:] for payload in changes])
    signed = [read_signed(id, payload, devices) for payload in of_kind(18)]
    signed.sort(key=lambda said: ("adds_to" in said, said["signed_at"], said["hash"]))
    heads = {bytes.fromhex(head) for one in signed for head in one["heads"]}
    if of_kind(26) and signed and not (heads <= set(document.changes) and document.unseen(heads)):
        document = Document(id, [])
    if {sha256(payload) for payload in of_kind(16, 18, 23, 24)} <= seen and not document.unseen(seen):
        return None
    kind = (frozen + changes)[0][0] if frozen + changes else 4 if "process" in signed[0] else 2
    origin = json.loads(min(payload[17:] for payload in frozen)) if frozen else {}
    moves = [(p[40:32:-1], sha256(p), p[1:17].hex()) for p in of_kind(24) if sha256(p) not in listed(24, 45)]
    signers = [one["client"] for one in signed]
    client = max(moves)[2] if moves else items[0][1].hex()
    client = client if client in signers or not signers else signers[0]
    said = {"id": id.hex(), "type": TYPES.get(kind, "unknown"), "client": client, "signed": signed}
    if kind in (1, 3):
        return said | (document.fields() if document.changes else origin)
    late = document.unseen(heads) if signed else ()
    written = of_fields(document.fields(), document.text()) if document.changes else of_json(origin)
    return said | (signed[0]["content"] if signed else written) | ({"late": document.text(late)} if late else {})
