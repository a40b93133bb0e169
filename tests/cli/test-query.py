"""The steps of `arbor query`: done in the order in which they are written, several of a kind.

Usage: test-query.py ARBOR [unittest arguments]
"""

import csv
import io
import json
import random
import unittest

from command import CommandTest, dump, lines

TREES = [
    {'id': 1, 'g': 'x', 'v': [3, 1, 2]},
    {'id': 2, 'g': 'y', 'v': [5]},
    {'id': 3, 'g': 'x', 'v': []},
    {'id': 4, 'g': 'z', 'v': [2, 2]},
    {'id': 5, 'g': 'y', 'v': [9, 1]},
    {'id': 6, 'g': 'x', 'v': [4]},
]


class QueryTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.run_arbor('import', self.store, 't', self.write('t.jsonl', lines(TREES)))

    def query(self, *words):
        return self.run_arbor('query', self.store, 't', *words)

    def check(self, *words, gives):
        self.assertEqual(self.query(*words), lines(gives))


class OrderTest(QueryTest):
    def test_select_before_sort(self):
        self.check('--select', 'n=len(v)', '--sort', 'n:desc', '-n', '1', gives=[{'n': 3}])
        self.check('--sort', 'len(v):desc', '-n', '1', '--select', 'n=len(v)', gives=[{'n': 3}])
        self.check('-n', '2', '--select', 'n=len(v)', '--sort', 'n', gives=[{'n': 1}, {'n': 3}])

    def test_where_anywhere(self):
        self.check('--where', 'g == "x"', '--explode', 'v', '--where', 'v > 2',
                   gives=[{'id': 1, 'g': 'x', 'v': 3}, {'id': 6, 'g': 'x', 'v': 4}])
        self.check('--explode', 'v', '--where', 'v == 2', '--where', 'id > 1',
                   gives=[{'id': 4, 'g': 'z', 'v': 2}] * 2)
        self.check('-g', 'g', '-a', 'n=count()', '-w', 'n > 1', '-s', 'n',
                   gives=[{'g': 'y', 'n': 2}, {'g': 'x', 'n': 3}])
        self.check('-w', 'id > 2', '-g', 'g', '-a', 'n=count()', '-w', 'n > 1',
                   gives=[{'g': 'x', 'n': 2}])
        self.check('--limit', '2', '--where', 'g == "x"', '--select', 'id=id', gives=[{'id': 1}])
        self.check('--where', 'g == "x"', '--limit', '2', '--select', 'id=id',
                   gives=[{'id': 1}, {'id': 3}])

    def test_several(self):
        self.check('-g', 'g', '-a', 'n=count()', '-g', 'n', '-a', 'groups=count()',
                   gives=[{'n': 3, 'groups': 1}, {'n': 2, 'groups': 1}, {'n': 1, 'groups': 1}])
        self.check('--sort', 'id:desc', '--sort', 'g', '--limit', '3', '--select', 'id=id',
                   gives=[{'id': 6}, {'id': 3}, {'id': 1}])
        self.check('--limit', '4', '--offset', '1', '--limit', '2', '--select', 'id=id',
                   gives=[{'id': 2}, {'id': 3}])
        self.check('--offset', '1', '--limit', '4', '--offset', '1', '--select', 'id=id',
                   gives=[{'id': 3}, {'id': 4}, {'id': 5}])
        self.check('--limit', '2', '--offset', '2', gives=[])
        self.check('--unique', 'g', '--unique', 'len(v)', '--select', 'id=id',
                   gives=[{'id': 1}, {'id': 2}, {'id': 4}])
        self.check('--select', 'a=v', '--explode', 'a', '--select', 'b=a * 2', '--select', 'c=a',
                   '--limit', '2', gives=[{'b': 6, 'c': 3}, {'b': 2, 'c': 1}])

    def test_what_belongs_together(self):
        figures = [{'g': 'x', 'n': 3, 'm': 6}, {'g': 'y', 'n': 2, 'm': 5}, {'g': 'z', 'n': 1, 'm': 4}]
        for words in (['-g', 'g', '-a', 'n=count()', '-a', 'm=max(id)'],
                      ['-a', 'n=count()', '-g', 'g', '-a', 'm=max(id)'],
                      ['-a', 'n=count()', '-a', 'm=max(id)', '-g', 'g'],
                      ['-g', 'g', '-a', 'n=count()', '--format', 'jsonl', '-a', 'm=max(id)']):
            self.check(*words, gives=figures)
        self.check('-a', 'n=count()', '-w', 'n > 1', '-a', 'rows=count()', gives=[{'rows': 1}])
        self.check('--select', 'a=id', '--select', 'b=a', '-n', '1', gives=[{'a': 1}])
        self.check('--select', 'a=id', '-n', '1', '--select', 'b=a', gives=[{'b': 1}])

    def test_condition_is_first(self):
        for words in (['id > 3', '--limit', '1', '--select', 'id=id'],
                      ['--limit', '1', 'id > 3', '--select', 'id=id'],
                      ['--limit', '1', '--select', 'id=id', 'id > 3'],
                      ['--limit', '1', '--select', 'id=id', '--', 'id > 3']):
            self.check(*words, gives=[{'id': 4}])

    def test_condition_and_where(self):
        self.check('id > 3', '--explode', 'v', '--where', 'v > 4', '--select', 'v=v',
                   gives=[{'v': 9}])
        self.check('t', 'id == 1', '--where', 'id > 0', '--select', 'id=id', gives=[{'id': 1}] * 2)
        self.run_arbor('import', self.store, 'id > 3', '-', stdin='{"id":77}\n')
        self.check('id > 3', '--where', 'id > 5', gives=TREES[5:] + [{'id': 77}])
        self.run_arbor('query', self.store, 't', 'tt', '--where', 'id > 3', status=1)
        self.assertIn("no arbor 'tt'", self.stderr)
        self.run_arbor('query', self.store, 't', 'id >', '--where', 'id > 3', status=1)
        self.assertIn('id >\n    ^', self.stderr)
        self.run_arbor('query', self.store, 't', 't', 'id > 1', status=2)
        self.assertIn('--where', self.stderr)

    def test_members(self):
        self.run_arbor('import', self.store, 'k', '--whole',
                       self.write('k.json', '{"d": {"x": {"n": 1}, "y": {"n": 3}}}'))

        def check(*words, gives):
            self.assertEqual(self.run_arbor('query', self.store, 'k', *words), lines(gives))

        check('--explode', 'd', gives=[{'d': {'n': 1}, 'key': 'x'}, {'d': {'n': 3}, 'key': 'y'}])
        check('--explode', 'd', '--as-object', 'id', '--where', 'd.n > 1', '--strict',
              gives=[{'d': {'n': 3}, 'id': 'y'}])
        check('--explode', 'd', '--explode', 'd', '--as-object', 'of', '-n', '1',
              gives=[{'d': 1, 'key': 'x', 'of': 'n'}])
        check('--select', 'm=max(entries(d)[*].value.n)', gives=[{'m': 3}])
        check('--agg', 'm=collect(entries(d)[*].key)', gives=[{'m': ['x', 'y']}])
        for words in (['--as-object', 'id'], ['--explode', 'd', '-n', '1', '--as-object', 'id'],
                      ['--explode', 'd', '--as-object', 'a', '--as-object', 'b']):
            self.run_arbor('query', self.store, 'k', *words, status=2)
            self.assertIn('--as-object belongs directly behind an --explode', self.stderr)

    def test_count(self):
        self.assertEqual(self.query('--limit', '4', '--where', 'g == "x"', '--count'), '2\n')
        self.assertEqual(self.query('--offset', '1', '--limit', '2', '-c'), '2\n')

    def test_sample(self):
        one = self.query('--sample', '3', '--seed', '7', '--sample', '2')
        self.assertEqual(one, self.query('--sample', '3', '--sample', '2', '--seed', '7'))
        self.assertEqual(len(one.splitlines()), 2)

    def test_errors_name_the_option(self):
        for words, says in ((['--limit', '1', '--where', 'v >'], '--where: '),
                            (['-w', 'v >'], '--where: '),
                            (['--explode', 'a['], '--explode: '),
                            (['-s', 'v[*]'], '--sort: '),
                            (['--select', 'n=len('], '--select: ')):
            self.run_arbor('query', self.store, 't', *words, status=1)
            self.assertIn('arbor: ' + says, self.stderr)


