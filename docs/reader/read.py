"""Opens a vault with nothing of the program that wrote it, checks every seal, chain and signature, prints every note.
    python3 read.py [--passphrase-file FILE | --kit FILE] VAULT
Needs Python 3.11, `cryptography` 47 and `argon2-cffi`. Written from docs/format.md and docs/store.md alone."""
import argparse, getpass, pathlib, sys
from document import NOTE, joined, read_document
from seals import recovery_key, sha256
from vault import REFUSED, Vault

def markdown(note, names, files):
    lines = [f"# {names.get(note['client'], note['client'])}, {note.get('date')}", "", f"- {note['type']} {note['id']}"]
    named = {name: note[name] for name in NOTE[1:-1] if note.get(name)} | note["other"]
    lines += [f"- {name}: {value}" for name, value in named.items()]
    lines += [f"- signed {one['signed_at']} on device {one['device']}, SHA-256 {one['hash']}" for one in note["signed"]]
    lines += [f"- signed {one['signed_at']} on a device that was out: does not count" for one in note.get("uncounted", [])]
    lines += [described(file) for file in files if file["note"] == note["id"]]
    added = [f"## Addendum, {one['signed_at']}\n\n{one['content']['text']}" for one in note["signed"][1:]]
    late = [f"## Written elsewhere, not signed\n\n{note['late']}"] if "late" in note else []
    return "\n\n".join(["\n".join(lines), note["text"], *added, *late]) + "\n"
described = lambda file: f"- file {file['name']}, {file['length']} bytes, SHA-256 {file.get('sha256', 'unknown: it is not whole')}"
def read(vault):
    """Every document of a vault, with what a file's pieces make, and into which client each merged one is joined."""
    found, documents = {}, vault.documents()
    for id, items in documents.items():
        try:
            document = read_document(id, items, vault.devices, vault.uncounted, vault.unopened)
            found |= {document["id"]: document} if document else {}
            if document and document["type"] == "file":
                document["sha256"] = sha256(vault.content(id, *document["pieces"], document["length"])).hex()
        except REFUSED as error:
            vault.unopened.append(f"document {id.hex()}: {str(error) or type(error).__name__}")
    return found, joined(documents)
def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("vault", "--passphrase-file", "--kit"):
        options.add_argument(name, type=pathlib.Path)
    said = options.parse_args()
    kit = recovery_key(said.kit.read_text()) if said.kit else None
    asked = lambda: said.passphrase_file.read_text().rstrip("\r\n") if said.passphrase_file else getpass.getpass()
    vault, anchor = Vault(said.vault.read_bytes(), kit, asked), pathlib.Path(f"{said.vault}.anchor")
    if anchor.exists():
        vault.check_anchor(anchor.read_bytes())
    found, into = read(vault)
    files = [document for document in found.values() if document["type"] == "file"]
    # A record that was joined to another is shown under that one's name, and its own behind it.
    clients = {id: document["name"] for id, document in found.items() if document["type"] == "client"}
    names = clients | {id: f"{clients[to]} ({clients[id]})" for id, to in into.items() if {id, to} <= set(clients)}
    print("\n".join(markdown(document, names, files) for document in found.values() if "note" in document["type"]))
    loose = [file for file in files if file["note"] not in found]
    print("".join(f"{names.get(file['client'], file['client'])}\n{described(file)}\n" for file in loose), end="")
    sys.stderr.writelines(f"set aside: {problem}\n" for problem in vault.unopened)
    return 1 if vault.unopened else 0

if __name__ == "__main__":
    try:
        sys.exit(main())
    except REFUSED as error:
        sys.exit(f"refused: {str(error) or type(error).__name__}")
