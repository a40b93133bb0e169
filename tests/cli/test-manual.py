"""The manual page against --help: every command and option of the one is in the other.

Usage: test-manual.py ARBOR MANUAL [unittest arguments]
"""

import pathlib
import re
import sys
import unittest

MANUAL = pathlib.Path(sys.argv.pop(2)).read_text(encoding='utf-8').replace('\\-', '-')

from command import CommandTest  # noqa: E402, takes the first argument

READING = ('ls', 'show', 'query', 'describe', 'counts', 'diff', 'export', 'stats', 'get', 'backup', 'dump')


def without_fonts(text):
    """The words of troff lines: no macros, font changes and quotes."""
    text = re.sub(r'^\.[A-Z]+ ?', '', text, flags=re.M)
    return re.sub(r'\\f[BIPR]|\\&|"', '', text)


def list_options(text):
    return set(re.findall(r'(?<![\w-])(--[a-z][a-z-]*|-[a-zA-Z](?![\w-]))', without_fonts(text)))


class ManualTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.commands = re.findall(r'^  ([a-z]+) +\S', self.run_arbor('--help').split(
            'Commands:')[1], flags=re.M)
        self.sections = dict(re.findall(r'^\.SS ([a-z]+)[^\n]*\n(.*?)(?=^\.S[SH])', MANUAL,
                                        flags=re.M | re.S))
        synopsis = MANUAL.split('.SH SYNOPSIS')[1].split('.SH ')[0]
        self.synopsis = {}
        for part in re.split(r'^\.br$', synopsis, flags=re.M):
            name = re.search(r'\.B arbor ([a-z]+)', part)
            if name:
                self.synopsis[name[1]] = self.synopsis.get(name[1], '') + part

    def test_commands(self):
        self.assertGreaterEqual(len(self.commands), 8)
        self.assertEqual(sorted(self.sections), sorted(self.commands))
        self.assertEqual(sorted(self.synopsis), sorted(self.commands))

    def test_options(self):
        for command in self.commands:
            shown = self.run_arbor(command, '--help')
            options = shown.split('Application Options:')
            options = options[1].split('\n\n')[0] if len(options) > 1 else ''
            named = set()
            for line in options.splitlines():
                match = re.match(r'  (?:(-\w), )?(--[a-z-]+)', line)
                if match:
                    named |= {name for name in match.groups() if name}
            # Said once, for all that only read.
            self.assertEqual('--immutable' in named, command in READING, command)
            named.discard('--immutable')
            self.assertEqual(named - list_options(self.sections[command]), set(), command)
            described = set(re.findall(r'--[a-z][a-z-]*', without_fonts('\n'.join(
                re.findall(r'^\.TP\n(\.[^\n]*)', self.sections[command], flags=re.M)))))
            self.assertEqual(described, {name for name in named if name.startswith('--')}, command)
            self.assertEqual({name for name in named if name.startswith('-') and name[1] != '-'},
                             {name for name in list_options('\n'.join(
                                 re.findall(r'^\.TP\n(\.[^\n]*)', self.sections[command],
                                            flags=re.M))) if name[1] != '-'}, command)
            if 'OPTION' not in self.synopsis[command]:
                long = {name for name in named if name.startswith('--')}
                self.assertEqual(long - list_options(self.synopsis[command]), set(), command)

    def test_reading(self):
        description = MANUAL.split('.SH DESCRIPTION')[1].split('.SH ')[0]
        self.assertIn('--immutable', list_options(description))

    def test_words(self):
        for command in self.commands:
            usage = self.run_arbor(command, '--help').splitlines()[1]
            for word in re.findall(r'[A-Z]{3,}', usage.replace('OPTION', '')):
                self.assertIn(word, without_fonts(self.synopsis[command]), command)

    def test_page_on_the_web(self):
        page = pathlib.Path(__file__).resolve().parents[2] / 'docs' / 'command-line.md'
        overview = page.read_text(encoding='utf-8').split('```')[1]
        self.assertEqual(sorted(set(re.findall(r'^arbor ([a-z]+)', overview, flags=re.M))),
                         sorted(self.commands))


if __name__ == '__main__':
    unittest.main()
