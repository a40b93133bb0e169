# Iterators over trees, and over dicts.

from gi.module import get_introspection_module

from . import errors

_raw = get_introspection_module("Arbor")

# So many trees are asked for at once where a loop waits for them.
_AT_ONCE = 256


@errors.override
class Iter(_raw.Iter):
    """Pull iteration. Each step asks whether the store is still open."""

    # Steps that compute nothing.
    _n_ready = 0

    def next_value(self):
        """The next tree, None at the end."""
        if self._n_ready > 0:
            self._n_ready -= 1
            return _iter_next_ready(self)
        tree = _iter_next_value(self)
        self._n_ready = self.get_n_ready()
        return tree

    def next_many(self, max_trees):
        """The next trees, so many at most; none at the end."""
        self._n_ready = 0
        return _iter_next_many(self, max_trees)

    def __iter__(self):
        return self

    def __next__(self):
        tree = self.next_value()
        if tree is None:
            raise StopIteration
        return tree

    async def __aiter__(self):
        """`async for`: the loop goes on while trees are computed and read."""
        while trees := await self.next_many_async(_AT_ONCE):
            for tree in trees:
                yield tree

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        self.close()


_iter_next_ready = errors.raising(_raw.Iter.next_value, is_long=False)
_iter_next_value = errors.raising(_raw.Iter.next_value)
_iter_next_many = errors.raising(_raw.Iter.next_many)


class DictIter:
    """What `pick` gives: an iterator of dicts, read as they are asked for."""

    __module__ = "gi.repository.Arbor"

    def __init__(self, trees):
        self._trees = trees

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._trees).to_python()

    async def __aiter__(self):
        async for tree in self._trees:
            yield tree.to_python()

    def close(self):
        self._trees.close()

    def is_closed(self):
        return self._trees.is_closed()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        self.close()
