"""Random edits of all kinds of an arbor whose keys are declared, against a plain list; keys of one value and of
two, unique and not. After each edit trees are found by keys that are there, were there and never were, by
find, filter, count and `in`, in views and by joins, in the store, in a second one, and after reopening; what would break a unique
key fails with EXISTS and changes nothing.

Usage: test-keys.py
ARBOR_KEY_STEPS (default 60, of each of four kinds), ARBOR_RANDOM_SEED (default 1), ARBOR_KEY_TREES (default 2500)
"""

import json
import os
import random
import subprocess
import sys
import tempfile

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor, GLib

STEPS = int(os.environ.get('ARBOR_KEY_STEPS', '60'))
SEED = int(os.environ.get('ARBOR_RANDOM_SEED', '1'))
TREES = int(os.environ.get('ARBOR_KEY_TREES', '2500'))
SECOND = """
import sys, json, gi
gi.require_version('Arbor', '1.0')
from gi.repository import Arbor
store = Arbor.Store.open(sys.argv[1])
arbor = store['a']
for key in json.loads(sys.argv[2]):
    tree = arbor.find(key)
    print(json.dumps(None if tree is None else tree.to_python()))
"""


def canonical(value):
    """Equal keys are equal here, and others are not: True is no number."""
    return ('b', value) if isinstance(value, bool) else value


