"""Rules of the interface that a script can check, over the introspection data.

Usage: check-api.py GIR HEADERS...

 - get_ gives a value, or an object that is made or found and may fail; dup_ gives what the caller frees:
   text, bytes, arrays, and objects that are there already. No class has both for one thing.
 - What is got and may fail is there, or it is an error; what may be absent without one is looked up, found
   or the next one.
 - No property, method or signal of a class shares its name with another: languages show them as one.
 - Enumerations are named by a noun, and each member has its number written out.
 - What can throw returns its value, not whether it went well beside a value that goes out, except where
   the value may be absent without an error.
 - Each array has a length of its own, or ends by itself: other languages take the length from one array,
   whatever the others have. A text has no length: it ends by itself.
 - What takes a path has a form that takes a GFile: gfile in place of file at the end of its name, or behind
   it, and all other parameters alike.
 - A constructor is named new, or parse for what is made of text, and always gives the caller an object of its
   class. A function of a class that gives a new object of it is a constructor, but for the few of STATIC.
 - Public headers can only be included through <arbor/arbor.h>.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
TEXTS = {'utf8', 'filename', 'GLib.Bytes', 'GLib.Variant'}
VERBS = {'Join', 'Nest', 'Sort', 'Load', 'Group', 'Filter'}
# FALSE without error is an answer of these: nothing has that key; the end was reached.
ABSENT = {'arbor_groups_find', 'arbor_groups_find_finish', 'arbor_cursor_next', 'arbor_cursor_next_finish'}
# No constructors, which languages call by new: opening finds a file (see rationales.md), joining makes one
# arbor of several, and Vala reads what is formatted as it reads printf.
STATIC = {'arbor_store_open', 'arbor_store_open_gfile', 'arbor_store_open_finish',
          'arbor_store_open_gfile_finish', 'arbor_arbor_concat', 'arbor_expr_parsef', 'arbor_expr_vparsef'}
GUARD = '#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)'


def type_of(element):
    found = element.find(CORE + 'type')
    return 'array' if found is None else found.get('name')


def check_method(method, classes):
    name, identifier = method.get('name'), method.get(C + 'identifier')
    if name.endswith('_async'):
        return
    result = method.find(CORE + 'return-value')
    kind = type_of(result)
    owned = result.get('transfer-ownership') == 'full'
    if name.startswith('get_') and not name.endswith('_finish'):
        if kind == 'array' or kind in TEXTS:
            yield f'{identifier}: returns {kind}, which the caller frees: dup_'
        elif owned and kind in classes and method.get('throws') != '1':
            yield f'{identifier}: cannot fail and returns a reference: dup_'
    if (name.startswith('get') and method.get('throws') == '1' and result.get('nullable') == '1' and
            not name.endswith('_finish')):
        yield f'{identifier}: may be absent without an error: look_up, find_ or next_'
    if name.startswith('dup_') and (not owned or kind in classes and method.get('throws') == '1'):
        yield f'{identifier}: finds or makes a {kind}, or gives none away: get_'
    outs = [p for p in method.iter(CORE + 'parameter')
            if p.get('direction') == 'out' and not p.get('name').startswith('n_')]
    if method.get('throws') == '1' and kind == 'gboolean' and outs and identifier not in ABSENT:
        yield f'{identifier}: returns gboolean beside {outs[0].get("name")}'


def check_names(element):
    """Of a class."""
    seen = {}
    for kind in ('method', 'property', 'signal'):
        tag = (GLIB if kind == 'signal' else CORE) + kind
        for one in element.findall(tag):
            name = one.get('name').replace('-', '_')
            if name in seen:
                yield f'{element.get("name")}: {seen[name]} and {kind} {name}'
            seen[name] = kind


def check_arrays(function):
    """Of a function with parameters."""
    parameters = function.findall(f'{CORE}parameters/{CORE}parameter')
    lengths = [array.get('length') for parameter in parameters if parameter.get('direction') != 'out'
               for array in [parameter.find(CORE + 'array')] if array is not None]
    for index, parameter in enumerate(parameters):
        if lengths.count(str(index)) > 1:
            yield f'{function.get(C + "identifier")}: several arrays of the length {parameter.get("name")}'
        if type_of(parameter) == 'gssize':
            yield f'{function.get(C + "identifier")}: a length of a text, {parameter.get("name")}'


def check_constructors(element):
    """Of a class."""
    for one in element.findall(CORE + 'constructor'):
        result, identifier = one.find(CORE + 'return-value'), one.get(C + 'identifier')
        if not re.fullmatch('(new|parse)(_[a-z0-9_]+)?', one.get('name')):
            yield f'{identifier}: a constructor is named new, or parse for what is made of text'
        if (type_of(result) != element.get('name') or result.get('transfer-ownership') != 'full' or
                result.get('nullable') == '1'):
            yield f'{identifier}: a constructor, but does not give a {element.get("name")} to the caller'
    for one in element.findall(CORE + 'function'):
        if (type_of(one.find(CORE + 'return-value')) == element.get('name') and
                one.get(C + 'identifier') not in STATIC):
            yield f'{one.get(C + "identifier")}: gives a new {element.get("name")}: (constructor)'
    for one in element.findall(CORE + 'method'):
        if one.get('name').startswith('new'):
            yield f'{one.get(C + "identifier")}: a method that is named as a constructor'


def parameters_of(function):
    return [(p.get('name'), type_of(p)) for p in function.findall(f'{CORE}parameters/{CORE}parameter')]


def check_paths(function, functions):
    """Of a function with parameters, among all by their identifiers."""
    parameters = parameters_of(function)
    identifier = function.get(C + 'identifier')
    if 'filename' not in [kind for _, kind in parameters] or identifier.endswith('_async'):
        return
    name = re.sub('_file$', '', identifier) + '_gfile'
    # path, new_path: file, new_file.
    expected = [(re.sub('path$', 'file', given), 'Gio.File') if kind == 'filename' else (given, kind)
                for given, kind in parameters]
    if name not in functions or parameters_of(functions[name]) != expected:
        yield f'{identifier}: no {name} with a GFile in place of the path'


def check_enumeration(element, text):
    name = element.get('name')
    if name in VERBS:
        yield f'Arbor.{name}: what about it? an enumeration is named by a noun'
    for member in element.findall(CORE + 'member'):
        if not re.search(rf'\b{member.get(C + "identifier")} = ', text):
            yield f'{member.get(C + "identifier")}: its number is not written out'


def main():
    namespace = ElementTree.parse(sys.argv[1]).getroot().find(CORE + 'namespace')
    headers = {path: pathlib.Path(path).read_text(encoding='utf-8') for path in sys.argv[2:]}
    text = '\n'.join(headers.values())
    elements = [e for kind in ('class', 'interface', 'record') for e in namespace.findall(CORE + kind)]
    classes = {element.get('name') for element in elements}
    problems, n_methods = [], 0
    for element in elements:
        methods = element.findall(CORE + 'method')
        problems += check_names(element)
        problems += check_constructors(element)
        names = {method.get('name') for method in methods}
        problems += [f'{element.get("name")}: both {name} and dup_{name[4:]}' for name in names
                     if name.startswith('get_') and f'dup_{name[4:]}' in names]
        for method in methods:
            problems += check_method(method, classes)
            n_methods += 1
    functions = {function.get(C + 'identifier'): function for kind in ('method', 'function', 'constructor')
                 for function in namespace.iter(CORE + kind)}
    for function in functions.values():
        problems += check_arrays(function)
        problems += check_paths(function, functions)
    for kind in ('enumeration', 'bitfield'):
        for element in namespace.findall(CORE + kind):
            problems += check_enumeration(element, text)
    problems += [f'{path}: has no guard' for path, content in headers.items()
                 if GUARD not in content and not path.endswith('arbor.h')]
    print('\n'.join(problems) or f'{n_methods} methods')
    return 1 if problems or n_methods == 0 else 0


sys.exit(main())
