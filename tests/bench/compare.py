"""Runs the library and its peer in turn and prints how many times faster it is.

Both print a line a task (bench-compare.c, peer.mjs). A round runs each of them once for each set of
tasks, and they change who begins; the ratio of a row is the median of the rounds' ratios. Their
answers must be equal. Each row is one line of ROWS. A second table is that of ordinary work
(ordinary.py).
"""

import json
import statistics
import sys

from ordinary import add_ordinary_options, ordinary_text, write_answers
from peer import Peer, same
from support import Bench, Failed, machine, parse_arguments, say, significant, table

def values_of(key):
    """Of several trees with the same value the peer takes others than the first."""
    return lambda trees: [tree[key] for tree in trees]


def ordered_by(key):
    return lambda trees: sorted(trees, key=lambda tree: tree[key])


# The name that both programs print, after the set or the number of threads; what it is; the ratio
# to reach, or None; what of an answer is compared.
ROWS = [
    ("import/flat/1", "import, one thread", 5, None),
    ("import/flat/2", "import, two threads", 5, None),
    ("import/shuffled/1", "import, shuffled", None, None),
    ("import/nested/1", "import, nested records", 6, None),
    ("flat/open", "open and filter, from a closed file", 15, None),
    ("flat/filter", "filter: one integer comparison", 10, None),
    ("flat/count", "the same, counting only", 10, None),
    ("shuffled/filter", "filter: one comparison, shuffled", 10, None),
    ("flat/three", "filter: three conditions", 8, None),
    ("shuffled/three", "filter: three conditions, shuffled", 8, None),
    ("flat/find", "find one by string, sorted", 20, None),
    ("shuffled/find", "find one by string, shuffled", 3, None),
    ("flat/top", "top 10", 4, values_of("career_hr")),
    ("shuffled/sort", "sort all by two keys, shuffled", 1.5, None),
    ("flat/group", "group, count and mean", 4, ordered_by("birthYear")),
    ("flat/sums", "sum, min, max", 10, None),
    ("nested/optional", "filter: a nested optional field", 4, None),
    ("nested/any", "filter: any() over an array of objects", 4, None),
    ("nested/contains", "filter: a string contains", 4, None),
    ("flat/export", "export as JSON Lines", 1.5, None),
    ("flat/point", "random tree by index, as JSON", 300, None),
]
# Sizes of the files: ours may be so many times the peer's.
SIZES = [("flat", "file, flat", 2.2), ("nested", "file, nested", None)]


