"""Every method of every class that carries a close token answers CLOSED: proof, not a sample.

Usage: test-closed-everywhere.py GIR

The classes are those of the introspection data that have dup_close_token. Each of their methods is
called on objects made in every way that there is, after their store was closed, and on objects that
were never opened, with arguments made from the types that the introspection data names: good, bad
(closed is tested before the values of arguments) and a cancelled cancellable (CLOSED wins).
Asynchronous pairs are walked through to their finish. Whatever else the library has that takes such
an object as an argument is called with a closed one.

What may answer otherwise is in EXCEPTIONS, with the reason. A new method that forgets the gate, one
whose types this test cannot make, a new class that it has no object of, and an exception that no longer
exists all fail.
"""

import shutil
import sys
import xml.etree.ElementTree as ElementTree

from gi.repository import Gio, GLib

from calls import (CORE, LINES, Arbor, Callable, call, call_async, counts, folder, full_store, grouped, in_memory,
                   indexed, make_objects, methods_of, open_store, problem, problems, settled)

CLOSED = 'ArborStore has been closed'
NOT_OPENED = 'ArborStore has not been opened'

PLAIN = 'is_closed, dup_close_token, names and descriptions always work'
SETTING = 'says what is shown, and reads nothing: what is wrong, the property error says'
EXCEPTIONS = {
    'Arbor.is_closed': PLAIN,
    'Arbor.dup_store': PLAIN,
    'Arbor.get_is_view': PLAIN,
    'Arbor.dup_close_token': PLAIN,
    'Arbor.dup_name': PLAIN,
    'Arbor.dup_keys': PLAIN,
    'Arbor.get_keys_unique': PLAIN,
    'Arbor.get_generation': PLAIN,
    'Arbor.dup_notes': PLAIN,
    'Arbor.is_computed': PLAIN,
    'Arbor.to_string': PLAIN,
    'Arbor.explain': PLAIN,
    'Cursor.is_closed': PLAIN,
    'Cursor.dup_close_token': PLAIN,
    'Cursor.get_n_paths': PLAIN,
    'Cursor.get_n_ready': PLAIN,
    'Cursor.dup_path': PLAIN,
    'Cursor.close': 'closing what is closed does nothing',
    'Groups.is_closed': PLAIN,
    'Groups.dup_close_token': PLAIN,
    'Groups.to_string': PLAIN,
    'Index.is_closed': PLAIN,
    'Index.dup_close_token': PLAIN,
    'Index.to_string': PLAIN,
    'Query.is_closed': PLAIN,
    'Query.dup_close_token': PLAIN,
    'Query.explain': PLAIN,
    'Query.to_string': PLAIN,
    'Iter.is_closed': PLAIN,
    'Iter.dup_close_token': PLAIN,
    'Iter.get_n_ready': PLAIN,
    'Iter.dup_arbor': PLAIN,
    'Iter.get_position': PLAIN,
    'Iter.iterator': 'gives the iterator itself and reads nothing',
    'Iter.close': 'closing what is closed does nothing',
    'ListModel.is_closed': PLAIN,
    'ListModel.dup_close_token': PLAIN,
    'ListModel.to_string': PLAIN,
    **{f'ListModel.{verb}_{name}': SETTING for verb, name in [
        ('dup', 'store'), ('dup', 'name'), ('dup', 'filter'), ('dup', 'search'),
        ('dup', 'search_paths'), ('dup', 'sort'), ('get', 'reversed'), ('set', 'store'),
        ('set', 'name'), ('set', 'filter'), ('set', 'search'), ('set', 'search_paths'), ('set', 'sort'),
        ('set', 'reversed'), ('dup', 'column_property')]},
    'ListModel.get_pending': PLAIN,
    'ListModel.find': 'says where a row is shown, and reads nothing; an empty model shows none',
    'ListModel.dup_error': 'it is where CLOSED is told',
    'Row.is_closed': PLAIN,
    'Row.dup_close_token': PLAIN,
    'Matches.is_closed': PLAIN,
    'Matches.dup_close_token': PLAIN,
    'Store.is_closed': PLAIN,
    'Store.is_read_only': PLAIN,
    'Store.get_watch': PLAIN,
    'Store.get_auto_refresh': PLAIN,
    'Store.set_watch': 'does nothing: it stays off',
    'Store.set_auto_refresh': 'does nothing: nothing is noticed any more',
    'Store.dup_close_token': PLAIN,
    'Store.dup_path': PLAIN,
    'Store.to_string': PLAIN,
    'Store.tell_changed': 'there is nothing to tell of what is closed',
    'Store.close': 'closing what is closed does nothing',
    'Store.close_async': 'waits for what is closed, or until it is cancelled',
    'Transaction.dup_store': PLAIN,
    'Transaction.get_state': PLAIN,
    'Transaction.has_changes': PLAIN,
    'Transaction.is_closed': PLAIN,
    'Transaction.dup_close_token': PLAIN,
    'Transaction.rollback': 'ending what has ended does nothing',
    'Tree.is_closed': PLAIN,
    'Tree.dup_close_token': PLAIN,
    'Tree.dup_notes': PLAIN,
}
INTERFACES = {
    'Arbor: property store': PLAIN,
    'Arbor: property name': PLAIN,
    'Arbor: property generation': PLAIN,
    'Arbor: property is-view': PLAIN,
    'Arbor: property keys': PLAIN,
    'Arbor: property keys-unique': PLAIN,
    'Arbor: property n-trees': '0 when closed (test-properties.c): properties cannot fail',
    'Iter: property arbor': PLAIN,
    'Iter: property position': PLAIN,
    'Iter: property closed': PLAIN,
    'Store: property path': PLAIN,
    'Store: property closed': PLAIN,
    'Store: property read-only': PLAIN,
    'Store: property n-arbors': '0 when closed (test-properties.c): properties cannot fail',
    'Store: property watch': 'a setting; it ends with the store',
    'Store: property auto-refresh': 'a setting',
    **{f'ListModel: property {name}': SETTING for name in [
        'store', 'name', 'filter', 'search', 'search-paths', 'sort', 'reversed']},
    'ListModel: property pending': PLAIN,
    'ListModel: property error': 'it is where CLOSED is told',
    'ListModel: property n-items': 'of the model',
    'ListModel: property item-type': 'of the model',
    'ListModel: Gio.ListModel': 'cannot report errors; it becomes empty (test-list-model.c)',
    'Row: property tree': 'NULL when closed (test-list-model.c): properties cannot fail',
    'Transaction: property store': PLAIN,
    'Transaction: property state': PLAIN,
    'Tree: property kind': 'missing when closed: properties cannot fail',
    'Arbor: Gio.ListModel': 'cannot report errors; what it does instead is tested in test-store',
}


