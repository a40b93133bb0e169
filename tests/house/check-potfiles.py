"""po/POTFILES.in lists exactly the files that hold messages to translate.

Usage: check-potfiles.py SOURCE_ROOT [--write]

With --write the list is made anew.
"""

import pathlib
import re
import sys

# Of g_dgettext (GETTEXT_PACKAGE, variable) there is nothing to extract.
MESSAGE = re.compile(r'\b(?:N?_|C_|Q_)\s*\(\s*"|\bg_dn?gettext\s*\(\s*GETTEXT_PACKAGE,\s*"')


def marked_files(root):
    for path in sorted((root / 'arbor').rglob('*')):
        if path.suffix in ('.c', '.h', '.cpp', '.py', '.js') and path.is_file():
            if MESSAGE.search(path.read_text(encoding='utf-8')):
                yield str(path.relative_to(root))


def main():
    root = pathlib.Path(sys.argv[1])
    potfiles = root / 'po' / 'POTFILES.in'
    marked = list(marked_files(root))
    if sys.argv[2:] == ['--write']:
        potfiles.write_text(''.join(name + '\n' for name in marked), encoding='utf-8')
    listed = potfiles.read_text(encoding='utf-8').split()
    for name in sorted(set(marked) - set(listed)):
        print(f'{name} holds messages: add it to po/POTFILES.in')
    for name in sorted(set(listed) - set(marked)):
        print(f'{name} holds no message: take it out of po/POTFILES.in')
    if listed != sorted(listed):
        print('po/POTFILES.in is not sorted')
    print(f'{len(marked)} files with messages')
    return 0 if marked and listed == marked else 1


sys.exit(main())
