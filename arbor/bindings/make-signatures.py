"""What JavaScript must know of each function before it calls it: GJS makes a number, a boolean or a text
of anything, and wants every argument.

Usage: make-signatures.py GIR OUTPUT
"""

import pathlib
import sys

import gir


def describe(parameter):
    """name:Type, [] behind the type of an array, ? where null may be, = and what it is when left out."""
    array = '[]' if parameter.type.is_array else ''
    null = '?' if parameter.type.is_nullable else ''
    default = '' if parameter.default in (None, 'null') else '=' + parameter.default
    return f"'{parameter.name}:{parameter.type.name}{array}{null}{default}'"


def list_functions(functions, indent):
    for one in functions:
        if one.name.endswith('_finish'):
            continue
        parameters = [each for each in one.parameters if each.type.name != 'Gio.AsyncReadyCallback']
        yield (f'{indent}{one.name}: {{isMethod: {str(one.kind == "method").lower()}, '
               f'parameters: [{", ".join(map(describe, parameters))}]}},')


def main():
    classes, functions = gir.read(sys.argv[1])
    lines = ['/* Made of the introspection data by make-signatures.py. */', '',
             '/* exported FUNCTIONS, OPTIONS, SIGNATURES */', '', 'var SIGNATURES = {']
    for one in classes:
        if one.kind == 'class':
            lines += [f'    {one.name}: {{', *list_functions(one.functions, '        '), '    },']
    lines += ['};', '', 'var FUNCTIONS = {', *list_functions(functions, '    '), '};', '',
              '/* Classes of options, and what is set in them. */', 'var OPTIONS = {']
    for one in classes:
        if one.kind == 'class' and one.name.endswith('Options'):
            names = ', '.join(f"'{name.replace('-', '_')}'"
                              for name, *_ in one.properties + one.settings)
            lines.append(f'    {one.name}: [{names}],')
    lines += ['};']
    pathlib.Path(sys.argv[2]).write_text('\n'.join(lines) + '\n', encoding='utf-8')


main()
