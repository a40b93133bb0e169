# What users may write where the library takes expressions, arbors, trees, names or flags.

import operator
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal

from gi.module import get_introspection_module
from gi.repository import Gio, GLib

from . import arrow
from . import calls
from . import errors
from . import mistakes
from .json_text import KNOWN, decode, encode, plain

_raw = get_introspection_module("Arbor")

ABSENT = object()
MAX_UINT64 = 2 ** 64 - 1
# Text of so many letters is read at once.
_SHORT = 100000

path = errors.raising(_raw.path)
_read_jsonl = errors.raising(_raw.read_jsonl)
_read_short = errors.raising(_raw.read_jsonl, is_long=False)
_parse = errors.raising(_raw.Expr.parse)
_new_double = errors.raising(_raw.Expr.new_double)
_new_json = errors.raising(_raw.Expr.new_json)


def expected(what, value):
    """A TypeError that says what was expected and what was found."""
    return TypeError("expected %s, found %s" % (what, mistakes.describe(value)))


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
        return _new_double(value)
    if isinstance(value, str) and "\0" not in value:
        return _raw.Expr.new_string(value)
    if isinstance(value, (int, str, Decimal, list, tuple, dict)) or isinstance(value, _raw.Tree):
        return _new_json(encode(value))
    converted = plain(value)
    if converted is not value:
        return lit(converted)
    raise TypeError("%s is no literal: expected %s" % (type(value).__name__, KNOWN))


def predicate(value):
    if isinstance(value, _raw.Expr):
        return value
    if isinstance(value, str):
        return _parse(value)
    raise TypeError("expected an expression or its text, found %s; a condition reads "
                    "Arbor.path(\"height\") > 80 or \"height > 80\"" % mistakes.describe(value))


def _check_paths(store, name, texts):
    """Of the arbor as it is now: other threads may write it between one line and the next."""
    while True:
        try:
            return store.get(name).check_paths(texts)
        except errors.StaleError:
            pass


def computed(values, store, name):
    """Expressions of values to set: a text is code, all else that is no expression is data. Of code a
    path that no tree has is an error: it may be a text that was meant as data, and would take the
    field away."""
    texts = [_parse(value) for value in values if isinstance(value, str)]
    notes = _check_paths(store, name, texts) if texts else []
    if notes:
        raise errors.make(_raw.Error.SCHEMA, "%s; a text is an expression, and the text itself is "
                          "Arbor.lit(\"...\")" % notes[0])
    return [_parse(value) if isinstance(value, str) else lit(value) for value in values]


def path_text(value):
    """The text of a path, or of an expression that is one: Arbor.path ("a.b")."""
    if not isinstance(value, _raw.Expr):
        return value
    text = value.to_string()
    try:
        is_path = path(text).equal(value)
    except GLib.Error:
        is_path = False
    if not is_path:
        raise TypeError("expected a path, found the expression %s: add_fields gives what it computes "
                        "a name" % text)
    return text


def path_texts(values):
    """Of paths, for a list of C strings."""
    paths = [path_text(value) for value in values]
    for one in paths:
        if not isinstance(one, str):
            raise expected("paths", one)
        errors.check_text(one)
    return paths


def file_path(value, name="path"):
    """The path of a file: a str, bytes, an os.PathLike or a Gio.File; None of one that has no path on this
    machine, which is for the function that takes a Gio.File."""
    if isinstance(value, Gio.File):
        return value.get_path()
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise expected("a path or a Gio.File for " + name, value)
    return os.fspath(value)


def to_bytes(data):
    if isinstance(data, GLib.Bytes):
        return data
    if isinstance(data, str):
        data = data.encode()
    elif not isinstance(data, (bytes, bytearray, memoryview)) and not hasattr(data, "__array__"):
        try:
            data = memoryview(data)
        except TypeError:
            raise expected("a string, bytes or a GLib.Bytes", data) from None
    return GLib.Bytes.new(bytes(memoryview(data)))


def _check_values(values):
    if isinstance(values, (str, bytes, bytearray, memoryview, Mapping)):
        raise TypeError("expected an Arbor.Arbor or a list of values, found %s: text is read with "
                        "Arbor.read_jsonl or Arbor.read_json, and one tree is a list of one"
                        % mistakes.describe(values))
    if isinstance(values, _raw.Tree) and values.get_kind(None) != _raw.Kind.ARRAY:
        raise TypeError("expected an Arbor.Arbor or a list of values, found one tree: one tree is a list "
                        "of one")
    if not isinstance(values, Iterable):
        raise expected("an Arbor.Arbor or a list of values", values)


