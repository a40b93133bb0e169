# Groups: trees that have the same key.

import operator

from gi.module import get_introspection_module

from . import arguments as args
from . import errors
from . import html

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
        if len(dicts) == 1 and not key and not isinstance(dicts[0], dict):
            tree = args.to_tree(dicts[0])
        else:
            tree = args.from_python([dict(*dicts, **key)]).get(0)
        found, index = _groups_find(self, tree)
        return index if found else None

    def find_finish(self, result):
        """Ends find_async: the position, or None."""
        found, index = _groups_find_finish(self, result)
        return index if found else None

    def aggregate(self, *dicts, **fields):
        """An arbor of one tree for each group: its key, and fields of expressions or texts by
        keyword, or in a dict."""
        return _groups_aggregate(self, *args.fields(dicts, fields))

    _repr_html_ = html.of_groups
    __repr__ = args.describe


_groups_find = errors.raising(_raw.Groups.find)
_groups_find_finish = errors.raising(_raw.Groups.find_finish)
_groups_aggregate = errors.raising(_raw.Groups.aggregate)
