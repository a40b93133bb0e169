# The Arrow PyCapsule interface (https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html),
# by the C functions of the library that introspection leaves out, since they take structs of pointers.
#
# A capsule owns the memory of its struct. When it goes, it releases what its consumer has not moved away.
# Its destructor is a function of Python, which nothing may take away before the last capsule: it holds all
# that it needs, and is held for ever.

import ctypes
import sys

from gi.module import get_introspection_module
from gi.repository import Gio, GLib, GObject

from . import errors
from . import mistakes
from . import worker

_raw = get_introspection_module("Arbor")


class _Error(ctypes.Structure):
    _fields_ = [("domain", ctypes.c_uint32), ("code", ctypes.c_int), ("message", ctypes.c_char_p)]


class _Schema(ctypes.Structure):
    name = b"arrow_schema"
    _fields_ = [("fields", ctypes.c_int64 * 7), ("release", ctypes.c_void_p),
                ("private_data", ctypes.c_void_p)]


class _Array(ctypes.Structure):
    name = b"arrow_array"
    _fields_ = [("fields", ctypes.c_int64 * 8), ("release", ctypes.c_void_p),
                ("private_data", ctypes.c_void_p)]


class _Stream(ctypes.Structure):
    name = b"arrow_array_stream"
    _fields_ = [("functions", ctypes.c_int64 * 3), ("release", ctypes.c_void_p),
                ("private_data", ctypes.c_void_p)]


# Loaded already, by who bound the classes: found by the name that it was linked by.
_library = ctypes.CDLL("libarbor-1.so.0")
_free_error = ctypes.CDLL("libglib-2.0.so.0").g_error_free
_free_error.argtypes = [ctypes.c_void_p]
_free_error.restype = None
_release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)

_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_new_capsule.restype = ctypes.py_object
_is_capsule = ctypes.pythonapi.PyCapsule_IsValid
_is_capsule.argtypes = [ctypes.py_object, ctypes.c_char_p]
_get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_get_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_get_pointer.restype = ctypes.c_void_p


def _make_destructor(struct):
    """Of capsules that own such a struct, which is in use by its address."""
    # A capsule that goes cannot be given as an object, which would be referred to again.
    get_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", ctypes.pythonapi))
    is_over = sys.is_finalizing
    owned = {}

    def destroy(capsule, name=struct.name, release=_release):
        if is_over():
            return
        memory = owned.pop(get_pointer(capsule, name), None)
        if memory is not None and memory.release:
            release(memory.release)(ctypes.addressof(memory))

    destructor = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(destroy)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(destructor))
    return ctypes.cast(destructor, ctypes.c_void_p), owned


_destructors = {struct: _make_destructor(struct) for struct in (_Schema, _Array, _Stream)}


def _make_capsule(memory):
    destructor, owned = _destructors[type(memory)]
    address = ctypes.addressof(memory)
    owned[address] = memory
    return _new_capsule(address, memory.name, destructor)


def _look_into(capsule, struct, what):
    """The struct of somebody's capsule."""
    if not _is_capsule(capsule, struct.name):
        raise TypeError("expected a capsule named %s for %s, found %s"
                        % (struct.name.decode(), what, mistakes.describe(capsule)))
    theirs = struct.from_address(_get_pointer(capsule, struct.name))
    if not theirs.release:
        raise ValueError("the capsule for %s has been consumed" % what)
    return theirs


def _move(capsule, struct, what):
    """What it has, which is the caller's from now on."""
    theirs = _look_into(capsule, struct, what)
    mine = struct()
    ctypes.memmove(ctypes.addressof(mine), ctypes.addressof(theirs), ctypes.sizeof(struct))
    theirs.release = None
    return mine


def _function(name, result, n_arguments):
    function = getattr(_library, name)
    function.restype = result
    function.argtypes = [ctypes.c_void_p] * (n_arguments + 1)
    return function


def _pointer_of(argument):
    if isinstance(argument, GObject.Object):
        return _get_pointer(argument.__gpointer__, None)
    return None if argument is None else ctypes.addressof(argument)


def _call(function, *arguments):
    """Raises what the function reports."""
    error = ctypes.POINTER(_Error)()
    result = function(*map(_pointer_of, arguments), ctypes.addressof(error))
    if error:
        found = error.contents
        failure = GLib.Error(found.message.decode(errors="replace"), GLib.quark_to_string(found.domain),
                             found.code)
        _free_error(error)
        raise errors.convert(failure) from None
    return result


_export_stream = _function("arbor_arbor_export_arrow_stream", ctypes.c_int, 4)
_export_schema = _function("arbor_arbor_export_arrow_schema", ctypes.c_int, 3)
_export_column = _function("arbor_column_export_arrow", ctypes.c_int, 3)
_load_stream = _function("arbor_load_arrow_stream", ctypes.c_void_p, 2)
_load_array = _function("arbor_load_arrow_array", ctypes.c_void_p, 3)
_append = ctypes.CDLL("libgio-2.0.so.0").g_list_store_append
_append.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
_append.restype = None
_unref = ctypes.CDLL("libgobject-2.0.so.0").g_object_unref
_unref.argtypes = [ctypes.c_void_p]
_unref.restype = None


def export_stream(arbor, requested_schema):
    requested = None
    if requested_schema is not None:
        requested = _look_into(requested_schema, _Schema, "requested_schema")
    stream = _Stream()
    worker.run(_call, _export_stream, arbor, requested, stream, None)
    return _make_capsule(stream)


def export_schema(arbor):
    schema = _Schema()
    worker.run(_call, _export_schema, arbor, schema, None)
    return _make_capsule(schema)


def export_column(column):
    schema, array = _Schema(), _Array()
    _call(_export_column, column, schema, array)
    return _make_capsule(schema), _make_capsule(array)


def is_arrow(values):
    """Whether an object, which is no class, has what Arrow asks for."""
    return not isinstance(values, type) and (hasattr(values, "__arrow_c_stream__")
                                             or hasattr(values, "__arrow_c_array__"))


def load(values, cancellable=None):
    """An arbor in memory of what such an object has."""
    if not is_arrow(values):
        raise TypeError("expected an object with __arrow_c_stream__ or __arrow_c_array__, found %s"
                        % mistakes.describe(values))
    if hasattr(values, "__arrow_c_stream__"):
        stream = _move(values.__arrow_c_stream__(), _Stream, "__arrow_c_stream__")
        pointer = worker.run(_call, _load_stream, stream, cancellable)
    else:
        schema, array = values.__arrow_c_array__()
        schema = _move(schema, _Schema, "__arrow_c_array__")
        array = _move(array, _Array, "__arrow_c_array__")
        pointer = worker.run(_call, _load_array, schema, array, cancellable)
    return _take_object(pointer)


def _take_object(pointer):
    """The object of a pointer, of which the reference is taken over: PyGObject makes it of what lies in a
    list."""
    store = Gio.ListStore.new(_raw.Arbor)
    _append(_pointer_of(store), pointer)
    _unref(pointer)
    return store.get_item(0)