def expect(what, error, message):
    if error is None:
        problem(f'{what}: no error, expected {message!r}')
    elif not error.matches(GLib.quark_from_string('arbor-error-quark'), int(Arbor.Error.CLOSED)):
        problem(f'{what}: {error.domain} {error.code} {error.message!r}, expected {message!r}')
    elif error.message != message:
        problem(f'{what}: {error.message!r}, expected {message!r}')


# What shows a store tells that it is closed when it is asked to show it.
LATER = {'ListModel.new', 'ListModel.set_store'}


def expect_later(function, on, arguments):
    model = getattr(on, function.name)(*arguments)
    model = on if model is None else model
    model.set_name('people')
    expect(f'{function.full_name} of a closed store', settled(model).dup_error(), CLOSED)


def make_unopened(classes):
    return {name: {'never opened': getattr(Arbor, name)()} for name in classes}


def was_cancelled(method, arguments, error):
    return (method.is_async and any(isinstance(a, Gio.Cancellable) and a.is_cancelled()
                                    for a in arguments)
            and error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))


def walk(name, methods, objects, message):
    """Calls every method of class @name on each of @objects."""
    by_name = {method.name: method for method in methods}
    for how, instance in objects.items():
        for method in methods:
            what = f'{method.full_name} ({how})'
            begin = by_name.get(method.name.removesuffix('_finish') + '_async')
            if method.full_name in LATER or method.name.endswith('_finish') and begin is not None:
                continue
            for arguments in method.argument_lists():
                bound = getattr(instance, method.name)
                if method.is_async:
                    finish = getattr(instance, method.name.removesuffix('_async') + '_finish')
                    error = call_async(bound, finish, arguments)
                else:
                    error = call(bound, arguments)
                if method.full_name not in EXCEPTIONS:
                    expect(f'{what} {arguments}', error, message)
                elif error is not None and not was_cancelled(method, arguments, error):
                    problem(f'{what}: {error.message!r}, but it always works: '
                            f'{EXCEPTIONS[method.full_name]}')


