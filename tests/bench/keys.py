"""Single documents by their key, beside SQLite: a row a document, the key its primary key, write-ahead log,
synchronous = full; both durable, both called from Python, in turn. Keys are declared unique, data is shuffled.
Figures, not a test.

Usage: meson devenv -C BUILD /usr/bin/python3 $PWD/tests/bench/keys.py [DOCUMENTS [ROUNDS [FOLDER]]]

DOCUMENTS (1,000,000) flat ones, ROUNDS (40) of each. A line a task: medians of both in milliseconds and the
ratio. What a look-up costs in C: meson test -C BUILD --benchmark keys --verbose
"""

import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor  # noqa: E402


def make(rng, number):
    return {"id": number, "country": "C%d" % (number % 97), "amount": rng.random() * 1000,
            "code": "K-%07d" % (number * 7919 % 10000000), "n": number % 1000}


def measure(function):
    start = time.perf_counter()
    function()
    return (time.perf_counter() - start) * 1000


def main(n, rounds, folder):
    rng = random.Random(1)
    ids = list(range(n))
    rng.shuffle(ids)
    lines = os.path.join(folder, "documents.jsonl")
    with open(lines, "w") as file:
        for number in ids:
            file.write(json.dumps(make(rng, number)) + "\n")
    store = Arbor.Store.open(os.path.join(folder, "a.arbor"))
    store.import_file("a", lines)
    print("declare %.0f ms" % measure(lambda: store.set_keys("a", "id", Arbor.KeyFlags.UNIQUE)))
    peer = sqlite3.connect(os.path.join(folder, "s.db"), isolation_level=None)
    peer.execute("pragma journal_mode = wal")
    peer.execute("pragma synchronous = full")
    peer.execute("create table t (id integer primary key, doc text)")
    peer.execute("begin")
    with open(lines) as file:
        peer.executemany("insert into t values (?, ?)", ((json.loads(line)["id"], line) for line in file))
    peer.execute("commit")
    times = {}
    last = n

    def task(name, ours, theirs):
        pair = times.setdefault(name, ([], []))
        order = [(0, ours), (1, theirs)]
        for side, function in order if len(pair[0]) % 2 == 0 else reversed(order):
            pair[side].append(measure(function))

    for turn in range(rounds):
        number, place = rng.randrange(n), rng.randrange(n - 1000)
        document = make(rng, number)
        text = json.dumps(document)
        task("update by id", lambda: store.update_where("a", "id == %d" % number, {"amount": turn}),
             lambda: peer.execute("update t set doc = json_set (doc, '$.amount', ?) where id = ?", (turn, number)))
        number = rng.randrange(n)
        document = make(rng, number)
        text = json.dumps(document)
        task("upsert", lambda: store.upsert("a", "id", [document]),
             lambda: peer.execute("insert into t values (?, ?) on conflict (id) do update set doc = excluded.doc",
                                  (number, text)))
        last += 1
        document = make(rng, last)
        text = json.dumps(document)
        task("append", lambda: store.append("a", [document]),
             lambda: peer.execute("insert into t values (?, ?)", (last, text)))
        number = store["a"][place]["id"]
        same = make(rng, number)
        text = json.dumps(same)
        task("replace by index", lambda: store.replace("a", place, 1, [same]),
             lambda: peer.execute("update t set doc = ? where id = ?", (text, number)))
        number = rng.randrange(n)
        task("delete by id", lambda: store.delete_where("a", "id == %d" % number),
             lambda: peer.execute("delete from t where id = ?", (number,)))
        arbor = store["a"]
        number = rng.randrange(n)
        arbor.find(0)
        task("find", lambda: arbor.find(number),
             lambda: peer.execute("select doc from t where id = ?", (number,)).fetchone())
        task("find_one", lambda: arbor.find_one("id == %d" % number),
             lambda: peer.execute("select doc from t where id = ?", (number,)).fetchone())
    for name, (ours, theirs) in times.items():
        a, b = statistics.median(ours), statistics.median(theirs)
        print("%-18s arbor %7.3f ms  sqlite %7.3f ms  ratio %5.1f" % (name, a, b, a / b))
    store.close()
    peer.close()


if len(sys.argv) > 3:
    os.makedirs(sys.argv[3], exist_ok=True)
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
else:
    with tempfile.TemporaryDirectory() as temporary:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000000,
             int(sys.argv[2]) if len(sys.argv) > 2 else 40, temporary)
