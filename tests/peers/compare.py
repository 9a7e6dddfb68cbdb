#!/usr/bin/env python3
"""A practice of many years in this program and in SQLCipher with FTS5, beside each other.

    compare.py --practice make-practice --measure target/release/examples/measure [--out DIR] [--rounds 7]

`make-practice OUT --clients N --sessions M` writes a folder of a paper trail. Both sides read the same folder, write
durably to the same disk, and take turns, each step in a process of its own, in one run. Raw numbers go to DIR/raw.csv
(side, notes, round, name, value), medians to standard output. Run by hand: needs PyPI's `sqlcipher3-wheels` and
`cargo build --release -p subrosa-tests --example measure`; no part of the workspace's build.

SQLCipher: one raw key (no key derivation), its own defaults else (4 KiB pages, AES-256-CBC with HMAC-SHA512), WAL with
synchronous=FULL, so that each commit is on the disk when it returns. Clients, notes and their words (FTS5) in one file.
"""
import argparse, csv, os, pathlib, random, statistics, subprocess, sys, time

SIZES = [(34, 60), (342, 60), (2000, 60)]  # clients, sessions: about 1,300, 21,000 and 119,000 notes
OPENED, SAVED = 2_000, 1_000
TYPED = ["Slept better ", "this week, ", "and the letter ", "to the brother ", "is written. ", "We spoke of ", "the spring.\n"]


def say(name, value):
    print(f"{name},{value}")


def quantiles(name, times):
    times = sorted(times)
    for quantile in (50, 95, 99):
        say(f"{name}_p{quantile}_ms", 1000 * times[round((len(times) - 1) * quantile / 100)])


def memory(what):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith(what))


