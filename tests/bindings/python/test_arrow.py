"""Arrow by PyCapsules: what an arbor hands out, read by code that knows the format alone, and what it takes.
What other engines say of it is asked by arrow_engines.py.
"""

import ctypes
import gc
import json
import os
import random
import resource
import threading
import unittest

import arrow_reader
from support import Arbor, Gio, StoreTestCase

ROWS = [
    {"i": 1, "d": 1.5, "s": "x", "b": True, "u": 2 ** 64 - 1, "m": [1, "a"], "o": {"x": 1, "y": [1.5]}},
    {"i": -2 ** 63, "d": 2.0, "s": "y\0z", "b": False, "u": 0, "m": "text", "o": {"x": None, "y": []}},
    {"i": None, "d": -0.25, "s": "", "b": None, "u": 7, "m": 10 ** 40, "o": None},
    {},
]
NAMES = list(ROWS[0])


def filled(row):
    return {name: row.get(name) for name in NAMES}


class Wrapped:
    """Another library's table."""

    def __init__(self, source):
        self.source = source
        self.requested = []

    def __arrow_c_stream__(self, requested_schema=None):
        self.requested.append(requested_schema)
        return self.source.__arrow_c_stream__(requested_schema)


class Single:
    def __init__(self, source):
        self.source = source

    def __arrow_c_array__(self, requested_schema=None):
        return self.source.__arrow_c_array__(requested_schema)


class Arrow(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.store["rows"] = ROWS
        self.rows = self.store["rows"]

    def test_out(self):
        expected = [filled(row) for row in ROWS]
        for arbor in (self.rows, Arbor.from_python(ROWS), self.rows[::-1][::-1], self.rows.lazy()):
            self.assertEqual(arrow_reader.read(arbor), expected)
        self.assertEqual(arrow_reader.read(self.rows.filter("i == 1")), [ROWS[0]])
        self.assertEqual(arrow_reader.read(self.rows.filter("i == 99")), [])

    def test_in(self):
        for source in (self.rows, Wrapped(self.rows), self.rows.lazy()):
            self.assertEqual(Arbor.Arbor.from_arrow(source).to_python(), [filled(row) for row in ROWS])
        for name in NAMES:
            column = self.rows.column(name)
            self.assertEqual(Arbor.Arbor.from_arrow(column).to_python(), list(column))
            self.assertEqual(Arbor.Arbor.from_arrow(Single(column)).to_python(), list(column))

    def test_trees_that_are_no_objects(self):
        for trees in ([1, 2, None], ["x", {"a": 1}], [[1], []], [None], []):
            self.assertEqual(Arbor.Arbor.from_arrow(Arbor.from_python(trees)).to_python(), trees)

    def test_wherever_values_are_taken(self):
        table = Wrapped(self.rows)
        expected = [filled(row) for row in ROWS]
        self.store.put("a", table)
        self.store.append("a", table)
        self.assertEqual(self.store["a"].to_python(), 2 * expected)
        self.store["b"] = table
        self.assertEqual(self.store["b"].to_python(), expected)
        self.assertEqual(self.store["b"].append(table).to_python(), 2 * expected)
        self.assertEqual(Arbor.Arbor.concat([table, table]).to_python(), 2 * expected)
        self.assertEqual(len(self.store["b"].join(table, "i")), 2)
        with self.store.transaction() as transaction:
            transaction.put("c", table)
            transaction.commit()
        self.assertEqual(self.store["c"].to_python(), expected)

    def test_schema(self):
        schema = self.rows.__arrow_c_schema__()
        table = Wrapped(self.rows)
        capsule = table.__arrow_c_stream__(schema)
        stream = arrow_reader.stream_of(capsule)
        found = arrow_reader.schema_of(stream)
        self.assertEqual([found.children[i][0].name.decode() for i in range(found.n_children)], NAMES)
        self.assertEqual([found.children[i][0].format for i in range(found.n_children)],
                         [b"l", b"g", b"u", b"b", b"L", b"u", b"+s"])
        arrow_reader.release(found)
        # Fewer trees, and yet the columns that were asked for.
        few = self.rows.filter("i == 1").__arrow_c_stream__(schema)
        found = arrow_reader.schema_of(arrow_reader.stream_of(few))
        self.assertEqual(found.n_children, len(NAMES))
        arrow_reader.release(found)
        self.assertRaises(TypeError, self.rows.__arrow_c_stream__, 5)
        self.assertRaises(TypeError, self.rows.__arrow_c_stream__, self.rows.__arrow_c_stream__())

    def test_capsules_are_consumed_once(self):
        capsule = self.rows.__arrow_c_stream__()

        class Once:
            def __arrow_c_stream__(self, requested_schema=None):
                return capsule

        self.assertEqual(len(Arbor.Arbor.from_arrow(Once())), len(ROWS))
        self.assertRaises(ValueError, Arbor.Arbor.from_arrow, Once())
        schema = self.rows.__arrow_c_schema__()
        consumed = arrow_reader.Schema.from_address(arrow_reader.get_pointer(schema, b"arrow_schema"))
        arrow_reader.release(consumed)
        self.assertRaises(ValueError, self.rows.__arrow_c_stream__, schema)

    def test_wrong_objects(self):
        class Wrong:
            def __arrow_c_stream__(self, requested_schema=None):
                return 5

        class Failing:
            def __arrow_c_stream__(self, requested_schema=None):
                raise KeyError("none")

        self.assertRaises(TypeError, Arbor.Arbor.from_arrow, Wrong())
        self.assertRaises(KeyError, Arbor.Arbor.from_arrow, Failing())
        self.assertRaises(KeyError, self.store.put, "x", Failing())
        self.assertNotIn("x", self.store)
        for value in (None, 1, "x", [1], {"a": 1}, Arbor.Arbor, self.store):
            self.assertRaises(TypeError, Arbor.Arbor.from_arrow, value)

    def test_closed(self):
        self.store["many"] = [{"i": i} for i in range(40000)]
        many = self.store["many"]
        capsule = many.__arrow_c_stream__()
        stream = arrow_reader.stream_of(capsule)
        schema = arrow_reader.schema_of(stream)
        array = arrow_reader.next_of(stream)
        self.store.close()
        with self.assertRaisesRegex(OSError, "closed"):
            arrow_reader.next_of(stream)
        self.assertEqual([row["i"] for row in arrow_reader.values(schema, array)],
                         list(range(array.length)))
        arrow_reader.release(array)
        arrow_reader.release(schema)
        self.assert_closed(many.__arrow_c_stream__)
        self.assert_closed(many.__arrow_c_schema__)
        self.assert_raises(Arbor.ClosedError, "ArborStore has not been opened", Arbor.Arbor().__arrow_c_stream__)

        class Half:
            def __arrow_c_stream__(self, requested_schema=None):
                return capsule

        with self.assertRaisesRegex(Exception, "closed"):
            Arbor.Arbor.from_arrow(Half())

    def test_cancelled(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.assertRaisesRegex(Exception, "cancelled"):
            Arbor.Arbor.from_arrow(Wrapped(self.rows), cancellable)

    def test_threads(self):
        found = []

        def work():
            found.append(Arbor.Arbor.from_arrow(Wrapped(self.rows)).to_python())

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, 8 * [[filled(row) for row in ROWS]])

    def test_nothing_is_left(self):
        def turn():
            for _ in range(3000):
                self.rows.__arrow_c_stream__()
                self.rows.__arrow_c_schema__()
            gc.collect()

        turn()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        turn()
        turn()
        # A sanitizer keeps what was freed for a while.
        if "ASAN_OPTIONS" not in os.environ:
            self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 4096)


