"""Random edits of a stored arbor beside a plain list: by range, by place, by condition, by key, in transactions
that are committed and rolled back, of the arbor by itself, by a view of it, materialized, renamed; by this
process, by another one, and by one that is killed in the middle. Iterators, cursors, columns, views and arbors
that were begun before give what they had, or are stale. Nothing that was deleted comes back, whatever takes the
trees along: put, concat, materialize, a transaction, a rename, an export.

Usage: test-edits.py
ARBOR_EDIT_STEPS (default 600), ARBOR_EDIT_TREES (3000), ARBOR_RANDOM_SEED (1), ARBOR_EDIT_CHECK (12: all is
compared once in so many steps; some of it after each)
"""

import json
import os
import random
import signal
import sys
import tempfile
import time

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor

STEPS = int(os.environ.get('ARBOR_EDIT_STEPS', '600'))
SEED = int(os.environ.get('ARBOR_RANDOM_SEED', '1'))
TREES = int(os.environ.get('ARBOR_EDIT_TREES', '3000'))
CHECK = int(os.environ.get('ARBOR_EDIT_CHECK', '12'))
WORDS = ['alpha', 'beta', 'gamma', 'delta', 'a longer text with more than a few letters in it']


class Nobody:
    """A store that does nothing: for who only wants to know what an edit makes of the list."""

    def __getattr__(self, name):
        return lambda *arguments: None


