"""JSONPath through Python: sequences of values, paths, positions, errors."""

import random
import unittest

from support import Arbor, PEOPLE, StoreTestCase


class JsonPath(StoreTestCase):
    def test_tree(self):
        matches = self.people[0].query("$..last")
        self.assertEqual(list(matches), ["Byron"])
        self.assertEqual(matches.paths(), ["$['name']['last']"])
        self.assertEqual(matches.items(), [("$['name']['last']", "Byron")])
        self.assertEqual(list(self.people[0].query("$.tags[?@ > 'n']")), ["poetry"])
        self.assertEqual(self.people[0].query("$").to_python(), [PEOPLE[0]])

    def test_arbor(self):
        for people in (self.people, Arbor.from_python(PEOPLE)):
            matches = people.query("$[?@.country == 'USA' || @.last == null]")
            self.assertEqual(matches.to_python(),
                             [{"country": "USA"}, PEOPLE[3]["name"], {"country": "USA"}])
            self.assertEqual([matches.get_index(i) for i in range(3)], [2, 3, 3])
            self.assertEqual(matches.paths(), ["$['birth']", "$['name']", "$['birth']"])
            self.assertEqual(matches[1]["first"], "Di")
            self.assertEqual(people.reverse().query("$.height").to_python(), [82.5, 81, 66])

    def test_sequence(self):
        matches = self.people.query("$.height")
        self.assertEqual(len(matches), 3)
        self.assertEqual((matches[0], matches[-1], matches[1:]), (66, 82.5, [81, 82.5]))
        self.assertEqual(repr(matches), "<ArborMatches (3)>")
        self.assertTrue(self.people.query("$.nothing"))
        self.assertEqual(list(self.people.query("$.nothing")), [])
        self.assert_raises(Arbor.OutOfRangeError, "Index 3 is out of range: there are 3 matches",
                           lambda: matches[3])
        self.assert_raises(Arbor.OutOfRangeError, "Index -4 is out of range: there are 3 matches",
                           lambda: matches[-4])
        with self.assertRaises(IndexError):
            matches.get_match(3)

    def test_many_trees(self):
        """What is kept from tree to tree changes nothing: an arbor says what its trees say."""
        chance = random.Random(7)
        wide = {f"k{i}": {"x": i} for i in range(1100)}  # more than an object of columns has

        def value(depth):
            kind = chance.randrange(8 if depth < 4 else 4)
            if kind < 4:
                return chance.choice([1, "x", None, 2.5, "1", True])
            if kind < 6:
                return [value(depth + 1) for _ in range(chance.randrange(4))]
            return {key: value(depth + 1) for key in chance.sample("xabcd", chance.randrange(4))}

        trees = [{"i": i, "a": value(0), "b": value(1), "x": value(2)} for i in range(300)]
        trees[150]["b"] = wide
        trees[151]["a"] = {"b": [{"x": 1}, {"x": {"x": [2]}}]}
        arbor = Arbor.from_python(trees)
        self.store.put("many", arbor)
        for source in (arbor, self.store["many"], arbor.sort_by("i", descending=True),
                       arbor.filter("i > 40").append(arbor)):
            alone = [Arbor.from_python([tree])[0] for tree in source.to_python()]
            for query in ("$..x", "$..b.x", "$..b..x", "$..['x', 'b']", "$..[0]", "$..*", "$",
                          "$.a.b.x", "$.a[*].x", "$.a[?@.x == 1].b", "$..[?@.x > 0].x",
                          "$.a[?@..x]", "$.a[1:3].b", "$..x[-1]", "$[?count(@..x) > 1]",
                          "$[?@ == $.x].a", "$..b[?search(@, '[x1]')]", "$..k7.x"):
                with self.subTest(query, source=source):
                    found = source.query(query)
                    single = [tree.query(query) for tree in alone]
                    self.assertEqual(found.to_python(),
                                     [value for matches in single for value in matches.to_python()])
                    self.assertEqual(list(found.paths()),
                                     [path for matches in single for path in matches.paths()])

    def test_mistake(self):
        self.assert_raises(Arbor.ExpressionError,
                           "Expected a name (any other name is written ['name']) or *, found the "
                           "end at position 2 (bytes from 0)\n$.\n  ^",
                           self.people.query, "$.")
        with self.assertRaises(ValueError):
            self.people[0].query("$[?@ = 1]")

    def test_closed(self):
        matches = self.people.query("$..*")
        value = matches[0]
        self.store.close()
        for use in (lambda: len(matches), lambda: matches[0], lambda: list(matches), matches.paths,
                    matches.to_python, value.to_python):
            self.assert_raises(Arbor.ClosedError, "ArborStore has been closed", use)
        self.assertEqual(repr(matches), "<ArborMatches (ArborStore has been closed)>")


if __name__ == "__main__":
    unittest.main()
