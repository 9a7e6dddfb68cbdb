"""Documents: what was imported, written and signed becomes clients, notes and measures (docs/format.md, 3 and 11)."""
import json
from collections import defaultdict
from itertools import groupby
from seals import device_id, sha256, verify
from store import need
from vault import Bytes

TYPES = {1: "client", 2: "note", 3: "measures", 4: "process note"}
NOTE = ("date", "start", "minutes", "format", "session", "tags", "text")
IDENTITY = ("name", "code", "birth_date", "email", "phone", "language", "status", "referral")

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
# Writing, for the changes that every device computes: LEB128, a text with its length, runs, differences.
unsigned = lambda n: bytes([n]) if n < 128 else bytes([n & 127 | 128]) + unsigned(n >> 7)
signed = lambda n: bytes([n & 127]) if -64 <= n < 64 else bytes([n & 127 | 128]) + signed(n >> 7)
counted = lambda data: unsigned(len(data)) + data
def in_runs(values, put):
    runs, out, each = [(value, len(list(same))) for value, same in groupby(values)], b"", []
    for value, length in runs + [(None, 0)]:
        if value is not None and length == 1:
            each.append(put(value))
            continue
        out, each = out + (signed(-len(each)) + b"".join(each) if each else b""), []
        if length:
            out += b"\0" + unsigned(length) if value is None else signed(length) + put(value)
    return out
def written(parents, actor, first, others, columns):
    data = unsigned(len(parents)) + b"".join(parents) + counted(actor) + b"\1" + unsigned(first) + b"\0\0"
    data += unsigned(len(others)) + b"".join(map(counted, others))
    columns = {name: column for name, column in columns.items() if column}
    data += unsigned(len(columns)) + b"".join(unsigned(name) + unsigned(len(columns[name])) for name in columns)
    body = b"\1" + counted(data + b"".join(columns.values()))
    return sha256(body), b"\x85oJ\x83" + sha256(body)[:4] + body
def beginning(id, frozen):  # The root, and a change on it for each [[name and value …], text] that was frozen.
    root = sha256(b"subrosa/v1/document/root" + id)[:24]
    hash, data = written([], root, 1, [], {0x15: b"\x7f\4text", 0x34: b"\1", 0x42: b"\x7f\4", 0x56: b"\x7f\0", 0x70: b"\x7f\0"})
    lp = lambda data: len(data).to_bytes(4, "little") + data
    made = []
    for fields, text in frozen:
        fields, letters = sorted(map(tuple, fields)), [letter.encode() for letter in text.decode()]
        of, n = b"".join(lp(part) for field in fields for part in field) + lp(text), len(letters)
        content = sha256(len(fields).to_bytes(8, "little") + of)
        values, none, each = [value for _, value in fields] + letters, [None] * len(fields), len(fields) + n
        behind = [0] + list(range(2 + len(fields), 1 + each)) if n else []
        steps = behind[:1] + [after - before for before, after in zip(behind, behind[1:])]
        columns = {0x01: in_runs(none + [1] * n, unsigned) if n else b"", 0x02: in_runs(none + [1] * n, unsigned) if n else b"",
                   0x11: in_runs(none + [None] + [0] * (n - 1), unsigned) if n > 1 else b"",
                   0x13: in_runs(none + steps, signed) if n else b"",
                   0x15: in_runs([name for name, _ in fields] + [None] * n, counted) if fields else b"",
                   0x34: unsigned(len(fields)) + (unsigned(n) if n else b""), 0x42: in_runs([1] * each, unsigned),
                   0x56: in_runs([len(value) * 16 + 6 for value in values], unsigned), 0x57: b"".join(values),
                   0x70: in_runs([0] * each, unsigned)}
        actor = sha256(b"subrosa/v1/document/base" + id + content)[:24]
        made += [written([hash], actor, 2, [root] if n else [], columns)[1]] if each else []
    return data + b"".join(sorted(made, key=lambda change: sha256(change[8:])))
def to_fields(kind, data):  # A frozen note or identity as fields, by their names, and a text.
    names, other = IDENTITY if kind == 1 else NOTE[:5], dict(data.get("other", {}))
    for name in sorted(name for name in data if name not in names + ("other", "tags", "text")):
        value, own = data[name], name + "'" * next(n for n in range(len(data) + 1) if name + "'" * n not in other)
        other[own] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    taken = lambda name: name == "text" or name in names or name.startswith(("tag.", "other."))
    fields = {"other." * taken(name) + name: value for name, value in other.items()}
    fields |= {name: str(data[name]) for name in names if data.get(name) not in (None, "") or name == "code" and data.get(name) == ""}
    for at, tag in enumerate(data.get("tags", []) if kind != 1 else []):
        fields["tag." + tag] = f"{fields['tag.' + tag]} {at}" if "tag." + tag in fields else str(at)
    return [(name.encode(), value.encode()) for name, value in fields.items()], data.get("text", "").encode() * (kind != 1)
