#!/usr/bin/python3
"""Writes docs/reliability.md anew: what was tried, how often, and what came of it.

Usage: write-reliability.py FIGURES...

FIGURES are what test-damage-campaign.py --figures has written; several are added up.
"""

import collections
import datetime
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WHAT = {
    'flip': 'a bit is another one',
    'many-flips': '2 to 40 bits are others',
    'meta': 'a bit of a meta page is another one',
    'zero': 'a page is zero',
    'swap': 'two pages are swapped',
    'copy': 'a page lies over another one, too',
    'stale': 'a page is one of an older state',
    'cut': 'the file ends at a page',
    'cut-inside': 'the file ends anywhere',
    'behind': 'something stands behind the end',
}
HEAD = '''Title: Reliability
Slug: reliability

# Reliability

What was done to store files, and what came of it. This page is written by a script from what a campaign counted;
docs/dev/testing.md tells how to do it again, with other seeds.

## Damage

A store with large batches, changed trees, patches, a free list and many names is damaged in one way, half of the
times in the few pages that lead to others. Then all of it is read with default options, verified, and recovered,
in a process that has half a minute. *Wrong* is an answer that differs from what was there, without an error;
*missed* is damage that makes reading fail and that verify does not find; *made up* are trees in a recovered
store that were never there. *Recovered* is the share of trees.

'''


def git(*arguments):
    return subprocess.run(['git', '-C', ROOT, *arguments], capture_output=True, text=True,
                          check=True).stdout.strip()


def main():
    kinds = {kind: collections.Counter() for kind in WHAT}
    seeds = []
    for name in sys.argv[1:]:
        figures = json.loads(pathlib.Path(name).read_text(encoding='utf-8'))
        seeds.append(figures['seed'])
        for kind, counts in figures['kinds'].items():
            kinds[kind].update(counts)
    total = sum(kinds.values(), collections.Counter())
    lines = ['| damage | rounds | read as before | refused | wrong | missed | made up | crashes, hangs | '
             'recovered |', '|---|---|---|---|---|---|---|---|---|']
    for what, counts in [(WHAT[kind], kinds[kind]) for kind in WHAT] + [('all', total)]:
        if counts['rounds'] == 0:
            continue
        lines.append(f"| {what} | {counts['rounds']:,} | {counts['reading whole']:,} | "
                     f"{counts['reading refused']:,} | {counts['reading wrong']:,} | "
                     f"{counts['missed']:,} | {counts['made up']:,} | "
                     f"{counts['reading crash'] + counts['reading hang']:,} | "
                     f"{100 * min(1, counts['copied'] / counts['trees']):.1f} % |")
    text = HEAD + '\n'.join(lines) + (
        f"\n\nCommit {git('rev-parse', '--short', 'HEAD')}, {datetime.date.today().isoformat()}, seeds "
        f"{', '.join(map(str, seeds))}, by tests/recovery/test-damage-campaign.py.\n")
    (ROOT / 'docs' / 'reliability.md').write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