class Model:
    def __init__(self, rng, path, paths, unique):
        self.rng = rng
        self.path = path
        self.paths = paths
        self.unique = unique
        self.gone = []
        self.n_exists = self.n_mended = self.n_key_joins = self.n_asked = 0
        self.next = 0
        self.model = [self.tree() for _ in range(TREES)]
        self.store = Arbor.Store.open(path)
        self.store.put('a', self.model)
        self.declare()

    def declare(self):
        self.store.set_keys('a', self.paths,
                            Arbor.KeyFlags.UNIQUE if self.unique else Arbor.KeyFlags.NONE)

    def value(self, number):
        """One of several kinds, the same for the same number."""
        return [number, 'key %d' % number, number + 0.5, float(number)][number % 4]

    def tree(self):
        rng = self.rng
        self.next += 1
        number = self.next if self.unique else rng.randrange(TREES // 3)
        tree = {'n': rng.randrange(9), 'id': self.value(number), 'at': {'er': rng.randrange(3)}}
        kind = rng.randrange(25)
        if kind == 0:
            del tree['id']
        elif kind == 1:
            tree['id'] = None
        elif kind == 2:
            tree['more'] = {'x' * 3: [1, 'two', None]}
        elif kind == 3 and not self.unique:
            tree['id'] = rng.random() < 0.5
        return tree

    def key(self, tree):
        key = [tree.get('id')] + ([tree['at']['er']] if len(self.paths) > 1 else [])
        return None if any(value is None for value in key) else key

    def has_key(self, tree, key):
        own = self.key(tree)
        return own is not None and [canonical(v) for v in own] == [canonical(v) for v in key]

    def check_unique(self, model):
        seen = set()
        for tree in model:
            key = self.key(tree)
            if key is not None:
                key = json.dumps([[str(type(v) is bool), v if isinstance(v, str) else repr(float(v))] for v in key])
                if key in seen:
                    return False
                seen.add(key)
        return True

    def edit(self, change, model):
        """Does it in the store, and in the model unless a key would come twice."""
        before = self.store['a'].get_generation()
        if self.unique and not self.check_unique(model):
            try:
                change()
                raise AssertionError('a key came twice')
            except GLib.Error as error:
                assert error.matches(Arbor.Error.quark(), Arbor.Error.EXISTS), error
            assert self.store['a'].get_generation() == before
            self.n_exists += 1
            return
        change()
        left = {id(tree) for tree in model}
        self.gone += [self.key(tree) for tree in self.model if id(tree) not in left][:5]
        self.model = model

    def fresh(self, most=4):
        """Trees that come in: now and then one with the key of another."""
        trees = [self.tree() for _ in range(self.rng.randrange(1, most))]
        if self.rng.random() < 0.3 and self.model:
            other = self.rng.choice(self.model)
            if self.key(other) is not None:
                trees[-1].update({'id': other['id'], 'at': dict(other['at'])})
        return trees

    def append(self):
        more = self.fresh()
        self.edit(lambda: self.store.append('a', more), self.model + more)

    def replace(self):
        start = self.rng.randrange(len(self.model))
        n = min(self.rng.randrange(4), len(self.model) - start)
        more = self.fresh()
        self.edit(lambda: self.store.replace('a', start, n, more),
                  self.model[:start] + more + self.model[start + n:])

    def condition(self, key):
        return ' and '.join('%s == %s' % (path, json.dumps(value)) for path, value in zip(self.paths, key))

    def some_key(self):
        while True:
            key = self.key(self.rng.choice(self.model))
            if key is not None:
                return key

    def delete_where(self):
        key = self.some_key()
        self.edit(lambda: self.store.delete_where('a', self.condition(key)),
                  [tree for tree in self.model if not self.has_key(tree, key)])

    def update_where(self):
        key, n = self.some_key(), self.rng.randrange(1000)
        self.edit(lambda: self.store.update_where('a', self.condition(key), {'n': n}),
                  [{**tree, 'n': n} if self.has_key(tree, key) else tree for tree in self.model])

    def rename_key(self):
        key, other = self.some_key(), self.some_key()
        if self.rng.random() < 0.5:
            self.next += 1
            other = [self.value(self.next)]
        self.edit(lambda: self.store.update_where('a', self.condition(key), {'id': Arbor.lit(other[0])}),
                  [{**tree, 'id': other[0]} if self.has_key(tree, key) else tree for tree in self.model])

    def upsert(self):
        if len(self.paths) > 1:
            return
        more = [tree for tree in self.fresh() if self.key(tree) is not None]
        last = {}
        for tree in more:
            last[canonical(tree['id'])] = tree
        if not last:
            return
        done, model = set(), []
        for tree in self.model:
            key = self.key(tree)
            new = last.get(canonical(key[0])) if key is not None else None
            if new is not None:
                done.add(canonical(new['id']))
            model.append(tree if new is None else dict(new))
        model += [tree for key, tree in last.items() if key not in done]
        self.edit(lambda: self.store.upsert('a', 'id', more), model)

    def swap(self):
        """Two trees change keys, which only together is right."""
        i, j = sorted(self.rng.sample(range(len(self.model)), 2))
        a, b = dict(self.model[i]), dict(self.model[j])
        if self.key(a) is None or self.key(b) is None:
            return
        a['id'], b['id'] = b['id'], a['id']

        def change():
            with self.store.transaction() as transaction:
                transaction.replace('a', i, 1, [a])
                transaction.replace('a', j, 1, [b])
                assert transaction['a'].find(self.key(a) if len(self.paths) > 1 else a['id']) is not None
                transaction.commit()
        self.edit(change, self.model[:i] + [a] + self.model[i + 1:j] + [b] + self.model[j + 1:])

    def put(self):
        model = [dict(tree) for tree in self.rng.sample(self.model, len(self.model))] + self.fresh()
        self.edit(lambda: self.store.put('a', model), model)

    def rename(self):
        def change():
            with self.store.transaction() as transaction:
                transaction.rename('a', 'b')
                transaction.commit()
            self.store.rename('b', 'a')
        self.edit(change, list(self.model))
        assert self.store['a'].dup_keys() == self.paths
        assert self.store['a'].get_keys_unique() == self.unique

    def declare_again(self):
        self.store.set_keys('a', [])
        assert self.store['a'].dup_keys() == []
        self.declare()

    def probes(self):
        keys = [self.some_key() for _ in range(4)] + [key for key in self.gone[-3:] if key is not None]
        return keys + [['never'] + [1] * (len(self.paths) - 1)]

    def check(self, arbor):
        assert len(arbor) == len(self.model)
        for key in self.probes():
            expected = [tree for tree in self.model if self.has_key(tree, key)]
            found = arbor.find(key if len(key) > 1 else key[0])
            assert (found and found.to_python()) == (expected[0] if expected else None), (key, expected)
            condition = self.condition(key)
            view = arbor.filter(condition)
            assert 'key index' in view.explain(), view.explain()
            assert view.to_python() == expected, (condition, view.to_python(), expected)
            assert arbor.count_matches(condition) == len(expected)
            assert arbor.count_matches(condition + ' and n > 4') == sum(
                type(tree['n']) is int and tree['n'] > 4 for tree in expected)
            one = arbor.find_one(condition)
            assert (one and one.to_python()) == (expected[0] if expected else None)
        keys = [key for key in self.probes() if len(key) == 1]
        if keys:
            many = arbor.filter('id in [%s]' % ', '.join(json.dumps(key[0]) for key in keys))
            assert many.to_python() == [tree for tree in self.model
                                        if any(self.has_key(tree, key) for key in keys)]

    def check_views(self, arbor):
        """Views of all kinds, of which the plain list says what is in them; and joins with them."""
        middle, some = len(self.model) // 2, self.rng.sample(range(len(self.model)), 40)
        views = [(arbor.filter('n > 3'), [tree for tree in self.model if tree['n'] > 3]),
                 (arbor.filter('n > 3').sort_by('n').reverse(),
                  sorted([tree for tree in self.model if tree['n'] > 3], key=lambda tree: tree['n'])[::-1]),
                 (arbor.sort_by('n').filter('n < 6'),
                  sorted([tree for tree in self.model if tree['n'] < 6], key=lambda tree: tree['n'])),
                 (arbor.head(middle), self.model[:middle]), (arbor.tail(middle), self.model[-middle:]),
                 (arbor.sort_by('n').head(middle), sorted(self.model, key=lambda tree: tree['n'])[:middle]),
                 (arbor.take(some), [self.model[i] for i in some]),
                 (arbor.take(some).reverse().filter('n > 1'),
                  [self.model[i] for i in some[::-1] if self.model[i]['n'] > 1])]
        probes = self.probes() + [key for key in (self.key(self.model[i]) for i in some[:3]) if key is not None]
        for number, (view, model) in enumerate(views):
            for key in probes:
                expected = [tree for tree in model if self.has_key(tree, key)]
                found = view.find(key if len(key) > 1 else key[0])
                assert (found and found.to_python()) == (expected[0] if expected else None), (number, key, expected)
                if len(key) == 1:
                    condition = '%s == %s' % (self.paths[0], json.dumps(key[0]))
                    assert view.filter(condition).to_python() == expected, (number, key, expected)
                    found = view.find_one(condition)
                    assert (found and found.to_python()) == (expected[0] if expected else None), (number, key, expected)
            self.check_joins(view, probes)
        self.check_joins(arbor, probes)

    def check_joins(self, arbor, probes):
        """The same as with trees in memory, which have no keys."""
        left = Arbor.from_python([dict(zip(['a', 'b'], key), p=i) for i, key in enumerate(probes + probes[:1])] +
                                 [{'a': None, 'b': 1}, {'a': [1]}, 7])
        left_keys, keys = ['a', 'b'][:len(self.paths)] + ['p mod 1'], self.paths + ['n mod 1']
        plain = Arbor.from_python(arbor.to_python())
        for n in range(len(self.paths), len(keys) + 1):
            for how in ('inner', 'left', 'semi', 'anti'):
                join = left.join(arbor, left_keys[:n], keys[:n], how=how)
                self.n_key_joins += 'key index' in join.explain()
                expected = left.join(plain, left_keys[:n], keys[:n], how=how).to_python()
                assert len(join) == len(expected), (how, len(join), expected)
                assert join.to_python() == expected, (how, join.to_python(), expected)
                self.n_asked += 'batches asked' in join.explain()
            assert left.nest(arbor, left_keys[:n], keys[:n], 'm').to_python() == left.nest(
                plain, left_keys[:n], keys[:n], 'm').to_python()

    def check_elsewhere(self):
        keys = [key if len(key) > 1 else key[0] for key in self.probes()]
        text = subprocess.run([sys.executable, '-c', SECOND, self.path, json.dumps(keys)], check=True,
                              stdout=subprocess.PIPE, encoding='utf-8').stdout
        for key, line in zip(keys, text.splitlines(), strict=True):
            key = key if isinstance(key, list) else [key]
            expected = [tree for tree in self.model if self.has_key(tree, key)]
            assert json.loads(line) == (expected[0] if expected else None), (key, line)

    def run(self):
        edits = [self.append, self.append, self.replace, self.delete_where, self.update_where, self.rename_key,
                 self.upsert, self.swap, self.put, self.rename, self.declare_again]
        other = Arbor.Store.open(self.path)
        for step in range(STEPS):
            edit = self.rng.choice(edits if step % 5 == 0 else edits[:8])
            edit()
            self.check(self.store['a'])
            other.refresh()
            self.check(other['a'])
            self.n_mended += self.store.get_stats().get_n_mended_batches() > 0
            if step % 20 == 19:
                self.check_views(self.store['a'])
                self.check_elsewhere()
                self.store.close()
                self.store = Arbor.Store.open(self.path)
                self.check(self.store['a'])
        assert self.store['a'].to_python() == self.model
        assert not self.unique or self.n_exists > 0 or STEPS < 20
        assert self.n_mended > STEPS // 3, self.n_mended
        assert self.n_key_joins > 0 and self.n_asked > self.n_key_joins // 3, (self.n_key_joins, self.n_asked)
        self.store.close()
        other.close()


with tempfile.TemporaryDirectory() as folder:
    for kind, (paths, unique) in enumerate([(['id'], True), (['id'], False), (['id', 'at.er'], True),
                                            (['id', 'at.er'], False)]):
        model = Model(random.Random(SEED * 10 + kind), os.path.join(folder, '%d.arbor' % kind), paths, unique)
        model.run()
        print(paths, unique, len(model.model), 'trees,', model.n_exists, 'refused')
