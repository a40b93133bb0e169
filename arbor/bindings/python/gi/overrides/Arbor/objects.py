# Trees as objects and back: GObject classes by their properties, dataclasses by their fields, and other
# classes by their attributes.

import base64
import collections.abc
import dataclasses
import datetime
import enum
import functools
import types
import typing
from decimal import Decimal

from gi.module import get_introspection_module
from gi.repository import GObject

from . import arguments as args
from . import asynchronous
from . import errors
from .store import Store
from .tree import Tree

_raw = get_introspection_module("Arbor")
_REST = "_arbor_rest"


def _wrong(what, expected, value):
    raise errors.WrongTypeError("%s takes %s, found %s" % (what, expected, type(value).__name__))


def _build_enum(what, cls, value):
    if isinstance(value, str) and value in cls.__members__:
        return cls[value]
    try:
        return cls(value)
    except ValueError:
        _wrong(what, cls.__name__, value)


# What text is for some classes.
_TEXTS = {
    datetime.datetime: datetime.datetime.fromisoformat,
    datetime.date: datetime.date.fromisoformat,
    datetime.time: datetime.time.fromisoformat,
    bytes: base64.b64decode,
}


def _build_text(what, cls, value):
    if not isinstance(value, str):
        _wrong(what, cls.__name__, value)
    try:
        # Python 3.11 is the first that knows the Z of UTC.
        return _TEXTS[cls](value[:-1] + "+00:00" if cls is datetime.datetime and value.endswith("Z")
                           else value)
    except ValueError:
        _wrong(what, cls.__name__, value)


def _build_union(what, kinds, value):
    if value is None and type(None) in kinds:
        return None
    kinds = [kind for kind in kinds if kind is not type(None)]
    for kind in kinds[:-1]:
        try:
            return _build(what, kind, value)
        except errors.ArborError:
            pass
    return _build(what, kinds[-1], value)


def _build_container(what, origin, kinds, value):
    if issubclass(origin, collections.abc.Mapping):
        if not isinstance(value, dict):
            _wrong(what, "an object", value)
        kind = kinds[1] if len(kinds) == 2 else typing.Any
        return {key: _build("%s.%s" % (what, key), kind, item) for key, item in value.items()}
    if not isinstance(value, list):
        _wrong(what, "an array", value)
    if origin is tuple and kinds and kinds[-1] is not Ellipsis:
        if len(kinds) != len(value):
            _wrong(what, "an array of %d elements" % len(kinds), value)
        return tuple(_build("%s[%d]" % (what, i), kind, item)
                     for i, (kind, item) in enumerate(zip(kinds, value)))
    kind = kinds[0] if kinds else typing.Any
    made = [_build("%s[%d]" % (what, i), kind, item) for i, item in enumerate(value)]
    return origin(made) if origin in (tuple, set, frozenset) else made


def _build_scalar(what, cls, value):
    if cls is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if cls is Decimal and isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(repr(value))
    if not isinstance(value, cls) or cls is int and isinstance(value, bool):
        _wrong(what, cls.__name__, value)
    return value


