#!/usr/bin/python3
"""Runs every fuzz target for some seconds of processor time, on inputs near those of its corpus.

Usage: run.py BUILD [--seconds N] [--figures FILE] [TARGET...]

The default is 60 seconds each, 1440 are the long form. ARBOR_RANDOM_SEED=N makes others. What ends a target is left in
BUILD/crash-fuzz-TARGET.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

CORPUS = pathlib.Path(__file__).resolve().parent / 'corpus'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('--seconds', type=int, default=60)
    parser.add_argument('--figures')
    parser.add_argument('targets', nargs='*', default=sorted(path.name for path in CORPUS.iterdir()))
    options = parser.parse_intermixed_args()
    build = options.build.resolve()
    rows = []
    for target in options.targets:
        done = subprocess.run([build / 'tests' / 'fuzz' / f'fuzz-{target}', CORPUS / target], cwd=build,
                              env={**os.environ, 'ARBOR_FUZZ_SECONDS': str(options.seconds),
                                   'G_SLICE': 'always-malloc'},
                              capture_output=True, text=True, check=False)
        counted = re.search(r'(\d+) inputs', done.stdout)
        rows.append({'target': target, 'seconds': options.seconds, 'inputs': int(counted[1]) if counted else 0,
                     'problems': int(done.returncode != 0)})
        print(f"{target}: {rows[-1]['inputs']:,} inputs in {options.seconds} s"
              + (f'; ended with {done.returncode}: {done.stderr[-500:]}' if done.returncode else ''), flush=True)
    if options.figures:
        pathlib.Path(options.figures).write_text(json.dumps(
            {'campaign': 'fuzz', 'seed': int(os.environ.get('ARBOR_RANDOM_SEED', '1')), 'rows': rows}) + '\n')
    return int(any(row['problems'] for row in rows))


if __name__ == '__main__':
    sys.exit(main())
