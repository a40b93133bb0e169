"""Every method of every class that carries a close token answers CLOSED: proof, not a sample.

Usage: test-closed-everywhere.py GIR

The classes are those of the introspection data that have dup_close_token. Each of their methods is
called on objects made in every way that there is, after their store was closed, and on objects that
were never opened, with arguments made from the types that the introspection data names: good, bad
(closed is tested before the values of arguments) and a cancelled cancellable (CLOSED wins).
Asynchronous pairs are walked through to their finish. Whatever else the library has that takes such
an object as an argument is called with a closed one.

What may answer otherwise is in EXCEPTIONS, with the reason. A new method that forgets the gate, one
whose types this test cannot make, a new class that it has no object of, and an exception that no
longer exists all fail.
"""

import os
import shutil
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import gi
from gi.repository import Gio, GLib

gi.require_version('Arbor', '1.0')
# The library itself: what the Python override adds is tested elsewhere. PyGObject loads it for the
# first object that comes out of a call, unless there is none.
sys.modules['gi.overrides.Arbor'] = None
Arbor = gi.module.get_introspection_module('Arbor')

CORE = '{http://www.gtk.org/introspection/core/1.0}'
CLOSED = 'ArborStore has been closed'
NOT_OPENED = 'ArborStore has not been opened'

PLAIN = 'is_closed, dup_close_token, names and descriptions always work'
SETTING = 'says what is shown, and reads nothing: what is wrong, the property error says'
EXCEPTIONS = {
    'Arbor.is_closed': PLAIN,
    'Arbor.dup_store': PLAIN,
    'Arbor.is_view': PLAIN,
    'Arbor.dup_close_token': PLAIN,
    'Arbor.dup_name': PLAIN,
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
    'Arbor: property n-trees': '0 when closed (test-properties.c): properties cannot fail',
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

LINES = b''.join(b'{"a":%d,"b":{"c":["x","y"]}}\n' % i for i in range(40))
folder = tempfile.mkdtemp(prefix='arbor-closed-')
problems = []
n_calls = 0


def problem(text):
    problems.append(text)
    print(text)


# Arguments: for each type a good value and bad ones. Functions, so that each call gets its own.

def expr():
    return Arbor.Expr.parse('a > 3')


def in_memory():
    return Arbor.read_jsonl(GLib.Bytes.new(LINES))


def text_values(name):
    good = {'name': 'people', 'new_name': 'others', 'path': 'b.c[0]', 'key': 'a',
            'field': 'd', 'suffix': '_2', 'delimiter': ';', 'jsonpath': '$.b.c[*]', 'search': 'x', 'sort': 'a descending'}
    bad = {'name': ['', 'unknown', 'x\ty'], 'new_name': ['', 'people', 'x\ty'],
           'path': ['', 'a[', 'a[*]', 'nothing'], 'key': ['', 'z'],
           'field': ['', 'a'], 'suffix': ['', None], 'delimiter': ['', '"'],
           'jsonpath': ['$[', '', '$.nothing'],
           'search': [None, ' '], 'sort': [None, 'a[']}
    return [good[name], *bad[name]] if name in good else None


NUMBERS = {
    'guint64': [0, 1 << 40, (1 << 64) - 1],
    'gsize': [1, 1 << 40],
    'gint64': [0, -1, 1 << 40, -(1 << 63)],
    'guint': [1, 0],
    'gboolean': [True, False],
}


def cancelled():
    cancellable = Gio.Cancellable()
    cancellable.cancel()
    return cancellable


def file_values():
    path = os.path.join(folder, 'lines.jsonl')
    with open(path, 'wb') as out:
        out.write(LINES)
    return [path, os.path.join(folder, 'nothing'), folder]


def load_options(bad=False):
    options = Arbor.LoadOptions()
    if bad:
        options.set_property('at', 'a[')
    return options


OBJECTS = {
    'Expr': lambda: [expr()],
    'Arbor': lambda: [in_memory()],
    'Tree': lambda: [in_memory().get(0)],
    'Store': lambda: [None],
    'LoadOptions': lambda: [load_options(), None, load_options(bad=True)],
    'Duplicates': lambda: [Arbor.Duplicates.FIRST, Arbor.Duplicates.ERROR],
    'NestKind': lambda: [Arbor.NestKind.MANY, Arbor.NestKind.ONE],
    'JoinKind': lambda: [Arbor.JoinKind.INNER, Arbor.JoinKind.ANTI],
    'Format': lambda: [Arbor.Format.JSONL, Arbor.Format.JSON, Arbor.Format.CSV],
    'ProgressFunc': lambda: [lambda done, total, *data: None, None],
    'Gio.Cancellable': lambda: [Gio.Cancellable(), None, cancelled()],
    'Gio.InputStream': lambda: [Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(LINES)),
                                Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(b'{'))],
    'Gio.OutputStream': lambda: [Gio.MemoryOutputStream.new_resizable()],
    'gpointer': lambda: [()],
    'GType': lambda: [Arbor.StoreOptions.__gtype__, Gio.InputStream.__gtype__],
}
ARRAYS = {
    'SortFlags': lambda name: [[Arbor.SortFlags.DESCENDING], [Arbor.SortFlags.NONE] * 2, []],
    'utf8': lambda name: [['people'], ['people', 'people'], ['a[']]
    if name in ('names', 'new_names', 'fields')
    else [['a', 'b.c'], [], ['a[']],
    'guint64': lambda name: [[0, 0], [], [1 << 40]],
    'Expr': lambda name: [[expr()], [expr(), expr()], [Arbor.Expr.parse('b.c[*]')]],
    'GObject.Object': lambda name: [[Arbor.StoreOptions()], []],
    'Arbor': lambda name: [[in_memory()], [in_memory(), in_memory()], [in_memory()]],
}


