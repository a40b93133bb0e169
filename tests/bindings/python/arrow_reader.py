"""Reads what the Arrow PyCapsule interface hands out with nothing but ctypes and the page of the format: into
Python values, which know nothing of how they were written. And an engine that takes Arrow, where there is
one: libduckdb, by its C interface.
"""

import ctypes
import json
import os
import struct
from ctypes import c_char_p, c_int, c_int64, c_void_p


class Schema(ctypes.Structure):
    pass


Schema._fields_ = [
    ("format", c_char_p), ("name", c_char_p), ("metadata", c_void_p), ("flags", c_int64),
    ("n_children", c_int64), ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)), ("release", c_void_p), ("private_data", c_void_p)]


class Array(ctypes.Structure):
    pass


Array._fields_ = [
    ("length", c_int64), ("null_count", c_int64), ("offset", c_int64), ("n_buffers", c_int64),
    ("n_children", c_int64), ("buffers", ctypes.POINTER(c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))), ("dictionary", ctypes.POINTER(Array)),
    ("release", c_void_p), ("private_data", c_void_p)]


class Stream(ctypes.Structure):
    _fields_ = [("get_schema", c_void_p), ("get_next", c_void_p), ("get_last_error", c_void_p),
                ("release", c_void_p), ("private_data", c_void_p)]


_next = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)
_error = ctypes.CFUNCTYPE(c_char_p, c_void_p)
_release = ctypes.CFUNCTYPE(None, c_void_p)
get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
get_pointer.argtypes = [ctypes.py_object, c_char_p]
get_pointer.restype = c_void_p

_NUMBERS = {b"l": "q", b"L": "Q", b"g": "d", b"i": "i"}


def stream_of(capsule):
    return Stream.from_address(get_pointer(capsule, b"arrow_array_stream"))


def release(thing):
    if thing.release:
        _release(thing.release)(ctypes.addressof(thing))


def is_json(schema):
    """Whether the metadata says arrow.json."""
    if not schema.metadata:
        return False
    n, at = struct.unpack("=i", ctypes.string_at(schema.metadata, 4))[0], schema.metadata + 4
    texts = []
    for _ in range(2 * n):
        length = struct.unpack("=i", ctypes.string_at(at, 4))[0]
        texts.append(ctypes.string_at(at + 4, length))
        at += 4 + length
    return dict(zip(texts[::2], texts[1::2])).get(b"ARROW:extension:name") == b"arrow.json"


