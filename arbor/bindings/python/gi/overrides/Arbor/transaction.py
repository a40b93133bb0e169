# Transactions in Python: a context manager that works as a dict of arbors, and the loop that does
# an update again when another writer was first.

import random
import time

from gi.module import get_introspection_module

from . import arguments as args
from . import errors
from . import names

_raw = get_introspection_module("Arbor")
_LONGEST_WAIT = 0.1  # seconds

ConflictError = errors.CLASSES[int(_raw.Error.CONFLICT)]


@errors.override
class Transaction(names.Names, _raw.Transaction):
    """Several writes, one commit. `with` rolls back what was not committed; leaving it without an
    exception, with something staged and neither committed nor rolled back, is a RuntimeError.
    `transaction[name]`, `in`, `del`, `len`, `keys`, `values`, `items` and iteration work as in a
    dict of arbors, and see what was staged."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        is_forgotten = kind is None and self.has_changes()
        self.rollback()
        if is_forgotten:
            raise RuntimeError("the transaction was neither committed nor rolled back: nothing of "
                               "it was written")

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, traceback):
        self.__exit__(kind, error, traceback)

    _get = errors.raising(_raw.Transaction.get)

    def _lack(self, name):
        return "The transaction has no arbor named '%s'" % name

    def commit(self, cancellable=None):
        """Writes all that was staged, in one step, and ends the transaction."""
        return _commit(self, cancellable)

    def put(self, name, values, cancellable=None):
        """Stages an arbor, or a list of Python values, under a name."""
        return _put(self, name, args.to_arbor(values), cancellable)

    def append(self, name, values, cancellable=None):
        """Stages the trees of an arbor, or Python values, behind those of a name."""
        return _append(self, name, args.to_arbor(values), cancellable)

    def replace(self, name, start, n_trees, values=None, cancellable=None):
        """Stages other trees in place of a range; without values the range goes."""
        arbor = None if values is None else args.to_arbor(values)
        return _replace(self, name, start, n_trees, arbor, cancellable)

    def set_keys(self, name, paths=None, flags=_raw.KeyFlags.NONE):
        """Stages what the key of a tree is: a path or a list of paths, none for no keys."""
        return _set_keys(self, name, args.key_paths(paths), flags)


for _name in ("commit", "put", "append", "replace", "set_keys"):
    globals()["_" + _name] = errors.raising(getattr(_raw.Transaction, _name))


def _attempt(store, function, cancellable):
    with store.begin_transaction() as transaction:
        result = function(transaction)
        if not transaction.is_closed() or store.is_closed():
            transaction.commit(cancellable)
        return result


def transact(store, function, retries, cancellable):
    wait = 0.001
    for left in range(retries, -1, -1):
        try:
            return _attempt(store, function, cancellable)
        except (ConflictError, errors.StaleError):
            if left == 0:
                raise
        # Not in step with those who try the same.
        time.sleep(random.uniform(0, wait))
        wait = min(2 * wait, _LONGEST_WAIT)
