# Keys: declaring them, finding by them, what they refuse.

import asyncio
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support import Arbor, StoreTestCase  # noqa: E402

TREES = [{"id": i, "name": "n%d" % i, "at": {"x": i % 3}} for i in range(40)]
UNIQUE = Arbor.KeyFlags.UNIQUE


class Keys(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.store["a"] = TREES

    def test_declare(self):
        self.assertEqual(self.store["a"].dup_keys(), [])
        self.assertFalse(self.store["a"].props.keys_unique)
        self.assertTrue(self.store.set_keys("a", "id", UNIQUE))
        arbor = self.store["a"]
        self.assertEqual(arbor.dup_keys(), ["id"])
        self.assertEqual(arbor.props.keys, ["id"])
        self.assertTrue(arbor.props.keys_unique)
        self.assertEqual(arbor.filter("id > 3").dup_keys(), ["id"])
        generation = arbor.get_generation()
        self.store.set_keys("a", ["id"], UNIQUE)
        self.assertEqual(self.store["a"].get_generation(), generation)
        self.store.set_keys("a", [])
        self.assertEqual(self.store["a"].dup_keys(), [])
        self.assertEqual(Arbor.from_python([1]).dup_keys(), [])

    def test_find(self):
        with self.assertRaises(ValueError):
            self.store["a"].find(3)
        self.store.set_keys("a", "id")
        arbor = self.store["a"]
        self.assertEqual(arbor.find(3).to_python(), TREES[3])
        self.assertEqual(arbor.find(3.0).to_python(), TREES[3])
        self.assertEqual(arbor.find_int64(3).to_python(), TREES[3])
        self.assertIsNone(arbor.find_string("3"))
        self.assertIsNone(arbor.find(True))
        self.assertIsNone(arbor.filter("id > 5").find(3))
        self.assertEqual(arbor.filter("id > 5").reverse().find(7).to_python(), TREES[7])
        for wrong in (None, [1], {"a": 1}):
            with self.assertRaises(Arbor.WrongTypeError):
                arbor.find(wrong)

    def test_find_in_views(self):
        self.store.set_keys("a", "at.x")
        arbor = self.store["a"]
        for view in (arbor.filter("id mod 2 == 1"), arbor.sort_by("-id"), arbor.reverse(), arbor.head(5), arbor.tail(5),
                     arbor.take([9, 7, 8, 7]), arbor.unique_by("id"), arbor[3:7], arbor.sort_by("-id").head(2)):
            for key in range(4):
                expected = [tree for tree in view.to_python() if tree["at"]["x"] == key]
                found = view.find(key)
                self.assertEqual(found and found.to_python(), expected[0] if expected else None)
        for view in (arbor.sort_by("-id"), arbor.filter("id > 3").sort_by("name").reverse(), arbor.reverse()):
            for condition in ("at.x == 2", "at.x in [1, 3] and id < 30", "at.x == 77"):
                plain = Arbor.from_python(view.to_python())
                expected = plain.filter(condition).to_python()
                filtered = view.filter(condition)
                self.assertIn("key index: at.x | batches to ask: 1", filtered.explain())
                self.assertEqual(filtered.to_python(), expected)
                self.assertIn("key index: at.x | batches asked: 1", filtered.explain())
                self.assertEqual(view.count_matches(condition), len(expected))
                found = view.find_one(condition)
                self.assertEqual(found and found.to_python(), expected[0] if expected else None)
                self.assertEqual(view.any_of(condition), bool(expected))
            with self.assertRaisesRegex(Arbor.NotFoundError, "None of %d trees" % len(view)):
                view.find_one_or_error("at.x == 77")
        self.assertNotIn("key index", arbor.sort_by("id").head(5).filter("at.x == 2").explain())
        # What another tree would be refused for is not asked.
        self.store["a"] = [{"at": {"x": 1}, "n": 1}, {"at": {"x": 2}, "n": "one"}]
        self.assertEqual(self.store["a"].filter("n + 1 == 2").find(1).to_python()["n"], 1)

    def test_join(self):
        self.store.set_keys("a", "id", UNIQUE)
        arbor = self.store["a"]
        left = Arbor.from_python([{"k": 3.0}, {"k": 77}, {"k": None}, {}])
        for right in (arbor, arbor.filter("id > 1").sort_by("-id")):
            join = left.join(right, "k", "id", how="left")
            self.assertIn("key index: id, batches to ask: 1, for up to 40 trees", join.explain())
            self.assertEqual(join.to_python(), [{"k": 3.0, "name": "n3", "at": {"x": 0}}, {"k": 77}, {"k": None}, {}])
            self.assertIn("key index: id, batches asked: 1", join.explain())
            self.assertEqual(left.join(right, "k", "id", how="anti").to_python(), [{"k": 77}, {"k": None}, {}])
            self.assertEqual(left.nest(right, "k", "id", "m").to_python()[0]["m"], [TREES[3]])
        many = Arbor.from_python([{"k": i} for i in range(50)]).join(arbor, "k", "id")
        self.assertEqual(len(many), 40)
        self.assertNotIn("key index", many.explain())
        self.assertNotIn("key index", left.join(arbor, "k", "name").explain())

    def test_several(self):
        self.store.set_keys("a", [Arbor.path("at.x"), "name"])
        arbor = self.store["a"]
        self.assertEqual(arbor.find([1, "n4"]).to_python(), TREES[4])
        self.assertIsNone(arbor.find([2, "n4"]))
        self.assertIn("key index: at.x, name", arbor.filter("name == 'n4' and at.x == 1").explain())
        self.assertNotIn("key index", arbor.filter("name == 'n4'").explain())
        for wrong in ("n4", [1], [1, "n4", 2], [1, None]):
            with self.assertRaises(Arbor.WrongTypeError):
                arbor.find(wrong)

        for wrong, n in (([], 0), ([1], 1), ([1, 2, 3], 3), ([1] * 40, 40)):
            with self.assertRaisesRegex(Arbor.WrongTypeError, r"of 2 values \(at.x, name\), and %d were given" % n):
                arbor.find(wrong)

    def test_upsert(self):
        with self.assertRaisesRegex(ValueError, "No keys are declared for 'a'"):
            self.store.upsert("a", None, [{"id": 1}])
        with self.assertRaisesRegex(ValueError, "No keys are declared for 'nobody'"):
            self.store.upsert("nobody", None, [{"id": 1}])
        self.assertNotIn("nobody", self.store)
        for flags in (Arbor.KeyFlags.NONE, UNIQUE):
            self.store["a"] = TREES
            self.store.set_keys("a", ["at.x", "name"], flags)
            new = [{"name": "n4", "at": {"x": 1}, "new": 1}, {"name": "n4", "at": {"x": 2}, "new": 2},
                   {"name": "n5", "at": {"x": 2.0}, "id": 5}, {"name": "n4", "at": {"x": 1}, "new": 3}]
            self.assertEqual(self.store.upsert("a", None, new), 3)
            expected = [new[3] if i == 4 else new[2] if i == 5 else TREES[i] for i in range(40)] + [new[1]]
            self.assertEqual(self.store["a"].to_python(), expected)
            with self.assertRaisesRegex(Arbor.CardinalityError, "Tree 1 of the arbor to be upserted has no key: at.x is"):
                self.store.upsert("a", None, [new[0], {"name": "n4"}])
            with self.assertRaises(Arbor.WrongTypeError):
                self.store.upsert("a", None, [{"name": [1], "at": {"x": 1}}])
            self.assertEqual(self.store["a"].to_python(), expected)
            # Of so many that all are gone through.
            many = [{"name": "n%d" % (i % 50), "at": {"x": i % 50 % 3}, "i": i} for i in range(100)]
            self.assertEqual(self.store.upsert("a", None, many), 50)
            self.assertEqual(self.store["a"].to_python(), many[50:90] + [new[1]] + many[90:])
            self.assertEqual(asyncio.run(self.upsert_later([{"name": "n1", "at": {"x": 1}}])), 1)
            self.assertEqual(self.store["a"].find([1, "n1"]).to_python(), {"name": "n1", "at": {"x": 1}})

    async def upsert_later(self, trees):
        return await self.store.upsert_async("a", None, trees)

    def test_unique(self):
        self.store.set_keys("a", "id", UNIQUE)
        for change in (lambda: self.store.append("a", [{"id": 41}, {"id": 3}]),
                       lambda: self.store.put("a", [{"id": 1}, {"id": 1.0}]),
                       lambda: self.store.replace("a", 5, 1, [{"id": 6}]),
                       lambda: self.store.update_where("a", "id < 3", {"id": 2})):
            with self.assertRaises(Arbor.ExistsError) as caught:
                change()
            self.assertIn("id ", str(caught.exception))
            self.assertEqual(self.store["a"].to_python(), TREES)
        with self.assertRaises(Arbor.ExistsError):
            self.store.set_keys("a", "at.x", UNIQUE)
        with self.assertRaises(Arbor.WrongTypeError):
            self.store.set_keys("a", "at")
        self.assertEqual(self.store["a"].dup_keys(), ["id"])
        self.store.append("a", [{}, {"id": None}, {}])
        self.assertEqual(len(self.store["a"]), 43)

    def test_import(self):
        path = self.folder + "/trees.jsonl"
        with open(path, "w") as file:
            file.write('{"k":1}\n{"k":2}\n')
        self.store.import_file("i", path, keys=["k"], keys_unique=True)
        self.assertEqual(self.store["i"].find(2).to_python(), {"k": 2})
        with open(path, "a") as file:
            file.write('{"k":2}\n')
        with self.assertRaises(Arbor.ExistsError):
            self.store.import_file("i", path)
        self.assertEqual(len(self.store["i"]), 2)

    def test_transaction(self):
        with self.store.transaction() as transaction:
            transaction.set_keys("a", "id", UNIQUE)
            self.assertEqual(transaction["a"].find(4).to_python(), TREES[4])
            transaction.append("a", [{"id": 4}])
            with self.assertRaises(Arbor.ExistsError):
                transaction.commit()
            transaction.replace("a", 4, 1)
            transaction.rename("a", "b")
            transaction.commit()
        self.assertEqual(self.store["b"].dup_keys(), ["id"])
        self.assertEqual(self.store["b"].find(4).to_python(), {"id": 4})
        with self.store.transaction() as transaction:
            transaction.delete("b")
            transaction.put("b", [{"id": 1}, {"id": 1}])
            transaction.commit()
        self.assertEqual(self.store["b"].dup_keys(), [])

    def test_async(self):
        async def run():
            await self.store.set_keys_async("a", "id", UNIQUE)
            return await self.store["a"].find_async(9)
        self.assertEqual(asyncio.run(run()).to_python(), TREES[9])

    def test_progress(self):
        told = []
        self.store.set_keys("a", "id", UNIQUE, lambda done, total: told.append((done, total)))
        self.assertEqual(told[-1], (40, 40))


if __name__ == "__main__":
    unittest.main()
