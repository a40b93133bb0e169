"""The ways to read one integer of each of 1,000,000 trees, in nanoseconds a tree, as a table.

Runs bench-ways, ways.py and ways.js on one store; every way must give the same sum. A new way gets
a line in WAYS and a function in each of the languages that have it.
"""

import sys

from support import HERE, PROGRAMS, Bench, Failed, lines_of, machine, need, parse_arguments, say, \
    significant, table

LANGUAGES = ["C", "Python", "JavaScript"]
# The key that the programs print, and what it is.
WAYS = [
    ("cursor", "a cursor that reads the path"),
    ("buffer", "the column of the path as one buffer"),
    ("column", "the same, and its values added up"),
    ("aggregate", "`aggregate`: the library adds up"),
    ("iterate", "iterate, `get_int64` on each tree"),
    ("key", "iterate, `tree[key]`"),
    ("next_many", "`next_many`, 1,000 at once, and `get_int64`"),
    ("index", "each tree by its index, and `get_int64`"),
    ("pick", "`pick` the field: an object, a dict, a tree each"),
    ("native", "`select` the field, all as native values"),
    ("jsonl", "`select` the field, `to_jsonl`, parse each line"),
    ("jsonl_all", "whole trees by `to_jsonl`, parse each line"),
]


def measure(bench):
    """{language: {way: (nanoseconds, sum)}}"""
    n = 100_000 if bench.quick else 1_000_000
    store = bench.work / "ways.arbor"
    bench.ours("import", store, bench.data("flat", n))
    commands = [[bench.build / PROGRAMS[1]], ["/usr/bin/python3", HERE / "ways.py"],
                ["gjs", "-m", HERE / "ways.js"]]
    figures = {}
    for language, command in zip(LANGUAGES, commands):
        say(f"Ways in {language}")
        figures[language] = lines_of([*command, store], env=bench.environment())
    bench.remove(store)
    return n, figures


def costs(bench):
    """The table as text."""
    need("gjs", "gjs")
    n, figures = measure(bench)
    sums = {total for ways in figures.values() for _, total in ways.values()}
    if len(sums) != 1:
        raise Failed(f"The ways differ in what they read: {figures}")
    unknown = {key for ways in figures.values() for key in ways} - {key for key, _ in WAYS}
    if unknown:
        raise Failed(f"No label in costs.py for {', '.join(sorted(unknown))}")
    rows = [[label, *(significant(figures[language][key][0]) if key in figures[language] else ""
                      for language in LANGUAGES)]
            for key, label in WAYS if any(key in ways for ways in figures.values())]
    return (f"Nanoseconds a tree, one integer of each of {n:,} flat trees, one thread. {machine()}."
            f"\n\n{table(['way', *LANGUAGES], rows)}\n")


def main():
    try:
        print(costs(Bench(parse_arguments(__doc__))))
    except Failed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
