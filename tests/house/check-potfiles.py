"""po/POTFILES.in lists exactly the files that hold messages to translate, and all of them can be.

A message that is put together with a macro (G_GUINT64_FORMAT) cannot be extracted: xgettext sees it
end there. Write PRIu64 and PRId64 of <inttypes.h>, which it knows, or %zu for a gsize.

Usage: check-potfiles.py SOURCE_ROOT [--write]

With --write the list is made anew.
"""

import pathlib
import re
import sys

FOLDERS = ['arbor', 'examples/browser', 'examples/notes']

# Of g_dgettext (GETTEXT_PACKAGE, variable) there is nothing to extract.
MESSAGE = re.compile(r'\b(?:N?_|C_|Q_)\s*\(\s*["\']|\bg_dn?gettext\s*\(\s*GETTEXT_PACKAGE,\s*"')

BROKEN = re.compile(r'\b(?:N?_|C_|Q_)\s*\((?:\s*"(?:[^"\\]|\\.)*")+\s*(G_[A-Z]\w+)')


def sources(root):
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob('*')):
        if path.suffix in ('.c', '.h', '.cpp', '.py', '.js', '.vala') and path.is_file():
            yield path.relative_to(root), path.read_text(encoding='utf-8')


def broken_messages(root):
    for path, text in sources(root):
        for found in BROKEN.finditer(text):
            line = text.count('\n', 0, found.start()) + 1
            yield f'{path}:{line}: {found[1]} inside a message'


def marked_files(root):
    for path, text in sources(root):
        if MESSAGE.search(text):
            yield str(path)


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
    broken = list(broken_messages(root))
    print('\n'.join(broken))
    print(f'{len(marked)} files with messages')
    return 0 if marked and listed == marked and not broken else 1


sys.exit(main())
