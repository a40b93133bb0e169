"""Other orders: sort_by, top_k, unique_by, sample, shuffle, explain, the query memory."""

import random
import unittest

from support import PEOPLE, Arbor, StoreTestCase

path = Arbor.path


def lasts(arbor):
    return [tree["name"]["last"] for tree in arbor]


class Order(StoreTestCase):
    def test_sort_by(self):
        self.assertEqual(lasts(self.people.sort_by("height")), ["Byron", "Ek", "Young", None])
        self.assertEqual(lasts(self.people.sort_by("height", descending=True)),
                         ["Young", "Ek", "Byron", None])
        self.assertEqual(lasts(self.people.sort_by("height", descending=True, nulls_first=True)),
                         [None, "Young", "Ek", "Byron"])
        self.assertEqual(lasts(self.people.sort_by(path("tags").len(), "name.last",
                                                   descending=[False, True])),
                         ["Ek", None, "Byron", "Young"])
        self.assertEqual(self.people.sort_by(["birth.country", "name.first"]).to_python(),
                         [PEOPLE[1], PEOPLE[2], PEOPLE[3], PEOPLE[0]])
        self.assertEqual(Arbor.from_python([3, None, "a", 1.5]).sort_by().to_python(),
                         [1.5, 3, "a", None])
        self.assertEqual(Arbor.from_python([1, 2]).sort_by(descending=True).to_python(), [2, 1])

    def test_like_python(self):
        rand = random.Random(3)
        rows = [{"a": rand.randrange(20), "b": "x" * rand.randrange(12), "i": i}
                for i in range(3000)]
        arbor = Arbor.from_python(rows)
        expected = sorted(sorted(rows, key=lambda row: row["b"], reverse=True),
                          key=lambda row: row["a"])
        # A reversed sort of Python keeps the order of equals, too.
        by = arbor.sort_by("a", "b", descending=[False, True])
        self.assertEqual(by.to_python(), expected)
        self.assertEqual(arbor.top_k(70, "a", "b", descending=[False, True]).to_python(),
                         expected[:70])
        self.assertEqual(by[100:150].to_python(), expected[100:150])
        self.assertEqual(by.filter("a > 15").to_python(),
                         [row for row in expected if row["a"] > 15])
        first = {}
        for row in rows:
            first.setdefault((row["a"], row["b"]), row)
        self.assertEqual(arbor.unique_by("a", "b").to_python(), list(first.values()))

    def test_wrong_keys(self):
        with self.assertRaises(Arbor.ExpressionError):
            self.people.sort_by("tags[*]")
        with self.assertRaises(ValueError):
            self.people.sort_by("tags[")
        with self.assertRaisesRegex(ValueError, "descending has 1 items for 2 keys"):
            self.people.sort_by("a", "b", descending=[True])
        for wrong in (5, None):
            with self.assertRaises(TypeError):
                self.people.sort_by(wrong)

    def test_wrong_arguments(self):
        people = self.people
        for wrong in (lambda: people.sort_by("height", descending="yes"),
                      lambda: people.sort_by("height", descending=1),
                      lambda: people.sort_by(descending=None),
                      lambda: people.sort_by("height", nulls_first=["no"]),
                      lambda: people.sort_by("height", down=True),
                      lambda: people.sort_by(5),
                      lambda: people.top_k("height"),
                      lambda: people.top_k(1.5, "height"),
                      lambda: people.head(1.5),
                      lambda: people.slice(0.5, 1),
                      lambda: people.histogram("height", 2.5),
                      lambda: people.histogram("height", "2"),
                      lambda: people.nest(people, "height", field="x", one="no"),
                      lambda: people.sample(2.5),
                      lambda: people.select(x=1),
                      lambda: people.filter(5),
                      lambda: people.filter(),
                      lambda: people.pick(1),
                      lambda: people.cursor(1),
                      lambda: Arbor.path("a").sort(descending="no"),
                      lambda: Arbor.load_bytes("1", skip_bad="no"),
                      lambda: Arbor.load_bytes("1", skip=True),
                      lambda: Arbor.Store.open(self.path, busy_timeout=1.5),
                      lambda: Arbor.Store.open(self.path, read_only="no")):
            with self.assertRaises(TypeError):
                wrong()

    def test_unique_by(self):
        lines = Arbor.from_python([1, 1.0, "1", None, {"a": 1, "b": 2}, {"b": 2, "a": 1.0}, 1])
        self.assertEqual(lines.unique_by().to_python(), [1, "1", None, {"a": 1, "b": 2}])
        self.assertEqual(lasts(self.people.unique_by("birth.country")), ["Byron", "Ek", "Young"])

    def test_chance(self):
        numbers = Arbor.from_python(range(100))
        self.assertEqual(numbers.shuffle(seed=1).to_python(), numbers.shuffle(seed=1).to_python())
        self.assertEqual(sorted(numbers.shuffle().to_python()), list(range(100)))
        drawn = numbers.shuffle()
        self.assertEqual(drawn.to_python(), drawn.to_python())
        sample = numbers.sample(10, seed=4).to_python()
        self.assertEqual(len(set(sample)), 10)
        self.assertEqual(sample, sorted(sample))
        self.assertEqual(numbers.sample(1000).to_python(), list(range(100)))
        for wrong in (-1, 2 ** 63):
            with self.assertRaises(OverflowError):
                numbers.shuffle(seed=wrong)

    def test_explain(self):
        view = self.people.filter("height > 70").sort_by("height", descending=True)
        head = view.head(1)
        lines = head.explain().splitlines()
        self.assertEqual(lines, [
            "stored 'people' in '%s': 4 trees in 1 batches" % self.path,
            "filter height > 70 (not computed)",
            "  kernel: height > 70 | reads height",
            "top_k 1 by height descending (not computed)",
            "  lanes: height",
            "head 1"])
        self.assertEqual(lasts(head), ["Young"])
        self.assertEqual(lasts(view), ["Young", "Ek"])
        self.assertEqual(view.explain().splitlines()[1:], [
            "filter height > 70 (computed: 2 trees)",
            "  kernel: height > 70 | reads height",
            "sort_by height descending (computed: 2 trees)",
            "  lanes: height"])
        self.store.close()
        self.assertIn("sort_by height", view.explain())

    def test_explain_analyze(self):
        """What an execution took, counted anew each time, whatever is computed already."""
        many = Arbor.from_python([{"n": n, "name": "Ann" if n % 3 else None} for n in range(50000)])
        view = many.filter('n >= 40000 and n < 40100 and lower(name) == "ann"')
        for _ in range(2):
            lines = view.explain_analyze().splitlines()
            self.assertEqual(lines[:4], [
                "in memory: 50000 trees in 4 batches",
                'filter n >= 40000 and n < 40100 and lower(name) == "ann" (computed: 67 trees)',
                '  kernel: n >= 40000; n < 40100 | columns: lower(name) == "ann" | reads n, name',
                "  batches: 4, skipped by statistics: 3 | rows by kernel: 16284, by columns: 100, row by row: 0 | "
                "bytes touched: %s" % lines[3].rpartition(" ")[2]])
            self.assertEqual(lines[4], 'values of n >= 40000 and n < 40100 and lower(name) == "ann" | '
                                       "by columns: 100")
            self.assertRegex(lines[5], r"^67 trees in [0-9.]+ ms$")
            # The lane of n is two bytes a tree, and was read for two conditions in one batch.
            self.assertIn(int(lines[3].rpartition(" ")[2]), range(2 * 2 * 16384, 5 * 2 * 16384))
        # What is not needed is not decided.
        first = many.filter("n % 2 == 1").head(3).explain_analyze()
        self.assertIn("  batches: 1, skipped by statistics: 0 | rows by kernel: 0, by columns: 64, row by row: 0 | ",
                      first)
        # Why something goes row by row, and of what: conditions, keys, fields, aggregates.
        slow = many.filter('sort(split(name, "n")) == null').explain_analyze()
        self.assertIn('  row by row: sort(split(name, "n")) == null (sort has no code for columns) | reads name\n',
                      slow)
        self.assertRegex(slow, r"values of sort\(split\(name, \"n\"\)\) == null \| .*row by row: [0-9]+ "
                               r"\(sort has no code for columns\)\n")
        grouped = many.group_by(k="lower(name)", m="n mod 2").aggregate(s="sum(n * 2)", l="collect(n)")
        self.assertIn("  columns: lower(name), n mod 2, sum(n * 2), collect(n)\n", grouped.explain())
        counted = grouped.explain_analyze()
        self.assertIn("values of lower(name) | by dictionary: 50000\n", counted)
        self.assertIn("values of n * 2 | by columns: 50000\n", counted)
        self.assertIn("values of n | from lanes: 50000\n", counted)
        self.assertIn("  row by row: reverse(split(name)) (reverse has no code for columns)\n",
                      many.add_fields(r="reverse(split(name))").explain())
        self.assertIn("  lanes: name | columns: n mod 7\n", many.sort_by(Arbor.Expr.parse("n mod 7"), "name").explain())
        fused = many.filter("n < 10").filter("n > 5").explain_analyze()
        self.assertIn("filter n < 10 (decided with the next step)\n", fused)
        self.assertIn("filter n > 5 (computed: 4 trees)\n", fused)
        view = self.people.filter("height > 70")
        self.store.close()
        with self.assertRaises(Arbor.ClosedError):
            view.explain_analyze()

    def test_explain_computed(self):
        view = self.people.select("height").sort_by("height")
        lines = view.explain().splitlines()
        self.assertEqual(lines[0], "stored 'people' in '%s': 4 trees in 1 batches" % self.path)
        self.assertTrue(lines[1].endswith(" (0 trees so far)"), lines)
        self.assertEqual(lines[2:], ["  lanes: height", "sort_by height (not computed)", "  lanes: height"])
        self.assertEqual(len(view), 4)
        self.assertTrue(view.explain().splitlines()[1].endswith(" (0 trees so far)"))
        self.assertEqual(view.to_python()[0], {"height": 66})
        self.assertTrue(view.explain().splitlines()[1].endswith(" (0 trees so far)"))
        made = self.people.select("height")
        made.compute()
        self.assertIn(" (4 trees so far)\n", made.sort_by("height").explain())
        exploded = self.people.explode("tags")
        self.assertEqual(exploded.count_matches("tags == 'math'"), 1)
        self.assertIn(" with tags only)\n", exploded.explain())

    def test_query_memory(self):
        before = Arbor.get_query_memory()
        self.assertGreater(before, 1000)
        numbers = Arbor.from_python(range(10000))
        try:
            Arbor.set_query_memory(1000)
            for view in (numbers.sort_by(), numbers.unique_by(), numbers.shuffle()):
                with self.assertRaisesRegex(Arbor.LimitError, "ARBOR_QUERY_MEMORY"):
                    len(view)
                with self.assertRaises(Arbor.LimitError):
                    view.to_python()
            view = numbers.sort_by("")
            with self.assertRaises(Arbor.LimitError):
                len(view)
            Arbor.set_query_memory(0)
            self.assertEqual(len(view), 10000)
        finally:
            Arbor.set_query_memory(0)
        self.assertEqual(Arbor.get_query_memory(), before)

    def test_close(self):
        views = [self.people.sort_by("height"), self.people.unique_by(), self.people.sample(2),
                 self.people.shuffle(), self.people.top_k(1, "height")]
        self.assertEqual(len(views[0]), 4)
        self.store.close()
        for view in views:
            self.assert_closed(len, view)
        self.assert_closed(self.people.sort_by, "height")


if __name__ == "__main__":
    unittest.main()
