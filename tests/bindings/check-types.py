"""A checker of types finds what is wrong in a file, in the lines that say so, and nothing else.

Usage: check-types.py TYPES FILE COMMAND...

The command prints FILE:LINE: or FILE(LINE,COLUMN): before what it finds. Types of Python lie as they are
installed, in an environment whose python the command has for {}, beside the few of PyGObject's own that
they lean on; those of JavaScript beside the file.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from environment import make_environment


def main():
    types, checked, *command = sys.argv[1:]
    types, checked = pathlib.Path(types).resolve(), pathlib.Path(checked).resolve()
    expected = {i for i, line in enumerate(checked.read_text(encoding='utf-8').splitlines(), 1)
                if 'WRONG' in line and not line.lstrip().startswith(('"""', '/*', ' *'))}
    with tempfile.TemporaryDirectory() as folder:
        if '{}' in command:
            python = make_environment(pathlib.Path(folder, 'environment'), types)
            command = [python if word == '{}' else word for word in command]
        else:
            for path in (types, checked):
                pathlib.Path(folder, path.name).write_bytes(path.read_bytes())
            checked = pathlib.Path(folder, checked.name)
        run = subprocess.run([*command, str(checked)], capture_output=True, text=True, check=False,
                             cwd=folder)
    found = {(pathlib.Path(match[1]).name, int(match[2]))
             for match in re.finditer(r'^\s*([^\s:(]+)[:(](\d+)[:,].*error', run.stdout, re.MULTILINE)}
    wanted = {(checked.name, line) for line in expected}
    for name, line in sorted(found - wanted):
        print(f'{name}:{line}: should be right')
    for name, line in sorted(wanted - found):
        print(f'{name}:{line}: should be wrong')
    if found != wanted or not expected:
        print(run.stdout + run.stderr)
        return 1
    print(f'{len(expected)} mistakes found')
    return 0


sys.exit(main())
