"""What tests that walk the introspection data call: the library's functions, values of each type, good ones and
bad ones, and objects of each class in every state. A function of a new type fails the walks until it is known here.
"""

import os
import sys
import tempfile

import gi
from gi.repository import Gio, GLib

gi.require_version('Arbor', '1.0')
# The library itself: what the Python override adds is tested elsewhere. PyGObject loads it for the
# first object that comes out of a call, unless there is none.
sys.modules['gi.overrides.Arbor'] = None
Arbor = gi.module.get_introspection_module('Arbor')

CORE = '{http://www.gtk.org/introspection/core/1.0}'

LINES = b''.join(b'{"a":%d,"b":{"c":["x","y"]}}\n' % i for i in range(40))
folder = tempfile.mkdtemp(prefix='arbor-closed-')
problems = []
counts = {'calls': 0}


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


def bad_keys(options):
    options.set_other_keys([expr()] * 3)
    return options


def sort_options():
    options = Arbor.SortOptions()
    options.set_flags([Arbor.SortFlags.NONE] * 3)
    return options


OBJECTS = {
    'Expr': lambda: [expr()],
    'Arbor': lambda: [in_memory()],
    'Tree': lambda: [in_memory().get(0)],
    'Store': lambda: [None],
    'Row': lambda: [Arbor.Row()],
    'LoadOptions': lambda: [load_options(), None, load_options(bad=True)],
    'IndexOptions': lambda: [Arbor.IndexOptions(duplicates=Arbor.Duplicates.FIRST), None],
    'NestOptions': lambda: [Arbor.NestOptions(), None, bad_keys(Arbor.NestOptions())],
    'JoinOptions': lambda: [Arbor.JoinOptions(), None, bad_keys(Arbor.JoinOptions(suffix=''))],
    'SortOptions': lambda: [Arbor.SortOptions(descending=True), None, sort_options()],
    'Gio.File': lambda: [Gio.File.new_for_path(path) for path in file_values()]
    + [Gio.File.new_for_uri('resource:///nothing')],
    'BackupFlags': lambda: [Arbor.BackupFlags.NONE, Arbor.BackupFlags.COMPACT],
    'KeyFlags': lambda: [Arbor.KeyFlags.NONE, Arbor.KeyFlags.UNIQUE],
    'CompactFlags': lambda: [Arbor.CompactFlags.NONE, Arbor.CompactFlags.FULL],
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


def methods_of(element):
    """Those of a class that bindings have: what is for C alone is left out."""
    return [Callable(element.get('name'), each) for each in element.findall(CORE + 'method')
            if each.get('introspectable') != '0']


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
    counts['calls'] += 1
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


def settled(model):
    while model.get_pending() > 0:
        GLib.MainContext.default().iteration(True)
    return model


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
    return arbor.index_by([expr()], Arbor.IndexOptions(duplicates=Arbor.Duplicates.COLLECT), None)


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
