"""What the tests of the `arbor` command share: running it in a folder of its own.

The first argument of the program is the command; the rest are those of unittest.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ARBOR = os.path.abspath(sys.argv.pop(1))
ENVIRONMENT = dict(os.environ, LC_ALL='C.UTF-8')

PEOPLE = [
    {'id': 1, 'name': {'first': 'Ada', 'last': 'Lovelace'}, 'born': 1815, 'tags': ['math', 'x,y']},
    {'id': 2, 'name': {'first': 'Zoë', 'last': 'Müller'}, 'born': None, 'a,b': 7},
    {'id': 3, 'name': {'first': 'Kurt', 'last': 'Gödel'}, 'born': 1906, 'tags': []},
    {'id': -4, 'name': {'first': 'Emmy', 'last': 'Noether'}, 'born': 1882, 'big': 2**64 - 1},
]


def dump(tree):
    return json.dumps(tree, ensure_ascii=False, separators=(',', ':'))


def lines(trees):
    return ''.join(dump(tree) + '\n' for tree in trees)


class CommandTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = self.folder / 'test.arbor'

    def run_arbor(self, *words, status=0, stdin='', environment=None):
        """What the command printed; stderr must be empty exactly when it succeeded quietly."""
        done = subprocess.run([ARBOR, *map(os.fspath, words)], input=stdin.encode(),
                              capture_output=True, cwd=self.folder, check=False,
                              env=environment or ENVIRONMENT)
        stdout, stderr = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, status, (words, stdout, stderr))
        self.stderr = stderr
        if status != 0:
            self.assertEqual(stdout, '')
            self.assertTrue(stderr.startswith('arbor: '), stderr)
        return stdout

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def import_people(self):
        self.run_arbor('import', self.store, 'people', self.write('people.jsonl', lines(PEOPLE)))

    def names(self):
        return self.run_arbor('ls', self.store).splitlines()
