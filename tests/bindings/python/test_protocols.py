"""What Python expects of its containers: the protocol of a mapping, copying and pickling, `async with`,
values of its libraries, tables for notebooks, signatures."""

import asyncio
import copy
import dataclasses
import datetime
import decimal
import inspect
import pickle
import types
import unittest
from collections.abc import MutableMapping
from unittest import mock

import numpy
from gi.repository import GLib

from support import Arbor, StoreTestCase

ROWS = [{"a": 1, "b": "<x>"}, {"a": 2}]


@dataclasses.dataclass
class Person:
    name: str
    born: datetime.date


class MappingTest(StoreTestCase):
    def check(self, names):
        self.assertIsInstance(names, MutableMapping)
        names.update({"x": [1, 2]}, y=ROWS)
        names |= {"z": [3]}
        self.assertEqual(list(names.keys()), ["x", "y", "z"])
        self.assertEqual(names.pop("x").to_python(), [1, 2])
        self.assertEqual(names.pop("x", None), None)
        with self.assertRaises(KeyError):
            names.pop("x")
        self.assertEqual(names.setdefault("y", [5]).to_python(), ROWS)
        self.assertEqual(names.setdefault("q", [5]).to_python(), [5])
        name, arbor = names.popitem()
        self.assertEqual((name, arbor.to_python()), ("z", [3]))
        names.update([("p", [6])])
        self.assertEqual(list(names), ["p", "q", "y"])
        names.clear()
        self.assertEqual(len(names), 0)
        with self.assertRaises(KeyError):
            names.popitem()
        with self.assertRaises(TypeError):
            names.update({}, {})

    def test_store(self):
        for name in self.store.list_names():
            del self.store[name]
        self.check(self.store)

    def test_transaction(self):
        for name in self.store.list_names():
            del self.store[name]
        with self.store.transaction() as transaction:
            self.check(transaction)
            transaction.rollback()

    def test_one_commit(self):
        with mock.patch.object(type(self.store), "put", side_effect=AssertionError):
            self.store.update(u=[1], v=[2])
        self.assertEqual(self.store["u"].to_python() + self.store["v"].to_python(), [1, 2])


class CopyTest(StoreTestCase):
    def test_pickle(self):
        self.store["rows"] = ROWS
        stored = self.store["rows"]
        expr = (Arbor.path("a") > 1) & ~Arbor.path("b").exists()
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            back = pickle.loads(pickle.dumps([stored, stored[0], expr], protocol))
            self.assertEqual(back[0].to_python(), ROWS)
            self.assertEqual(back[1], ROWS[0])
            self.assertTrue(back[2].equal(expr))
        self.store.close()
        self.assertEqual(back[0].to_python(), ROWS)
        with self.assertRaises(Arbor.ClosedError):
            pickle.dumps(stored)

    def test_copy(self):
        self.store["rows"] = ROWS
        stored = self.store["rows"]
        self.assertIs(copy.copy(stored), stored)
        deep = copy.deepcopy({"arbor": stored, "tree": stored[0]})
        self.store.close()
        self.assertEqual(deep["arbor"].to_python(), ROWS)
        self.assertEqual(deep["tree"], ROWS[0])

    def test_others_say_that_they_cannot(self):
        self.store["rows"] = ROWS
        arbor = self.store["rows"]
        for thing in (self.store, self.store.dup_close_token(), arbor.iterator(), arbor.cursor("a"),
                      arbor.column("a"), arbor.group_by("a"), arbor.index_by("a"), arbor.lazy()):
            for use in (pickle.dumps, copy.copy, copy.deepcopy):
                with self.assertRaises(TypeError, msg="%s %s" % (use, thing)):
                    use(thing)


class AsyncWithTest(StoreTestCase):
    def test_store(self):
        async def run():
            async with await Arbor.Store.open_async(self.path + "-2", create=True) as store:
                store["rows"] = ROWS
                async with store.transaction() as transaction:
                    transaction["more"] = [1]
                    transaction.commit()
                with self.assertRaises(RuntimeError):
                    async with store.transaction() as transaction:
                        transaction["lost"] = [1]
                async with store["rows"].iterator() as trees:
                    first = next(trees)
                self.assertTrue(trees.is_closed())
                self.assertEqual(first, ROWS[0])
            return store
        store = asyncio.run(run())
        self.assertTrue(store.is_closed())


class ValueTest(unittest.TestCase):
    VALUES = [
        (datetime.date(2024, 2, 29), "2024-02-29"),
        (datetime.datetime(2024, 2, 29, 1, 2, 3), "2024-02-29T01:02:03"),
        (datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc), "2024-02-29T00:00:00Z"),
        (datetime.time(1, 2), "01:02:00"),
        (decimal.Decimal("1e400"), decimal.Decimal("1e400")),
        (Person("Ek", datetime.date(1990, 1, 2)), {"name": "Ek", "born": "1990-01-02"}),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        (numpy.int64(2 ** 62), 2 ** 62),
        (numpy.uint64(2 ** 64 - 1), 2 ** 64 - 1),
        (numpy.float32(0.5), 0.5),
        (numpy.float64(0.5), 0.5),
        (numpy.bool_(True), True),
        (numpy.str_("x"), "x"),
        (numpy.arange(3), [0, 1, 2]),
        (GLib.Variant("a{sv}", {"a": GLib.Variant("i", 1)}), {"a": 1}),
        (GLib.DateTime.new_utc(2024, 2, 29, 1, 2, 3), "2024-02-29T01:02:03Z"),
    ]

    def test_trees(self):
        for value, expected in self.VALUES:
            with self.subTest(value=value):
                self.assertEqual(Arbor.Tree.new(value), expected)
                tree = Arbor.from_python([{"x": [value, decimal.Decimal(1)]}])[0]
                self.assertEqual(tree.to_python(), {"x": [expected, 1]})

    def test_literals(self):
        trees = Arbor.from_python([{"x": expected} for _, expected in self.VALUES])
        for i, (value, expected) in enumerate(self.VALUES):
            with self.subTest(value=value):
                self.assertTrue(trees.select(y=Arbor.path("x") == Arbor.lit(value))[i]["y"])

    def test_dates_are_dates(self):
        tree = Arbor.from_python([{"born": datetime.date(1990, 5, 6)}])
        self.assertEqual(tree.filter("year(born) == 1990").get_n_trees(), 1)
        self.assertEqual(len(tree.filter(Arbor.path("born") > datetime.date(1990, 1, 1))), 1)

    def test_refused(self):
        for value in (object(), {1, 2}, b"x", float("nan"), numpy.float64("nan"), Person,
                      {"a": object()}, [1j], numpy.array([1j])):
            with self.subTest(value=value), self.assertRaises((TypeError, ValueError)):
                Arbor.Tree.new(value)


