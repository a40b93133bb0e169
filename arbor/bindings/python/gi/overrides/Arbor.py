# What Python adds to the introspected library: containers, operators, native values, exceptions,
# coroutines. Everything goes through the functions that check and report (get_n_trees, get,
# next_value), never through Gio's own convenience for list models, which cannot report errors.
# docs/bindings.md tells users what is here.

import asyncio
import contextlib
import functools
import operator
import os
from decimal import Decimal

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import Gio, GLib, GObject

from . import _arbor_errors as errors
from . import _arbor_transaction as transactions
from ._arbor_json import decode, encode

_raw = get_introspection_module("Arbor")
_ABSENT = object()
_MAX_UINT64 = 2 ** 64 - 1

__all__ = ["ArborError"]
ArborError = errors.ArborError
for _cls in errors.CLASSES.values():
    globals()[_cls.__name__] = _cls
    __all__.append(_cls.__name__)

NotFoundError = errors.CLASSES[int(_raw.Error.NOT_FOUND)]
OutOfRangeError = errors.CLASSES[int(_raw.Error.OUT_OF_RANGE)]
WrongTypeError = errors.CLASSES[int(_raw.Error.TYPE)]


# Helpers.

def _settings(cls, options, settings):
    """Options as an object, from an object or from keyword arguments."""
    if not settings:
        return options
    if options is not None:
        raise TypeError("options are given either as an object or as keyword arguments")
    known = {spec.name.replace("-", "_") for spec in cls.list_properties()}
    for name in settings:
        if name not in known:
            raise TypeError("unknown option %r: there are %s" % (name, ", ".join(sorted(known))))
    return cls(**settings)


@contextlib.contextmanager
def _following(cancellable):
    """A cancellable of our own that a caller's one, or None, cancels too."""
    own = Gio.Cancellable()
    if cancellable is None:
        yield own
        return
    # Gio.Cancellable has a connect of its own, for C.
    handler = GObject.Object.connect(cancellable, "cancelled", lambda _: own.cancel())
    try:
        if cancellable.is_cancelled():
            own.cancel()
        yield own
    finally:
        GObject.Object.disconnect(cancellable, handler)


def _with_progress(function, progress, cancellable):
    """Calls function (progress, its data, cancellable). An exception in the callback ends the call and is
    raised here; PyGObject would print it and go on."""
    if progress is None:
        return function(None, None, cancellable)
    raised = []
    with _following(cancellable) as own:
        def guarded(done, total, _):
            if not raised:
                try:
                    progress(done, total)
                except BaseException as error:
                    raised.append(error)
                    own.cancel()
        try:
            result = function(guarded, None, own)
        except GLib.Error:
            if not raised:
                raise
    if raised:
        raise raised[0]
    return result


async def _in_thread(function, *arguments, cancellable=None):
    """Runs a call that takes a cancellable last in a thread. When the task is cancelled so is the
    call, and its end is awaited: nothing goes on behind the caller's back."""
    with _following(cancellable) as own:
        future = asyncio.get_running_loop().run_in_executor(
            None, functools.partial(function, *arguments, own))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            own.cancel()
            await asyncio.wait([future])
            future.exception()
            raise


def _bytes(data):
    if isinstance(data, GLib.Bytes):
        return data
    if isinstance(data, str):
        data = data.encode()
    return GLib.Bytes.new(bytes(memoryview(data)))


def _arbor(values):
    if isinstance(values, _raw.Arbor):
        return values
    if isinstance(values, (str, bytes, bytearray, memoryview, dict)):
        raise TypeError("expected an Arbor.Arbor or a list of values, found %s: text is read with "
                        "Arbor.read_jsonl or Arbor.read_json, and one tree is a list of one"
                        % type(values).__name__)
    return from_python(values)


transactions.to_arbor = _arbor
transactions.in_thread = _in_thread


def _native(tree):
    """A part of a tree: objects and arrays as trees, all else as what Python has for it."""
    if tree.get_kind(None) in (_raw.Kind.OBJECT, _raw.Kind.ARRAY):
        return tree
    return decode(tree.to_json())


def _tree(value):
    """A tree of a Python value; trees as they are."""
    if isinstance(value, _raw.Tree):
        return value
    builder = Builder()
    builder.add_json(encode(value), -1)
    return builder.finish().get(0)


def _describe(self):
    return "<%s>" % self.to_string()


# Classes.

@override
@errors.raising_class
class StoreOptions(_raw.StoreOptions):
    pass


@override
@errors.raising_class
class CloseToken(_raw.CloseToken):
    pass


@override
@errors.raising_class
class Builder(_raw.Builder):
    def add_json(self, json, length=-1):
        """Adds a tree from its JSON text."""
        if length != -1:
            json = json.encode()[:length].decode()
        return _builder_add_json(self, json, -1)

    def add(self, value):
        """Adds a tree: a Python value, or a tree of any arbor."""
        return _builder_add_json(self, encode(value), -1)


_builder_add_json = errors.raising(_raw.Builder.add_json)


