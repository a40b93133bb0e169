"""The blocks of pages that are pieces of programs, each run or compiled behind what such a program has before it.

Usage: check-pieces.py FLAGS FOLDER PAGE...

FOLDER has that for each language: before.py, before.js, before.vala, before.c, of which "BLOCK" is where the piece
goes; what it defines (functions, classes) goes to "DEFINITIONS". Python, JavaScript and shell are run, C and Vala
compiled. Where a comment of Python tells an error, "# Arbor.ClosedError: WORDS", the piece ends with that one.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r'^```(\w+)\n(.*?)^```$', re.M | re.S)
ERROR = re.compile(r'# (Arbor\.\w+Error: .*)')
DEFINITION = {'vala': re.compile(r'^class .*?^}\n', re.M | re.S), 'c': re.compile(r'^static .*?^}\n|^#include .*?\n',
                                                                                  re.M | re.S)}


class Player:
    def __init__(self, flags, folder):
        self.flags = {'c': [], 'vala': [], 'pkg-config': []}
        for line in pathlib.Path(flags).read_text('utf-8').splitlines():
            language, flag = line.split(' ', 1)
            self.flags[language].append(flag)
        self.before = {path.suffix[1:]: path.read_text('utf-8') for path in pathlib.Path(folder).glob('before.*')}

    def write(self, folder, suffix, text):
        text = re.sub(r'^(#include|using) [^\n]*\n', '', text, flags=re.M)
        definitions = ''
        if suffix in DEFINITION:
            definitions = ''.join(DEFINITION[suffix].findall(text))
            text = DEFINITION[suffix].sub('', text)
            if suffix == 'vala' and 'class Person' not in definitions:
                definitions += 'class Person : Object {\n}\n'
        path = pathlib.Path(folder, 'piece.' + suffix)
        path.write_text(self.before[suffix].replace('DEFINITIONS', definitions).replace('BLOCK', text), 'utf-8')
        return str(path)

    def command(self, language, folder, text):
        if language == 'python':
            return [sys.executable, '-W', 'ignore', self.write(folder, 'py', text)]
        if language == 'js':
            return ['gjs', '-m', self.write(folder, 'js', text)]
        if language == 'sh':
            return ['sh', '-e', self.write(folder, 'sh', text)]
        if language == 'vala':
            return ['valac', '-c', '-X', '-w', *self.flags['vala'], self.write(folder, 'vala', text)]
        packages = subprocess.run(['pkg-config', '--cflags', *self.flags['pkg-config']], check=True,
                                  stdout=subprocess.PIPE, text=True).stdout.split()
        return ['cc', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-Wno-unused', *packages,
                *[flag for flag in self.flags['c'] if flag.startswith('-I')], self.write(folder, 'c', text)]

    def play(self, language, text):
        """What went wrong; None: nothing."""
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(self.command(language, folder, text), cwd=folder, text=True, encoding='utf-8',
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  env=dict(os.environ, LC_ALL='C.UTF-8'), check=False)
        expected = ERROR.search(text)
        is_good = expected[1] in done.stdout if expected else done.returncode == 0
        return None if is_good else done.stdout or 'nothing was printed, status %d' % done.returncode


def main():
    player = Player(sys.argv[1], sys.argv[2])
    n, failed = 0, 0
    for page in map(pathlib.Path, sys.argv[3:]):
        # Of a source the comments.
        text = re.sub(r'^ \* ?', '', page.read_text('utf-8'), flags=re.M)
        for match in BLOCK.finditer(text):
            if match[1] not in ('python', 'js', 'vala', 'c', 'sh'):
                continue
            n += 1
            trouble = player.play(match[1], match[2])
            if trouble is not None:
                failed += 1
                print(f'{page}:{text.count(chr(10), 0, match.start()) + 1}: {match[1]}\n{trouble}')
    print(f'{n} pieces, {failed} failed')
    return 0 if n > 0 and failed == 0 else 1


sys.exit(main())
