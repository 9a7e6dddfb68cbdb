"""Documents: what was imported, written and signed becomes clients, notes and measures (docs/format.md, 3 and 11)."""
import json, re
from collections import ChainMap, defaultdict
from datetime import datetime
from itertools import groupby
from seals import device_id, sha256, verify
from store import need
from vault import REFUSED, Bytes

TYPES = {1: "client", 2: "note", 3: "measures", 4: "process note", 5: "file"}
NOTE = ("date", "start", "minutes", "format", "session", "tags", "text")
IDENTITY = ("name", "code", "birth_date", "email", "phone", "language", "status", "referral")
REQUIRED = {1: {"name"}, 2: {"date", "text"}, 3: {"measures"}, 4: {"date", "text"}}
MEASURE = {"date": str, "instrument": str, "items": list, "total": int}
MAY_BE_NULL = ("date", "birth_date", "start", "minutes", "session", "code")

def single(pairs):  # A name twice says two things to two readers.
    return need(len(dict(pairs)) == len(pairs), "a name that stands twice") or dict(pairs)
def read_json(data):  # RFC 8259 and nothing beside it: no NaN, no half of a surrogate pair, no number beyond a double.
    value = json.loads(data.decode(), object_pairs_hook=single, parse_constant=lambda it: need(False, f"{it} is no JSON"))
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value
def of_form(name, value):  # Whether a member of a note or an identity is of the type that docs/format.md gives it.
    if value is None or name == "tags":
        return name in MAY_BE_NULL if value is None else isinstance(value, list) and all(isinstance(tag, str) for tag in value)
    if name in ("date", "birth_date"):
        return isinstance(value, str) and re.match(r"\d{4}-?\d\d-?\d\d", value) is not None
    if name in ("minutes", "session"):
        return type(value) is int and 0 <= value < 1 << 32
    if name == "other":
        return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    return name not in IDENTITY + NOTE or isinstance(value, str)
def read_content(kind, data):  # What a frozen or a signed item says of a document of this type.
    need(isinstance(data, dict) and REQUIRED[kind] <= set(data), "a member that must be there is not")
    need(kind == 3 or all(of_form(name, value) for name, value in data.items()), "a member of another type")
    whole = lambda one: all(type(one.get(name)) is type_ for name, type_ in MEASURE.items())
    need(kind != 3 or all(whole(one) for one in data["measures"]), "a measure that is none")
    return data

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
def pieces(text):  # A long text is inserted in runs.
    return [text[at:at + 256] for at in range(0, len(text), 256)] if len(text) > 8192 else text
def beginning(id, frozen):  # The root, and a change on it for each [[name and value …], text] that was frozen.
    root = sha256(b"subrosa/v1/document/root" + id)[:24]
    hash, data = written([], root, 1, [], {0x15: b"\x7f\4text", 0x34: b"\1", 0x42: b"\x7f\4", 0x56: b"\x7f\0", 0x70: b"\x7f\0"})
    lp = lambda data: len(data).to_bytes(4, "little") + data
    made = []
    for fields, text in frozen:
        fields, letters = sorted(map(tuple, fields)), [letter.encode() for letter in pieces(text.decode())]
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
        number, first, _, _ = body.unsigned(), body.unsigned(), body.signed(), body.text()
        actors = [actor] + [body.text() for _ in range(body.unsigned())]
        lengths = [(body.unsigned(), body.unsigned()) for _ in range(body.unsigned())]
        columns = defaultdict(lambda: Column(b"")) | {name: Column(body.take(length)) for name, length in lengths}
        yield {"hash": hash, "parents": parents, "actor": actor, "number": number, "first": first,
               "ops": list(operations(columns, actors, first))}
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
               "type": size & 15, "value": columns[0x57].take(size >> 4), "replaces": [next(replaced) for _ in range(next(counts, 0))]}