class FormatTest(QueryTest):
    STEPS = (['--select', 'i=id', '--select', 'v=v', '--explode', 'v', '--where', 'v > 2'],
             ['-g', 'g', '-a', 'n=count()', '--sort', 'n'],
             ['-g', 'g', '-a', 'n=count()', '-w', 'n > 1', '--select', 'k=g', '--limit', '1'],
             ['--pick', 'g,id', '--offset', '2', '--limit', '2'])

    def test_same_trees(self):
        for words in self.STEPS:
            trees = [json.loads(line) for line in self.query(*words).splitlines()]
            self.assertEqual(json.loads(self.query(*words, '--format', 'json')), trees)
            rows = list(csv.DictReader(io.StringIO(self.query(*words, '--format', 'csv'))))
            self.assertEqual(rows, [{key: str(value) for key, value in tree.items()}
                                    for tree in trees])
            table = self.query(*words, '--format', 'table').splitlines()
            self.assertEqual(table[0].split(), list(trees[0]))
            self.assertEqual([line.split() for line in table[1:]],
                             [[str(value) for value in tree.values()] for tree in trees])

    def test_columns_of_nothing(self):
        for words, names in ((['--select', 'a=id', '--explode', 'a', '--where', 'a > 99'], ['a']),
                             (['-g', 'g', '-a', 'n=count()', '-w', 'n > 99'], ['g', 'n']),
                             (['-g', 'g', '-a', 'n=count()', '--select', 'k=g', '-n', '0'], ['k'])):
            self.assertEqual(self.query(*words, '-f', 'csv'), ','.join(names) + '\n')
            self.assertEqual(self.query(*words, '-f', 'table').split(), names)
            self.assertEqual(self.query(*words, '-f', 'json'), '[]\n')
            self.assertEqual(self.query(*words), '')