@override
@errors.raising_class
class Tree(_raw.Tree):
    """One JSON document or a part of one. `tree[key]`, `tree[i]`, `in`, `len` and iteration work by
    exact keys and by indices, as a dict or a list would; `get`, `contains` and the typed getters
    take paths."""

    def get(self, path, default=_ABSENT):
        """The value at a path: a tree when it is an object or array, else what Python has for it.
        Where there is nothing: `default`, or NotFoundError without one."""
        if default is not _ABSENT and not self.contains(path):
            return default
        return _native(_tree_get(self, path))

    def _member(self, key):
        if "\0" in key:
            return _tree_get(self, "[%s]" % encode(key))
        return self.get_member(key)

    def __getitem__(self, key):
        if isinstance(key, str):
            return _native(self._member(key))
        if isinstance(key, slice):
            if self.get_kind(None) != _raw.Kind.ARRAY:
                self.get_element(0)
            return [self[i] for i in range(*key.indices(len(self)))]
        index = operator.index(key)
        if not -2 ** 63 <= index < 2 ** 63:
            raise OutOfRangeError("Index %d is out of range: the array has %d elements"
                                  % (index, len(self)))
        return _native(self.get_element(index))

    def __len__(self):
        return self.get_length(None)

    def __bool__(self):
        return True

    def keys(self):
        """The keys of an object, in their order."""
        try:
            return self.dup_keys(None)
        except WrongTypeError:
            if self.get_kind(None) != _raw.Kind.OBJECT:
                raise
            return list(self.to_python())

    def values(self):
        return [self[key] for key in self.keys()]

    def items(self):
        return [(key, self[key]) for key in self.keys()]

    def __iter__(self):
        if self.get_kind(None) == _raw.Kind.OBJECT:
            return iter(self.keys())
        return map(self.__getitem__, range(len(self)))

    def __contains__(self, value):
        if self.get_kind(None) != _raw.Kind.OBJECT:
            return any(element == value for element in self)
        if not isinstance(value, str):
            return False
        return self.contains("[%s]" % encode(value))

    def __eq__(self, other):
        if self is other:
            return True
        if isinstance(other, _raw.Tree):
            other = other.to_python()
        elif isinstance(other, Expr):
            return NotImplemented
        return self.to_python() == other

    __hash__ = None

    def query(self, jsonpath):
        """What a JSONPath query (RFC 9535) selects in the tree: an Arbor.Matches."""
        return _tree_query(self, jsonpath)

    def set(self, path, value):
        """A new tree with a value at a path. Values are Python's, or trees."""
        return self.set_value(path, value)

    def set_value(self, path, value):
        return _tree_set_value(self, path, _tree(value))

    def insert(self, path, value):
        """A new tree with a value before the element at a path, or under a new key."""
        return _tree_insert(self, path, _tree(value))

    def patch(self, patch):
        """A new tree to which a JSON Patch (RFC 6902), a list of dicts or a tree, was applied."""
        return _tree_patch(self, _tree(patch))

    def merge_patch(self, patch):
        """A new tree to which a JSON Merge Patch (RFC 7396), mostly a dict, was applied."""
        return _tree_merge_patch(self, _tree(patch))

    def diff(self, to):
        """The JSON Patch, a tree, that makes of this tree one that equals another."""
        return _tree_diff(self, _tree(to))

    def to_python(self):
        """The whole tree as dicts, lists, str, int, float, bool and None; numbers that no float
        holds are decimal.Decimal."""
        return decode(self.to_json())

    def __arbor_json__(self):
        return self.to_json()

    def __str__(self):
        return self.to_json()

    def __repr__(self):
        try:
            text = self.to_json()
        except ArborError as error:
            return "<ArborTree (%s)>" % error
        return "<ArborTree %s>" % (text if len(text) <= 70 else text[:69] + "\u2026")


_tree_get = errors.raising(_raw.Tree.get)
_tree_query = errors.raising(_raw.Tree.query)
_tree_set_value = errors.raising(_raw.Tree.set_value)
_tree_insert = errors.raising(_raw.Tree.insert)
_tree_patch = errors.raising(_raw.Tree.patch)
_tree_merge_patch = errors.raising(_raw.Tree.merge_patch)
_tree_diff = errors.raising(_raw.Tree.diff)


@override
@errors.raising_class
class Matches(_raw.Matches):
    """What a JSONPath query selected: a sequence of values, objects and arrays as trees."""

    def __len__(self):
        return self.get_n_matches()

    def __bool__(self):
        return True

    def _position(self, index):
        n_matches = len(self)
        position = operator.index(index)
        position += n_matches if position < 0 else 0
        if not 0 <= position < n_matches:
            raise OutOfRangeError("Index %d is out of range: there are %d matches"
                                  % (index, n_matches))
        return position

    def __getitem__(self, key):
        if isinstance(key, slice):
            return [self[i] for i in range(*key.indices(len(self)))]
        return _native(self.get_match(self._position(key)))

    def __iter__(self):
        return map(self.__getitem__, range(len(self)))

    def paths(self):
        """The normalized paths of the values."""
        return self.dup_paths()

    def items(self):
        """Pairs of normalized path and value."""
        return list(zip(self.dup_paths(), self))

    def to_python(self):
        """All values, as a list of Python values."""
        return decode(self.to_json())

    def __repr__(self):
        try:
            return "<ArborMatches (%d)>" % len(self)
        except ArborError as error:
            return "<ArborMatches (%s)>" % error


@override
@errors.raising_class
class Iter(_raw.Iter):
    """Pull iteration. Each step asks whether the store is still open."""

    def __iter__(self):
        return self

    def __next__(self):
        tree = self.next_value()
        if tree is None:
            raise StopIteration
        return tree

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class DictIter:
    """What `pick` gives: an iterator of dicts, read as they are asked for."""

    def __init__(self, trees):
        self._trees = trees

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._trees).to_python()

    def close(self):
        self._trees.close()

    def is_closed(self):
        return self._trees.is_closed()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


