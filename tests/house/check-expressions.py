"""What is made of arbor/expressions.table and kept in the tree is what it makes: the function tables of
docs/expressions.md, and what the bindings know of builders.

Usage: check-expressions.py SOURCE_ROOT [--write]
"""

import importlib.util
import pathlib
import sys

def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


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
            form, operands, gives, nulls, builder = expressions.cells(line[2:])
            out.append('| %s | %s | %s | %s | `%s` | |'
                       % (code(form), operands, gives, nulls, builder))
        elif line.startswith('! '):
            expression, tree, result = line[2:].split(' | ')
            of = '' if tree == '-' else ' of %s' % code(tree)
            out[-1] = out[-1][:-1] + '%s%s: %s |' % (code(expression), of, code(result))
        elif line and not line.startswith(('#', '&', ' ')):
            out.append(line)
    return '\n'.join(out).strip('\n') + '\n'


def builders(table):
    """Those that take values."""
    return [one for one in expressions.read_builders(table) if one.parameters]


def make_python(table):
    yield '# Builders of expressions that take values: how many they need and take, and what they make. Made of'
    yield '# arbor/expressions.table by tests/house/check-expressions.py.'
    yield ''
    yield 'BUILDERS = {'
    for one in builders(table):
        yield f'    "{one.name}": ({one.n_needed}, {len(one.parameters)}, "{one.brief}"),'
    yield '}'


def make_gjs(table):
    yield '/* Builders of expressions that take values: how many they need and take. Made of'
    yield ' * arbor/expressions.table by tests/house/check-expressions.py. */'
    yield ''
    yield '/* exported BUILDERS */'
    yield 'var BUILDERS = {'
    for one in builders(table):
        yield f'    {one.name}: [{one.n_needed}, {len(one.parameters)}],'
    yield '};'


def join(make):
    return lambda table: '\n'.join(make(table)) + '\n'


# What is between two marks, or a whole file.
MADE = [
    ('docs/expressions.md', '<!-- functions: begin -->\n', '<!-- functions: end -->\n', make_page),
    ('arbor/bindings/python/gi/overrides/Arbor/builders.py', None, None, join(make_python)),
    ('arbor/bindings/gjs/overrides/Arbor/builders.js', None, None, join(make_gjs)),
]


def main():
    table = (root / 'arbor/expressions.table').read_text(encoding='utf-8')
    is_good = True
    for name, begin, end, make in MADE:
        path = root / name
        text = path.read_text(encoding='utf-8') if path.exists() else ''
        wanted = make(table)
        if begin is not None:
            before, rest = text.split(begin)
            wanted = before + begin + wanted + end + rest.split(end)[1]
        if sys.argv[2:] == ['--write']:
            path.write_text(wanted, encoding='utf-8')
        elif text != wanted:
            print(f'{name} is not what the table makes: run {sys.argv[0]} . --write')
            is_good = False
    print(len(expressions.read_builders(table)), 'builders')
    return 0 if is_good else 1


root = pathlib.Path(sys.argv[1])
expressions = load(root / 'arbor/expressions.py')
sys.exit(main())
