"""Completion: what the command says may come next, and that bash and zsh offer it.

Usage: test-complete.py ARBOR FOLDER (of the scripts for shells)
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

ARBOR, SCRIPTS = os.path.abspath(sys.argv.pop(1)), sys.argv.pop(1)
TREES = '{"name":"a","year":1,"place":{"town":"x","tags":["t"]}}\n'


class Complete(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.store = os.path.join(cls.folder, 'some.arbor')
        for name in ('people', 'places', 'old things'):
            subprocess.run([ARBOR, 'import', cls.store, name, '-'], input=TREES.encode(), check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def ask(self, *words):
        done = subprocess.run([ARBOR, 'complete', *words], capture_output=True, check=True)
        self.assertEqual(done.stderr, b'')
        return done.stdout.decode().splitlines()

    def test_commands(self):
        self.assertIn('query', self.ask(''))
        self.assertEqual(self.ask('exp'), ['export'])
        self.assertEqual(self.ask('nothing'), [])
        self.assertEqual(self.ask('nothing', ''), [])

    def test_every_command(self):
        for command in self.ask(''):
            with self.subTest(command):
                self.assertIn('--help', self.ask(command, '-'))
                self.assertEqual(self.ask(command, ''), [':stores'])

    def test_options(self):
        self.assertEqual(self.ask('query', self.store, 'people', '--form'), ['--format='])
        self.assertEqual(self.ask('query', self.store, 'people', '--coun'), ['--count'])
        self.assertEqual(self.ask('query', self.store, 'people', '--format', 'js'), ['jsonl', 'json'])
        self.assertEqual(self.ask('query', self.store, 'people', '--format=c'), ['--format=csv'])
        self.assertNotIn('--count', self.ask('query', self.store, 'people', '--', '--coun'))

    def test_names(self):
        self.assertEqual(self.ask('show', self.store, ''), ['old things', 'people', 'places'])
        self.assertEqual(self.ask('delete', self.store, 'pl'), ['places'])
        self.assertEqual(self.ask('get', self.store, 'pl'), ['places'])
        self.assertEqual(self.ask('get', self.store, 'people', ''), [])
        self.assertIn('name', self.ask('keys', self.store, 'people', 'na'))
        self.assertEqual(self.ask('show', self.store + '.none', ''), [])

    def test_fields(self):
        query = ('query', self.store, 'people')
        self.assertEqual(self.ask(*query, '--sort', 'y'), ['year', 'year('])
        self.assertEqual(self.ask(*query, '--pick', 'name,place.to'), ['name,place.town'])
        self.assertEqual(self.ask(*query, 'year > 3 and na'), ['year > 3 and name'])
        self.assertEqual(self.ask(*query, '--where', 'low'), ['lower('])
        self.assertEqual(self.ask(*query, '--agg=n=mean(ye'), ['--agg=n=mean(year', '--agg=n=mean(year('])
        # Another name, or an expression.
        self.assertEqual(self.ask(*query, 'pla'), ['places', 'place', 'place.tags', 'place.tags[*]', 'place.town'])

    def shell(self, shell, script, line):
        environment = dict(os.environ, PATH=os.path.dirname(ARBOR) + os.pathsep + os.environ['PATH'])
        done = subprocess.run([shell, *script, line], capture_output=True, check=False, env=environment,
                              cwd=self.folder)
        self.assertEqual(done.stderr, b'')
        return done.stdout.decode().splitlines()

    def bash(self, line):
        """As bash calls it: its own words of @line, cut where readline cuts them."""
        words = [word for part in line.split(' ') for word in cut(part)]
        script = ['--norc', '-c', f'source {shlex.quote(SCRIPTS + "/arbor.bash")}; '
                  f'COMP_WORDS=({" ".join(shlex.quote(word) for word in words)}); '
                  'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$1; COMP_POINT=${#1}; '
                  '_arbor; for i in "${COMPREPLY[@]}"; do printf "%s\\n" "$i"; done', 'bash']
        return self.shell('bash', script, line)

    def test_bash(self):
        self.assertEqual(self.bash('arbor exp'), ['export'])
        self.assertEqual(self.bash('arbor show so'), ['some.arbor'])
        self.assertEqual(self.bash('arbor show some.arbor pe'), ['people'])
        self.assertEqual(self.bash('arbor query some.arbor people --format=c'), ['csv'])
        self.assertEqual(self.bash('arbor query some.arbor people --agg=n=mean(ye'), ['mean(year', 'mean(year('])
        self.assertEqual(self.bash('arbor query some.arbor people --pick name,pl'),
                         ['name,place', 'name,place.tags', 'name,place.tags[*]', 'name,place.town'])


def cut(part):
    """Readline's words: = and : stand for themselves."""
    words, word = [], ''
    for letter in part:
        if letter in '=:':
            words += [word] if word else []
            words.append(letter)
            word = ''
        else:
            word += letter
    return words + [word] if word or not words else words


if __name__ == '__main__':
    unittest.main()