def read_changes(data):
    chunk = Column(data)
    while chunk.at < len(data):
        magic, check, start, kind, body = chunk.take(4), chunk.take(4), chunk.at, chunk.take(1), Column(chunk.text())
        hash = sha256(data[start : chunk.at])
        need((magic, check, kind) == (b"\x85oJ\x83", hash[:4], b"\x01"), "no change, or a damaged one")
        parents, actor = {body.take(32) for _ in range(body.unsigned())}, body.text()
        _, first, _, _ = body.unsigned(), body.unsigned(), body.signed(), body.text()
        actors = [actor] + [body.text() for _ in range(body.unsigned())]
        lengths = [(body.unsigned(), body.unsigned()) for _ in range(body.unsigned())]
        columns = defaultdict(lambda: Column(b"")) | {name: Column(body.take(length)) for name, length in lengths}
        yield {"hash": hash, "parents": parents, "actor": actor, "ops": list(operations(columns, actors, first))}
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
    def __init__(self, id, frozen, sent):
        computed = {change["hash"]: change for change in read_changes(beginning(id, frozen))}
        chunks = [(by, list(read_changes(chunk))) for by, chunk in sent]
        own = [change for by, changes in chunks for change in changes if all(by == one["actor"][:16] for one in changes)]
        self.computed = set(computed)
        waiting, self.changes = {change["hash"]: change for change in own if change["parents"]}, {}
        ready = list(computed.values())
        while ready:
            self.changes |= {change["hash"]: waiting.pop(change["hash"], change) for change in ready}
            ready = [change for change in waiting.values() if change["parents"] <= set(self.changes)]
        self.is_begun = bool(frozen) or len(self.changes) > 1
        self.ops = {op["id"]: op for op in self.of(self.changes)}
        self.gone = {id for op in self.ops.values() for id in op["replaces"]}
    of = lambda self, hashes: [op for hash in hashes for op in self.changes[hash]["ops"]]
    def unseen(self, heads):  # The ids of the operations that these heads have not seen.
        open_, seen = [head for head in heads if head in self.changes], set(self.computed)
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
    later = {name: value for name, value in data.items() if name not in NOTE + ("other",)}
    return {"tags": [], "text": ""} | known | {"other": data.get("other", {}) | later}
def single(pairs):  # A name twice says two things to two readers.
    return need(len(dict(pairs)) == len(pairs), "a name that stands twice") or dict(pairs)
def read_signed(id, payload, devices):
    r = Bytes(payload[33:])
    data, key, signature = r.lp(), r.take(32), r.end(r.take(64))
    verify(key, b"note", data, signature)
    said = json.loads(data.decode(), object_pairs_hook=single, parse_constant=lambda it: need(False, f"{it} is no JSON"))
    own = (said["note"], said["device"]) == (id.hex(), device_id(key).hex()) and device_id(key) in devices
    need(own, "a signature of another note, or by a device that is not of the practice")
    return said | {"hash": sha256(data).hex(), "content": of_json(said["content"])}
def read_document(id, items, devices):  # Type, client and content; None when it was deleted, or is none of these.
    of_kind = lambda *kinds: [payload for kind, _, payload in items if kind in kinds]
    listed = lambda kind, first: {p[at : at + 32] for p in of_kind(kind) for at in range(first, len(p), 32)}
    about = [payload for kind, _, payload in items if kind not in (20, 26, 27)]
    if not about:
        return None
    kind, client, seen = about[0][0], about[0][1:17].hex(), listed(19, 37)
    frozen = sorted({payload[49:] for payload in of_kind(16)})
    froze = [json.loads(data, object_pairs_hook=single) for data in frozen]
    document = Document(id, [to_fields(kind, data) for data in froze] if kind in (1, 2, 4) else [],
                        [(device, payload[33:]) for of, device, payload in items if of == 17])
    signed = [read_signed(id, payload, devices) for payload in of_kind(18)]
    signed.sort(key=lambda said: ("adds_to" in said, said["signed_at"], said["hash"]))
    heads = {bytes.fromhex(head) for one in signed for head in one["heads"]}
    if of_kind(26) and signed and not (heads <= set(document.changes) and document.unseen(heads)):
        document = Document(id, [], [])
    if {sha256(payload) for payload in of_kind(16, 18, 23, 24)} <= seen and not document.unseen(seen):
        return None
    moves = [(p[56:48:-1], sha256(p), p[33:49].hex()) for p in of_kind(24) if sha256(p) not in listed(24, 61)]
    signers = [one["client"] for one in signed]
    client = max(moves)[2] if moves else client if kind != 1 else id.hex()
    client = client if client in signers or not signers or not moves else signers[0]
    said = {"id": id.hex(), "type": TYPES.get(kind, "unknown"), "client": client, "signed": signed}
    if kind in (1, 3):
        return said | (document.fields() if kind == 1 else froze[0])
    late = document.unseen(heads) if signed else ()
    written = of_fields(document.fields(), document.text()) if document.is_begun else of_json({})
    return said | (signed[0]["content"] if signed else written) | ({"late": document.text(late)} if late else {})