def _names(names):
    """Names of fields for a list of C strings, which cannot hold NUL."""
    names = list(names)
    for name in names:
        if not isinstance(name, str):
            raise TypeError("expected names of fields, found %s" % type(name).__name__)
        errors.check_text(name)
    return names


def _side(key):
    """The keys of one side of a join."""
    return _keys(key if isinstance(key, (list, tuple)) else [key])


def _choice(enum, value):
    """A member of an enumeration, or its name in lower case."""
    if not isinstance(value, str):
        return value
    member = getattr(enum, value.upper(), None)
    if member is None:
        raise ValueError("%r is none of the values of %s" % (value, enum.__name__))
    return member


def _fields(positional, fields):
    """Names and expressions, of paths, dicts and keywords."""
    named = {}
    for item in positional:
        named.update(item if isinstance(item, dict) else {item: path(item)})
    named.update(fields)
    return _names(named), [_predicate(value) for value in named.values()]


def _keys(keys):
    """Expressions of paths and expressions, one after the other or in one list."""
    if len(keys) == 1 and not isinstance(keys[0], (str, _raw.Expr)):
        keys = keys[0]
    return [_predicate(key) if isinstance(key, _raw.Expr) else path(key) for key in keys]


def _sort_flags(keys, descending, nulls_first):
    flags = []
    for name, given in (("descending", descending), ("nulls_first", nulls_first)):
        each = [given] * len(keys) if isinstance(given, bool) else list(given)
        if len(each) != len(keys):
            raise ValueError("%s has %d items for %d keys" % (name, len(each), len(keys)))
        flags.append(each)
    if not keys:
        flags = [[descending], [nulls_first]]
    return [(_raw.SortFlags.DESCENDING if down else _raw.SortFlags.NONE) |
            (_raw.SortFlags.NULLS_FIRST if first else _raw.SortFlags.NONE)
            for down, first in zip(*flags)]


def _seed(seed):
    if seed is None:
        return -1
    seed = operator.index(seed)
    if not 0 <= seed < 2 ** 63:
        raise ValueError("A seed is a number from 0 to 2**63 - 1, not %d" % seed)
    return seed


DictIter.__module__ = "gi.repository.Arbor"
__all__.append("DictIter")


