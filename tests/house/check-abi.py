"""What programs were linked against is still there: the library beside the committed baseline.

Usage: check-abi.py ABIDW ABIDIFF LIBRARY BASELINE IGNORED HEADER... [--write]

Fails where a function is gone or takes or returns something else; new functions are allowed. Only what
the public HEADERs show is compared. With --write the baseline is made anew from the library: for a
change that is meant, before 1.0.
"""

import subprocess
import sys

FAILED = 1 | 2
INCOMPATIBLE = 8


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != '--write']
    abidw, abidiff, library, baseline, ignored, *headers = arguments
    if '--write' in sys.argv:
        shown = [word for header in headers for word in ('--header-file', header)]
        return subprocess.run([abidw, *shown, '--drop-private-types', '--exported-interfaces-only',
                               '--no-corpus-path', '--no-comp-dir-path', '--no-show-locs',
                               '--type-id-style', 'hash', '--out-file', baseline, library],
                              check=False).returncode
    shown = [word for header in headers for word in ('--header-file2', header)]
    run = subprocess.run([abidiff, *shown, '--drop-private-types', '--exported-interfaces-only',
                          '--no-added-syms', '--suppressions', ignored, baseline, library],
                         stdout=subprocess.PIPE, text=True, check=False)
    print(run.stdout, end='')
    return 1 if run.returncode & (FAILED | INCOMPATIBLE) else 0


sys.exit(main())
