"""A store that is changed tree by tree, for long: how much is written, how large the file becomes, and how long
reading takes beside the same trees put anew. Figures, not a test.

Usage: meson devenv -C BUILD /usr/bin/python3 $PWD/tests/bench/mends.py FILE.jsonl [CHANGES [STEP]]
                                                                     [--tasks NAME,...] [--keep FOLDER]

FILE is what make-data.py shuffled makes. CHANGES (100,000) single changes, 60 of 100 of them updates, 20
insertions, 20 deletions, at random places; each is a commit. After 200, 500, 1,000 and 2,000 changes, and then every
STEP (5,000), a line is printed:

 - times: bytes of the batches and of the values of the catalogue that were written, by bytes of JSON that was
   changed, so far
 - file: of the store, by that of a store to which the same trees are put
 - mended, patches, dead: figures of stats
 - ms: of a change, median since the line before
 - filter, sort, iterate, group: processor time by that of the same trees put anew, the least in a process of its own,
   opened anew each time, and of five such processes of each, in turn, the median; 1 where it is at most 0.1 ms more

--tasks names others of those below, or "all". --keep leaves the two stores in a folder. To look at two stores that
are there:

    mends.py --compare MENDED FRESH [NAME,...]
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor  # noqa: E402

NAMED = ["filter", "sort", "iterate", "group"]
EARLY = [200, 500, 1000, 2000]


def read_places(arbor):
    rng = random.Random(5)
    n = len(arbor)
    return sum(arbor[rng.randrange(n)]["height"] for _ in range(2000))


def read_all(arbor):
    with arbor.cursor("weight", "height") as cursor:
        n = 0
        while cursor.next():
            n += 1
        return n


def save(arbor, suffix):
    with tempfile.TemporaryDirectory() as folder:
        arbor.save_file(os.path.join(folder, "out" + suffix))


def join(arbor, how):
    lines = "".join('{"year": %d, "name": "n%d"}\n' % (1860 + i * 3, i) for i in range(30))
    other = Arbor.read_jsonl(lines)
    return len(arbor.join(other, "birthYear", "year", how))


def aggregate(arbor):
    return arbor.group_by("birthYear").aggregate(
        n="count()", a="mean(weight)", b="max(height)", c="sum(career_games)",
        d="quantile(career_hits, 0.9)").to_python()


def upsert(arbor):
    """The search of an upsert: which of these are there."""
    keys = ", ".join("'player%07d'" % (i * 997) for i in range(1000))
    return len(arbor.filter("playerID in [%s]" % keys))


TASKS = {
    "filter": lambda arbor: len(arbor.filter("height > 75 and birthMonth == 3")),
    "sort": lambda arbor: arbor.sort_by("career_hits")[0]["career_hits"],
    "iterate": lambda arbor: sum(1 for _ in arbor.head(100000)),
    "group": lambda arbor: len(arbor.group_by("birthYear").aggregate(n="count()").to_python()),
    "filter-one": lambda arbor: len(arbor.filter("height > 75")),
    "filter-text": lambda arbor: len(arbor.filter("nameLast contains '777'")),
    "filter-string": lambda arbor: len(arbor.filter("playerID == 'player0500000'")),
    "filter-series": lambda arbor: len(arbor.filter("birthYear * 2 > weight + 3650")),
    "filter-upper": lambda arbor: len(arbor.filter("upper(nameFirst) ends_with '77'")),
    "count": lambda arbor: arbor.count_matches("career_hr < 100 or height == 70"),
    "find-one": lambda arbor: arbor.find_one("birthDay == 28 and birthMonth == 12 and height == 83"),
    "sort-text": lambda arbor: arbor.sort_by("nameLast")[0]["nameLast"],
    "sort-two": lambda arbor: arbor.sort_by("birthYear", "playerID")[0]["playerID"],
    "top": lambda arbor: arbor.top_k(10, "career_hits", descending=True).to_python(),
    "group-text": lambda arbor: len(arbor.group_by("debut").aggregate(n="count()").to_python()),
    "group-many": lambda arbor: len(arbor.group_by("career_games").aggregate(s="sum(weight)")),
    "aggregates": aggregate,
    "aggregate": lambda arbor: arbor.aggregate(m="mean(weight)", x="max(height)"),
    "median": lambda arbor: arbor.aggregate(m="median(weight)"),
    "unique": lambda arbor: len(arbor.unique_by("career_hits")),
    "counts": lambda arbor: len(arbor.value_counts("birthYear").to_python()),
    "histogram": lambda arbor: arbor.histogram("weight").to_python(),
    "join": lambda arbor: join(arbor, "inner"),
    "semi-join": lambda arbor: join(arbor, "semi"),
    "column": lambda arbor: arbor.column("weight"),
    "column-text": lambda arbor: arbor.column("nameLast"),
    "describe": lambda arbor: arbor.describe(),
    "jsonpath": lambda arbor: arbor.head(100000).query("$[?@.height > 82].nameLast"),
    "cursor": lambda arbor: read_all(arbor.head(100000)),
    "get": read_places,
    "json": lambda arbor: save(arbor, ".jsonl"),
    "csv": lambda arbor: save(arbor, ".csv"),
    "pick": lambda arbor: save(arbor.select("height", "nameLast"), ".jsonl"),
    "upsert": upsert,
}


ROUNDS = 5


def measure_here(path, names):
    """Milliseconds of processor time, the least of up to forty in a third of a second, five at least."""
    found = {}
    for name in names:
        times = []
        while len(times) < 5 or (len(times) < 40 and sum(times) < 300):
            with Arbor.Store.open(path, read_only=True) as store:
                arbor = store.get("n")
                start = time.process_time()
                TASKS[name](arbor)
                times.append((time.process_time() - start) * 1000)
        found[name] = min(times)
    return found


def measure_once(path, names):
    """In a process of its own, or what this one knows of its file would count."""
    found = subprocess.run([sys.executable, os.path.abspath(__file__), "--measure", path, ",".join(names)],
                           check=True, stdout=subprocess.PIPE)
    return json.loads(found.stdout)


def copy_cold(path, folder, name):
    """A copy that the system read in once, from the front on: pages that came one by one are mapped more slowly than
    those that came together, and that says nothing of the file."""
    copy = shutil.copy(path, os.path.join(folder, name))
    with open(copy, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while file.read(1 << 20):
            pass
    return copy


def measure(mended, fresh, names):
    """Of both, in turn, as the machine has quick and slow times; the medians."""
    with tempfile.TemporaryDirectory(prefix="arbor-mends-") as folder:
        return measure_copies(copy_cold(mended, folder, "a.arbor"), copy_cold(fresh, folder, "b.arbor"), names)


def measure_copies(mended, fresh, names):
    rounds = [(measure_once(mended, names), measure_once(fresh, names)) for _ in range(ROUNDS)]
    return [{name: statistics.median(each[i][name] for each in rounds) for name in names} for i in range(2)]


def judge(old, new):
    """What counts is 1.3 times, or 0.1 ms more."""
    return 1 if old - new <= 0.1 else old / new


def written(stats):
    return stats.get_n_bytes_written() + stats.get_n_catalog_bytes_written()


def change(store, rng, number, n_trees):
    """(bytes of JSON, trees more)."""
    what = rng.random()
    tree = {"playerID": "player%07d" % number, "nameFirst": "First%d" % number,
            "nameLast": "Last%d" % number, "birthYear": 1850 + number * 7919 % 151,
            "birthMonth": 1 + number % 12, "birthDay": 1 + number % 28, "debut": "1950-04-15",
            "finalGame": "2010-09-30", "height": 60 + number % 25, "weight": 150 + number % 100,
            "career_games": number % 3000, "career_hits": number % 4000, "career_hr": number % 700}
    place = rng.randrange(n_trees)
    if what < 0.6:
        store.replace("n", place, 1, [tree])
        return len(json.dumps(tree)), 0
    if what < 0.8:
        store.replace("n", place, 0, [tree])
        return len(json.dumps(tree)), 1
    store.replace("n", place, 1, None)
    return len(json.dumps(tree)), -1


def put_fresh(store, path):
    for name in (path, path + "-lock"):
        if os.path.exists(name):
            os.unlink(name)
    with Arbor.Store.open(path) as other:
        other.put("n", store.get("n"))


def compare(mended, fresh, names):
    for name in names:
        old, new = measure(mended, fresh, [name])
        print("%-14s %5.2f   %9.3f ms / %9.3f ms" % (name, judge(old[name], new[name]), old[name], new[name]),
              flush=True)


def run(arguments, folder):
    path, fresh = os.path.join(folder, "a.arbor"), os.path.join(folder, "fresh.arbor")
    rng = random.Random(14)
    store = Arbor.Store.open(path, durability=Arbor.Durability.NO_META_SYNC)
    store.import_file("n", arguments.file)
    n_trees = len(store.get("n"))
    first = written(store.get_stats())
    n_bytes, times, worst = 0, [], {}
    for i in range(1, arguments.changes + 1):
        start = time.perf_counter()
        n, more = change(store, rng, n_trees + i, n_trees)
        times.append(time.perf_counter() - start)
        n_bytes += n
        n_trees += more
        if i % arguments.step != 0 and i not in EARLY:
            continue
        stats = store.get_stats()
        put_fresh(store, fresh)
        old, new = measure(path, fresh, arguments.tasks)
        line = {"times": (written(stats) - first) / n_bytes,
                "file": os.path.getsize(path) / os.path.getsize(fresh),
                "ms": statistics.median(times) * 1000}
        line.update((name, judge(old[name], new[name])) for name in arguments.tasks)
        worst = {name: max(value, worst.get(name, 0)) for name, value in line.items()}
        print("%7d" % i, "mended %d patches %d dead %d" % (
            stats.get_n_mended_batches(), stats.get_n_patch_batches(), stats.get_n_dead_trees()),
            " ".join("%s %.2f" % each for each in line.items()),
            "(ms: %s)" % ", ".join("%.2f / %.2f" % (old[name], new[name]) for name in arguments.tasks),
            flush=True)
        times = []
    print("most:", " ".join("%s %.2f" % each for each in worst.items()))
    store.close()


def list_tasks(text):
    names = list(TASKS) if text == "all" else text.split(",")
    unknown = [name for name in names if name not in TASKS]
    if unknown:
        sys.exit("%s: there is no task of that name; there are %s" % (", ".join(unknown), ", ".join(TASKS)))
    return names


def main():
    if sys.argv[1:2] == ["--measure"]:
        json.dump(measure_here(sys.argv[2], sys.argv[3].split(",")), sys.stdout)
        return
    if sys.argv[1:2] == ["--compare"]:
        compare(sys.argv[2], sys.argv[3], list_tasks(sys.argv[4] if len(sys.argv) > 4 else "all"))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("changes", nargs="?", type=int, default=100000)
    parser.add_argument("step", nargs="?", type=int, default=5000)
    parser.add_argument("--tasks", type=list_tasks, default=NAMED)
    parser.add_argument("--keep")
    arguments = parser.parse_args()
    if arguments.keep:
        os.makedirs(arguments.keep)
        run(arguments, arguments.keep)
        return
    with tempfile.TemporaryDirectory(prefix="arbor-mends-") as folder:
        run(arguments, folder)


main()
