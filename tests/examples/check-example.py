"""Runs an example on a new store and compares what it prints with the committed output.

Usage: check-example.py DATA EXPECTED PROGRAM...
"""

import difflib
import pathlib
import subprocess
import sys
import tempfile

data, expected, *program = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    done = subprocess.run([*program, f'{folder}/example.arbor', data], stdout=subprocess.PIPE,
                          check=False)
found = done.stdout.decode('utf-8')
wanted = pathlib.Path(expected).read_text('utf-8')
sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), found.splitlines(True),
                                           expected, 'found'))
sys.exit(0 if done.returncode == 0 and found == wanted else 1)
