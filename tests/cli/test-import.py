"""Imports that add to an arbor, or come from several files.

Usage: test-import.py ARBOR [unittest arguments]
"""

import gzip
import json
import unittest

from command import CommandTest, PEOPLE, lines  # takes the first argument


class ImportTest(CommandTest):
    def names(self, name='people'):
        return [json.loads(line) for line in self.run_arbor('export', self.store, name).splitlines()]

    def test_several(self):
        """One after the other, each in its own format, as one change; nothing of them when one is wrong."""
        one = self.write('one.jsonl', '{"id":1}\n{"id":2}\n')
        two = self.write('two.csv', 'id,name\n3,x\n')
        three = self.write('three.jsonl.gz', gzip.compress(b'{"id":4}\n'))
        out = self.run_arbor('import', self.store, 'n', one, two, three, '--key', 'id', '--unique')
        self.assertEqual([line.split(' from ')[0] for line in out.splitlines()],
                         ['n: 2 trees', 'n: 1 tree', 'n: 1 tree'])
        before = self.names('n')
        self.assertEqual(before, [{'id': 1}, {'id': 2}, {'id': 3, 'name': 'x'}, {'id': 4}])
        self.assertEqual(self.run_arbor('get', self.store, 'n', '3'), '{"id":3,"name":"x"}\n')
        self.run_arbor('import', self.store, 'n', one, one, '--key', 'id', '--unique', status=1)
        self.run_arbor('import', self.store, 'n', one, self.write('bad.jsonl', '{"id":9}\n{'), status=1)
        self.assertIn('bad.jsonl', self.stderr)
        self.run_arbor('import', self.store, 'n', one, self.folder / 'nowhere', status=1)
        self.assertEqual(self.names('n'), before)

    def test_append(self):
        self.import_people()
        self.run_arbor('import', self.store, 'people', self.write('more.jsonl', '{"id":7}\n'), '--append')
        self.assertEqual(self.names(), PEOPLE + [{'id': 7}])
        self.run_arbor('import', self.store, 'people', '-', '--append', stdin='{"id":8}')
        self.assertEqual(self.names(), PEOPLE + [{'id': 7}, {'id': 8}])
        self.run_arbor('import', self.store, 'new', '-', '--append', stdin='[1,2]')
        self.assertEqual(self.names('new'), [1, 2])

    def test_upsert(self):
        self.import_people()
        data = self.write('more.jsonl', lines([{'id': 2, 'name': 'other'}, {'id': 9}]))
        self.run_arbor('import', self.store, 'people', data, '--upsert', status=1)
        self.assertIn('--upsert: No keys are declared', self.stderr)
        self.run_arbor('import', self.store, 'people', data, '--upsert', '--key', 'id')
        expected = [PEOPLE[0], {'id': 2, 'name': 'other'}, *PEOPLE[2:], {'id': 9}]
        self.assertEqual(self.names(), expected)
        self.run_arbor('keys', self.store, 'people', 'id')
        self.run_arbor('import', self.store, 'people', '-', '--upsert', stdin='{"id":9,"again":true}')
        self.assertEqual(self.names(), expected[:-1] + [{'id': 9, 'again': True}])
        self.run_arbor('import', self.store, 'people', '-', '--upsert', stdin='{"no":1}', status=1)
        self.assertEqual(self.names(), expected[:-1] + [{'id': 9, 'again': True}])
        self.run_arbor('keys', self.store, 'people', 'id', 'name.last')
        self.run_arbor('import', self.store, 'people', '-', '--upsert',
                       stdin='{"id":3,"name":{"last":"Gödel"},"both":true}')
        self.assertEqual(self.names()[2], {'id': 3, 'name': {'last': 'Gödel'}, 'both': True})

    def test_contradictions(self):
        data = self.write('more.jsonl', '1')
        for words in (('--append', '--upsert'), ('--append', '--key', 'id'),
                      ('--upsert', '--key', 'a', '--key', 'b'), ('--upsert', '--key', 'a', '--unique')):
            self.run_arbor('import', self.store, 'n', data, *words, status=2)
        self.assertFalse(self.store.exists())


if __name__ == '__main__':
    unittest.main()
