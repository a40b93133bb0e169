# What Python adds to the introspected library: containers, operators, native values, exceptions,
# coroutines. Everything goes through the functions that check and report (get_n_trees, get,
# next_value), never through Gio's own convenience for list models, which cannot report errors.
# docs/bindings.md tells users what is here.

import os

from gi.module import get_introspection_module

from . import _arbor_arguments as args
from . import _arbor_calls as calls
from . import _arbor_docs as docs
from . import _arbor_errors as errors
from ._arbor_arbor import Arbor, DictIter, Iter, Query
from ._arbor_arguments import from_python, lit, path
from ._arbor_column import Column, Cursor
from ._arbor_errors import ArborError
from ._arbor_expr import Expr, call, element, when
from ._arbor_groups import Groups, Index
from ._arbor_store import CloseToken, Store, StoreOptions
from ._arbor_transaction import Transaction
from ._arbor_tree import Builder, Matches, Tree

_raw = get_introspection_module("Arbor")

__all__ = ["ArborError", "StoreOptions", "CloseToken", "Builder", "Tree", "Iter", "DictIter", "Matches",
           "Arbor", "Query", "Groups", "Index", "Column", "Cursor", "Store", "Transaction", "Expr",
           "lit", "call", "path", "element", "when", "read_jsonl", "read_json", "read_csv",
           "load_bytes", "load_file", "load_stream", "from_python"]
for _cls in errors.CLASSES.values():
    globals()[_cls.__name__] = _cls
    __all__.append(_cls.__name__)


_read_jsonl = errors.raising(_raw.read_jsonl)
_read_json = errors.raising(_raw.read_json)
_read_csv = errors.raising(_raw.read_csv)
_load_bytes = errors.raising(_raw.load_bytes)
_load_file = errors.raising(_raw.load_file)
_load_stream = errors.raising(_raw.load_stream)


def read_jsonl(data):
    """An arbor in memory from JSON Lines: bytes, bytearray, str or GLib.Bytes."""
    return _read_jsonl(args.to_bytes(data))


def read_json(data):
    """An arbor of one tree from a JSON document: bytes, bytearray, str or GLib.Bytes."""
    return _read_json(args.to_bytes(data))


def read_csv(data):
    """An arbor in memory from CSV: bytes, bytearray, str or GLib.Bytes."""
    return _read_csv(args.to_bytes(data))


def load_bytes(data, options=None, **settings):
    """An arbor in memory and the report of reading it. Options: those of
    LoadOptions, such as format, at, skip_bad."""
    return _load_bytes(args.to_bytes(data), calls.settings_of(_raw.LoadOptions, options, settings))


def load_file(path, options=None, cancellable=None, **settings):
    """An arbor in memory and the report of reading it. Options: those of
    LoadOptions, such as format, at, skip_bad."""
    return _load_file(os.fspath(path), calls.settings_of(_raw.LoadOptions, options, settings),
                      cancellable)


def load_stream(stream, options=None, cancellable=None, **settings):
    """An arbor in memory and the report of reading it. Options: those of
    LoadOptions, such as format, at, skip_bad."""
    return _load_stream(stream, calls.settings_of(_raw.LoadOptions, options, settings), cancellable)


docs.fill(lambda name: globals().get(name) or getattr(_raw, name))
