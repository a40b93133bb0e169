"""Columns, which are buffers and sequences that nothing closes, and cursors."""

import asyncio
import math
import struct
import subprocess
import sys
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
                              cursor.get(2, "none"), cursor.get_tree()["name"]["first"]))
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


class Numpy(unittest.TestCase):
    """np.asarray is right for every layout; what stands where there is no value is said."""

    def check(self, values, dtype, expected=None, **how):
        import numpy
        column = Arbor.from_python([{"x": v} if v is not ... else {} for v in values]).column("x")
        array = column.to_numpy(**how)
        self.assertEqual(array.dtype, numpy.dtype(dtype))
        self.assertEqual([None if v != v else v for v in array.tolist()],
                         values if expected is None else expected)
        if not how:
            self.assertEqual(numpy.asarray(column).dtype, numpy.dtype(dtype))
            self.assertEqual(str(numpy.asarray(column)), str(array))
        return array

    def test_layouts(self):
        self.check([1, -2, 3], "i8")
        self.check([2 ** 64 - 1, 2 ** 63], "u8")
        self.check([1.5, 2.5], "f8")
        self.check([True, False], "?")
        self.check(["a", "b", "a", "\u00e9\0"], "O")
        self.check([[1, 2], [3], {"a": None}], "O")
        self.check([[1, 2], [3, 4]], "O")
        self.check([1, "a", None], "O")
        self.check([], "O")

    def test_nothing(self):
        self.check([1, None, ..., 3], "f8", [1, None, None, 3])
        self.check([2 ** 53 + 1, None], "O", [2 ** 53 + 1, None])
        self.check([2 ** 64 - 1, None], "O")
        self.check([1.5, None, ...], "f8", [1.5, None, None])
        self.check([True, None, ...], "O", [True, None, None])
        self.check(["a", None, ...], "O", ["a", None, None])
        self.check([None, ...], "O", [None, None])

    def test_masks(self):
        array = self.check([0, None, ..., 2 ** 53 + 1], "i8", [0, None, None, 2 ** 53 + 1],
                           missing="mask")
        self.assertEqual(array.mask.tolist(), [False, True, True, False])
        self.check([True, None], "?", [True, None], missing="mask")
        self.check([1, None, 2], "f8", [1, None, 2], missing="nan")
        self.check([1, "a", None, True], "f8", [1, None, None, None], missing="nan")
        with self.assertRaises(TypeError):
            Arbor.from_python([1]).column("").to_numpy(missing="zero")

    def test_types(self):
        import numpy
        column = Arbor.from_python([1, 2]).column("")
        self.assertEqual(numpy.asarray(column, dtype="f4").dtype, numpy.dtype("f4"))
        self.assertEqual(numpy.array(column).sum(), 3)


class WithoutNumpy(unittest.TestCase):
    def test_columns(self):
        """In a process that has none."""
        script = """if True:
            import sys
            sys.modules["numpy"] = None
            import gi
            gi.require_version("Arbor", "1.0")
            from gi.repository import Arbor
            column = Arbor.from_python([1, None]).column("")
            assert column.to_list() == [1, None] and column.to_memoryview().tolist() == [1, 0]
            try:
                column.to_numpy()
            except ImportError:
                sys.exit(7)
        """
        self.assertEqual(subprocess.run([sys.executable, "-c", script]).returncode, 7)


if __name__ == "__main__":
    unittest.main()
