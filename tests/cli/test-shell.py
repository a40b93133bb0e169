"""arbor shell: lines from standard input, and from a terminal.

Usage: test-shell.py ARBOR [unittest arguments]
"""

import os
import pty
import select
import subprocess
import time
import unittest

from command import ARBOR, ENVIRONMENT, PEOPLE, CommandTest, lines  # takes the first argument


class ShellTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.import_people()

    def shell(self, text, status=0):
        done = subprocess.run([ARBOR, 'shell', self.store], input=text, capture_output=True, text=True,
                              check=False, env=ENVIRONMENT, cwd=self.folder)
        self.assertEqual(done.returncode, status, done.stderr)
        self.stderr = done.stderr
        return done.stdout

    def test_lines(self):
        self.assertEqual(self.shell('export people\n'), lines(PEOPLE))
        self.assertEqual(self.shell('people\n'), lines(PEOPLE))
        self.assertEqual(self.shell('people born > 1900\n'), lines(PEOPLE[2:3]))
        self.assertEqual(self.shell('people name.last == "Noether" and id < 0\n'), lines(PEOPLE[3:]))
        self.assertEqual(self.shell('people --sort id --limit 1 --pick id\n'), '{"id":-4}\n')
        self.assertEqual(self.shell("query people 'born > 1900' --count\n"), '1\n')
        self.assertEqual(self.shell('\n# nothing\n   \n'), '')
        self.assertIn('import', self.shell('help\n'))
        self.assertEqual(self.shell('people --count\nquit\npeople --count\n'), '4\n')

    def test_changes(self):
        """Later lines see what earlier ones did."""
        self.assertEqual(self.shell("delete people --where 'id == 1'\npeople --count\nrename people all\nall --count\n")
                         .splitlines()[1:], ['3', '3'])

    def test_failures(self):
        """A line that fails says so, and the next one goes on."""
        self.assertEqual(self.shell('nothing at all\npeople --count\n', status=1), '4\n')
        self.assertIn("Unknown command 'nothing'", self.stderr)
        self.assertEqual(self.shell('people id >\npeople --count\n', status=1), '4\n')
        self.shell('people "\n', status=1)
        self.shell("ls 'never ends\n", status=1)
        self.run_arbor('shell', self.folder / 'nowhere', status=1)

    def talk(self, keys, until, **environment):
        """Types @keys where there is a terminal; what it showed until it showed @until."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(ARBOR, [ARBOR, 'shell', os.fspath(self.store)],
                      {**ENVIRONMENT, 'TERM': 'xterm', 'COLUMNS': '80', 'XDG_STATE_HOME': os.fspath(self.folder),
                       **environment})
        shown = b''
        deadline = time.monotonic() + 60
        try:
            for key in [*keys, None]:
                while (until if key is None else b'> ') not in shown and time.monotonic() < deadline:
                    if select.select([terminal], [], [], 1)[0]:
                        shown += os.read(terminal, 4096)
                if key is not None:
                    shown = shown if key is keys[-1] else b''
                    os.write(terminal, key)
            os.write(terminal, b'\x15quit\n')
            while True:
                try:
                    if not os.read(terminal, 4096):
                        break
                except OSError:
                    break
        finally:
            _, status = os.waitpid(pid, 0)
            os.close(terminal)
        self.assertEqual(status, 0)
        self.assertIn(until, shown)

    def test_terminal(self):
        self.talk([b'people --count\n'], b'4')

    def test_pager(self):
        """A table that does not fit goes through it, one that does, does not."""
        pager = {'PAGER': "sed 's/^/paged: /'", 'LINES': '4'}
        self.talk([b'people --pick id\n'], b'paged: -4', **pager)
        self.talk([b'people --pick id --limit 2\n'], b'\n 2', **pager)

    def test_completion(self):
        if '+editline' not in self.run_arbor('--version'):
            return
        self.talk([b'desc\tpeo\t\n'], b'born')

    def test_history(self):
        if '+editline' not in self.run_arbor('--version'):
            return
        self.talk([b'people --count\n'], b'4')
        self.assertIn('people', (self.folder / 'arbor' / 'history').read_text())


if __name__ == '__main__':
    unittest.main()