def _bits(address, n):
    data = ctypes.string_at(address, (n + 7) // 8)
    return [data[i // 8] >> (i % 8) & 1 == 1 for i in range(n)]


def _items(array, buffer, letter, n):
    address = array.buffers[buffer]
    return struct.unpack("=%d%s" % (n, letter), ctypes.string_at(address, n * struct.calcsize(letter)))


def _texts(array, is_large):
    offsets = _items(array, 1, "q" if is_large else "i", array.length + 1)
    data = ctypes.string_at(array.buffers[2], offsets[-1])
    return [data[a:b].decode() for a, b in zip(offsets, offsets[1:])]


def values(schema, array):
    """All of an array, as Python values."""
    n = array.length
    if schema.format == b"n":
        return [None] * n
    valid = _bits(array.buffers[0], n) if array.buffers[0] else [True] * n
    assert array.null_count == valid.count(False)
    if schema.dictionary:
        known = values(schema.dictionary[0], array.dictionary[0])
        found = [known[code] if ok else None for ok, code in zip(valid, _items(array, 1, "i", n))]
    elif schema.format == b"b":
        found = _bits(array.buffers[1], n)
    elif schema.format in _NUMBERS:
        found = _items(array, 1, _NUMBERS[schema.format], n)
    elif schema.format in (b"u", b"U"):
        found = _texts(array, schema.format == b"U")
        if is_json(schema):
            found = [json.loads(text) if ok else None for ok, text in zip(valid, found)]
    elif schema.format == b"+l":
        items = values(schema.children[0][0], array.children[0][0])
        offsets = _items(array, 1, "i", n + 1)
        found = [items[a:b] for a, b in zip(offsets, offsets[1:])]
    elif schema.format == b"+s":
        names = [schema.children[i][0].name.decode() for i in range(schema.n_children)]
        columns = [values(schema.children[i][0], array.children[i][0]) for i in range(schema.n_children)]
        assert all(len(column) == n for column in columns)
        found = [dict(zip(names, row)) for row in zip(*columns)] if columns else [{}] * n
    else:
        raise AssertionError("format %r" % schema.format)
    return [value if ok else None for ok, value in zip(valid, found)]


def schema_of(stream):
    schema = Schema()
    assert _next(stream.get_schema)(ctypes.addressof(stream), ctypes.addressof(schema)) == 0
    return schema


def next_of(stream):
    """The next array, or None; OSError with what the stream says."""
    array = Array()
    code = _next(stream.get_next)(ctypes.addressof(stream), ctypes.addressof(array))
    if code != 0:
        raise OSError(code, _error(stream.get_last_error)(ctypes.addressof(stream)).decode())
    return array if array.release else None


def read(source):
    """All rows of whatever has __arrow_c_stream__."""
    capsule = source.__arrow_c_stream__()
    stream = stream_of(capsule)
    schema = schema_of(stream)
    rows = []
    while (array := next_of(stream)) is not None:
        rows += values(schema, array)
        release(array)
    release(schema)
    return rows


class DuckDB:
    """A connection in memory by libduckdb: ARBOR_LIBDUCKDB is its path."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        self.database, self.connection = c_void_p(), c_void_p()
        self._check(self.library.duckdb_open(None, ctypes.byref(self.database)))
        self._check(self.library.duckdb_connect(self.database, ctypes.byref(self.connection)))
        self.library.duckdb_value_varchar.restype = c_void_p
        self.library.duckdb_value_varchar.argtypes = [c_void_p, ctypes.c_uint64, ctypes.c_uint64]
        for name in ("duckdb_row_count", "duckdb_column_count"):
            getattr(self.library, name).restype = ctypes.c_uint64
        self.library.duckdb_result_error.restype = c_char_p
        self.library.duckdb_query_arrow_error.restype = c_char_p
        self.library.duckdb_query_arrow_error.argtypes = [c_void_p]

    def close(self):
        self.library.duckdb_disconnect(ctypes.byref(self.connection))
        self.library.duckdb_close(ctypes.byref(self.database))

    def _check(self, state, message="DuckDB failed"):
        if state != 0:
            raise RuntimeError(message)

    def create_table(self, name, source):
        """Copied: a scan of a stream pushes filters to a producer that never hears of them."""
        capsule = source.__arrow_c_stream__()
        stream = stream_of(capsule)
        view = (name + "_stream").encode()
        self._check(self.library.duckdb_arrow_scan(self.connection, view, ctypes.byref(stream)))
        self.execute("create table %s as select * from %s_stream" % (name, name))
        del capsule

    def execute(self, sql):
        """Rows of texts."""
        result = (ctypes.c_int64 * 16)()
        state = self.library.duckdb_query(self.connection, sql.encode(), ctypes.byref(result))
        if state != 0:
            raise RuntimeError(self.library.duckdb_result_error(ctypes.byref(result)).decode())
        rows = []
        for row in range(self.library.duckdb_row_count(ctypes.byref(result))):
            rows.append([])
            for column in range(self.library.duckdb_column_count(ctypes.byref(result))):
                text = self.library.duckdb_value_varchar(ctypes.byref(result), column, row)
                rows[-1].append(ctypes.string_at(text).decode() if text else None)
                if text:
                    self.library.duckdb_free(c_void_p(text))
        self.library.duckdb_destroy_result(ctypes.byref(result))
        return rows


def find_duckdb():
    """None where there is no libduckdb."""
    path = os.environ.get("ARBOR_LIBDUCKDB")
    return DuckDB(path) if path else None