def _build(what, kind, value):
    """What an annotation says that a native value becomes."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return _build(what, typing.get_args(kind)[0], value)
    if origin is typing.Union or origin is getattr(types, "UnionType", typing.Union):
        return _build_union(what, typing.get_args(kind), value)
    if origin is typing.Literal:
        return value if value in typing.get_args(kind) else _wrong(what, str(kind), value)
    if kind is typing.Any or kind is object or isinstance(kind, (str, typing.TypeVar)):
        return value
    if kind is None or kind is type(None):
        return value if value is None else _wrong(what, "null", value)
    cls = origin or kind
    if issubclass(cls, enum.Enum):
        return _build_enum(what, cls, value)
    if cls in _TEXTS:
        return _build_text(what, cls, value)
    if issubclass(cls, (list, tuple, set, frozenset, dict, collections.abc.Mapping,
                        collections.abc.Sequence)) and cls is not str:
        return _build_container(what, cls, typing.get_args(kind), value)
    if issubclass(cls, (bool, int, float, str, Decimal)):
        return _build_scalar(what, cls, value)
    if not isinstance(value, dict):
        _wrong(what, "an object", value)
    return _make(cls, value)


def _make(cls, value):
    """An object of a class, from a dict."""
    if issubclass(cls, GObject.Object):
        return _to_object(args.to_tree(value), cls)
    if not dataclasses.is_dataclass(cls):
        made = cls.__new__(cls)
        made.__dict__.update(value)
        return made
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    given = {name: _build("%s.%s" % (cls.__name__, name), hints[name], value[name])
             for name in fields if name in value}
    missing = [name for name, field in fields.items() if field.init and name not in value
               and field.default is field.default_factory is dataclasses.MISSING]
    if missing:
        raise errors.WrongTypeError("%s has the fields %s, which the tree has not"
                                    % (cls.__name__, ", ".join(missing)))
    made = cls(**{name: item for name, item in given.items() if fields[name].init})
    for name, item in given.items():
        if not fields[name].init:
            object.__setattr__(made, name, item)
    rest = {name: item for name, item in value.items() if name not in fields}
    if rest and hasattr(made, "__dict__"):
        object.__setattr__(made, _REST, rest)
    return made


def plain(value):
    """What an object is as dicts, lists and scalars."""
    if isinstance(value, GObject.Object) and not isinstance(value, _raw.Tree):
        return _new_from_object(value)
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str, Decimal, _raw.Tree)):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {**fields, **getattr(value, _REST, {})}
    if hasattr(value, "__dict__"):
        return {key: plain(item) for key, item in vars(value).items()}
    raise TypeError("a %s has no form in JSON" % type(value).__name__)


def _objects(objects):
    """What the library takes: objects of other classes as their trees."""
    objects = list(objects)
    if all(isinstance(item, GObject.Object) for item in objects):
        return objects
    return list(args.from_python([plain(item) for item in objects]))


def to_object(self, cls):
    """A new object of a class: of GObject by its properties, of a dataclass by its fields and their
    annotations, of any other by its attributes."""
    if not isinstance(cls, type):
        raise TypeError("expected a class, found %s" % type(cls).__name__)
    if issubclass(cls, GObject.Object):
        return _to_object(self, cls)
    return _build(cls.__name__, cls, self.to_python())


def new_from_object(object):
    """A tree in memory of a GObject, a dataclass or another object."""
    if isinstance(object, GObject.Object):
        return _new_from_object(object)
    return args.to_tree(plain(object))


def put_objects(self, name, objects, cancellable=None):
    """Puts the trees of objects, in place of what the name had."""
    return _put_objects(self, name, _objects(objects), cancellable)


def upsert_objects(self, name, key, objects, cancellable=None):
    """Saves new and changed objects: each comes instead of the tree with the same key."""
    return _upsert_objects(self, name, key, _objects(objects), cancellable)


_to_object = errors.raising(_raw.Tree.to_object)
_new_from_object = errors.raising(_raw.Tree.new_from_object)
_put_objects = errors.raising(_raw.Store.put_objects)
_upsert_objects = errors.raising(_raw.Store.upsert_objects)

Tree.to_object = to_object
Tree.new_from_object = staticmethod(new_from_object)
Store.put_objects = put_objects
Store.upsert_objects = upsert_objects


def _asynchronous(name):
    """The form that reads the objects when it is called, where they may be read, and not in the thread that
    then works."""
    made = asynchronous.twin(getattr(_raw.Store, name + "_async"), getattr(_raw.Store, name),
                             getattr(Store, name), functools.partial(getattr, Store, name + "_finish"))

    @functools.wraps(made)
    def begin(self, *arguments, **keywords):
        shown = begin.__signature__.bind(self, *arguments, **keywords).arguments
        objects = list(args.from_python([plain(item) for item in shown["objects"]]))
        if "objects" in keywords:
            keywords["objects"] = objects
        else:
            place = list(shown).index("objects") - 1
            arguments = (*arguments[:place], objects, *arguments[place + 1:])
        return made(self, *arguments, **keywords)
    begin.__signature__ = made.__signature__
    setattr(Store, name + "_async", begin)


for _name in ("put_objects", "upsert_objects"):
    _asynchronous(_name)
