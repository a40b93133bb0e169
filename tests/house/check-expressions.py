"""What is made of arbor/expressions.table and kept in the tree is what it makes: the function tables of
docs/expressions.md, and what the bindings know of builders.

Usage: check-expressions.py SOURCE_ROOT [--write]
"""

import collections
import importlib.util
import pathlib
import sys
import textwrap

# Bindings have these by hand.
BY_HAND = {'sort'}


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


def by_arity(table):
    """The names of the builders that take values, by how many they need and take."""
    found = collections.defaultdict(list)
    for one in expressions.read_builders(table):
        if one.parameters and one.name not in BY_HAND:
            found[one.n_needed, len(one.parameters)].append(one.name)
    return sorted(found.items())


def make_python_arities(table):
    for (needed, taken), names in by_arity(table):
        lines = textwrap.wrap(' '.join(names), 80)
        yield f'    ({needed}, {taken}): """{lines[0]}'
        yield from (' ' * 15 + line for line in lines[1:])
        yield ' ' * 15 + '""",'


def make_python_docs(table):
    for one in expressions.read_builders(table):
        if one.parameters and one.name not in BY_HAND:
            yield f'        "{one.name}": "{one.brief}",'


def make_gjs_arities(table):
    for (needed, taken), names in by_arity(table):
        lines = textwrap.wrap(' '.join(names), 75)
        text = " ' +\n            '".join(lines)
        yield from f"        [{needed}, {taken}, '{text}'],".split('\n')


def join(make):
    return lambda table: '\n'.join(make(table)) + '\n'


MADE = [
    ('docs/expressions.md', '<!-- functions: begin -->\n', '<!-- functions: end -->\n', make_page),
    ('arbor/bindings/python/gi/overrides/_arbor_expr.py', '    # builders: begin\n',
     '    # builders: end\n', join(make_python_arities)),
    ('arbor/bindings/python/gi/overrides/_arbor_docs.py', '        # builders: begin\n',
     '        # builders: end\n', join(make_python_docs)),
    ('arbor/bindings/gjs/overrides/Arbor.js', '        /* builders: begin */\n',
     '        /* builders: end */\n', join(make_gjs_arities)),
]


def main():
    table = (root / 'arbor/expressions.table').read_text(encoding='utf-8')
    is_good = True
    for name, begin, end, make in MADE:
        text = (root / name).read_text(encoding='utf-8')
        before, rest = text.split(begin)
        wanted = before + begin + make(table) + end + rest.split(end)[1]
        if sys.argv[2:] == ['--write']:
            (root / name).write_text(wanted, encoding='utf-8')
        elif text != wanted:
            print(f'{name} is not what the table makes: run {sys.argv[0]} . --write')
            is_good = False
    print(len(expressions.read_builders(table)), 'builders')
    return 0 if is_good else 1


root = pathlib.Path(sys.argv[1])
expressions = load(root / 'arbor/expressions.py')
sys.exit(main())