@override
@errors.raising_class
class Arbor(_raw.Arbor):
    """An immutable ordered collection of trees. Conditions are expressions or their text."""

    def __len__(self):
        return self.get_n_trees()

    def __bool__(self):
        return True

    def __iter__(self):
        return self.iterator()

    def __contains__(self, value):
        return any(tree == value for tree in self)

    def __getitem__(self, key):
        if isinstance(key, slice):
            return self._slice(key)
        return self.get(key)

    def _slice(self, key):
        start = 0 if key.start is None else operator.index(key.start)
        step = 1 if key.step is None else operator.index(key.step)
        if step == 1 and start >= 0:
            # Without the length, which a filter would have to be computed for.
            if key.stop is None:
                return self.slice(min(start, _MAX_UINT64), _MAX_UINT64)
            stop = operator.index(key.stop)
            if stop >= 0:
                return self.slice(min(start, _MAX_UINT64),
                                  min(max(stop - start, 0), _MAX_UINT64))
        start, stop, step = key.indices(len(self))
        if step == 1:
            return self.slice(start, max(stop - start, 0))
        if step == -1 and key.start is None and key.stop is None:
            return self.reverse()
        return self.take(list(range(start, stop, step)))

    def get(self, index, default=_ABSENT):
        """The tree at a position, counted from the end when negative; `default`, when given, where
        there is none."""
        index = operator.index(index)
        position = index + len(self) if index < 0 else index
        try:
            if 0 <= position <= _MAX_UINT64:
                return _arbor_get(self, position)
            raise OutOfRangeError("Index %d is out of range: the arbor has %d trees"
                                  % (index, len(self)))
        except OutOfRangeError:
            if default is _ABSENT:
                raise
            return default

    def _run(self, operation, *arguments):
        return _arbor_operations[operation](self, *arguments)

    def filter(self, predicate):
        return self._run("filter", _predicate(predicate))

    def matching_indices(self, predicate, cancellable=None):
        return _arbor_matching_indices(self, _predicate(predicate), cancellable)

    def find_one(self, predicate):
        return _arbor_find_one(self, _predicate(predicate))

    def find_one_or_error(self, predicate):
        return _arbor_find_one_or_error(self, _predicate(predicate))

    def count_matches(self, predicate, cancellable=None):
        return _arbor_count_matches(self, _predicate(predicate), cancellable)

    def any_of(self, predicate):
        return _arbor_any_of(self, _predicate(predicate))

    def all_of(self, predicate):
        return _arbor_all_of(self, _predicate(predicate))

    def query(self, jsonpath, cancellable=None):
        """What a JSONPath query (RFC 9535) selects, tree by tree: an Arbor.Matches."""
        return _arbor_query(self, jsonpath, cancellable)

    def pick(self, *paths):
        """An iterator of dicts that have the picked paths for keys; of whole trees without any."""
        if len(paths) == 1 and not isinstance(paths[0], str):
            paths = paths[0] or ()
        for path in paths:
            if not isinstance(path, str):
                raise TypeError("expected paths, found %s" % type(path).__name__)
            errors.check_text(path)
        return DictIter(_arbor_pick(self, list(paths)))

    def select(self, *paths, **fields):
        """New trees: fields named as the paths are written, and fields of expressions or texts by
        keyword; one dict of fields does, too."""
        return self._run("select", *_fields(paths, fields))

    def add_fields(self, *dicts, **fields):
        """The trees with fields set to the values of expressions or texts: keywords, or a dict."""
        return self._run("add_fields", *_fields(dicts, fields))

    def drop_fields(self, *names):
        return self._run("drop_fields", _names(names))

    def explode(self, path, field=None):
        """One tree for each element of an array."""
        return self._run("explode", path, field)

    def rename_fields(self, *dicts, **names):
        """The trees with fields renamed: old name = new name, or a dict."""
        names = dict(*dicts, **names)
        return self._run("rename_fields", _names(names.keys()), _names(names.values()))

    def sort_by(self, *keys, descending=False, nulls_first=False):
        """All trees in the order of some keys, paths or expressions; without any, of the trees
        themselves. descending and nulls_first: for all keys, or a list of one for each."""
        keys = _keys(keys)
        return self._run("sort_by", keys, _sort_flags(keys, descending, nulls_first))

    def top_k(self, k, *keys, descending=False, nulls_first=False):
        """The first k trees of sort_by, without sorting the rest."""
        keys = _keys(keys)
        return self._run("top_k", min(operator.index(k), _MAX_UINT64), keys,
                         _sort_flags(keys, descending, nulls_first))

    def unique_by(self, *keys):
        """The first tree for each value of some keys, paths or expressions; without any, of the
        trees themselves."""
        return self._run("unique_by", _keys(keys))

    def sample(self, n, seed=None):
        """n trees by chance, in their order; the same ones for the same seed."""
        return self._run("sample", min(operator.index(n), _MAX_UINT64), _seed(seed))

    def shuffle(self, seed=None):
        """All trees in random order; the same one for the same seed."""
        return self._run("shuffle", _seed(seed))

    def group_by(self, *paths, **keys):
        """Groups of trees: keys named as the paths are written, and keys of expressions or texts by
        keyword; one dict of keys does, too."""
        return _arbor_group_by(self, *_fields(paths, keys))

    def aggregate(self, *dicts, cancellable=None, **fields):
        """One tree of what is computed over all trees: keywords, or a dict."""
        return _arbor_aggregate(self, *_fields(dicts, fields), cancellable)

    def describe(self, cancellable=None):
        """Figures of each path: how many values and of which kinds, the least and the greatest, the
        mean, how many different ones."""
        return _arbor_describe(self, cancellable)

    def value_counts(self, expr):
        """How often each value comes, the most frequent first: {"value", "count"}."""
        return _arbor_value_counts(self, _predicate(expr))

    def histogram(self, expr, n_bins=10):
        """How numbers are spread over bins of equal width: {"from", "to", "count"}."""
        return _arbor_histogram(self, _predicate(expr), n_bins)

    def index_by(self, *keys, duplicates="error", cancellable=None):
        """Finds trees by a key, or by several: paths or expressions. duplicates: "error", "first",
        "last" or "collect"."""
        return _arbor_index_by(self, _keys(keys), _choice(_raw.Duplicates, duplicates), cancellable)

    def nest(self, other, key, other_key=None, field=None, one=False):
        """The trees with the trees of another arbor that have the same key under a field: a list of
        them, or the one. A key is a path, an expression or a list of these."""
        return self._run("nest", _arbor(other), _side(key),
                         _side(key if other_key is None else other_key), field,
                         _raw.Nest.ONE if one else _raw.Nest.MANY)

    def join(self, other, key, other_key=None, how="inner", suffix="_right"):
        """The trees joined with those of another arbor that have the same key: "inner", "left",
        "semi" or "anti". A key is a path, an expression or a list of these."""
        return self._run("join", _arbor(other), _side(key),
                         _side(key if other_key is None else other_key),
                         _choice(_raw.Join, how), suffix)

    def column(self, values, cancellable=None):
        """The values of a path, or of an expression, for all trees: an Arbor.Column."""
        if isinstance(values, _raw.Expr):
            return _arbor_get_column_of(self, values, cancellable)
        return _arbor_get_column(self, values, cancellable)

    def column_async(self, values, cancellable=None):
        """The same as a coroutine."""
        return _in_thread(self.column, values, cancellable=cancellable)

    def cursor(self, *paths):
        """An Arbor.Cursor, which reads these paths of tree after tree."""
        return Cursor.new(self, list(paths))

    def append(self, other):
        return self._run("append", _arbor(other))

    def __add__(self, other):
        return self.append(other) if isinstance(other, _raw.Arbor) else NotImplemented

    def compute(self, progress=None, cancellable=None):
        """Computes all of it now; progress (trees so far, 0 or their number)."""
        return _with_progress(functools.partial(_arbor_compute, self), progress, cancellable)

    def lazy(self):
        """A query, whose operations are collected and run as a whole."""
        return Query.new(self)

    @staticmethod
    def concat(arbors):
        return _arbor_concat([_arbor(arbor) for arbor in arbors])

    def to_python(self):
        """All trees, as a list of Python values."""
        return [decode(line) for line in self.to_jsonl().split("\n") if line]

    __repr__ = _describe


for _name in ("get", "matching_indices", "find_one", "find_one_or_error", "count_matches", "any_of",
              "all_of", "pick", "concat", "group_by", "aggregate", "value_counts", "histogram",
              "describe", "query", "index_by", "compute", "get_column", "get_column_of"):
    globals()["_arbor_" + _name] = errors.raising(getattr(_raw.Arbor, _name))

_OPERATIONS = ("filter", "select", "add_fields", "drop_fields", "rename_fields", "explode", "append",
               "sort_by", "top_k", "unique_by", "sample", "shuffle", "nest", "join")
