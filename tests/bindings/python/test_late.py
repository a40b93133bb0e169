"""Derived arbors of which only what is asked for is made: joins, explodes and computed fields give the
same answers as a copy of them, whose trees were made whole before."""

import random
import unittest

from support import Arbor, StoreTestCase


def left_trees(rng, n, dirty):
    trees = []
    for i in range(n):
        tree = {"id": i, "team": "t%d" % rng.randrange(40), "num": rng.randrange(400),
                "v": rng.choice([i, i / 4, None, "s%d" % (i % 7)]),
                "tags": [rng.choice(["a", "b", "c", 1, None, {"x": i}, [i]])
                         for _ in range(rng.randrange(4))]}
        if dirty and rng.random() < 0.2:
            del tree[rng.choice(list(tree))]
        if dirty and rng.random() < 0.1:
            tree["tags"] = rng.choice([5, None, "none", []])
        if dirty and rng.random() < 0.02:
            tree = rng.choice([[1, 2], "text", None, {}])
        elif dirty and rng.random() < 0.01:
            tree = {"id": i, "team": {str(k): k for k in range(1100)}, "tags": [{"x": 1}]}
        trees.append(tree)
    return trees


def right_trees(rng, n, dirty):
    trees = []
    for i in range(n):
        tree = {"team": "t%d" % (i % 60), "num": i, "name": "n%d" % i, "v": i * 2,
                "deep": {"a": [i, i + 1], "b": {"c": i, "d": [{"e": i, "f": "x"}, {"e": -i}]}}}
        if dirty and rng.random() < 0.1:
            tree["deep"] = rng.choice([{"b": [{"c": 1}, {"d": {"e": 2}}]}, [{"a": 1}], "none", None,
                                       {"b": {"c": {"e": 3}}, "a": {"x": 1}}])
        if dirty and rng.random() < 0.2:
            del tree[rng.choice(list(tree))]
        if dirty and rng.random() < 0.1:
            tree["v_right"] = -i
        if dirty and rng.random() < 0.02:
            tree = 7
        trees.append(tree)
    return trees


def texts(arbor):
    return [str(tree) for tree in arbor]


QUESTIONS = [
    len,
    lambda a: len(a.filter("num > 100 and v >= 3")),
    lambda a: texts(a.filter("num > 100").filter("name starts_with 'n1'").head(30)),
    lambda a: str(a.aggregate(s="sum(num)", c="count()", m="max(v_right)", t="n_unique(tags)")),
    lambda a: texts(a.group_by("team").aggregate(n="count()", s="sum(v)", l="last(v_right)")),
    lambda a: texts(a.group_by(k="coalesce(name, team)").aggregate(n="count(deep.a[0])")),
    lambda a: texts(a.sort_by("tags", "num", descending=True).head(30)),
    lambda a: texts(a.top_k(5, "v")),
    lambda a: texts(a.unique_by("tags")),
    lambda a: a.get_column("v").to_list(),
    lambda a: a.filter("exists(v_right)").get_column_of("coalesce(v_right, sum)").to_list(),
    lambda a: str(a.find_one("num == 7")),
    lambda a: texts(a.filter("num < 200").group_by("num").aggregate(n="count()", v="first(v)")),
    lambda a: str(a.filter("sum > 20").aggregate(n="count()", s="sum(sum)", t="first(text)")),
    lambda a: texts(a.reverse().head(5)) + texts(a.slice(7, 9)),
    lambda a: str(a.aggregate(c="sum(deep.b.c)", e="sum(deep.b.d[*].e)", n="count(deep.b)")),
    lambda a: texts(a.group_by(k="deep.b.d[0].e", x="tags.x").aggregate(n="count()")),
    lambda a: len(a.filter("deep.b.c > 20 or exists(deep.a)")),
    lambda a: a.get_column_of("deep.b").to_list() + a.get_column_of("deep.a.x").to_list(),
    lambda a: texts(a.select(c="deep.b.c", d="deep", t="tags").filter("d.b.d[1].e < -9 or t.x > 1")),
    lambda a: str(a.aggregate(s="sum(name[*].num)", n="sum(len(name))", v="sum(name.v)",
                              t="sum(v[*].deep.b.c)", e="sum(v.deep.b.c)", g="sum(found[*].v)")),
    lambda a: texts(a.select(n="name[0].deep.b.d", v="v[1].team", t="name.team", m="num").head(40)),
    lambda a: texts(a),
]