class Parameter:
    """One argument that Python gives: lengths of arrays, what destroys data and results are none."""

    def __init__(self, element):
        self.name = element.get('name')
        array = element.find(CORE + 'array')
        self.is_array = array is not None
        kind = array if self.is_array else element
        kind = kind.find(CORE + 'type')
        self.type = kind.get('name') if kind is not None else 'varargs'

    def values(self):
        if self.is_array:
            return ARRAYS[self.type](self.name) if self.type in ARRAYS else None
        if self.type == 'utf8':
            return text_values(self.name)
        if self.type == 'filename':
            return file_values()
        if self.type in NUMBERS:
            return NUMBERS[self.type]
        return OBJECTS[self.type]() if self.type in OBJECTS else None


class Callable:
    def __init__(self, owner, element):
        self.name = element.get('name')
        self.full_name = f'{owner}.{self.name}' if owner else self.name
        self.throws = element.get('throws') == '1'
        everything = element.findall(f'{CORE}parameters/{CORE}parameter')
        lengths = {int(array.get('length')) for array in element.findall(
            f'{CORE}parameters/{CORE}parameter/{CORE}array') if array.get('length')}
        lengths |= {int(p.get('destroy')) for p in everything if p.get('destroy')}
        self.parameters = [Parameter(parameter) for i, parameter in enumerate(everything)
                           if i not in lengths and parameter.get('direction', 'in') != 'out']
        self.is_async = any(p.type == 'Gio.AsyncReadyCallback' for p in self.parameters)
        if self.is_async:
            self.parameters = [p for p in self.parameters
                               if p.name not in ('callback', 'user_data')]

    def argument_lists(self, given=None):
        """The good arguments, then each bad value of each argument, the others being good."""
        columns = [[given[1]] if given and given[0] is p else p.values() for p in self.parameters]
        for parameter, values in zip(self.parameters, columns):
            if values is None:
                problem(f'{self.full_name}: no value for {parameter.name} of type '
                        f'{parameter.type}: teach this test one')
                return
        longest = max((len(values) for values in columns), default=1)
        yield [values[0] for values in columns]
        for bad in range(1, longest):
            for i, values in enumerate(columns):
                if bad < len(values):
                    fresh = [p.values()[0] if not given or given[0] is not p else given[1]
                             for p in self.parameters]
                    fresh[i] = self.parameters[i].values()[bad]
                    # Parallel arrays must be as long as each other.
                    for j, other in enumerate(self.parameters):
                        if other.is_array and self.parameters[i].is_array and j != i:
                            fresh[j] = other.values()[bad]
                    yield fresh


