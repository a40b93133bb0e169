# Stores: a dict of arbors in a file.

import functools

from gi.module import get_introspection_module

from . import arguments as args
from . import asynchronous
from . import calls
from . import errors
from . import names
from . import transaction as transactions

_raw = get_introspection_module("Arbor")


@errors.override
class Store(names.Names, _raw.Store):
    """An open file of named arbors. `with` closes it; `store[name]`, `in`, `del`, `len`, `keys`,
    `values`, `items` and iteration work as in a dict of arbors."""

    @staticmethod
    def open(path, options=None, cancellable=None, **settings):
        """Opens or creates a store. Options are an object, or keyword arguments: create, read_only,
        immutable, map_size, max_readers, busy_timeout, mode, durability, staleness,
        verify_checksums."""
        return _store_open(args.file_path(path), calls.settings_of(_raw.StoreOptions, options, settings),
                           cancellable)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        await self.close_async()

    def _close_and_wait(self, cancellable=None):
        return asynchronous.drive(_raw.Store.close_async, self.close_finish, [self, cancellable])

    close_async = asynchronous.twin(_raw.Store.close_async, None, _close_and_wait)

    _get = errors.raising(_raw.Store.get)

    def _lack(self, name):
        return "Store '%s' has no arbor named '%s'" % (self.dup_path(), name)

    def __len__(self):
        return self.get_n_arbors()

    def put(self, name, values, cancellable=None):
        """Stores an arbor, or a list of Python values, under a name."""
        return _store_put(self, name, args.to_arbor(values), cancellable)

    def put_many(self, arbors, values=None, cancellable=None):
        """Stores several arbors in one commit: a dict of them, or names and arbors in one order."""
        if values is None:
            names, values = list(arbors.keys()), list(arbors.values())
        else:
            names, values = list(arbors), list(values)
        if len(names) != len(values):
            raise ValueError("put_many has %d names and %d arbors" % (len(names), len(values)))
        for name in names:
            errors.check_text(name)
        return _store_put_many(self, names, [args.to_arbor(each) for each in values], cancellable)

    def _put_all(self, arbors):
        if arbors:
            self.put_many(arbors)

    def append(self, name, values, cancellable=None):
        """Appends an arbor, or a list of Python values."""
        return _store_append(self, name, args.to_arbor(values), cancellable)

    def replace(self, name, start, n_trees, values=None, cancellable=None):
        """Replaces a range by an arbor, or a list of Python values; by nothing without."""
        values = None if values is None else args.to_arbor(values)
        return _store_replace(self, name, start, n_trees, values, cancellable)

    def delete_where(self, name, predicate, cancellable=None):
        """Deletes the trees for which an expression, or its text, is true; how many."""
        return _store_delete_where(self, name, args.predicate(predicate), cancellable)

    def update_where(self, name, predicate, fields, values=None, cancellable=None):
        """Sets fields of the trees for which an expression, or its text, is true; how many changed.
        Fields are a dict, or names and values in one order. A text is an expression that is computed
        from the tree as it was, as in add_fields; the text itself is Arbor.lit ("..."). Numbers, None,
        lists and the like are set as they are."""
        if values is None:
            fields, values = list(fields.keys()), list(fields.values())
        else:
            fields, values = list(fields), list(values)
        if len(fields) != len(values):
            raise ValueError("update_where has %d fields and %d values"
                             % (len(fields), len(values)))
        for field in fields:
            errors.check_text(field)
        return _store_update_where(self, name, args.predicate(predicate), fields,
                                   args.computed(values, self, name), cancellable)

    def upsert(self, name, key, values, cancellable=None):
        """Replaces trees by those of an arbor, or a list of Python values, that have equal keys,
        appends the others; how many changed."""
        return _store_upsert(self, name, key, args.to_arbor(values), cancellable)

    def import_file(self, name, path, options=None, progress=None, cancellable=None, **settings):
        """Stores the trees of a file. Options are an object, or keyword arguments: format, at,
        skip_bad. `progress (done, total)` may raise, which ends the import."""
        options = calls.settings_of(_raw.LoadOptions, options, settings)
        return calls.with_progress(
            functools.partial(_store_import_file, self, name, args.file_path(path), options),
            progress, cancellable)

    def import_stream(self, name, stream, options=None, progress=None, cancellable=None,
                      **settings):
        """As import_file, from a Gio.InputStream."""
        options = calls.settings_of(_raw.LoadOptions, options, settings)
        return calls.with_progress(
            functools.partial(_store_import_stream, self, name, stream, options),
            progress, cancellable)

    def transaction(self):
        """Begins a transaction, for `with`: what is staged is written by its `commit`, and dropped
        when the block ends without."""
        return self.begin_transaction()

    def begin_transaction(self):
        """Begins a transaction."""
        return _store_begin_transaction(self)

    def transact(self, function, retries=10, cancellable=None):
        """Calls function (transaction), commits, and returns what the function returned. When
        another writer was first, does it again in a new transaction, so often at most."""
        return transactions.transact(self, function, retries, cancellable)

    __repr__ = args.describe


for _name in ("open", "get", "put", "put_many", "append", "replace", "delete_where", "update_where",
              "upsert", "import_file", "import_stream", "begin_transaction"):
    globals()["_store_" + _name] = errors.raising(getattr(_raw.Store, _name))
