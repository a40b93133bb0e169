"""How the cost grows with the number of trees: import, filter, sort and export of 10^4 to 10^7 flat
trees, opening a file of 10^3 to 10^7, and what a second thread gives.

The growth of a task is the slope of its line where both axes are logarithms, from the smallest size
to the greatest and over the last factor of ten: 1 is linear, less means that what a call costs at
least is still seen. Sorting is divided by log n. Opening must not grow: its slowest size may take
twice as long as its fastest.
"""

import csv
import math
import pathlib
import statistics

from plot import plot
from support import Bench, machine, parse_arguments, say, significant, table

TASKS = ["import", "filter", "sort", "export", "open"]
LABELS = {"import": "import", "filter": "filter, one comparison", "sort": "sort by two keys",
          "export": "export as JSON Lines", "open": "open"}
MOST_GROWTH = 1.1
MOST_OPENING = 2.0
LEAST_SPEED_UP = 1.6


class Scaling:
    def __init__(self, bench):
        self.bench = bench
        last = 6 if bench.quick else 7
        self.sizes = [10 ** i for i in range(3, last + 1)]
        self.times = {task: {} for task in TASKS}    # {task: {n: milliseconds}}
        self.threads = {}                            # {(task, n): (one thread, two threads)}
        self.n_bytes = {}

    def import_once(self, n, threads, **more):
        store = self.bench.work / f"scaling-{n}.arbor"
        lines = self.bench.ours("import", store, self.bench.data("flat", n), threads=threads,
                                **more)
        return lines["import"][0]

    def query(self, n, *tasks, threads=1, **more):
        lines = self.bench.ours("run", self.bench.work / f"scaling-{n}.arbor", "scaling", *tasks,
                                threads=threads, **more)
        return {name.partition("/")[2]: ms for name, (ms, _) in lines.items()}

    def measure(self, n):
        say(f"{n:,} trees")
        self.n_bytes[n] = self.bench.data("flat", n).stat().st_size
        imports = [self.import_once(n, 1) for _ in range(3 if n >= 1_000_000 else 9)]
        if n < 10_000:
            self.times["open"][n] = self.query(n, "open")["open"]
            return
        self.times["import"][n] = statistics.median(imports)
        for task, ms in self.query(n).items():
            self.times[task][n] = ms

    def measure_threads(self, n):
        """One thread and two in turn, by the clock; the median of the ratios decides."""
        clock = {"BENCH_CLOCK": ""}

        def import_with(threads):
            return self.import_once(n, threads, **clock)

        def filter_with(threads):
            return self.query(n, "filter", threads=threads, **clock)["filter"]

        say(f"{n:,} trees, one thread and two")
        for task, once in (("import", import_with), ("filter", filter_with)):
            pairs = [(once(1), once(2)) for _ in range(3)]
            pairs.sort(key=lambda pair: pair[0] / pair[1])
            self.threads[task, n] = pairs[1]

    def run(self):
        for n in self.sizes:
            self.measure(n)
        self.measure_threads(self.sizes[-1])
        for n in self.sizes:
            self.bench.remove(self.bench.work / f"scaling-{n}.arbor")

    def growth(self, task, n_last):
        """The slope of log(time) over log(n), fitted to the last @n_last sizes."""
        points = [(math.log(n), math.log(ms / (math.log(n) if task == "sort" else 1)))
                  for n, ms in list(self.times[task].items())[-n_last:]]
        return statistics.linear_regression(*zip(*points)).slope

    def table(self):
        rows = []
        for task in TASKS:
            for n, ms in self.times[task].items():
                is_text = task in ("import", "export")
                rows.append([LABELS[task], f"{n:,}", significant(ms),
                             "" if task == "open" else significant(ms * 1e6 / n),
                             significant(self.n_bytes[n] / ms / 1e3) if is_text else ""])
        return table(["task", "trees", "ms", "ns a tree", "MB of JSON a second"], rows)

    def checks(self):
        rows = []
        for task in TASKS[:-1]:
            growth, last = (self.growth(task, n) for n in (len(self.sizes), 2))
            rows.append([f"{LABELS[task]}: growth, last tenfold" +
                         (" (over log n)" if task == "sort" else ""),
                         f"{growth:.2f}, {last:.2f}", f"<= {MOST_GROWTH}",
                         max(growth, last) <= MOST_GROWTH])
        times = self.times["open"].values()
        ratio = max(times) / min(times)
        rows.append(["open: slowest size by fastest", f"{ratio:.2f}", f"<= {MOST_OPENING:.1f}",
                     ratio <= MOST_OPENING])
        for (task, n), (one, two) in self.threads.items():
            rows.append([f"{LABELS[task]} of {n:,}: two threads", f"{one / two:.2f}",
                         f">= {LEAST_SPEED_UP}", one / two >= LEAST_SPEED_UP])
        return table(["check", "figure", "target", "met"],
                     [[*cells, "yes" if is_met else "no"] for *cells, is_met in rows])

    def svg(self):
        return plot("Cost against size, flat trees, one thread", "trees", "milliseconds",
                    {LABELS[task].partition(",")[0]: list(self.times[task].items())
                     for task in TASKS})

    def write_csv(self, path):
        with open(path, "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(["task", "trees", "milliseconds", "bytes of JSON"])
            writer.writerows([task, n, f"{ms:.6f}", self.n_bytes[n]]
                             for task in TASKS for n, ms in self.times[task].items())


def scaling(bench):
    """The text, and who can draw it."""
    result = Scaling(bench)
    result.run()
    return (f"Flat trees, one thread unless said. {machine()}.\n\n{result.table()}\n\n"
            f"{result.checks()}\n"), result


def add_options(parser):
    parser.add_argument("--csv", type=pathlib.Path, metavar="FILE", help="also write the figures")
    parser.add_argument("--svg", type=pathlib.Path, metavar="FILE", help="also draw them")


def main():
    arguments = parse_arguments(__doc__, add_options)
    text, result = scaling(Bench(arguments))
    print(text)
    if arguments.csv:
        result.write_csv(arguments.csv)
    if arguments.svg:
        arguments.svg.write_text(result.svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