def call(bound, arguments):
    """What a call raised, or None."""
    global n_calls
    n_calls += 1
    try:
        bound(*arguments)
    except GLib.Error as error:
        return error
    return None


def call_async(begin, finish, arguments):
    context = GLib.MainContext.default()
    results = []
    error = call(begin, [*arguments, lambda source, result, *data: results.append(result), None])
    while error is None and not results:
        context.iteration(True)
    return error if error is not None else call(finish, results)


def expect(what, error, message):
    if error is None:
        problem(f'{what}: no error, expected {message!r}')
    elif not error.matches(GLib.quark_from_string('arbor-error-quark'), int(Arbor.Error.CLOSED)):
        problem(f'{what}: {error.domain} {error.code} {error.message!r}, expected {message!r}')
    elif error.message != message:
        problem(f'{what}: {error.message!r}, expected {message!r}')


def settled(model):
    while model.get_pending() > 0:
        GLib.MainContext.default().iteration(True)
    return model


# What shows a store tells that it is closed when it is asked to show it.
LATER = {'ListModel.new', 'ListModel.set_store'}


def expect_later(function, on, arguments):
    model = getattr(on, function.name)(*arguments)
    model = on if model is None else model
    model.set_name('people')
    expect(f'{function.full_name} of a closed store', settled(model).dup_error(), CLOSED)


# Objects of each class, made in every way, whose store is still open.

def open_store(name, **options):
    path = os.path.join(folder, name)
    return Arbor.Store.open(path, Arbor.StoreOptions(**options), None)


def full_store(name, **options):
    store = open_store(name, **options)
    store.put('people', in_memory(), None)
    return store


def stepped(iterator, n):
    for i in range(n):
        iterator.next_value()
    return iterator


def moved(arbor, n):
    cursor = Arbor.Cursor.new(arbor, ['a', 'b.c[0]'])
    for i in range(n):
        cursor.next()
    return cursor


def read(arbor):
    arbor.get_n_trees()
    return arbor


def indexed(arbor):
    return arbor.index_by([expr()], Arbor.Duplicates.COLLECT, None)


def grouped(arbor):
    return arbor.group_by(['last'], [Arbor.Expr.parse('a mod 10')])


def live_models(store):
    columned = settled(Arbor.ListModel.new(store, 'people'))
    columned.set_columns(['a', 'b'], [expr(), Arbor.Expr.parse('b')])
    return {'new': Arbor.ListModel.new(store, 'people'), 'with columns': columned,
            'settled': settled(Arbor.ListModel.new(store, 'people')),
            'of an unknown name': settled(Arbor.ListModel.new(store, 'unknown'))}


def live_rows(store):
    store.put('rows', in_memory(), None)
    model = settled(Arbor.ListModel.new(store, 'rows'))
    gone, there = model.get_item(0), model.get_item(1)
    store.delete_where('rows', Arbor.Expr.parse('a == 0'), None)
    settled(model)
    return {'there': there, 'gone': gone}


