"""New trees out of old ones, and arbors put together."""

import unittest

from gi.repository import Gio, GLib

from support import PEOPLE, Arbor, StoreTestCase


class Fields(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.lines = Arbor.from_python([{"a": 1, "b": {"c": [1, 2]}}, {"b": {"c": []}}, {"a": 3}])

    def test_select(self):
        self.assertEqual(self.lines.select("a", "b.c[0]", twice="a * 2").to_python(),
                         [{"a": 1, "b.c[0]": 1, "twice": 2}, {"twice": None}, {"a": 3, "twice": 6}])
        self.assertEqual(self.lines.select({"x": Arbor.path("a")}).to_python(),
                         [{"x": 1}, {}, {"x": 3}])
        with self.assertRaises(ValueError):
            self.lines.select(x="a +")
        with self.assertRaises(TypeError):
            self.lines.select(x=5)
        with self.assertRaises(TypeError):
            self.lines.select(5)

    def test_fields(self):
        self.assertEqual(self.lines.add_fields(a="a + 1", n="len(b.c)").to_python(),
                         [{"a": 2, "b": {"c": [1, 2]}, "n": 2},
                          {"b": {"c": []}, "a": None, "n": 0}, {"a": 4, "n": None}])
        self.assertEqual(self.lines.drop_fields("b", "z").to_python(), [{"a": 1}, {}, {"a": 3}])
        self.assertEqual(self.lines.rename_fields(a="z").to_python(),
                         [{"z": 1, "b": {"c": [1, 2]}}, {"b": {"c": []}}, {"z": 3}])
        self.assertEqual(self.lines.rename_fields({"a": "b", "b": "a"}).to_python(),
                         [{"b": 1, "a": {"c": [1, 2]}}, {"a": {"c": []}}, {"b": 3}])

    def test_names_twice(self):
        for call in (lambda: self.lines.select("a", a="b"), lambda: self.lines.select("a", "a"),
                     lambda: self.lines.group_by({"a": "b"}, a="a"),
                     lambda: self.lines.add_fields({"n": "a"}, n="b"),
                     lambda: self.lines.rename_fields({"a": "n"}, a="m")):
            with self.assertRaisesRegex(ValueError, "'[an]' is given twice"):
                call()

    def test_explode_members(self):
        keyed = Arbor.from_python([{"d": {"x": 1, "y": [2]}}, {"d": [5]}, {"d": {}}])
        self.assertEqual(keyed.explode("d").to_python(),
                         [{"d": 1, "key": "x"}, {"d": [2], "key": "y"}, {"d": 5}])
        for made in (keyed.explode("d", "v", "id"), keyed.explode("d", field="v", key="id"),
                     keyed.lazy().explode("d", "v", key="id").execute()):
            self.assertEqual(made.to_python(),
                             [{"id": "x", "v": 1}, {"id": "y", "v": [2]}, {"v": 5}])
        self.assertIn("explode d, keys as id", keyed.explode("d", key="id").explain())
        self.assertNotIn("no tree has", keyed.explode("d", key="id").filter("id == 'x'").explain())
        deep = Arbor.from_python([{"d": {"x": {"n": 1}}}]).explode("d")
        self.assertNotIn("no tree has", deep.filter("d.n == 1").explain())
        self.assertIn("no tree has", deep.filter("d.m == 1").explain())

    def test_each(self):
        keyed = Arbor.from_python([{"d": {"x": {"n": 1}, "y": {"n": 3}}}, {"d": {}}, {"e": 1}])
        self.assertEqual(keyed.select(n="entries(d)[*].value.n").to_python(),
                         [{"n": [1, 3]}, {"n": []}, {"n": []}])
        self.assertEqual(keyed.filter("any(entries(d)[*].key == 'y')").to_python(),
                         keyed.head(1).to_python())
        self.assertEqual(keyed.aggregate(s="sum(entries(d)[*].value.n)").to_python(), {"s": 4})
        self.assertEqual(str(Arbor.Expr.parse("entries(d)[*].key")),
                         str(Arbor.path("d").entries().each().field("key")))

    def test_explode(self):
        self.assertEqual(self.lines.explode("b.c").to_python(),
                         [{"a": 1, "b": {"c": 1}}, {"a": 1, "b": {"c": 2}}, {"a": 3}])
        self.assertEqual(self.lines.explode("b.c", "d").to_python(),
                         [{"a": 1, "b": {}, "d": 1}, {"a": 1, "b": {}, "d": 2}, {"a": 3}])
        with self.assertRaises(Arbor.ExistsError):
            self.lines.explode("b.c", "a").to_python()
        with self.assertRaises(Arbor.InvalidArgumentError):
            self.lines.explode("b.c", "b")
        with self.assertRaises(Arbor.CardinalityError):
            self.lines.explode("b.c[*]")

    def test_compute(self):
        lines = Arbor.from_python([{"a": i} for i in range(50000)])
        view = lines.filter("a % 2 == 0").sort_by("a", descending=True).add_fields(b="a + 1")
        told = []
        self.assertTrue(view.compute(lambda *so_far: told.append(so_far)))
        self.assertEqual(told, [(16384, 0), (25000, 25000)])
        self.assertIn("25000 trees so far", view.explain())
        self.assertEqual(view[0].to_python(), {"a": 49998, "b": 49999})

        stopped = Gio.Cancellable()
        stopped.cancel()
        with self.assertRaises(GLib.Error) as caught:
            lines.filter("a > 1").compute(cancellable=stopped)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        with self.assertRaises(ZeroDivisionError):
            lines.filter("a > 1").compute(lambda *so_far: 1 / 0)
        with self.assertRaises(Arbor.ClosedError):
            self.people.compute(lambda *so_far: self.store.close())

    def test_append(self):
        both = self.people.append([{"x": 1}]) + self.people
        self.assertEqual(both.to_python(), PEOPLE + [{"x": 1}] + PEOPLE)
        self.assertEqual(Arbor.Arbor.concat([self.lines, [5], self.people]).to_python(),
                         self.lines.to_python() + [5] + PEOPLE)
        self.assertEqual(Arbor.Arbor.concat([]).to_python(), [])
        free = both.materialize()
        self.store.close()
        with self.assertRaises(Arbor.ClosedError):
            len(both)
        self.assertEqual(len(free), 2 * len(PEOPLE) + 1)


if __name__ == "__main__":
    unittest.main()
