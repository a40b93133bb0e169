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

    def test_one_flag_and_no_keys(self):
        for what in self.lines.head(3), self.lines.head(3).lazy():
            self.assertEqual(what.sort_by(descending=True).to_python(),
                             [{"a": a, "b": a} for a in (2, 1, 0)])

    def test_explain_of_arbors(self):
        """Each step of an arbor, those of what it is computed from, too."""
        inner = self.lines.filter("a > 2").sort_by("b")
        other = self.lines.filter("b == 1")
        self.assertEqual(inner.add_fields(c="a * 2").join(other, "a").head(3).explain().split("\n"), [
            "in memory: 20 trees in 1 batches",
            "filter a > 2 (not computed)",
            "  kernel: a > 2 | reads a",
            "sort_by b (not computed)",
            "  lanes: b",
            "add fields c = a * 2 (0 trees so far)",
            "  columns: a * 2",
            "  and in memory: 20 trees in 1 batches",
            "      filter b == 1 (not computed)",
            "        kernel: b == 1 | reads b",
            "inner join by a (0 trees so far)",
            "  lanes: a",
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

    def test_unknown_paths(self):
        arbor = Arbor.from_python([{"name": {"first": "A", "last": "B"}, "n": 1, "tags": [{"k": 1}],
                                    "Major Genre": 2}, {"n": 2}])
        text, path = Arbor.Expr.parse, Arbor.path
        for expr, note in (
                (path("nmae"), "no tree has 'nmae'; there is 'name'"),
                (path("name.frist"), "no tree has 'name.frist'; there is 'name.first'"),
                (path("last"), "no tree has 'last'; there is 'name.last'"),
                (path("x"), "no tree has 'x'"),
                (path("name.first.z"), "no tree has 'name.first.z'"),
                (path("major genre"),
                 "no tree has '[\"major genre\"]'; there is '[\"Major Genre\"]'"),
                (path("n + 1"), "no tree has '[\"n + 1\"]', which was taken for a path: give an "
                                "expression to have it computed"),
                (text("1 + len(name.lsat)"), "no tree has 'name.lsat'; there is 'name.last'"),
                (text("map(tags, @.K)"), "no tree has 'tags[*].K'; there is 'tags[*].k'")):
            self.assertEqual(arbor.check_paths([expr]), [note])
            with self.assertRaises(Arbor.SchemaError) as caught:
                arbor.strict().head(1).select(x=expr)
            self.assertEqual(str(caught.exception), note)
        known = [path("n"), path("tags[*].k"), path(""), text("exists(x) and is_missing(y)")]
        self.assertEqual(arbor.check_paths(known), [])
        self.assertEqual(Arbor.from_python([]).check_paths([path("x")]), [])

        made = arbor.select(x="name", y="n").add_fields(z="x.last").drop_fields("y").rename_fields(x="w")
        for other, good, bad in (
                (made, ["w.last", "z", "w"], ["w.lats", "x", "y", "z.q"]),
                (arbor.explode("tags", "tag"), ["tag.k", "n"], ["tag.q", "tagg"]),
                (arbor.explode("tags"), ["tags.k", "n"], ["tags.q"]),
                (arbor.group_by("n").aggregate(s="sum(n)"), ["n", "s", "s.x"], ["q", "n.q"]),
                (arbor.nest(arbor, "n", field="same"), ["same[*].n", "n"], ["same[*].q", "same.n"]),
                (arbor.join(made, "n", "z"), ["n", "w.last", "n_right"], ["q", "w.q"]),
                (arbor.append([{"more": 1}]), ["n", "more"], ["mroe"])):
            self.assertEqual(other.check_paths([path(each) for each in good]), [])
            self.assertEqual(len(other.check_paths([path(each) for each in bad])), len(bad))

        wrong = arbor.filter("nmae == 1").sort_by("lsat").explode("tgas")
        self.assertIn("note: no tree has 'nmae'; there is 'name'\nnote: no tree has 'lsat'\n"
                      "note: no tree has 'tgas'; there is 'tags'\n", wrong.explain())
        self.assertNotIn("note", arbor.filter("n == 1").explain())

    def test_paths_are_written_alike(self):
        arbor = Arbor.from_python([{"Major Genre": "x", "l": [1], "a": {"b c": 2}}])
        for path in ('Major Genre', '["Major Genre"]', '"Major Genre"', Arbor.path("Major Genre")):
            self.assertEqual(arbor.column(path).to_list(), ["x"])
            self.assertEqual(len(arbor.group_by(path)), 1)
            self.assertEqual(arbor.group_by(path)[0][0].to_python().popitem()[1], "x")
            self.assertEqual(list(next(arbor.pick(path)).values()), ["x"])
            self.assertEqual(arbor.index_by(path)["x"].to_python(), arbor.to_python()[0])
            self.assertEqual(len(arbor.sort_by(path)), 1)
            self.assertEqual(arbor.unique_by(path).select(x=Arbor.path("l")).to_python(), [{"x": [1]}])
            self.assertEqual(arbor.nest(arbor, path, field="n").column("n[0].l").to_list(), [[1]])
            cursor = arbor.cursor(path)
            self.assertTrue(cursor.next())
            self.assertEqual(cursor.get(0), "x")
        self.assertEqual(arbor.explode(Arbor.path("l")).to_python()[0]["l"], 1)
        for taken in (arbor.explode, arbor.cursor, arbor.pick):
            with self.assertRaises(TypeError):
                taken(Arbor.path("l") + 1)
        computed = Arbor.path("a").field("b c") + 1
        self.assertEqual(arbor.column(computed).to_list(), [3])
        self.assertEqual(arbor.index_by(computed)[3].to_python(), arbor.to_python()[0])
        self.assertEqual(arbor.group_by(computed)[0][0].to_python().popitem()[1], 3)

    def test_strict(self):
        arbor = Arbor.from_python([{"n": 1, "l": [1]}]).strict()
        wrong = Arbor.Expr.parse("m + 1")
        for call in (lambda: arbor.filter(wrong), lambda: arbor.count_matches(wrong),
                     lambda: arbor.find_one(wrong), lambda: arbor.sort_by("m"),
                     lambda: arbor.top_k(1, "m"), lambda: arbor.unique_by("m"),
                     lambda: arbor.group_by("m"), lambda: arbor.group_by("n").aggregate(s="sum(m)"),
                     lambda: arbor.aggregate(s="sum(m)"), lambda: arbor.pick("m"),
                     lambda: arbor.cursor("m"), lambda: arbor.column("m"),
                     lambda: arbor.column(wrong), lambda: arbor.explode("m"),
                     lambda: arbor.value_counts(wrong), lambda: arbor.histogram(wrong),
                     lambda: arbor.index_by("m"), lambda: arbor.nest(arbor, "m", "n", field="x"),
                     lambda: arbor.join(arbor, "n", "m"), lambda: arbor.append([{}]).sort_by("m"),
                     lambda: arbor.lazy().sort_by("m").execute(),
                     lambda: arbor.add_fields(x="n").explode("l").head(1).sort_by("m")):
            with self.assertRaisesRegex(Arbor.SchemaError, "no tree has 'm'"):
                call()
        self.assertEqual(arbor.filter("n == 1").sort_by("n").explode("l").to_python(),
                         [{"n": 1, "l": 1}])


if __name__ == "__main__":
    unittest.main()
