"""Editing trees through Python: paths, patches, merge patches, differences, errors."""

import decimal
import unittest

from support import Arbor, PEOPLE, StoreTestCase


def tree(value):
    return Arbor.from_python([value])[0]


class Trees(StoreTestCase):
    def test_set(self):
        start = tree({"a": {"b": 1}, "c": [1, 2]})
        self.assertEqual(start.set("a.b", 2), {"a": {"b": 2}, "c": [1, 2]})
        self.assertEqual(start.set("a.x.y", [None]).to_python()["a"], {"b": 1, "x": {"y": [None]}})
        self.assertEqual(start.set("c[2]", {"z": True})["c"], [1, 2, {"z": True}])
        self.assertEqual(start.set("c[-1]", decimal.Decimal("1e400")).to_python()["c"],
                         [1, decimal.Decimal("1e400")])
        self.assertEqual(start.set("", "text").to_json(), '"text"')
        self.assertEqual(start.set("c", start["a"])["c"], {"b": 1})
        self.assertEqual(start, {"a": {"b": 1}, "c": [1, 2]})
        self.assertEqual(self.people[0].set("height", 99)["height"], 99)
        self.assertEqual(self.people[0]["height"], PEOPLE[0]["height"])

    def test_insert_and_remove(self):
        start = tree({"c": [1, 2]})
        self.assertEqual(start.insert("c[1]", "x"), {"c": [1, "x", 2]})
        self.assertEqual(start.insert("c[-1]", "x"), {"c": [1, "x", 2]})
        self.assertEqual(start.insert("d", {}), {"c": [1, 2], "d": {}})
        self.assertEqual(start.remove("c[0]"), {"c": [2]})
        self.assertEqual(start.remove("c"), {})
        with self.assertRaises(KeyError):
            start.remove("x")
        with self.assertRaises(IndexError):
            start.set("c[7]", 1)
        with self.assertRaises(ValueError):
            start.set("c[", 1)
        with self.assertRaises(TypeError):
            start.set("c", object())
        self.assert_raises(Arbor.WrongTypeError, "Expected an object at 'c', found array",
                           lambda: start.set("c.x", 1))

    def test_patch(self):
        start = tree({"a": [1, 2, 3]})
        self.assertEqual(start.patch([{"op": "move", "from": "/a/0", "path": "/a/-"},
                                      {"op": "test", "path": "/a", "value": [2, 3, 1]},
                                      {"op": "add", "path": "/b~1c", "value": None}]),
                         {"a": [2, 3, 1], "b/c": None})
        self.assert_raises(Arbor.TestFailedError,
                           "Operation 1 (test): What is at '/a/0' does not equal the given value",
                           lambda: start.patch([{"op": "remove", "path": "/a/2"},
                                                {"op": "test", "path": "/a/0", "value": 2}]))
        self.assertEqual(start.merge_patch({"a": None, "b": {"c": 1, "d": None}}), {"b": {"c": 1}})

    def test_diff(self):
        start, goal = self.people[0], PEOPLE[2]
        diff = start.diff(goal)
        self.assertEqual(start.patch(diff), goal)
        self.assertEqual(start.diff(start), [])
        self.assertEqual(tree({"a": 1}).diff({"a": 2}),
                         [{"op": "replace", "path": "/a", "value": 2}])

    def test_closed(self):
        edited = self.people[0].set("height", 1)
        given = tree({}).set("x", self.people[0])
        self.store.close()
        for closed in (edited, given):
            self.assertTrue(closed.is_closed())
            with self.assertRaises(Arbor.ClosedError):
                closed.to_json()


class Attributes(StoreTestCase):
    def test_fields_are_no_attributes(self):
        with self.assertRaisesRegex(AttributeError, r"'Tree' object has no attribute 'name': a field is tree\['name'\]"):
            self.people[0].name
        with self.assertRaisesRegex(AttributeError, "'Arbor' object has no attribute 'height': a field is one of"):
            self.people.height
        self.assertFalse(hasattr(self.people[0], "height"))

    def test_reports_say_what_they_are(self):
        path = self.folder + "/lines.jsonl"
        with open(path, "w") as file:
            file.write("1\n2\n")
        self.assertRegex(repr(self.store.import_file("n", path)), "^<ArborLoadReport: .*n trees 2")


if __name__ == "__main__":
    unittest.main()