_arbor_operations = {name: errors.raising(getattr(_raw.Arbor, name)) for name in _OPERATIONS}
_query_operations = {name: errors.raising(getattr(_raw.Query, name)) for name in _OPERATIONS}


_query_group_by = errors.raising(_raw.Query.group_by)


@override
@errors.raising_class
class Query(_raw.Query):
    """Operations on an arbor, collected first and run as a whole by execute. They are those of
    Arbor; each gives a new query."""

    def _run(self, operation, *arguments):
        return _query_operations[operation](self, *arguments)

    for _name in _OPERATIONS:
        locals()[_name] = vars(Arbor)[_name]

    __add__ = Arbor.__add__

    def group_by(self, *keys, **fields):
        """A tree for each group: keys are paths, or dicts of names and expressions; what is computed
        over the trees of a group are expressions or texts by keyword."""
        return _query_group_by(self, *_fields(keys, {}), *_fields((), fields))

    def to_python(self):
        """All trees of the result, as a list of Python values."""
        return self.execute().to_python()

    __repr__ = _describe


@override
@errors.raising_class
class Groups(_raw.Groups):
    """The groups of an arbor's trees, in the order in which they were met. Iteration gives pairs of a
    key, which is a tree, and an arbor of the members."""

    def __len__(self):
        return self.get_n_groups()

    def __bool__(self):
        return True

    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index):
        position = operator.index(index)
        if position < 0:
            position += len(self)
        if not 0 <= position <= _MAX_UINT64:
            raise OutOfRangeError("Index %d is out of range: there are %d groups"
                                  % (index, len(self)))
        return self.get_key(position), self.get_members(position)

    def find(self, *dicts, **key):
        """The position of the group whose key has these values; None when there is none. A value
        that is not given is missing. A tree that has the fields does, too."""
        if len(dicts) == 1 and not key and isinstance(dicts[0], _raw.Tree):
            tree = dicts[0]
        else:
            tree = from_python([dict(*dicts, **key)]).get(0)
        found, index = _groups_find(self, tree)
        return index if found else None

    def aggregate(self, *dicts, **fields):
        """An arbor of one tree for each group: its key, and fields of expressions or texts by
        keyword, or in a dict."""
        return _groups_aggregate(self, *_fields(dicts, fields))

    __repr__ = _describe


@override
@errors.raising_class
class Index(_raw.Index):
    """Trees by key: a str, an int or any other value; a list of values for an index by several."""

    def __len__(self):
        return self.get_n_keys()

    def __bool__(self):
        return True

    def __getitem__(self, key):
        tree = self.look_up(key)
        if tree is None:
            raise NotFoundError("None of %d keys is %r" % (len(self), key))
        return tree

    def get(self, key, default=None):
        tree = self.look_up(key)
        return default if tree is None else tree

    def __contains__(self, key):
        return _index_contains(self, _key_tree(key))

    def look_up(self, key):
        """The tree of a key, or None."""
        return _index_look_up(self, _key_tree(key))

    def look_up_all(self, key):
        """An arbor of the trees of a key."""
        return _index_look_up_all(self, _key_tree(key))

    __repr__ = _describe


# How the values of a column come out as one buffer: the getter, and its items as struct has them.
_FORMATS = {"?": _raw.Column.dup_booleans, "q": _raw.Column.dup_int64s,
            "Q": _raw.Column.dup_uint64s, "d": _raw.Column.dup_doubles,
            "i": _raw.Column.dup_codes}
_FORMATS = {name: errors.raising(function) for name, function in _FORMATS.items()}
_LAYOUTS = {_raw.ColumnLayout.NONE: "q", _raw.ColumnLayout.BOOL: "?",
            _raw.ColumnLayout.INT64: "q", _raw.ColumnLayout.UINT64: "Q",
            _raw.ColumnLayout.DOUBLE: "d", _raw.ColumnLayout.STRING: "i"}


@override
@errors.raising_class
class Column(_raw.Column):
    """The values of one path over an arbor, copied: a sequence of Python values, where None stands
    for null and for nothing; and a buffer, without an object for each."""

    def to_memoryview(self, format=None):
        """The values as one buffer, of items "q" (int64), "Q" (uint64), "d" (double), "?" (bool) or,
        of strings, "i" (codes, for dictionary ()); by default what the values are. Where there is no
        value: 0, NaN, False or -1. numpy.frombuffer and memoryview.tolist take it as it is."""
        if format is None:
            format = _LAYOUTS.get(self.get_layout())
            if format is None:
                raise WrongTypeError("The column '%s' has values of several kinds: give a format, or "
                                     "use to_list ()" % self.dup_path())
        if format not in _FORMATS:
            raise ValueError("%r is none of the formats %s" % (format, ", ".join(_FORMATS)))
        return memoryview(_FORMATS[format](self).get_data() or b"").cast(format)

    def dictionary(self):
        """The different strings, which the codes of to_memoryview count."""
        text = self.dup_dictionary_bytes().get_data() or b""
        ends = memoryview(self.dup_dictionary_offsets().get_data()).cast("q").tolist()
        return [text[start:end].decode() for start, end in zip(ends, ends[1:])]

    def to_list(self):
        """All values as Python has them."""
        layout = self.get_layout()
        if layout == _raw.ColumnLayout.STRING:
            # Code -1 is the last one.
            return list(map((self.dictionary() + [None]).__getitem__, self.to_memoryview()))
        if layout in (_raw.ColumnLayout.NONE, _raw.ColumnLayout.MIXED) or (
                layout == _raw.ColumnLayout.DOUBLE and self.get_count(_raw.Kind.INT64) > 0):
            return decode(self.to_json())
        values = self.to_memoryview().tolist()
        if self.get_count(_raw.Kind.NULL) + self.get_count(_raw.Kind.MISSING) == 0:
            return values
        return [value if kind > 1 else None
                for value, kind in zip(values, self.dup_kinds().get_data())]

    to_python = to_list

    def statistics(self):
        """Figures of the values, as a dict."""
        return self.dup_statistics().to_python()

    def __len__(self):
        return self.get_n_rows()

    def __bool__(self):
        return True

    def __iter__(self):
        return iter(self.to_list())

    def __getitem__(self, row):
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        position = operator.index(row)
        position += len(self) if position < 0 else 0
        if not 0 <= position < len(self):
            raise OutOfRangeError("Row %d is out of range: the column has %d rows"
                                  % (row, len(self)))
        text = self.dup_json(position)
        return None if text is None else decode(text)

    __repr__ = _describe


