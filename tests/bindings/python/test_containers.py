"""Stores as dicts of arbors, arbors as sequences of trees, trees as dicts and lists."""

import unittest

from support import PEOPLE, Arbor, StoreTestCase


class Stores(StoreTestCase):
    def test_dict_of_arbors(self):
        store = self.store
        store["short"] = [{"a": 1}, {"a": 2}]
        store["also"] = self.people
        store["views"] = self.people.head(2)
        self.assertEqual(len(store), 4)
        self.assertEqual(list(store), ["also", "people", "short", "views"])
        self.assertEqual(store.keys(), ["also", "people", "short", "views"])
        self.assertEqual({name: arbor.to_python() for name, arbor in store.items()},
                         {"also": PEOPLE, "people": PEOPLE, "short": [{"a": 1}, {"a": 2}],
                          "views": PEOPLE[:2]})
        self.assertEqual([len(arbor) for arbor in store.values()], [4, 4, 2, 2])
        self.assertIn("people", store)
        for name in ("nobody", "", "line\nbreak", "nul\0", 5, None):
            self.assertNotIn(name, store)
        del store["also"]
        self.assertNotIn("also", store)
        self.assertTrue(store.delete("views"))
        self.assertFalse(store.delete("views"))
        self.assertTrue(store)
        self.assertEqual(store.get("people", None).to_python(), PEOPLE)
        self.assertIsNone(store.get("nobody", None))

    def test_put_many(self):
        self.store.put_many({"a": [1], "b": self.people})
        self.store.put_many(["c", "d"], [[2], [3, 4]])
        self.assertEqual({name: arbor.to_python() for name, arbor in self.store.items()},
                         {"a": [1], "b": PEOPLE, "c": [2], "d": [3, 4], "people": PEOPLE})
        with self.assertRaisesRegex(ValueError, "found 2 names for 1 values"):
            self.store.put_many(["c", "d"], [[2]])

    def test_values_of_every_sort(self):
        self.store["mixed"] = (value for value in [1, "two", None, [3], self.people[1],
                                                   self.people[0]["name"]])
        self.assertEqual(self.store["mixed"].to_python(),
                         [1, "two", None, [3], PEOPLE[1], PEOPLE[0]["name"]])
        self.store["empty"] = []
        self.assertEqual(len(self.store["empty"]), 0)
        for wrong in (b"{}", "{}", {"a": 1}, bytearray(b"1")):
            with self.assertRaisesRegex(TypeError, "Arbor.read_jsonl"):
                self.store["wrong"] = wrong
        with self.assertRaises(TypeError):
            self.store["wrong"] = 5
        with self.assertRaisesRegex(TypeError, "found one tree: one tree is a list of one"):
            self.store["wrong"] = self.people[0]
        self.store["parts"] = self.people[0]["tags"]
        self.assertEqual(self.store["parts"].to_python(), ["math", "poetry"])
        with self.assertRaisesRegex(TypeError, "set is no JSON value"):
            self.store["wrong"] = [{1, 2}]
        self.assertNotIn("wrong", self.store)

    def test_with_closes_and_swallows_nothing(self):
        with self.assertRaises(ZeroDivisionError):
            with Arbor.Store.open(self.path) as store:
                people = store["people"]
                self.assertEqual(people.to_python(), PEOPLE)
                1 / 0
        self.assertTrue(store.is_closed())
        self.assert_closed(len, people)
        self.assertEqual(len(self.people), 4)

    def test_options(self):
        self.store.close()
        with Arbor.Store.open(self.path, read_only=True) as store:
            self.assert_raises(Arbor.ReadOnlyError, store_message(store, "put"), store.put, "x",
                               [1])
        options = Arbor.StoreOptions(create=False)
        with Arbor.Store.open(self.path, options) as store:
            self.assertEqual(len(store), 1)
        with self.assertRaisesRegex(TypeError, "unknown option 'creat'"):
            Arbor.Store.open(self.path, creat=True)
        with self.assertRaisesRegex(TypeError, "either"):
            Arbor.Store.open(self.path, options, create=True)

    def test_pathlike(self):
        import pathlib
        lines = pathlib.Path(self.folder, "in.jsonl")
        lines.write_text('{"a":1}\n\n{"a":2}\n')
        with Arbor.Store.open(pathlib.Path(self.folder, "other.arbor")) as store:
            report = store.import_file("x", lines)
            self.assertEqual(report.get_n_trees(), 2)
            self.assertEqual(store["x"].to_python(), [{"a": 1}, {"a": 2}])
        arbor, report = Arbor.load_file(lines)
        self.assertEqual(arbor.to_python(), [{"a": 1}, {"a": 2}])
        self.assertEqual(report.get_n_trees(), 2)

    def test_repr(self):
        self.assertEqual(repr(self.store), "<ArborStore ('%s')>" % self.path)
        self.assertEqual(repr(self.people),
                         "<ArborArbor ('people', 4 trees in '%s')>" % self.path)
        iter, open_one, over = self.people.iterator(), self.store.begin_transaction(), self.store.begin_transaction()
        next(iter)
        over.rollback()
        token, report = self.store.dup_close_token(), self.store.verify()
        shown = [iter, open_one, over, token, report, Arbor.LoadOptions(skip_bad=True, format=Arbor.Format.CSV),
                 Arbor.JoinOptions(kind=Arbor.JoinKind.LEFT), Arbor.StoreOptions()]
        self.assertEqual([repr(one) for one in shown], [
            "<ArborIter (at 1)>", "<ArborTransaction (open)>", "<ArborTransaction (rolled_back)>",
            "<ArborCloseToken (open)>", "<ArborReport (sound)>", "<ArborLoadOptions (format csv, skip_bad True)>",
            "<ArborJoinOptions (kind left)>", "<ArborStoreOptions>"])
        self.store.close()
        self.assertEqual(repr(self.store), "<ArborStore ('%s', closed)>" % self.path)
        self.assertEqual([repr(one) for one in shown[:5]], [
            "<ArborIter (closed)>", "<ArborTransaction (closed)>", "<ArborTransaction (rolled_back)>",
            "<ArborCloseToken (closed)>", "<ArborReport (sound)>"])

    def test_iteration_after_close(self):
        iterator = iter(self.people)
        self.assertEqual(next(iterator).to_python(), PEOPLE[0])
        dicts = self.people.pick("height")
        self.assertEqual(next(dicts), {"height": 66})
        trees = [self.people[0], self.people.find_one("height > 80")]
        self.store.close()
        for function in (self.store.keys, self.store.values, self.store.items, self.people.pick,
                         self.people.to_python, self.people.reverse):
            self.assert_closed(function)
        for function in (next, ):
            self.assert_closed(function, iterator)
            self.assert_closed(function, dicts)
        for function in (len, iter, list):
            self.assert_closed(function, self.store)
            self.assert_closed(function, self.people)
        self.assert_closed(self.store.__getitem__, "people")
        self.assert_closed(self.store.__contains__, "people")
        self.assert_closed(self.store.__delitem__, "people")
        self.assert_closed(self.store.__setitem__, "x", [1])
        for key in (0, -1, slice(0, 2), slice(None, None, -1), slice(-2, None), 99):
            self.assert_closed(self.people.__getitem__, key)
        for tree in trees:
            self.assert_closed(tree.to_python)
            self.assert_closed(tree.__getitem__, "name")
            self.assert_closed(tree.get, "name.last", None)
            self.assert_closed(len, tree)
            self.assertEqual(repr(tree), "<ArborTree (ArborStore has been closed)>")

    def test_iterators_can_be_closed(self):
        with iter(self.people) as iterator:
            next(iterator)
        self.assert_raises(Arbor.ClosedError, "ArborIter has been closed", next, iterator)
        with self.people.pick() as dicts:
            self.assertFalse(dicts.is_closed())
        self.assertTrue(dicts.is_closed())
        self.assert_raises(Arbor.ClosedError, "ArborIter has been closed", next, dicts)
        self.assertEqual(len(self.people), 4)


