#!/usr/bin/python3
"""All tasks of ordinary work at a small size: our answers must be those that the peer gave, once, to
the same data (ordinary-answers.jsonl). No time is looked at, and no peer is needed.

    test-ordinary.py BENCH_ORDINARY
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from ordinary import ANSWERS, DATA, N_TEST, is_same, name_of, our_task, write_tasks
from ordinary_tasks import TASKS, VIEWS
from support import HERE, lines_of

N_FAMILIES, N_TASKS = 16, 80


def check_table(expected):
    names = [name_of(task) for task in TASKS]
    if len(set(names)) != len(names):
        sys.exit("two tasks have one name")
    if len(TASKS) < N_TASKS or len({task.family for task in TASKS}) < N_FAMILIES:
        sys.exit("tasks have gone")
    unused = VIEWS.keys() - {task.view for task in TASKS} - DATA.keys()
    if unused:
        sys.exit(f"views without a task: {', '.join(unused)}")
    if expected.keys() != set(names):
        sys.exit(f"{', '.join(expected.keys() ^ set(names))}: tests/bench/compare.sh "
                 f"--write-answers, please")


def check_answers(folder, program, expected):
    files = []
    for what, count in DATA.items():
        path = folder / f"{what}.jsonl"
        subprocess.run([sys.executable, HERE / "make-data.py", what, path, str(count(N_TEST))],
                       check=True)
        files += [what, path]
    lines_of([program, "import", folder / "a.arbor", *files])
    write_tasks(folder / "tasks", [our_task(task, N_TEST) for task in TASKS])
    lines = lines_of([program, "run", folder / "a.arbor", folder / "tasks"],
                     env={**os.environ, "BENCH_CALLS": "1"})
    for name, answer in expected.items():
        found = json.loads(lines[name][1])
        if not is_same(found, answer):
            sys.exit(f"{name}: expected {answer!r:.500}, found {found!r:.500}")
        if not json.loads(lines[f"{name}#explain"][1]):
            sys.exit(f"{name}: explain says nothing")
    print(f"{len(expected)} tasks")


def main(program):
    with ANSWERS.open(encoding="utf-8") as file:
        expected = {row["name"]: row["answer"] for row in map(json.loads, file)}
    check_table(expected)
    with tempfile.TemporaryDirectory(prefix="arbor-ordinary-") as name:
        check_answers(pathlib.Path(name), program, expected)


main(*sys.argv[1:])
