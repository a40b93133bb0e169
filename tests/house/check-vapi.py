"""Whether Vala can leave out what may be null at the end: each such parameter has a default in the VAPI.

Usage: check-vapi.py VAPI

What is set by a setter is given, null or not. A default comes from Arbor-1.0.metadata.
"""

import pathlib
import re
import sys

METHOD = re.compile(r'public [^=;]*?(\w+) \((.*)\)(?: throws .*)?;')

ATTRIBUTE = re.compile(r'\[CCode \(array_[^()]*\)\] ')  # it has equals signs of its own


def find_lack(line):
    """The last parameter without a default, where it may be null."""
    method = METHOD.search(ATTRIBUTE.sub('', line))
    if method is None or ' delegate ' in line or ' signal ' in line or method[1].startswith('set_'):
        return None
    for parameter in reversed(re.split(r', (?![^<]*>)', method[2])):
        if '=' not in parameter:
            return parameter if '?' in parameter and 'out ' not in parameter and '[]' not in parameter else None
    return None


def main():
    lines = pathlib.Path(sys.argv[1]).read_text(encoding='utf-8').splitlines()
    problems = [f'{line.strip()}\n  no default for {lack}' for line in lines
                if (lack := find_lack(line)) is not None]
    n = sum(METHOD.search(line) is not None for line in lines)
    print('\n'.join(problems) or f'{n} functions')
    return 1 if problems or n < 300 else 0


sys.exit(main())