def store_message(store, what):
    try:
        Arbor.Store.put(store, "y", [])
    except Arbor.ReadOnlyError as error:
        return str(error)
    return "put did not fail"


class Arbors(StoreTestCase):
    def both(self):
        """The same trees in memory, stored, and as a view."""
        return (Arbor.from_python(PEOPLE), self.people, self.people.filter("true"))

    def test_indices(self):
        for arbor in self.both():
            self.assertEqual(len(arbor), 4)
            for i in range(-4, 4):
                self.assertEqual(arbor[i].to_python(), PEOPLE[i])
            for i in (4, -5, 2 ** 63, 2 ** 64, -2 ** 70):
                self.assert_raises(
                    Arbor.OutOfRangeError,
                    "Index %d is out of range: the arbor has 4 trees" % i, arbor.__getitem__, i)
                self.assertIsNone(arbor.get(i, None))
            with self.assertRaises(IndexError):
                arbor[4]
            for wrong in ("0", 1.0, None):
                with self.assertRaises(TypeError):
                    arbor[wrong]

    def test_slices(self):
        bounds = (None, 0, 1, 3, 4, 9, -1, -3, -4, -9, 2 ** 65, -2 ** 65)
        for arbor in self.both():
            for start in bounds:
                for stop in bounds:
                    for step in (None, 1, 2, -1, -2):
                        view = arbor[start:stop:step]
                        self.assertIsInstance(view, Arbor.Arbor)
                        self.assertEqual(view.to_python(), PEOPLE[start:stop:step],
                                         (start, stop, step))
            with self.assertRaisesRegex(ValueError, "zero"):
                arbor[::0]

    def test_iteration(self):
        for arbor in self.both():
            self.assertEqual([tree.to_python() for tree in arbor], PEOPLE)
            self.assertEqual([tree.to_python() for tree in reversed(arbor)], PEOPLE[::-1])
            self.assertEqual(list(arbor), PEOPLE)
            self.assertIn(PEOPLE[2], arbor)
            self.assertNotIn({}, arbor)
            self.assertTrue(arbor)
            self.assertEqual(arbor.to_python(), PEOPLE)
        self.assertTrue(Arbor.from_python([]))

    def test_pick(self):
        for arbor in self.both():
            self.assertEqual(list(arbor.pick()), PEOPLE)
            self.assertEqual(list(arbor.pick("height", "name.last", "tags[0]")),
                             [{"height": 66, "name.last": "Byron", "tags[0]": "math"},
                              {"height": 81, "name.last": "Ek"},
                              {"height": 82.5, "name.last": "Young"},
                              {"name.last": None, "tags[0]": "ball"}])
            self.assertEqual(list(next(arbor.pick("name.last", "height"))),
                             ["name.last", "height"])
            self.assertEqual(list(arbor.pick(["height"]))[:2], [{"height": 66}, {"height": 81}])
            with self.assertRaises(Arbor.ExpressionError):
                arbor.pick("a[")
            with self.assertRaises(TypeError):
                arbor.pick("a", 5)

    def test_conditions(self):
        path = Arbor.path
        for arbor in self.both():
            tall = arbor.filter((path("height") > 80) & (path("birth.country") == "USA"))
            self.assertEqual(tall.to_python(), [PEOPLE[2]])
            self.assertEqual((len(tall), tall[0]["name"]["last"], tall[-1].to_python()),
                             (1, "Young", PEOPLE[2]))
            self.assertEqual(arbor.filter("height > 80").to_python(), PEOPLE[1:3])
            self.assertEqual(arbor.matching_indices("height > 80"), [1, 2])
            self.assertEqual(arbor.matching_indices("height > 99"), [])
            self.assertEqual(arbor.count_matches(path("height") > 80), 2)
            self.assertEqual(arbor.find_one("height > 80").to_python(), PEOPLE[1])
            self.assertIsNone(arbor.find_one("height > 99"))
            self.assert_raises(Arbor.NotFoundError, "None of 4 trees matches",
                               arbor.find_one_or_error, "height > 99")
            self.assertTrue(arbor.any_of("height > 80"))
            self.assertFalse(arbor.all_of("height > 80"))
            for wrong in (lambda tree: True, True, None, [1]):
                with self.assertRaisesRegex(TypeError, "expected an expression or its text"):
                    arbor.filter(wrong)
            with self.assertRaises(Arbor.ExpressionError):
                arbor.filter("height >")

    def test_not_the_list_model(self):
        """What Gio gives to each list model for free would not report closing."""
        for name in ("__len__", "__getitem__", "__iter__", "__contains__"):
            self.assertIn(name, vars(Arbor.Arbor))


