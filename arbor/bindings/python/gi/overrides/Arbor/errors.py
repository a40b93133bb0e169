# Arbor's errors as Python's. Each code of the enumeration Arbor.Error has one exception class, named
# after it; all derive from ArborError, which is a GLib.Error, and from what Python itself would
# raise in such a case. A function that the library declares to fail is wrapped so that it raises
# these; GIO's own errors come through as GLib.Error.

import functools
import json

from gi import overrides
from gi.module import get_introspection_module
from gi.repository import GLib, GObject

from . import asynchronous
from . import calls
from . import mistakes
from . import signatures
from . import worker

_raw = get_introspection_module("Arbor")
DOMAIN = GLib.quark_to_string(_raw.error_quark())


class ArborError(GLib.Error):
    """What the library reports. `code` is a value of the enumeration `Arbor.Error`."""

    default_code = 0

    def __init__(self, message="unknown error", domain=DOMAIN, code=None):
        super().__init__(message, domain, self.default_code if code is None else int(code))

    def __str__(self):
        return self.message

    def __repr__(self):
        return "%s(%r)" % (type(self).__name__, self.message)

    def copy(self):
        return type(self)(self.message, self.domain, self.code)


def _define(code, name, base, doc):
    bases = (ArborError,) if base is None else (ArborError, base)
    return type(name, bases, {"__doc__": doc, "__module__": "gi.repository.Arbor",
                              "default_code": int(code)})


ArborError.__module__ = "gi.repository.Arbor"

CLASSES = {
    cls.default_code: cls
    for cls in (
        _define(_raw.Error.CLOSED, "ClosedError", None,
                "The store, or the iterator, has been closed or was never opened."),
        _define(_raw.Error.STALE, "StaleError", None,
                "The stored arbor was replaced or deleted; fetch its name again."),
        _define(_raw.Error.NOT_FOUND, "NotFoundError", KeyError,
                "No arbor, tree or value of that name."),
        _define(_raw.Error.EXISTS, "ExistsError", None,
                "Something of that name exists already."),
        _define(_raw.Error.INVALID_NAME, "InvalidNameError", ValueError,
                "A name that no arbor can have."),
        _define(_raw.Error.INVALID_OPTIONS, "InvalidOptionsError", ValueError,
                "An option, or a combination of them, that cannot be."),
        _define(_raw.Error.INVALID_ARGUMENT, "InvalidArgumentError", ValueError,
                "Any other argument that cannot be."),
        _define(_raw.Error.OUT_OF_RANGE, "OutOfRangeError", IndexError,
                "An index past the end, or a number that does not fit."),
        _define(_raw.Error.PARSE, "ParseError", ValueError, "Text that is not JSON."),
        _define(_raw.Error.EXPRESSION, "ExpressionError", ValueError,
                "A mistake in an expression or path."),
        _define(_raw.Error.TYPE, "WrongTypeError", TypeError,
                "A value of another kind than asked for."),
        _define(_raw.Error.CARDINALITY, "CardinalityError", ValueError,
                "One value was needed and there are several, or none."),
        _define(_raw.Error.SCHEMA, "SchemaError", ValueError,
                "Data that does not have the shape that was asked for."),
        _define(_raw.Error.CONFLICT, "ConflictError", None, "Another writer was first."),
        _define(_raw.Error.BUSY, "BusyError", None,
                "Another process is writing and did not finish in time."),
        _define(_raw.Error.READ_ONLY, "ReadOnlyError", None,
                "The store, or its file, cannot be written."),
        _define(_raw.Error.FULL, "FullError", None, "The disk or the map is full."),
        _define(_raw.Error.TOO_MANY_READERS, "TooManyReadersError", None,
                "No reader slot is free."),
        _define(_raw.Error.CORRUPT, "CorruptError", None, "The file is damaged."),
        _define(_raw.Error.NOT_A_STORE, "NotAStoreError", None, "The file is something else."),
        _define(_raw.Error.VERSION, "VersionError", None,
                "The file has a format that this library does not know."),
        _define(_raw.Error.LIMIT, "LimitError", None, "A documented limit was passed."),
        _define(_raw.Error.WRONG_PROCESS, "WrongProcessError", None,
                "The store was opened before a fork, in the parent process."),
        _define(_raw.Error.NOT_SUPPORTED, "NotSupportedError", None,
                "Something that cannot be done here."),
        _define(_raw.Error.TEST_FAILED, "TestFailedError", None,
                "A test of a JSON Patch does not hold."),
    )
}


