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
        name = args.file_path(path)
        if name is None:
            return Store.open_gfile(path, options, cancellable, **settings)
        return _store_open(name, calls.settings_of(_raw.StoreOptions, options, settings),
                           cancellable)

    @staticmethod
    def open_gfile(file, options=None, cancellable=None, **settings):
        """open with a Gio.File of this machine."""
        return _store_open_gfile(file, calls.settings_of(_raw.StoreOptions, options, settings),
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
        names, values = args.pairs(arbors, values, "names and arbors, or a dict of arbors")
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
        fields, values = args.pairs(fields, values, "names of fields, or a dict of fields")
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
        file_name = args.file_path(path)
        if file_name is None:
            return self.import_gfile(name, path, options, progress, cancellable, **settings)
        options = calls.settings_of(_raw.LoadOptions, options, settings)
        return calls.with_progress(
            functools.partial(_store_import_file, self, name, file_name, options), progress, cancellable)

    def import_gfile(self, name, file, options=None, progress=None, cancellable=None, **settings):
        """As import_file, from a Gio.File, which need not be on this machine."""
        options = calls.settings_of(_raw.LoadOptions, options, settings)
        return calls.with_progress(functools.partial(_store_import_gfile, self, name, file, options),
                                   progress, cancellable)

    def import_stream(self, name, stream, options=None, progress=None, cancellable=None,
                      **settings):
        """As import_file, from a Gio.InputStream."""
        options = calls.settings_of(_raw.LoadOptions, options, settings)
        return calls.with_progress(
            functools.partial(_store_import_stream, self, name, stream, options),
            progress, cancellable)

    def set_keys(self, name, paths=None, flags=_raw.KeyFlags.NONE, progress=None, cancellable=None):
        """Declares what the key of a tree is: a path or a list of paths, none for no keys. With
        KeyFlags.UNIQUE no two trees have the same. `progress (done, total)` may raise, which ends it."""
        return calls.with_progress(
            functools.partial(_store_set_keys, self, name, args.key_paths(paths), flags), progress,
            cancellable)

    def compact(self, flags=_raw.CompactFlags.NONE, progress=None, cancellable=None):
        """Gives the room of what was deleted back to the disk, in place; with CompactFlags.FULL writes
        the file anew. `progress (done, total)` may raise, which ends it."""
        return calls.with_progress(functools.partial(_store_compact, self, flags), progress,
                                   cancellable)

    def verify(self, progress=None, cancellable=None):
        """Reads all of the store and says what is damaged: a Report."""
        return calls.with_progress(functools.partial(_store_verify, self), progress, cancellable)

    def backup(self, path, flags=_raw.BackupFlags.NONE, progress=None, cancellable=None):
        """Copies the store into a file while others use it; `progress (done, total)` may raise, which
        ends it."""
        file_name = args.file_path(path)
        if file_name is None:
            return self.backup_gfile(path, flags, progress, cancellable)
        return calls.with_progress(functools.partial(_store_backup, self, file_name, flags), progress,
                                   cancellable)

    def backup_gfile(self, file, flags=_raw.BackupFlags.NONE, progress=None, cancellable=None):
        """As backup, into a Gio.File on this machine."""
        return calls.with_progress(functools.partial(_store_backup_gfile, self, file, flags),
                                   progress, cancellable)

    def backup_stream(self, stream, flags=_raw.BackupFlags.NONE, progress=None, cancellable=None):
        """As backup, into a Gio.OutputStream."""
        return calls.with_progress(functools.partial(_store_backup_stream, self, stream, flags),
                                   progress, cancellable)

    def dump(self, path, progress=None, cancellable=None):
        """Writes all of the store into a file, as text that load reads back as it was."""
        file_name = args.file_path(path)
        if file_name is None:
            return self.dump_gfile(path, progress, cancellable)
        return calls.with_progress(functools.partial(_store_dump, self, file_name), progress,
                                   cancellable)

    def dump_gfile(self, file, progress=None, cancellable=None):
        """As dump, into a Gio.File on this machine."""
        return calls.with_progress(functools.partial(_store_dump_gfile, self, file), progress,
                                   cancellable)

    def dump_stream(self, stream, progress=None, cancellable=None):
        """As dump, into a Gio.OutputStream."""
        return calls.with_progress(functools.partial(_store_dump_stream, self, stream), progress,
                                   cancellable)

    def load(self, path, progress=None, cancellable=None):
        """Reads what dump has written, in one commit."""
        file_name = args.file_path(path)
        if file_name is None:
            return self.load_gfile(path, progress, cancellable)
        return calls.with_progress(functools.partial(_store_load, self, file_name), progress,
                                   cancellable)

    def load_gfile(self, file, progress=None, cancellable=None):
        """As load, from a Gio.File, which need not be on this machine."""
        return calls.with_progress(functools.partial(_store_load_gfile, self, file), progress,
                                   cancellable)

    def load_stream(self, stream, progress=None, cancellable=None):
        """As load, from a Gio.InputStream."""
        return calls.with_progress(functools.partial(_store_load_stream, self, stream), progress,
                                   cancellable)

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
        if not callable(function):
            raise args.expected("a function", function)
        return transactions.transact(self, function, retries, cancellable)

    __repr__ = args.describe


for _name in ("open", "open_gfile", "get", "put", "put_many", "append", "replace", "delete_where", "update_where",
              "upsert", "import_file", "import_gfile", "import_stream", "set_keys", "compact", "verify",
              "backup", "backup_gfile", "backup_stream", "dump", "dump_gfile", "dump_stream", "load",
              "load_gfile", "load_stream",
              "begin_transaction"):
    globals()["_store_" + _name] = errors.raising(getattr(_raw.Store, _name))
