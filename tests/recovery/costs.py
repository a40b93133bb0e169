#!/usr/bin/python3
"""What verifying, and opening as untrusted, cost beside reading all bytes of the file and opening as usual.

Usage: costs.py [TREES] [--figures FILE]
"""

import json
import os
import pathlib
import sys
import tempfile
import time

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor

ROUNDS = 5


def timed(function):
    """The quickest of some, in seconds."""
    best = float('inf')
    for _ in range(ROUNDS):
        began = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - began)
    return best


def opened(path, **options):
    with Arbor.Store.open(path, create=False, **options):
        pass


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 300000
    with tempfile.TemporaryDirectory(prefix='arbor-costs-') as folder:
        path = os.path.join(folder, 'a.arbor')
        lines = '\n'.join(json.dumps({'id': i, 'name': f'n{i * 7919 % 100003}', 'x': i / 7, 'tags': ['a', str(i % 91)]})
                          for i in range(n))
        with Arbor.Store.open(path) as store:
            store['data'] = Arbor.read_jsonl(lines)
        size = os.path.getsize(path)
        figures = {'campaign': 'costs', 'trees': n, 'bytes': size,
                   'read': timed(lambda: pathlib.Path(path).read_bytes()),
                   'verify': timed(lambda: Arbor.verify_file(path)),
                   'open': timed(lambda: opened(path)),
                   'open untrusted': timed(lambda: opened(path, untrusted=True))}
    print(', '.join(f'{key} {1000 * value:.1f} ms' for key, value in figures.items() if isinstance(value, float)),
          f'of {size:,} bytes')
    if '--figures' in sys.argv:
        pathlib.Path(sys.argv[sys.argv.index('--figures') + 1]).write_text(json.dumps(figures) + '\n')


if __name__ == '__main__':
    main()
