"""How long Python takes from Ctrl-C to KeyboardInterrupt, for each kind of long call, and what it costs
that such calls are made by a worker. Figures, not a test.

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
AFTER = 0.3
SLOW = "match(s, '.*(a|b)+c.*([0-9]+)+z$')"


def cost(name, function, n=5000):
    start = time.perf_counter()
    for _ in range(n):
        function()
    print("%-40s %8.2f us a call" % (name, (time.perf_counter() - start) / n * 1e6))


def latency(name, function):
    sent = []

    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)
    timer = threading.Timer(AFTER, send)
    try:
        timer.start()
        function()
        timer.cancel()
        print("%-40s ended before" % name)
    except KeyboardInterrupt:
        print("%-40s %8.1f ms" % (name, (time.perf_counter() - sent[0]) * 1e3))
    timer.join()


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
        for name, function in {
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
