#!/usr/bin/python3
"""Input that is meant to harm, at every door: it is answered or refused, in time, with memory that is in proportion.

Usage: test-hostile.py [--figures FILE]

Each row runs in a child of its own, whose peak of memory is looked at, without what the interpreter and the
input itself take. The memory that a row may take is given; time is only there to end what hangs: SECONDS, on any machine.
ARBOR_HOSTILE=long makes inputs ten times as large, and lets them take ten times as much.
"""

import gzip
import json
import os
import pathlib
import signal
import sys
import tempfile
import time

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor, GLib

SECONDS = 300
# Which keeps what is freed.
IS_SANITIZED = 'libasan' in os.environ.get('LD_PRELOAD', '')
TIMES = 10 if os.environ.get('ARBOR_HOSTILE') == 'long' else 1
N = 100000 * TIMES
MIB = 1024 * 1024


def read(text):
    return lambda: len(Arbor.read_json(text))


def csv(text):
    return lambda: len(Arbor.read_csv(text))


def expression(text):
    return lambda: Arbor.read_json('[{"a":1,"s":"' + 'a' * 2000 + '"}]').filter(Arbor.Expr.parse(text)).get_n_trees()


def jsonpath(text, tree):
    return lambda: sum(1 for _ in Arbor.Tree.new_from_json(tree).query(text))


def patch(text, tree='{"a":[1,2,3]}'):
    return lambda: len(Arbor.Tree.new_from_json(tree).patch(Arbor.Tree.new_from_json(text)).to_json())


def path(text):
    return lambda: Arbor.read_json('[{"a":1}]').get_column(text).get_length()


def in_store(function):
    def run(folder):
        with Arbor.Store.open(os.path.join(folder, 'a.arbor')) as store:
            store['x'] = [{'a': 1}]
            return function(store)
    return run


def store_file(make):
    """Opening, verifying and recovering a file of a stranger."""
    def run(folder):
        name = os.path.join(folder, 'b.arbor')
        make(name)
        found = []
        for untrusted in (False, True):
            try:
                with Arbor.Store.open(name, create=False, untrusted=untrusted) as store:
                    found.append(sum(len(store[one].to_jsonl()) for one in store.list_names()))
            except GLib.Error as error:
                found.append(error.message[:60])
        for function in (lambda: Arbor.verify_file(name).is_sound(),
                         lambda: Arbor.recover_file(name, name + '.new').is_sound()):
            try:
                found.append(function())
            except GLib.Error as error:
                found.append(error.message[:60])
        return found
    return run


def write(name, data):
    pathlib.Path(name).write_bytes(data)


def sparse(name, header=b''):
    with open(name, 'wb') as out:
        out.write(header)
        out.truncate(2**40)


def small_store(name):
    with Arbor.Store.open(name) as store:
        store['x'] = [{'a': i, 's': 'text' * 20} for i in range(5000)]
        store['y'] = [{'b': 1}]


def changed(change):
    def make(name):
        small_store(name)
        data = bytearray(pathlib.Path(name).read_bytes())
        write(name, bytes(change(data)))
    return make


