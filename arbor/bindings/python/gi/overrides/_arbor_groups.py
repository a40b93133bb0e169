# Groups and indices.

import operator

from gi.module import get_introspection_module

from . import _arbor_arguments as args
from . import _arbor_errors as errors

_raw = get_introspection_module("Arbor")


@errors.override
class Groups(_raw.Groups):
    """The groups of an arbor's trees, in the order in which they were met. Iteration gives pairs of a
    key, which is a tree, and an arbor of the members."""

    def __len__(self):
        return self.get_n_groups()

    def __bool__(self):
        return True

    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index):
        position = operator.index(index)
        if position < 0:
            position += len(self)
        if not 0 <= position <= args.MAX_UINT64:
            raise errors.OutOfRangeError("Index %d is out of range: there are %d groups"
                                  % (index, len(self)))
        return self.get_key(position), self.get_members(position)

    def find(self, *dicts, **key):
        """The position of the group whose key has these values; None when there is none. A value
        that is not given is missing. A tree that has the fields does, too."""
        if len(dicts) == 1 and not key and isinstance(dicts[0], _raw.Tree):
            tree = dicts[0]
        else:
            tree = args.from_python([dict(*dicts, **key)]).get(0)
        found, index = _groups_find(self, tree)
        return index if found else None

    def aggregate(self, *dicts, **fields):
        """An arbor of one tree for each group: its key, and fields of expressions or texts by
        keyword, or in a dict."""
        return _groups_aggregate(self, *args.fields(dicts, fields))

    __repr__ = args.describe


@errors.override
class Index(_raw.Index):
    """Trees by key: a str, an int or any other value; a list of values for an index by several."""

    def __len__(self):
        return self.get_n_keys()

    def __bool__(self):
        return True

    def __getitem__(self, key):
        tree = self.look_up(key)
        if tree is None:
            raise errors.NotFoundError("None of %d keys is %r" % (len(self), key))
        return tree

    def get(self, key, default=None):
        tree = self.look_up(key)
        return default if tree is None else tree

    def __contains__(self, key):
        return _index_contains(self, args.key_tree(key))

    def look_up(self, key):
        """The tree of a key, or None."""
        return _index_look_up(self, args.key_tree(key))

    def look_up_all(self, key):
        """An arbor of the trees of a key."""
        return _index_look_up_all(self, args.key_tree(key))

    __repr__ = args.describe


_index_contains = errors.raising(_raw.Index.contains)
_index_look_up = errors.raising(_raw.Index.look_up)
_index_look_up_all = errors.raising(_raw.Index.look_up_all)

_groups_find = errors.raising(_raw.Groups.find)
_groups_aggregate = errors.raising(_raw.Groups.aggregate)