class LateTest(StoreTestCase):
    def compare(self, make, label):
        """Each question is asked of an arbor of its own, then all of one, in any order."""
        copy = make().materialize()
        expected = [question(copy) for question in QUESTIONS]
        for i, question in enumerate(QUESTIONS):
            self.assertEqual(question(make()), expected[i], (label, i))
        order = list(range(len(QUESTIONS)))
        for round in range(2):
            random.Random(round).shuffle(order)
            arbor = make()
            for i in order:
                self.assertEqual(QUESTIONS[i](arbor), expected[i], (label, order, i))

    def sides(self, seed, dirty):
        rng = random.Random(seed)
        left = Arbor.from_python(left_trees(rng, 700, dirty))
        small = Arbor.from_python(right_trees(rng, 60, dirty))
        parts = [Arbor.from_python(right_trees(rng, 150, dirty)) for _ in range(4)]
        return left, small, Arbor.Arbor.concat(parts)

    def test_joins(self):
        for dirty in (False, True):
            left, small, large = self.sides(3, dirty)
            for how in ("inner", "left", "semi", "anti"):
                for right in (small, large):
                    for key in ("num", "team", ["team", "num"]):
                        self.compare(lambda: left.join(right, key, how=how),
                                     (dirty, how, len(right), key))
            self.compare(lambda: left.join(small, "num + 1", "num"), (dirty, "computed key"))
            self.compare(lambda: left.filter("num > 50").sort_by("v").join(large, "team"),
                         (dirty, "sorted"))
            for right in (small, large):
                for field in ("name", "v", "tags"):
                    self.compare(lambda: left.nest(right, "num", field=field),
                                 (dirty, "nest", field, len(right)))
            one = small.unique_by("team")
            for field in ("name", "v"):
                self.compare(lambda: left.nest(one, "team", field=field, one=True),
                             (dirty, "nest one", field))
                self.compare(lambda: left.nest(large, "team", field=field).explode(field),
                             (dirty, "nest and explode", field))

    def test_explode(self):
        for dirty in (False, True):
            left, small, large = self.sides(4, dirty)
            self.compare(lambda: left.explode("tags"), (dirty, "explode"))
            self.compare(lambda: left.explode("tags", "name"), (dirty, "explode as"))
            self.compare(lambda: left.explode("tags", "tags"), (dirty, "explode as itself"))
            self.compare(lambda: large.explode("deep.a"), (dirty, "explode deep"))
            self.compare(lambda: large.explode("deep.a", "sum"), (dirty, "explode deep as"))
            self.compare(lambda: left.explode("tags").explode("tags.x"), (dirty, "twice"))
            for path in ("deep.b", "deep.b.d", "deep"):
                self.compare(lambda: large.explode(path), (dirty, path))
                self.compare(lambda: large.explode(path, "sum", key="text").select(
                    sum="sum", deep="deep", num="num"), (dirty, path, "selected"))

    def test_fields(self):
        for dirty in (False, True):
            left, small, large = self.sides(5, dirty)
            self.compare(lambda: left.add_fields(sum="num + id", text="concat(team, 'x')",
                                                 v="v * 2"), (dirty, "add"))
            self.compare(lambda: left.select(num="num", sum="len(tags)", tags="tags", v="team"),
                         (dirty, "select"))
            self.compare(lambda: left.select(sum="sum(tags[*])", v="tags[*].x", num="num"),
                         (dirty, "vectors"))
            self.compare(lambda: left.drop_fields("v", "tags"), (dirty, "drop"))
            self.compare(lambda: left.rename_fields(v="sum", num="text"), (dirty, "rename"))
            self.compare(lambda: left.add_fields(num="num + 1").add_fields(sum="num * 2")
                         .join(small, "num").drop_fields("team").explode("tags"), (dirty, "chain"))

    def steps(self, rng, right, team):
        """What a chain is made of: views of the left arbor's shape, or nearly so."""
        key = rng.choice(["num", "team", "v", ["team", "num"], ["num", "v"]])
        if rng.random() < 0.3:
            key = ("num mod 50", "num")
        keys = key if isinstance(key, tuple) else (key,)
        return rng.choice([
            lambda a: a.join(rng.choice([right, team]), *keys, how=rng.choice(
                ["inner", "left", "semi", "anti"])),
            lambda a: a.join(right.filter("num mod 3 != 0").sort_by("v", descending=True), *keys,
                             how=rng.choice(["inner", "left", "semi", "anti"]),
                             suffix=rng.choice(["_right", "m", "_"])),
            lambda a: a.join(right.add_fields(sum="num * 2", extra="name").join(team, "team"),
                             *keys, how=rng.choice(["inner", "left", "semi"])),
            lambda a: a.explode(rng.choice(["tags", "deep.a", "found", "tags.x", "deep.b.d",
                                            "deep.b", "found.deep.b.d"])),
            lambda a: a.explode(rng.choice(["tags", "deep.a", "deep.b.d"]), rng.choice(["one", "tags", "v2"])),
            lambda a: a.nest(right, *keys, field=rng.choice(["found", "name"])),
            lambda a: a.select(id="id", team="team", num="num", v="v", tags="tags", found="deep"),
            lambda a: a.add_fields(num="num + 1", sum="coalesce(sum, 1) * 2"),
            lambda a: a.drop_fields(rng.choice(["name", "v_right", "id"])),
            lambda a: a.rename_fields(**{rng.choice(["id", "deep"]): "w%d" % rng.randrange(9)}),
            lambda a: a.filter(rng.choice(["num mod 3 != 1", "v > 20", "exists(tags)",
                                           "name != 'n3'"])),
            lambda a: a.sort_by(rng.choice(["num", "v", "name", "tags"])),
            lambda a: a.slice(rng.randrange(60), rng.randrange(1, 900)),
            lambda a: a.top_k(rng.randrange(1, 300), rng.choice(["num", "v", "name"])),
            lambda a: a.unique_by("num", "tags"),
            lambda a: a.reverse(),
            lambda a: a.append(right.head(40)),
        ])

    def test_chains(self):
        """Derived arbors of derived arbors of views, in any order."""
        for seed in range(40):
            rng = random.Random(seed)
            dirty = rng.random() < 0.4
            left = Arbor.from_python(left_trees(rng, 160, dirty))
            right = Arbor.from_python(right_trees(rng, 90, dirty))
            team = right.unique_by("team").select(team="team", sum="num", v="v")
            seeds = [rng.randrange(1 << 30) for _ in range(rng.randrange(2, 5))]

            def make():
                arbor = left
                for each in seeds:
                    arbor = self.steps(random.Random(each), right, team)(arbor)
                return arbor

            try:
                n = len(make().materialize())
            except Arbor.ExistsError:
                continue
            if n < 20000:
                self.compare(make, (seed, make().explain()))

    def test_kept_trees_end_with_both_sides(self):
        """What a semi or anti join keeps are the left trees themselves, chosen by the right ones."""
        for how in ("semi", "anti"):
            for closes_right in (False, True):
                left_store = Arbor.Store.open(self.folder + "/left%s%d" % (how, closes_right))
                right_store = Arbor.Store.open(self.folder + "/right%s%d" % (how, closes_right))
                left_store["t"] = [{"a": i, "b": i % 3} for i in range(9)]
                right_store["t"] = [{"a": i * 2} for i in range(9)]
                left = left_store["t"].filter("b != 1")
                kept = left.join(right_store["t"], "a", how=how)
                late = left.join(right_store["t"], "a", how=how).filter("b == 0")
                views = [kept, late, kept.sort_by("a"), late.select(a="a")]
                expected = [i for i in (0, 2, 3, 5, 6, 8) if (i % 2 == 0) == (how == "semi")]
                self.assertEqual(kept.get_column("a").to_list(), expected)
                self.assertEqual(kept[0].to_python(), {"a": expected[0], "b": expected[0] % 3})
                self.assertIn("\n%s join by a" % how, kept.explain())
                (right_store if closes_right else left_store).close()
                for arbor in views:
                    self.assert_closed(len, arbor)
                    self.assert_closed(arbor.to_python)
                left_store.close()
                right_store.close()

    def test_errors_stay(self):
        left = Arbor.from_python([{"a": [1, 2], "b": 1}, {"a": [3], "c": 2}])
        with self.assertRaises(Arbor.ExistsError):
            len(left.explode("a", "b"))
        with self.assertRaises(Arbor.ExistsError):
            len(left.explode("a", "c").filter("b == 1"))
        other = Arbor.from_python([{"b": 1, "x": 1}, {"b": 1, "x": 2}])
        with self.assertRaises(Arbor.CardinalityError):
            len(left.nest(other, "b", field="n", one=True))


if __name__ == "__main__":
    unittest.main()
