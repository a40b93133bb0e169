"""Takes any file of JSON or JSON Lines through a store and back and compares.

Usage: meson devenv -C build /usr/bin/python3 ../tests/conformance/round_trip_file.py [--at PATH] FILE...
       (FILE may be compressed with xz)

For each file: parse (export (import (file))) must equal parse (file): kinds and values of numbers,
the text of those that no double holds, key order. It is tried in memory and through a store that
was closed and opened again, and two exports must be the same bytes. Python's own json module is
the judge. Not part of the suite: it is for data that the project does not ship.
"""

import json
import lzma
import math
import os
import sys
import tempfile

import gi
gi.require_version('Arbor', '1.0')
from gi.repository import Arbor, GLib  # noqa: E402


def parse_float(text):
    number = float(text)
    if math.isinf(number) or (number == 0 and any(c in '123456789' for c in text.lower().split('e')[0])):
        return 'number', text
    return 'double', math.copysign(1, number), number


def parse_int(text):
    number = int(text)
    return ('int', number) if -2**63 <= number < 2**64 else ('number', text)


def parse_pairs(pairs):
    last = dict(pairs)  # keeps the place of the first one and the value of the last
    return ['object', *last.items()]


def parse(text):
    return json.loads(text, parse_float=parse_float, parse_int=parse_int,
                      object_pairs_hook=parse_pairs)


def parse_lines(text):
    return [parse(line) for line in text.split('\n') if line.strip()]


def compare(expected, text, what):
    found = parse_lines(text)
    if len(found) != len(expected):
        sys.exit(f'{what}: {len(found)} trees, expected {len(expected)}')
    for i, (a, b) in enumerate(zip(expected, found)):
        if a != b:
            sys.exit(f'{what}: tree {i} differs:\n  {a}\n  {b}')


def read(path, at):
    raw = lzma.open(path).read() if path.endswith('.xz') else open(path, 'rb').read()
    text = raw.decode()
    options = Arbor.LoadOptions()
    if at is not None:
        options.set_at(at)
        whole = parse(text)
        for key in [k for k in at.split('.') if k]:
            whole = dict(whole[1:])[key]
        return raw, whole, options
    options.set_whole(True)
    try:
        return raw, parse_lines(text), options
    except ValueError:
        options.set_format(Arbor.Format.JSON)
        return raw, [parse(text)], options


def check(path, at):
    raw, expected, options = read(path, at)
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, 'input')
        with open(plain, 'wb') as out:
            out.write(raw)
        memory = Arbor.load_bytes(GLib.Bytes.new(raw), options)[0]
        text = Arbor.Arbor.to_jsonl(memory)
        compare(expected, text, f'{path} in memory')

        where = os.path.join(folder, 'store.arbor')
        store = Arbor.Store.open(where, None, None)
        store.import_file('data', plain, options, None, None)
        store.close()
        store = Arbor.Store.open(where, None, None)
        stored = store.get('data').to_jsonl()
        if stored != text or store.get('data').to_jsonl() != stored:
            sys.exit(f'{path}: exports differ')
        compare(expected, stored, f'{path} stored')
        again = Arbor.read_jsonl(GLib.Bytes.new(stored.encode())).to_jsonl()
        if again != stored:
            sys.exit(f'{path}: the export of the export differs')
        store.close()
    print(f'{path}: {len(expected)} trees, equal')


def main(arguments):
    at = None
    if arguments[:1] == ['--at']:
        at, arguments = arguments[1], arguments[2:]
    if not arguments:
        sys.exit(__doc__)
    for path in arguments:
        check(path, at)


main(sys.argv[1:])