class Model:
    """The list, and the edits, which change a store and the list alike. Trees are never changed, but replaced."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.next_id = 0
        self.trees = [self.tree() for _ in range(TREES)]

    def copy(self):
        other = Model.__new__(Model)
        other.rng = random.Random()
        other.rng.setstate(self.rng.getstate())
        other.next_id, other.trees = self.next_id, list(self.trees)
        return other

    def tree(self):
        rng = self.rng
        self.next_id += 1
        tree = {'id': self.next_id, 'n': rng.randrange(50), 'w': rng.choice(WORDS)}
        kind = rng.randrange(8)
        if kind == 0:
            tree['extra'] = {'deep': [rng.random(), None, 'x' * rng.randrange(30)]}
        elif kind == 1:
            tree['n'] = rng.choice([None, 'text', 1.5, True])
        elif kind == 2:
            del tree['w']
        return tree

    def some(self, most=6):
        return [self.tree() for _ in range(self.rng.randrange(1, most))]

    def append(self, store, most=6):
        more = self.some(most)
        store.append('a', more)
        self.trees = self.trees + more

    def replace(self, store):
        start = self.rng.randrange(len(self.trees) + 1)
        n = min(self.rng.choice([0, 1, 1, 1, 2, 40]), len(self.trees) - start)
        # As many go as come, about.
        more = self.some() if self.rng.randrange(4) or n == 0 else None
        store.replace('a', start, n, more)
        self.trees = self.trees[:start] + (more or []) + self.trees[start + n:]

    def one(self, store):
        at = self.rng.randrange(len(self.trees))
        tree = self.tree()
        store.replace('a', at, 1, [tree])
        self.trees = self.trees[:at] + [tree] + self.trees[at + 1:]

    def remove(self, store):
        at = self.rng.randrange(len(self.trees))
        n = min(self.rng.choice([1, 1, 1, 2, 7]), len(self.trees) - at)
        store.replace('a', at, n, None)
        self.trees = self.trees[:at] + self.trees[at + n:]

    def delete_where(self, store):
        n = self.rng.choice([1, 1, 3, 30])
        ids = {tree['id'] for tree in self.rng.sample(self.trees, min(len(self.trees), n))}
        n = store.delete_where('a', 'id in [%s]' % ', '.join(map(str, sorted(ids))))
        assert n in (None, len(ids)), (n, len(ids))
        self.trees = [tree for tree in self.trees if tree['id'] not in ids]

    def update_where(self, store):
        number, value = self.rng.randrange(50), self.rng.randrange(1000)
        rest = value % 5
        store.update_where('a', 'n == %d and id %% 5 == %d' % (number, rest), {'m': value})
        self.trees = [dict(tree, m=value)
                      if type(tree['n']) is int and tree['n'] == number and tree['id'] % 5 == rest else tree
                      for tree in self.trees]

    def raise_one(self, store):
        """Of the old value, which must be the newest."""
        tree = self.rng.choice(self.trees)
        if type(tree['n']) is int:
            n = store.update_where('a', 'id == %d' % tree['id'], {'n': 'n + 1'})
            assert n in (None, 1), n
            self.trees = [dict(t, n=t['n'] + 1) if t is tree else t for t in self.trees]

    def upsert(self, store):
        fresh = self.some(3)
        for tree in self.rng.sample(self.trees, min(len(self.trees), 3)):
            fresh.append(dict(self.tree(), id=tree['id']))
        store.upsert('a', 'id', fresh)
        places = {tree['id']: i for i, tree in enumerate(self.trees)}
        self.trees = list(self.trees)
        for tree in fresh:
            if tree['id'] in places:
                self.trees[places[tree['id']]] = tree
            else:
                self.trees.append(tree)

    FEW = (append, replace, one, one, one, remove, remove, delete_where, raise_one, upsert)
    STAGED = (append, replace, one, remove)

    def transaction(self, store):
        before = self.trees
        staged = store.begin_transaction() or Nobody()
        for _ in range(self.rng.randrange(1, 4)):
            self.rng.choice(self.STAGED)(self, staged)
        if not isinstance(staged, Nobody) and self.rng.randrange(4) == 0:
            assert staged['a'].to_python() == self.trees, 'in a transaction'
        elif isinstance(staged, Nobody):
            self.rng.randrange(4)
        if self.rng.randrange(4):
            staged.commit()
        else:
            staged.rollback()
            self.trees = before

    def edit(self, store):
        """Any edit of few trees; returns its name."""
        which = self.rng.choice(self.FEW + (Model.transaction, Model.update_where))
        # In the long run more go than come: of too few trees nothing is mended.
        if len(self.trees) < 50 or len(self.trees) < TREES // 2:
            self.append(store, TREES)
            return 'append'
        if len(self.trees) > 2 * TREES + 100:
            which = Model.remove
        which(self, store)
        return which.__name__


class Test:
    def __init__(self, folder):
        self.path = os.path.join(folder, 'a.arbor')
        self.rng = random.Random(SEED + 1000000)
        self.model = Model(SEED)
        self.store = Arbor.Store.open(self.path)
        self.store['a'] = self.model.trees
        self.held = []
        self.counts = {}
        self.n_mended = self.most_patches = self.most_dead = self.n_looks = 0

    # Of all trees; they stay what they are, unless said.

    def put_itself(self):
        self.store['a'] = self.store['a']

    def put_view(self):
        self.store['a'] = self.store['a'].filter('id % 97 != 5')
        self.model.trees = [tree for tree in self.model.trees if tree['id'] % 97 != 5]

    def put_reversed(self):
        self.store['a'] = self.store['a'].reverse()
        self.model.trees = self.model.trees[::-1]

    def put_concat(self):
        self.store['b'] = Arbor.Arbor.concat([self.store['a'], self.store['a'].tail(5)])
        assert self.store['b'].to_python() == self.model.trees + self.model.trees[-5:]
        del self.store['b']

    def put_materialized(self):
        self.store['a'] = self.store['a'].materialize()

    def put_in_transaction(self):
        with self.store.transaction() as staged:
            staged.put('t', self.store['a'])
            assert staged['t'].to_python() == self.model.trees
            staged.commit()
        assert self.store['t'].to_python() == self.model.trees
        del self.store['t']

    def rename(self):
        self.store.rename('a', 'c')
        assert self.store['c'].to_python() == self.model.trees
        self.store.rename('c', 'a')

    def export(self):
        lines = self.store['a'].to_jsonl().splitlines()
        assert [json.loads(line) for line in lines] == self.model.trees
        assert json.loads(self.store['a'].to_json()) == self.model.trees

    def compact(self):
        self.store.compact()

    def backup(self):
        path = self.path + '.copy'
        self.store.backup(path, Arbor.BackupFlags.UPDATE)
        with Arbor.Store.open(path, create=False) as copy:
            assert copy['a'].to_python() == self.model.trees
            assert copy.verify().is_sound()

    OF_ALL = (put_itself, put_view, put_reversed, put_concat, put_materialized, put_in_transaction, rename, export,
              compact, backup)

    # Other processes.

    def in_other_process(self, n_edits, n_told):
        """A process of its own makes edits, and is killed when it has told of so many, unless that is None."""
        model = self.model.copy()
        ends = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with Arbor.Store.open(self.path) as store:
                    for _ in range(n_edits):
                        model.edit(store)
                        os.write(ends[1], b'.')
                status = 0
            finally:
                os._exit(status)
        os.close(ends[1])
        n_done = 0
        while os.read(ends[0], 1):
            n_done += 1
            if n_done == n_told:
                time.sleep(self.rng.random() * 0.003)
                os.kill(child, signal.SIGKILL)
                while os.read(ends[0], 1):
                    n_done += 1
                break
        os.close(ends[0])
        status = os.waitpid(child, 0)[1]
        assert n_told is not None or status == 0, status
        self.follow(n_done, n_done < n_edits)

    def follow(self, n_done, may_be_more):
        """What was told is there; one more may be, which was under way."""
        for _ in range(n_done):
            self.model.edit(Nobody())
        # A commit that was killed at its very end shows when the next writer takes the lock.
        self.store['z'] = [self.model.next_id]
        self.store.refresh()
        found = self.store['a'].to_python()
        if found != self.model.trees and may_be_more:
            self.model.edit(Nobody())
        assert found == self.model.trees, 'what another process has left'

    def other_process(self):
        self.in_other_process(self.rng.randrange(1, 4), None)

    def killed(self):
        n = self.rng.randrange(1, 8)
        self.in_other_process(n + 20, n)

    # What was begun before.

    def hold(self):
        arbor = self.store['a']
        trees = self.model.trees
        iterator = iter(arbor)
        n = min(self.rng.randrange(3), len(trees))
        for _ in range(n):
            next(iterator)
        cursor = arbor.cursor('id')
        for _ in range(n):
            assert cursor.next()
        view = arbor.filter('n > 25')
        if self.rng.randrange(2):
            len(view)
        self.held.append((arbor, iterator, cursor, view, arbor.column('id'), trees, n))
        if len(self.held) > 4:
            self.let_go(self.held.pop(self.rng.randrange(len(self.held))))

    def let_go(self, one):
        arbor, iterator, cursor, view, column, trees, n = one
        assert [tree.to_python() for tree in iterator] == trees[n:], 'an iterator of before'
        ids = []
        while cursor.next():
            ids.append(cursor.get_int64(0))
        assert ids == [tree['id'] for tree in trees[n:]], 'a cursor of before'
        assert list(column) == [tree['id'] for tree in trees], 'a column of before'
        try:
            found = view.to_python()
            everything = arbor.to_python()
        except Arbor.StaleError:
            return
        assert everything == trees, 'an arbor of before'
        assert found == [tree for tree in trees if type(tree['n']) in (int, float) and tree['n'] > 25], \
            'a view of before'

    def let_all_go(self):
        while self.held:
            self.let_go(self.held.pop())

    # Looks.

    def look(self, store):
        """At little."""
        arbor, trees = store['a'], self.model.trees
        assert len(arbor) == len(trees), (len(arbor), len(trees))
        if trees:
            for at in (0, self.rng.randrange(len(trees)), len(trees) - 1):
                assert arbor[at].to_python() == trees[at], at

    def check(self, store):
        arbor, trees = store['a'], self.model.trees
        self.n_looks += 1
        assert arbor.to_python() == trees, 'all trees'
        number = self.rng.randrange(50)
        assert arbor.filter('n > %d' % number).to_python() == \
            [tree for tree in trees if type(tree['n']) in (int, float) and tree['n'] > number], 'a filter'
        assert arbor.count_matches('len(w) > 5 and id % 3 == 1') == \
            sum(len(tree.get('w', '')) > 5 and tree['id'] % 3 == 1 for tree in trees), 'a computed filter'
        groups = arbor.group_by('w').aggregate({'n': 'count()'}).to_python()
        counts = {}
        for tree in trees:
            counts[tree.get('w')] = counts.get(tree.get('w'), 0) + 1
        assert {group.get('w'): group['n'] for group in groups} == counts, 'groups'
        assert arbor.sort_by('id').head(20).to_python() == \
            sorted(trees, key=lambda tree: tree['id'])[:20], 'a sort'
        assert list(arbor.column('id')) == [tree['id'] for tree in trees], 'a column'
        assert [tree['id'] for tree in arbor.reverse().head(50)] == \
            [tree['id'] for tree in trees[::-1][:50]], 'the end, backwards'
        assert len(arbor.query('$..deep[0]')) == sum('extra' in tree for tree in trees), 'a JSONPath'

    def choose(self):
        n = self.rng.randrange(1000)
        if n < 40:
            return self.rng.choice(self.OF_ALL)
        if n < 50:
            return Test.other_process
        if n < 62:
            return Test.killed
        return None

    def step(self, i):
        if self.rng.randrange(10) == 0:
            self.hold()
        of_all = self.choose()
        name = of_all.__name__ if of_all is not None else 'edit'
        try:
            if of_all is not None:
                of_all(self)
            else:
                name = self.model.edit(self.store)
            self.counts[name] = self.counts.get(name, 0) + 1
            self.look(self.store)
            if i % CHECK == 0:
                self.check(self.store)
                stats = self.store.get_stats()
                self.n_mended += stats.get_n_mended_batches() > 0
                self.most_patches = max(self.most_patches, stats.get_n_patch_batches())
                self.most_dead = max(self.most_dead, stats.get_n_dead_trees())
            if self.rng.randrange(12 * CHECK) == 0:
                with Arbor.Store.open(self.path) as other:
                    self.check(other)
            if self.rng.randrange(100) == 0:
                self.let_all_go()
                self.store.close()
                self.store = Arbor.Store.open(self.path)
                self.look(self.store)
        except BaseException:
            print(f'step {i} of seed {SEED}: {name}', file=sys.stderr)
            raise

    def run(self):
        for i in range(STEPS):
            self.step(i)
            if i % 5000 == 4999:
                print(f'{i + 1} steps', flush=True)
        self.let_all_go()
        self.check(self.store)
        self.store['a'] = self.store['a']
        self.check(self.store)
        stats = self.store.get_stats()
        assert stats.get_n_mended_batches() == 0 and stats.get_n_patch_batches() == 0
        self.store.close()
        print(STEPS, 'steps,', len(self.model.trees), 'trees,', self.n_looks, 'times all of it;',
              'of these', self.n_mended, 'mended;', self.most_patches, 'patches and', self.most_dead,
              'dead trees at most;', self.counts)
        assert self.n_mended > STEPS // CHECK // 2, 'edits are to mend'
        assert self.most_patches < 64


def main():
    with tempfile.TemporaryDirectory() as folder:
        Test(folder).run()


if __name__ == '__main__':
    main()
