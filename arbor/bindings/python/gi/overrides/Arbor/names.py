# What has arbors by their names: a store, and a transaction as it sees them.

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

    def keys(self):
        """The names."""
        return self.list_names()

    def values(self):
        """The arbors."""
        return [self[name] for name in self.list_names()]

    def items(self):
        """Pairs of name and arbor."""
        return [(name, self[name]) for name in self.list_names()]