# The library's own are what they are, or none, without that.
_OWN = (_raw.Arbor, _raw.Query, _raw.Column)


def from_python(values):
    """An arbor in memory from Python values, and trees, in order; of what another library has as Arrow."""
    if not isinstance(values, _OWN) and arrow.is_arrow(values):
        return arrow.load(values)
    _check_values(values)
    text = "\n".join(map(encode, values))
    return (_read_short if len(text) < _SHORT else _read_jsonl)(to_bytes(text))


def to_arbor(values):
    return values if isinstance(values, _raw.Arbor) else from_python(values)


def native(tree):
    """A part of a tree: objects and arrays as trees, all else as what Python has for it."""
    if tree.get_kind(None) in (_raw.Kind.OBJECT, _raw.Kind.ARRAY):
        return tree
    return decode(tree.to_json())


def to_tree(value):
    """A tree of a Python value; trees as they are."""
    if isinstance(value, _raw.Tree):
        return value
    return from_python([value]).get(0)


def check_many(what, values):
    """A list, a tuple or the like: no text, which is many letters."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise expected("a list of " + what, values)
    return values


def to_arbors(values, name):
    return [to_arbor(each) for each in check_many("arbors for " + name, values)]


def key_paths(paths):
    """The paths of a key: one, or a list of them."""
    if not isinstance(paths, (str, _raw.Expr, type(None))):
        check_many("strings for paths", paths)
    return [path_text(path) for path in ([paths] if isinstance(paths, (str, _raw.Expr)) else paths or ())]


def key_tree(key):
    return key if isinstance(key, _raw.Tree) else from_python([key]).get(0)


def describe(self):
    return "<%s>" % self.to_string()


def names(names, what="names"):
    """For a list of C strings, which cannot hold NUL."""
    names = list(names)
    for name in names:
        if not isinstance(name, str):
            raise expected("strings for " + what, name)
        errors.check_text(name)
    return names


def pairs(fields, values, what):
    """Names and values, of a dict or of both in one order."""
    if values is None:
        if not hasattr(fields, "keys"):
            raise expected(what, fields)
        return list(fields.keys()), list(fields.values())
    for each in (fields, values):
        if isinstance(each, (str, bytes)) or not isinstance(each, Iterable):
            raise expected(what, each)
    return list(fields), list(values)


def integer(value, name):
    try:
        if not isinstance(value, bool):
            return operator.index(value)
    except TypeError:
        pass
    raise expected("an integer for " + name, value)


def side(key):
    """The keys of one side of a join."""
    return keys(key if isinstance(key, (list, tuple)) else [key])


def merged(dicts):
    """One dict of several, in which no name is given twice."""
    named = {}
    for each in dicts:
        for name, value in dict(each).items():
            if name in named:
                raise ValueError("Field name %r is given twice" % name)
            named[name] = value
    return named


def fields(positional, fields):
    """Names and expressions, of paths, dicts and keywords."""
    for item in positional:
        if not isinstance(item, (dict, str, _raw.Expr)):
            raise expected("names of fields, or a dict of fields", item)
    named = merged([*(item if isinstance(item, dict) else {str(item): to_expr(item)}
                      for item in positional), fields])
    return names(named), [predicate(value) for value in named.values()]


def to_expr(value):
    """Of a path, or an expression."""
    return path(value) if isinstance(value, str) else predicate(value)


def keys(keys):
    """Expressions of paths and expressions, one after the other or in one list."""
    if len(keys) == 1 and isinstance(keys[0], Iterable) and not isinstance(keys[0], (str, _raw.Expr)):
        keys = keys[0]
    return [to_expr(key) for key in keys]


def sort_options(keys, descending, nulls_first):
    given = {"descending": descending, "nulls_first": nulls_first}
    flags = []
    for name, each in given.items():
        n = max(len(keys), 1)
        each = each if isinstance(each, (list, tuple)) else [each] * n
        for value in each:
            calls.check_boolean(name, value)
        if len(each) != n:
            raise ValueError("%s has %d items for %d keys" % (name, len(each), len(keys)))
        flags.append(each)
    options = _raw.SortOptions()
    options.set_flags([(_raw.SortFlags.DESCENDING if down else _raw.SortFlags.NONE) |
                       (_raw.SortFlags.NULLS_FIRST if first else _raw.SortFlags.NONE)
                       for down, first in zip(*flags)])
    return options


def seed(seed):
    if seed is None:
        return -1
    seed = integer(seed, "seed")
    if not 0 <= seed < 2 ** 63:
        raise OverflowError("expected an integer from 0 to %d for seed, found %d" % (2 ** 63 - 1, seed))
    return seed
