"""Views whose trees are strewn over batches say what the same trees say in order."""

import random
import unittest

from support import Arbor


def make_documents():
    draw = random.Random(5)
    for i in range(40000):
        document = {"i": i, "s": "k%d" % draw.randrange(50), "u": "u%d" % draw.randrange(100000),
                    "n": draw.randrange(-5, 1000), "f": draw.random() * 100,
                    "a": [draw.randrange(9) for _ in range(draw.randrange(4))],
                    "d": "20%02d-0%d-1%d" % (draw.randrange(30), draw.randrange(1, 10),
                                             draw.randrange(10))}
        if draw.random() < .1:
            document["n"] = None
        if draw.random() < .1:
            del document["f"]
        if draw.random() < .02:
            document["n"] = draw.choice([1.5, "x", True, 2 ** 63, {"q": 1}, [1]])
        if draw.random() < .001:
            document["s"] = "z" * draw.randrange(40000)
        yield document


OTHERS = Arbor.from_python([{"s": "k%d" % i, "w": i * 1.5, "of": {"x": "o%d" % (i % 3)}}
                            for i in range(0, 50, 2)] + [{"s": "k4", "w": None}])

CALLS = [
    lambda view: view.join(OTHERS, ["s"], ["s"]).aggregate(
        n="count()", w="sum(w)", x="n_unique(of.x)", a="first(i)", b="last(i)"),
    lambda view: view.join(OTHERS, ["s"], ["s"], how="left").filter("w == null").head(3000),
    lambda view: view.join(OTHERS, ["s"], ["s"], how="left").group_by("of.x", "n > 5").aggregate(
        n="count()", w="max(w)", i="collect(i)"),
    lambda view: view.join(OTHERS, ["s"], ["s"]).aggregate(
        n="count()", w="sum(w)", x="n_unique(of.x)", y="median(n)", m="max(f)"),
    lambda view: view.join(OTHERS, ["s"], ["s"], how="left").aggregate(
        n="count()", m="min(n)", w="sum(w * f)", k="count(w)"),
    lambda view: view.explode("a").aggregate(n="count()", s="sum(a)", u="n_unique(u)"),
    lambda view: view.join(OTHERS, ["s"], ["s"]).explode("a").aggregate(s="sum(a * w)"),
    lambda view: view.add_fields(x="n / 2").join(OTHERS, ["s"], ["s"]).aggregate(s="sum(x)"),
    lambda view: view.explode("a").group_by("a").aggregate(n="count()", f="first(i)"),
    lambda view: view.select(x="n * 2", s="s").filter("x > 50").value_counts("s"),
    lambda view: view.filter("n * 2 > i % 700"),
    lambda view: view.filter("len(a) > 1 and lower(s) == 'k3'"),
    lambda view: view.group_by("s").aggregate(
        n="count()", x="sum(n*2)", m="max(n)", f="first(u)", l="last(u)", q="median(f)",
        c="n_unique(u)"),
    lambda view: view.group_by(y="year(d)", w="n > 5").aggregate(
        n="count()", s="sum(f*n)", a="sum(a[*])"),
    lambda view: view.group_by("u").aggregate(n="count()", f="first(f)", l="last(n)"),
    lambda view: view.group_by("n").aggregate(
        a="min(n)", b="max(f)", c="any(n > 900)", d="all(f < 99)", e="quantile(n, 0.3)",
        l="collect(i)", s="sum(n)", f="first(f)", g="last(f)"),
    lambda view: view.reverse().group_by(y="year(d)").aggregate(f="first(i)", l="last(i)"),
    lambda view: view.filter("f > 30").group_by("s").aggregate(n="count()", f="first(i)"),
    lambda view: view.filter("n > 0").filter("f > 30"),
    lambda view: view.filter("n > 0").sort_by("s").filter("f > 50").slice(100, 5000),
    lambda view: view.filter("i % 3 == 0").reverse().filter("f > 50").head(7),
    # No keys: one group.
    lambda view: view.group_by({}).aggregate(n="count()", f="first(n)", u="collect_unique(s)"),
    lambda view: Arbor.from_python([len(view.group_by({}))]),
    lambda view: view.value_counts("s"),
    lambda view: view.value_counts("concat(s, 'x')"),
    lambda view: view.value_counts("a[*]"),
    lambda view: view.histogram("n", 10),
    lambda view: view.sort_by("lower(u)"),
    lambda view: view.sort_by("-n", "s").head(100),
    lambda view: view.top_k(50, "n*3"),
    lambda view: view.unique_by("s"),
]


class Strewn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = Arbor.from_python(list(make_documents()))

    def check(self, view):
        in_order = Arbor.read_jsonl(view.to_jsonl())
        for call in CALLS:
            self.assertEqual(call(view).to_json(), call(in_order).to_json())
        aggregates = {"a": "sum(n)", "b": "min(s)", "c": "max(concat(s, u))", "d": "first(a)",
                      "e": "last(n)", "f": "var(f)", "g": "collect_unique(n)"}
        self.assertEqual(view.aggregate(**aggregates).to_json(),
                         in_order.aggregate(**aggregates).to_json())
        self.assertEqual(view.column("n * 2").to_json(), in_order.column("n * 2").to_json())

    def test_errors(self):
        """An error is that of the first tree in order, whatever was read before."""
        view = self.rows.shuffle(3)
        told = []
        for rows in (view, Arbor.read_jsonl(view.to_jsonl())):
            nested = rows.nest(OTHERS, "s", "s", field="o", one=True)
            with self.assertRaises(Arbor.CardinalityError) as caught:
                nested.aggregate(w="sum(o.w)")
            told.append(str(caught.exception))
        self.assertEqual(told[0], told[1])

    def test_shuffled(self):
        self.check(self.rows.shuffle(3))

    def test_sorted(self):
        self.check(self.rows.sort_by("n*2", "s"))

    def test_filtered(self):
        self.check(self.rows.filter("n > 100").shuffle(4))


if __name__ == "__main__":
    unittest.main()
