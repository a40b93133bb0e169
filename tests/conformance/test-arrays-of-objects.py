"""Every public function that takes an array of objects checks its elements: NULL and objects of
another class give a critical, as a wrong argument alone does, and never a crash.

Usage: test-arrays-of-objects.py GIR LIBRARY

The functions are found in the introspection data and called as C calls them, through ctypes: bindings
check elements themselves.
"""

import ctypes
import os
import sys
from xml.etree import ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
NUMBERS = {'gsize': ctypes.c_size_t, 'guint64': ctypes.c_uint64, 'gint64': ctypes.c_int64,
           'guint': ctypes.c_uint, 'guint32': ctypes.c_uint32, 'gint': ctypes.c_int,
           'gboolean': ctypes.c_int, 'gdouble': ctypes.c_double}
LEVEL_CRITICAL = 1 << 3


def find_functions(namespace):
    """(class or None, function, its parameters) of all with an array of objects."""
    classes = {each.get('name') for each in namespace.findall(CORE + 'class')}
    for owner in [*namespace.findall(CORE + 'class'), namespace]:
        for tag in ('method', 'function', 'constructor'):
            for function in owner.findall(CORE + tag):
                parameters = function.find(CORE + 'parameters')
                arrays = [] if parameters is None else [
                    parameter for parameter in parameters.findall(CORE + 'parameter')
                    if parameter.find(CORE + 'array/' + CORE + 'type') is not None and
                    parameter.find(CORE + 'array/' + CORE + 'type').get('name') in classes]
                if arrays:
                    yield owner.get('name') if tag == 'method' else None, function, parameters, arrays


def strings(*texts):
    return (ctypes.c_char_p * (len(texts) + 1))(*texts, None)


def pointers(*values):
    return (ctypes.c_void_p * len(values))(*values)


def make_argument(parameter, wrong, arrays, good, n):
    """What C passes: for @wrong an array with an element that cannot be."""
    array = parameter.find(CORE + 'array')
    kind = parameter.find(CORE + 'type')
    if array is not None:
        element = array.find(CORE + 'type').get('name')
        if parameter is wrong[0]:
            return pointers(good[element], wrong[1])
        if parameter in arrays:
            return pointers(good[element], good[element])
        return strings(b'a', b'b') if element == 'utf8' else None
    name = kind.get('name') if kind is not None else None
    if name in NUMBERS:
        return NUMBERS[name](n)
    if name == 'utf8':
        return ctypes.c_char_p(b'a')
    if name in good:
        return ctypes.c_void_p(good[name])
    # Enumerations are their first value; callbacks, their data, cancellables and errors are not given.
    if kind is not None and (kind.get(C + 'type') or '').startswith('Arbor') and \
            not (kind.get(C + 'type') or '').endswith('*'):
        return ctypes.c_int(0)
    return ctypes.c_void_p(None)


def main():
    os.environ.pop('G_DEBUG', None)
    import gi
    gi.require_version('Arbor', '1.0')
    from gi.repository import Arbor, GObject
    import tempfile

    library = ctypes.CDLL(sys.argv[2])
    glib = ctypes.CDLL('libglib-2.0.so.0')
    criticals = []
    handler_type = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
    handler = handler_type(lambda domain, level, text, data: criticals.append(text))
    glib.g_log_set_default_handler(handler, None)
    glib.g_log_set_always_fatal(0)

    with tempfile.TemporaryDirectory() as folder:
        store = Arbor.Store.open(folder + '/a.arbor')
        store['a'] = [{'a': 1, 'b': 2}]
        arbor = store['a']
        objects = {'Arbor': arbor, 'Expr': Arbor.path('a'), 'Store': store, 'Query': arbor.lazy(),
                   'Groups': arbor.group_by('a'), 'JoinOptions': Arbor.JoinOptions(),
                   'NestOptions': Arbor.NestOptions(),
                   'ListModel': Arbor.ListModel.new(store, 'a'), 'Transaction': store.begin_transaction()}
        # The hash of a wrapper is the address of its object.
        good = {name: GObject.Object.__hash__(each) & (2 ** 64 - 1)
                for name, each in objects.items()}
        namespace = ElementTree.parse(sys.argv[1]).getroot().find(CORE + 'namespace')
        n_calls = 0
        failures = []
        for owner, function, parameters, arrays in find_functions(namespace):
            name = function.get(C + 'identifier')
            if owner is not None and owner not in good:
                failures.append('%s: make an object of the class %s here' % (name, owner))
                continue
            for array in arrays:
                element = array.find(CORE + 'array/' + CORE + 'type').get('name')
                other = good['Store' if element != 'Store' else 'Expr']
                for bad in (None, other):
                    arguments = [make_argument(each, (array, bad), arrays, good, 2)
                                 for each in parameters.findall(CORE + 'parameter')]
                    if owner is not None:
                        arguments.insert(0, ctypes.c_void_p(good[owner]))
                    if function.get('throws') == '1':
                        arguments.append(ctypes.c_void_p(None))
                    call = library[name]
                    call.restype = ctypes.c_void_p
                    criticals.clear()
                    result = call(*arguments)
                    n_calls += 1
                    if not criticals:
                        failures.append('%s takes %s in its array of %s' %
                                        (name, 'NULL' if bad is None else 'another object', element))
        store.close()
    for failure in failures:
        print(failure, file=sys.stderr)
    print('%d calls' % n_calls)
    return 1 if failures or n_calls < 40 else 0


if __name__ == '__main__':
    code = main()
    sys.stdout.flush()
    os._exit(code)
