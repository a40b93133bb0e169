# Indices: trees by their keys.

from gi.module import get_introspection_module

from . import arguments as args
from . import errors

_raw = get_introspection_module("Arbor")


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