@override
@errors.raising_class
class Cursor(_raw.Cursor):
    """Reads some paths of tree after tree, without an object for each: `while cursor.next(): ...
    cursor.get_int64(0)`. Each call asks whether the store is still open."""

    def get(self, path, default=None):
        """The value at the path of a number, as Python has it; `default` where there is nothing."""
        text = self.dup_json(path)
        return default if text is None else decode(text)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


def _key_tree(key):
    return key if isinstance(key, _raw.Tree) else from_python([key]).get(0)


_index_contains = errors.raising(_raw.Index.contains)
_index_look_up = errors.raising(_raw.Index.look_up)
_index_look_up_all = errors.raising(_raw.Index.look_up_all)

_groups_find = errors.raising(_raw.Groups.find)
_groups_aggregate = errors.raising(_raw.Groups.aggregate)


@override
@errors.raising_class
class Store(_raw.Store):
    """An open file of named arbors. `with` closes it; `store[name]`, `in`, `del`, `len`, `keys`,
    `values`, `items` and iteration work as in a dict of arbors."""

    @staticmethod
    def open(path, options=None, cancellable=None, **settings):
        """Opens or creates a store. Options are an object, or keyword arguments: create, read_only,
        immutable, map_size, max_readers, busy_timeout, durability, staleness,
        verify_checksums."""
        return _store_open(os.fspath(path), _settings(StoreOptions, options, settings),
                           cancellable)

    @staticmethod
    def open_async(path, options=None, cancellable=None, callback=None, *user_data, **settings):
        """With a callback, GIO's way; without, a coroutine for asyncio that gives the store."""
        options = _settings(StoreOptions, options, settings)
        if callback is not None:
            return _raw.Store.open_async(os.fspath(path), options, cancellable, callback,
                                         *user_data)
        return _in_thread(Store.open, path, options, cancellable=cancellable)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def get(self, name, default=_ABSENT):
        """The arbor of a name; `default`, when given, for an unknown one."""
        try:
            return _store_get(self, name)
        except NotFoundError:
            if default is _ABSENT:
                raise
            return default

    def __getitem__(self, name):
        return _store_get(self, name)

    def __setitem__(self, name, values):
        self.put(name, values)

    def __delitem__(self, name):
        if not self.delete(name):
            raise NotFoundError("Store '%s' has no arbor named '%s'" % (self.dup_path(), name))

    def __contains__(self, name):
        if not isinstance(name, str):
            return False
        try:
            return self.contains(name)
        except ValueError:
            return False

    def __len__(self):
        return self.get_n_arbors()

    def __bool__(self):
        return True

    def __iter__(self):
        return iter(self.list_names())

    def keys(self):
        return self.list_names()

    def values(self):
        return [self[name] for name in self.list_names()]

    def items(self):
        return [(name, self[name]) for name in self.list_names()]

    def put(self, name, values, cancellable=None):
        """Stores an arbor, or a list of Python values, under a name."""
        return _store_put(self, name, _arbor(values), cancellable)

    def put_async(self, name, values, cancellable=None, callback=None, *user_data):
        """With a callback, GIO's way; without, a coroutine for asyncio."""
        if callback is not None:
            return _raw.Store.put_async(self, name, _arbor(values), cancellable, callback,
                                        *user_data)
        return _in_thread(self.put, name, values, cancellable=cancellable)

    def put_many(self, arbors, values=None, cancellable=None):
        """Stores several arbors in one commit: a dict of them, or names and arbors in one order."""
        if values is None:
            names, values = list(arbors.keys()), list(arbors.values())
        else:
            names, values = list(arbors), list(values)
        if len(names) != len(values):
            raise ValueError("put_many has %d names and %d arbors" % (len(names), len(values)))
        for name in names:
            errors.check_text(name)
        return _store_put_many(self, names, [_arbor(each) for each in values], cancellable)

    def append(self, name, values, cancellable=None):
        """Appends an arbor, or a list of Python values."""
        return _store_append(self, name, _arbor(values), cancellable)

    def replace(self, name, start, n_trees, values=None, cancellable=None):
        """Replaces a range by an arbor, or a list of Python values; by nothing without."""
        values = None if values is None else _arbor(values)
        return _store_replace(self, name, start, n_trees, values, cancellable)

    def delete_where(self, name, predicate, cancellable=None):
        """Deletes the trees for which an expression, or its text, is true; how many."""
        return _store_delete_where(self, name, _predicate(predicate), cancellable)

    def update_where(self, name, predicate, fields, values=None, cancellable=None):
        """Sets fields of the trees for which an expression, or its text, is true; how many changed.
        Fields are a dict, or names and values in one order; a value that is no expression is a
        literal."""
        if values is None:
            fields, values = list(fields.keys()), list(fields.values())
        else:
            fields, values = list(fields), list(values)
        if len(fields) != len(values):
            raise ValueError("update_where has %d fields and %d values"
                             % (len(fields), len(values)))
        for field in fields:
            errors.check_text(field)
        return _store_update_where(self, name, _predicate(predicate), fields,
                                   [lit(value) for value in values], cancellable)

    def upsert(self, name, key, values, cancellable=None):
        """Replaces trees by those of an arbor, or a list of Python values, that have equal keys,
        appends the others; how many changed."""
        return _store_upsert(self, name, key, _arbor(values), cancellable)

    def import_file(self, name, path, options=None, progress=None, cancellable=None, **settings):
        """Stores the trees of a file. Options are an object, or keyword arguments: format, at,
        skip_bad. `progress (done, total)` may raise, which ends the import."""
        options = _settings(_raw.LoadOptions, options, settings)
        return _with_progress(
            functools.partial(_store_import_file, self, name, os.fspath(path), options),
            progress, cancellable)

    def import_file_async(self, name, path, options=None, cancellable=None, callback=None,
                          *user_data, **settings):
        """With a callback, GIO's way; without, a coroutine for asyncio that gives the report."""
        options = _settings(_raw.LoadOptions, options, settings)
        if callback is not None:
            return _raw.Store.import_file_async(self, name, os.fspath(path), options, cancellable,
                                                callback, *user_data)
        return _in_thread(self.import_file, name, path, options, None, cancellable=cancellable)

    def import_stream(self, name, stream, options=None, progress=None, cancellable=None,
                      **settings):
        """As import_file, from a Gio.InputStream."""
        options = _settings(_raw.LoadOptions, options, settings)
        return _with_progress(
            functools.partial(_store_import_stream, self, name, stream, options),
            progress, cancellable)

    def transaction(self):
        """Begins a transaction, for `with`: what is staged is written by its `commit`, and dropped
        when the block ends without."""
        return self.begin_transaction()

    def transact(self, function, retries=10, cancellable=None):
        """Calls function (transaction), commits, and returns what the function returned. When
        another writer was first, does it again in a new transaction, so often at most."""
        return transactions.transact(self, function, retries, cancellable)

    __repr__ = _describe