def walk_arguments(namespace, carriers, closed):
    """Calls everything that takes a closed object as an argument, on what is itself open."""
    store = full_store('open.arbor')
    owners = {'Store': store, 'Arbor': in_memory(), 'Tree': in_memory().get(0),
              'Iter': in_memory().iterator(), 'Builder': Arbor.Builder(),
              'Transaction': store.begin_transaction(), 'Groups': grouped(in_memory()),
              'Index': indexed(in_memory()),
              'ListModel': Arbor.ListModel(), 'Query': Arbor.Query.new(in_memory()),
              'Matches': in_memory().query('$', None)}
    # Called by the library, with trees that it has read.
    interface_methods = [m for i in namespace.findall(CORE + 'interface') for m in i]
    for element in namespace.iter():
        if element.tag not in (CORE + 'method', CORE + 'function', CORE + 'constructor'):
            continue
        owner = next((k.get('name') for k in namespace
                      if element in list(k) and k.tag == CORE + 'class'), None)
        function = Callable(owner, element)
        if element in interface_methods:
            continue
        for parameter in function.parameters:
            if parameter.type not in carriers:
                continue
            if element.tag == CORE + 'method' and owner not in owners:
                problem(f'{function.full_name} takes a {parameter.type}: teach this test a {owner}')
                continue
            on = owners[owner] if element.tag == CORE + 'method' else (
                getattr(Arbor, owner) if owner else Arbor)
            for how, value in closed.get(parameter.type, {}).items():
                given = [value] if parameter.is_array else value
                arguments = next(function.argument_lists((parameter, given)))
                if function.full_name in LATER:
                    expect_later(function, on, arguments)
                    continue
                if function.full_name in EXCEPTIONS and not function.throws:
                    getattr(on, function.name)(*arguments)
                    continue
                bound = getattr(on, function.name)
                if function.is_async:
                    finish = getattr(on, function.name.removesuffix('_async') + '_finish')
                    error = call_async(bound, finish, arguments)
                else:
                    error = call(bound, arguments)
                expect(f'{function.full_name} of a closed {parameter.type} ({how})', error, CLOSED)
    if store.get('people').to_jsonl().encode() != LINES:
        problem('a put that failed changed the store')
    store.close()


def check_rules(carriers):
    """What the walk rests on: exceptions that exist, finishes for asynchronous methods."""
    existing = {method.full_name for methods in carriers.values() for method in methods}
    for name in EXCEPTIONS.keys() - existing:
        problem(f'{name}: an exception that no longer exists')
    for methods in carriers.values():
        names = {method.name for method in methods}
        for method in methods:
            if method.is_async and method.name.removesuffix('_async') + '_finish' not in names:
                problem(f'{method.full_name}: has no finish')
            elif not method.is_async and not method.throws and method.full_name not in EXCEPTIONS:
                problem(f'{method.full_name}: cannot answer CLOSED, and is no documented exception')


def check_interfaces(namespace, carriers):
    for element in namespace.findall(CORE + 'class'):
        if element.get('name') in carriers:
            found = [f'{element.get("name")}: {i.get("name")}'
                     for i in element.findall(CORE + 'implements')]
            found += [f'{element.get("name")}: property {p.get("name")}'
                      for p in element.findall(CORE + 'property')]
            for name in found:
                if name not in INTERFACES:
                    problem(f'{name}: goes past the gate, and is no documented exception')


def main():
    namespace = ElementTree.parse(sys.argv[1]).getroot().find(CORE + 'namespace')
    carriers = {}
    for element in namespace.findall(CORE + 'class'):
        methods = methods_of(element)
        if any(method.name == 'dup_close_token' for method in methods):
            carriers[element.get('name')] = methods
    check_rules(carriers)
    check_interfaces(namespace, carriers)

    ways = {'closed': {}, 'pinned': {'staleness': Arbor.Staleness.PINNED}, 'token': {}}
    for way, options in ways.items():
        # Two stores on one file, so that the file stays open behind the first one's latch.
        store = full_store(f'{way}.arbor', **options)
        other = open_store(f'{way}.arbor', **options)
        objects = make_objects(store, other)
        for name in carriers.keys() - objects.keys():
            problem(f'{name}: carries a token; teach this test to make one')
        if way == 'token':
            store.dup_close_token().close()
            other.dup_close_token().close()
        else:
            store.close()
            other.close()
        for name, methods in carriers.items():
            walk(name, methods, objects.get(name, {}), CLOSED)
    walk_arguments(namespace, carriers, objects)
    unopened = make_unopened(carriers)
    for name, methods in carriers.items():
        walk(name, methods, unopened[name], NOT_OPENED)

    print(f'{counts["calls"]} calls of {sum(map(len, carriers.values()))} methods of '
          f'{", ".join(sorted(carriers))}')
    return 1 if problems else 0


try:
    code = main()
finally:
    shutil.rmtree(folder)
sys.exit(code)
