#!/usr/bin/python3
"""Asks real questions of the tables of iso-codes in one language and compares every answer.

    compare.py [--without NAME,...] PROGRAM [ARGUMENT...]

The program is run with a new store and the folder of the tables after its arguments, and prints a
line for each question: its name, a tab, the answer as JSON. oracle.py says what the answers must
be: the same values, with the members of objects in the same order. 2 and 2.0 count as the same number,
which JavaScript cannot tell apart. A question that is not answered, or twice, or that the oracle
does not know, is a mistake, too. Questions that a language has no means for are named in --without,
and then must have no answer.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import oracle

FOLDER = "/usr/share/iso-codes/json"


def canonical(value):
    """The value as text, the same for equal values."""
    def number(text):
        return int(float(text)) if float(text).is_integer() else float(text)

    return json.dumps(json.loads(json.dumps(value), parse_float=number), ensure_ascii=False)


def answers_of(program):
    with tempfile.TemporaryDirectory(prefix="arbor-questions-") as folder:
        run = subprocess.run([*program, f"{folder}/iso.arbor", FOLDER], encoding="utf-8",
                             stdout=subprocess.PIPE, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if run.returncode != 0:
        sys.exit(f"{program[0]} ended with {run.returncode}")
    answers = {}
    for line in run.stdout.splitlines():
        name, _, answer = line.partition("\t")
        if name in answers:
            sys.exit(f"{name}: answered twice")
        try:
            answers[name] = canonical(json.loads(answer))
        except ValueError:
            sys.exit(f"{name}: not JSON: {answer}")
    return answers


def main(program, without):
    answers = answers_of(program)
    tables = oracle.Tables(FOLDER)
    questions = {name: function for name, function in oracle.QUESTIONS.items()
                 if name not in without}
    wrong = 0
    for name, function in questions.items():
        expected = canonical(function(tables))
        found = answers.pop(name, "no answer")
        if found == expected:
            continue
        wrong += 1
        print(f"{name}:\n  expected {expected}\n  found    {found}", file=sys.stderr)
    for name in answers:
        wrong += 1
        print(f"{name}: no such question was asked", file=sys.stderr)
    print(f"{len(questions)} questions, {wrong} wrong")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--without", metavar="NAME,...", type=lambda text: text.split(","),
                        default=[])
    parser.add_argument("program", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if not arguments.program:
        parser.error("a PROGRAM is needed")
    main(arguments.program, arguments.without)
