"""Plays the blocks of guides in order, each page in a folder of its own, as who reads it would.

Usage: check-blocks.py FLAGS PAGE...

  sh              lines that begin with "$ " are run; what stands below one is what it prints
  python          goes on where the last block of Python ended; a block "text" below is what it prints
  c, vala, js     a whole program; a block "text" below is what it prints

A block whose language is another is not played, and none of those above may be left out: a page that has one
which cannot be played fails. "…" on a line of its own stands for any lines. A comment
<!-- file: NAME --> before a block puts the block into that file; <!-- needs: MODULE... --> before one of Python
has it played where these modules of Python are installed.
"""

import contextlib
import importlib.util
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback

BLOCK = re.compile(r'(?:^<!-- file: (?P<file>\S+) -->\n)?(?:^<!-- needs: (?P<needs>[\w ]+) -->\n)?'
                   r'^```(?P<language>\w+)\n(?P<text>.*?)^```$', re.M | re.S)
PLAYED = ('sh', 'python', 'c', 'vala', 'js')


def blocks_of(page):
    text = page.read_text('utf-8')
    found = list(BLOCK.finditer(text))
    for i, match in enumerate(found):
        after = found[i + 1] if i + 1 < len(found) else None
        line = text.count('\n', 0, match.start()) + 1
        expected = after['text'] if after is not None and after['language'] == 'text' and not after['file'] else None
        is_had = all(importlib.util.find_spec(name) for name in (match['needs'] or '').split())
        yield line, match['file'], match['language'] if is_had else None, match['text'], expected


def is_like(found, expected):
    """Whether what was found is as expected, where … stands for any lines."""
    pattern = ''.join('(?:.*\n)*?' if line.strip() == '…' else re.escape(line + '\n')
                      for line in expected.splitlines())
    return re.fullmatch(pattern, found) is not None


class Page:
    def __init__(self, path, flags):
        self.path, self.flags = path, flags
        self.failed = []
        self.names = {'__name__': '__main__'}

    def fail(self, line, what):
        self.failed.append(f'{self.path.name}:{line}: {what}')

    def compare(self, line, found, expected):
        if expected is not None and not is_like(found, expected):
            self.fail(line, f'prints\n{found}where the page says\n{expected}')

    def run(self, line, command, **how):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False, **how)
        found = done.stdout.decode('utf-8', 'replace')
        return done.returncode, found

    def play_sh(self, line, text, _expected):
        for part in re.split(r'^(?=\$ )', text, flags=re.M):
            if not part.startswith('$ '):
                self.fail(line, f'no command: {part!r}') if part.strip() else None
                continue
            lines = part[2:].splitlines()
            n = next((i + 1 for i, one in enumerate(lines) if not one.endswith('\\')), len(lines))
            status, found = self.run(line, ['bash', '-c', '\n'.join(lines[:n])])
            if status != 0 and not any(one.startswith('arbor: ') for one in lines[n:]):
                self.fail(line, f'{lines[0]}: status {status}: {found}')
            else:
                self.compare(line, found, '\n'.join(lines[n:]) + ('\n' if lines[n:] else ''))

    def play_python(self, line, text, expected):
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                exec(compile('\n' * line + text, str(self.path), 'exec'), self.names)
        except Exception:  # pylint: disable=broad-except
            self.fail(line, traceback.format_exc())
            return
        self.compare(line, out.getvalue(), expected)

    def play_program(self, line, build, program, expected):
        status, found = self.run(line, build) if build else (0, '')
        if status != 0:
            self.fail(line, found)
            return
        status, found = self.run(line, program)
        if status != 0:
            self.fail(line, f'status {status}: {found}')
        else:
            self.compare(line, found, expected)

    def play_c(self, line, text, expected):
        pathlib.Path('program.c').write_text(text, 'utf-8')
        self.play_program(line, ['cc', '-Wall', '-Wextra', '-Werror', 'program.c', '-o', 'program', *self.flags['c']],
                          ['./program'], expected)

    def play_vala(self, line, text, expected):
        pathlib.Path('program.vala').write_text(text, 'utf-8')
        self.play_program(line, ['valac', '--fatal-warnings', '-X', '-w', 'program.vala', '-o', 'program',
                                 *self.flags['vala']], ['./program'], expected)

    def play_js(self, line, text, expected):
        pathlib.Path('program.js').write_text(text, 'utf-8')
        self.play_program(line, None, ['gjs', '-m', 'program.js'], expected)

    def play(self):
        n = 0
        for line, file, language, text, expected in blocks_of(self.path):
            if file is not None:
                pathlib.Path(file).write_text(text, 'utf-8')
            elif language in PLAYED:
                n += 1
                getattr(self, 'play_' + language)(line, text, expected)
        return n


def read_flags(path):
    """Lines "LANGUAGE FLAG", as the build knows them, or "pkg-config MODULE" for C."""
    flags = {'c': [], 'vala': []}
    for line in pathlib.Path(path).read_text('utf-8').splitlines():
        language, flag = line.split(' ', 1)
        if language == 'pkg-config':
            flags['c'] += subprocess.run(['pkg-config', '--cflags', '--libs', flag], check=True,
                                         stdout=subprocess.PIPE).stdout.decode().split()
        else:
            flags[language].append(flag)
    return flags


def main():
    flags = read_flags(sys.argv[1])
    failed = []
    for name in sys.argv[2:]:
        page = Page(pathlib.Path(name).resolve(), flags)
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            n = page.play()
            os.chdir('/')
        print(f'{page.path.name}: {n} blocks')
        failed += page.failed or ([] if n else [f'{page.path.name}: no block was played'])
    print('\n'.join(failed))
    sys.exit(1 if failed else 0)


main()