class Sqlcipher:
    """The other side's steps, as an application over it would do them."""

    def __init__(self, path):
        import sqlcipher3.dbapi2 as sqlite
        self.db = sqlite.connect(path, isolation_level=None)
        run = self.db.execute
        run(f"""PRAGMA key = "x'{'2a' * 32}'" """)
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")

    def make(self):
        run = self.db.execute
        run("CREATE TABLE client (id TEXT PRIMARY KEY, name TEXT, status TEXT, notes INT DEFAULT 0, last TEXT)")
        run("CREATE TABLE note (id INTEGER PRIMARY KEY, client TEXT, date TEXT, format TEXT, session INT, minutes INT, text TEXT)")
        run("CREATE INDEX of_client ON note (client, date)")
        run("CREATE VIRTUAL TABLE words USING fts5(text, content='note', content_rowid='id')")

    def import_folder(self, folder):
        self.make()
        began, cpu = time.perf_counter(), time.process_time()
        folder = pathlib.Path(folder)
        run = self.db.execute
        run("BEGIN")
        with open(folder / "clients.csv", newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                run("INSERT INTO client (id, name, status) VALUES (?, ?, ?)", (row["id"], row["name"], row["status"]))
        done = 0
        for lies in sorted((folder / "notes").iterdir()):
            for path in sorted(lies.iterdir()):
                front, text = path.read_text(encoding="utf-8")[4:].split("\n---\n", 1)
                said = dict(line.split(": ", 1) for line in front.splitlines())
                text = text.strip()
                note = run(
                    "INSERT INTO note (client, date, format, session, minutes, text) VALUES (?, ?, ?, ?, ?, ?)",
                    (said["client"], said["date"], said["format"], int(said["session"]), int(said["minutes"]), text),
                ).lastrowid
                run("INSERT INTO words (rowid, text) VALUES (?, ?)", (note, text))
                done += 1
                if done % 2_000 == 0:  # as much as the other side commits at once
                    run("COMMIT")
                    run("BEGIN")
        run("UPDATE client SET notes = (SELECT count(*) FROM note WHERE client = client.id), last = (SELECT max(date) FROM note WHERE client = client.id)")
        run("COMMIT")
        found = run("SELECT rowid FROM words WHERE words MATCH 'feel' LIMIT 50").fetchall()
        assert done and found
        say("notes", done)
        say("import_s", time.perf_counter() - began)
        say("import_cpu_s", time.process_time() - cpu)
        say("import_peak_mb", memory("VmHWM"))
        run("PRAGMA wal_checkpoint(TRUNCATE)")

    def unlock(self, began):
        rows = self.db.execute("SELECT id, name, status, notes, last FROM client ORDER BY name").fetchall()
        assert rows
        say("unlock_ms", 1000 * (time.perf_counter() - began))
        say("unlocked_mb", memory("VmRSS"))

    def open(self):
        ids = [row[0] for row in self.db.execute("SELECT id FROM note")]
        random.Random(7).shuffle(ids)
        times = []
        for note in ids[:OPENED]:
            began = time.perf_counter()
            row = self.db.execute("SELECT client, date, format, session, minutes, text FROM note WHERE id = ?", (note,)).fetchone()
            times.append(time.perf_counter() - began)
            assert row[5]
        quantiles("open_finished", times)

    def save(self):
        run = self.db.execute
        client = run("SELECT id FROM client ORDER BY notes DESC LIMIT 1").fetchone()[0]
        note = run("INSERT INTO note (client, date, text) VALUES (?, '2026-03-10', '')", (client,)).lastrowid
        run("INSERT INTO words (rowid, text) VALUES (?, '')", (note,))
        text, times = "", []
        for batch in range(SAVED):
            old, text = text, text + TYPED[batch % len(TYPED)]
            began = time.perf_counter()
            run("BEGIN")
            run("UPDATE note SET text = ? WHERE id = ?", (text, note))
            run("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", (note, old))
            run("INSERT INTO words (rowid, text) VALUES (?, ?)", (note, text))
            run("COMMIT")
            times.append(time.perf_counter() - began)
        quantiles("save", times)

    def search(self):
        for name, query in (("search_rare", "burnout boundaries"), ("search_common", "feel")):
            began = time.perf_counter()
            hits = self.db.execute(
                "SELECT note.id, note.client, snippet(words, 0, '', '', '…', 12) FROM words JOIN note ON note.id = words.rowid"
                " WHERE words MATCH ? ORDER BY note.date DESC LIMIT 50", (query,)).fetchall()
            say(f"{name}_ms", 1000 * (time.perf_counter() - began))
            say(f"{name}_hits", len(hits))


def step(arguments):
    name, path, folder = arguments[0], arguments[1], arguments[2] if len(arguments) > 2 else None
    import sqlcipher3.dbapi2  # noqa: F401  the library is loaded before the clock runs
    began = time.perf_counter()
    side = Sqlcipher(path)
    if name == "import":
        side.import_folder(folder)
        side.db.close()
        say("vault_bytes", os.path.getsize(path))
    elif name == "unlock":
        side.unlock(began)
    else:
        getattr(side, name)()


def sync_times(folder):
    """What this disk takes for a write of 4 KiB and a sync: neither side can be faster."""
    times = []
    with open(folder / "sync", "wb") as file:
        for _ in range(100):
            began = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    os.remove(folder / "sync")
    return sorted(times)


def run_side(side, arguments, name, path, folder):
    command = [arguments.measure] if side == "subrosa" else [sys.executable, __file__, "--step"]
    done = subprocess.run([*map(str, command), name, str(path), str(folder)], capture_output=True, text=True, check=True)
    return [line.split(",", 1) for line in done.stdout.splitlines()]


def main():
    if sys.argv[1:2] == ["--step"]:
        return step(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--practice", required=True, type=pathlib.Path)
    parser.add_argument("--measure", required=True, type=pathlib.Path)
    parser.add_argument("--out", default="compared", type=pathlib.Path)
    parser.add_argument("--rounds", default=7, type=int)
    parser.add_argument("--sizes", default=len(SIZES), type=int, help="how many of the sizes, smallest first")
    arguments = parser.parse_args()
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    raw = csv.writer(open(out / "raw.csv", "w", newline=""))
    raw.writerow("side notes round name value".split())
    medians = {}
    for clients, sessions in SIZES[: arguments.sizes]:
        folder = out / f"practice-{clients}"
        if not folder.exists():
            subprocess.run([sys.executable, arguments.practice, folder, "--clients", str(clients), "--sessions", str(sessions)], check=True)
        text = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        notes = sum(1 for path in (folder / "notes").rglob("*.md"))
        for number in range(arguments.rounds):
            sides = ["subrosa", "sqlcipher"][:: 1 if number % 2 == 0 else -1]
            numbers = [("machine", "load", os.getloadavg()[0]), ("machine", "text_bytes", text)]
            synced = sync_times(out)
            numbers += [("machine", f"sync_p{q}_ms", 1000 * synced[round(0.99 * q)]) for q in (50, 95, 99)]
            files = {side: out / f"{side}.vault" for side in sides}
            for file in out.glob("*.vault*"):
                file.unlink()
            # The folder is read once before, so that neither side pays for the other's cold cache.
            for path in folder.rglob("*.md"):
                path.read_bytes()
            for name in ["import", "unlock", "drafts", "open", "save", "search", "verify"]:
                for side in sides:
                    if side == "sqlcipher" and name in ("drafts", "verify"):
                        continue
                    numbers += [(side, *pair) for pair in run_side(side, arguments, name, files[side], folder)]
            for side, name, value in numbers:
                raw.writerow([side, notes, number, name, value])
                medians.setdefault((notes, name, side), []).append(float(value))
        for file in out.glob("*.vault*"):
            file.unlink()
    for (notes, name, side), values in sorted(medians.items()):
        print(f"{notes:>7} {name:<28} {side:<10} {statistics.median(values):12.3f}   ({min(values):.3f} to {max(values):.3f})")


if __name__ == "__main__":
    main()