class Comparison:
    def __init__(self, bench, n_runs):
        self.bench = bench
        self.n_runs = n_runs
        n_flat, n_nested = (100_000, 40_000) if bench.quick else (1_000_000, 400_000)
        self.n = {"flat": n_flat, "shuffled": n_flat, "nested": n_nested}
        self.data = {what: bench.data(what, n) for what, n in self.n.items()}
        self.peer = Peer(bench.work)
        self.times = {}     # row: ([ours], [peer's]), a time a round
        self.answers = {}   # row: [ours, peer's]
        self.problems = []

    def file(self, side, what):
        return self.bench.work / f"{what}.{('arbor', 'duckdb')[side]}"

    def call(self, side, command, what, argument, threads):
        file = self.file(side, what)
        if side == 0:
            return self.bench.ours(command, file, argument, threads=threads)
        return self.peer.lines(command, file, argument, threads)

    def step(self, n_round, command, what, argument, threads=1):
        """Both sides, the other one first in every second round."""
        for side in (0, 1) if n_round % 2 == 0 else (1, 0):
            try:
                lines = self.call(side, command, what, argument, threads)
            except Failed as failure:
                self.problems.append(str(failure))
                continue
            for name, (ms, answer) in lines.items():
                row = f"import/{what}/{threads}" if command == "import" else name
                self.times.setdefault(row, ([], []))[side].append(ms)
                self.answers.setdefault(row, [None, None])[side] = json.loads(answer)

    def run(self):
        for n_round in range(self.n_runs):
            say(f"Round {n_round + 1} of {self.n_runs}")
            for what, threads in (("flat", 2), ("flat", 1), ("shuffled", 1), ("nested", 1)):
                self.step(n_round, "import", what, self.data[what], threads)
            for what in self.n:
                self.step(n_round, "run", what, what)

    def row(self, name, label, target, part):
        ours, peers = self.times.get(name, ([], []))
        if not ours or len(ours) != len(peers):
            self.problems.append(f"{label}: did not run")
            return [label, "", "", "", target or "", "failed"], False
        part = part or (lambda answer: answer)
        if not same(*map(part, self.answers[name])):
            self.problems.append("{}: answers differ: {!r:.300} and {!r:.300}".format(
                label, *self.answers[name]))
            return [label, "", "", "", target or "", "differs"], False
        ratio = statistics.median(peer / our for our, peer in zip(ours, peers))
        is_met = target is None or ratio >= target
        return [label, significant(statistics.median(ours)), significant(statistics.median(peers)),
                significant(ratio), target or "", "" if target is None else
                "yes" if is_met else "no"], is_met

    def size_row(self, what, label, target):
        if not all(self.file(side, what).exists() for side in (0, 1)):
            return [label, "", "", "", "", "failed"], False
        ours, peers = (self.file(side, what).stat().st_size for side in (0, 1))
        is_met = target is None or ours <= target * peers
        return [label, f"{ours / 1e6:.1f} MB", f"{peers / 1e6:.1f} MB",
                f"{ours / peers:.2f} x size", f"<= {target}" if target else "",
                "" if target is None else "yes" if is_met else "no"], is_met

    def table(self):
        """The table, and whether every target is met."""
        rows = [self.row(*row) for row in ROWS] + [self.size_row(*size) for size in SIZES]
        heads = ["task", "ours, ms", "peer, ms", "times faster", "target", "met"]
        return table(heads, [cells for cells, _ in rows]), all(is_met for _, is_met in rows)

    def describe(self):
        flat, nested = (f"{self.data[what].stat().st_size / 1e6:.0f} MB"
                        for what in ("flat", "nested"))
        return (f"{self.n['flat']:,} flat records ({flat}) and {self.n['nested']:,} nested ones "
                f"({nested}); medians of {self.n_runs} rounds. {machine()}.")

    def clean(self):
        for what in self.n:
            self.bench.remove(*(self.file(side, what) for side in (0, 1)))


def compare(bench, n_runs):
    """Runs all. Gives the text, whether all ran, whether all targets are met."""
    comparison = Comparison(bench, n_runs)
    comparison.peer.install()
    comparison.run()
    text, is_met = comparison.table()
    text = f"{comparison.describe()}\n\n{text}\n"
    comparison.clean()
    for problem in comparison.problems:
        say(problem)
    return text, not comparison.problems, is_met


def add_options(parser):
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds (%(default)s)")
    parser.add_argument("--strict", action="store_true", help="fail unless all targets are met")
    parser.add_argument("--table", choices=["first", "ordinary", "both"], default="both",
                        help="which of the two to make (%(default)s)")
    add_ordinary_options(parser)


def main():
    arguments = parse_arguments(__doc__, add_options)
    bench, n_runs = Bench(arguments), max(1, arguments.runs)
    if arguments.write_answers:
        sys.exit(not write_answers(bench))
    did_all_run = are_all_met = True
    for name, make in (("first", lambda: compare(bench, n_runs)),
                       ("ordinary", lambda: ordinary_text(bench, n_runs, arguments.rows,
                                                         arguments.only))):
        if arguments.table in (name, "both") and (name == "ordinary" or not arguments.only):
            text, did_run, is_met = make()
            print(text, flush=True)
            did_all_run, are_all_met = did_all_run and did_run, are_all_met and is_met
    sys.exit(not did_all_run or arguments.strict and not are_all_met)


if __name__ == "__main__":
    main()
