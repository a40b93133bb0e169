"""Columns, which are buffers and sequences that nothing closes, and cursors."""

import asyncio
import math
import struct
import unittest

from support import Arbor, StoreTestCase

VALUES = [
    {"i": 1, "d": 1.5, "n": 1, "s": "x", "b": True, "u": 2 ** 64 - 1, "m": [1, {"a": None}]},
    {"i": -2 ** 63, "n": 2.0, "s": "y\0z", "b": False, "u": 0, "m": "text"},
    {"i": None, "d": -0.25, "s": "x", "u": 7, "m": 10 ** 40},
    {"i": 9007199254740993, "d": 3.0, "b": None, "u": 1},
]


class Columns(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.store["values"] = VALUES
        self.values = self.store["values"]

    def test_lists(self):
        for values in (self.values, Arbor.from_python(VALUES), self.values.filter("u >= 0"),
                       self.values[::-1][::-1]):
            for name in ("i", "d", "n", "s", "b", "u", "m", "none"):
                expected = [value.get(name) for value in VALUES]
                column = values.column(name)
                self.assertEqual(column.to_list(), expected)
                self.assertEqual([type(value) for value in column],
                                 [type(value) for value in expected])
                self.assertEqual(list(column), expected)
                self.assertEqual([column[i] for i in range(4)], expected)
                self.assertEqual(column[-1:], expected[-1:])
                self.assertEqual(len(column), 4)

    def test_buffers(self):
        column = self.values.column("i")
        buffer = column.to_memoryview()
        self.assertEqual(buffer.format, "q")
        self.assertEqual(buffer.tolist(), [1, -2 ** 63, 0, 9007199254740993])
        self.assertEqual(bytes(buffer), struct.pack("=4q", 1, -2 ** 63, 0, 9007199254740993))
        self.assertEqual(column.get_layout(), Arbor.ColumnLayout.INT64)
        self.assert_raises(Arbor.OutOfRangeError,
                           "The number 9007199254740993 at 'i' is not exactly a double",
                           column.to_memoryview, "d")
        doubles = self.values.column("d").to_memoryview()
        self.assertEqual(doubles.format, "d")
        self.assertTrue(math.isnan(doubles[1]))
        self.assertEqual([doubles[0], doubles[2], doubles[3]], [1.5, -0.25, 3.0])
        self.assertEqual(self.values.column("n").to_memoryview("q").tolist(), [1, 2, 0, 0])
        self.assertEqual(self.values.column("u").to_memoryview().tolist(),
                         [2 ** 64 - 1, 0, 7, 1])
        self.assertEqual(self.values.column("b").to_memoryview().tolist(),
                         [True, False, False, False])
        self.assertEqual(self.values.column("none").to_memoryview("d").format, "d")
        self.assertEqual(len(self.values.head(0).column("i").to_memoryview()), 0)
        with self.assertRaises(ValueError):
            column.to_memoryview("h")
        with self.assertRaises(Arbor.WrongTypeError):
            self.values.column("m").to_memoryview()

    def test_strings(self):
        column = self.values.column("s")
        self.assertEqual(column.dictionary(), ["x", "y\0z"])
        self.assertEqual(column.to_memoryview().tolist(), [0, 1, 0, -1])
        self.assertEqual(column.dup_bytes().get_data(), b"xy\0zx")
        self.assertEqual(memoryview(column.dup_offsets().get_data()).cast("q").tolist(),
                         [0, 1, 4, 5, 5])
        with self.assertRaises(Arbor.WrongTypeError):
            column.dup_dictionary()
        self.assertEqual(self.values.filter("i == 1").column("s").dup_dictionary(), ["x"])

    def test_rows_without_values(self):
        column = self.values.column("i")
        self.assertEqual(column.dup_presence().get_data(), b"\x0f")
        self.assertEqual(column.dup_validity().get_data(), b"\x0b")
        self.assertEqual(self.values.column("d").dup_presence().get_data(), b"\x0d")
        self.assertEqual(list(column.dup_kinds().get_data()), [3, 3, 1, 3])
        self.assertEqual(column.get_count(Arbor.Kind.NULL), 1)

    def test_statistics(self):
        self.assertEqual(self.values.column("u").statistics(),
                         {"count": 4, "nulls": 0, "missing": 0, "distinct": 4, "min": 0,
                          "max": 2 ** 64 - 1, "sum": float(2 ** 64), "mean": float(2 ** 62)})
        self.assertEqual(self.values.column("s").statistics()["distinct"], 2)
        self.assertEqual(repr(self.values.column("s")), "<ArborColumn 's', string, 4 rows>")

    def test_expressions(self):
        self.assertEqual(self.values.column(Arbor.path("u") + 1).to_list(),
                         [float(2 ** 64), 1, 8, 2])
        self.assertEqual(self.values.column(Arbor.Expr.parse("i * 1.0")).to_memoryview()[3],
                         2.0 ** 53)

    def test_errors(self):
        with self.assertRaises(Arbor.ExpressionError):
            self.values.column("i[")
        with self.assertRaises(Arbor.CardinalityError):
            self.values.column("m[*]")
        with self.assertRaises(TypeError):
            self.values.column(1)

    def test_closing(self):
        column = self.values.column("i")
        buffer = column.to_memoryview()
        self.store["values"] = []
        with self.assertRaises(Arbor.StaleError):
            self.values.column("i")
        self.store.close()
        self.assert_closed(self.values.column, "i")
        self.assertEqual(column.to_list(), [1, -2 ** 63, None, 9007199254740993])
        self.assertEqual(buffer[0], 1)
        self.assertEqual(column.statistics()["count"], 3)

    def test_coroutine(self):
        async def read():
            return (await self.values.column_async("n")).to_list()
        self.assertEqual(asyncio.run(read()), [1, 2.0, None, None])


class Cursors(StoreTestCase):
    def test_reading(self):
        with self.people.cursor("height", "name.last", "tags[-1]") as cursor:
            found = []
            while cursor.next():
                found.append((cursor.get_position(), cursor.get(0), cursor.get(1, "?"),
                              cursor.get(2, "none"), cursor.dup_tree()["name"]["first"]))
            self.assertEqual(found, [(0, 66, "Byron", "poetry", "Ada"), (1, 81, "Ek", "none", "Bo"),
                                     (2, 82.5, "Young", "none", "Cy"),
                                     (3, None, None, "ball", "Di")])
            cursor.seek(1)
            self.assertEqual(cursor.get_int64(0), 81)
            self.assertEqual(cursor.dup_string(1), "Ek")
            self.assertEqual(cursor.get_kind(2), Arbor.Kind.MISSING)
            self.assert_raises(Arbor.NotFoundError, "The tree has nothing at 'tags[-1]'",
                               cursor.dup_string, 2)
            self.assert_raises(Arbor.WrongTypeError, "Expected a number at 'name.last', found string",
                               cursor.get_double, 1)
            cursor.seek(2)
            self.assert_raises(Arbor.OutOfRangeError,
                               "The number 82.5 at 'height' is not exactly a gint64",
                               cursor.get_int64, 0)
            self.assert_raises(Arbor.OutOfRangeError,
                               "Index 4 is out of range: the arbor has 4 trees", cursor.seek, 4)
            cursor.rewind()
            self.assertEqual(cursor.get_position(), -1)
        self.assert_raises(Arbor.ClosedError, "ArborCursor has been closed", cursor.next)

    def test_closing(self):
        cursors = [self.people.cursor("height"), self.people.filter("height > 1").cursor("height"),
                   self.people.sort_by("height").cursor("height")]
        for cursor in cursors:
            cursor.next()
        self.store["people"] = []
        for cursor in cursors:
            self.assertEqual(cursor.get(0), 66)
            self.assertTrue(cursor.next())
        self.assertFalse(cursors[0].is_closed())
        self.store.close()
        for cursor in cursors:
            self.assertTrue(cursor.is_closed())
            self.assert_closed(cursor.get_int64, 0)
            self.assert_closed(cursor.get, 0)
            self.assert_closed(cursor.next)

    def test_not_opened(self):
        self.assert_raises(Arbor.ClosedError, "ArborStore has not been opened", Arbor.Cursor().next)


if __name__ == "__main__":
    unittest.main()
