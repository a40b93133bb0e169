"""JSONPath against a table of cases.

Usage: test-jsonpath.py FILE...

A file is {"tests": [...]}, in the form that the public compliance test suite of RFC 9535 has, so that
its cts.json can be given here too. A case has a "selector" and either "invalid_selector": true, or a
"document" and the "result": a list of values, or "results": all lists that the standard allows where
it leaves the order open. "result_paths" (or "results_paths") are the normalized paths. Ours give the
one order that the library has: that of the document. Each case is run on a tree in memory, on a tree
of a store, and on a document too wide for columns, which is then read from overflow text.
"""

import json
import os
import sys
import tempfile

import gi

gi.require_version('Arbor', '1.0')
sys.modules['gi.overrides.Arbor'] = None
from gi.repository import GLib  # noqa: E402

Arbor = gi.module.get_introspection_module('Arbor')
EXPRESSION = int(Arbor.Error.EXPRESSION)
# An object whose values are of ever new shapes ends up as text; the document is one of its members.
WIDE = '{%s}' % ','.join('"k%d":%d' % (i, i) for i in range(5000))

n_cases = 0
failures = []


def fail(case, where, message):
    failures.append(f'{case["name"]}: {case["selector"]!r} ({where}): {message}')


def same(a, b):
    """Equality that does not take true for 1, or 1 for 1.0 where the type is lost."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def read_tree(text):
    return Arbor.read_json(GLib.Bytes.new(text.encode('utf-8', 'surrogatepass'))).get(0)


def query(tree, selector):
    try:
        return tree.query(selector), None
    except GLib.Error as error:
        return None, error


def check_invalid(case, tree):
    matches, error = query(tree, case['selector'])
    if error is None:
        fail(case, 'invalid', f'no error, but {matches.to_json()}')
    elif error.code != EXPRESSION or '\n' not in error.message:
        fail(case, 'invalid', f'{error.code} {error.message!r}')


def check_one(case, where, matches):
    allowed = case['results'] if 'results' in case else [case['result']]
    paths = case.get('results_paths') or ([case['result_paths']] if 'result_paths' in case else None)
    values = json.loads(matches.to_json())
    n = matches.get_n_matches()
    if not any(same(values, each) for each in allowed):
        fail(case, where, f'{values}, expected {allowed}')
    if paths is not None and matches.dup_paths() not in paths:
        fail(case, where, f'{matches.dup_paths()}, expected {paths}')
    if n != len(values):
        fail(case, where, f'{n} matches, but {len(values)} values')
    for i in range(n):
        if not same(json.loads(matches.get_match(i).to_json()), values[i]):
            fail(case, where, f'match {i} is {matches.get_match(i).to_json()}')
        if matches.dup_path(i) != matches.dup_paths()[i] or matches.get_index(i) != 0:
            fail(case, where, f'match {i} is at {matches.dup_path(i)}')


def check_normalized(case, where, tree, matches):
    """A normalized path is a query that selects that one value."""
    for i in range(min(matches.get_n_matches(), 5)):
        again, error = query(tree, matches.dup_path(i))
        if error is not None:
            fail(case, where, f'{matches.dup_path(i)}: {error.message!r}')
        elif (again.dup_paths() != [matches.dup_path(i)]
              or again.get_match(0).to_json() != matches.get_match(i).to_json()):
            fail(case, where, f'{matches.dup_path(i)} is not found again')


def check(case, folder):
    global n_cases
    n_cases += 1
    if case.get('invalid_selector'):
        check_invalid(case, read_tree('{}'))
        return
    text = json.dumps(case['document'])
    trees = {'memory': read_tree(text), 'text': read_tree('[%s,%s]' % (WIDE, text)).get('[1]')}
    for where, tree in trees.items():
        matches, error = query(tree, case['selector'])
        if error is not None:
            fail(case, where, f'{error.message!r}')
            continue
        check_one(case, where, matches)
        check_normalized(case, where, tree, matches)


def check_stored(cases, folder):
    """All documents as one arbor in a store: each query on its own tree, read from the map."""
    lines = '\n'.join(json.dumps(case['document']) for case in cases)
    store = Arbor.Store.open(os.path.join(folder, 'cases.arbor'), None, None)
    store.put('cases', Arbor.read_jsonl(GLib.Bytes.new(lines.encode('utf-8', 'surrogatepass'))), None)
    arbor = store.get('cases')
    for i, case in enumerate(cases):
        tree = arbor.get(i)
        matches, error = query(tree, case['selector'])
        if error is not None:
            fail(case, 'stored', f'{error.message!r}')
            continue
        check_one(case, 'stored', matches)
        one = arbor.slice(i, 1).query(case['selector'], None)
        if (one.to_json(), one.dup_paths()) != (matches.to_json(), matches.dup_paths()):
            fail(case, 'arbor', f'{one.to_json()}, the tree gives {matches.to_json()}')
    store.close()


def main(files):
    with tempfile.TemporaryDirectory(prefix='arbor-jsonpath-') as folder:
        for path in files:
            with open(path, encoding='utf-8') as source:
                cases = json.load(source)['tests']
            names = [case['name'] for case in cases]
            for name in {name for name in names if names.count(name) > 1}:
                failures.append(f'{name}: a name that is given twice')
            for case in cases:
                check(case, folder)
            check_stored([case for case in cases if not case.get('invalid_selector')], folder)
    for failure in failures:
        print(failure)
    print(f'{n_cases} cases, {len(failures)} failures')
    return 1 if failures or n_cases == 0 else 0


sys.exit(main(sys.argv[1:]))
