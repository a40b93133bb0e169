"""Keys in the shell: declared, found, set, unset.

Usage: test-keys.py ARBOR [unittest arguments]
"""

import json
import unittest

from command import PEOPLE, CommandTest, dump, lines


class KeysTest(CommandTest):
    def get(self, *key, **more):
        text = self.run_arbor('get', self.store, 'people', *key, **more)
        return json.loads(text) if text else None

    def test_declare(self):
        self.import_people()
        self.assertEqual(self.run_arbor('keys', self.store, 'people'), '')
        self.get('1', status=1)
        self.assertIn('No keys are declared', self.stderr)
        self.assertEqual(self.run_arbor('keys', self.store, 'people', 'id', '--unique'), '')
        self.assertEqual(self.run_arbor('keys', self.store, 'people'), 'id\n')
        self.assertIn('same key', self.stderr)
        self.assertIn(', unique key id', self.run_arbor('show', self.store))
        self.assertEqual(self.get('2'), PEOPLE[1])
        self.assertEqual(self.get('--', '-4'), PEOPLE[3])
        self.get('7', status=1)
        self.assertIn("'people' has the key 7", self.stderr)
        self.run_arbor('keys', self.store, 'people', '--none')
        self.assertEqual(self.run_arbor('keys', self.store, 'people'), '')
        self.assertEqual(self.stderr, '')

    def test_usage(self):
        self.import_people()
        for words in (['--none', 'id'], ['--unique'], ['--none', '--unique']):
            self.run_arbor('keys', self.store, 'people', *words, status=2)
        self.run_arbor('keys', self.store, 'nobody', 'id', status=1)
        self.run_arbor('keys', self.store, 'people', 'tags[*]', status=1)
        self.assertIn('several', self.stderr)
        self.run_arbor('keys', self.store, 'people', 'tags', status=1)
        self.assertIn('Tree 0', self.stderr)
        self.run_arbor('import', self.store, 'more', 'people.jsonl', '--unique', status=2)

    def test_import(self):
        path = self.write('people.jsonl', lines(PEOPLE))
        self.run_arbor('import', self.store, 'people', path, '--key', 'name.last', '--unique')
        self.assertEqual(self.get('Gödel'), PEOPLE[2])
        twice = self.write('twice.jsonl', lines([*PEOPLE, PEOPLE[1]]))
        self.run_arbor('import', self.store, 'people', twice, status=1)
        self.assertIn('"Müller"', self.stderr)
        self.assertEqual(self.run_arbor('export', self.store, 'people'), lines(PEOPLE))
        self.run_arbor('import', self.store, 'people', twice, '-k', 'name.last', '-k', 'name.first')
        self.assertEqual(self.get('Müller', 'Zoë'), PEOPLE[1])
        self.get('Müller', status=1)

    def test_set(self):
        self.import_people()
        self.run_arbor('keys', self.store, 'people', 'id', '-u')
        self.run_arbor('set', self.store, 'people', '2', '{"born": 1900}')
        self.assertEqual(self.get('2'), {'born': 1900, 'id': 2})
        self.run_arbor('set', self.store, 'people', 'new', '{"id": "new"}')
        self.assertEqual(self.get('new'), {'id': 'new'})
        self.run_arbor('set', self.store, 'people', '"3"', '{"n": 5}')
        self.assertEqual(self.get('"3"'), {'n': 5, 'id': '3'})
        self.assertEqual(self.get('3'), PEOPLE[2])
        self.run_arbor('set', self.store, 'people', '3', '{"id": 4}', status=1)
        self.assertIn('has 4', self.stderr)
        self.run_arbor('set', self.store, 'people', '3', '{"id"', status=1)
        self.run_arbor('set', self.store, 'people', '3', '[1]', status=1)
        self.assertEqual(len(self.run_arbor('export', self.store, 'people').splitlines()), 6)

    def test_several(self):
        self.import_people()
        self.run_arbor('keys', self.store, 'people', 'name.last', 'id', '--unique')
        self.assertEqual(self.get('Müller', '2'), PEOPLE[1])
        self.assertEqual(self.get('["Müller", 2]'), PEOPLE[1])
        self.assertEqual(self.run_arbor('set', self.store, 'people', 'Müller', '2', '{"n": 1}'), '')
        self.assertEqual(self.get('Müller', '2'), {'n': 1, 'name': {'last': 'Müller'}, 'id': 2})
        self.run_arbor('set', self.store, 'people', '["Müller", 2]', '{"n": 2, "id": 2}')
        self.assertEqual(self.get('Müller', '2'), {'n': 2, 'id': 2, 'name': {'last': 'Müller'}})
        self.run_arbor('set', self.store, 'people', 'Müller', '77', '{"n": 3}')
        self.assertEqual(self.get('["Müller", 77]')['n'], 3)
        for words, n in ((['Müller'], 1), (['["Müller"]'], 1), (['[]'], 0), (['Müller', '2', '3'], 3)):
            self.run_arbor('get', self.store, 'people', *words, status=1)
            self.assertIn('of 2 values (name.last, id), and %d were given' % n, self.stderr)
            self.run_arbor('set', self.store, 'people', *words, '{}', status=1)
            self.assertIn('of 2 values (name.last, id), and %d were given' % n, self.stderr)
            self.run_arbor('unset', self.store, 'people', *words, status=1)
            self.assertIn('of 2 values (name.last, id), and %d were given' % n, self.stderr)
        self.run_arbor('set', self.store, 'people', 'Müller', '2', '{"id": 3}', status=1)
        self.assertIn('has 3', self.stderr)
        self.run_arbor('unset', self.store, 'people', '["Müller", 77]')
        self.run_arbor('unset', self.store, 'people', 'Müller', '2')
        self.assertEqual(self.run_arbor('export', self.store, 'people'), lines([PEOPLE[0], *PEOPLE[2:]]))

    def test_unset(self):
        self.import_people()
        self.run_arbor('keys', self.store, 'people', 'id')
        self.run_arbor('unset', self.store, 'people', '2')
        self.get('2', status=1)
        self.run_arbor('unset', self.store, 'people', '2', status=1)
        self.assertEqual(self.run_arbor('export', self.store, 'people'),
                         lines([PEOPLE[0], *PEOPLE[2:]]))

    def test_word_is_a_string(self):
        """A number that no tree has is looked for as a text."""
        path = self.write('codes.jsonl', lines([{'code': '007'}, {'code': '12'}]))
        self.run_arbor('import', self.store, 'codes', path, '--key', 'code')
        for word in ('12', '007'):
            self.assertEqual(self.run_arbor('get', self.store, 'codes', word), dump({'code': word}) + '\n')


if __name__ == '__main__':
    unittest.main()
