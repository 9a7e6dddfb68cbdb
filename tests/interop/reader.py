"""Compares what docs/reader finds in a vault with what the program exported: reader.py READER FOLDER."""
import hashlib, json, os, pathlib, subprocess, sys
from collections import Counter, defaultdict

reader, folder = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, str(reader))
from read import read
from seals import recovery_key
from vault import REFUSED, Bytes, Vault, open_body

data = (folder / "practice.vault").read_bytes()
kit = recovery_key((folder / "kit.txt").read_text())
passphrase = lambda: (folder / "passphrase").read_text().rstrip("\n")


def documents(vault):
    found, _ = read(vault)
    assert not vault.unopened, vault.unopened
    return found


def exported_private():
    """The private notes of an export, by their ids: front matter, one blank line, the text."""
    for path in (folder / "export" / "process").glob("*/*.md"):
        front, _, text = path.read_text().removeprefix("---\n").partition("---\n\n")
        fields = dict(line.partition(": ")[::2] for line in front.splitlines())
        yield fields["note_id"].strip("\"'"), text


def compare(found):
    """Every note, client and measure of the export is found, says the same, and nothing else is there."""
    left = dict(found)
    for path in (folder / "export" / "records").glob("*/record.json"):
        record = json.loads(path.read_text())
        client = next(d for d in found.values() if d["type"] == "client" and d.get("code") == record["identity"]["code"])
        left.pop(client["id"])
        for name in set(record["identity"]) - {"other"}:
            assert client[name] == record["identity"][name], name
        for note in record["notes"]:
            if "addendum_to" in note and note["id"] not in found:
                # An addendum in its note's own document goes by its hash.
                added = {one["hash"]: one for one in found[note["addendum_to"]]["signed"]}[note["signed"]["hash"]]
                assert added["content"]["text"] == note["text"]
                continue
            read = left.pop(note["id"])
            assert (read["type"], read["client"]) == ("note", client["id"])
            for name in set(note) - {"id", "addendum_to", "process_note", "signed"}:
                same = str(read[name]) == str(note[name]) if name in ("minutes", "session") else read[name] == note[name]
                assert same, f"{name} of a note: {read[name]!r}, exported {note[name]!r}"
            if note.get("signed"):
                assert read["signed"][0]["hash"] == note["signed"]["hash"]
        measures = [m for d in list(left.values()) if d["type"] == "measures" and d["client"] == client["id"]
                    for m in left.pop(d["id"])["measures"]]
        assert sorted(map(str, measures)) == sorted(map(str, record["measures"]))
    for id, text in exported_private():
        read = left.pop(id)
        assert (read["type"], read["text"]) == ("process note", text)
    assert not left, f"not in the export: {left.keys()}"
    hashes = {one["hash"] for document in found.values() for one in document["signed"]}
    for path in (folder / "export" / "signed").glob("*.json"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem and path.stem in hashes


def run(vault, *options):
    command = [sys.executable, str(reader / "read.py"), *map(str, options), str(vault)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONUTF8": "1"})


def refused(what, vault, *options):
    said = run(vault, *options)
    assert said.returncode == 1 and said.stderr.startswith("refused: ") and not said.stdout, f"{what}: {said}"


found = documents(Vault(data, None, passphrase))
compare(found)
assert documents(Vault(data, kit, None)) == found, "kit and passphrase find the same"
printed = run(folder / "practice.vault", "--kit", folder / "kit.txt")
assert printed.returncode == 0 and all(d["text"] in printed.stdout for d in found.values() if "text" in d), printed
assert "More of it." in printed.stdout and "My own thoughts." in printed.stdout and "Not to be kept." not in printed.stdout

by_passphrase = ("--passphrase-file", folder / "passphrase")
refused("a wrong passphrase", folder / "practice.vault", "--passphrase-file", folder / "wrong")
(folder / "other.txt").write_text("AGE-SECRET-KEY-PQ-1FD95KJ6TFD95KJ6TFD95KJ6TFD95KJ6TFD95KJ6TFD95KJ6TFD9SRFTHL3")
refused("another kit", folder / "practice.vault", "--kit", folder / "other.txt")
refused("an older copy", folder / "older.vault", *by_passphrase)



def steps(vault):
    """What stands in a vault, counted by this reader: each of these the expectation beside a golden vault counts too."""
    steps, kinds = Counter(), defaultdict(set)
    tips = Counter(log for log, _, _ in Bytes(vault.state.data[72:]).list(2**32, 24, 8, 32))
    steps["logs with several branches"] = sum(many > 1 for many in tips.values())
    for header in vault.headers.values():
        steps[f"envelopes of class {header['bytes'][9]}"] += 1
        body = vault.row("bodies", header["hash"]).data
        if not body:
            steps["bodies let go" if (header["log"], header["seq"]) in vault.gone else "bodies missing"] += 1
            continue
        try:
            items = open_body(vault.epochs[header["epoch"]], header["bytes"], body)
        except REFUSED:
            steps["bodies that do not open"] += 1
            continue
        for kind, document, key, content in items:
            steps[f"items of kind {kind[0]}"] += 1
            kinds[document].add(kind[0])
            if kind == b"\x16" and not any(key):
                steps["files of several pieces"] += int.from_bytes(content[8:12], "little") > 1
    steps["edited imports"] = sum({16, 17} <= of for of in kinds.values())
    roster = vault.row("keys", b"roster")
    for entry in roster.list(2**32, roster.lp):
        steps[f"entries of kind {entry[15]}"] += 1
    return +steps


def golden(path):
    """A golden vault reads as the expectation beside it says, and holds the steps that it names. How many notes there are."""
    own = path.with_suffix(".kit.txt")
    page = own if own.exists() else path.parent / "kit.txt"
    vault, expected = Vault(path.read_bytes(), recovery_key(page.read_text()), None), json.loads(path.with_suffix(".json").read_text())
    found, into = read(vault)
    held, counted = expected["steps"], steps(vault)
    named = ("logs", "envelopes", "bodies", "items of kind", "edited", "entries", "files of")
    assert counted == {name: many for name, many in held.items() if name.startswith(named)}, (path, counted, held)
    is_set_aside = bool(expected["set aside"]) or "bodies that do not open" in held
    assert bool(vault.unopened) == is_set_aside, f"{path}: {vault.unopened}"
    names = lambda cards: sorted(map(vault.name, cards))
    assert (vault.relay(), vault.folder()) == (expected.get("relay"), expected.get("folder")), path
    standing = {id: card for id, card in vault.devices.items() if id not in vault.out}
    assert (names(standing), names(vault.out)) == (sorted(expected["devices"]), sorted(expected["removed"])), path
    said = {"note": set(), "process note": set(), "file": set()}
    for id, client in expected["clients"].items():
        assert found[id]["name"] == client["identity"]["name"], f"{path}: client {id}"
        assert {other for other, to in into.items() if to == id} == set(client.get("merged", [])), f"{path}: joined to {id}"
        for note_id, note in client["notes"].items():
            read_as = found[note_id]
            said[read_as["type"]].add(note_id)
            assert read_as["text"] == note["content"]["text"], f"{path}: note {note_id}"
            assert (read_as["type"] == "process note") == note["private"] and into.get(read_as["client"], read_as["client"]) == id
            assert [one["hash"] for one in read_as["signed"]] == [one[0] for one in note["signed"]], f"{path}: {note_id}"
            assert [one["hash"] for one in read_as.get("uncounted", [])] == note["does not count"], f"{path}: {note_id}"
            assert read_as.get("late") == note["late"], f"{path}: {note_id}"
        for file_id, file in client.get("files", {}).items():
            said["file"].add(file_id)
            assert all(found[file_id][name] == file[name] for name in ("name", "media", "length", "sha256")), f"{path}: {file_id}"
    for kind, ids in said.items():
        assert ids == {id for id, document in found.items() if document["type"] == kind}, f"{path}: other documents"
    return len(said["note"] | said["process note"])


# Vaults of every format number that there was: what the program read in them when they were made. Number 1 was a draft.
folder_of_all = reader.parent.parent / "tests" / "golden"
for path in sorted(folder_of_all.glob("1/*.vault")):
    refused("a vault of the draft", path, "--kit", folder / "kit.txt")
golden_vaults = sorted(set(folder_of_all.glob("*/*.vault")) - set(folder_of_all.glob("1/*.vault")))
golden_notes = sum(map(golden, golden_vaults))
assert golden_notes > 0
# One that says less is not taken for it: each of its envelopes taken out is noticed.
desk = golden_vaults[[path.stem for path in golden_vaults].index("desk")]
opened = lambda: Vault(desk.read_bytes(), recovery_key((desk.parent / "kit.txt").read_text()), None)
bodies = list(opened().store["bodies"])
for gone in bodies[:: len(bodies) // 5]:
    less = opened()
    del less.store["bodies"][gone]
    read(less)
    assert [problem for problem in less.unopened if problem.endswith("is not here")], "a body that is missing"
scanner = desk.with_name("scanner.vault")
less = Vault(scanner.read_bytes(), recovery_key(scanner.with_suffix(".kit.txt").read_text()), None)
less.store["pieces"].clear()
found_less, _ = read(less)
assert len(less.unopened) == 4 and not any("sha256" in document for document in found_less.values()), "pieces that are missing"

# A byte that is turned over is refused, unless nothing that counts lies there: then all is found as before.
changed, step = 0, len(data) // 80 | 1
for at in range(step // 2, len(data), step):
    try:
        assert documents(Vault(data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :], kit, None)) == found, at
    except (ValueError, LookupError):
        changed += 1
assert changed >= 10, f"only {changed} of 80 changed bytes were noticed"
notes = sum("note" in document["type"] for document in found.values())
print(f"the reader agrees with the export: {len(found)} documents, {notes} notes; {changed} of 80 changed bytes refused; "
      f"{golden_notes} notes in golden vaults")
