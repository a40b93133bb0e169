"""Programs that end normally while another one has the store open: no reader slot may be left. (With
the last opener LMDB makes the reader table anew, which would hide what was left.)

Usage: test-exits.py ARBOR EXITS GJS [unittest arguments]
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor

ARBOR, EXITS, GJS = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
TIMES = 3

PYTHON = '''
import sys
import gi
gi.require_version("Arbor", "1.0")
from gi.repository import Arbor
path = sys.argv[1]
'''

PYTHON_WAYS = {
    'with': 'with Arbor.Store.open(path) as store:\n    assert len(store["data"]) == 3\n',
    'close': 'store = Arbor.Store.open(path)\narbor = store["data"]\nstore.close()\n',
    'collected': 'store = Arbor.Store.open(path)\nassert len(store["data"]) == 3\n',
    'iterating': 'store = Arbor.Store.open(path)\nfor tree in store["data"]:\n    break\n',
    'raising': 'store = Arbor.Store.open(path)\nhead = store["data"].head(1)\nsys.exit(0)\n',
    'cycle': 'store = Arbor.Store.open(path)\nring = [store]\nring.append(ring)\ndel store, ring\n',
    'writing': 'store = Arbor.Store.open(path)\nstore.put("more", store["data"].head(1))\n'
               'store.delete("more")\n',
}

GJS_HEAD = 'import Arbor from "gi://Arbor?version=1.0";\nconst store = Arbor.Store.open(ARGV[0]);\n'

GJS_WAYS = {
    'close': 'store.get("data").get_n_trees();\nstore.close();\n',
    'collected': 'store.get("data").get_n_trees();\n',
    'iterating': 'for (const tree of store.get("data"))\n  break;\n',
}

COMMANDS = [
    ('ls', 'STORE'),
    ('show', 'STORE', 'data'),
    ('show', 'STORE', 'none'),
    ('export', 'STORE', 'data'),
    ('export', 'STORE', 'data', '-o', '/nowhere/at/all'),
    ('stats', 'STORE'),
    ('query', 'STORE', 'data', '--where', 'a > 1'),
    ('query', 'STORE', 'data', '--where', 'a >'),
    ('query', 'STORE', 'none'),
    ('describe', 'STORE', 'data'),
    ('describe', 'STORE', 'none'),
    ('import', 'STORE', 'more', 'FILE'),
    ('import', 'STORE', 'more', '/nowhere'),
    ('delete', 'STORE', 'more'),
    ('delete', 'STORE', 'none'),
]


class ExitTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = str(self.folder / 'a.arbor')
        self.data = self.folder / 'data.jsonl'
        self.data.write_text('{"a":1}\n{"a":2}\n{"a":3}\n')
        self.keeper = Arbor.Store.open(self.path)
        self.keeper.import_file('data', str(self.data))
        self.n_readers = self.keeper.get_stats().get_n_readers()

    def tearDown(self):
        self.keeper.close()

    def check(self, *words, statuses=(0,)):
        for _ in range(TIMES):
            done = subprocess.run(words, capture_output=True, check=False, text=True,
                                  cwd=self.folder, timeout=60)
            self.assertIn(done.returncode, statuses, done.stderr)
            self.assertEqual(self.keeper.get_stats().get_n_readers(), self.n_readers, words)

    def test_c(self):
        for way in ('close', 'unref', 'leak', 'close-exit', 'close-in-thread', 'close-beside-reader',
                    'close-from-handler', 'pin-close', 'pin-close-exit', 'write-close',
                    'write-unref', 'write-leak', 'write-pin-close'):
            with self.subTest(way):
                self.check(EXITS, self.path, way)

    def leaves_slot(self, way):
        subprocess.run([EXITS, self.path, way], check=True, timeout=60)
        return self.keeper.get_stats().get_n_readers() > self.n_readers

    def test_dead_reader(self):
        """A process that did not give its slot back pins what is freed until the next write but few."""
        for way in ('_exit', 'pin-_exit'):
            with self.subTest(way):
                size = os.path.getsize(self.path)
                # Free pages of the writes before may be given back late, and that drops the dead, too.
                self.assertTrue(any(self.leaves_slot(way) for _ in range(20)))
                for i in range(300):
                    self.data.write_text(''.join(f'{{"a":{i * 1000 + j}}}\n' for j in range(1000)))
                    self.keeper.import_file('data', str(self.data))
                self.assertEqual(self.keeper.get_stats().get_n_readers(), self.n_readers)
                self.assertLess(os.path.getsize(self.path), size + 1000000)

    def test_exit_inside(self):
        """The process ends while it is inside: nothing waits, and nothing is asked of it but to end."""
        subprocess.run([EXITS, self.path, 'exit-inside', str(self.data)], check=True, timeout=60)

    def test_command(self):
        words = {'STORE': self.path, 'FILE': str(self.data)}
        for command in COMMANDS:
            with self.subTest(command):
                self.check(ARBOR, *(words.get(word, word) for word in command), statuses=(0, 1, 2))

    def test_python(self):
        script = self.folder / 'script.py'
        for way, text in PYTHON_WAYS.items():
            with self.subTest(way):
                script.write_text(PYTHON + text)
                self.check(sys.executable, str(script), self.path)

    def test_gjs(self):
        script = self.folder / 'script.js'
        for way, text in GJS_WAYS.items():
            with self.subTest(way):
                script.write_text(GJS_HEAD + text)
                self.check(GJS, '-m', str(script), self.path)


if __name__ == '__main__':
    unittest.main()