class Random(unittest.TestCase):
    """Random trees, read by other code than the library's."""

    def make(self, random_, depth):
        kind = random_.randrange(9 if depth < 3 else 7)
        if kind < 5:
            return [None, random_.random() < 0.5, random_.randrange(-100, 100), random_.uniform(-9, 9),
                    "t%d" % random_.randrange(5)][kind]
        if kind < 7:
            return random_.randrange(2 ** 40)
        if kind == 7:
            return [self.make(random_, depth + 1) for _ in range(random_.randrange(4))]
        return {"k%d" % random_.randrange(4): self.make(random_, depth + 1) for _ in range(random_.randrange(4))}

    def fits(self, value, expected):
        """Whether a value is what came of another: missing is None, and integers may be doubles."""
        if isinstance(expected, dict) and isinstance(value, dict):
            return (set(expected) <= set(value) and
                    all(self.fits(found, expected.get(key)) for key, found in value.items()))
        if isinstance(expected, list) and isinstance(value, list):
            return len(value) == len(expected) and all(map(self.fits, value, expected))
        if isinstance(expected, bool) or isinstance(value, bool):
            return value is expected
        return value == expected

    def test(self):
        seed = int(os.environ.get("ARBOR_RANDOM_SEED", "1"))
        for round_ in range(seed, seed + 60):
            random_ = random.Random(round_)
            stable = [lambda r: r.randrange(9), lambda r: r.choice(["a", "b", None]), lambda r: r.random(),
                      lambda r: [r.randrange(5) for _ in range(r.randrange(3))],
                      lambda r: {"p": r.randrange(3), "q": {"r": r.choice("xyz")}}]
            trees = [{"a%d" % i: make(random_) for i, make in enumerate(stable) if random_.random() < 0.9}
                     for _ in range(random_.randrange(1, 300))]
            if round_ % 2 == 0:
                for tree in trees:
                    tree["w"] = self.make(random_, 0)
            arbor = Arbor.from_python(trees)
            for source in (arbor, arbor.shuffle(1).sort_by("a0"), arbor.filter("a0 > 4"),
                           arbor.select("a1", "a4.q", x="a0 * 2.5")):
                expected = [json.loads(line) for line in source.to_jsonl().splitlines()]
                found = arrow_reader.read(source)
                self.assertEqual(len(found), len(expected))
                for value, tree in zip(found, expected):
                    self.assertTrue(self.fits(value, tree), (round_, value, tree))


if __name__ == "__main__":
    unittest.main()
