#!/usr/bin/python3
"""Damage of every sort to store files: nothing crashes, hangs or gives a wrong answer, verify finds what
matters, and recover copies what is sound.

Usage: test-damage-campaign.py [--figures FILE]

Of a store with large batches, changed trees, a free list and many names, each round damages a copy: bits
flipped, pages zeroed, swapped, copied over others, taken from an older state of the file, the end cut off,
something put behind it. Then, in a child that has half a minute:

 - all names are read with default options: they must have what they had, or it is an error that says so;
 - verify must end, and where it finds nothing, reading must have given everything;
 - recover must end, and what it copies must be trees that were there, in their order, under their name or under
   one that it makes up; as many as verify counts as sound. What verify counts as sound is measured: all
   but the trees of batches that the damage lies in must be.

ARBOR_DAMAGES=N rounds (default 60), ARBOR_RANDOM_SEED=N others. --figures writes what came of them as JSON.
"""

import collections
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import traceback

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor, GLib  # noqa: E402

PAGE = 4096
ROUNDS = int(os.environ.get('ARBOR_DAMAGES', '60'))
SEED = int(os.environ.get('ARBOR_RANDOM_SEED', '1'))
FIRST = int(os.environ.get('ARBOR_RANDOM_FIRST', '0'))
SECONDS = 30
KINDS = ['flip', 'zero', 'swap', 'copy', 'stale', 'cut', 'cut-inside', 'behind', 'many-flips', 'meta']


def tree(i, chance):
    value = {'id': i, 'name': f'n{chance.randrange(10**9)}', 'x': chance.random(),
             'tags': [chance.choice('abcdef') for _ in range(chance.randrange(4))],
             'big': chance.choice([1, 2**63 + i, -2**40, 1.5, None, 'text', [i, {'y': i}]])}
    if i % 7 == 0:
        value['rare'] = {'k': i, 's': 'z' * chance.randrange(20)}
    if i % 5000 == 17:
        value['map'] = {f'k{j}': j for j in range(1100)}
    return value


def arbor(first, n, chance):
    return Arbor.read_jsonl('\n'.join(json.dumps(tree(i, chance)) for i in range(first, first + n)))


def make_store(path, chance):
    """Returns older states of the file: copies from before the last changes."""
    older = []
    with Arbor.Store.open(path) as store:
        store['people'] = arbor(0, 30000, chance)
        store['gone'] = arbor(0, 20000, chance)
        for i in range(60):
            store[f'small-{i:02}'] = arbor(i, 3 + i, chance)
    older.append(path + '.older-0')
    shutil.copy(path, older[-1])
    with Arbor.Store.open(path) as store:
        del store['gone']
        store['edited'] = arbor(5, 9000, chance)
    older.append(path + '.older-1')
    shutil.copy(path, older[-1])
    with Arbor.Store.open(path) as store:
        for i in range(30):
            store.update_where('edited', Arbor.path('id') == 100 * i + 7, {'x': float(i)})
        store.delete_where('edited', Arbor.path('id') % 997 == 3)
        store.append('small-05', arbor(900, 2, chance))
    older.append(path + '.older-2')
    shutil.copy(path, older[-1])
    with Arbor.Store.open(path) as store:
        for i in range(20):
            store.append('people', arbor(40000 + i, 1, chance))
            store.update_where('edited', Arbor.path('id') == 90 * i + 8, {'x': -float(i)})
    older.append(path + '.older-3')
    shutil.copy(path, older[-1])
    # One commit, which a damaged meta page takes back.
    with Arbor.Store.open(path) as store:
        store['small-09'] = arbor(700, 40, chance)
    return older


def read_all(path):
    with Arbor.Store.open(path, create=False) as store:
        return {name: store[name].to_jsonl().splitlines() for name in store.list_names()}


