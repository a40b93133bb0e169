"""Every command with standard input, output and error closed, in each combination: nothing that is
printed may land in a file, the store least of all.

Usage: test-closed-descriptors.py ARBOR [unittest arguments]
"""

import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ARBOR = os.path.abspath(sys.argv.pop(1))
ENVIRONMENT = dict(os.environ, LC_ALL='C.UTF-8')
TREES = [{'n': n, 's': 'text %d' % n} for n in range(2000)]
CLOSED = [''.join(closed) for n in range(4)
          for closed in itertools.combinations((' <&-', ' >&-', ' 2>&-'), n)]


class ClosedTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = self.folder / 's.arbor'
        self.input = self.folder / 'd.jsonl'
        self.input.write_text(''.join(json.dumps(tree) + '\n' for tree in TREES))
        self.run_arbor('', 'import', self.store, 'one', self.input)

    def run_arbor(self, closed, *words, status=0):
        done = subprocess.run(['sh', '-c', 'exec "$@"' + closed, 'sh', ARBOR,
                               *map(os.fspath, words)],
                              stdin=subprocess.DEVNULL, capture_output=True, cwd=self.folder,
                              check=False, env=ENVIRONMENT)
        self.assertEqual(done.returncode, status, (closed, words, done.stdout, done.stderr))
        return done.stdout.decode()

    def check_store(self, *names):
        """With each batch read and no word of a message in the file."""
        self.assertEqual(self.run_arbor('', 'ls', self.store).split(), sorted(names))
        for name in names:
            text = self.run_arbor('', 'export', self.store, name)
            self.assertEqual([json.loads(line) for line in text.splitlines()], TREES, name)
        for path in self.folder.iterdir():
            content = path.read_bytes()
            self.assertNotIn(b'arbor: ', content, path)
            self.assertNotIn(b'trees from', content, path)

    def test_commands(self):
        for closed in CLOSED:
            with self.subTest(closed=closed):
                copy = self.folder / 'copy.jsonl'
                self.run_arbor(closed, 'import', self.store, 'two', self.input)
                self.run_arbor(closed, 'ls', self.store)
                self.run_arbor(closed, 'show', self.store, 'one')
                self.run_arbor(closed, 'query', self.store, 'one', 'n > 3')
                self.run_arbor(closed, 'describe', self.store, 'one')
                self.run_arbor(closed, 'stats', self.store)
                self.run_arbor(closed, 'export', self.store, 'one', copy)
                self.assertEqual(copy.read_text().count('\n'), len(TREES))
                self.run_arbor(closed, 'export', self.store, 'one')
                self.check_store('one', 'two')
                self.run_arbor(closed, 'delete', self.store, 'two')
        self.check_store('one')

    def test_errors(self):
        bad = self.folder / 'bad.jsonl'
        bad.write_text('{"n": 1}\n{"n": \n' * 5000)
        for closed in CLOSED:
            with self.subTest(closed=closed):
                self.run_arbor(closed, 'import', self.store, 'two', bad, status=1)
                self.run_arbor(closed, 'show', self.store, 'missing', status=1)
                self.run_arbor(closed, 'query', self.store, 'one', 'n >', status=1)
                self.run_arbor(closed, 'frobnicate', status=2)
        self.check_store('one')

    def test_new_store(self):
        for closed in CLOSED:
            with self.subTest(closed=closed):
                self.store.unlink()
                (self.folder / 's.arbor-lock').unlink()
                self.run_arbor(closed, 'import', self.store, 'two', self.input)
                self.check_store('two')

    def test_input(self):
        """Closed input is not empty input."""
        for closed in CLOSED:
            with self.subTest(closed=closed):
                self.run_arbor(closed, 'import', self.store, 'one', '-',
                               status=1 if '<&-' in closed else 0)
                if '<&-' in closed:
                    self.check_store('one')
                else:
                    self.run_arbor('', 'import', self.store, 'one', self.input)


if __name__ == '__main__':
    unittest.main()
