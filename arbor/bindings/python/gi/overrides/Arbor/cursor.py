# Cursors: some paths of tree after tree, without an object for each.

from gi.module import get_introspection_module

from . import errors
from .json_text import decode

_raw = get_introspection_module("Arbor")


@errors.override
class Cursor(_raw.Cursor):
    """Reads some paths of tree after tree, without an object for each: `while cursor.next(): ...
    cursor.get_int64(0)`. Each call asks whether the store is still open."""

    # Steps that compute nothing.
    _n_ready = 0

    def next(self):
        """Goes to the next tree; whether there is one."""
        if self._n_ready > 0:
            self._n_ready -= 1
            return _cursor_next_ready(self)
        is_there = _cursor_next(self)
        self._n_ready = self.get_n_ready()
        return is_there

    def seek(self, index):
        """Goes to the tree of an index."""
        self._n_ready = 0
        return _cursor_seek(self, index)

    def rewind(self):
        """Goes before the first tree again."""
        self._n_ready = 0
        return _cursor_rewind(self)

    def get(self, path, default=None):
        """The value at the path of a number, as Python has it; `default` where there is nothing."""
        text = self.dup_json(path)
        return default if text is None else decode(text)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        self.close()


_cursor_next = errors.raising(_raw.Cursor.next)
_cursor_next_ready = errors.raising(_raw.Cursor.next, is_long=False)
_cursor_seek = errors.raising(_raw.Cursor.seek)
_cursor_rewind = errors.raising(_raw.Cursor.rewind)
