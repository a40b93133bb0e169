"""Schemas: dictionaries as one path, every key, and a limit of depth; the same in describe."""

import json
import unittest

from support import Arbor


def paths(schema):
    return [schema.dup_path(field) for field in range(schema.get_n_fields())]


class SchemaTest(unittest.TestCase):
    def setUp(self):
        people = {f"p{i:03}": {"name": "x", "n": i} for i in range(150)}
        self.arbor = Arbor.read_jsonl(json.dumps({"people": people, "v": 1}) + "\n")
        self.schema = self.arbor.infer_schema()

    def test_dictionary(self):
        self.assertEqual(paths(self.schema), ["people", "people.*", "people.*.n", "people.*.name",
                                              "v"])
        self.assertEqual(self.schema.get_count(1, Arbor.Kind.OBJECT), 150)
        self.assertFalse(self.schema.is_optional(1))

    def test_expand(self):
        every = self.schema.expand()
        self.assertEqual(every.get_n_fields(), 2 + 3 * 150)
        self.assertIn("people.p007.name", paths(every))

    def test_limit_depth(self):
        self.assertEqual(paths(self.schema.limit_depth(1)), ["people", "v"])
        self.assertEqual(paths(self.schema.limit_depth(2)), ["people", "people.*", "v"])
        self.assertEqual(self.schema.limit_depth(1).to_string().split()[:3],
                         ["people", "object", "1"])

    def test_describe(self):
        figures = {tree["path"]: tree for tree in self.arbor.describe()}
        self.assertEqual(list(figures), paths(self.schema))
        self.assertEqual((figures["people.*.n"]["min"], figures["people.*.n"]["max"],
                          figures["people.*.n"]["mean"]), (0, 149, 74.5))


if __name__ == "__main__":
    unittest.main()
