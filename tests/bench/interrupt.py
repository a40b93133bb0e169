"""How long Python takes from Ctrl-C to KeyboardInterrupt, for each kind of long call, and what it costs
that such calls are made by a worker. Figures, not a test: it takes some ten minutes.

Usage: meson devenv -C build /usr/bin/python3 "$PWD/tests/bench/interrupt.py"
"""

import os
import signal
import tempfile
import threading
import time

import gi

gi.require_version("Arbor", "1.0")

from gi.repository import Arbor, Gio  # noqa: E402

N_ROWS = 3000000
# Seconds from the beginning of a call to the signal.
AFTER = (0.05, 0.2, 0.5, 0.9, 1.4, 2, 3)
SLOW = "match(s, '.*(a|b)+c.*([0-9]+)+z$')"


def cost(name, function, n=5000):
    start = time.perf_counter()
    for _ in range(n):
        function()
    print("%-40s %8.2f us a call" % (name, (time.perf_counter() - start) / n * 1e6))


def interrupt(function, after):
    """Seconds from Ctrl-C to the exception; None when the call ended before."""
    sent = []

    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)
    timer = threading.Timer(after, send)
    took = None
    try:
        timer.start()
        function()
        timer.cancel()
        timer.join()
    except KeyboardInterrupt:
        took = time.perf_counter() - sent[0]
    timer.join()
    return took


def latency(name, function):
    """A call has parts of different kinds, one after the other: the worst of several moments counts."""
    took = []
    for after in AFTER:
        try:
            seconds = interrupt(function, after)
        except KeyboardInterrupt:
            seconds = None  # it came when the call had just ended
        if seconds is None:
            break
        took.append(seconds * 1e3)
    if took:
        print("%-40s %8.1f ms at worst %s" % (name, max(took), " ".join("%.1f" % t for t in took)),
              flush=True)
    else:
        print("%-40s ended before" % name, flush=True)


def main():
    small = Arbor.from_python([{"i": i} for i in range(1000)])
    cost("len of what is computed", lambda: len(small))
    cost("a tree by its position", lambda: small[5])
    cost("a call by the worker", lambda: small.count_matches("i < 0"))
    cost("an iteration over 1000 trees", lambda: list(small), 50)

    lines = b"".join(b'{"i":%d,"s":"abc%d def ghi"}\n' % (i, i) for i in range(N_ROWS))
    with tempfile.TemporaryDirectory() as folder:
        store = Arbor.Store.open(folder + "/bench.arbor", map_size=1 << 34)
        with open(folder + "/rows.jsonl", "wb") as file:
            file.write(lines * 3)
        store["rows"] = Arbor.read_jsonl(lines)
        rows = store["rows"]
        slow = rows.filter(SLOW)
        null = Gio.File.new_for_path("/dev/null").append_to(Gio.FileCreateFlags.NONE, None)
        wide = Arbor.from_python([{"a": [(i * 7919) % N_ROWS for i in range(N_ROWS)]}])
        texts = Arbor.read_jsonl(b'{"a":[' + b",".join(b'"t%d"' % (i * 7919 % N_ROWS)
                                                        for i in range(N_ROWS)) + b"]}\n")
        objects = Arbor.read_jsonl(b'{"a":[' + b",".join(b'{"k":%d}' % i for i in range(N_ROWS)) +
                                   b"]}\n")
        keys = Arbor.read_jsonl(b"{" + b",".join(b'"k%d":%d' % (i, i) for i in range(N_ROWS)) + b"}\n")
        patch = Arbor.from_python([[{"op": "add", "path": "/a/0", "value": i} for i in range(300000)]])
        merge = keys[0]
        for name, function in {
            "sort of one array": lambda: wide.select(x="sort(a)").to_python(),
            "sort of one array of texts": lambda: texts.select(x="sort(a)").get(0).to_json(),
            "unique of one array": lambda: texts.select(x="unique(a)").get(0).to_json(),
            "map of one array": lambda: wide.select(x="map(a, @ + 1)").get(0).to_json(),
            "join of one array": lambda: texts.select(x="join(a, ',')").get(0).to_json(),
            "to_json of one tree": lambda: [wide[0].to_json() for _ in range(20)],
            "to_json of one tree of objects": lambda: [objects[0].to_json() for _ in range(20)],
            "to_python of one tree": lambda: objects[0].to_python(),
            "explode of one tree": lambda: objects.explode("a").to_jsonl(),
            "set in one tree": lambda: [wide[0].set("b", 1) for _ in range(50)],
            "patch of one tree": lambda: wide[0].patch(patch[0]),
            "merge patch of one tree": lambda: keys[0].merge_patch(merge),
            "keys of one tree": lambda: [keys[0].keys() for _ in range(20)],
            "describe of one tree": lambda: keys.describe(),
            "infer_schema": lambda: rows.infer_schema(),
            "column, to_python": lambda: rows.column("s").to_python(),
            "mixed column, to_python": lambda: objects.explode("a").column("a").to_python(),
            "group_by two keys, aggregate": lambda: rows.group_by("i", "s").aggregate(
                n="count()", m="mean(i)", u="n_unique(s)", c="collect(s)", x="max(s)").to_python(),
            "aggregate": lambda: rows.aggregate(u="n_unique(s)", c="collect(s)", q="median(i)",
                                                v="collect_unique(s)"),
            "histogram": lambda: rows.histogram("i").to_python(),
            "top_k": lambda: rows.top_k(1000000, "s").get(0),
            "unique_by": lambda: len(rows.unique_by("s")),
            "shuffle": lambda: rows.shuffle(1).get(0),
            "nest": lambda: rows.nest(rows, "s", field="x").to_python(),
            "to_csv": rows.to_csv,
            "to_json": rows.to_json,
            "append in a transaction": lambda: store.transact(lambda t: t.append("rows", rows)),
            "read_jsonl": lambda: Arbor.read_jsonl(lines),
            "read_json, one array": lambda: Arbor.read_json(b"[" + lines.replace(b"}\n{", b"},{") + b"]"),
            "filter, len": lambda: len(rows.filter(SLOW)),
            "filter, iteration": lambda: list(rows.filter(SLOW)),
            "sort_by": lambda: rows.sort_by("s").get(0),
            "group_by, len": lambda: len(rows.group_by("s")),
            "group_by, aggregate": lambda: rows.group_by("s").aggregate(n="count()").to_python(),
            "value_counts": lambda: rows.value_counts("s").to_python(),
            "describe": rows.describe,
            "index_by": lambda: rows.index_by("s"),
            "join": lambda: rows.join(rows, "s").to_python(),
            "column": lambda: rows.column(Arbor.Expr.parse(SLOW)),
            "select, materialize": lambda: rows.select(x=SLOW).materialize(),
            "query": lambda: rows.query("$..*"),
            "to_jsonl": rows.to_jsonl,
            "to_python": rows.to_python,
            "save": lambda: rows.save(null, Arbor.Format.JSONL),
            "put": lambda: store.put("new", slow),
            "append": lambda: store.append("rows", slow),
            "update_where": lambda: store.update_where("rows", SLOW, {"x": 1}),
            "delete_where": lambda: store.delete_where("rows", SLOW),
            "upsert": lambda: store.upsert("rows", "i", rows),
            "import_file": lambda: store.import_file("new", folder + "/rows.jsonl"),
            "import_file, progress": lambda: store.import_file(
                "new", folder + "/rows.jsonl", progress=lambda done, total: None),
            "load_file": lambda: Arbor.load_file(folder + "/rows.jsonl"),
        }.items():
            latency(name, function)
        store.close()


if __name__ == "__main__":
    main()
