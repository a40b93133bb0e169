#!/usr/bin/python3
"""Small faults in the code, one at a time: do tests notice?

Usage: mutants.py FOLDER [--count N] [--seed N] [--figures FILE] [--only TEXT] [--list]

The commit at HEAD is cloned into FOLDER and built there once. Then --count times (default 100) a line of the gate, of the
storage or of the batch code is changed: a comparison is flipped or moved by one, a condition negated, an "and" made an
"or", a number moved by one, a truth value that is returned made the other, a statement dropped. What was
changed is built, and the tests that are about it run (TESTS below), until one fails, crashes or hangs. A change that
does not compile, or gives the same machine code, is none, and another one is drawn. Which changes no test noticed is
told in the end; with the same seed and the same sources they are the same again. --only takes lines of files
whose path has TEXT in it.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECONDS = 600
# By what a path begins with; the quick ones first. Those of all of them come last.
TESTS = [
    ('arbor/base/arbor-gate', ['gate', 'close-token', 'close', 'generations', 'closed-everywhere', 'storm', 'gate-order']),
    ('arbor/storage', ['session', 'staging', 'staging-joint', 'pages', 'mend-table', 'keys', 'key-table', 'format', 'report',
                       'store-trust', 'store-edit', 'content', 'transaction', 'store', 'crash', 'full', 'lock-file',
                       'damage', 'shrink', 'mend-damage', 'compact', 'crash-images', 'processes', 'faults',
                       'damage-campaign', 'edits']),
    ('arbor/batch', ['batch', 'batch-verify', 'mend', 'mended', 'gather', 'group-table', 'key-table', 'lanes', 'value-access',
                     'value-order', 'scope', 'report', 'row-writer', 'by-lanes', 'batch-format', 'decode-batch',
                     'round-trip', 'kernels', 'digests', 'mended-ways', 'operations', 'arrays-of-objects', 'jsonpath-columns']),
]
# What is no fault where it goes: memory that is given back, what is told to people who debug, hints, arguments that
# only a program's mistake makes wrong.
LEFT_OUT = re.compile(r'g_assert|g_return|g_debug|g_autoptr|g_auto|_free \(|_unref \(|g_clear|_destroy \(|_clear \(|madvise'
                      r'|populate|bring_in|G_STATIC|prefetch|_\("|N_ \(|^\s*case |^\s*/?\*|arbor_descriptors_')
CALL = re.compile(r'^\s+(\(void\) )?[a-z_0-9]+ \(.*\);$')
ASSIGNMENT = re.compile(r'^\s+[*a-z_0-9\->.\[\]]+ [-+|&]?= [^{]*;$')


def change_all(line):
    """(what, the line after it) of each change of @line."""
    found = []

    def swap(what, pattern, by):
        for match in re.finditer(pattern, line):
            found.append((what, line[:match.start()] + by + line[match.end():]))

    for old, new in (('<', '<='), ('<=', '<'), ('>', '>='), ('>=', '>'), ('==', '!='), ('!=', '==')):
        swap(f'{old} is {new}', f' {re.escape(old)} (?!\\*)', f' {new} ')
    swap('and is or', ' && ', ' || ')
    swap('or is and', r' \|\| ', ' && ')
    swap('+ 1 is + 2', r' \+ 1\b', ' + 2')
    swap('+ 1 is dropped', r' \+ 1\b', '')
    swap('- 1 is dropped', r' - 1\b', '')
    swap('+ is -', r' \+ (?=[a-z])', ' - ')
    swap('TRUE is FALSE', r'\bTRUE\b', 'FALSE')
    swap('FALSE is TRUE', r'\bFALSE\b', 'TRUE')
    swap('a negation is dropped', r'!(?=[a-z(])', '')
    condition = re.match(r'^(\s+)(if|while) \((.*)\)$', line)
    if condition:
        found.append(('a condition is negated', f'{condition[1]}{condition[2]} (!({condition[3]}))'))
    # Not where a declaration ends.
    if CALL.match(line) or ASSIGNMENT.match(line):
        found.append(('a statement is dropped', re.match(r'^\s*', line)[0] + ';'))
    return found


def list_changes(source, only, chance):
    """Of each of TESTS in turn."""
    groups = []
    for start, _ in TESTS:
        changes = []
        groups.append(changes)
        for path in sorted(source.glob(start + ('/*.c' if '-' not in start else '*.c'))):
            name = str(path.relative_to(source))
            if only is not None and only not in name:
                continue
            for number, line in enumerate(path.read_text(encoding='utf-8').splitlines()):
                if line.startswith(' ') and not LEFT_OUT.search(line) and '/*' not in line:
                    changes += [(name, number, *change) for change in change_all(line)]
    for changes in groups:
        chance.shuffle(changes)
    return [change for some in itertools.zip_longest(*groups) for change in some if change is not None]


def run(command, seconds=None):
    """Whether it succeeded; None: it took too long."""
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds,
                              check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return None


def end_tests(build):
    """Those that were left running, by where their programs lie."""
    for entry in pathlib.Path('/proc').iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / 'exe').startswith(str(build)):
                os.kill(int(entry.name), 9)
        except OSError:
            continue


class Yard:
    """The clone in which things are changed."""

    def __init__(self, folder):
        self.source = folder / 'source'
        self.build = folder / 'build'
        if not self.source.exists():
            subprocess.run(['git', 'clone', '--quiet', '--shared', ROOT, self.source], check=True)
        subprocess.run(['git', '-C', self.source, 'checkout', '--quiet', '--', '.'], check=True)
        if not (self.build / 'build.ninja').exists():
            subprocess.run(['meson', 'setup', '-Dgzip=enabled', '-Dzstd=enabled', '-Ddocumentation=disabled',
                            '-Doptimization=1', self.build, self.source], check=True, stdout=subprocess.DEVNULL)
        self.source, self.build = self.source.resolve(), self.build.resolve()
        tests = json.loads(subprocess.run(['meson', 'introspect', '--tests', self.build], check=True,
                                          capture_output=True, text=True).stdout)
        targets = json.loads(subprocess.run(['meson', 'introspect', '--targets', self.build], check=True,
                                            capture_output=True, text=True).stdout)
        files = {target['id']: target['filename'] for target in targets}
        self.needs = {}
        for test in tests:
            programs = [os.path.normpath(part) for part in test['cmd'] if part.startswith(str(self.build))]
            self.needs[test['name']] = programs + [name for one in test['depends'] for name in files.get(one, [])]

    def make(self, names):
        """The programs of some tests."""
        wanted = sorted({str(pathlib.Path(path).relative_to(self.build)) for name in names
                         for path in self.needs.get(name, []) if pathlib.Path(path).is_relative_to(self.build)})
        return run(['ninja', '-C', self.build, *wanted])

    def code_of(self, name):
        """The machine code of a source."""
        objects = list(self.build.glob('arbor/libarbor-engine.a.p/' + name[6:].replace('/', '_') + '.o'))
        if not objects:
            return None
        return subprocess.run(['objdump', '-d', '--no-show-raw-insn', objects[0]], capture_output=True,
                              check=True).stdout.split(b'\n', 3)[-1]

    def compile(self, name):
        return run(['ninja', '-C', self.build, 'arbor/libarbor-engine.a.p/' + name[6:].replace('/', '_') + '.o'])

    def test(self, name):
        """Whether it passed; a test that hangs does not."""
        good = run(['meson', 'test', '-C', self.build, '--no-rebuild', name], SECONDS)
        if good is None:
            end_tests(self.build)
        return good

    def find_test(self, names):
        """The first that notices; programs are made as they are needed."""
        for first in range(0, len(names), 4):
            some = names[first:first + 4]
            if not self.make(some):
                return 'the build'
            for name in some:
                if not self.test(name):
                    return name
        return None


def write_figures(options, n, survivors):
    pathlib.Path(options.figures).write_text(json.dumps(
        {'campaign': 'mutants', 'seed': options.seed, 'mutants': n, 'noticed': n - len(survivors),
         'survivors': survivors}, indent=1) + '\n', encoding='utf-8')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--count', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--figures')
    parser.add_argument('--only')
    parser.add_argument('--list', action='store_true')
    options = parser.parse_args()
    chance = random.Random(options.seed)
    if options.list:
        for change in list_changes(ROOT, options.only, chance):
            print(*change[:3])
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    yard = Yard(options.folder.resolve())
    changes = list_changes(yard.source, options.only, chance)
    known = sorted({name for _, names in TESTS for name in names})
    assert all(name in yard.needs for name in known), [name for name in known if name not in yard.needs]
    assert yard.make(known), 'it does not build as it is'
    for name in known:
        assert yard.test(name), f'{name} fails as it is'
    n = 0
    survivors = []
    for name, number, what, line in changes:
        if n == options.count:
            break
        path = yard.source / name
        text = path.read_text(encoding='utf-8')
        lines = text.splitlines()
        before, lines[number] = lines[number], line
        code = yard.code_of(name)
        path.write_text('\n'.join(lines) + '\n', encoding='utf-8')
        if yard.compile(name) and yard.code_of(name) != code:
            n += 1
            tests = next(names for start, names in TESTS if name.startswith(start))
            began = time.monotonic()
            noticed = yard.find_test(tests)
            place = f'{name}:{number + 1}: {what}: {before.strip()}'
            print(f'{n}: {place}: {noticed or "SURVIVED"} ({time.monotonic() - began:.0f} s)', flush=True)
            if noticed is None:
                survivors.append(place)
            if options.figures:
                write_figures(options, n, survivors)
        path.write_text(text, encoding='utf-8')
        yard.compile(name)
    print(f'{n} mutants, {n - len(survivors)} noticed; survivors:')
    for place in survivors:
        print('  ' + place)
    return 0


if __name__ == '__main__':
    sys.exit(main())
