"""Measures all parts and writes the figures into docs/performance.md, each between its markers.

A part whose figures could not be taken leaves what stands there. With --quick the page is printed
and nothing is written: figures of a tenth of the data are no figures.
"""

import sys

from compare import compare
from costs import costs
from memory import memory
from ordinary import ordinary_text
from scaling import scaling
from support import ROOT, Bench, Failed, parse_arguments, say

PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance-scaling.svg"
N_RUNS = 5
N_ROUNDS = 3   # of ordinary work, each of minutes


def compare_part(bench):
    text, did_run, _ = compare(bench, N_RUNS)
    if not did_run:
        raise Failed(f"Not all of the comparison ran:\n{text}")
    return text


def ordinary_part(bench):
    text, did_run, _ = ordinary_text(bench, N_ROUNDS)
    if not did_run:
        raise Failed(f"Not all of ordinary work ran:\n{text}")
    return text


def scaling_part(bench):
    text, result = scaling(bench)
    if not bench.quick:
        PLOT.write_text(result.svg(), encoding="utf-8")
    return text


PARTS = {"compare": compare_part, "ordinary": ordinary_part, "scaling": scaling_part, "memory": memory, "ways": costs}


def put_between(page, part, text):
    begin, end = f"<!-- {part}: begin -->\n", f"<!-- {part}: end -->"
    before, mark, rest = page.partition(begin)
    _, end_mark, after = rest.partition(end)
    if not mark or not end_mark:
        sys.exit(f"{PAGE} has no markers for {part}")
    return f"{before}{begin}{text}{end}{after}"


def add_options(parser):
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS),
                        metavar="PART,...", help=f"of {', '.join(PARTS)}")


def main():
    arguments = parse_arguments(__doc__, add_options)
    if not set(arguments.only) <= PARTS.keys():
        sys.exit(f"The parts are {', '.join(PARTS)}")
    bench = Bench(arguments)
    did_fail = False
    for part in arguments.only:
        say(f"== {part}")
        try:
            text = PARTS[part](bench)
        except Failed as failure:
            say(str(failure))
            did_fail = True
            continue
        print(text)
        if not bench.quick:
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(put_between(page, part, text), encoding="utf-8")
    sys.exit(did_fail)


if __name__ == "__main__":
    main()
