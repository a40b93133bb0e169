"""Indexes, nesting and joins, compared with what nested loops in Python give."""

import random
import unittest

from support import PEOPLE, Arbor, StoreTestCase

ABSENT = object()
KEYS = [1, 1.0, "1", 2, 2**53, 2**53 + 1, 2.0**53, "a", [1], [1.0], {"x": 1, "y": 2},
        {"y": 2, "x": 1}, True, None, ABSENT, ""]


def canonical(key):
    """What is equal for the library is equal for Python: numbers by value, but no truth values."""
    if isinstance(key, bool):
        return ("bool", key)
    if isinstance(key, (list, tuple)):
        return ("list", tuple(map(canonical, key)))
    if isinstance(key, dict):
        return ("dict", tuple(sorted((k, canonical(v)) for k, v in key.items())))
    return (type(key) is str, key)


def has_key(tree, names):
    return all(isinstance(tree, dict) and tree.get(name) is not None for name in names)


def key_of(tree, names):
    return tuple(canonical(tree[name]) for name in names)


def matches(tree, names, others, other_names):
    if not has_key(tree, names):
        return []
    return [other for other in others if has_key(other, other_names)
            and key_of(other, other_names) == key_of(tree, names)]


def joined(left, right, dropped):
    if not isinstance(left, dict) or not isinstance(right, dict):
        return left
    result = dict(left)
    for name, value in right.items():
        if name in dropped:
            continue
        if name in left:
            name += "_right"
            while name in left or name in right or name in result:
                name += "_right"
        result[name] = value
    return result


def make_trees(rng, n, extra):
    trees = []
    for i in range(n):
        if rng.random() < 0.1:
            trees.append(rng.choice([7, None, [1], "x"]))
            continue
        tree = {}
        for name in ("k", "l"):
            key = rng.choice(KEYS if name == "k" else [1, 2, None, ABSENT])
            if key is not ABSENT:
                tree[name] = key
        tree[extra] = i
        tree["both"] = [i]
        trees.append(tree)
    return trees