for _name in ("open", "get", "put", "put_many", "append", "replace", "delete_where", "update_where",
              "upsert", "import_file", "import_stream"):
    globals()["_store_" + _name] = errors.raising(getattr(_raw.Store, _name))


Transaction = override(transactions.Transaction)


# Expressions.

def lit(value):
    """A literal: None, bool, int of any length, float, decimal.Decimal, str, list, dict, tree."""
    if isinstance(value, _raw.Expr):
        return value
    if value is None:
        return _raw.Expr.new_null()
    if isinstance(value, bool):
        return _raw.Expr.new_boolean(value)
    if isinstance(value, int) and -2 ** 63 <= value < 2 ** 63:
        return _raw.Expr.new_int64(value)
    if isinstance(value, int) and 0 <= value < 2 ** 64:
        return _raw.Expr.new_uint64(value)
    if isinstance(value, float):
        return Expr.new_double(value)
    if isinstance(value, str) and "\0" not in value:
        return _raw.Expr.new_string(value)
    if isinstance(value, (int, str, Decimal, list, tuple, dict)) or isinstance(value, _raw.Tree):
        return Expr.new_json(encode(value))
    raise TypeError("%s is no literal: expected None, bool, int, float, decimal.Decimal, str, "
                    "list, tuple, dict or Arbor.Tree" % type(value).__name__)


def _predicate(value):
    if isinstance(value, _raw.Expr):
        return value
    if isinstance(value, str):
        return Expr.parse(value)
    raise TypeError("expected an expression or its text, found %s; a condition reads "
                    "Arbor.path(\"height\") > 80 or \"height > 80\"" % type(value).__name__)


def call(function, *arguments):
    """An expression that calls a function by its name."""
    return Expr.new_call(function, [lit(argument) for argument in arguments])


def _binary(name):
    function = errors.raising(getattr(_raw.Expr, name))

    def method(self, other):
        return function(self, lit(other))
    method.__name__ = name
    return method


def _method(name, n_needed, n):
    function = errors.raising(getattr(_raw.Expr, name))

    def method(self, *arguments):
        if not n_needed <= len(arguments) <= n:
            raise TypeError("%s takes %d to %d arguments, found %d"
                            % (name, n_needed, n, len(arguments)))
        arguments = [lit(argument) for argument in arguments]
        return function(self, *arguments, *[None] * (n - len(arguments)))
    method.__name__ = name
    return method


def _operator(name):
    method = _binary(name)

    def apply(self, other):
        try:
            other = lit(other)
        except TypeError:
            return NotImplemented
        return method(self, other)
    return apply


def _reflected(name):
    method = _binary(name)

    def apply(self, other):
        try:
            other = lit(other)
        except TypeError:
            return NotImplemented
        return method(other, self)
    return apply


