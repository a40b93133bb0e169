"""arbor diff.

Usage: test-diff.py ARBOR [unittest arguments]
"""

import json
import random
import unittest

from command import CommandTest, lines  # takes the first argument


class DiffTest(CommandTest):
    def diff(self, *words, status=0):
        out = self.run_arbor('diff', self.store, 'a', 'b', *words, status=status)
        return [json.loads(line) for line in out.splitlines()]

    def put(self, name, trees, *words, store=None):
        self.run_arbor('import', store or self.store, name, self.write('x.jsonl', lines(trees)), *words)

    def test_kinds(self):
        self.put('a', [{'id': 1, 'x': [1, {'y': 2}]}, {'id': 2, 'x': 1}, {'id': 3}])
        self.put('b', [{'id': 4}, {'id': 2, 'x': '1'}, {'id': 1, 'x': [1, {'y': 2}]}])
        expected = [{'id': 3, 'before': {'id': 3}}, {'id': 4, 'after': {'id': 4}},
                    {'id': 2, 'before': {'id': 2, 'x': 1}, 'after': {'id': 2, 'x': '1'}}]
        self.assertEqual(self.diff('--key', 'id'), expected)
        self.assertEqual(self.run_arbor('diff', self.store, 'a', 'a', '-k', 'id'), '')
        self.diff(status=2)
        self.assertIn('--key', self.stderr)
        self.run_arbor('keys', self.store, 'a', 'id')
        self.assertEqual(self.diff(), expected)
        self.diff('--key', 'id >', status=1)

    def test_keyless(self):
        self.put('a', [{'id': 1}, {'x': 1}, {'id': None}])
        self.put('b', [{'id': 1}])
        self.assertEqual(self.diff('--key', 'id'), [])
        self.assertIn("2 trees of 'a' have no key", self.stderr)

    def test_other_store(self):
        other = self.folder / 'other.arbor'
        self.put('a', [{'k': {'x.y': 1, 'z': 2}, 'v': 1}], '--key', 'k["x.y"]', '--key', 'k.z')
        self.put('b', [{'k': {'x.y': 1, 'z': 2}, 'v': 2}], store=other)
        found = self.diff('--in', other)
        self.assertEqual([(row['before']['v'], row['after']['v']) for row in found], [(1, 2)])
        self.run_arbor('diff', self.store, 'a', 'b', status=1)
        self.run_arbor('diff', self.store, 'a', 'b', '--in', self.folder / 'nowhere', status=1)

    def test_model(self):
        rng = random.Random(5)
        for _ in range(5):
            one = {i: {'id': i, 'v': rng.randrange(3)} for i in rng.sample(range(300), 200)}
            two = {i: {'id': i, 'v': rng.randrange(3)} for i in rng.sample(range(300), 200)}
            self.put('a', one.values())
            self.put('b', two.values())
            found = {row['id']: (row.get('before'), row.get('after')) for row in self.diff('--key', 'id')}
            self.assertEqual(found, {i: (one.get(i), two.get(i)) for i in {*one, *two}
                                     if one.get(i) != two.get(i)})


if __name__ == '__main__':
    unittest.main()
