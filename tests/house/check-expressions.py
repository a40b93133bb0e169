"""The function tables of docs/expressions.md are those of tests/unit/expressions.table.

Usage: check-expressions.py SOURCE_ROOT [--write]
"""

import pathlib
import re
import sys

BEGIN, END = '<!-- functions: begin -->\n', '<!-- functions: end -->\n'


def cells(text):
    return [cell.strip() for cell in re.split(r'(?<!\\)\|', text)]


def code(text):
    return '`%s`' % text.replace('|', '\\|').replace('\\\\|', '\\|')


def make_page(table):
    out, is_open = [], False
    for line in table.splitlines():
        if line.startswith('== '):
            out.append('\n### %s\n' % line[3:])
            is_open = False
        elif line.startswith('* '):
            if not is_open:
                out.append('\n| form | operands | gives | of null and missing | builder | for example |\n'
                           '|---|---|---|---|---|---|')
                is_open = True
            form, operands, gives, nulls, builder = cells(line[2:])
            out.append('| %s | %s | %s | %s | `%s` | |'
                       % (code(form), operands, gives, nulls, builder))
        elif line.startswith('! '):
            expression, tree, result = line[2:].split(' | ')
            of = '' if tree == '-' else ' of %s' % code(tree)
            out[-1] = out[-1][:-1] + '%s%s: %s |' % (code(expression), of, code(result))
        elif line and not line.startswith(('#', ' ')):
            out.append(line)
    return '\n'.join(out).strip('\n') + '\n'


def main():
    root = pathlib.Path(sys.argv[1])
    page = root / 'docs' / 'expressions.md'
    text = page.read_text(encoding='utf-8')
    made = make_page((root / 'tests/unit/expressions.table').read_text(encoding='utf-8'))
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    wanted = before + BEGIN + made + END + after
    if sys.argv[2:] == ['--write']:
        page.write_text(wanted, encoding='utf-8')
    elif text != wanted:
        print(f'{page} is not what the table makes: run {sys.argv[0]} . --write')
        return 1
    print(made.count('\n| '), 'lines of tables')
    return 0


sys.exit(main())
