"""Groups of trees, and what is computed over all trees of one."""

import unittest

from support import Arbor, StoreTestCase

PLAYERS = [
    {"id": 1, "country": "USA", "year": 1951, "height": 70, "tags": ["a", "b"]},
    {"id": 2, "country": "CUB", "year": 1958, "height": 72.5},
    {"id": 3, "country": "USA", "year": 1958, "height": None, "tags": []},
    {"id": 4, "year": 1951, "height": 68, "tags": ["c"]},
    {"id": 5, "country": None, "year": 1960, "height": 75},
    {"id": 6, "country": "USA", "year": 1951, "height": 80},
]


class Groups(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.store["players"] = PLAYERS
        self.players = self.store["players"]

    def test_aggregate(self):
        groups = self.players.group_by("country")
        self.assertEqual(groups.aggregate(n="count()", tallest="max(height)",
                                          spread="max(height) - min(height)").to_python(),
                         [{"country": "USA", "n": 3, "tallest": 80, "spread": 10},
                          {"country": "CUB", "n": 1, "tallest": 72.5, "spread": 0.0},
                          {"n": 1, "tallest": 68, "spread": 0},
                          {"country": None, "n": 1, "tallest": 75, "spread": 0}])
        self.assertEqual(groups.aggregate().to_python(),
                         [{"country": "USA"}, {"country": "CUB"}, {}, {"country": None}])
        self.assertEqual(groups.aggregate({"mean tags": Arbor.Expr.parse("mean(count(tags))"),
                                           "tags": "count(tags[*])",
                                           "key": "upper(country)"}).to_python()[:1],
                         [{"country": "USA", "mean tags": 2 / 3, "tags": 2, "key": "USA"}])

    def test_keys(self):
        groups = self.players.group_by("country", decade="year div 10 * 10")
        self.assertEqual(repr(groups),
                         "<ArborGroups (by country, decade = year div 10 * 10)>")
        self.assertEqual(len(groups), 4)
        self.assertEqual(repr(groups),
                         "<ArborGroups (by country, decade = year div 10 * 10, 4 groups)>")
        self.assertEqual([(key.to_python(), [tree["id"] for tree in members])
                          for key, members in groups],
                         [({"country": "USA", "decade": 1950}, [1, 3, 6]),
                          ({"country": "CUB", "decade": 1950}, [2]),
                          ({"decade": 1950}, [4]),
                          ({"country": None, "decade": 1960}, [5])])
        self.assertEqual(groups.find(country="CUB", decade=1950.0), 1)
        self.assertEqual(groups.find({"decade": 1950}), 2)
        self.assertEqual(groups.find(groups[-1][0]), 3)
        self.assertIsNone(groups.find(country="CUB"))
        with self.assertRaises(IndexError):
            groups[4]
        with self.assertRaises(IndexError):
            groups[-5]

    def test_whole(self):
        self.assertEqual(self.players.aggregate(n="count()", mean="mean(height)",
                                                ids="sum(id)").to_python(),
                         {"n": 6, "mean": 73.1, "ids": 21})
        self.assertEqual(self.players.filter("id > 6").aggregate(
            n="count()", sum="sum(id)", max="max(id)", any="any(id > 1)").to_python(),
            {"n": 0, "sum": 0, "max": None, "any": False})

    def test_value_counts(self):
        self.assertEqual(self.players.value_counts("country").to_python(),
                         [{"value": "USA", "count": 3}, {"value": "CUB", "count": 1},
                          {"count": 1}, {"value": None, "count": 1}])
        self.assertEqual(self.players.value_counts("tags[*]").to_python(),
                         [{"value": tag, "count": 1} for tag in "abc"])
        numbers = Arbor.from_python([{"n": n} for n in (2, 1, 1.0, "1", [1], [1.0], 2.0, 1)])
        self.assertEqual(numbers.value_counts("n").to_jsonl(),
                         '{"value":1,"count":3}\n{"value":2,"count":2}\n'
                         '{"value":[1],"count":2}\n{"value":"1","count":1}\n')

    def test_histogram(self):
        self.assertEqual(self.players.histogram("height", 3).to_python(),
                         [{"from": 68.0, "to": 72.0, "count": 2},
                          {"from": 72.0, "to": 76.0, "count": 2},
                          {"from": 76.0, "to": 80.0, "count": 1}])
        self.assertEqual(self.players.histogram("nothing").to_python(), [])
        same = Arbor.from_python([{"n": 5}, {"n": "x"}, {"n": 5.0}])
        self.assertEqual(same.histogram("n", 2).to_python(),
                         [{"from": 4.5, "to": 5.0, "count": 0}, {"from": 5.0, "to": 5.5, "count": 2}])
        wide = Arbor.from_python([{"n": -1.7e308}, {"n": 1.7e308}, {"n": 0}])
        self.assertEqual([each["count"] for each in wide.histogram("n", 4).to_python()],
                         [1, 0, 1, 1])
        for n_bins in (0, 1000001):
            with self.assertRaises(ValueError):
                same.histogram("n", n_bins)

    def test_describe(self):
        lines = Arbor.from_python([
            {"a": 1, "b": {"c": "x"}, "t": [1, 2.5]}, {"a": None, "b": 5, "t": [None, "y"]},
            {"a": 1.0, "b": {}, "t": []}])
        self.assertEqual(lines.describe().to_python(), [
            {"path": "a", "count": 2, "nulls": 1, "missing": 0, "kinds": {"int": 1, "double": 1},
             "min": 1, "max": 1, "mean": 1.0, "distinct": 1},
            {"path": "b", "count": 3, "nulls": 0, "missing": 0, "kinds": {"int": 1, "object": 2},
             "min": 5, "max": 5, "mean": 5.0, "not_numbers": 2, "distinct": 1},
            {"path": "b.c", "count": 1, "nulls": 0, "missing": 1, "kinds": {"string": 1},
             "min": "x", "max": "x", "mean": None, "distinct": 1},
            {"path": "t", "count": 3, "nulls": 0, "missing": 0, "kinds": {"array": 3},
             "min": None, "max": None, "mean": None, "distinct": 0},
            {"path": "t[*]", "count": 3, "nulls": 1, "missing": 0,
             "kinds": {"int": 1, "double": 1, "string": 1},
             "min": 1, "max": "y", "mean": 1.75, "not_numbers": 1, "distinct": 3}])
        self.assertEqual([each["path"] for each in Arbor.from_python([5, {}]).describe()], ["$"])
        self.assertEqual(len(self.players.head(0).describe()), 0)
        for n in (1024, 1025, 20000, 100000):
            numbers = Arbor.from_python([{"n": i // 2, "s": str(i)} for i in range(2 * n)])
            for each in numbers.describe():
                expected = n if each["path"] == "n" else 2 * n
                allowed = 0 if expected <= 1024 else expected * 0.04
                self.assertLessEqual(abs(each["distinct"] - expected), allowed)

    def test_mistakes(self):
        with self.assertRaises(Arbor.ExpressionError) as caught:
            self.players.group_by("country").aggregate(h="height + max(height)")
        self.assertIn("first(height)", str(caught.exception))
        for mistake in (lambda: self.players.group_by("tags[*]"),
                        lambda: self.players.filter("count() > 1"),
                        lambda: self.players.select(n="count()"),
                        lambda: self.players.sort_by(Arbor.Expr.parse("count()")),
                        lambda: self.players.aggregate(q="quantile(height, id)"),
                        lambda: self.players.aggregate(n="sum(count())"),
                        lambda: self.players.group_by("country").aggregate(country="count()")):
            with self.assertRaises(ValueError):
                mistake()

    def test_close(self):
        groups = self.players.group_by("country")
        key, members = groups[0]
        sums = groups.aggregate(n="count()")
        whole = self.players.aggregate(n="count()")
        self.store.close()
        for use in (lambda: len(groups), lambda: groups[0], lambda: len(members),
                    lambda: key.to_python(), lambda: sums.to_python(), lambda: whole["n"],
                    lambda: groups.find(country="USA"), lambda: groups.aggregate(n="count()")):
            with self.assertRaises(Arbor.ClosedError):
                use()

    def test_values_that_are_no_numbers(self):
        """By lanes and by rows, over all trees and over groups: the numbers, and how many others."""
        values = [1, 2, "n/a", None, True, 4, [5], 7.5, {"x": 1}]
        arbor = Arbor.from_python([{"v": v, "g": i % 2} for i, v in enumerate(values)] + [{}])
        texts = Arbor.from_python([{"v": "a"}, {"v": "b"}])
        for name, expected in (("sum", 14.5), ("mean", 3.625), ("median", 3.0), ("min", True)):
            for argument in ("v", "coalesce(v, v)"):
                call = "%s(%s)" % (name, argument)
                tree = arbor.aggregate(x=call)
                self.assertEqual(tree.to_python(), {"x": expected})
                if name == "min":
                    self.assertEqual(tree.dup_notes(), [])
                    continue
                note = call + ": 4 of 8 values were no numbers and were left out"
                self.assertEqual(tree.dup_notes(), [note])
                groups = arbor.group_by("g").aggregate(x=call)
                self.assertEqual(groups.dup_notes(), [])
                groups.compute()
                self.assertEqual(groups.dup_notes(), [note])
                self.assertEqual(groups.filter("x > 0").dup_notes(), [note])
                self.assertIn("note: " + note, groups.explain())
                self.assertEqual(texts.aggregate(x=call).to_python(), {"x": None})
                self.assertEqual(texts.aggregate(x=call).dup_notes(),
                                 [call + ": 2 of 2 values were no numbers and were left out"])
        for name in ("var", "std", "quantile"):
            call = "%s(v%s)" % (name, ", 0.5" if name == "quantile" else "")
            numbers = Arbor.from_python([{"v": v} for v in (1, 2, 4, 7.5)])
            self.assertEqual(arbor.aggregate(x=call).to_python(), numbers.aggregate(x=call).to_python())
            self.assertEqual(numbers.aggregate(x=call).dup_notes(), [])
        self.assertEqual({g["g"]: g["x"] for g in
                          arbor.group_by("g").aggregate(x="sum(v)").to_python() if "g" in g},
                         {0: 1, 1: 13.5})
        described = {each["path"]: each for each in arbor.describe().to_python()}
        self.assertEqual(described["v"]["mean"], 3.625)
        self.assertEqual(described["v"]["not_numbers"], 4)
        self.assertNotIn("not_numbers", described["g"])
        statistics = arbor.column("v").statistics()
        self.assertEqual((statistics["sum"], statistics["not_numbers"]), (14.5, 4))


if __name__ == "__main__":
    unittest.main()
