"""Random trees of every sort, some of which are changed where they are stored, and the same trees put anew: every
way of reading tells the same of both.

Longer, or another one: ARBOR_MENDED_ROUNDS=100, ARBOR_RANDOM_SEED=7.
"""

import os
import random
import tempfile

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor  # noqa: E402

SEED = int(os.environ.get('ARBOR_RANDOM_SEED', '1'))
ROUNDS = int(os.environ.get('ARBOR_MENDED_ROUNDS', '1'))
N_TREES = 18000
N_CHANGES = 250

PATHS = ['$.name', '$..a', '$[?@.n > 500]', '$.big.k7', '$..k1099', '$[?length(@) > 0]', '$.*', '$.c[0]',
         '$..b[?@.a]', "$[?@ > 'x']"]

VIEWS = [lambda arbor: arbor, lambda arbor: arbor.slice(5000, 9000), lambda arbor: arbor.filter('n > 300'),
         lambda arbor: arbor.sort_by('n', 'name'), lambda arbor: arbor.shuffle(seed=4)]

GROUPS = {'n': 'count()', 'a': 'max(n)', 'b': 'min(name)', 'c': 'quantile(n, 0.3)', 'd': 'count(d)',
          'e': 'first(name)'}


def make_value(rng, depth=0):
    dice = rng.random()
    if depth < 3 and dice < 0.2:
        return {key: make_value(rng, depth + 1) for key in rng.sample('abcdefg', rng.randrange(5))}
    if depth < 3 and dice < 0.35:
        return [make_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return rng.choice([None, True, False, rng.randrange(1000), rng.random(), 's%d' % rng.randrange(50),
                       'x' * rng.randrange(5)])


def make_tree(rng):
    tree = {key: make_value(rng) for key in rng.sample(['a', 'b', 'c', 'd', 'n', 'name'], rng.randrange(1, 7))}
    if rng.random() < 0.5:
        tree['n'] = rng.randrange(1000)
    if rng.random() < 0.002:
        tree['big'] = {'k%d' % i: i for i in range(1100)}  # text, for it has too many members
    return tree


def change(rng, store, trees):
    dice, at = rng.random(), rng.randrange(len(trees))
    if dice < 0.6:
        trees[at] = make_tree(rng)
        store.replace('n', at, 1, [trees[at]])
    elif dice < 0.8:
        trees.insert(at, make_tree(rng))
        store.replace('n', at, 0, [trees[at]])
    else:
        del trees[at]
        store.replace('n', at, 1, None)


def list_matches(arbor, path):
    matches = arbor.query(path)
    step = max(1, len(matches) // 1000)
    return [len(matches)] + [(matches.get_index(i), matches.dup_path(i), repr(matches[i]))
                             for i in range(0, len(matches), step)]


def read_file(arbor, path):
    arbor.save_file(path)
    with open(path, encoding='utf-8') as file:
        return file.read()


def compare(what, mended, fresh, function):
    left, right = function(mended), function(fresh)
    assert left == right, '%s: %.500s instead of %.500s' % (what, left, right)


def check(rng, folder):
    trees = [make_tree(rng) for _ in range(N_TREES)]
    with Arbor.Store.open(os.path.join(folder, 'mended.arbor')) as store, \
            Arbor.Store.open(os.path.join(folder, 'fresh.arbor')) as other:
        store.put('n', trees)
        for _ in range(N_CHANGES):
            change(rng, store, trees)
        assert store.get_stats().get_n_mended_batches() > 1, 'edits are to mend'
        other.put('n', trees)
        mended, fresh = store.get('n'), other.get('n')
        for i, view in enumerate(VIEWS):
            for path in PATHS:
                compare('%s of view %d' % (path, i), view(mended), view(fresh),
                        lambda arbor: list_matches(arbor, path))
            for ending in ('.jsonl', '.json', '.csv'):
                compare('%s of view %d' % (ending, i), view(mended), view(fresh),
                        lambda arbor: read_file(arbor, os.path.join(folder, 'out' + ending)))
            compare('figures of view %d' % i, view(mended), view(fresh),
                    lambda arbor: arbor.describe().to_python())
            compare('schema of view %d' % i, view(mended), view(fresh),
                    lambda arbor: arbor.infer_schema().to_string())
            compare('groups of view %d' % i, view(mended), view(fresh),
                    lambda arbor: arbor.group_by('name').aggregate(**GROUPS).to_python())
            compare('counts of view %d' % i, view(mended), view(fresh),
                    lambda arbor: arbor.value_counts('name').to_python())
            compare('unique trees of view %d' % i, view(mended), view(fresh),
                    lambda arbor: arbor.unique_by('n', 'd').to_python())


def main():
    for i in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            check(random.Random(SEED + i), folder)


main()
