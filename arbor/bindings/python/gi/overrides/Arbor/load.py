# Reading text into arbors.


from gi.module import get_introspection_module

from . import arguments as args
from . import asynchronous
from . import calls
from . import errors

_raw = get_introspection_module("Arbor")

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
    return _load_file(args.file_path(path), calls.settings_of(_raw.LoadOptions, options, settings),
                      cancellable)


def load_stream(stream, options=None, cancellable=None, **settings):
    """An arbor in memory and the report of reading it. Options: those of
    LoadOptions, such as format, at, skip_bad."""
    return _load_stream(stream, calls.settings_of(_raw.LoadOptions, options, settings), cancellable)


def _asynchronous(name):
    finish = errors.raising(getattr(_raw, name + "_finish"))
    globals()[name + "_finish"] = finish
    globals()[name + "_async"] = asynchronous.of_function(name, globals()[name], finish)


NAMES = ["read_jsonl", "read_json", "read_csv", "load_bytes", "load_file", "load_stream"]
for _name in NAMES:
    _asynchronous(_name)
NAMES = [_name + _suffix for _name in NAMES for _suffix in ("", "_async", "_finish")]
