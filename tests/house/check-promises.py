"""What the contract names is there: operations, functions and error codes of docs/dev/semantics.md.

Usage: check-promises.py GIR SOURCE-ROOT

Sections 5 and 6 have tables whose first column lists operations: each must be a method, function or
property of the introspection data, spelled alike. The table of section 4 lists functions of
expressions: each must be one of the tables that docs/expressions.md has from the engine. Section 9
lists error codes. A page that promises what comes later fails here.

docs/overview.md has each class in its tables of what there is and of threads, docs/errors.md each code.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'


def read_names(gir):
    """All names that programs may use, and the error codes."""
    root = xml.etree.ElementTree.parse(gir).getroot()
    names = {item.get('name').replace('-', '_').lower()
             for kind in ('method', 'function', 'constructor', 'property', 'class')
             for item in root.iter(CORE + kind)}
    codes = next(item for item in root.iter(CORE + 'enumeration') if item.get('name') == 'Error')
    return names, {member.get('name').upper() for member in codes.iter(CORE + 'member')}


def list_classes(gir):
    root = xml.etree.ElementTree.parse(gir).getroot()
    return [item.get('name') for kind in ('class', 'interface') for item in root.iter(CORE + kind)]


def list_operations(section):
    for row in re.findall(r'^\| ([^|]*) \|', section, flags=re.M):
        if not row.startswith(('operation', '-')):
            yield from re.findall(r'[a-z_][a-z_-]*', re.sub(r'\([^)]*\)', '', row))


def main():
    names, codes = read_names(sys.argv[1])
    root = pathlib.Path(sys.argv[2])
    contract = (root / 'docs/dev/semantics.md').read_text(encoding='utf-8')
    sections = dict(re.findall(r'^## (\d+)\. (?:.*)\n((?:(?!## ).*\n?)*)', contract, flags=re.M))
    bad = [f'section {number}: no operation {word!r}' for number in '56'
           for word in list_operations(sections[number])
           if word.replace('-', '_') not in names]

    functions = set(re.findall(r'`([a-z_]+)', (root / 'docs/expressions.md').read_text('utf-8')))
    for row in re.findall(r'^\| (?:string|array|object|date|type) \| ([^|]*) \|', sections['4'],
                          flags=re.M):
        bad += [f'section 4: no function {word!r}' for word in
                re.findall(r'[a-z_]+', re.sub(r'\([^)]*\)', '', row)) if word not in functions]

    listed = set(re.findall(r'\b[A-Z]+(?:_[A-Z]+)*\b', sections['9'].split('`G_IO_ERROR')[0].split(
        'can do:')[1]))
    bad += [f'section 9: no error {code}' for code in sorted(listed - codes)]
    bad += [f'section 9 lacks the error {code}' for code in sorted(codes - listed)]
    bad = [f'docs/dev/semantics.md, {line}' for line in bad]
    what, threads = (root / 'docs/overview.md').read_text('utf-8').split('## Threads')
    for name in list_classes(sys.argv[1]):
        bad += [f'docs/overview.md does not say {lack} {name}' for lack, text in
                (('what is', what.split('## A first program')[0]), ('which thread may use', threads))
                if f'@Arbor.{name}]' not in text]
    table = set(re.findall(r'^\| `([A-Z_]+)` \|', (root / 'docs/errors.md').read_text('utf-8'), flags=re.M))
    bad += [f'docs/errors.md: {code} is there or in the library only' for code in sorted(table ^ codes)]
    for line in bad:
        print(line)
    sys.exit(1 if bad else 0)


main()