class QuotedKeyTest(CommandTest):
    TREES = [{'Major Genre': 'b', 'a': {'b c': [1, 2]}}, {'Major Genre': 'a', 'a': {'b c': [3]}},
             {'Major Genre': 'b', 'a': {'b c': []}}]

    def setUp(self):
        super().setUp()
        self.run_arbor('import', self.store, 't', '-', stdin=lines(self.TREES))

    def query(self, *words):
        return self.run_arbor('query', self.store, 't', *words)

    def test_everywhere(self):
        for key in ('"Major Genre"', '["Major Genre"]'):
            self.assertEqual(self.query('--pick', key),
                             lines({'Major Genre': tree['Major Genre']} for tree in self.TREES))
            self.assertEqual(self.query('--pick', key, '-f', 'csv'), 'Major Genre\nb\na\nb\n')
            self.assertEqual(self.query('--sort', key + ':desc', '--pick', key, '-n', '2'),
                             '{"Major Genre":"b"}\n' * 2)
            self.assertEqual(self.query('--sort', key, '--pick', key, '-n', '1'),
                             '{"Major Genre":"a"}\n')
            self.assertEqual(self.query('--unique', key, '--count'), '2\n')
            self.assertEqual(self.query('--group', key, '--agg', 'n=count()', '--sort', key),
                             '{"Major Genre":"a","n":1}\n{"Major Genre":"b","n":2}\n')
            self.assertEqual(self.query('--group', 'genre=' + key, '--agg', 'n=count()'),
                             '{"genre":"b","n":2}\n{"genre":"a","n":1}\n')
        for path in ('a."b c"', 'a["b c"]', '"a"."b c"', '["a"]["b c"]', '$.a."b c"'):
            self.assertEqual(self.query('--explode', path, '--count'), '3\n')
            self.assertEqual(self.query('--pick', path, '-n', '1'), dump({path: [1, 2]}) + '\n')
        self.assertEqual(self.query('--sort', '"a"."b c"[0]:desc', '--pick', 'a', '-n', '1'),
                         '{"a":{"b c":[3]}}\n')

    def test_import_at(self):
        document = self.write('d.json', '{"all of it": {"a.b": [1, 2]}}')
        for path in ('"all of it"."a.b"', '["all of it"]["a.b"]'):
            self.run_arbor('import', self.store, 'x', document, '--at', path)
            self.assertEqual(self.run_arbor('query', self.store, 'x'), '1\n2\n')