class Document:  # All changes that count, as operations by their ids.
    def __init__(self, id, frozen, sent, refuse=lambda error: None):
        self.changes, self.ops, self.last, waiting = {}, {}, {}, []
        computed = list(read_changes(beginning(id, frozen)))
        self.root = computed[0]["ops"][0]["id"]  # The text, which the root made.
        self.admit(computed, is_computed=True)
        self.computed = set(self.changes)
        for by, chunk in sent:
            try:
                item = list(read_changes(chunk))
                need(all(by == one["actor"][:16] for one in item), "a change in another's name")
                need(all(one["parents"] for one in item), "a change without parents")
                waiting.append(item)
            except REFUSED as error:
                refuse(error)
        size = lambda item: (sum(16 + len(one["ops"]) for one in item), item[0]["actor"] if item else b"")
        while ready := [item for item in waiting if self.has_parents_of(item)]:
            waiting = [item for item in waiting if not self.has_parents_of(item)]
            for item in sorted(ready, key=size):
                try:
                    self.admit(item)
                except REFUSED as error:
                    refuse(error)
        self.is_begun = bool(frozen) or len(self.changes) > 1
        self.gone = {id for op in self.ops.values() for id in op["replaces"]}
    def has_parents_of(self, item):
        own = {one["hash"] for one in item}
        return all(parent in self.changes or parent in own for one in item for parent in one["parents"])
    def admit(self, item, is_computed=False):  # All changes of an item, or none.
        changes, ops, last = (ChainMap({}, known) for known in (self.changes, self.ops, self.last))
        for one in item:
            if one["hash"] in changes:
                continue
            above, seen = [changes[parent] for parent in one["parents"]], {}
            for parent in above:
                seen |= {actor: max(number, seen.get(actor, 0)) for actor, number in parent["seen"].items()}
            follows = 1 + seen.get(one["actor"], 0) == one["number"] == 1 + last.get(one["actor"], 0)
            need(follows or is_computed, "a change that does not follow its actor's last one")
            first = 1 + max((parent["top"] for parent in above), default=0)
            need(one["first"] == first or is_computed, "a change that leaves numbers out, or takes others'")
            for op in one["ops"]:
                need(is_computed or self.fits(op, ops), "an operation that section 11 refuses")
                ops[op["id"]] = op
            seen[one["actor"]] = last[one["actor"]] = one["number"]
            changes[one["hash"]] = one | {"seen": seen, "top": one["first"] + len(one["ops"]) - 1}
        for known, new in ((self.changes, changes), (self.ops, ops), (self.last, last)):
            known |= new.maps[0]
    def fits(self, op, ops):  # Whether an operation sets a field, puts a character into the text, or takes one of these away.
        sets, takes, behind = op["action"] == 1, op["action"] == 3, op["behind"]
        holds_text = op["type"] == 6 and isinstance(op["value"].decode(), str) if sets else not op["value"]
        if op["object"] == self.root:
            is_there = behind in ops and ops[behind]["insert"] or sets and behind == (0, None)
            own = op["name"] is None and op["insert"] == sets and is_there and all(id == behind for id in op["replaces"])
        else:
            same = lambda id: id in ops and (ops[id]["object"], ops[id]["name"]) == (op["object"], op["name"])
            own = op["object"] == (None, None) and op["name"] not in (None, b"text") and not op["insert"]
            own = own and all(map(same, op["replaces"]))
        return (sets or takes) and own and holds_text and (bool(op["replaces"]) if takes else not (op["insert"] and op["replaces"]))
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
def read_signed(id, kind, payload, devices):
    r = Bytes(payload[33:])
    data, key, signature = r.lp(), r.take(32), r.end(r.take(64))
    verify(key, b"note", data, signature)
    said = read_json(data)
    own = (said["note"], said["device"]) == (id.hex(), device_id(key).hex()) and device_id(key) in devices
    need(own, "a signature of another note, or by a device that is not of the practice")
    need(said["format"] == 2 and said["kind"] in ("note", "addendum"), "a statement of another format")
    need(said.get("process", False) == (kind == 4), "a statement of a note that is kept elsewhere")
    when = int(datetime.fromisoformat(said["signed_at"]).timestamp() * 1000)
    order = (said.get("adds_to") is not None, when, sha256(data).hex())
    heads = {bytes.fromhex(head) for head in said["heads"]}
    return said | {"hash": order[2], "content": of_json(read_content(2, said["content"])), "order": order, "saw": heads}
def hashes(payload, *before):  # The list at the end of what an item says behind its origin, and the fields before it.
    r = Bytes(payload[33:])
    return *(r.take(width) for width in before), r.end(r.list(65536, 32))
def read_deletion(payload):  # What it saw: heads, but for the one that says when.
    heads = hashes(payload)[0]
    return {head for head in heads if head[:24] != bytes(24)}
def read_move(payload):  # The moves that it names, and by time and hash where the document goes.
    to, at, named = hashes(payload, 16, 8)
    return named, (at[::-1], sha256(payload), to.hex())
def read_merge(payload):
    into, merges, at, named = hashes(payload, 16, 1, 8)
    return named, (at[::-1], sha256(payload), into) if merges == b"\1" else None
