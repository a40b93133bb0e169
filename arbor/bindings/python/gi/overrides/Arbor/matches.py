# What a JSONPath query selects.

import operator

from gi.module import get_introspection_module

from . import arguments as args
from . import errors
from .json_text import decode

_raw = get_introspection_module("Arbor")


@errors.override
class Matches(_raw.Matches):
    """What a JSONPath query selected: a sequence of values, objects and arrays as trees."""

    def __len__(self):
        return self.get_n_matches()

    def __bool__(self):
        return True

    def _position(self, index):
        n_matches = len(self)
        position = operator.index(index)
        position += n_matches if position < 0 else 0
        if not 0 <= position < n_matches:
            raise errors.OutOfRangeError("Index %d is out of range: there are %d matches"
                                  % (index, n_matches))
        return position

    def __getitem__(self, key):
        if isinstance(key, slice):
            return [self[i] for i in range(*key.indices(len(self)))]
        return args.native(self.get_match(self._position(key)))

    def __iter__(self):
        return map(self.__getitem__, range(len(self)))

    def paths(self):
        """The normalized paths of the values."""
        return self.dup_paths()

    def items(self):
        """Pairs of normalized path and value."""
        return list(zip(self.dup_paths(), self))

    def to_python(self):
        """All values, as a list of Python values."""
        return decode(self.to_json())

    def __repr__(self):
        try:
            return "<ArborMatches (%d)>" % len(self)
        except errors.ArborError as error:
            return "<ArborMatches (%s)>" % error