class DictionaryTest(CommandTest):
    def setUp(self):
        super().setUp()
        people = {f'id {i}': {'n': i, 'tags': ['x']} for i in range(2000)}
        self.run_arbor('import', self.store, 'x', '-', '--format', 'json',
                       stdin=dump({'people': people, 'v': 1}))

    def paths(self, *words):
        return [line.split()[0] for line in
                self.run_arbor('show', self.store, 'x', *words).splitlines()[1:]]

    def test_show(self):
        self.assertEqual(self.run_arbor('show', self.store, 'x').splitlines()[1:], [
            'people             object   1',
            'people.*           object   2000',
            'people.*.n         int      2000',
            'people.*.tags      array    2000',
            'people.*.tags[*]   string   2000',
            'v                  int      1'])
        self.assertEqual(self.paths('--depth', '1'), ['people', 'v'])
        self.assertEqual(self.paths('-d', '3'), ['people', 'people.*', 'people.*.n',
                                                 'people.*.tags', 'v'])
        every = self.run_arbor('show', self.store, 'x', '--every-key').splitlines()[1:]
        self.assertEqual(len(every), 2 + 4 * 2000)
        self.assertTrue(any(line.startswith('people["id 7"].tags[*] ') for line in every))
        self.assertEqual(len(self.run_arbor('show', self.store, 'x', '--every-key',
                                            '--depth=2').splitlines()), 1 + 2 + 2000)

    def test_describe(self):
        figures = {figure['path']: figure for figure in
                   map(json.loads, self.run_arbor('describe', self.store, 'x').splitlines())}
        self.assertEqual(list(figures), ['people', 'people.*', 'people.*.n', 'people.*.tags',
                                         'people.*.tags[*]', 'v'])
        self.assertEqual(figures['people.*.n']['max'], 1999)
        self.assertEqual(figures['people.*.n']['mean'], 999.5)
        for depth in (1, 2, 3, 4):
            shallow = self.run_arbor('describe', self.store, 'x', '--depth', str(depth))
            self.assertEqual([json.loads(line)['path'] for line in shallow.splitlines()],
                             self.paths('--depth', str(depth)))

    def test_steps_of_quoted_keys(self):
        self.run_arbor('import', self.store, 'x', '-', stdin='{"a.b":{"c[\\"]":[[1]]},"d":2}\n5\n')
        self.assertEqual(self.paths('--depth', '1'), ['$', '["a.b"]', 'd'])
        for depth, n in ((1, 3), (2, 4), (3, 5), (4, 6)):
            shallow = self.run_arbor('describe', self.store, 'x', '--depth', str(depth))
            self.assertEqual(len(shallow.splitlines()), n)

    def test_usage(self):
        for words in (['show', self.store, 'x', '--depth', '0'], ['show', self.store, '--depth=1'],
                      ['show', self.store, 'x', '--depth', 'two'], ['show', self.store, '--every-key'],
                      ['describe', self.store, 'x', '-d', '-1']):
            self.run_arbor(*words, status=2)
            self.assertIn('--depth', self.stderr)


