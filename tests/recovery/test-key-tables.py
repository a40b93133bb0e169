"""Damaged tables of keys: bytes of the file are changed, those of tables and others. What is found by key then is
what was found before, or CORRUPT; never another tree, and never none.

Usage: test-key-tables.py
ARBOR_KEY_FLIPS (default 120), ARBOR_RANDOM_SEED (default 1)
"""

import os
import random
import shutil
import tempfile

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor, GLib

FLIPS = int(os.environ.get('ARBOR_KEY_FLIPS', '120'))
SEED = int(os.environ.get('ARBOR_RANDOM_SEED', '1'))
TREES = 6000


def is_damage(error):
    return any(error.matches(Arbor.Error.quark(), code) for code in (
        Arbor.Error.CORRUPT, Arbor.Error.NOT_A_STORE, Arbor.Error.VERSION))


def ask(path, keys, expected):
    """How many answers there were; the others are CORRUPT."""
    n = 0
    try:
        store = Arbor.Store.open(path)
    except GLib.Error as error:
        assert is_damage(error), error
        return 0
    with store:
        for key in keys:
            try:
                arbor = store['a']
                tree = arbor.find(key)
                tree = tree and tree.to_python()
                count = arbor.count_matches('id == "%s"' % key)
            except GLib.Error as error:
                assert is_damage(error), error
                continue
            assert tree == expected.get(key), key
            assert count == (key in expected), key
            n += 1
        try:
            store.append('a', [{'id': 'k1'}])
            raise AssertionError('a key came twice')
        except GLib.Error as error:
            assert is_damage(error) or error.matches(Arbor.Error.quark(), Arbor.Error.EXISTS), error
    return n


def find_tables(data):
    """Where in the file tables lie: behind version, count, bits and zeros of one of all trees of a batch."""
    found, at = [], 0
    while True:
        at = data.find(b'\x01\x00\x00\x00' + TREES.to_bytes(4, 'little') + b'\x0b' + bytes(7), at)
        if at < 0:
            return found
        found.append(at - 8)
        at += 1


def main():
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        path, copy = os.path.join(folder, 'a.arbor'), os.path.join(folder, 'b.arbor')
        trees = [{'id': 'k%d' % i, 'n': i} for i in range(TREES)]
        rng.shuffle(trees)
        with Arbor.Store.open(path) as store:
            store['a'] = trees
            store.set_keys('a', 'id', Arbor.KeyFlags.UNIQUE)
            store.update_where('a', 'id == "k7"', {'n': -7})
            store.delete_where('a', 'id == "k8"')
        expected = {tree['id']: tree for tree in trees if tree['id'] != 'k8'}
        expected['k7'] = {'id': 'k7', 'n': -7}
        with open(path, 'rb') as file:
            data = file.read()
        tables = find_tables(data)
        assert tables, 'no table in the file'
        keys = ['k7', 'k1', 'k8', 'never', 'k5999']
        assert ask(path, keys, expected) == len(keys)
        n = n_in_tables = 0
        for flip in range(FLIPS):
            shutil.copyfile(path, copy)
            in_table = flip % 2 == 0
            at = rng.choice(tables) + rng.randrange(24 + 4098 + TREES * 3) if in_table else \
                rng.randrange(8192, len(data))
            with open(copy, 'r+b') as file:
                file.seek(at)
                file.write(bytes([data[at] ^ (1 << rng.randrange(8))]))
            answers = ask(copy, rng.sample(keys, len(keys)) if not in_table else keys, expected)
            n += answers
            n_in_tables += answers if in_table else 0
            os.unlink(copy)
        # A table is never what makes a tree unfindable.
        assert n_in_tables == (FLIPS + 1) // 2 * len(keys), n_in_tables
        print(FLIPS, 'flips,', n, 'answers,', n_in_tables, 'after flips in', len(tables), 'tables')


main()
