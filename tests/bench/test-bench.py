#!/usr/bin/python3
"""The benchmark programs at a small size: every answer must be what plain Python finds in the data.

    test-bench.py BENCH_COMPARE BENCH_WAYS GJS

No time is looked at, and no peer is needed.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from compare import ROWS, ordered_by, same
from support import HERE, lines_of

N = 1000


def count(trees, condition):
    return sum(1 for tree in trees if condition(tree))


def is_later(tree):
    return tree["birthYear"] > 1950


def is_three(tree):
    return is_later(tree) and tree["career_hr"] >= 500 and tree["weight"] < 200


def any_dear(tree):
    return any(order["price"] > 90 for order in tree.get("orders", []))


def groups(trees):
    members = {}
    for tree in trees:
        members.setdefault(tree["birthYear"], []).append(tree["career_hr"])
    return [{"birthYear": year, "n": len(hits), "mean": sum(hits) / len(hits)}
            for year, hits in sorted(members.items())]


def flat_answers(trees):
    n = len(trees)
    by_hits = sorted(trees, key=lambda tree: (-tree["career_hits"], tree["playerID"]))
    top = sorted(trees, key=lambda tree: -tree["career_hr"])[:10]
    hits = [tree["career_hr"] for tree in trees]
    last = f"player{n - n // 20:07d}"
    filtered = {"filter": count(trees, is_later), "three": count(trees, is_three)}
    found = {"find": next(tree for tree in trees if tree["playerID"] == last)}
    ordered = [{"playerID": by_hits[place]["playerID"]} for place in (5, n // 2)]
    size = sum(len(json.dumps(tree, separators=(",", ":"))) + 1 for tree in trees)
    return {
        "flat": {
            **filtered, **found, "open": filtered["filter"], "count": filtered["filter"],
            "top": [{key: tree[key] for key in ("playerID", "career_hr")} for tree in top],
            "group": groups(trees), "export": size, "point": trees[999 * 7919 % n],
            "sums": {"sum": sum(hits), "min": min(tree["weight"] for tree in trees),
                     "max": max(tree["height"] for tree in trees)},
        },
        "shuffled": {**filtered, **found, "sort": ordered},
        "scaling": {"filter": filtered["filter"], "open": n, "sort": ordered, "export": size},
    }


def nested_answers(trees):
    return {
        "optional": count(trees, lambda tree: ((tree.get("born") or {}).get("year") or 0) > 1950),
        "any": count(trees, any_dear),
        "contains": count(trees, lambda tree: "falcon river" in tree.get("notes", "")),
    }


def check(name, found, expected):
    if not same(found, expected):
        sys.exit(f"{name}: expected {expected!r:.500}, found {found!r:.500}")


def check_tasks(folder, program):
    lines, trees = {}, {}
    for what in ("flat", "shuffled", "nested"):
        data, store = folder / f"{what}.jsonl", folder / f"{what}.arbor"
        subprocess.run([sys.executable, HERE / "make-data.py", what, data, str(N)], check=True)
        trees[what] = [json.loads(line) for line in data.open(encoding="utf-8")]
        imported = lines_of([program, "import", store, data])
        check(f"import {what}", json.loads(imported["import"][1]), N)
        lines.update(lines_of([program, "run", store, what]))
    lines.update(lines_of([program, "run", folder / "flat.arbor", "scaling"]))
    if sorted(trees["shuffled"], key=lambda tree: tree["playerID"]) != trees["flat"] or \
            trees["shuffled"] == trees["flat"]:
        sys.exit("shuffled is not flat in another order")

    expected = {**flat_answers(trees["flat"]), "nested": nested_answers(trees["nested"])}
    expected = {f"{name}/{task}": answer for name, tasks in expected.items()
                for task, answer in tasks.items()}
    for name, (_, text) in lines.items():
        answer = json.loads(text)
        if name not in expected:
            sys.exit(f"{name}: this test knows no such task")
        check(name, ordered_by("birthYear")(answer) if name == "flat/group" else answer,
              expected.pop(name))
    if expected:
        sys.exit(f"no answer: {', '.join(expected)}")
    unknown = {row[0] for row in ROWS if not row[0].startswith("import/")} - lines.keys()
    if unknown:
        sys.exit(f"rows of compare.py without a task: {', '.join(unknown)}")
    sizes = json.loads(lines_of([program, "memory", folder / "flat.arbor",
                                 folder / "flat.jsonl"])["memory"][1])
    check("trees in memory", sizes["trees"], N)
    return sum(tree["career_hits"] for tree in trees["flat"])


def check_ways(folder, ways, gjs, total):
    for command in ([ways], [sys.executable, HERE / "ways.py"], [gjs, "-m", HERE / "ways.js"]):
        for name, (_, found) in lines_of([*command, folder / "flat.arbor"]).items():
            check(f"{command}: {name}", int(found), total)


def main(program, ways, gjs):
    with tempfile.TemporaryDirectory(prefix="arbor-bench-") as name:
        folder = pathlib.Path(name)
        check_ways(folder, ways, gjs, check_tasks(folder, program))


main(*sys.argv[1:])