class NoteTest(CommandTest):
    """Paths that no tree has."""

    TREES = [{'name': 'a', 'born': 1, 'tags': [{'k': 1}]}, {'name': 'b', 'tags': []}]

    def setUp(self):
        super().setUp()
        self.run_arbor('import', self.store, 't', '-', stdin=lines(self.TREES))

    def query(self, *words, status=0):
        return self.run_arbor('query', self.store, 't', *words, status=status)

    STEPS = ((['nmae == "a"'], ''), (['-w', 'nmae == "a"'], '--where: '), (['-s', 'nmae'], '--sort: '),
             (['-g', 'nmae'], '--group: '), (['-u', 'nmae'], '--unique: '),
             (['--select', 'x=len(nmae)'], '--select: '), (['-p', 'nmae'], '--pick: '),
             (['--explode', 'nmae'], '--explode: '), (['-a', 'x=max(nmae)'], '--agg: '),
             (['-g', 'born', '-a', 'x=max(nmae)'], '--agg: '))

    def test_each_step(self):
        for words, option in self.STEPS:
            said = f"{option}no tree has 'nmae'; there is 'name'"
            found = self.query(*words)
            self.assertNotIn('no tree', found)
            self.assertEqual(self.stderr, f'arbor: {said}\n', words)
            self.query(*words, '--strict', status=1)
            self.assertIn("no tree has 'nmae'; there is 'name'", self.stderr)
            self.query(*words, '--explain') if option != '--pick: ' else None

    def test_once(self):
        self.query('nmae == 1', '--where', 'nmae == 2', '--sort', 'nmae', '--pick', 'nmae')
        self.assertEqual(self.stderr.count('nmae'), 1)

    def test_silent(self):
        for words in (['born > 0'], ['--sort', 'born', '--strict'], ['exists(nmae)', '--strict'],
                      ['--select', 'x=name', '--sort', 'x', '--pick', 'x', '--strict'],
                      ['--group', 'y=born', '--agg', 'n=count()', '-w', 'n > 0', '-s', 'y', '--strict']):
            self.query(*words)
            self.assertEqual(self.stderr, '', words)

    def test_after_steps(self):
        self.query('--select', 'x=name', '--sort', 'name')
        self.assertIn("--sort: no tree has 'name'", self.stderr)
        self.query('--select', 'x=name', '--sort', 'name', '--strict', status=1)


class LocaleTest(CommandTest):
    def test_letters(self):
        plain = {'LC_ALL': 'C', 'PATH': '/usr/bin'}
        self.run_arbor('import', self.store, 't', '-', stdin='{"größe":1}\n', environment=plain)
        self.run_arbor('query', self.store, 'Größe – Ærø', status=1, environment=plain)
        self.assertIn("no arbor 'Grosse - AEroe'", self.stderr)
        self.run_arbor('query', self.store, '名\U0001f600', status=1, environment=plain)
        self.assertIn("no arbor '\\u540d\\U0001f600'", self.stderr)
        self.run_arbor('query', self.store, 'Größe', status=1)
        self.assertIn("no arbor 'Größe'", self.stderr)
        self.assertEqual(self.run_arbor('query', self.store, 't', environment=plain), '{"größe":1}\n')
        self.assertIn('[OPTION...]', self.run_arbor('query', '--help', environment=plain))
        self.assertIn('[OPTION…]', self.run_arbor('query', '--help'))


