# Reading text into arbors, and files of stores that need not be open.

import functools

from gi.module import get_introspection_module
from gi.repository import Gio

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
_load_gfile = errors.raising(_raw.load_gfile)
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
    name = args.file_path(path)
    if name is None:
        return load_gfile(path, options, cancellable, **settings)
    return _load_file(name, calls.settings_of(_raw.LoadOptions, options, settings),
                      cancellable)


def load_gfile(file, options=None, cancellable=None, **settings):
    """load_file with a Gio.File, which need not be on this machine."""
    return _load_gfile(file, calls.settings_of(_raw.LoadOptions, options, settings), cancellable)


def load_stream(stream, options=None, cancellable=None, **settings):
    """An arbor in memory and the report of reading it. Options: those of
    LoadOptions, such as format, at, skip_bad."""
    return _load_stream(stream, calls.settings_of(_raw.LoadOptions, options, settings), cancellable)


_verify_file = errors.raising(_raw.verify_file)
_verify_gfile = errors.raising(_raw.verify_gfile)
_recover_file = errors.raising(_raw.recover_file)
_recover_gfile = errors.raising(_raw.recover_gfile)


def verify_file(path, progress=None, cancellable=None):
    """Says what is damaged of a store, also of one that cannot be opened: a Report."""
    file_name = args.file_path(path)
    if file_name is None:
        return verify_gfile(path, progress, cancellable)
    return calls.with_progress(functools.partial(_verify_file, file_name), progress, cancellable)


def verify_gfile(file, progress=None, cancellable=None):
    """As verify_file, of a Gio.File on this machine."""
    return calls.with_progress(functools.partial(_verify_gfile, file), progress, cancellable)


def recover_file(path, new_path, progress=None, cancellable=None):
    """Copies what is sound of a store into a new one, and says of the rest what is damaged."""
    names = args.file_path(path), args.file_path(new_path, "new_path")
    if None in names:
        return recover_gfile(*(Gio.File.new_for_path(name) if name is not None else value
                               for name, value in zip(names, (path, new_path))),
                             progress, cancellable)
    return calls.with_progress(functools.partial(_recover_file, *names), progress, cancellable)


def recover_gfile(file, new_file, progress=None, cancellable=None):
    """As recover_file, of Gio.Files on this machine."""
    return calls.with_progress(functools.partial(_recover_gfile, file, new_file), progress,
                               cancellable)


def _asynchronous(name):
    finish = errors.raising(getattr(_raw, name + "_finish"))
    globals()[name + "_finish"] = finish
    globals()[name + "_async"] = asynchronous.of_function(name, globals()[name], finish)


NAMES = ["read_jsonl", "read_json", "read_csv", "load_bytes", "load_file", "load_gfile",
         "load_stream", "verify_file", "verify_gfile", "recover_file", "recover_gfile"]
for _name in NAMES:
    _asynchronous(_name)
NAMES = [_name + _suffix for _name in NAMES for _suffix in ("", "_async", "_finish")]
