"""Queries: operations collected first, run as a whole."""

import unittest

from support import PEOPLE, Arbor, StoreTestCase


class Queries(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.lines = Arbor.from_python([{"a": i, "b": i % 3} for i in range(20)])

    def test_same_as_one_by_one(self):
        def ask(what):
            return (what.filter("a > 2").add_fields(c="a * 2").sort_by("b", descending=True)
                    .filter(Arbor.path("b") < 2).head(4).rename_fields(a="z").drop_fields("b"))
        query = ask(self.lines.lazy())
        self.assertEqual(query.execute().to_python(), ask(self.lines).to_python())
        self.assertEqual(query.execute_as_written().to_python(),
                         [{"z": a, "c": 2 * a} for a in (4, 7, 10, 13)])
        self.assertIn("top_k 4 by b descending", query.explain())
        self.assertEqual(repr(query), "<ArborQuery (7 operations on ArborArbor (20 trees in memory))>")

    def test_gone_on_with_in_two_ways(self):
        start = self.lines.lazy().filter("b == 1")
        self.assertEqual(start.select(n="a").tail(1).to_python(), [{"n": 19}])
        self.assertEqual(start.head(1).append([7]).to_python(), [{"a": 1, "b": 1}, 7])
        self.assertEqual(start.to_python(), [{"a": a, "b": 1} for a in range(1, 20, 3)])

    def test_explain_of_arbors(self):
        """Each step of an arbor, those of what it is computed from, too."""
        inner = self.lines.filter("a > 2").sort_by("b")
        other = self.lines.filter("b == 1")
        self.assertEqual(inner.add_fields(c="a * 2").join(other, "a").head(3).explain().split("\n"), [
            "in memory: 20 trees in 1 batches",
            "filter a > 2 (not computed)",
            "  kernel: a > 2 | reads a",
            "sort_by b (not computed)",
            "add fields c = a * 2 (0 trees so far)",
            "  and in memory: 20 trees in 1 batches",
            "      filter b == 1 (not computed)",
            "        kernel: b == 1 | reads b",
            "inner join by a (0 trees so far)",
            "head 3",
            ""])

    def test_groups_and_joins(self):
        names = Arbor.from_python([{"b": 0, "name": "zero"}, {"b": 1, "name": "one"}])
        query = (self.lines.lazy().filter("a < 10").group_by("b", n="count()", top="max(a)")
                 .join(names, "b", how="left").sort_by("n", descending=True))
        self.assertEqual(query.to_python(), [{"b": 0, "n": 4, "top": 9, "name": "zero"},
                                             {"b": 1, "n": 3, "top": 7, "name": "one"},
                                             {"b": 2, "n": 3, "top": 8}])
        self.assertIn("  group_by b = b; n = count(); top = max(a)\n  join b with b\n", query.explain())
        self.assertEqual(names.lazy().nest(self.lines, "b", field="all").select(k="len(all)").to_python(),
                         [{"k": 7}, {"k": 7}])
        with self.assertRaises(ValueError):
            self.lines.lazy().group_by("b", n="a")

    def test_mistakes(self):
        query = self.lines.lazy()
        with self.assertRaises(ValueError):
            query.filter("a[*] > 1")
        with self.assertRaises(ValueError):
            query.select(x="a +")
        with self.assertRaises(Arbor.CardinalityError):
            query.explode("a[*]")

    def test_ends_with_the_store(self):
        query = self.people.lazy().append(self.lines)
        result = query.execute()
        self.assertEqual(len(result), len(PEOPLE) + 20)
        self.store.close()
        for call in (query.execute, query.reverse, result.get_n_trees):
            with self.assertRaises(Arbor.ClosedError):
                call()
        self.assertTrue(query.is_closed())


if __name__ == "__main__":
    unittest.main()
