#!/usr/bin/python3
"""Reads a batch, written from docs/dev/format.md alone, with nothing but Python's own library.

usage: decode_batch.py BATCH.bin                        prints the trees as JSON Lines
       decode_batch.py --compare TREES.jsonl BATCH.bin...  exits with 1 when one holds other trees
"""

import json
import math
import struct
import sys

from xxh3 import xxh3_64

NONE = 0xFFFFFFFF
NULL, BOOL, INT64, UINT64, DOUBLE, NUMBER, STRING, ARRAY, OBJECT, OVERFLOW = range(1, 11)
BITS, FRAME, RAW, SPANS, DICTIONARY, RUNS, SHAPES = range(7)


class Record:
    """Named fields of a struct at an offset."""

    def __init__(self, data, offset, fields):
        names = fields.split()[1::2]
        layout = '<' + ''.join(fields.split()[0::2])
        values = struct.unpack_from(layout, data, offset)
        self.__dict__.update(zip(names, values))
        self.size = struct.calcsize(layout)


HEADER = ('8s magic I version I flags I n_trees I n_columns I n_lanes I n_keys I n_shapes '
          'I keys_offset I shapes_offset I data_offset Q n_bytes Q digest')
COLUMN = ('I parent I key I first_child I n_fields I first_lane H n_lanes H has_elements I n_rows '
          'I n_values I n_nulls I presence I presence_offset I first_shape I n_shapes '
          'I zero Q digest')
LANE = ('B kind B encoding B width B span_width I flags I count I slots_offset I n_distinct '
        'I offset_a I size_a I offset_b I size_b I offset_c I size_c I zero 8s min 8s max')


def load(data, offset, width):
    return int.from_bytes(data[offset:offset + width], 'little')