def endless(data):
    """Every page leads to the page of the root."""
    for page in range(2, len(data) // 4096):
        if data[page * 4096 + 10] == 1:
            data[page * 4096 + 4080:page * 4096 + 4096] = data[4096 + 136:4096 + 152]
    return data


def huge_counts(data):
    for meta in (0, 4096):
        data[meta + 136:meta + 144] = (2**62).to_bytes(8, 'little')
    return data


def dump(text):
    def run(store):
        name = store.dup_path() + '.dump'
        pathlib.Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
        store.load(name)
        return len(store.list_names())
    return in_store(run)


def tree_of(depth):
    return '{"a":' * depth + '1' + '}' * depth


# door, what, what to do, MiB that it may take beside its input; for the long form ten times as many.
ROWS = [
    ('JSON', 'arrays in arrays', read('[' * N), 32),
    ('JSON', 'as deep as may be', read(tree_of(1000)), 32),
    ('JSON', 'a number of many digits', read('[' + '7' * (10 * N) + ']'), 64),
    ('JSON', 'a number with a huge exponent', read('[1e' + '9' * N + ']'), 32),
    ('JSON', 'a text of escapes', read('["' + '\\u0000' * N + '"]'), 64),
    ('JSON', 'a text that does not end', read('["' + 'x' * (10 * N)), 64),
    ('JSON', 'one key again and again', read('[{' + ','.join('"k":1' for _ in range(N)) + '}]'), 96),
    ('JSON', 'as many keys as members', read('[{' + ','.join(f'"k{i}":{i}' for i in range(N)) + '}]'), 192),
    ('JSON', 'trees of different keys', read('[' + ','.join(f'{{"k{i}":1}}' for i in range(N)) + ']'), 256),
    ('JSON', 'zero bytes', read('\0' * (10 * N)), 32),
    ('JSON', 'gzip of blanks', lambda: len(Arbor.load_bytes(GLib.Bytes.new(gzip.compress(b' ' * (100 * MIB * TIMES))),
                                                           None)[0]), 256),
    ('CSV', 'many columns', csv(','.join(f'c{i}' for i in range(N // 10)) + '\n' + ',' * (N // 10 - 1) + '\n'), 128),
    ('CSV', 'a cell that does not end', csv('a,b\n"' + 'x' * (10 * N)), 64),
    ('CSV', 'quotes', csv('a\n' + '""' * (5 * N)), 64),
    ('CSV', 'one name for all columns', csv(','.join('a' for _ in range(N // 10)) + '\n'), 64),
    ('expression', 'parentheses', expression('(' * N + 'a' + ')' * N), 64),
    ('expression', 'a sum of many', expression('+'.join(['a'] * N) + ' > 1'), 64),
    ('expression', 'not not not', expression('not ' * N + 'true'), 64),
    ('expression', 'texts that double', expression('len(' + 'concat(' * 0 + 'replace(' * 30 + 's' +
                                                  ', "a", "aa")' * 30 + ') > 1'), 640),
    ('expression', 'a literal of many', expression('a in [' + ','.join(map(str, range(N))) + ']'), 128),
    ('regular expression', 'plus in plus', expression('match(s, "(a+)+$b")'), 64),
    ('regular expression', 'alternatives', expression('match(s, "(a|aa|aaa)*b")'), 64),
    ('regular expression', 'repeats of repeats', expression('match(s, "((a{1,200}){1,200}){1,200}")'), 128),
    ('regular expression', 'groups in groups', expression('match(s, "' + '(' * 5000 + 'a' + ')' * 5000 + '")'), 64),
    ('JSONPath', 'descendants of descendants', jsonpath('$' + '..*' * 4, tree_of(40)), 256),
    ('JSONPath', 'many segments', jsonpath('$' + '.a' * N, tree_of(900)), 64),
    ('JSONPath', 'filters in filters', jsonpath('$..[?@..[?@..[?@.a == 1]]]', tree_of(60)), 256),
    ('JSONPath', 'a hostile pattern', jsonpath('$[?match(@, "(a|a)*b")]', json.dumps(['a' * 3000])), 64),
    ('path', 'many keys', path('a' + '.a' * N), 64),
    ('path', 'all of all', path('a' + '[*]' * (N // 10)), 64),
    ('path', 'a quote that does not end', path('["' + 'a' * (10 * N)), 64),
    ('patch', 'many operations', patch(json.dumps([{'op': 'add', 'path': '/a/-', 'value': i} for i in range(N // 100)])), 64),
    ('patch', 'copies that double', patch(json.dumps([{'op': 'copy', 'from': '/a', 'path': '/a/-'} for _ in range(40)])), 640),
    ('patch', 'a pointer without an end', patch(json.dumps([{'op': 'test', 'path': '/a' * N, 'value': 1}])), 64),
    ('name', 'too long', in_store(lambda store: store.put('n' * (10 * N), Arbor.read_json('[1]'))), 32),
    ('name', 'with a zero byte and a line break', in_store(lambda store: store.put('a\nb', Arbor.read_json('[1]'))), 32),
    ('options', 'a map of 2^62 bytes', lambda folder: Arbor.Store.open(os.path.join(folder, 'a.arbor'),
                                                                      map_size=2**62).close(), 32),
    ('options', 'readers without number', lambda folder: Arbor.Store.open(os.path.join(folder, 'a.arbor'),
                                                                        max_readers=2**31).close(), 32),
    ('dump', 'counts that are not there', dump('{"arbor_dump":1,"arbors":999999999999}\n'), 32),
    ('dump', 'trees without number', dump('{"arbor_dump":1,"arbors":1}\n{"arbor":"x","trees":18446744073709551615}\n1\n'), 32),
    ('dump', 'a line that does not end', dump('{"arbor_dump":1,"arbors":1}\n{"arbor":"' + 'x' * (10 * N)), 96),
    ('store file', 'a TiB of zeros', store_file(sparse), 32),
    ('store file', 'a TiB behind a store', store_file(lambda name: (small_store(name), os.truncate(name, 2**40))), 1024),
    ('store file', 'random bytes', store_file(lambda name: write(name, os.urandom(4 * MIB))), 32),
    ('store file', 'pages that lead in a circle', store_file(changed(endless)), 64),
    ('store file', 'counts of 2^62 pages', store_file(changed(huge_counts)), 64),
    ('store file', 'all lengths are the largest', store_file(changed(lambda data: data.replace(
        (5000).to_bytes(4, 'little'), b'\xff\xff\xff\x7f'))), 64),
    ('store file', 'cut off in the first page', store_file(changed(lambda data: data[:3000])), 32),
    ('store file', 'a folder', store_file(os.mkdir), 32),
]


def peak():
    """MiB."""
    for line in pathlib.Path('/proc/self/status').read_text(encoding='ascii').splitlines():
        if line.startswith('VmHWM'):
            return int(line.split()[1]) / 1024
    return 0


def work(function, folder):
    pathlib.Path('/proc/self/clear_refs').write_text('5')
    before = peak()
    began = time.monotonic()
    try:
        answer = function(folder) if function.__code__.co_argcount else function()
        words = f'answered: {answer}'
    except GLib.Error as error:
        words = f'refused: {error.message}'
    except (OverflowError, ValueError, TypeError) as error:
        words = f'refused: {error}'
    return {'words': words[:90].replace('\n', ' '), 'seconds': time.monotonic() - began, 'MiB': max(0, peak() - before)}


def in_child(function, folder):
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        try:
            text = json.dumps(work(function, folder)).encode()
            os.write(into, text)
        except BaseException as error:
            os.write(into, json.dumps({'words': f'failed: {error!r}', 'seconds': 0, 'MiB': 0, 'bad': True}).encode())
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out, 'rb') as stream:
        text = stream.read()
    _, status = os.waitpid(child, 0)
    if status == 0 and text:
        return json.loads(text)
    how = 'hung' if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM else f'crashed, status {status}'
    return {'words': how, 'seconds': SECONDS, 'MiB': 0, 'bad': True}


def main():
    rows = []
    problems = 0
    for door, what, function, bound in ROWS:
        with tempfile.TemporaryDirectory(prefix='arbor-hostile-') as folder:
            result = in_child(function, folder)
        bound *= TIMES
        bad = result.get('bad', False) or (result['MiB'] > bound and not IS_SANITIZED)
        problems += bad
        rows.append({'door': door, 'input': what, 'bound': bound, 'bad': bad, **result})
        print(f"{'!' if bad else ' '} {door}, {what}: {result['seconds']:.2f} s, {result['MiB']:.0f} MiB of {bound}; "
              f"{result['words']}", flush=True)
    if '--figures' in sys.argv:
        with open(sys.argv[sys.argv.index('--figures') + 1], 'w', encoding='utf-8') as out:
            json.dump({'campaign': 'hostile', 'times': TIMES, 'rows': rows, 'problems': problems}, out, indent=1)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
