"""vectors.py FILE: calls the function of this reader that each vector names, and compares with what it must give."""
import json, sys
import seals, store, vault
from document import Document, beginning, read_document
def data(field):  # Strings are hexadecimal; a text stands as {"text": …}.
    made = {str: bytes.fromhex, dict: lambda text: text["text"].encode(), list: lambda fields: list(map(data, fields))}
    return made.get(type(field), lambda same: same)(field)
def plain(result):  # A result as `data` makes one: lists for tuples and dictionaries, bytes for texts.
    if isinstance(result, (list, tuple, dict)):
        return [plain(each) for each in (result.items() if isinstance(result, dict) else result)]
    return result.encode() if isinstance(result, str) else result
changes = lambda *of: (dict(sorted((read := Document(*of)).fields().items())), read.text())
own = {"beginning": beginning, "read_changes": changes, "read_document": read_document}
functions = vars(seals) | vars(store) | vars(vault) | own
vectors = json.load(open(sys.argv[1], encoding="utf-8"))
for vector in vectors:
    try:
        result = plain(functions[vector["call"]](*data(vector["with"])))
    except vault.REFUSED:
        result = "refused"
    if result != (data(vector["gives"]) if "gives" in vector else "refused"):
        sys.exit(f"this vector does not agree: {vector['what']}")
print(f"{len(vectors)} vectors agree")
