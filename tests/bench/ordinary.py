"""The second table of the comparison: ordinary work.

ordinary_tasks.py has its tasks, a row each; bench-ordinary.c runs ours and peer.mjs the peer's,
both on one thread, with the same data. A round runs all tasks on one side, then on the other, and sides
change who begins; the ratio of a task is the median of the rounds' ratios. Answers must be equal,
and no row is left out: one that fails is in the table, and fails the run.
"""

import json
import statistics
import sys

from ordinary_tasks import TASKS, VIEWS
from peer import Peer, same
from support import HERE, Failed, lines_of, machine, say, significant, table

# The arbors, each made by make-data.py, and how many records there are for N sales.
DATA = {
    "sales": lambda n: n, "archive": lambda n: n // 4, "customers": lambda n: n * 3 // 10,
    "products": lambda n: 5000, "countries": lambda n: 151, "nested": lambda n: n * 4 // 10,
}
# Targets: the median over all tasks, that of each family, and none below.
OVERALL, FAMILY, LEAST = 3, 1.5, 1
LEAST_OF = {"high-cardinality keys": 1.5}
BY_ROWS = 0.05
# The answers that the peer gives for so many sales, which test-ordinary.py expects.
ANSWERS = HERE / "ordinary-answers.jsonl"
N_TEST = 2_000


def name_of(task):
    return f"{task.family}/{task.name}"


def goes_by_rows(explained):
    """Whether explain says that something goes tree by tree: the one place that knows its words. It
    tells so of conditions, keys, fields and what aggregates are of; not of what is read at the end
    (an aggregate of all trees, a column, a file)."""
    return "row by row: " in explained