class Joins(StoreTestCase):
    def arbors(self, seed):
        rng = random.Random(seed)
        left, right = make_trees(rng, 40, "a"), make_trees(rng, 30, "b")
        self.store["left"] = left
        return left, right, self.store["left"], Arbor.from_python(right)

    def test_join(self):
        for seed in range(20):
            left, right, arbor, other = self.arbors(seed)
            for mine, theirs in ((["k"], ["k"]), (["k", "l"], ["k", "l"]), (["a"], ["b"])):
                pairs = [(tree, matches(tree, mine, right, theirs)) for tree in left]
                inner = [joined(tree, one, theirs) for tree, found in pairs for one in found]
                outer = [row for tree, found in pairs
                         for row in ([joined(tree, one, theirs) for one in found] or [tree])]
                self.assertEqual(arbor.join(other, mine, theirs).to_python(), inner)
                self.assertEqual(arbor.join(other, mine, theirs, how="left").to_python(), outer)
                self.assertEqual(arbor.join(other, mine, theirs, how="semi").to_python(),
                                 [tree for tree, found in pairs if found])
                self.assertEqual(arbor.join(other, mine, theirs, how="anti").to_python(),
                                 [tree for tree, found in pairs if not found])

    def test_no_value_is_lost(self):
        """Trees whose names are made of a few pieces, each value standing only once in all of them."""
        rng = random.Random(7)
        names = ["k", "a", "a_right", "a_right_right", "b", "b_right", "_right", "k_right"]
        for _ in range(300):
            values = iter(range(100, 10000))
            left, right = ([dict({name: next(values) for name in rng.sample(names[1:], 5)}, k=i)
                            for i in range(3)] for _ in range(2))
            for mine, theirs in (("k", "k"), (Arbor.path("k") + 0, "k"), ("k", Arbor.path("k") + 0)):
                drops = isinstance(mine, str) and isinstance(theirs, str)
                rows = Arbor.from_python(left).join(right, mine, theirs, how="left").to_python()
                for one, other, row in zip(left, right, rows):
                    kept = [value for name, value in other.items() if name != "k" or not drops]
                    self.assertEqual(sorted(row.values()), sorted([*one.values(), *kept]))
            arbor = Arbor.from_python(left)
            old, new = rng.choice(names), rng.choice(names)
            try:
                renamed = arbor.rename_fields({old: new}).to_python()
            except Arbor.ExistsError:
                self.assertTrue(any(old in tree and new in tree for tree in left))
            else:
                self.assertEqual([sorted(tree.values()) for tree in renamed],
                                 [sorted(tree.values()) for tree in left])
            lists = [dict(tree, **{old: [next(values)], "o": {"l": [next(values)], "m": next(values)}})
                     for tree in left]
            for path in (old, "o.l"):
                field = rng.choice([*names, "o"])
                expected = [dict(tree) for tree in lists]
                for tree in expected:
                    tree["o"] = dict(tree["o"])
                    holder = tree if path == old else tree["o"]
                    (element,) = holder.pop("l" if path == "o.l" else old)
                    if field not in tree:
                        tree[field] = element
                        continue
                    expected = None
                    break
                try:
                    exploded = Arbor.from_python(lists).explode(path, field).to_python()
                except (Arbor.ExistsError, Arbor.InvalidArgumentError):
                    self.assertIsNone(expected)
                else:
                    self.assertEqual(exploded, expected)
        with self.assertRaises(ValueError):
            Arbor.from_python([{"k": 1}]).select("k", "k")
        with self.assertRaises(Arbor.InvalidArgumentError):
            Arbor.from_python([{"k": 1}]).group_by("k").aggregate(k="count()")

    def test_computed_keys_stay(self):
        left, right = [{"n": "ANN"}], [{"n": "ann", "m": 1}]
        self.assertEqual(Arbor.from_python(left).join(right, Arbor.path("n").lower(), "n").to_python(),
                         [{"n": "ANN", "n_right": "ann", "m": 1}])

    def test_nest_one_without_matches(self):
        left = Arbor.from_python([{"a": 1, "b": 2}, {"a": 3}])
        for right in ([{"k": 7}, {}], []):
            view = left.nest(Arbor.from_python(right), "a", "k", field="f", one=True)
            self.assertEqual(view.to_jsonl(), left.to_jsonl())
            self.assertEqual(view.count_matches("f == null"), 2)
            self.assertEqual(view.select("f").to_jsonl(), "{}\n{}\n")

    def test_nest_of_one_without_match(self):
        people = Arbor.from_python([{"team": "x"}, {"team": "y"}])
        self.assertEqual(people.nest([{"id": "x"}], "team", "id", field="team", one=True).to_python(),
                         [{"team": {"id": "x"}}, {"team": "y"}])

    def test_nest(self):
        for seed in range(20):
            left, right, arbor, other = self.arbors(seed)
            for field in ("new", "k"):
                expected = [dict(tree, **{field: matches(tree, ["k"], right, ["k"])})
                            if isinstance(tree, dict) else tree for tree in left]
                self.assertEqual(arbor.nest(other, "k", field=field).to_python(), expected)
        ones = self.people.add_fields(i="1").head(0).append([{"n": 1, "m": 5}, {"n": 2}, {}])
        self.assertEqual(ones.nest([{"m": 5, "x": 1}], "m", field="it", one=True).to_python(),
                         [{"n": 1, "m": 5, "it": {"m": 5, "x": 1}}, {"n": 2}, {}])
        twice = ones.nest([{"m": 5}, {"m": 5.0}], "m", field="it", one=True)
        with self.assertRaisesRegex(Arbor.CardinalityError, "Key 5 has 2 matches"):
            twice.to_python()

    def test_index(self):
        for seed in range(20):
            left, _, arbor, _ = self.arbors(seed)
            first, last = arbor.index_by("k", duplicates="first"), arbor.index_by("k", duplicates="last")
            every = arbor.index_by("k", duplicates="collect")
            pairs = arbor.index_by("k", "l", duplicates="collect")
            self.assertEqual(len(every), len({key_of(tree, ["k"]) for tree in left
                                              if has_key(tree, ["k"])}))
            for key in KEYS:
                if key is ABSENT:
                    continue
                found = matches({"k": key}, ["k"], left, ["k"])
                self.assertEqual(every.look_up_all(key).to_python(), found)
                self.assertEqual(key in every, bool(found))
                self.assertEqual(first.get(key), found[0] if found else None)
                self.assertEqual(last.get(key), found[-1] if found else None)
                self.assertEqual(last.look_up_all(key).to_python(), found[-1:])
                self.assertEqual(pairs.look_up_all([key, 2]).to_python(),
                                 matches({"k": key, "l": 2}, ["k", "l"], left, ["k", "l"]))

    def test_index_mistakes(self):
        arbor = Arbor.from_python([{"k": "a"}, {"k": 1}, {"k": "a"}])
        with self.assertRaisesRegex(Arbor.CardinalityError, 'Key "a" belongs to several trees'):
            arbor.index_by("k")
        with self.assertRaises(Arbor.InvalidArgumentError):
            arbor.index_by()
        with self.assertRaises(ValueError):
            arbor.index_by("k[*]")
        with self.assertRaises(ValueError):
            arbor.index_by("k", duplicates="some")
        index = arbor.index_by("k", duplicates="first")
        self.assertEqual(index.look_up_string("a").to_python(), {"k": "a"})
        self.assertEqual(index.look_up_int64(1).to_python(), {"k": 1})
        self.assertIsNone(index.look_up_int64(2))
        with self.assertRaises(KeyError):
            index["b"]
        with self.assertRaises(Arbor.WrongTypeError):
            arbor.index_by("k", "k", duplicates="first").look_up("a")
        with self.assertRaises(Arbor.InvalidArgumentError):
            arbor.join(arbor, ["k"], ["k", "k"])
        with self.assertRaises(Arbor.InvalidArgumentError):
            arbor.join(arbor, "k", suffix="")

    def test_ends_with_either_store(self):
        left, right, arbor, other = self.arbors(1)
        with Arbor.Store.open(self.path + "-other") as store:
            store["right"] = right
            index = self.people.index_by("id" if "id" in PEOPLE[0] else "name", duplicates="first")
            rows = [arbor.join(store["right"], "k", how=how) for how in ("inner", "left", "semi", "anti")]
            rows.append(arbor.nest(store["right"], "k", field="x"))
            rows.append(arbor.join(arbor, "k"))
            self.assertEqual(rows[0].to_python(), arbor.join(other, "k").to_python())
            store["right"] = [1]
            for row in rows[:5]:
                with self.assertRaises(Arbor.StaleError):
                    row.to_python()
        for row in rows[:5]:
            with self.assertRaises(Arbor.ClosedError):
                len(row)
        self.assertEqual(len(rows[5]), sum(len(matches(tree, ["k"], left, ["k"])) for tree in left))
        self.store.close()
        with self.assertRaises(Arbor.ClosedError):
            len(rows[5])
        with self.assertRaises(Arbor.ClosedError):
            len(index)


if __name__ == "__main__":
    unittest.main()