def make_objects(store, other):
    arbor = store.get('people')
    view = arbor.filter(expr())
    counted = arbor.filter(expr())
    counted.get_n_trees()
    computed = arbor.add_fields(['b'], [expr()])
    counted_computed = arbor.add_fields(['b'], [expr()])
    counted_computed.get_n_trees()
    both = in_memory().append(arbor).append(other.get('people'))
    model = store.get('people')
    model.get_n_items()
    sought = moved(view, 40)
    sought.seek(20)
    closed_by_itself = arbor.iterator()
    closed_by_itself.close()
    staged, committed, rolled_back = (store.begin_transaction() for i in range(3))
    staged.put('others', in_memory(), None)
    staged.append('people', in_memory(), None)
    committed.commit(None)
    rolled_back.rollback()
    found, listed = grouped(arbor), grouped(view)
    found.get_n_groups()
    listed.get_members(0)
    sums = found.aggregate(['n', 'sum'], [Arbor.Expr.parse('count()'), Arbor.Expr.parse('sum(a)')])
    return {
        'Transaction': {'new': store.begin_transaction(), 'staged': staged,
                        'committed': committed, 'rolled back': rolled_back},
        'Store': {'store': store, 'second store': other},
        'Arbor': {'stored': arbor, 'view': view, 'counted view': counted, 'model': model,
                  'sorted': arbor.sort_by([expr()], None),
                  'read and sorted': read(arbor.sort_by([expr()], None)),
                  'shuffled': arbor.shuffle(1), 'unique': arbor.unique_by([expr()]),
                  'sample': arbor.sample(5, 1), 'top': arbor.top_k(5, [expr()], None),
                  'view of a view': view.reverse().slice(1, 5), 'empty view': arbor.head(0),
                  'of a second store': other.get('people'), 'computed': computed,
                  'counted computed': counted_computed, 'view of computed': computed.head(3),
                  'sums': sums, 'described': arbor.describe(None),
                  'counted values': arbor.value_counts(expr()),
                  'histogram': read(both.histogram(Arbor.Expr.parse('a'), 3)), 'read sums': read(grouped(both).aggregate([], [])),
                  'members': listed.get_members(1),
                  'of two stores': both, 'staged': staged.get('others'),
                  'staged in part': staged.get('people'), 'view of staged':
                  staged.get('people').filter(expr()), 'of a whole': Arbor.Arbor.concat([arbor])},
        'ListModel': live_models(store), 'Row': live_rows(store),
        'Query': {'new': Arbor.Query.new(arbor), 'gone on with': Arbor.Query.new(view).filter(expr()),
                  'of two stores': Arbor.Query.new(in_memory()).append(arbor).append(
                      other.get('people'))},
        'Iter': {'new': arbor.iterator(), 'in a run': stepped(arbor.iterator(), 2),
                 'at a run\'s end': stepped(arbor.iterator(), 8),
                 'at the end': stepped(view.iterator(), 37), 'picks': stepped(arbor.pick(['a']), 1),
                 'closed by itself': closed_by_itself, 'of computed': stepped(computed.iterator(), 2),
                 'of two stores': stepped(both.iterator(), 50)},
        'Cursor': {'new': moved(arbor, 0), 'in a run': moved(arbor, 3), 'at a run\'s end':
                   moved(arbor, 8), 'at the end': moved(view, 40), 'sought': sought,
                   'of computed': moved(computed, 2), 'of two stores': moved(both, 50)},
        'Tree': {'got': arbor.get(0), 'stepped to': view.iterator().next_value(),
                 'part': arbor.get(1).get('b.c'), 'picked': arbor.pick(['b.c']).next_value(),
                 'item': model.get_item(3), 'found': arbor.find_one(expr()), 'computed': computed.get(2),
                 'of two stores': both.get(50), 'key': found.get_key(1), 'sum': sums.get(0),
                 'aggregate': arbor.aggregate(['n'], [Arbor.Expr.parse('count()')], None)},
        'Index': {'of a stored one': indexed(arbor), 'of a view': indexed(view),
                  'of two stores': indexed(both)},
        'Groups': {'new': grouped(arbor), 'found': found, 'listed': listed,
                   'of two stores': grouped(both)},
        'Matches': {'of an arbor': arbor.query('$.b.c[*]', None), 'of a view': view.query('$', None),
                    'of a tree': arbor.get(0).query('$..*'), 'none': arbor.query('$.x', None)},
    }


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
        methods = [Callable(element.get('name'), m) for m in element.findall(CORE + 'method')]
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

    print(f'{n_calls} calls of {sum(map(len, carriers.values()))} methods of '
          f'{", ".join(sorted(carriers))}')
    return 1 if problems else 0


try:
    code = main()
finally:
    shutil.rmtree(folder)
sys.exit(code)
