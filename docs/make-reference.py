"""Makes the reference with gi-docgen and mends what that leaves: the summaries that its search shows have
links as they are written in comments, the rows of addresses which the project has not are empty, and a |
in code in a table keeps the backslash that the table needs. Fails where a link leads nowhere.

Usage: make-reference.py OUTPUT GI-DOCGEN ARGUMENT...
"""

import json
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r'\[(\w+)@([^\]]+)\]')
EMPTY_ROW = re.compile(r'\s*<tr><td><em>\w+</em></td><td><a href="" class="external"></a></td></tr>')


def plain(match):
    """As text names it: a class by its name, a function as in C."""
    kind, name = match.groups()
    parts = name.split('.')
    if kind in ('func', 'method', 'ctor'):
        words = [re.sub(r'(?<=[a-z])(?=[A-Z])', '_', part).lower() for part in parts]
        # Arbor.Arbor.filter is arbor_arbor_filter.
        return '_'.join(words) + ' ()'
    return ''.join(parts[:2]) + ''.join(parts[2:])


def mend_index(path):
    index = json.loads(path.read_text('utf-8'))
    for symbol in index['symbols']:
        if 'summary' in symbol:
            symbol['summary'] = re.sub(r'%(?=[A-Z])', '', LINK.sub(plain, symbol['summary']))
    path.write_text(json.dumps(index), 'utf-8')


def mend_page(path):
    page = path.read_text('utf-8')
    mended = EMPTY_ROW.sub('', page)
    mended = re.sub(r'<code>[^<]*\\\|[^<]*</code>', lambda match: match[0].replace('\\|', '|'), mended)
    if mended != page:
        path.write_text(mended, 'utf-8')


def find_dead_links(folder):
    pages = {path.name: path.read_text('utf-8') for path in folder.glob('*.html')}
    places = {name: set(re.findall(r'\b(?:id|name)="([^"]+)"', page)) for name, page in pages.items()}
    for name, page in sorted(pages.items()):
        for link in re.findall(r'\b(?:href|src)="([^"]*)"', page):
            target, _, place = link.partition('#')
            if re.match(r'\w+:', link) or link in ('', '#'):
                continue
            if target and not (folder / target).exists():
                yield f'{name}: {link}: there is no such page'
            elif place and (target or name) in places and place not in places[target or name]:
                yield f'{name}: {link}: there is no such place'


def main():
    output, *command = sys.argv[1:]
    done = subprocess.run(command, check=False)
    if done.returncode != 0:
        return done.returncode
    folder = pathlib.Path(output)
    mend_index(folder / 'index.json')
    for path in folder.glob('*.html'):
        mend_page(path)
    dead = sorted(set(find_dead_links(folder)))
    print('\n'.join(dead), end='\n' if dead else '')
    return 1 if dead else 0


if __name__ == '__main__':
    sys.exit(main())