def convert(error):
    """The exception that stands for a GLib.Error of the library, or the error itself."""
    if error.domain != DOMAIN or isinstance(error, ArborError):
        return error
    return CLASSES.get(error.code, ArborError)(error.message, error.domain, error.code)


NotFoundError = CLASSES[int(_raw.Error.NOT_FOUND)]
StaleError = CLASSES[int(_raw.Error.STALE)]
OutOfRangeError = CLASSES[int(_raw.Error.OUT_OF_RANGE)]
WrongTypeError = CLASSES[int(_raw.Error.TYPE)]


def make(code, message):
    return CLASSES[int(code)](message)


def check_text(text):
    """PyGObject cuts a string at U+0000 without a word."""
    if not isinstance(text, str):
        raise TypeError("expected strings for names, found %s" % mistakes.describe(text))
    if "\0" in text:
        raise ValueError("embedded null character in %s" % json.dumps(text))


def lacking(hint):
    """A __getattr__ for classes whose fields newcomers look for as attributes: what is said of one that is not
    there."""
    def find(self, name):
        words = hint % ((name,) * hint.count("%r"))
        raise AttributeError("%r object has no attribute %r: %s" % (type(self).__name__, name, words),
                             name=name, obj=self)
    return find


def raising(function, is_long=None):
    """The same function, which raises the exceptions of this module, takes members of enumerations by their
    names, and which Ctrl-C ends when it may take long."""
    if is_long is None:
        is_long = worker.is_long(function)
    made = functools.partial(worker.run, function) if is_long else function
    signature = signatures.of(function)
    choices = list(calls.find_choices(function, signature))
    doubtful = mistakes.find_doubtful(function)

    @functools.wraps(function, assigned=("__name__", "__doc__"), updated=())
    def call(*args, **kwargs):
        if choices:
            args, kwargs = calls.choose(choices, args, kwargs)
        for argument in (*args, *kwargs.values()) if kwargs else args:
            if argument.__class__ is str and "\0" in argument:
                check_text(argument)
            if argument.__class__ in doubtful:
                wrong = mistakes.find(function, signature, args, kwargs)
                if wrong is not None:
                    raise wrong
        if asynchronous.taking:
            asynchronous.hand_back(function, args)
        try:
            return made(*args, **kwargs)
        except GLib.Error as error:
            failure = convert(error)
        except TypeError as error:
            failure = mistakes.find(function, signature, args, kwargs) or error
        except OverflowError as error:
            failure = mistakes.find_range(function, signature, args, kwargs) or error
        raise failure from None
    owner = function.get_container()
    call.__module__ = "gi.repository.Arbor"
    call.__qualname__ = ".".join(info.get_name() for info in (owner, function) if info is not None)
    call.__signature__ = signature
    call.library_function = function
    return call


def raising_class(cls):
    """Class decorator: wraps each method that can fail, or be called with what is no argument of it, and that
    the class does not define itself. Its last base is the library's own."""
    *mixins, raw = cls.__bases__
    own = set(vars(cls)).union(*map(vars, mixins))
    for name, method in list(vars(raw).items()):
        function = getattr(method, "__func__", method)
        if name in own or not hasattr(function, "can_throw_gerror") or name.endswith("_async"):
            continue
        can_fail = function.can_throw_gerror()
        if not can_fail and not (function.is_method() and function.get_arguments()):
            continue
        if function.is_method():
            setattr(cls, name, raising(function, None if can_fail else False))
        else:
            setattr(cls, name, staticmethod(raising(getattr(raw, name))))
    return cls


def _refuse_copy(self, protocol):
    raise TypeError("an Arbor.%s can be neither copied nor pickled; trees, arbors and expressions can"
                    % type(self).__name__)


def override(cls):
    """Class decorator: makes a class stand for the library's own, wherever it is written."""
    cls.__module__ = "gi.overrides.Arbor"
    if "__reduce__" not in vars(cls):
        cls.__reduce_ex__ = _refuse_copy
    return overrides.override(asynchronous.extend(raising_class(cls)))


def others(known):
    """Overrides of the classes that Python adds nothing to, for their errors."""
    for name in dir(_raw):
        raw = getattr(_raw, name)
        if name not in known and isinstance(raw, type) and issubclass(raw, GObject.Object):
            yield override(type(raw)(name, (raw,), {"__module__": "gi.overrides.Arbor"}))