class Trees(StoreTestCase):
    def test_members(self):
        tree = self.people[0]
        self.assertEqual(tree["height"], 66)
        self.assertEqual(tree["name"]["last"], "Byron")
        self.assertIsInstance(tree["name"], Arbor.Tree)
        self.assertEqual(tree["tags"][0], "math")
        self.assertEqual(tree["tags"][-1], "poetry")
        self.assertEqual(tree["tags"][::-1], ["poetry", "math"])
        self.assertIsNone(self.people[3]["name"]["last"])
        self.assertEqual(self.people[2]["height"], 82.5)
        self.assertEqual(len(tree), 3)
        self.assertEqual(len(tree["tags"]), 2)
        self.assertEqual(list(tree), ["name", "height", "tags"])
        self.assertEqual(tree.keys(), ["name", "height", "tags"])
        self.assertEqual(tree.items(), [("name", PEOPLE[0]["name"]), ("height", 66),
                                        ("tags", ["math", "poetry"])])
        self.assertEqual(list(tree["tags"]), ["math", "poetry"])
        self.assertIn("name", tree)
        self.assertNotIn("name.last", tree)
        self.assertNotIn(0, tree)
        self.assertIn("math", tree["tags"])
        self.assertNotIn("name", tree["tags"])
        self.assert_raises(Arbor.NotFoundError, "The tree has nothing at 'age'", tree.__getitem__,
                           "age")
        self.assert_raises(Arbor.OutOfRangeError,
                           "Index 2 is out of range: the array has 2 elements",
                           tree["tags"].__getitem__, 2)
        self.assert_raises(Arbor.WrongTypeError, "Expected an array at '', found object",
                           tree.__getitem__, 0)
        self.assert_raises(Arbor.WrongTypeError, "Expected an object at 'a', found array",
                           tree["tags"].__getitem__, "a")
        with self.assertRaises(Arbor.WrongTypeError):
            tree[0:1]
        with self.assertRaises(IndexError):
            tree["tags"][2 ** 70]

    def test_paths(self):
        tree = self.people[1]
        self.assertEqual(tree.get("name.last"), "Ek")
        self.assertEqual(tree.get("name"), {"first": "Bo", "last": "Ek"})
        self.assertIsNone(tree.get("name.middle", None))
        self.assertEqual(tree.get("tags[0]", 7), 7)
        with self.assertRaises(KeyError):
            tree.get("name.middle")
        self.assertTrue(tree.contains("birth.country"))
        self.assertFalse(tree.contains("birth.year"))
        self.assertEqual(tree.get_int64("height"), 81)
        self.assertEqual(tree.get_kind("tags"), Arbor.Kind.ARRAY)
        with self.assertRaises(Arbor.CardinalityError):
            tree.get("tags[*]")
        with self.assertRaises(Arbor.ExpressionError):
            tree.get("a[", None)

    def test_odd_keys(self):
        value = {"": 1, "a.b": 2, "a\0b": 3, "\"q\"": 4, "[0]": 5, "$": 6, "a": 7, "\u00e9\n": 8}
        tree = Arbor.from_python([value])[0]
        self.assertEqual(tree.keys(), list(value))
        self.assertEqual(dict(tree.items()), value)
        self.assert_raises(
            Arbor.WrongTypeError,
            "A key of the object at '' holds U+0000; get its JSON text instead", tree.dup_keys)
        for key, number in value.items():
            self.assertEqual(tree[key], number)
            self.assertIn(key, tree)
        for key in ("a\0", "b", "a\0b\0", "\0"):
            self.assertNotIn(key, tree)
            with self.assertRaises(KeyError):
                tree[key]

    def test_equality(self):
        tree, stored = Arbor.from_python(PEOPLE)[1], self.people[1]
        self.assertEqual(tree, stored)
        self.assertEqual(stored, PEOPLE[1])
        self.assertEqual(PEOPLE[1], stored)
        self.assertNotEqual(stored, self.people[0])
        self.assertEqual(Arbor.from_python([{"a": 1, "b": 2}])[0], {"b": 2, "a": 1.0})
        with self.assertRaisesRegex(TypeError, "unhashable"):
            hash(stored)

    def test_text(self):
        tree = Arbor.from_python([{"a": [1, None]}])[0]
        self.assertEqual(str(tree), '{"a":[1,null]}')
        self.assertEqual(repr(tree), '<ArborTree {"a":[1,null]}>')
        tree = Arbor.from_python(["x" * 100])[0]
        self.assertEqual(repr(tree), '<ArborTree "%s\u2026>' % ("x" * 68))
        self.assertTrue(Arbor.from_python([[]])[0])

    def test_builder(self):
        builder = Arbor.Builder()
        builder.add({"a": 1})
        builder.add(self.people[0])
        builder.add_json('[1,2,"\u00e9"]')
        builder.add_tree(self.people[1])
        self.assertEqual(builder.get_n_trees(), 4)
        arbor = builder.finish()
        self.store.close()
        self.assertEqual(arbor.to_python(), [{"a": 1}, PEOPLE[0], [1, 2, "\u00e9"], PEOPLE[1]])


if __name__ == "__main__":
    unittest.main()
