#!/usr/bin/python3
"""Damage to what is mended: bytes of bases, patches and the catalogue that were changed, values that were
exchanged, a file that was cut off. Each operation gives the answer that it gave before or says what is wrong
where; an edit writes nothing that was damaged.

Usage: test-mend-damage.py [unittest arguments]

ARBOR_DAMAGE_BYTES=20000 changes so many bytes, and not 300 (each time others).
"""

import importlib.machinery
import importlib.util
import os
import pathlib
import random
import tempfile
import unittest

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor

N_BYTES = int(os.environ.get('ARBOR_DAMAGE_BYTES', '300'))
N_TREES = 400


def load_sibling(name):
    path = str(pathlib.Path(__file__).with_name(name))
    loader = importlib.machinery.SourceFileLoader('digests', path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('digests', loader))
    loader.exec_module(module)
    return module


digests = load_sibling('test-digests.py')
make_trees, load = digests.make_trees, digests.load
# Whatever asks for one certain tree of theirs asks for one that is there.
OPERATIONS = {name: run for name, run in digests.OPERATIONS.items() if name not in ('index', 'get')}
OPERATIONS['get'] = lambda a: [a[i].to_json() for i in (0, 7, 101, 250, len(a) - 1)]


def edit_often(store, name, seed):
    """Replacements, deletions and insertions, each a commit, so that patches are merged as well."""
    chance = random.Random(seed)
    for i in range(40):
        n = len(store[name])
        at = chance.randrange(n)
        what = chance.randrange(3)
        if what == 0:
            store.replace(name, at, 1, load(make_trees(1000 + i, 1)))
        elif what == 1:
            store.replace(name, at, 1, None)
        else:
            store.replace(name, at, 0, load(make_trees(2000 + i, 1 + i % 3)))


