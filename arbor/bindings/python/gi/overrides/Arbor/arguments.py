# What users may write where the library takes expressions, arbors, trees, names or flags.

import operator
import os
from collections.abc import Iterable
from decimal import Decimal

from gi.module import get_introspection_module
from gi.repository import Gio, GLib

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
                    "Arbor.path(\"height\") > 80 or \"height > 80\"" % type(value).__name__)


def computed(values, store, name):
    """Expressions of values to set: a text is code, all else that is no expression is data. Of code a
    path that no tree has is an error: it may be a text that was meant as data, and would take the
    field away."""
    texts = [_parse(value) for value in values if isinstance(value, str)]
    notes = store.get(name).check_paths(texts) if texts else []
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


def file_path(value):
    """The path of a file: a str, bytes, an os.PathLike or a Gio.File of this machine."""
    if not isinstance(value, Gio.File):
        return os.fspath(value)
    path = value.get_path()
    if path is None:
        raise ValueError("'%s' has no path on this machine; streams are read by import_stream and "
                         "load_stream, and written by save" % value.get_uri())
    return path


def to_bytes(data):
    if isinstance(data, GLib.Bytes):
        return data
    if isinstance(data, str):
        data = data.encode()
    return GLib.Bytes.new(bytes(memoryview(data)))


def from_python(values):
    """An arbor in memory from Python values, and trees, in order."""
    text = "\n".join(map(encode, values))
    return (_read_short if len(text) < _SHORT else _read_jsonl)(to_bytes(text))


def to_arbor(values):
    if isinstance(values, _raw.Arbor):
        return values
    if isinstance(values, (str, bytes, bytearray, memoryview, dict)):
        raise TypeError("expected an Arbor.Arbor or a list of values, found %s: text is read with "
                        "Arbor.read_jsonl or Arbor.read_json, and one tree is a list of one"
                        % type(values).__name__)
    if not isinstance(values, Iterable):
        raise expected("an Arbor.Arbor or a list of values", values)
    return from_python(values)


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


def key_tree(key):
    return key if isinstance(key, _raw.Tree) else from_python([key]).get(0)


def describe(self):
    return "<%s>" % self.to_string()


def names(names):
    """Names of fields for a list of C strings, which cannot hold NUL."""
    names = list(names)
    for name in names:
        if not isinstance(name, str):
            raise TypeError("expected names of fields, found %s" % type(name).__name__)
        errors.check_text(name)
    return names


def side(key):
    """The keys of one side of a join."""
    return keys(key if isinstance(key, (list, tuple)) else [key])


def choice(enum, value):
    """A member of an enumeration, or its name in lower case."""
    if not isinstance(value, str):
        return value
    member = getattr(enum, value.upper(), None)
    if member is None:
        raise ValueError("%r is none of the values of %s" % (value, enum.__name__))
    return member


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
    named = merged([*(item if isinstance(item, dict) else {str(item): to_expr(item)}
                      for item in positional), fields])
    return names(named), [predicate(value) for value in named.values()]


def to_expr(value):
    """Of a path, or an expression."""
    return predicate(value) if isinstance(value, _raw.Expr) else path(value)


def keys(keys):
    """Expressions of paths and expressions, one after the other or in one list."""
    if len(keys) == 1 and not isinstance(keys[0], (str, _raw.Expr)):
        keys = keys[0]
    return [to_expr(key) for key in keys]


def sort_flags(keys, descending, nulls_first):
    flags = []
    for name, given in (("descending", descending), ("nulls_first", nulls_first)):
        each = [given] * len(keys) if not isinstance(given, (list, tuple)) else given
        for value in each:
            calls.check_boolean(name, value)
        if len(each) != len(keys):
            raise ValueError("%s has %d items for %d keys" % (name, len(each), len(keys)))
        flags.append(each)
    if not keys:
        flags = [[calls.check_boolean("descending", descending)],
                 [calls.check_boolean("nulls_first", nulls_first)]]
    return [(_raw.SortFlags.DESCENDING if down else _raw.SortFlags.NONE) |
            (_raw.SortFlags.NULLS_FIRST if first else _raw.SortFlags.NONE)
            for down, first in zip(*flags)]


def seed(seed):
    if seed is None:
        return -1
    seed = operator.index(seed)
    if not 0 <= seed < 2 ** 63:
        raise ValueError("A seed is a number from 0 to 2**63 - 1, not %d" % seed)
    return seed
