#!/usr/bin/python3
"""A byte of a stored batch that was changed is found where it is read, with default options: each
operation gives the answer that it gave before or says CORRUPT, and says so from then on.

Usage: test-digests.py [unittest arguments]

ARBOR_EVERY_BYTE=1 changes each byte of the batch, and not one in 61 (each time others).
"""

import contextlib
import json
import os
import pathlib
import random
import shutil
import tempfile
import unittest

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor

N_TREES = 128
STEP = 1 if os.environ.get('ARBOR_EVERY_BYTE') else 61
KINDS = [None, True, 7, 2**63 + 1, 1.5, 'text', [1, [2, {'x': 'y'}]], {'in': {'deep': 'down'}}]


def make_trees(first, n):
    """Of each encoding and each form of presence something, and overflow text."""
    trees = []
    for i in range(first, first + n):
        tree = {'id': i, 'key': f'{i * 7919 % 1000:03}', 'score': i * 0.37 % 1, 'even': i % 2 == 0,
                'colour': ('red', 'green', 'blue')[i % 3], 'tags': [f't{j}' for j in range(i % 4)],
                'mixed': KINDS[i % len(KINDS)], 'at': {'lat': i % 90 + 0.25, 'note': 'n' * (i % 5)}}
        if i % 7 == 0:
            tree['rare'] = f'rare {i}'
        if i % 3 == 0:
            tree['often'] = i
        if i == first + 5:
            tree['map'] = {f'k{j}': j for j in range(1100)}
        trees.append(tree)
    return trees


def load(trees):
    return Arbor.read_jsonl('\n'.join(map(json.dumps, trees)))


def text(arbor):
    return arbor.to_json()


def read_cursor(arbor):
    cursor = arbor.cursor('id', 'at.note', 'mixed', 'tags[0]')
    rows = []
    while cursor.next():
        rows.append([int(cursor.get_kind(i)) for i in range(4)] + [cursor.get_int64(0)])
    return rows


def find_or_none(arbor, condition):
    tree = arbor.find_one(condition)
    return tree.to_json() if tree is not None else None


OPERATIONS = {
    'count': lambda a: a.count_matches('score < 0.5 and exists(often)'),
    'count strings': lambda a: a.count_matches('colour == "red" or contains(at.note, "nn")'),
    'count nulls': lambda a: a.count_matches('mixed == null'),
    'filter': lambda a: text(a.filter('often > 30 and not even')),
    'filter nested': lambda a: text(a.filter('at.lat > 20 and any(tags[*] == "t1")')),
    'filter text': lambda a: text(a.filter('matches(rare, "9$") or map.k7 == 7')),
    'find one': lambda a: find_or_none(a, 'key == "838"'),
    'any': lambda a: a.any_of('rare == "rare 49"'),
    'sort': lambda a: text(a.sort_by('score', 'key')),
    'sort strings': lambda a: text(a.sort_by('colour', 'at.note').select('id')),
    'top': lambda a: text(a.top_k(5, "key")),
    'unique': lambda a: text(a.unique_by('mixed')),
    'group': lambda a: text(a.group_by('colour').aggregate(n='count()', s='sum(score)', m='max(key)')),
    'group many': lambda a: text(a.group_by('key', 'even').aggregate(n='count(rare)')),
    'aggregate': lambda a: a.aggregate(n='sum(often)', least='min(at.lat)').to_json(),
    'value counts': lambda a: text(a.value_counts('at.note')),
    'histogram': lambda a: text(a.histogram('score', 4)),
    'describe': lambda a: text(a.describe()),
    'schema': lambda a: a.infer_schema().to_string(),
    'select': lambda a: text(a.select('id', twice='often * 2', where='at.lat')),
    'explode': lambda a: text(a.explode('tags')),
    'join': lambda a: text(a.select('id', 'key').join(a.select('key', 'colour'), 'key')),
    'semi join': lambda a: text(a.join(a.filter('even'), 'id', 'id', how='semi')),
    'index': lambda a: a.index_by('key')['919'].to_json(),
    'iterate': lambda a: [tree.to_json() for tree in a],
    'iterate values': lambda a: [(tree['id'], tree['mixed'] is None) for tree in a],
    'pick': lambda a: json.dumps(list(a.pick('key', 'rare', 'tags'))),
    'get': lambda a: [a[i].to_json() for i in (0, 5, 63, 100)],
    'walk': lambda a: [len(tree['tags']) + len(tree['at']) for tree in a],
    'cursor': read_cursor,
    'column': lambda a: [list(a.get_column(path)) for path in ('id', 'score', 'colour', 'often')],
    'export': lambda a: a.to_jsonl(),
    'csv': lambda a: a.select('id', 'key', 'rare', lat='at.lat').to_csv(),
    'jsonpath': lambda a: a.query('$..deep').to_json(),
    'materialize': lambda a: text(a.materialize()),
    'reverse': lambda a: text(a.reverse().head(70).tail(50)),
    'append': lambda a: text(Arbor.Arbor.concat([a, a.filter('even')])),
}


class DigestTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = str(pathlib.Path(cls.folder.name) / 'a.arbor')
        with Arbor.Store.open(cls.path) as store:
            store.put('data', load(make_trees(0, N_TREES)))
            store.put('other', load(make_trees(0, 3)))
            cls.answers = {name: run(store['data']) for name, run in OPERATIONS.items()}
        data = pathlib.Path(cls.path).read_bytes()
        cls.start = data.find(b'ArborBat')
        if int.from_bytes(data[cls.start + 16:cls.start + 20], 'little') != N_TREES:
            cls.start = data.find(b'ArborBat', cls.start + 1)
        assert int.from_bytes(data[cls.start + 16:cls.start + 20], 'little') == N_TREES
        cls.size = int.from_bytes(data[cls.start + 48:cls.start + 56], 'little')
        cls.file = open(cls.path, 'r+b', buffering=0)

    @classmethod
    def tearDownClass(cls):
        cls.file.close()
        cls.folder.cleanup()

    def flip(self, at):
        self.file.seek(at)
        byte = self.file.read(1)[0]
        self.file.seek(at)
        self.file.write(bytes([byte ^ (1 << at % 8)]))

    def try_one(self, name, at):
        """Whether it was found; anything but the right answer or CORRUPT fails. A batch whose version
        or flags were changed may be of a newer library."""
        with Arbor.Store.open(self.path) as store:
            arbor = store['data']
            try:
                answer = OPERATIONS[name](arbor)
            except Arbor.VersionError:
                self.assertIn(at - self.start, range(8, 16))
                return True
            except Arbor.CorruptError as error:
                self.assertIn('data', error.message)
                self.assertIn(self.path, error.message)
                # What was read is remembered by nobody, and the other arbor is whole.
                with self.assertRaises(Arbor.CorruptError):
                    OPERATIONS[name](arbor)
                self.assertEqual(len(text(store['other'])) > 0, True)
                return True
            self.assertEqual(answer, self.answers[name])
            return False

    def test_each_byte(self):
        found = dict.fromkeys(OPERATIONS, 0)
        n = 0
        for at in range(self.start + random.randrange(STEP), self.start + self.size, STEP):
            self.flip(at)
            try:
                names = list(OPERATIONS)
                for name in names[n % 12::12] if STEP == 1 else names[n % 4::4]:
                    with self.subTest(operation=name, byte=at - self.start):
                        found[name] += self.try_one(name, at)
            finally:
                self.flip(at)
            n += 1
        for name, times in found.items():
            self.assertGreater(times, 0, name)

    def test_view_remembers_nothing(self):
        """A selection that was computed of damaged bytes is not told later."""
        with self.damaged_copy(b'often') as path:
            with Arbor.Store.open(path) as store:
                view = store['data'].filter('often >= 0')
                for _ in range(3):
                    with self.assertRaises(Arbor.CorruptError) as caught:
                        len(view)
                self.assertIn('often', caught.exception.message)
                # Damage is that of the batch: it cannot be written anew, and others can.
                with self.assertRaises(Arbor.CorruptError):
                    store.put('copy', store['data'])
                store.put('copy', store['other'])

    def test_what_is_not_read(self):
        """Of a damaged column only those hear who read it."""
        with self.damaged_copy(b'often') as path:
            with Arbor.Store.open(path) as store:
                self.assertEqual(store['data'].count_matches('even'), N_TREES // 2)
                self.assertEqual(list(store['data'].get_column('id')), list(range(N_TREES)))
                with self.assertRaises(Arbor.CorruptError):
                    store['data'].count_matches('often == 6')

    def test_writes(self):
        """What finds its trees in damaged columns, or takes them from there, writes nothing."""
        condition = 'rare == "rare 49"'

        def transact(store):
            with store.transaction() as transaction:
                transaction.append('other', store['data'].filter(condition))
                transaction.commit()

        writes = [
            lambda store: store.delete_where('data', condition),
            lambda store: store.update_where('data', condition, {'score': 1}),
            lambda store: store.upsert('data', 'rare', [{'rare': 'rare 49'}]),
            lambda store: store.replace('data', 49, 1, [{'id': 49}]),
            lambda store: store.append('other', store['data'].filter(condition)),
            lambda store: store.put('copy', store['data'].select('rare')),
            transact,
        ]
        for write in writes:
            with self.damaged_copy(b'rare') as path, Arbor.Store.open(path) as store:
                with self.assertRaises(Arbor.CorruptError):
                    write(store)
                self.assertEqual(store.list_names(), ['data', 'other'])
                self.assertEqual(len(store['other']), 3)
                self.assertEqual(store['data'].get_generation(), 1)

    @contextlib.contextmanager
    def damaged_copy(self, key):
        with tempfile.TemporaryDirectory() as folder:
            path = str(pathlib.Path(folder) / 'copy.arbor')
            at = self.find_column(key)
            self.flip(at)
            shutil.copyfile(self.path, path)
            self.flip(at)
            yield path

    def find_column(self, key):
        """A byte of the values of a column below the root, by the page on the format."""
        self.file.seek(self.start)
        data = self.file.read(self.size)

        def load(offset, width=4):
            return int.from_bytes(data[offset:offset + width], 'little')

        n_columns, n_lanes, n_keys, keys = load(20), load(24), load(28), load(36)
        names = keys + 4 * (n_keys + 1)
        for i in range(1, n_columns):
            record = 64 + 64 * i
            number = load(record + 4)
            if number == 0xFFFFFFFF or load(record) != 0:
                continue
            if data[names + load(keys + 4 * number):names + load(keys + 4 * number + 4)] == key:
                lane = 64 + 64 * n_columns + 64 * load(record + 16)
                return self.start + load(lane + 20)
        raise AssertionError('no such column')


if __name__ == "__main__":
    unittest.main()