@override
@errors.raising_class
class Expr(_raw.Expr):
    """An expression, immutable. Operators make larger ones; the other side may be a Python
    value."""

    eq, ne, lt, le, gt, ge = map(_binary, ("eq", "ne", "lt", "le", "gt", "ge"))
    both, either = _binary("both"), _binary("either")
    add, subtract = _binary("add"), _binary("subtract")
    multiply, divide = _binary("multiply"), _binary("divide")
    contains = _binary("contains")
    starts_with, ends_with = _binary("starts_with"), _binary("ends_with")

    __eq__, __ne__ = _operator("eq"), _operator("ne")
    __lt__, __le__ = _operator("lt"), _operator("le")
    __gt__, __ge__ = _operator("gt"), _operator("ge")
    __and__, __rand__ = _operator("both"), _reflected("both")
    __or__, __ror__ = _operator("either"), _reflected("either")
    __add__, __radd__ = _operator("add"), _reflected("add")
    __sub__, __rsub__ = _operator("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _operator("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _operator("divide"), _reflected("divide")
    __floordiv__, __rfloordiv__ = _operator("div"), _reflected("div")
    __mod__, __rmod__ = _operator("mod"), _reflected("mod")
    __pow__, __rpow__ = _operator("pow"), _reflected("pow")

    def __abs__(self):
        return self.abs()

    def sort(self, key=None, descending=False):
        """The elements of an array in the order of their keys."""
        if key is None and not descending:
            return _expr_sort(self, None, None)
        return _expr_sort(self, element() if key is None else lit(key),
                          lit(True) if descending else None)

    def coalesce(self, *others):
        """The first of them that is neither null nor missing."""
        return call("coalesce", self, *others)

    def match_case(self, *pairs):
        """The value behind what equals it; a last one alone is for everything else."""
        return call("case", self, *pairs)

    def __invert__(self):
        return self.negate()

    def __neg__(self):
        return self.minus()

    def __hash__(self):
        return self.hash()

    def __bool__(self):
        raise TypeError("an expression is not true or false by itself: write & | ~ for and, or, "
                        "not, with each side in parentheses, and (a < b) & (b < c) for a < b < c; "
                        "whether two expressions are the same is a.equal(b)")

    def is_in(self, *candidates):
        """Whether the value equals one of a list."""
        if len(candidates) == 1 and isinstance(candidates[0], (list, tuple, set, frozenset, range)):
            candidates = candidates[0]
        return _expr_is_in(self, [lit(candidate) for candidate in candidates])

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        return "<ArborExpr %s>" % self.to_string()


_expr_is_in = errors.raising(_raw.Expr.is_in)

# Methods by how many arguments they need and take.
_METHODS = {
    (0, 1): "round log strip lstrip rstrip split join unique",
    (0, 2): "",
    (1, 1): """if_null null_if div mod pow quantile strip_prefix strip_suffix match cast item concat
               map filter min_by max_by field has_key without date_truncate""",
    (1, 2): "substring extract slice",
    (2, 2): "is_between clip replace replace_regex with_field rename date_add date_diff",
}
for (_needed, _n), _listed in _METHODS.items():
    for _name in _listed.split():
        setattr(Expr, _name, _method(_name, _needed, _n))
_expr_sort = errors.raising(_raw.Expr.sort)


def element(path=None):
    """`@`, the element of an array in map, filter, sort and the like, or a path from it."""
    return errors.raising(_raw.element)(path)


class _When:
    """A choice that is being written: when (c).then (a).when (d).then (b).otherwise (e)."""

    def __init__(self, arguments):
        self._arguments = arguments

    def when(self, condition):
        return _When(self._arguments + [lit(condition)])

    def then(self, value):
        return _When(self._arguments + [lit(value)])

    def otherwise(self, value):
        return call("when", *self._arguments, value)


def when(condition):
    """Begins a choice: Arbor.when(c).then(a).otherwise(b)."""
    return _When([lit(condition)])



# Functions.

_read_jsonl = errors.raising(_raw.read_jsonl)
_read_json = errors.raising(_raw.read_json)
_read_csv = errors.raising(_raw.read_csv)
_load_bytes = errors.raising(_raw.load_bytes)
_load_file = errors.raising(_raw.load_file)
_load_stream = errors.raising(_raw.load_stream)
path = errors.raising(_raw.path)


def read_jsonl(data):
    """An arbor in memory from JSON Lines: bytes, bytearray, str or GLib.Bytes."""
    return _read_jsonl(_bytes(data))


def read_json(data):
    """An arbor of one tree from a JSON document: bytes, bytearray, str or GLib.Bytes."""
    return _read_json(_bytes(data))


def read_csv(data):
    """An arbor in memory from CSV: bytes, bytearray, str or GLib.Bytes."""
    return _read_csv(_bytes(data))


def load_bytes(data, options=None, **settings):
    """An arbor in memory and the report of reading it. Options: those of
    LoadOptions, such as format, at, skip_bad."""
    return _load_bytes(_bytes(data), _settings(_raw.LoadOptions, options, settings))


def load_file(path, options=None, cancellable=None, **settings):
    """An arbor in memory and the report of reading it. Options: those of
    LoadOptions, such as format, at, skip_bad."""
    return _load_file(os.fspath(path), _settings(_raw.LoadOptions, options, settings),
                      cancellable)


def load_stream(stream, options=None, cancellable=None, **settings):
    """An arbor in memory and the report of reading it. Options: those of
    LoadOptions, such as format, at, skip_bad."""
    return _load_stream(stream, _settings(_raw.LoadOptions, options, settings), cancellable)


def from_python(values):
    """An arbor in memory from Python values, and trees, in order."""
    return read_jsonl("\n".join(map(encode, values)))


__all__ += ["StoreOptions", "CloseToken", "Builder", "Tree", "Iter", "Matches", "Arbor", "Groups", "Store",
            "Transaction", "Expr", "lit", "call", "path", "element", "when", "read_jsonl",
            "read_json", "read_csv", "load_bytes", "load_file", "load_stream", "from_python"]
