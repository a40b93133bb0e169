"""Runs an example on a new store and compares what it prints with the committed output; that, and nothing on
standard error.

Usage: check-example.py DATA EXPECTED PROGRAM...
"""

import difflib
import pathlib
import subprocess
import sys
import tempfile

data, expected, *program = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    done = subprocess.run([*program, f'{folder}/example.arbor', data], capture_output=True,
                          check=False)
found = done.stdout.decode('utf-8')
wanted = pathlib.Path(expected).read_text('utf-8')
sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), found.splitlines(True),
                                           expected, 'found'))
sys.stdout.write(done.stderr.decode('utf-8'))
sys.exit(0 if done.returncode == 0 and found == wanted and not done.stderr else 1)
