"""Opens a vault with nothing of the program that wrote it, checks every seal, chain and signature, prints every note.
    python3 read.py [--passphrase-file FILE | --kit FILE] VAULT
Needs Python 3.11, `cryptography` 47 and `argon2-cffi`. Written from docs/format.md and docs/store.md alone."""
import argparse, getpass, pathlib, sys
from document import NOTE, read_document
from seals import recovery_key
from vault import REFUSED, Vault

def markdown(note, names):
    lines = [f"# {names.get(note['client'], note['client'])}, {note.get('date')}", "", f"- {note['type']} {note['id']}"]
    named = {name: note[name] for name in NOTE[1:-1] if note.get(name)} | note["other"]
    lines += [f"- {name}: {value}" for name, value in named.items()]
    lines += [f"- signed {one['signed_at']} on device {one['device']}, SHA-256 {one['hash']}" for one in note["signed"]]
    added = [f"## Addendum, {one['signed_at']}\n\n{one['content']['text']}" for one in note["signed"][1:]]
    late = [f"## Written elsewhere, not signed\n\n{note['late']}"] if "late" in note else []
    return "\n\n".join(["\n".join(lines), note["text"], *added, *late]) + "\n"
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
    read = []
    for id, items in vault.documents().items():
        try:
            read += [document for document in [read_document(id, items, vault.devices)] if document]
        except REFUSED as error:
            vault.unopened.append(f"document {id.hex()}: {error}")
    names = {document["id"]: document["name"] for document in read if document["type"] == "client"}
    print("\n".join(markdown(document, names) for document in read if "note" in document["type"]))
    sys.stderr.writelines(f"set aside: {problem}\n" for problem in vault.unopened)
    return 1 if vault.unopened else 0

try:
    sys.exit(main())
except REFUSED as error:
    sys.exit(f"refused: {error or type(error).__name__}")