class ExprTest(unittest.TestCase):
    def test_places(self):
        evil = "x' or true or '\" or true ?"
        rows = Arbor.from_python([{"n": evil, "a": 6}, {"n": "x", "a": 7}])
        found = rows.filter(Arbor.expr("a > ? and n == ?", 5, evil))
        self.assertEqual(found.to_python(), [{"n": evil, "a": 6}])
        self.assertEqual(len(rows.filter(Arbor.expr("? > 6", Arbor.path("a")))), 1)
        self.assertEqual(len(rows.filter(Arbor.expr("a == ?", 2 ** 70))), 0)
        self.assertEqual(rows.filter(Arbor.expr("a in ?", [7, "8"])).to_python(), [{"n": "x", "a": 7}])
        self.assertEqual(str(Arbor.expr("a not in ? and b", ("'", 1))), "not a in [\"'\", 1] and b")
        with self.assertRaisesRegex(Arbor.ExpressionError, "a list of values for the place behind 'in'"):
            Arbor.expr("a in ?", "7")
        with self.assertRaisesRegex(Arbor.ExpressionError, "0 places for 1 values"):
            Arbor.expr("n == '?'", 1)
        with self.assertRaisesRegex(Arbor.ExpressionError, "a place more than the 0 values"):
            Arbor.expr("n == ?")
        with self.assertRaisesRegex(TypeError, "expected the text of an expression, found int"):
            Arbor.expr(5)
        with self.assertRaises(TypeError):
            Arbor.expr("a == ?", object())


class HtmlTest(StoreTestCase):
    def test_tables(self):
        arbor = Arbor.from_python(ROWS)
        table = arbor._repr_html_()
        self.assertIn("<tr><td>1</td><td>&lt;x&gt;</td></tr><tr><td>2</td><td></td></tr>", table)
        self.assertIn("<th>a</th><th>b</th>", table)
        self.assertIn("<td>2</td><td>1</td>", arbor.group_by("a")._repr_html_())
        self.assertIn("<td>a</td><td>int64: 2</td><td>no</td>", arbor.infer_schema()._repr_html_())
        self.assertIn("<td>&lt;x&gt;</td>", arbor.column("b")._repr_html_())
        self.assertIn("<td>2</td>", arbor.lazy().filter("a == 2")._repr_html_())
        self.assertIn("<td>page_size</td><td>4096</td>", self.store.get_stats()._repr_html_())
        self.assertIn("<th>value</th>", Arbor.from_python([1, None])._repr_html_())

    def test_closed(self):
        self.store["rows"] = ROWS
        arbor = self.store["rows"]
        things = [arbor, arbor.group_by("a"), arbor.lazy()]
        self.store.close()
        for thing in things:
            self.assertIn("closed", thing._repr_html_())


class SchemaTest(unittest.TestCase):
    def test_fields(self):
        schema = Arbor.from_python(ROWS).infer_schema()
        self.assertEqual(schema.to_python(), [
            {"path": "a", "kinds": {"int64": 2}, "optional": False},
            {"path": "b", "kinds": {"string": 1}, "optional": True}])
        self.assertEqual((len(schema), schema[-1]["path"]), (2, "b"))
        with self.assertRaises(IndexError):
            schema[2]
        self.assertEqual(repr(schema), "<ArborSchema (2 fields of 2 trees)>")


class SignatureTest(unittest.TestCase):
    def test_plain(self):
        for function, expected in (
                (Arbor.Arbor.slice, "(self, start, n_trees)"),
                (Arbor.Store.rename, "(self, name, new_name, cancellable=None)"),
                (Arbor.Arbor.materialize, "(self, cancellable=None)"),
                (Arbor.Expr.parse, "(text)"),
                (Arbor.Expr.round, "(self, digits=None)"),
                (Arbor.Expr.is_between, "(self, low, high)"),
                (Arbor.Store.put_async, "(self, name, values, cancellable=None, callback=None, "
                                        "*user_data)")):
            self.assertEqual(str(inspect.signature(function)), expected, function)

    def test_every_method_has_one(self):
        for name in dir(Arbor):
            thing = getattr(Arbor, name)
            if inspect.isclass(thing):
                for member, value in vars(thing).items():
                    if not member.startswith("_") and inspect.isfunction(value):
                        self.assertNotEqual(str(inspect.signature(value)), "(*args, **kwargs)",
                                            "%s.%s" % (name, member))


if __name__ == "__main__":
    unittest.main()
