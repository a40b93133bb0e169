"""Examples as strict compilers and checkers see them, warnings being errors.

Usage: check-strict.py c|c++|python|javascript WITH... -- EXAMPLE...

WITH is, for C and C++, the compiler and where the library's headers are; for Python and JavaScript the types
of the library, and the checker of JavaScript. What else programs use (GLib, the shell of GJS) has the types
that are written here: the little that the examples lean on.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'bindings'))
from environment import make_environment  # noqa: E402

WARNINGS = ['-pedantic', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror', '-fsyntax-only']
GJS = """
declare module 'gi://GLib' {
  const GLib: {
    Error: new () => {matches(domain: any, code: number): boolean, message: string},
    [name: string]: any
  };
  export default GLib;
}
declare module 'system' {
  const System: {exit(code: number): never};
  export default System;
}
declare function print(...values: any[]): void;
declare function printerr(...values: any[]): void;
declare const ARGV: string[];
"""


def get_flags():
    return subprocess.run(['pkg-config', '--cflags', 'gio-2.0'], capture_output=True, text=True,
                          check=True).stdout.split()


def check(kind, given, examples, folder):
    if kind == 'c':
        return [*given, *get_flags(), '-std=c99', *WARNINGS, *examples]
    if kind == 'c++':
        return [*given, *get_flags(), '-x', 'c++', '-std=c++17', *WARNINGS, *examples]
    if kind == 'python':
        python = make_environment(folder / 'environment', pathlib.Path(given[0]))
        return [python, '-m', 'mypy', '--strict', *examples]
    shutil.copy(given[0], folder)
    (folder / 'gjs.d.ts').write_text(GJS, encoding='utf-8')
    names = [shutil.copy(example, folder) for example in examples]
    return [given[1], '--strict', '--allowJs', '--checkJs', '--noEmit',
            '--target', 'es2021', '--module', 'esnext', '--lib', 'es2021', 'gjs.d.ts',
            pathlib.Path(given[0]).name, *names]


def main():
    kind, *rest = sys.argv[1:]
    given, examples = rest[:rest.index('--')], rest[rest.index('--') + 1:]
    with tempfile.TemporaryDirectory() as folder:
        command = check(kind, given, examples, pathlib.Path(folder))
        done = subprocess.run(command, cwd=folder, check=False)
    return done.returncode


sys.exit(main())
