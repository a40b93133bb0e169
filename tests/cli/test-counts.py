"""arbor counts, and tables for pages.

Usage: test-counts.py ARBOR [unittest arguments]
"""

import json
import unittest

from command import CommandTest  # takes the first argument


class CountsTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.run_arbor('import', self.store, 'n', '-',
                       stdin=''.join(json.dumps({'v': i % 4, 'w': 'a|b' if i % 2 else 'c'}) + '\n' for i in range(10)))

    def test_values(self):
        out = self.run_arbor('counts', self.store, 'n', 'v')
        self.assertEqual([json.loads(line) for line in out.splitlines()],
                         [{'value': 0, 'count': 3}, {'value': 1, 'count': 3}, {'value': 2, 'count': 2},
                          {'value': 3, 'count': 2}])
        self.assertEqual(len(self.run_arbor('counts', self.store, 'n', 'v', '-n', '1').splitlines()), 1)
        self.assertEqual(self.run_arbor('counts', self.store, 'n', 'v + 1', '-n', '1', '-f', 'json'),
                         '[\n{"value":1,"count":3}\n]\n')

    def test_bars(self):
        out = self.run_arbor('counts', self.store, 'n', 'v', '--bars').splitlines()
        self.assertEqual(out[0].split(), ['value', 'count', 'bar'])
        self.assertEqual([line.split()[2] for line in out[1:]],
                         ['█' * 40, '█' * 40, '█' * 26 + '▋', '█' * 26 + '▋'])

    def test_bins(self):
        out = self.run_arbor('counts', self.store, 'n', 'v', '--bins', '2')
        self.assertEqual([json.loads(line) for line in out.splitlines()],
                         [{'from': 0.0, 'to': 1.5, 'count': 6}, {'from': 1.5, 'to': 3.0, 'count': 4}])
        self.run_arbor('counts', self.store, 'n', 'v', '--bins', '-1', status=2)
        self.run_arbor('counts', self.store, 'n', 'v', '--limit', '-2', status=2)
        self.run_arbor('counts', self.store, 'n', 'v +', status=1)
        self.run_arbor('counts', self.store, 'none', 'v', status=1)

    def test_note(self):
        self.run_arbor('counts', self.store, 'n', 'nothing')
        self.assertIn('nothing', self.stderr)

    def test_markdown(self):
        self.assertEqual(self.run_arbor('query', self.store, 'n', '--limit', '2', '-f', 'markdown'),
                         '|   v | w    |\n| --: | ---- |\n|   0 | c    |\n|   1 | a\\|b |\n')
        titles, rule, *rows = self.run_arbor('describe', self.store, 'n', '-f', 'markdown').splitlines()
        self.assertEqual({len(line) for line in (titles, rule, *rows)}, {len(titles)})
        self.assertEqual(len(rows), len(self.run_arbor('describe', self.store, 'n').splitlines()))


if __name__ == '__main__':
    unittest.main()
