"""The vault file (docs/store.md): from checked blocks through redb's pages to rows of 32-byte keys and values."""
import collections, hashlib, struct

FORMAT, BLOCK = 2, 4096
def need(holds, what):
    if not holds:
        raise ValueError(what)
check = lambda number, data: hashlib.sha256(b"subrosa/v1/store/block" + struct.pack("<Q", number) + data).digest()[:16]

class Store(collections.defaultdict):  # The tables by name, each a dictionary of its rows.
    def __init__(self, data):
        super().__init__(dict)
        need(data[:16] == b"Subrosa vault\r\n\x1a", "this is not a vault")
        need(check(2**64 - 1, data[:20]) == data[20:36], "the first bytes are damaged")
        need(data[16:20] == struct.pack("<I", FORMAT), "the file has a format that this reader does not know")
        copies = [data[at : at + 4128] for at in (4096, 12288)]
        good = [copy for copy in copies if len(copy) == 4128 and check(0, copy[:4112]) == copy[4112:]]
        need(good, "both copies of the header are damaged")
        self.data, header = data, max(good, key=lambda copy: copy[7::-1])[16:4112]
        need(header[:9] == b"redb\x1a\x0a\xa9\x0d\x0a", "the store inside is none that this reader knows")
        self.page_size, self.head_pages, self.data_pages = struct.unpack_from("<3I", header, 12)
        slot = header[64 + 128 * (header[9] & 1) :][:128]
        need(slot[0] == 3, "the store inside has a format that this reader does not know")
        for name, root in self.tree(slot[8:16], None):
            self[name.decode()] = dict(self.tree(root[10:18], 32)) if root[9] else {}
    def page(self, number):
        order, region = number >> 59, number >> 20 & 0xFFFFF
        size = self.page_size << order
        at = self.page_size * (1 + region * (self.head_pages + self.data_pages) + self.head_pages)
        at += (number & 0xFFFFF >> order) * size
        stored = [(n, self.data[20480 + (n - 1) * 4112 :][:4112]) for n in range(at // BLOCK, (at + size) // BLOCK)]
        need(all(check(n, block[:BLOCK]) == block[BLOCK:] for n, block in stored), "a block is damaged")
        return b"".join(block[:BLOCK] for _, block in stored)
    def tree(self, number, width):  # Of a tree, by their keys; keys of no fixed width have their ends stored.
        page = self.page(int.from_bytes(number, "little"))
        kind, count = page[0], struct.unpack_from("<H", page, 2)[0]
        if kind == 2:
            for at in range(8 + 16 * (count + 1), 8 + 24 * (count + 1), 8):
                yield from self.tree(page[at : at + 8], width)
            return
        need(kind == 1, "a page is of no kind that this reader knows")
        ends = struct.unpack_from(f"<{count if width else 2 * count}I", page, 4)
        start = 4 + 4 * len(ends)
        keys = [start + (at + 1) * width for at in range(count)] if width else ends[:count]
        bounds = zip((start, *keys), keys, (keys[-1], *ends[-count:]), ends[-count:])
        yield from ((page[a:b], page[c:d]) for a, b, c, d in bounds)