class Bitmap:
    """A bitmap with ranks; the ranks are looked at, not only believed."""

    def __init__(self, data, offset, n):
        self.words = load(data, offset, 8 * ((n + 63) // 64))
        assert self.words >> n == 0
        ranks = offset + 8 * ((n + 63) // 64)
        for block in range((n + 255) // 256):
            assert load(data, ranks + 4 * block, 4) == self.rank(256 * block)

    def has(self, i):
        return self.words >> i & 1 == 1

    def rank(self, i):
        return bin(self.words & ((1 << i) - 1)).count('1')


class Batch:
    def __init__(self, data):
        self.data = data
        self.header = header = Record(data, 0, HEADER)
        assert header.size == 64 and header.magic == b'ArborBat' and header.version == 1
        assert header.flags & ~3 == 0 and (header.flags & 2 != 0) == (header.n_trees > 16384)
        assert header.n_bytes == len(data) and len(data) % 64 == 48
        self.columns = [Record(data, 64 + 64 * i, COLUMN) for i in range(header.n_columns)]
        lanes = 64 + 64 * header.n_columns
        self.lanes = [Record(data, lanes + 64 * i, LANE) for i in range(header.n_lanes)]
        assert all(record.size == 64 for record in self.columns + self.lanes)
        self.keys = self.read_keys()
        self.shapes = self.read_shapes()
        self.check_numbers()
        self.check_buffers()
        self.check_digests()
        self.bitmaps = {}

    def read_keys(self):
        header = self.header
        assert header.keys_offset == 64 + 64 * (header.n_columns + header.n_lanes)
        start = header.keys_offset + 4 * (header.n_keys + 1)
        ends = [load(self.data, header.keys_offset + 4 * i, 4) for i in range(header.n_keys + 1)]
        assert header.shapes_offset == (start + ends[-1] + 7) // 8 * 8
        return [self.data[start + a:start + b] for a, b in zip(ends, ends[1:])]

    def read_shapes(self):
        header = self.header
        start = header.shapes_offset + 4 * (header.n_shapes + 1)
        ends = [load(self.data, header.shapes_offset + 4 * i, 4)
                for i in range(header.n_shapes + 1)]
        return [[load(self.data, start + 4 * i, 4) for i in range(a, b)]
                for a, b in zip(ends, ends[1:])]

    def check_numbers(self):
        """Columns are numbered breadth first, siblings by key; keys by first use."""
        child, lane, shape, keys = 1, 0, 0, []
        for i, column in enumerate(self.columns):
            n = column.n_fields + column.has_elements
            assert column.first_child == (child if n else 0)
            assert column.first_lane == lane
            assert column.first_shape == (shape if column.n_shapes else 0)
            children = range(child, child + n)
            assert all(self.columns[j].parent == i for j in children)
            names = [self.keys[self.columns[j].key] for j in children[:column.n_fields]]
            assert names == sorted(set(names))
            if column.key != NONE and column.key not in keys:
                keys.append(column.key)
            counts = [(-record.count, record.kind) for record in self.lanes_of(column)]
            assert counts == sorted(counts)
            child, lane, shape = child + n, lane + column.n_lanes, shape + column.n_shapes
        assert keys == list(range(len(self.keys)))
        assert (child, lane, shape) == (len(self.columns), len(self.lanes), len(self.shapes))

    def buffers(self):
        """Where each begins and how long it is, in their order."""
        def ranked(n):
            return 8 * ((n + 63) // 64) + 4 * ((n + 255) // 256)

        for column in self.columns:
            presence = 0, ranked(column.n_rows), 4 * column.n_values
            yield column.presence_offset, presence[column.presence]
            for lane in self.lanes_of(column):
                yield lane.slots_offset, ranked(column.n_values) if lane.slots_offset else 0
                yield lane.offset_a, 0 if lane.encoding == RUNS else lane.size_a
                yield lane.offset_b, lane.size_b
                yield lane.offset_c, lane.size_c

    def check_buffers(self):
        """One after the other, with as few zeros between them as there can be."""
        end = self.header.shapes_offset + 4 * (len(self.shapes) + 1 + sum(map(len, self.shapes)))
        for offset, size in self.buffers():
            start = (end + 15) // 64 * 64 + 48
            assert offset == (start if size else 0)
            if size:
                assert not any(self.data[end:start])
                end = start + size
        assert not any(self.data[end:])
        assert len(self.data) == (max(end, 2048) + 15) // 64 * 64 + 48

    def check_digests(self):
        """Of all bytes; or of the directory, and of each column's buffers up to those of the next."""
        starts = []
        if self.header.flags & 1:
            for column in self.columns:
                offsets = [column.presence_offset]
                for lane in self.lanes_of(column):
                    offsets += lane.slots_offset, lane.offset_a, lane.offset_b, lane.offset_c
                starts.append(next((offset for offset in offsets if offset), 0))
        ends = [start for start in starts if start] + [len(self.data)]
        assert self.header.digest == xxh3_64(self.data[64:ends[0]], xxh3_64(self.data[:56]))
        assert ends[0] == self.header.data_offset or ends[1:] == []
        for i, column in enumerate(self.columns):
            if starts and starts[i]:
                end = ends[ends.index(starts[i]) + 1]
                assert column.digest == xxh3_64(self.data[starts[i]:end], i)
            else:
                assert column.digest == 0

    def lanes_of(self, column):
        return self.lanes[column.first_lane:column.first_lane + column.n_lanes]

    def bitmap(self, offset, n):
        assert offset % 64 == 48
        if offset not in self.bitmaps:
            self.bitmaps[offset] = Bitmap(self.data, offset, n)
        return self.bitmaps[offset]

    def slot(self, column, row):
        if column.presence == 0:
            return row
        if column.presence == 1:
            bits = self.bitmap(column.presence_offset, column.n_rows)
            return bits.rank(row) if bits.has(row) else None
        assert column.presence == 2
        rows = [load(self.data, column.presence_offset + 4 * i, 4)
                for i in range(column.n_values)]
        return rows.index(row) if row in rows else None

    def span(self, lane, n, i):
        """Where run i of n begins and ends."""
        assert lane.offset_b % 64 == 48
        if lane.span_width == 4:
            return (load(self.data, lane.offset_b + 4 * i, 4),
                    load(self.data, lane.offset_b + 4 * i + 4, 4))
        anchors = lane.offset_b + (n * lane.span_width + 3) // 4 * 4
        first = i // 16 * 16
        lengths = [load(self.data, lane.offset_b + lane.span_width * j, lane.span_width)
                   for j in range(first, i + 1)]
        start = load(self.data, anchors + 4 * (first // 16), 4) + sum(lengths[:-1])
        return start, start + lengths[-1]

    def number(self, lane, i):
        assert lane.width == 0 or lane.offset_a % 64 == 48
        return load(self.data, lane.offset_a + lane.width * i, lane.width)

    def text(self, lane, i):
        if lane.encoding == DICTIONARY:
            start, end = self.span(lane, lane.n_distinct, self.number(lane, i))
            return self.data[lane.offset_c + start:lane.offset_c + end].decode()
        assert lane.encoding == SPANS
        start, end = self.span(lane, lane.count, i)
        return self.data[lane.offset_a + start:lane.offset_a + end].decode()

    def find(self, column, row):
        """The lane and index of the value in a row; None where it is null."""
        slot = self.slot(column, row)
        assert slot is not None
        for lane in self.lanes_of(column):
            if lane.slots_offset == 0:
                return lane, slot
            slots = self.bitmap(lane.slots_offset, column.n_values)
            if slots.has(slot):
                return lane, slots.rank(slot)
        return None, 0

    def json(self, number, row):
        """The text of the value in a row of a column."""
        column = self.columns[number]
        lane, i = self.find(column, row)
        if lane is None:
            return 'null'
        if lane.kind == BOOL:
            return 'true' if self.data[lane.offset_a + i // 8] >> i % 8 & 1 else 'false'
        if lane.kind in (INT64, UINT64):
            least = int.from_bytes(lane.min, 'little', signed=lane.kind == INT64)
            return str(least + self.number(lane, i))
        if lane.kind == DOUBLE:
            return repr(struct.unpack_from('<d', self.data, lane.offset_a + 8 * i)[0])
        if lane.kind == STRING:
            return json.dumps(self.text(lane, i))
        if lane.kind in (NUMBER, OVERFLOW):
            return self.text(lane, i)
        if lane.kind == ARRAY:
            elements = column.first_child + column.n_fields
            return '[%s]' % ','.join(self.json(elements, j)
                                     for j in range(*self.span(lane, lane.count, i)))
        assert lane.kind == OBJECT
        fields = self.shapes[column.first_shape + self.number(lane, i)]
        return '{%s}' % ','.join('%s:%s' % (json.dumps(self.keys[self.columns[field].key].decode()),
                                            self.json(field, i)) for field in fields)

    def trees(self):
        return [self.json(0, i) for i in range(self.header.n_trees)]


def parse(text):
    """A value that is equal to another one just where their kinds, values and key order are."""

    def read_int(digits):
        number = int(digits)
        return ('int', number) if -2**63 <= number < 2**64 else ('number', digits)

    def read_float(digits):
        number = float(digits)
        is_zero = not any(c in '123456789' for c in digits.lower().split('e')[0])
        if math.isinf(number) or (number == 0 and not is_zero):
            return ('number', digits)
        return ('double', struct.pack('<d', number))

    return json.loads(text, parse_int=read_int, parse_float=read_float,
                      object_pairs_hook=lambda pairs: ('object', list(dict(pairs).items())))


def main():
    arguments = sys.argv[1:]
    sys.setrecursionlimit(10000)
    if len(arguments) == 1:
        with open(arguments[0], 'rb') as batch:
            print('\n'.join(Batch(batch.read()).trees()))
        return
    if len(arguments) < 3 or arguments[0] != '--compare':
        sys.exit(__doc__)

    with open(arguments[1], encoding='utf-8') as lines:
        expected = lines.read().split('\n')[:-1]
    for path in arguments[2:]:
        with open(path, 'rb') as batch:
            compare(expected, Batch(batch.read()).trees())


def compare(expected, found):
    for i, (left, right) in enumerate(zip(expected, found)):
        if parse(left) != parse(right):
            sys.exit('tree %d is\n%s\nand should be\n%s' % (i, right, left))
    if len(expected) != len(found):
        sys.exit('%d trees, expected %d' % (len(found), len(expected)))
    print('%d trees, all as they should be' % len(found))


main()