def read_file(payload):
    r = Bytes(payload[33:])
    note, blob, key, length, _ = r.take(16), r.take(32), r.take(32), r.number(8), r.take(8)
    name, media = r.lp().decode(), r.end(r.lp()).decode()
    need(1 <= len(name.encode()) <= 1024 and len(media) <= 128 and "/" in media and length <= 1 << 31, "no file")
    return {"note": note.hex(), "name": name, "media": media, "length": length, "pieces": (blob, key)}
def joined(documents):  # Of clients who are shown as part of another, that one (docs/format.md, 3, Merged).
    merges, taken_back, into = [], set(), {}
    for id, items in documents.items():
        for merge in each(read_merge, items, 25, lambda error: None):
            taken_back |= set(merge[0])
            merges += [(*merge[1][:2], id, merge[1][2])] if merge[1] else []
    for _, hash, one, other in sorted(merges):
        one, other = into.get(one, one), into.get(other, other)
        if hash not in taken_back and one != other:
            into |= {id: other for id in [one, *(id for id in into if into[id] == one)]}
    return {id.hex(): to.hex() for id, to in into.items()}
def each(read, items, kind, refuse):  # What the items of a kind say. One that says nothing costs itself alone.
    said = []
    for payload in (payload for of, _, payload in items if of == kind):
        try:
            said.append(read(payload))
        except (*REFUSED, AttributeError, TypeError) as error:
            refuse(error)
    return said
def read_document(id, items, devices, uncounted=(), set_aside=None):
    """Type, client and content; None when it was deleted, or is none of these. What is set aside is listed, if a list is given."""
    refuse = lambda error: set_aside is None or set_aside.append(f"an item of {id.hex()}: {str(error) or type(error).__name__}")
    about = [payload for kind, _, payload in items if kind not in (20, 26, 27)]
    kind, client = (about[0][0], about[0][1:17].hex()) if about else (0, "")
    if kind not in TYPES:
        return None
    all_of = lambda read, of: each(read, items, of, refuse)
    # The least payload of a file counts; of what was frozen, each content once.
    files = all_of(lambda payload: (payload, read_file(payload)), 22) if kind == 5 else []
    froze = dict(all_of(lambda payload: (payload, read_content(kind, read_json(payload[49:]))), 16))
    contents = [data for _, data in sorted({payload[49:]: data for payload, data in froze.items()}.items())]
    has_text = kind in (1, 2, 4)
    document = Document(id, [to_fields(kind, data) for data in contents] if has_text else [],
                        [(device, payload[33:]) for of, device, payload in items if of == 17 and has_text], refuse)
    signed = sorted(all_of(lambda payload: read_signed(id, kind, payload, devices) | {"payload": payload}, 18),
                    key=lambda said: said["order"])
    apart = [one for one in signed if sha256(one["payload"]) in uncounted]
    signed = [one for one in signed if one not in apart]
    heads = set().union(*(one["saw"] for one in signed))
    # A draft whose bodies were let go, here or elsewhere: what is left of it says nothing.
    if signed and any(of == 26 for of, *_ in items) and not (heads <= set(document.changes) and document.unseen(heads)):
        document = Document(id, [], [])
    moves, seen = all_of(read_move, 24), set().union(*all_of(read_deletion, 19))
    restored = all_of(lambda payload: hashes(payload) and sha256(payload), 23)
    whole = [*froze, *(payload for payload, _ in files), *(one["payload"] for one in signed + apart)]
    stands = {*map(sha256, whole), *restored, *(hash for _, (_, hash, _) in moves)}
    if stands <= seen and not document.unseen(seen):
        return None
    named = {hash for names, _ in moves for hash in names}
    going, signers = [move for _, move in moves if move[1] not in named], [one["client"] for one in signed]
    client = max(going)[2] if going else client if kind != 1 else id.hex()
    client = client if client in signers or not signers or not going else signers[0]
    own = ("order", "saw", "payload")
    plain = lambda said: [{name: value for name, value in one.items() if name not in own} for one in said]
    said = {"id": id.hex(), "type": TYPES[kind], "client": client, "signed": plain(signed)}
    if kind == 5:
        return said | min(files, key=lambda file: file[0])[1] if files else None
    if kind in (1, 3):
        return said | (document.fields() if kind == 1 else contents[0]) if contents or document.is_begun else None
    said |= {"uncounted": plain(apart)} if apart else {}
    late = document.unseen(heads) if signed else ()
    written = of_fields(document.fields(), document.text()) if document.is_begun else None
    shown = signed[0]["content"] if signed else written or (apart[0]["content"] if apart else of_json({}))
    return said | shown | ({"late": document.text(late)} if late else {})
