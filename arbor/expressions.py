"""The builders of expressions, in C, of the table of operators and functions.

Usage: expressions.py TABLE SOURCE HEADER

The table (expressions.table, which says how it is written) is the one place where a function is
described: for its page, its tests, the bindings and, here, the method that makes a call of it.
"""

import pathlib
import re
import sys
import textwrap
from dataclasses import dataclass, field

WIDTH = 97


@dataclass
class Builder:
    name: str
    function: str
    parameters: list          # names, in order
    n_needed: int             # of them; the others may be NULL
    kinds: list               # of literals that builders of their own take
    brief: str                # one line for bindings
    about: dict = field(default_factory=dict)   # of parameters
    text: list = field(default_factory=list)    # paragraphs


def cells(text):
    return [cell.strip() for cell in re.split(r'(?<!\\)\|', text)]


def read_builders(text):
    """All builders of the table, in its order."""
    builders, name = [], None
    for line in text.splitlines():
        if line.startswith('* '):
            name, is_new = cells(line[2:])[-1], True
        if not line.startswith('& '):
            continue
        if is_new:
            call, _, brief = line[2:].partition(' | ')
            function, listed = re.fullmatch(r'(\S+) \((.*)\)', call).groups()
            listed = listed.split(', ') if listed else []
            named = [one.strip('[]').partition(': ') for one in listed]
            kinds = {tuple(kinds.split()) for _, _, kinds in named}
            assert len(kinds) <= 1, f'{name}: all parameters have the same kinds'
            builders.append(Builder(name, function, [one for one, _, _ in named],
                                    sum(not one.startswith('[') for one in listed),
                                    [*kinds.pop()] if kinds else [], brief))
            is_new = False
        elif match := re.fullmatch(r'& @(\w+): (.*)', line):
            builders[-1].about[match[1]] = match[2]
        else:
            builders[-1].text.append(line[2:])
    return builders


def comment(lines):
    """Of each line one or several lines of gtk-doc; an empty one is a blank line."""
    out = ['/**']
    for line, indent in lines:
        wrapped = textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False,
                                break_on_hyphens=False)
        out += [' * ' + part for part in wrapped] or [' *']
    return out + [' */']


def signature(builder):
    arguments = ''.join(f', ArborExpr *{one}' for one in builder.parameters)
    return f'(ArborExpr *self{arguments}, GError **error)'


def document(builder):
    lines = [(f'arbor_expr_{builder.name}:', ''),
             (f'@self: {builder.about.get("self", "an expression")}', '  ')]
    for i, one in enumerate(builder.parameters):
        nullable = '(nullable): ' if i >= builder.n_needed else ''
        lines.append((f'@{one}: {nullable}{builder.about.get(one, "another expression")}', '  '))
    lines.append(('@error: return location for an error', ''))
    reasons = 'when the expression becomes larger than an expression may be'
    if builder.parameters:
        reasons += (', when an argument has many values where one is needed, or when a literal '
                    'cannot be meant')
    for paragraph in builder.text + [
            f'Errors: %ARBOR_ERROR_EXPRESSION {reasons}.', 'Any thread may call this.',
            'Returns: (transfer full): the expression, %NULL with @error set', 'Since: 1.0']:
        lines += [('', ''), (paragraph, '')]
    return comment(lines)


def define(builder):
    others = ', '.join(builder.parameters) or 'NULL'
    return document(builder) + [
        'ArborExpr *', f'arbor_expr_{builder.name} {signature(builder)}', '{',
        f'  return arbor_expr_new_method ("{builder.function}", self, (ArborExpr *[]){{ {others} }},',
        f'                                {len(builder.parameters)}, {builder.n_needed}, error);',
        '}', '']


# Of each kind of literal: its C type, what it is called, and how it becomes a value.
LITERALS = {
    'int': ('gint64 ', 'an integer', 'ARBOR_VALUE_INT64 ({})'),
    'double': ('double ', 'a number', 'ARBOR_VALUE_DOUBLE ({})'),
    'string': ('const char *', 'a text in UTF-8', 'arbor_expr_text ({})'),
    'boolean': ('gboolean ', 'a truth value', 'ARBOR_VALUE_BOOL (!!{})'),
}


def literal_signature(builder, kind):
    arguments = ''.join(f', {LITERALS[kind][0]}{one}' for one in builder.parameters)
    return f'(ArborExpr *self{arguments}, GError **error)'


def define_literal(builder, kind):
    c_type, what, value = LITERALS[kind]
    lines = [(f'arbor_expr_{builder.name}_{kind}:', ''),
             (f'@self: {builder.about.get("self", "an expression")}', '  ')]
    lines += [(f'@{one}: {what}', '  ') for one in builder.parameters]
    lines += [('@error: return location for an error', ''), ('', ''), (builder.brief, ''), ('', ''),
              (f'[method@Arbor.Expr.{builder.name}] with {what} instead of an expression.', ''),
              ('', '')]
    reasons = 'when the expression becomes larger than an expression may be'
    if kind == 'double':
        reasons += ', or when a number is infinite or none'
    elif kind == 'string':
        reasons += ', or when the literal cannot be meant'
    for paragraph in [f'Errors: %ARBOR_ERROR_EXPRESSION {reasons}.', 'Any thread may call this.',
                      'Returns: (transfer full): the expression, %NULL with @error set']:
        lines += [(paragraph, ''), ('', '')]
    values = ', '.join(value.format(one) for one in builder.parameters)
    checks = [f'  g_return_val_if_fail ({one} != NULL, NULL);' for one in builder.parameters if kind == 'string']
    checks = ['  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);', *checks, ''] if checks else []
    return comment(lines + [('Since: 1.0', '')]) + [
        'ArborExpr *', f'arbor_expr_{builder.name}_{kind} {literal_signature(builder, kind)}', '{',
        *checks,
        f'  return arbor_expr_new_method_of ("{builder.function}", self, (ArborValue[]){{ {values} }},',
        f'                                   {len(builder.parameters)}, error);',
        '}', '']


def declare(builder):
    out = ['ARBOR_AVAILABLE_IN_1_0',
           f'ArborExpr *arbor_expr_{builder.name} {signature(builder)};']
    for kind in builder.kinds:
        out += ['ARBOR_AVAILABLE_IN_1_0', f'ArborExpr *arbor_expr_{builder.name}_{kind} '
                                          f'{literal_signature(builder, kind)};']
    return out


def main():
    table, source, header = map(pathlib.Path, sys.argv[1:])
    builders = read_builders(table.read_text(encoding='utf-8'))
    made = f'/* Made of {table.name} by {pathlib.Path(sys.argv[0]).name}: builders of expressions. */'
    lines = [made, '', '#include "arbor-expr-private.h"', '', f'#include <arbor/{header.name}>', '']
    for builder in builders:
        lines += define(builder)
        for kind in builder.kinds:
            lines += define_literal(builder, kind)
    source.write_text('\n'.join(lines), encoding='utf-8')
    lines = [made, '', '#pragma once', '', '#include <arbor/arbor-types.h>', '', 'G_BEGIN_DECLS', '']
    for builder in builders:
        lines += declare(builder)
    header.write_text('\n'.join(lines + ['', 'G_END_DECLS', '']), encoding='utf-8')


if __name__ == '__main__':
    main()
