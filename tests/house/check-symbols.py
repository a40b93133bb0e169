"""What the library exports = what the introspection data names = the committed list.

Usage: check-symbols.py NM LIBRARY GIR LIST [--write]

With --write the list is made anew from the library; look at the difference before committing it.
"""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
CALLABLE = ('function', 'method', 'constructor')


def exported(nm, library):
    text = subprocess.run([nm, '-D', '--defined-only', '--format=posix', library],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    # A version itself is an absolute symbol; the others carry theirs: name@@ARBOR_1.0.
    lines = (line.split() for line in text.splitlines())
    return {name.partition('@')[0] for name, kind, *_ in lines if kind != 'A'}


def introspected(gir):
    names = set()
    for element in ElementTree.parse(gir).iter():
        if element.tag.split('}')[-1] in CALLABLE:
            names.add(element.get(C + 'identifier'))
        if element.get(GLIB + 'get-type') not in (None, 'intern'):
            names.add(element.get(GLIB + 'get-type'))
    return names


def compare(what, found, expected_of, expected):
    for name in sorted(found - expected):
        print(f'{name}: in {what}, not in {expected_of}')
    for name in sorted(expected - found):
        print(f'{name}: in {expected_of}, not in {what}')
    return found == expected


def main():
    nm, library, gir, path = sys.argv[1:5]
    symbols = exported(nm, library)
    if sys.argv[5:] == ['--write']:
        with open(path, 'w', encoding='utf-8') as out:
            out.writelines(name + '\n' for name in sorted(symbols))
    with open(path, encoding='utf-8') as lines:
        committed = lines.read().split()
    if committed != sorted(set(committed)):
        print(f'{path}: not sorted')
        return 1
    same = compare('the introspection data', introspected(gir), 'the library', symbols)
    same &= compare('the library', symbols, path, set(committed))
    print(f'{len(symbols)} symbols')
    return 0 if same else 1


sys.exit(main())