class MendDamageTest(unittest.TestCase):
    n_written = 0

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = str(pathlib.Path(cls.folder.name) / 'a.arbor')
        with Arbor.Store.open(cls.path) as store:
            store.put('data', load(make_trees(0, N_TREES)))
            store.put('more', load(make_trees(0, N_TREES)))
            store.put('other', load(make_trees(0, 3)))
            edit_often(store, 'data', 1)
            edit_often(store, 'more', 2)
            stats = store.get_stats()
            assert stats.get_n_mended_batches() == 2 and stats.get_n_patch_batches() > 4
            cls.answers = {name: run(store['data']) for name, run in OPERATIONS.items()}
            cls.lines = {name: store[name].to_jsonl() for name in ('data', 'more', 'other')}
            store.compact()
        cls.good = pathlib.Path(cls.path).read_bytes()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def write(self, data):
        """A file of its own each time: a store that was closed may be at work for a moment yet, and a file that gets
        shorter meanwhile is what nobody can help."""
        for name in (self.path, self.path + '-lock'):
            if os.path.exists(name):
                os.unlink(name)
        MendDamageTest.n_written += 1
        MendDamageTest.path = str(pathlib.Path(self.folder.name) / f'a{self.n_written}.arbor')
        pathlib.Path(self.path).write_bytes(data)

    def flip(self, at):
        data = bytearray(self.good)
        data[at] ^= 1 << at % 8
        self.write(data)

    def list_batches(self):
        """(offset, bytes) of each that lies in the file, also of those that nobody lists any more."""
        found, at = [], self.good.find(b'ArborBat')
        while at >= 0:
            found.append((at, int.from_bytes(self.good[at + 48:at + 56], 'little')))
            at = self.good.find(b'ArborBat', at + 1)
        return found

    def assert_told(self, error):
        self.assertIn(self.path, error.message)
        self.assertGreater(len(error.message), len(self.path) + 20)

    def try_all(self, names, what):
        """How many of them said CORRUPT."""
        n_told = 0
        try:
            store = Arbor.Store.open(self.path)
        except (Arbor.CorruptError, Arbor.NotAStoreError, Arbor.VersionError) as error:
            self.assert_told(error)
            return len(names)
        with store:
            for name in names:
                with self.subTest(operation=name, damage=what):
                    try:
                        self.assertEqual(OPERATIONS[name](store['data']), self.answers[name])
                    except (Arbor.CorruptError, Arbor.VersionError) as error:
                        self.assert_told(error)
                        n_told += 1
            with self.subTest(operation='edit', damage=what):
                self.try_edit(store)
        return n_told

    def try_edit(self, store):
        """What it wrote is right, or nothing was written."""
        expected = self.lines['data'].splitlines(keepends=True)
        try:
            store.replace('data', 11, 2, load([{'new': 1}]))
        except (Arbor.CorruptError, Arbor.VersionError) as error:
            self.assert_told(error)
        else:
            expected[11:13] = ['{"new":1}\n']
        try:
            self.assertEqual(store['data'].to_jsonl(), ''.join(expected))
            with Arbor.Store.open(self.path) as again:
                self.assertEqual(again['data'].to_jsonl(), ''.join(expected))
        except (Arbor.CorruptError, Arbor.VersionError) as error:
            self.assert_told(error)

    def test_bytes(self):
        """Anywhere in the file: pages, catalogue, batches."""
        names = list(OPERATIONS)
        n = n_told = 0
        step = max(1, len(self.good) // N_BYTES)
        for at in range(random.randrange(step), len(self.good), step):
            self.flip(at)
            n_told += self.try_all(names[n % 8::8], f'byte {at}')
            n += 1
        self.assertGreater(n_told, 0)

    def test_patches(self):
        """Each batch of the two names, a byte in its directory and one in its buffers."""
        n_told = 0
        for start, size in self.list_batches():
            for at in (start + 70, start + int.from_bytes(self.good[start + 44:start + 48], 'little')):
                self.flip(min(at, start + size - 1))
                n_told += self.try_all(['iterate', 'count', 'export', 'materialize'], f'batch {start}, {at}')
        self.assertGreater(n_told, 8)

    def test_exchanged(self):
        """Batches of one size in each other's place are not those that the catalogue lists."""
        places = {}
        for start, size in self.list_batches():
            places.setdefault(size, []).append(start)
        n_pairs = n_told = 0
        for size, starts in places.items():
            for a, b in zip(starts, starts[1:]):
                data = bytearray(self.good)
                data[a:a + size], data[b:b + size] = data[b:b + size], data[a:a + size]
                if data != self.good:
                    self.write(data)
                    n_pairs += 1
                    n_told += self.try_all(['iterate', 'filter', 'group', 'column'], f'{a} for {b}')
        self.assertGreater(n_pairs, 0)
        self.assertGreater(n_told, 0)

    def test_values(self):
        """Values of the catalogue that have another's bytes: 24 of them, from anywhere among mends."""
        starts = [at for at in range(0, len(self.good) - 64, 2) if self.good[at:at + 2] == b'\0m']
        self.assertGreater(len(starts), 1)
        for a, b in zip(starts, starts[1:]):
            data = bytearray(self.good)
            data[a + 18:a + 42], data[b + 18:b + 42] = data[b + 18:b + 42], data[a + 18:a + 42]
            self.write(data)
            self.try_all(['iterate', 'filter', 'describe', 'schema'], f'value {a} for {b}')

    def test_recover(self):
        """A byte of each value of the catalogue that tells of a mend: of the name are left the trees of which the others
        tell, in their order, and no older ones."""
        places = [at for at in range(0, len(self.good) - 64, 2) if self.good[at:at + 2] in (b'\0m', b'\0p')]
        shares = []
        for at in places:
            self.flip(at + 30)
            new = self.path + '.new'
            report = Arbor.recover_file(self.path, new)
            with Arbor.Store.open(new) as store:
                for name, lines in self.lines.items():
                    if name not in store:
                        continue
                    found = store[name].to_jsonl().splitlines()
                    rest = iter(lines.splitlines())
                    self.assertTrue(all(line in rest for line in found), f'{name}, byte {at + 30}')
                    self.assertEqual(len(found), report.get_n_sound_trees(name))
                    if not report.is_arbor_sound(name):
                        shares.append(len(found) / len(lines.splitlines()))
            os.unlink(new)
        self.assertGreater(len(shares), 4)
        self.assertTrue(all(0 < share < 1 for share in shares), shares)
        self.assertGreater(sum(shares) / len(shares), 0.3)

    def test_cut_off(self):
        n_told = 0
        for size in range(0, len(self.good), max(4096, len(self.good) // 24 // 4096 * 4096)):
            self.write(self.good[:size] if size > 0 else b'junk')
            n_told += self.try_all(['iterate', 'sort', 'jsonpath'], f'cut to {size}')
        self.assertGreater(n_told, 20)

    def tearDown(self):
        self.write(self.good)
        with Arbor.Store.open(self.path) as store:
            for name, lines in self.lines.items():
                self.assertEqual(store[name].to_jsonl(), lines)


if __name__ == '__main__':
    unittest.main()
