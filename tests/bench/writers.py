"""How many commits a second several threads make that change trees of one arbor, beside SQLite: a row a document,
primary key, WAL, synchronous = FULL, a connection for each thread, busy_timeout. Figures, not a test.

Usage: meson devenv -C BUILD /usr/bin/python3 $PWD/tests/bench/writers.py [--threads 8] [--trees 100000]
         [--rounds 5] [--seconds 1] [--where] [--stores] [--folder DIR]

Rounds alternate; what counts is the ratio of a round, for the disk of the machine is the same for both only then.
--where updates by content (update_where) instead of by place; --stores gives each thread a store of its own, as
SQLite's have connections.
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor  # noqa: E402


def document(number, version):
    return {"id": number, "version": version, "name": "name%d" % number, "height": 150 + number % 50,
            "born": 1900 + number % 100, "city": "city%d" % (number % 500)}


class Ours:
    def __init__(self, folder, n_trees):
        self.path = os.path.join(folder, "bench.arbor")
        self.store = Arbor.Store.open(self.path)
        self.store.put("docs", [document(i, 0) for i in range(n_trees)])

    def worker(self, options):
        store = Arbor.Store.open(self.path) if options.stores else self.store

        def change(number, version):
            if options.where:
                store.update_where("docs", "id == %d" % number, {"version": str(version)})
            else:
                store.replace("docs", number, 1, [document(number, version)])

        return change


class Sqlite:
    def __init__(self, folder, n_trees):
        self.path = os.path.join(folder, "bench.sqlite")
        db = self.connect()
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE docs (id INTEGER PRIMARY KEY, doc TEXT)")
        db.execute("BEGIN")
        db.executemany("INSERT INTO docs VALUES (?, ?)",
                       ((i, json.dumps(document(i, 0))) for i in range(n_trees)))
        db.execute("COMMIT")
        db.close()

    def connect(self):
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=60)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA busy_timeout = 60000")
        return db

    def worker(self, options):
        db = self.connect()

        def change(number, version):
            db.execute("UPDATE docs SET doc = ? WHERE id = ?",
                       (json.dumps(document(number, version)), number))

        return change


def measure(side, options, seed):
    """Commits a second, and the latest of them in milliseconds."""
    counts, latest = [0] * options.threads, [0.0] * options.threads
    workers = [side.worker(options) for _ in range(options.threads)]
    barrier = threading.Barrier(options.threads + 1)
    end = [0.0]

    def run(thread):
        rng = random.Random(seed * 100 + thread)
        barrier.wait()
        now = time.perf_counter()
        while now < end[0]:
            workers[thread](rng.randrange(options.trees), rng.randrange(1, 1000000))
            then, now = now, time.perf_counter()
            latest[thread] = max(latest[thread], now - then)
            counts[thread] += 1

    threads = [threading.Thread(target=run, args=(i,)) for i in range(options.threads)]
    for thread in threads:
        thread.start()
    start = time.perf_counter()
    end[0] = start + options.seconds
    barrier.wait()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start), max(latest) * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--trees", type=int, default=100000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--where", action="store_true")
    parser.add_argument("--stores", action="store_true")
    parser.add_argument("--folder")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="arbor-writers-", dir=options.folder)
    ours, theirs = Ours(folder, options.trees), Sqlite(folder, options.trees)
    ratios = []
    for i in range(options.rounds):
        sides = [ours, theirs] if i % 2 == 0 else [theirs, ours]
        found = {side: measure(side, options, i) for side in sides}
        ratios.append(found[ours][0] / found[theirs][0])
        print("round %d: %.0f commits a second (latest %.0f ms), SQLite %.0f (%.0f ms): %.2f times" % (
            i + 1, *found[ours], *found[theirs], ratios[-1]), flush=True)
    print("median: %.2f times SQLite with %d threads" % (statistics.median(ratios), options.threads))
    shutil.rmtree(folder)


main()