class RandomTest(QueryTest):
    """Chains of steps against the same steps in plain Python."""

    @staticmethod
    def draw_step(draw, fields):
        """Options, what they do to a list of trees, and the fields afterwards."""
        number = draw.randrange(8)
        kind = draw.choice(('where', 'sort', 'limit', 'offset', 'select', 'unique', 'group', 'agg'))
        field = draw.choice(fields)
        if kind == 'where':
            return (['--where', f'{field} >= {number}'],
                    lambda trees: [tree for tree in trees if tree[field] >= number], fields)
        if kind == 'sort':
            down = draw.random() < .5
            return (['--sort', field + ':desc' * down],
                    lambda trees: sorted(trees, key=lambda tree: tree[field] * (-1 if down else 1)),
                    fields)
        if kind == 'limit':
            return ['--limit', str(number)], lambda trees: trees[:number], fields
        if kind == 'offset':
            return ['--offset', str(number)], lambda trees: trees[number:], fields
        if kind == 'select':
            return (['--select', f'a={field} + 1', '--select', f'b={fields[0]}'],
                    lambda trees: [{'a': tree[field] + 1, 'b': tree[fields[0]]} for tree in trees],
                    ['a', 'b'])
        if kind == 'unique':
            def unique(trees):
                seen = {}
                for tree in trees:
                    seen.setdefault(tree[field], tree)
                return list(seen.values())
            return ['--unique', field], unique, fields
        if kind == 'group':
            def group(trees):
                groups = {}
                for tree in trees:
                    groups.setdefault(tree[field], []).append(tree)
                return [{'key': key, 'n': len(members)} for key, members in groups.items()]
            return ['--group', 'key=' + field, '--agg', 'n=count()'], group, ['key', 'n']
        return (['--agg', 'n=count()', '--agg', f's=sum({field})'],
                lambda trees: [{'n': len(trees), 's': sum(tree[field] for tree in trees)}],
                ['n', 's'])

    def test_chains(self):
        draw = random.Random(25)
        trees = [{'x': draw.randrange(9), 'y': draw.randrange(4)} for _ in range(30)]
        self.run_arbor('import', self.store, 't', '-', stdin=lines(trees))
        for _ in range(60):
            words, fields, expected, kinds = [], ['x', 'y'], trees, []
            for _ in range(draw.randrange(1, 7)):
                options, step, fields_after = self.draw_step(draw, fields)
                # These belong to the step before them.
                if kinds and (kinds[-1], options[0]) in (
                        ('--select', '--select'), ('--agg', '--agg'), ('--group', '--agg'),
                        ('--agg', '--group')):
                    continue
                kinds.append(options[0])
                words += options
                expected, fields = step(expected), fields_after
            self.assertEqual(self.query(*words), lines(expected), words)


class LeftOutTest(CommandTest):
    """Sums over what is not all numbers."""

    def test_note(self):
        self.run_arbor('import', self.store, 'v', self.write('v.jsonl', '{"v":1}\n{"v":2}\n{"v":"n/a"}\n'))
        note = 'arbor: note: sum(v): 1 of 3 values were no numbers and were left out\n'
        for words, answer in ((('--agg', 's=sum(v)'), '{"s":3}\n'),
                              (('--group', 'is_null(v)', '--agg', 's=sum(v)', '--pick', 's'), '{"s":3}\n')):
            self.assertEqual(self.run_arbor('query', self.store, 'v', *words), answer)
            self.assertEqual(self.stderr, note)
        self.run_arbor('query', self.store, 'v', '--agg', 's=count(v)')
        self.assertEqual(self.stderr, '')


class JoinTest(CommandTest):
    def query(self, *words, status=0):
        return self.run_arbor('query', self.store, 'people', *words, status=status)

    def test_joins(self):
        self.import_people()
        self.run_arbor('import', self.store, 'jobs', '-', stdin='{"who":1,"job":"a"}{"who":3,"job":"b"}{"who":3,"job":"c"}')
        self.assertEqual(self.query('--join', 'jobs', '--on', 'id=who', '--pick', 'id,job'),
                         '{"id":1,"job":"a"}\n{"id":3,"job":"b"}\n{"id":3,"job":"c"}\n')
        self.assertEqual(self.query('--left-join', 'jobs', '--on', 'id=who', '--where', 'not exists(job)', '--pick', 'id'),
                         '{"id":2}\n{"id":-4}\n')
        self.assertEqual(self.query('--semi-join', 'jobs', '--on', 'id = who', '--count'), '2\n')
        self.assertEqual(self.query('--anti-join', 'jobs', '--on', 'id=who', '--count'), '2\n')
        self.assertEqual(self.query('--join', 'people', '--on', 'id,born', '--count'), '3\n')
        for words, status in ((('--join', 'jobs'), 2), (('--on', 'id'), 2), (('--join', 'none', '--on', 'id'), 1),
                              (('--join', 'jobs', '--on', 'id', '--on', 'id'), 2), (('--join', 'jobs', '--on', '='), 1)):
            self.query(*words, status=status)


if __name__ == '__main__':
    unittest.main()
