# Trees: one JSON document, or a part of one.

import operator

from gi.module import get_introspection_module

from . import arguments as args
from . import errors
from .json_text import decode, encode

_raw = get_introspection_module("Arbor")


@errors.override
class Tree(_raw.Tree):
    """One JSON document or a part of one. `tree[key]`, `tree[i]`, `in`, `len` and iteration work by
    exact keys and by indices, as a dict or a list would; `get`, `contains` and the typed getters
    take paths."""

    def get(self, path, default=args.ABSENT):
        """The value at a path: a tree when it is an object or array, else what Python has for it.
        Where there is nothing: `default`, or errors.NotFoundError without one."""
        if default is not args.ABSENT and not self.contains(path):
            return default
        return args.native(_tree_get(self, path))

    __getattr__ = errors.lacking("a field is tree[%r]")

    def _member(self, key):
        if "\0" in key:
            return _tree_get(self, "[%s]" % encode(key))
        return self.get_member(key)

    def __getitem__(self, key):
        if isinstance(key, str):
            return args.native(self._member(key))
        if isinstance(key, slice):
            if self.get_kind(None) != _raw.Kind.ARRAY:
                self.get_element(0)
            return [self[i] for i in range(*key.indices(len(self)))]
        index = operator.index(key)
        if not -2 ** 63 <= index < 2 ** 63:
            raise errors.OutOfRangeError("Index %d is out of range: the array has %d elements"
                                  % (index, len(self)))
        return args.native(self.get_element(index))

    def __len__(self):
        return self.get_length(None)

    def __bool__(self):
        return True

    def keys(self):
        """The keys of an object, in their order."""
        try:
            return self.dup_keys(None)
        except errors.WrongTypeError:
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
        elif isinstance(other, _raw.Expr):
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
        return _tree_set_value(self, path, args.to_tree(value))

    def insert(self, path, value):
        """A new tree with a value before the element at a path, or under a new key."""
        return _tree_insert(self, path, args.to_tree(value))

    def patch(self, patch):
        """A new tree to which a JSON Patch (RFC 6902), a list of dicts or a tree, was applied."""
        return _tree_patch(self, args.to_tree(patch))

    def merge_patch(self, patch):
        """A new tree to which a JSON Merge Patch (RFC 7396), mostly a dict, was applied."""
        return _tree_merge_patch(self, args.to_tree(patch))

    def diff(self, to):
        """The JSON Patch, a tree, that makes of this tree one that equals another."""
        return _tree_diff(self, args.to_tree(to))

    def to_python(self):
        """The whole tree as dicts, lists, str, int, float, bool and None; numbers that no float
        holds are decimal.Decimal."""
        return decode(self.to_json())

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        """A tree of its own, which closing a store does not end."""
        return self.materialize()

    def __reduce__(self):
        return Tree.new_from_json, (self.to_json(),)

    @staticmethod
    def new_from_json(json, length=-1):
        """A tree of its JSON text."""
        if length != -1:
            json = json.encode()[:length].decode()
        return _tree_new_from_json(json)

    @staticmethod
    def new(value=None):
        """A tree of a Python value."""
        return _tree_new_from_json(encode(value))

    def __arbor_json__(self):
        return self.to_json()

    def __str__(self):
        return self.to_json()

    def __repr__(self):
        try:
            text = self.to_json()
        except errors.ArborError as error:
            return "<ArborTree (%s)>" % error
        return "<ArborTree %s>" % (text if len(text) <= 70 else text[:69] + "\u2026")


_tree_new_from_json = errors.raising(_raw.Tree.new_from_json)
_tree_get = errors.raising(_raw.Tree.get)
_tree_query = errors.raising(_raw.Tree.query)
_tree_set_value = errors.raising(_raw.Tree.set_value)
_tree_insert = errors.raising(_raw.Tree.insert)
_tree_patch = errors.raising(_raw.Tree.patch)
_tree_merge_patch = errors.raising(_raw.Tree.merge_patch)
_tree_diff = errors.raising(_raw.Tree.diff)
