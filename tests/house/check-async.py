"""Every function that may fail has an asynchronous form or a reason to have none: arbor/async.table against
the introspection data, in both directions. What is made of the table and kept in the tree is what it
makes: what JavaScript knows of asynchronous forms.

Usage: check-async.py SOURCE_ROOT GIR [--write]
"""

import fnmatch
import importlib.util
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
# Written by hand.
BY_HAND = {'arbor_store_close'}
MADE = 'arbor/bindings/gjs/overrides/Arbor/asyncs.js'


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem + '_forms', path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def functions_of(namespace):
    """(class or None, element) of all functions, by C name."""
    found = {}
    for owner in [namespace, *namespace.findall(CORE + 'class'), *namespace.findall(CORE + 'record')]:
        for kind in ('method', 'function', 'constructor'):
            for element in owner.findall(CORE + kind):
                name = owner.get('name') if owner is not namespace else None
                found[element.get(C + 'identifier')] = (name, element)
    return found


def check(table, functions):
    pairs = {name.removesuffix('_async') for name in functions if name.endswith('_async')}
    for name, (_, element) in functions.items():
        if name.endswith(('_async', '_finish')):
            continue
        reason = table.reason(name)
        if name in table.calls and reason is not None:
            yield f'{name}: has an asynchronous form and a reason to have none'
        if element.get('throws') == '1' and name not in table.calls and reason is None:
            yield f'{name}: may fail, so it may wait: has neither an asynchronous form nor a reason'
    for name in table.calls:
        if name not in pairs or name + '_finish' not in functions:
            yield f'{name}: its asynchronous form is not there'
    for name in pairs - set(table.calls) - BY_HAND:
        yield f'{name}: its asynchronous form is not made of the table'
    for patterns, _ in table.without:
        for pattern in patterns:
            if not any(fnmatch.fnmatchcase(name, pattern) for name in functions):
                yield f'{pattern}: a reason for a function that is not there'


def parameters_of(element):
    """The names of what JavaScript gives: without lengths of arrays and what belongs to callbacks."""
    listed = element.findall(f'{CORE}parameters/{CORE}parameter')
    hidden = {int(one.get(key)) for one in listed for key in ('closure', 'destroy') if one.get(key)}
    hidden |= {int(array.get('length')) for one in listed
               for array in one.findall(CORE + 'array') if array.get('length')}
    return [one.get('name') for i, one in enumerate(listed) if i not in hidden]


def make_gjs(table, functions):
    lines = ['/* Functions that have an asynchronous form: how many arguments that takes before how far to tell,',
             ' * and whether it tells. Made of arbor/async.table by tests/house/check-async.py. */', '',
             '/* exported ASYNC */', 'var ASYNC = {']
    for name in table.calls:
        owner, element = functions[name + '_async']
        names = parameters_of(element)
        tells = 'progress' in names
        count = len(set(names) - {'progress', 'progress_data', 'cancellable', 'callback', 'user_data'})
        method = element.get('name').removesuffix('_async')
        key = f"'{owner}.{method}'" if owner else method
        lines.append(f'    {key}: [{count}, {str(tells).lower()}],')
    return '\n'.join([*lines, '};', ''])


def main():
    root = pathlib.Path(sys.argv[1])
    forms = load(root / 'arbor/async.py')
    table = forms.read_table((root / 'arbor/async.table').read_text(encoding='utf-8'))
    functions = functions_of(ElementTree.parse(sys.argv[2]).getroot().find(CORE + 'namespace'))
    problems = list(check(table, functions))
    if not problems:
        path, wanted = root / MADE, make_gjs(table, functions)
        if sys.argv[3:] == ['--write']:
            path.write_text(wanted, encoding='utf-8')
        elif not path.exists() or path.read_text(encoding='utf-8') != wanted:
            problems.append(f'{MADE} is not what the table makes: meson compile -C build update-async')
    print('\n'.join(problems) or f'{len(table.calls)} asynchronous forms')
    return 1 if problems else 0


sys.exit(main())
