"""Expressions from operators and Python values."""

import json
import tempfile
import unittest
from decimal import Decimal

from support import PEOPLE, Arbor

path, lit = Arbor.path, Arbor.lit


class Expressions(unittest.TestCase):
    def same(self, expr, text):
        self.assertTrue(expr.equal(Arbor.Expr.parse(text)), "%s is not %s" % (expr, text))
        self.assertEqual(hash(expr), hash(Arbor.Expr.parse(text)))

    def test_operators(self):
        a, b = path("a"), path("b.c")
        for expr, text in (
                (a == 1, "a == 1"), (a != 1, "a != 1"), (a < 1, "a < 1"), (a <= 1, "a <= 1"),
                (a > 1, "a > 1"), (a >= 1, "a >= 1"), (1 == a, "a == 1"), (1 < a, "a > 1"),
                (1 >= a, "a <= 1"), (a & b, "a and b.c"), (a | b, "a or b.c"), (~a, "not a"),
                (a & True, "a and true"), (None | a, "null or a"),
                (a + 1, "a + 1"), (1 + a, "1 + a"), (a - b, "a - b.c"), (2 - a, "2 - a"),
                (a * 2, "a * 2"), (2 * a, "2 * a"), (a / 2, "a / 2"), (2 / a, "2 / a"),
                (-a, "-a"), ((a > 1) & ~(b == "x"), "a > 1 and not b.c == \"x\""),
                ((a + b) * 2 >= 3.5, "(a + b.c) * 2 >= 3.5")):
            self.same(expr, text)

    def test_methods(self):
        a = path("a")
        for expr, text in (
                (a.eq(1), "a == 1"), (a.both(path("b")), "a and b"),
                (a.contains("x"), "a contains \"x\""), (a.starts_with("x"), "a starts_with \"x\""),
                (a.ends_with("x"), "a ends_with \"x\""), (a.lower(), "lower(a)"),
                (a.len() > 1, "len(a) > 1"), (a.is_in([1, "b", None]), "a in [1, \"b\", null]"),
                (a.is_in(1, 2), "a in [1, 2]"), (a.is_in({3}), "a in [3]"),
                (a.is_null(), "is_null(a)"), (a.is_missing(), "is_missing(a)"),
                (a.exists(), "exists(a)"),
                ((path("t[*]") == "x").any(), "any(t[*] == \"x\")"),
                ((path("t[*]") == "x").all(), "all(t[*] == \"x\")"),
                (path("t[*]").count() > 1, "count(t[*]) > 1"),
                (Arbor.call("len", a), "len(a)")):
            self.same(expr, text)
        self.assertTrue(path("t[*]").is_vector())

    def test_functions(self):
        a, e = path("a"), Arbor.element
        for expr, text in (
                (a // 2, "a div 2"), (a % 2, "a mod 2"), (a ** 2, "pow(a, 2)"), (2 ** a, "pow(2, a)"),
                (abs(a), "abs(a)"), (a.abs(), "abs(a)"), (a.round(), "round(a)"),
                (a.round(2), "round(a, 2)"), (a.is_between(1, 2), "a is_between (1, 2)"),
                (a.clip(None, 5), "clip(a, null, 5)"), (a.coalesce("x", 1), 'coalesce(a, "x", 1)'),
                (a.match("^x"), 'a match "^x"'), (a.extract("(x)", 1), 'extract(a, "(x)", 1)'),
                (a.split(), "split(a)"), (a.variance(), "var(a)"), (a.quantile(0.5), "quantile(a, 0.5)"),
                (a.map(e() * 2), "map(a, @ * 2)"), (a.filter(e("n") > 1), "filter(a, @.n > 1)"),
                (a.sort(), "sort(a)"), (a.sort(e("n")), "sort(a, @.n)"),
                (a.sort(descending=True), "sort(a, @, true)"), (a.unique(), "unique(a)"),
                (a.with_field("k", None), 'with_field(a, "k", null)'), (a.item(-1), "get(a, -1)"),
                (a.date_add(1, "month"), 'date_add(a, 1, "month")'), (a.to_text(), "to_string(a)"),
                (a.week_year(), "week_year(a)"), (a.parse_json(), "parse_json(a)"),
                (a.parse_date("%Y"), 'parse_date(a, "%Y")'), (a.to_epoch(), "to_epoch(a)"),
                (a.date_from_epoch(), "date_from_epoch(a)"), (a.collect(), "collect(a)"),
                (a.date_from_epoch("millisecond"), 'date_from_epoch(a, "millisecond")'),
                (a.collect_unique(), "collect_unique(a)"),
                (a.parse_json().field("b"), "parse_json(a).b"),
                (a.match_case(1, "one", "?"), 'case(a, 1, "one", "?")'),
                (Arbor.when(a > 1).then("x").when(a).then(1).otherwise(None),
                 'when a > 1 then "x" when a then 1 otherwise null')):
            self.same(expr, text)
        with self.assertRaises(Arbor.ExpressionError):
            a.match("(")
        with self.assertRaises(TypeError):
            a.is_between(1)

    def test_collect(self):
        arbor = Arbor.from_python([{"k": i % 2, "v": v} for i, v in enumerate(
            [1, "x", [2], "x", None, {"a": 1}, 1.0])])
        self.assertEqual(arbor.group_by("k").aggregate(all="collect(v)",
                                                       some="collect_unique(v)").to_python(),
                         [{"k": 0, "all": [1, [2], 1.0], "some": [1, [2]]},
                          {"k": 1, "all": ["x", "x", {"a": 1}], "some": ["x", {"a": 1}]}])
        self.assertEqual(arbor.aggregate(all="len(collect(v))", some="collect_unique(v)[0]")
                         .to_python(), {"all": 6, "some": 1})

    def test_too_much_work_for_a_pattern(self):
        """It is an error that names the tree wherever a pattern is used, never a tree left out; in
        the first batch, in a later one, in a view, and for a plain list of trees."""
        evil = {"s": "a" * 40 + "b", "l": [1], "k": 1}
        few = Arbor.from_python([{"s": "a", "l": [], "k": 2}] * 3 + [evil] + [{"s": "b", "l": 1}])
        many = Arbor.read_jsonl('{"s":"a","l":[2],"k":2}\n' * 40000 + json.dumps(evil) + "\n" +
                                '{"s":"b"}\n' * 10)
        for arbor, number in [(few, 3), (few.filter("true"), 3), (few.sort_by("k"), 3),
                              (many, 40000), (many.filter("k == 1"), 40000),
                              (many.unique_by("s"), 40000)]:
            self.check_limits(arbor, number)

    def check_limits(self, arbor, number):
        pattern = "s match '(a+)+$'"
        expr = Arbor.Expr.parse(pattern)
        other = Arbor.from_python([{"x": True, "n": 1}])
        with tempfile.TemporaryDirectory() as folder, Arbor.Store.open(folder + "/a.arbor") as store:
            store.put("a", arbor)
            stored = next(i for i, tree in enumerate(store["a"]) if len(tree.to_python()["s"]) > 2)
            arbors = {number: {
                "filter": lambda: arbor.filter(pattern).to_python(),
                "filter and": lambda: arbor.filter("%s and s > 'a'" % pattern).to_python(),
                "indices": lambda: arbor.matching_indices(pattern),
                "select": lambda: arbor.select(x=pattern).to_python(),
                "export": lambda: arbor.select(x=pattern).save_file(folder + "/x.jsonl"),
                "extract": lambda: arbor.select(x="extract(s, '(a+)+$')").to_python(),
                "replace": lambda: arbor.add_fields(x="replace_regex(s, '(a+)+$', '')").to_python(),
                "sort": lambda: arbor.sort_by(expr).to_python(),
                "top": lambda: arbor.sort_by(expr)[:2].to_python(),
                "sort by two": lambda: arbor.sort_by("k", expr).to_python(),
                "group": lambda: arbor.group_by(x=pattern).aggregate(n="count()").to_python(),
                "groups": lambda: list(arbor.group_by(x=pattern)),
                "aggregate": lambda: arbor.aggregate(x="collect(%s)" % pattern),
                "unique": lambda: arbor.unique_by(expr).to_python(),
                "column": lambda: arbor.get_column_of(expr),
                "values": lambda: arbor.value_counts(pattern).to_python(),
                "histogram": lambda: arbor.histogram("len(extract(s, '(a+)+$'))", 2).to_python(),
                "explode": lambda: arbor.add_fields(x=pattern).explode("l").to_python(),
                "join": lambda: arbor.join(other, expr, "x").to_python(),
                "join to it": lambda: other.join(arbor, "x", expr).to_python(),
                "semi join": lambda: arbor.join(other, expr, "x", how="semi").to_python(),
                "nest": lambda: arbor.nest(other, expr, "x", field="it").to_python(),
                "index": lambda: arbor.index_by(expr, duplicates="first").find(True),
            }, stored: {
                "update_where": lambda: store.update_where("a", pattern, {"z": 1}),
                "updated value": lambda: store.update_where("a", "true", {"z": expr}),
                "delete_where": lambda: store.delete_where("a", pattern),
            }}
            for tree, calls in arbors.items():
                for name, run in calls.items():
                    with self.subTest(name, tree=tree):
                        with self.assertRaisesRegex(Arbor.LimitError, r"Tree %d: " % tree):
                            run()

    def test_literals(self):
        rows = [None, True, False, 0, -5, 2 ** 53 + 1, 2 ** 63, 2 ** 64 - 1, 2 ** 64, -10 ** 30,
                1.5, 1e300, Decimal("1e400"), "", "text", "a\0b", "\u00e9", [1, [2]], {"k": "v"}]
        arbor = Arbor.from_python({"v": row} for row in rows)
        for i, row in enumerate(rows):
            found = arbor.matching_indices(path("v") == row)
            self.assertEqual(found, [i], row)
            self.assertEqual(arbor.matching_indices(path("v").is_in([row])), [i])
        self.assertEqual(arbor.matching_indices(path("v") == arbor[17]["v"]), [17])
        self.assertEqual(arbor.matching_indices(path("v") == (1, [2])), [17])
        self.same(lit(lit(1)) + 0, "1 + 0")
        for wrong in (object(), {1, 2}, b"x"):
            with self.assertRaisesRegex(TypeError, "no literal"):
                lit(wrong)
            with self.assertRaises(TypeError):
                path("a") < wrong
        with self.assertRaises(ValueError):
            path("a") == float("nan")

    def test_no_truth(self):
        a = path("a")
        with self.assertRaisesRegex(TypeError, "write & | ~ for and, or, not"):
            a > 1 and a < 2
        with self.assertRaises(TypeError):
            1 < a < 2
        with self.assertRaises(TypeError):
            not a
        with self.assertRaises(TypeError):
            (a == 1) in [a == 2]

    def test_identity(self):
        a, twin, other = path("a") > 1, path("a") > 1, path("a") > 2
        self.assertTrue(a.equal(twin))
        self.assertFalse(a.equal(other))
        self.assertEqual(hash(a), hash(twin))
        self.assertEqual(str(a), "a > 1")
        self.assertEqual(repr(a), "<ArborExpr a > 1>")
        self.assertEqual({a: "found"}[a], "found")

    def test_sort_is_stable(self):
        """Also where runs of a long array are merged: 4096 elements each."""
        for n in (2, 4095, 4096, 4097, 8193, 12289, 30000):
            elements = [{"k": i * 7919 % (n // 3 + 1), "i": i} for i in range(n)]
            tree = Arbor.from_python([{"a": elements}])
            for text, sign in (("sort(a, @.k)", 1), ("sort(a, @.k, true)", -1)):
                self.assertEqual(tree.select(x=text)[0].to_python()["x"],
                                 sorted(elements, key=lambda element: sign * element["k"]), (n, text))

    def test_mistakes(self):
        with self.assertRaises(Arbor.ExpressionError):
            Arbor.call("no_such_function", 1)
        with self.assertRaises(Arbor.ExpressionError):
            Arbor.from_python(PEOPLE).filter(path("tags[*]") == "math")
        with self.assertRaises(Arbor.ExpressionError):
            Arbor.call("len", 1, 2)


if __name__ == "__main__":
    unittest.main()
