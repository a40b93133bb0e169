#!/usr/bin/python3
"""Writes docs/reliability.md anew: what was tried, how often, and what came of it.

Usage: write-reliability.py FIGURES...

FIGURES are what the campaigns have written (docs/dev/testing.md has the commands); several of one kind are added up.
What is not given is not in the page.
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

What was done to the library and to store files, and what came of it. This page is written by a script from what
campaigns counted; docs/dev/testing.md tells how to do each of them again, with other seeds. A *problem* is anything that was
promised and did not hold.
'''
CRASHES = '''
## Crashes

What a process does to the files of a folder is recorded, one write of each kind after the other: puts, edits, edits of
several threads that are committed together, transactions, keys, imports in stages, compacting in place and as a whole,
backups and their updates, recovering, dumps. Of the record the files are made that a crash may leave at any moment: each write since
the last sync whole, not at all, or in some of its sectors of 512 or 4,096 bytes; names that were changed and not synced as they
were. Each image must open, be sound, have what was acknowledged, and of what was being done all or nothing.

'''
KILLS = '''
Processes that read and write one file are killed at any moment, and begin again:

'''
FAULTS = '''
## Refusals

The n-th call of each sort that an operation makes is refused, once or from then on: memory, open, read, pread, write, pwrite,
writev, sync, ftruncate, fallocate, mmap, fcntl, fstat, threads, poll, rename; n = 1, 2, 3 and so on, until it meets none. That is done for
every public operation that touches a file. There must be an error that says what and does not blame the file, a sound store with the old
or the new content, the new one where success was told, nothing left beside it, and a store that is still open goes on.

'''
DAMAGE = '''
## Damage

A store with large batches, changed trees, patches, a free list and many names is damaged in one way, half of the
times in the few pages that lead to others. Then all of it is read with default options, verified, and recovered,
in a process that has half a minute. *Wrong* is an answer that differs from what was there, without an error;
*missed* is damage that makes reading fail and that verify does not find; *made up* are trees in a recovered
store that were never there. *Recovered* is the share of trees.

'''
FUZZ = '''
## Random input

Inputs near those of a corpus, through the code that reads them; no process may crash, and what each target promises holds.

'''
HOSTILE = '''
## Hostile input

Input that is meant to harm, at every door. Each row has a process of its own; *memory* is its peak beside interpreter and
input, and must stay below the bound. Times are those of a busy machine.

'''
MUTANTS = '''
## Small faults in the code

Lines of the gate, of the storage and of the batch code are changed, one at a time, as a mistake would change them; the tests that are
about them must notice.

'''
COSTS = '''
## What looking costs

'''
COVERAGE = '''
## Coverage

'''


def git(*arguments):
    return subprocess.run(['git', '-C', ROOT, *arguments], capture_output=True, text=True,
                          check=True).stdout.strip()


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", '|' + '---|' * len(head)]
    lines += [f"| {' | '.join(cell if isinstance(cell, str) else f'{cell:,}' for cell in row)} |" for row in rows]
    return '\n'.join(lines) + '\n'


def add(figures):
    """The numbers of several documents added up."""
    total = collections.Counter()
    for one in figures:
        total.update({key: value for key, value in one.items() if isinstance(value, int) and key != 'seed'})
    return total


def seeds(figures):
    """And what somebody has noted in the figures: which problems they were."""
    return 'Seeds: ' + ', '.join(str(one['seed']) for one in figures) + '.\n' + ''.join(
        f"\n{one['note']}\n" for one in figures if 'note' in one)


def write_crashes(figures):
    total = add(figures)
    return CRASHES + table(['images', 'as before', 'as after', 'joint edits in part', 'problems'],
                           [[total['images'], total['before'], total['after'],
                             total['images'] - total['before'] - total['after'] - total['problems'], total['problems']]]) \
        + f"\n{figures[0]['steps']} kinds of writes. " + seeds(figures)


def write_kills(figures):
    total = add(figures)
    return KILLS + table(['processes', 'kills', 'commits', 'in the file, not acknowledged', 'conflicts', 'problems'],
                         [[figures[0]['processes'], total['kills'], total['commits'], total['not acknowledged'],
                           total['conflicts'], total['problems']]]) + '\n' + seeds(figures)


def write_faults(figures):
    rows = []
    for where in ('in C', 'command'):
        total = add([one[where] for one in figures])
        rows.append([where if where == 'in C' else 'the command', total['tries'], total['tries'] - total['succeeded'],
                     total['succeeded'], total['problems']])
    return FAULTS + table(['', 'refusals', 'errors', 'success', 'problems'], rows) + '\n' + seeds(figures)


def write_damage(figures):
    kinds = {kind: collections.Counter() for kind in WHAT}
    for one in figures:
        for kind, counts in one['kinds'].items():
            kinds[kind].update(counts)
    total = sum(kinds.values(), collections.Counter())
    rows = []
    for what, counts in [(WHAT[kind], kinds[kind]) for kind in WHAT] + [('all', total)]:
        if counts['rounds'] > 0:
            rows.append([what, counts['rounds'], counts['reading whole'], counts['reading refused'],
                         counts['reading wrong'], counts['missed'], counts['made up'],
                         counts['reading crash'] + counts['reading hang'],
                         f"{100 * min(1, counts['copied'] / counts['trees']):.1f} %"])
    return DAMAGE + table(['damage', 'rounds', 'read as before', 'refused', 'wrong', 'missed', 'made up',
                           'crashes, hangs', 'recovered'], rows) + '\n' + seeds(figures)


def write_fuzz(figures):
    targets = {}
    for one in figures:
        for row in one['rows']:
            targets.setdefault(row['target'], []).append(row)
    rows = [[target, add(rows)['seconds'], add(rows)['inputs'], add(rows)['problems']]
            for target, rows in sorted(targets.items())]
    return FUZZ + table(['target', 'seconds of processor time', 'inputs', 'problems'], rows) + '\n' + seeds(figures)


def write_hostile(figures):
    rows = []
    for row in figures[-1]['rows']:
        words = row['words'].split(':')[0]
        rows.append([row['door'], row['input'], words, f"{row['seconds']:.1f} s", f"{row['MiB']:.0f} MiB",
                     f"{row['bound']} MiB", 'yes' if row['bad'] else 'none'])
    return HOSTILE + table(['door', 'input', '', 'time', 'memory', 'bound', 'problem'], rows)


def write_mutants(figures):
    total = add(figures)
    text = MUTANTS + table(['mutants', 'noticed', 'share'],
                           [[total['mutants'], total['noticed'], f"{100 * total['noticed'] / total['mutants']:.0f} %"]])
    survivors = [(place, one.get('reasons', {}).get(place)) for one in figures for place in one['survivors']]
    if survivors:
        text += '\nNot noticed:\n\n' + ''.join(f" - `{place}`{'' if reason is None else ': ' + reason}\n"
                                               for place, reason in survivors)
    return text + '\n' + seeds(figures)


def write_costs(figures):
    last = figures[-1]
    return COSTS + table(['of a store', 'reading all bytes', 'verify', 'open', 'open with `untrusted`'],
                         [[f"{last['trees']:,} trees, {last['bytes'] / 1e6:.1f} MB"]
                          + [f'{1000 * last[key]:.1f} ms' for key in ('read', 'verify', 'open', 'open untrusted')]])


def write_coverage(figures):
    last = figures[-1]
    rows = [[what, last[what], last[f'{what} reached'], f"{100 * last[f'{what} reached'] / last[what]:.1f} %"]
            for what in ('lines', 'branches')]
    return COVERAGE + f"Of {last.get('suites', 'all tests')}, by tests/coverage.sh:\n\n" + table(['', 'all', 'reached', 'share'], rows)


WRITERS = [('crash images', write_crashes), ('kills', write_kills), ('faults', write_faults), ('damage', write_damage),
           ('fuzz', write_fuzz), ('hostile', write_hostile), ('mutants', write_mutants), ('costs', write_costs),
           ('coverage', write_coverage)]


def main():
    campaigns = collections.defaultdict(list)
    for name in sys.argv[1:]:
        figures = json.loads(pathlib.Path(name).read_text(encoding='utf-8'))
        campaigns[figures['campaign']].append(figures)
    unknown = set(campaigns) - {name for name, _ in WRITERS}
    if unknown:
        sys.exit(f'no campaign: {unknown}')
    text = HEAD + ''.join(write(campaigns[name]) for name, write in WRITERS if campaigns[name])
    text += f"\nWritten at commit {git('rev-parse', '--short', 'HEAD')}, {datetime.date.today().isoformat()}.\n"
    (ROOT / 'docs' / 'reliability.md').write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
