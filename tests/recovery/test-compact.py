"""Making a store's file smaller beside others: other processes read and write on, whoever comes finds the
store, and a process that is killed in the middle leaves it whole.

Usage: test-compact.py ARBOR [unittest arguments]
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor

ARBOR = os.path.abspath(sys.argv.pop(1))
N_KILLS = int(os.environ.get('ARBOR_COMPACT_KILLS', '12'))

# Reads the same again and again, from a snapshot that it holds and from new ones, until it is told to end.
READER = '''
import sys
import gi
gi.require_version("Arbor", "1.0")
from gi.repository import Arbor

store = Arbor.Store.open(sys.argv[1])
arbor = store["kept"]
held = iter(arbor)
first = next(held)
total = arbor.aggregate({"n": "sum(n)"})["n"]
print("ready", flush=True)
sys.stdin.readline()
rest = [tree["n"] for tree in held]
assert first["n"] + sum(rest) == total, "the snapshot that was held"
for i in range(20):
    assert store["kept"].aggregate({"n": "sum(n)"})["n"] == total, "a new one"
print("same", flush=True)
'''


def disk_bytes(path):
    return os.stat(path).st_blocks * 512


def run(*words, **more):
    return subprocess.run([ARBOR, *map(str, words)], capture_output=True, text=True, **more)


class Compact(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / 'a.arbor'
        rng = random.Random(1)
        self.trees = [{'n': i, 'text': '%032x' % rng.getrandbits(128)} for i in range(30000)]
        with Arbor.Store.open(str(self.path)) as store:
            for i in range(9):
                store[f'gone{i}'] = [{'n': i * n, 'x': '%064x' % rng.getrandbits(256)}
                                     for n in range(30000)]
            store['kept'] = self.trees

    def delete(self):
        with Arbor.Store.open(str(self.path)) as store:
            for i in range(9):
                del store[f'gone{i}']

    def check(self):
        with Arbor.Store.open(str(self.path)) as store:
            self.assertEqual([tree.to_python() for tree in store['kept']], self.trees)
            return list(store)

    def start_reader(self):
        reader = subprocess.Popen([sys.executable, '-c', READER, str(self.path)], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(reader.wait)
        self.assertEqual(reader.stdout.readline(), 'ready\n')
        return reader

    def finish_reader(self, reader):
        out, _ = reader.communicate('go\n')
        self.assertEqual((out, reader.returncode), ('same\n', 0))

    def test_nine_tenths(self):
        self.delete()
        before, length = disk_bytes(self.path), self.path.stat().st_size
        done = run('compact', self.path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.path.stat().st_size, length)
        kept = self.fresh_size()
        self.assertLessEqual(disk_bytes(self.path) - kept, 0.15 * (before - kept))
        figures = json.loads(run('stats', self.path, '--json').stdout)
        self.assertEqual(figures['disk_bytes'], disk_bytes(self.path))
        self.assertLess(figures['reclaimable_bytes'], 0.02 * before)
        self.assertTrue(figures['can_shrink'])
        self.assertEqual(self.check(), ['kept'])
        # What comes next gets blocks again.
        with Arbor.Store.open(str(self.path)) as store:
            store['more'] = self.trees
        self.assertEqual(self.check(), ['kept', 'more'])
        self.assertEqual(run('compact', self.path, '--full').returncode, 0)
        self.assertLess(self.path.stat().st_size, 2.5 * kept)
        self.assertEqual(self.check(), ['kept', 'more'])

    def fresh_size(self):
        path = self.path.with_name('fresh.arbor')
        with Arbor.Store.open(str(path)) as store:
            store['kept'] = self.trees
        return disk_bytes(path)

    def test_rows(self):
        """Nine tenths of the trees of one arbor, here and there."""
        with Arbor.Store.open(str(self.path)) as store:
            for i in range(1, 9):
                del store[f'gone{i}']
            store.delete_where('gone0', 'n % 10 != 0')
            self.assertEqual(len(store['gone0']), 3000 if store['gone0'].get(1)['n'] else 30000)
            store.compact()
        self.check()

    def test_by_itself(self):
        """A store that stays open gives back what became free, after the sweep."""
        before = disk_bytes(self.path)
        rng = random.Random(2)
        with Arbor.Store.open(str(self.path)) as store:
            for i in range(6):
                store[f'big{i}'] = [{'x': '%0512x' % rng.getrandbits(2048)} for n in range(9000)]
            large = disk_bytes(self.path)
            for i in range(6):
                del store[f'big{i}']
            for _ in range(600):
                if disk_bytes(self.path) < before + (large - before) // 4:
                    break
                time.sleep(0.1)
            self.assertLess(disk_bytes(self.path), before + (large - before) // 4)
        self.check()

    def test_readers(self):
        readers = [self.start_reader(), self.start_reader()]
        self.delete()
        for mode in ([], ['--full']):
            done = run('compact', self.path, *mode)
            if mode:
                self.assertEqual(done.returncode, 1)
                for reader in readers:
                    self.assertIn(str(reader.pid), done.stderr)
            else:
                self.assertEqual(done.returncode, 0, done.stderr)
        held = disk_bytes(self.path)
        for reader in readers:
            self.finish_reader(reader)
        # What they held is free now.
        for mode in ([], ['--full']):
            self.assertEqual(run('compact', self.path, *mode).returncode, 0)
        self.assertLess(disk_bytes(self.path), held / 2)
        self.check()

    def test_openers(self):
        """Whoever opens the store while its file is exchanged waits, and finds all of it."""
        wrong = []

        def look():
            while not stop.is_set():
                done = run('ls', self.path)
                if done.returncode != 0 or 'kept' not in done.stdout:
                    wrong.append(done.stderr)

        stop = threading.Event()
        self.delete()
        threads = [threading.Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        n_done = 0
        for _ in range(400):
            n_done += run('compact', self.path, '--full').returncode == 0
            if n_done == 5:
                break
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(n_done, 5)
        self.check()

    def test_killed(self):
        self.delete()
        rng = random.Random(int(os.environ.get('ARBOR_RANDOM_SEED', '3')))
        n_killed = 0
        for i in range(N_KILLS):
            with Arbor.Store.open(str(self.path)) as store:
                store['gone'] = [{'n': n, 'i': i, 'x': '%0256x' % rng.getrandbits(1024)}
                                 for n in range(4000)]
                del store['gone']
            compact = subprocess.Popen([ARBOR, 'compact', str(self.path), *(['--full'] * (i % 2))],
                                       stderr=subprocess.DEVNULL)
            try:
                compact.wait(rng.random() * 0.1)
            except subprocess.TimeoutExpired:
                compact.send_signal(signal.SIGKILL)
            n_killed += compact.wait() == -signal.SIGKILL
            self.assertEqual(self.check(), ['kept'])
        self.assertGreater(n_killed, 0)


if __name__ == '__main__':
    unittest.main()