def damage(kind, data, older, chance):
    """What becomes of the bytes, in words; the bytes are changed."""
    pages = len(data) // PAGE
    # Half of them where the tables are: those few pages would else hardly be met.
    tables = [p for p in range(pages)
              if data[p * PAGE + 10] in (1, 2) and int.from_bytes(data[p * PAGE:p * PAGE + 8], 'little') == p]

    def any_page():
        return chance.choice(tables) if chance.random() < 0.5 else chance.randrange(2, pages)

    if kind in ('flip', 'many-flips', 'meta'):
        places = []
        for _ in range(chance.randrange(2, 40) if kind == 'many-flips' else 1):
            page = chance.randrange(2) if kind == 'meta' else any_page()
            at = page * PAGE + chance.randrange(168 if kind == 'meta' else PAGE)
            data[at] ^= 1 << chance.randrange(8)
            places.append(at)
        return f'bits at {places}'
    if kind == 'zero':
        page = any_page()
        data[page * PAGE:(page + 1) * PAGE] = bytes(PAGE)
        return f'page {page} is zero'
    if kind in ('swap', 'copy'):
        a, b = any_page(), any_page()
        one, other = data[a * PAGE:(a + 1) * PAGE], data[b * PAGE:(b + 1) * PAGE]
        data[b * PAGE:(b + 1) * PAGE] = one
        if kind == 'swap':
            data[a * PAGE:(a + 1) * PAGE] = other
        return f'pages {a} and {b}: {kind}'
    if kind == 'stale':
        before = pathlib.Path(chance.choice(older)).read_bytes()
        changed = [p for p in range(2, min(pages, len(before) // PAGE))
                   if before[p * PAGE:(p + 1) * PAGE] != data[p * PAGE:(p + 1) * PAGE]]
        page = chance.choice(changed)
        data[page * PAGE:(page + 1) * PAGE] = before[page * PAGE:(page + 1) * PAGE]
        return f'page {page} is an older one'
    if kind == 'cut':
        page = chance.randrange(pages)
        del data[page * PAGE:]
        return f'cut off at page {page}'
    if kind == 'cut-inside':
        at = chance.randrange(len(data))
        del data[at:]
        return f'cut off at byte {at}'
    data += chance.randbytes(chance.randrange(1, 10 * PAGE))
    return 'something behind'


def is_subsequence(some, all_of_them):
    rest = iter(all_of_them)
    return all(line in rest for line in some)


def came_of(some, name, states):
    """Whether these trees are some that the name had, in their order, at one time."""
    return any(is_subsequence(some, state[name]) for state in states if name in state)


def try_damaged(path, expected, states, n_allowed):
    """What came of it, in words that are counted, and what is wrong (empty: nothing). Of the first states recover
    may find trees under their names: that is what there was, and where pages are older ones, or a meta page is
    lost, what there was before. What no name lists any more may be from any time."""
    wrong = []
    try:
        found = read_all(path)
        reading = 'whole' if found == expected else 'wrong'
    except GLib.Error:
        reading = 'refused'
    if reading == 'wrong':
        names = [name for name in expected if found.get(name) != expected[name]]
        wrong.append(f'reading gave something else, without an error, of {names[:5]}')
    try:
        report = Arbor.verify_file(path)
    except GLib.Error as error:
        report = None
        if not isinstance(error, Arbor.ArborError) or error.code != Arbor.Error.NOT_A_STORE:
            wrong.append(f'verify: {error.message}')
    if report is not None and report.is_sound() and reading != 'whole':
        wrong.append(f'verify found nothing, reading: {reading}')
    new = path + '.new'
    copied = 0
    try:
        again = Arbor.recover_file(path, new)
        recovered = read_all(new)
        known = set()
        for name, lines in recovered.items():
            copied += len(lines)
            if name in expected and not came_of(lines, name, states[:n_allowed]):
                wrong.append(f'recover made up trees of {name}')
            if name not in expected:
                known = known or {line for state in states for lines in state.values()
                                  for line in lines}
                if not known.issuperset(lines):
                    wrong.append(f'recover made up trees in {name}')
        if copied != again.get_n_sound_trees(None):
            wrong.append(f'recover copied {copied} of {again.get_n_sound_trees(None)} sound trees')
        if report is not None and report.is_sound() and recovered != expected:
            wrong.append('recover lost trees of a sound store')
        if not Arbor.verify_file(new).is_sound():
            wrong.append('what recover made is damaged')
    except GLib.Error as error:
        if report is not None:
            wrong.append(f'recover: {error.message}')
    verified = 'not a store' if report is None else 'sound' if report.is_sound() else 'damaged'
    return {'reading': reading, 'verify': verified, 'copied': copied, 'wrong': wrong}


def in_child(function, *arguments):
    """The result, or how the child ended."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        status = 1
        try:
            signal.alarm(SECONDS)
            result = json.dumps(function(*arguments)).encode()
            with os.fdopen(into, 'wb') as stream:
                stream.write(result)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(into)
    with os.fdopen(out, 'rb') as stream:
        text = stream.read()
    _, status = os.waitpid(child, 0)
    if status == 0:
        return json.loads(text)
    how = 'hang' if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM else 'crash'
    return {'reading': how, 'verify': how, 'copied': 0, 'wrong': [f'{how}, status {status}']}


def prepare(path):
    older = make_store(path, random.Random(7))
    pathlib.Path(path + '.expected').write_text(json.dumps([read_all(p) for p in [path] + older[::-1]]))
    report = Arbor.verify_file(path)
    assert report.is_sound(), report.to_json()
    assert report.get_n_lost_pages() == 0, report.to_json()
    for old in older:
        assert Arbor.verify_file(old).is_sound()
    return older


def main():
    counts = collections.defaultdict(collections.Counter)
    problems = 0
    with tempfile.TemporaryDirectory(prefix='arbor-damage-') as folder:
        path = os.path.join(folder, 'whole.arbor')
        older = in_child(prepare, path)
        assert isinstance(older, list), older
        states = json.loads(pathlib.Path(path + '.expected').read_text())
        expected = states[0]
        n_trees = sum(map(len, expected.values()))
        whole = pathlib.Path(path).read_bytes()
        for number in range(FIRST, FIRST + ROUNDS):
            chance = random.Random(SEED * 1000003 + number)
            kind = KINDS[number % len(KINDS)]
            data = bytearray(whole)
            what = damage(kind, data, older, chance)
            tried = os.path.join(folder, f'{number}.arbor')
            pathlib.Path(tried).write_bytes(data)
            # Of a file that was cut off the list of free pages may be gone, and what lies in them was there once.
            n_allowed = len(states) if kind in ('stale', 'cut', 'cut-inside', 'meta', 'many-flips') else 2
            result = in_child(try_damaged, tried, expected, states, n_allowed)
            count = counts[kind]
            count['rounds'] += 1
            count['reading ' + result['reading']] += 1
            count['verify ' + result['verify']] += 1
            count['copied'] += result['copied']
            count['trees'] += n_trees
            count['problems'] += len(result['wrong'])
            count['made up'] += any('made up' in wrong for wrong in result['wrong'])
            count['missed'] += any('found nothing' in wrong for wrong in result['wrong'])
            for wrong in result['wrong']:
                problems += 1
                print(f'round {number} of seed {SEED}, {kind}, {what}: {wrong}', flush=True)
            for left in pathlib.Path(folder).glob(f'{number}.arbor*'):
                left.unlink()
            for left in pathlib.Path(folder).glob('.arbor-*'):
                left.unlink()
    for kind in KINDS:
        count = counts[kind]
        if count['rounds']:
            print(f"{kind}: {count['rounds']} rounds; read whole {count['reading whole']}, refused "
                  f"{count['reading refused']}; verify sound {count['verify sound']}, damaged "
                  f"{count['verify damaged']}, no store {count['verify not a store']}; recovered "
                  f"{100 * count['copied'] / count['trees']:.1f} %; problems {count['problems']}")
    if '--figures' in sys.argv:
        with open(sys.argv[sys.argv.index('--figures') + 1], 'w', encoding='utf-8') as out:
            json.dump({'campaign': 'damage', 'seed': SEED, 'rounds': ROUNDS, 'kinds': counts}, out, indent=1)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
