#!/usr/bin/python3
"""Adds up what gcov has counted: the shares of lines and branches of the library that were reached.

Usage: coverage.py BUILD [--figures FILE]

Of each source below arbor/, but for bindings, all objects that it was compiled into count together. Branches that only
an exception of C++ takes are left out. What was not reached is written into BUILD/not-reached.txt, a line each; a table
of the folders and the files with the most such lines are printed.
"""

import collections
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
N_FILES = 15


def counted(build):
    """The documents of gcov, one for each object."""
    objects = sorted(str(path.resolve()) for path in build.rglob('*.gcda') if '/tests/' not in str(path))
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, len(objects), 40):
            subprocess.run(['gcov', '--json-format', '--branch-probabilities', '--hash-filenames',
                            *objects[first:first + 40]], cwd=folder, check=True, capture_output=True)
            for name in pathlib.Path(folder).glob('*.gcov.json.gz'):
                with gzip.open(name) as stream:
                    yield json.load(stream)
                name.unlink()


def add_up(build):
    lines = collections.defaultdict(collections.Counter)
    branches = collections.defaultdict(collections.Counter)
    for document in counted(build):
        folder = pathlib.Path(document['current_working_directory'])
        for one in document['files']:
            path = (folder / one['file']).resolve()
            if not path.is_relative_to(ROOT / 'arbor') or path.is_relative_to(ROOT / 'arbor' / 'bindings'):
                continue
            name = str(path.relative_to(ROOT))
            for line in one['lines']:
                number = line['line_number']
                lines[name][number] += line['count']
                for i, branch in enumerate(line['branches']):
                    if not branch['throw']:
                        branches[name][number, i] += branch['count']
    return lines, branches


def share(counts):
    reached = sum(count > 0 for count in counts.values())
    return reached, len(counts)


def percent(reached, total):
    return 100 * reached / total if total else 100.0


def main():
    build = pathlib.Path(sys.argv[1])
    lines, branches = add_up(build)
    folders = collections.defaultdict(lambda: [0, 0, 0, 0])
    for name in lines:
        sums = folders[str(pathlib.Path(name).parent)]
        for at, number in enumerate(share(lines[name]) + share(branches[name])):
            sums[at] += number
    total = [sum(sums[i] for sums in folders.values()) for i in range(4)]
    for folder, sums in sorted(folders.items()) + [('all', total)]:
        print(f'{folder:28} lines {percent(*sums[:2]):5.1f} % of {sums[1]:6}, branches {percent(*sums[2:]):5.1f} % '
              f'of {sums[3]:6}')
    with open(build / 'not-reached.txt', 'w', encoding='utf-8') as out:
        for name in sorted(lines):
            text = (ROOT / name).read_text(encoding='utf-8').splitlines()
            for number, count in sorted(lines[name].items()):
                if count == 0:
                    line = text[number - 1].strip() if number <= len(text) else ''
                    out.write(f'{name}:{number}: {line}\n')
    missing = sorted(((total - reached, name) for name in lines for reached, total in [share(lines[name])]),
                     reverse=True)
    print(f'\nlines that were not reached, most first; all of them: {build}/not-reached.txt')
    for number, name in missing[:N_FILES]:
        print(f'{number:5} {name}')
    if '--figures' in sys.argv:
        suites = sorted({json.loads(line)['name'].split(' / ')[0].split(':')[-1] for line in
                         (build / 'meson-logs' / 'testlog.json').read_text(encoding='utf-8').splitlines()})
        figures = {'campaign': 'coverage', 'lines': total[1], 'lines reached': total[0], 'branches': total[3],
                   'branches reached': total[2], 'suites': 'the suites ' + ', '.join(suites)}
        pathlib.Path(sys.argv[sys.argv.index('--figures') + 1]).write_text(json.dumps(figures) + '\n')


if __name__ == '__main__':
    main()
