"""Unique keys under races: eight threads and four processes write the same keys at once. Of each key exactly one
gets through, every other is told EXISTS, and nothing is half done: what an edit writes is there as a whole or not
at all.

Usage: test-keys.py
ARBOR_KEY_ROUNDS (default 12): keys that all write
"""

import json
import os
import subprocess
import sys
import tempfile
import threading

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor, GLib

ROUNDS = int(os.environ.get('ARBOR_KEY_ROUNDS', '12'))
THREADS = 8
PROCESSES = 4


def attempt(store, way, number, who):
    """Two trees at once, one with a key that all write; whether they were written."""
    trees = [{'id': 'key %d' % number, 'who': who}, {'id': '%s %d' % (who, number), 'who': who}]
    try:
        if way == 0:
            store.append('a', trees)
        elif way == 1:
            store.replace('a', 0, 0, trees)
        elif way == 2:
            with store.begin_transaction() as transaction:
                transaction.append('a', trees[:1])
                transaction.append('a', trees[1:])
                try:
                    transaction.commit()
                finally:
                    transaction.rollback()
        else:
            # A tree of its own becomes one with the key.
            mine = 'id == "own %s"' % who
            if store.update_where('a', mine, {'id': Arbor.lit(trees[0]['id']), 'who': Arbor.lit(who)}) == 0:
                return False
            store.append('a', [{'id': 'own %s' % who}, trees[1]])
        return True
    except GLib.Error as error:
        if error.matches(Arbor.Error.quark(), Arbor.Error.CONFLICT) and way == 2:
            return attempt(store, way, number, who)
        assert error.matches(Arbor.Error.quark(), Arbor.Error.EXISTS), error
        return False


def write(path, who, wait):
    won = []
    with Arbor.Store.open(path, busy_timeout=120000) as store:
        wait()
        for number in range(ROUNDS):
            if attempt(store, (number + sum(map(ord, who))) % 4, number, who):
                won.append(number)
    return won


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'race.arbor')
        store = Arbor.Store.open(path)
        names = ['thread %d' % i for i in range(THREADS)] + ['process %d' % i for i in range(PROCESSES)]
        store.put('a', [{'id': 'own %s' % who} for who in names] + [{'id': 'x%d' % i} for i in range(3000)])
        store.set_keys('a', 'id', Arbor.KeyFlags.UNIQUE)
        processes = [subprocess.Popen([sys.executable, __file__, path, who], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, encoding='utf-8') for who in names[THREADS:]]
        results = {}
        barrier = threading.Barrier(THREADS + 1)
        threads = [threading.Thread(
            target=lambda who=who: results.__setitem__(who, write(path, who, barrier.wait)))
            for who in names[:THREADS]]
        for thread in threads:
            thread.start()
        # All of them have opened the store before the first one writes.
        for process in processes:
            assert process.stdout.readline() == 'ready\n'
        barrier.wait()
        for process in processes:
            process.stdin.write('go\n')
            process.stdin.flush()
        for thread in threads:
            thread.join()
        for who, process in zip(names[THREADS:], processes):
            results[who] = json.loads(process.communicate()[0])
            assert process.returncode == 0, who

        store.refresh()
        trees = store['a'].to_python()
        ids = [tree['id'] for tree in trees]
        assert len(set(ids)) == len(ids)
        owners = {tree['id']: tree.get('who') for tree in trees}
        for number in range(ROUNDS):
            winners = [who for who, won in results.items() if number in won]
            assert len(winners) == 1, (number, winners)
            assert owners['key %d' % number] == winners[0]
            for who in names:
                assert ('%s %d' % (who, number) in owners) == (who in winners), (number, who)
            assert store['a'].find('key %d' % number)['who'] == winners[0]
        assert sum(map(len, results.values())) == ROUNDS
        print({who: len(won) for who, won in results.items()})


if len(sys.argv) > 2:
    def wait():
        print('ready', flush=True)
        sys.stdin.readline()

    print(json.dumps(write(sys.argv[1], sys.argv[2], wait)))
else:
    main()
