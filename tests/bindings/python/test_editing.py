"""Changing stored arbors in part: by range, and by content."""

import unittest

from support import Arbor, StoreTestCase


class Editing(StoreTestCase):
    def assert_trees(self, *expected):
        self.assertEqual(self.store["a"].to_python(), list(expected))

    def test_by_range(self):
        self.assertTrue(self.store.append("a", [1, {"b": 2}]))
        self.assertTrue(self.store.append("a", [3]))
        self.assert_trees(1, {"b": 2}, 3)
        self.store.replace("a", 1, 1, ["x", "y"])
        self.assert_trees(1, "x", "y", 3)
        self.store.replace("a", 0, 2)
        self.assert_trees("y", 3)
        with self.assertRaises(IndexError):
            self.store.replace("a", 1, 2)
        with self.assertRaises(KeyError):
            self.store.replace("nothing", 0, 0, [1])

    def test_what_is_written(self):
        before = self.store.get_stats()
        self.store["new"] = [1, 2]
        self.store["new"] = [1, 2]
        after = self.store.get_stats()
        self.assertEqual(after.get_n_batches_written() - before.get_n_batches_written(), 1)
        self.assertEqual(after.get_n_batches_skipped() - before.get_n_batches_skipped(), 1)
        self.assertEqual(after.get_n_bytes_written() - before.get_n_bytes_written(),
                         self.store["new"].get_n_bytes())
        # The name and 56 bytes, and an entry of 24.
        self.assertEqual(after.get_n_catalog_bytes_written() - before.get_n_catalog_bytes_written(), 83)
        self.assertEqual(after.get_n_last_batches_written(), 0)
        self.assertEqual(after.get_n_last_batches_skipped(), 1)

    def test_delete_where(self):
        self.store["a"] = [{"n": i} for i in range(10)]
        self.assertEqual(self.store.delete_where("a", Arbor.path("n") >= 3), 7)
        self.assertEqual(self.store.delete_where("a", "n == 1"), 1)
        self.assertEqual(self.store.delete_where("a", "n == 1"), 0)
        self.assert_trees({"n": 0}, {"n": 2})
        with self.assertRaises(KeyError):
            self.store.delete_where("nothing", "true")
        with self.assertRaises(Arbor.ExpressionError):
            self.store.delete_where("a", "n[*] == 1")

    def test_update_where(self):
        self.store["a"] = [{"n": 1, "m": "x"}, {"n": 2}, 7]
        changed = self.store.update_where("a", "n > 0", {"n": Arbor.path("n") + 1, "z": None,
                                                         "m": Arbor.path("nothing")})
        self.assertEqual(changed, 2)
        self.assert_trees({"n": 2, "z": None}, {"n": 3, "z": None}, 7)
        self.assertEqual(self.store.update_where("a", "n == 3", ["z"], [[1, {"k": "v"}]]), 1)
        self.assertEqual(self.store.update_where("a", "n == 3", ["z"], [[1, {"k": "v"}]]), 0)
        self.assert_trees({"n": 2, "z": None}, {"n": 3, "z": [1, {"k": "v"}]}, 7)
        with self.assertRaises(ValueError):
            self.store.update_where("a", "true", ["z", "z"], [1, 2])
        with self.assertRaises(ValueError):
            self.store.update_where("a", "true", ["z"], [1, 2])

    def test_texts_are_code(self):
        """The same text computes the same, wherever it is given; data has a word of its own."""
        self.store["a"] = [{"n": 1, "s": "x"}]
        for text, result in (("n + 1", 2), ("'Boston'", "Boston"), ("n", 1), ("upper(s)", "X"),
                             ("null", None), ("true", True), ("12", 12)):
            arbor = self.store["a"]
            self.assertEqual(arbor.add_fields(m=text).to_python()[0]["m"], result)
            self.assertEqual(arbor.select(m=text).to_python()[0]["m"], result)
            self.assertEqual(arbor.lazy().add_fields(m=text).to_python()[0]["m"], result)
            self.store.update_where("a", "true", {"m": text})
            self.assertEqual(self.store["a"].to_python()[0]["m"], result)
            self.store.update_where("a", "true", {"m": Arbor.lit(text)})
            self.assertEqual(self.store["a"].to_python()[0]["m"], text)
            self.assertEqual(self.store["a"].add_fields(m=Arbor.lit(text)).to_python()[0]["m"], text)
            self.assertEqual(Arbor.when("n == 1").then(text).otherwise(0).to_string(),
                             "when n == 1 then %s otherwise 0" % Arbor.lit(text))
        before = self.store["a"].to_jsonl()
        for wrong in ("Boston", "New York", "n +", "", "s.first"):
            with self.assertRaises((Arbor.SchemaError, Arbor.ExpressionError)):
                self.store.update_where("a", "true", {"s": wrong})
        with self.assertRaisesRegex(Arbor.SchemaError, "no tree has 'Boston'; a text is an expression, "
                                                       "and the text itself is Arbor.lit"):
            self.store.update_where("a", "true", {"s": "Boston"})
        self.assertEqual(self.store["a"].to_jsonl(), before)
        for name in ("map", "filter", "min_by", "max_by"):
            with self.assertRaises(TypeError):
                getattr(Arbor.path("l"), name)("@ > 1")
        with self.assertRaises(TypeError):
            Arbor.path("l").sort("@.n")

    def test_upsert(self):
        self.assertEqual(self.store.upsert("a", "id", [{"id": 1}, {"id": "b"}]), 2)
        self.assertEqual(self.store.upsert("a", "id", [{"id": 1, "v": 2}, {"id": "b"}, {"id": 3}]),
                         2)
        self.assert_trees({"id": 1, "v": 2}, {"id": "b"}, {"id": 3})
        self.assert_raises(
            Arbor.CardinalityError,
            "Tree 1 of the arbor to be upserted has no key: id is missing or null",
            self.store.upsert, "a", "id", [{"id": 4}, {}])

    def test_from_the_signatures(self):
        """As any binding calls them."""
        self.store["a"] = [{"n": 1}, {"n": 2}]
        raw = Arbor.Store.__bases__[-1]
        predicate = Arbor.Expr.parse("n == 1")
        value = Arbor.Expr.parse("n + 10")
        self.assertEqual(raw.update_where(self.store, "a", predicate, ["n"], [value], None), 1)
        self.assert_trees({"n": 11}, {"n": 2})
        self.assertEqual(raw.delete_where(self.store, "a", Arbor.Expr.parse("n == 2"), None), 1)
        self.assert_trees({"n": 11})

    def test_closed(self):
        self.store["a"] = [1]
        self.store.close()
        for call in (lambda: self.store.append("a", [1]),
                     lambda: self.store.replace("a", 0, 1, [1]),
                     lambda: self.store.delete_where("a", "true"),
                     lambda: self.store.update_where("a", "true", {"n": 1}),
                     lambda: self.store.upsert("a", "id", [{"id": 1}])):
            with self.assertRaises(Arbor.ClosedError):
                call()


if __name__ == "__main__":
    unittest.main()