def our_task(task, n_sales):
    view = VIEWS[task.view]
    before, after = (view.steps, []) if view.is_prepared else ([], view.steps)
    return {"name": name_of(task), "arbor": view.arbor, "prepare": before,
            "steps": [[n_sales // 2 if part == "{middle}" else part for part in step]
                      for step in after + task.steps]}


def peers_task(task, n_sales):
    view = VIEWS[task.view]
    prepare = f"create or replace temp table v as {view.sql}" if view.is_prepared else ""
    texts = [task.sql] if isinstance(task.sql, str) else list(task.sql)
    texts = [text.replace("{v}", "v" if view.is_prepared else view.sql)
             .replace("{middle}", str(n_sales // 2)) for text in texts]
    return {"name": name_of(task), "prepare": prepare, "run": texts[0],
            "answer": texts[1] if len(texts) > 1 else ""}


def write_tasks(path, tasks):
    path.write_text("".join(json.dumps(task) + "\n" for task in tasks), encoding="utf-8")


def without_nulls(row):
    return {key: value for key, value in row.items() if value is not None}


def place_of(row):
    """To sort rows by, the same for doubles that differ in their last digits."""
    return json.dumps([[key, float(f"{value:.6g}") if isinstance(value, (int, float)) else value]
                       for key, value in sorted(row.items(), key=lambda item: (
                           isinstance(item[1], float) and item[1] % 1 != 0, item[0]))])


def canonical(answer):
    """An answer as rows in one order: fields that are null or missing are not there."""
    if isinstance(answer, dict):
        answer = [answer]
    if not isinstance(answer, list):
        return answer
    return sorted(map(without_nulls, answer), key=place_of)


def is_same(ours, peers):
    """The peer gives rows; of one value it is their only field."""
    ours, peers = canonical(ours), canonical(peers)
    if not isinstance(ours, list) and isinstance(peers, list) and len(peers) == 1:
        peers = next(iter(peers[0].values()), None)
    return same(ours, peers)


def chosen(only):
    tasks = [task for task in TASKS
             if not only or any(word in (task.family, name_of(task)) or word in task.name
                                for word in only)]
    if not tasks:
        families = ", ".join(dict.fromkeys(task.family for task in TASKS))
        sys.exit(f"No task and no family is called so. The families are {families}.")
    return tasks


class Ordinary:
    def __init__(self, bench, n_sales, tasks):
        self.bench, self.tasks, self.n_sales = bench, tasks, n_sales
        self.peer = Peer(bench.work)
        self.store = bench.work / f"ordinary-{n_sales}.arbor"
        self.database = bench.work / f"ordinary-{n_sales}.duckdb"
        self.times = {name_of(task): ([], []) for task in tasks}
        self.answers = {name_of(task): [None, None] for task in tasks}
        self.explained = {}
        self.problems = []

    def program(self, *arguments):
        return lines_of([self.bench.build / "tests/bench/bench-ordinary", *map(str, arguments)],
                        env=self.bench.environment(1))

    def make_stores(self):
        files = [part for name, count in DATA.items()
                 for part in (name, self.bench.data(name, count(self.n_sales)))]
        say("Importing")
        self.program("import", self.store, *files)
        if not self.database.exists():
            part = self.database.with_suffix(".part")
            self.peer.lines("ordinary-import", part, 1, *files)
            part.rename(self.database)

    def run_side(self, side):
        path = self.bench.work / f"ordinary-{self.n_sales}-tasks-{side}.jsonl"
        write_tasks(path, [(our_task, peers_task)[side](task, self.n_sales) for task in self.tasks])
        try:
            lines = (self.program("run", self.store, path) if side == 0
                     else self.peer.lines("ordinary", self.database, 1, path))
        except Failed as failure:
            self.problems.append(str(failure))
            return
        for name, (ms, answer) in lines.items():
            name, mark, _ = name.partition("#")
            if mark:
                self.explained[name] = json.loads(answer)
            else:
                self.times[name][side].append(ms)
                self.answers[name][side] = json.loads(answer)

    def run(self, n_rounds):
        for n_round in range(n_rounds):
            say(f"Ordinary work, round {n_round + 1} of {n_rounds}")
            for side in (0, 1) if n_round % 2 == 0 else (1, 0):
                self.run_side(side)

    def ratio(self, task):
        """How many times faster ours is, or None and what is wrong."""
        ours, peers = self.times[name_of(task)]
        if not ours or len(ours) != len(peers):
            return None, "did not run"
        if not is_same(*self.answers[name_of(task)]):
            return None, "answers differ: {!r:.300} and {!r:.300}".format(
                *self.answers[name_of(task)])
        return statistics.median(peer / our for our, peer in zip(ours, peers)), None

    def row(self, task, ratio):
        if ratio is None:
            return [task.family, task.name, "", "", "failed", "", task.note]
        ours, peers = map(statistics.median, self.times[name_of(task)])
        rows = "rows" if goes_by_rows(self.explained[name_of(task)]) else ""
        return [task.family, task.name, significant(ours), significant(peers), significant(ratio),
                rows, task.note]

    def summary(self, ratios):
        """Families and all over; whether the targets are met."""
        lines, is_all_met = [], True
        families = dict.fromkeys(task.family for task in self.tasks)
        for family in families:
            known = [ratio for task, ratio in ratios if task.family == family and ratio is not None]
            least = LEAST_OF.get(family, LEAST)
            is_met = bool(known) and statistics.median(known) >= FAMILY and min(known) >= least
            is_all_met &= is_met
            lines.append([family, len(known), *(map(significant, (statistics.median(known),
                                                                  min(known)))
                                                if known else ("", "")),
                          sum(ratio < least for ratio in known), FAMILY, least,
                          "yes" if is_met else "no"])
        known = [ratio for _, ratio in ratios if ratio is not None]
        n_rows = sum(goes_by_rows(self.explained.get(name_of(task), "")) for task, _ in ratios)
        if known:
            is_met = statistics.median(known) >= OVERALL and n_rows <= BY_ROWS * len(ratios)
            is_all_met &= is_met
            lines.append(["all", len(known), significant(statistics.median(known)),
                          significant(min(known)), sum(ratio < LEAST for ratio in known), OVERALL,
                          LEAST, "yes" if is_met else "no"])
        return lines, is_all_met, n_rows

    def text(self):
        """The text, and whether all targets are met."""
        ratios = []
        for task in self.tasks:
            ratio, problem = self.ratio(task)
            ratios.append((task, ratio))
            if problem:
                self.problems.append(f"{name_of(task)}: {problem}")
        lines, is_met, n_rows = self.summary(ratios)
        ratios.sort(key=lambda pair: (pair[1] is not None, pair[1]))
        counts = ", ".join(f"{count(self.n_sales):,} {name}" for name, count in DATA.items())
        rows = table(["family", "task", "ours, ms", "peer, ms", "times faster", "by rows", "note"],
                     [self.row(*pair) for pair in ratios])
        families = table(["family", "tasks", "median", "least", "below", "median >=", "least >=",
                          "met"], lines)
        return (f"Ordinary work, one thread: {counts}. {machine()}.\n\n{rows}\n\n{families}\n\n"
                f"explain says \"row by row\" of {n_rows} of {len(ratios)} tasks; it does not "
                f"tell of what is read at the end. Target: at most {BY_ROWS:.0%}.\n"), is_met


def ordinary_text(bench, n_rounds, n_sales=None, only=None):
    """Runs all. Gives the text, whether all ran, whether all targets are met."""
    n_sales = n_sales or (100_000 if bench.quick else 1_000_000)
    ordinary = Ordinary(bench, n_sales, chosen(only))
    ordinary.peer.install()
    ordinary.make_stores()
    ordinary.run(n_rounds)
    text, is_met = ordinary.text()
    bench.remove(ordinary.store)
    for problem in ordinary.problems:
        say(problem)
    return text, not ordinary.problems, is_met


def write_answers(bench):
    """Has the peer answer all tasks for N_TEST sales; whether it did."""
    ordinary = Ordinary(bench, N_TEST, TASKS)
    ordinary.peer.install()
    ordinary.make_stores()
    ordinary.run_side(1)
    answers = {name: answer for name, (_, answer) in ordinary.answers.items()}
    missing = [name for name, times in ordinary.times.items() if not times[1]]
    if not missing:
        ANSWERS.write_text("".join(
            json.dumps({"name": name, "answer": canonical(answer)}, ensure_ascii=False) + "\n"
            for name, answer in answers.items()), encoding="utf-8")
    for name in missing:
        say(f"{name}: the peer has no answer")
    return not missing


def add_ordinary_options(parser):
    parser.add_argument("--write-answers", action="store_true",
                        help="only have the peer write the answers that the test expects")
    parser.add_argument("--only", action="append", metavar="WORDS",
                        help="of ordinary work: a family, a task, or words of its name; again for "
                        "more")
    parser.add_argument("--rows", type=int, metavar="N",
                        help="of ordinary work: so many sales, the other data in proportion")
