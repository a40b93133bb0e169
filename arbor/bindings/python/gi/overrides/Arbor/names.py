# What has arbors by their names: a store, and a transaction as it sees them.

from collections.abc import MutableMapping

from . import arguments as args
from . import errors


class Names:
    """Works as a dict of arbors. A class has _get, the library's own, and _lack, which says
    that it has none of a name."""

    def get(self, name, default=args.ABSENT):
        """The arbor of a name; `default`, when given, for an unknown one."""
        try:
            return self._get(name)
        except errors.NotFoundError:
            if default is args.ABSENT:
                raise
            return default

    def __getitem__(self, name):
        """The arbor of a name, or KeyError."""
        return self._get(name)

    def __setitem__(self, name, values):
        self.put(name, values)

    def __delitem__(self, name):
        if not self.delete(name):
            raise errors.NotFoundError(self._lack(name))

    def __contains__(self, name):
        if not isinstance(name, str):
            return False
        try:
            return self.contains(name)
        except ValueError:
            return False

    def __len__(self):
        return len(self.list_names())

    def __bool__(self):
        return True

    def __iter__(self):
        return iter(self.list_names())

    def pop(self, name, default=args.ABSENT):
        """Takes an arbor out, and gives it, with its trees in memory; `default`, when given, for an
        unknown name."""
        try:
            arbor = self._get(name).materialize()
        except errors.NotFoundError:
            if default is args.ABSENT:
                raise
            return default
        self.delete(name)
        return arbor

    def popitem(self):
        """Takes the last arbor out, and gives its name and it; KeyError where there is none."""
        names = self.list_names()
        if not names:
            raise KeyError("there is no arbor")
        return names[-1], self.pop(names[-1])

    def setdefault(self, name, values=()):
        """The arbor of a name; these values are stored for an unknown one first."""
        if name not in self:
            self.put(name, values)
        return self._get(name)

    def update(self, *dicts, **arbors):
        """Stores arbors, or lists of Python values, under their names: of a dict, of pairs, or by
        keyword. A store does so in one commit."""
        if len(dicts) > 1:
            raise TypeError("update takes one dict at most, found %d" % len(dicts))
        self._put_all(dict(*dicts, **arbors))

    def _put_all(self, arbors):
        for name, values in arbors.items():
            self.put(name, values)

    def __ior__(self, other):
        self.update(other)
        return self

    def clear(self):
        """Deletes all arbors."""
        for name in self.list_names():
            self.delete(name)

    def keys(self):
        """The names."""
        return self.list_names()

    def values(self):
        """The arbors."""
        return [self[name] for name in self.list_names()]

    def items(self):
        """Pairs of name and arbor."""
        return [(name, self[name]) for name in self.list_names()]


MutableMapping.register(Names)
