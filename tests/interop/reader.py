"""Compares what docs/reader finds in a vault with what the program exported: reader.py READER FOLDER."""
import csv, hashlib, json, os, pathlib, subprocess, sys

reader, folder = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, str(reader))
from document import read_document
from seals import recovery_key
from vault import Vault

data = (folder / "practice.vault").read_bytes()
kit = recovery_key((folder / "kit.txt").read_text())
passphrase = lambda: (folder / "passphrase").read_text().rstrip("\n")


def documents(vault):
    found = [read_document(id, items, vault.devices) for id, items in vault.documents().items()]
    assert not vault.unopened, vault.unopened
    return {document["id"]: document for document in found if document}


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

# Vaults of every format number that there was: what the program read in them when they were made. Number 1 was a draft.
golden = reader.parent.parent / "tests" / "golden"
golden_notes = 0
for path in sorted(golden.glob("1/*.vault")):
    refused("a vault of the draft", path, "--kit", folder / "kit.txt")
for path in sorted(set(golden.glob("*/*.vault")) - set(golden.glob("1/*.vault"))):
    own = path.with_suffix(".kit.txt")
    page = own if own.exists() else path.parent / "kit.txt"
    read = documents(Vault(path.read_bytes(), recovery_key(page.read_text()), None))
    for client in json.loads(path.with_suffix(".json").read_text())["clients"].values():
        for id, note in client["notes"].items():
            assert read[id]["text"] == note["content"]["text"], f"{path}: note {id}"
            assert [one["hash"] for one in read[id]["signed"]] == [one[0] for one in note["signed"]]
            golden_notes += 1
assert golden_notes > 0

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
