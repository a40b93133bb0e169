#!/usr/bin/python3
"""Ways to read one integer of each tree from Python: bench-ways.c tells more.

    ways.py STORE      prints a line a way: its key, nanoseconds a tree (the median), the sum
"""

import json
import os
import statistics
import sys
import time

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor  # noqa: E402

N_RUNS = 3
now = time.process_time_ns if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter_ns
PATH = "career_hits"


def get_each(trees):
    return sum(tree.get_int64(PATH) for tree in trees)


def next_many(arbor):
    trees, total = arbor.iterator(), 0
    while many := trees.next_many(1000):
        total += get_each(many)
    return total


def read_cursor(arbor):
    cursor, total = arbor.cursor(PATH), 0
    while cursor.next():
        total += cursor.get_int64(0)
    return total


# What gives a function has been timed before that is called.
WAYS = {
    "cursor": read_cursor,
    "buffer": lambda arbor: (lambda numbers: lambda: sum(numbers))(
        arbor.column(PATH).to_memoryview()),
    "column": lambda arbor: sum(arbor.column(PATH).to_memoryview()),
    "iterate": get_each,
    "key": lambda arbor: sum(tree[PATH] for tree in arbor),
    "next_many": next_many,
    "index": lambda arbor: get_each(arbor[i] for i in range(len(arbor))),
    "pick": lambda arbor: sum(fields[PATH] for fields in arbor.pick(PATH)),
    "native": lambda arbor: sum(fields[PATH] for fields in arbor.select(PATH).to_python()),
    "jsonl": lambda arbor: sum(json.loads(line)[PATH]
                               for line in arbor.select(PATH).to_jsonl().splitlines()),
    "jsonl_all": lambda arbor: sum(json.loads(line)[PATH]
                                   for line in arbor.to_jsonl().splitlines()),
    "aggregate": lambda arbor: arbor.aggregate(sum=f"sum({PATH})")["sum"],
}


def main(path):
    with Arbor.Store.open(path) as store:
        arbor = store["data"]
        n = len(arbor)
        for key, way in WAYS.items():
            times = []
            for _ in range(N_RUNS):
                begin = now()
                total = way(arbor)
                times.append(now() - begin)
                total = total() if callable(total) else total
            print(f"{key}\t{statistics.median(times) / n:.3f}\t{total}", flush=True)


main(sys.argv[1])
