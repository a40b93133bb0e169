# Arbors: ordered collections of trees.

import functools
import operator

from gi.module import get_introspection_module

from . import arguments as args
from . import arrow
from . import calls
from . import errors
from . import html
from . import load
from .cursor import Cursor
from .iter import DictIter
from .json_text import decode

_raw = get_introspection_module("Arbor")


@errors.override
class Arbor(_raw.Arbor):
    """An immutable ordered collection of trees. Conditions are expressions or their text."""

    _knows_all = False

    def _is_ready(self):
        """Whether reading trees computes nothing."""
        if not self._knows_all and self.is_computed():
            self._knows_all = True
        return self._knows_all

    def get_n_trees(self):
        """How many trees there are."""
        return (_arbor_count_ready if self._is_ready() else _arbor_get_n_trees)(self)

    def __len__(self):
        return self.get_n_trees()

    def __bool__(self):
        return True

    def __iter__(self):
        return self.iterator()

    def __aiter__(self):
        return self.iterator().__aiter__()

    def __contains__(self, value):
        return any(tree == value for tree in self)

    def __getitem__(self, key):
        if isinstance(key, slice):
            return self._slice(key)
        return self.get(key)

    def _slice(self, key):
        start = 0 if key.start is None else operator.index(key.start)
        step = 1 if key.step is None else operator.index(key.step)
        if step == 1 and start >= 0:
            # Without the length, which a filter would have to be computed for.
            if key.stop is None:
                return self.slice(min(start, args.MAX_UINT64), args.MAX_UINT64)
            stop = operator.index(key.stop)
            if stop >= 0:
                return self.slice(min(start, args.MAX_UINT64),
                                  min(max(stop - start, 0), args.MAX_UINT64))
        start, stop, step = key.indices(len(self))
        if step == 1:
            return self.slice(start, max(stop - start, 0))
        if step == -1 and key.start is None and key.stop is None:
            return self.reverse()
        return self.take(list(range(start, stop, step)))

    def get(self, index, default=args.ABSENT):
        """The tree at a position, counted from the end when negative; `default`, when given, where
        there is none."""
        index = args.integer(index, "index")
        position = index + len(self) if index < 0 else index
        try:
            if 0 <= position <= args.MAX_UINT64:
                return (_arbor_get_ready if self._is_ready() else _arbor_get)(self, position)
            raise errors.OutOfRangeError("Index %d is out of range: the arbor has %d trees"
                                  % (index, len(self)))
        except errors.OutOfRangeError:
            if default is args.ABSENT:
                raise
            return default

    def _run(self, operation, *arguments):
        return _arbor_operations[operation](self, *arguments)

    def filter(self, predicate):
        return self._run("filter", args.predicate(predicate))

    def matching_indices(self, predicate, cancellable=None):
        return _arbor_matching_indices(self, args.predicate(predicate), cancellable)

    def find_one(self, predicate):
        return _arbor_find_one(self, args.predicate(predicate))

    def find_one_or_error(self, predicate):
        return _arbor_find_one_or_error(self, args.predicate(predicate))

    def count_matches(self, predicate, cancellable=None):
        return _arbor_count_matches(self, args.predicate(predicate), cancellable)

    def any_of(self, predicate):
        return _arbor_any_of(self, args.predicate(predicate))

    def all_of(self, predicate):
        return _arbor_all_of(self, args.predicate(predicate))

    def query(self, jsonpath, cancellable=None):
        """What a JSONPath query (RFC 9535) selects, tree by tree: an Arbor.Matches."""
        return _arbor_query(self, jsonpath, cancellable)

    def pick(self, *paths):
        """An iterator of dicts that have the picked paths for keys; of whole trees without any."""
        if len(paths) == 1 and (paths[0] is None or isinstance(paths[0], (list, tuple))):
            paths = paths[0] or ()
        return DictIter(_arbor_pick(self, args.path_texts(paths)))

    def save_file(self, path, format=_raw.Format.AUTO, columns=None, delimiter=None,
                  cancellable=None):
        """Writes all trees into a file, which is there, or replaced, when it is whole. The format is
        told by its name, .csv or .tsv, else it is JSON Lines."""
        name = args.file_path(path)
        if name is None:
            return self.save_gfile(path, format, columns, delimiter, cancellable)
        return _arbor_save_file(self, name, format, columns, delimiter, cancellable)

    def save_gfile(self, file, format=_raw.Format.AUTO, columns=None, delimiter=None,
                   cancellable=None):
        """save_file with a Gio.File of this machine."""
        return _arbor_save_gfile(self, file, format, columns, delimiter, cancellable)

    def select(self, *paths, **fields):
        """New trees: fields named as the paths are written, and fields of expressions or texts by
        keyword; one dict of fields does, too."""
        return self._run("select", *args.fields(paths, fields))

    def add_fields(self, *dicts, **fields):
        """The trees with fields set to the values of expressions or texts: keywords, or a dict."""
        return self._run("add_fields", *args.fields(dicts, fields))

    def drop_fields(self, *names):
        return self._run("drop_fields", args.names(names))

    def explode(self, path, field=None, key=None):
        """One tree for each element of an array, or member of an object, whose key goes into the
        field key ("key" unless another is named)."""
        return self._run("explode", args.path_text(path), field, key)

    def rename_fields(self, *dicts, **names):
        """The trees with fields renamed: old name = new name, or a dict."""
        names = args.merged([*dicts, names])
        return self._run("rename_fields", args.names(names.keys(), "old_names"),
                         args.names(names.values(), "new_names"))

    def sort_by(self, *keys, descending=False, nulls_first=False):
        """All trees in the order of some keys, paths or expressions; without any, of the trees
        themselves. descending and nulls_first: for all keys, or a list of one for each."""
        keys = args.keys(keys)
        return self._run("sort_by", keys, args.sort_options(keys, descending, nulls_first))

    def top_k(self, k, *keys, descending=False, nulls_first=False):
        """The first k trees of sort_by, without sorting the rest."""
        keys = args.keys(keys)
        return self._run("top_k", args.integer(k, "k"), keys,
                         args.sort_options(keys, descending, nulls_first))

    def unique_by(self, *keys):
        """The first tree for each value of some keys, paths or expressions; without any, of the
        trees themselves."""
        return self._run("unique_by", args.keys(keys))

    def sample(self, n, seed=None):
        """n trees by chance, in their order; the same ones for the same seed."""
        return self._run("sample", args.integer(n, "n_trees"), args.seed(seed))

    def shuffle(self, seed=None):
        """All trees in random order; the same one for the same seed."""
        return self._run("shuffle", args.seed(seed))

    def group_by(self, *paths, **keys):
        """Groups of trees: keys named as the paths are written, and keys of expressions or texts by
        keyword; one dict of keys does, too."""
        return _arbor_group_by(self, *args.fields(paths, keys))

    def aggregate(self, *dicts, cancellable=None, **fields):
        """One tree of what is computed over all trees: keywords, or a dict."""
        return _arbor_aggregate(self, *args.fields(dicts, fields), cancellable)

    def describe(self, cancellable=None):
        """Figures of each path: how many values and of which kinds, the least and the greatest, the
        mean, how many different ones."""
        return _arbor_describe(self, cancellable)

    def value_counts(self, expr):
        """How often each value comes, the most frequent first: {"value", "count"}."""
        return _arbor_value_counts(self, args.predicate(expr))

    def histogram(self, expr, n_bins=10):
        """How numbers are spread over bins of equal width: {"from", "to", "count"}."""
        return _arbor_histogram(self, args.predicate(expr), n_bins)

    def index_by(self, *keys, duplicates="error", cancellable=None):
        """Finds trees by a key, or by several: paths or expressions. duplicates: "error", "first",
        "last" or "collect"."""
        options = calls.settings_of(_raw.IndexOptions, None, {"duplicates": duplicates})
        return _arbor_index_by(self, args.keys(keys), options, cancellable)

    def find(self, key):
        """The tree with a key, as the store's set_keys declared it; None where there is none. A list of
        values for a key of several."""
        return _arbor_find(self, args.key_tree(key))

    def nest(self, other, key, other_key=None, field=None, one=False):
        """The trees with the trees of another arbor that have the same key under a field: a list of
        them, or the one. A key is a path, an expression or a list of these."""
        kind = _raw.NestKind.ONE if calls.check_boolean("one", one) else _raw.NestKind.MANY
        options = _raw.NestOptions(kind=kind)
        _nest_keys(options, None if other_key is None else args.side(other_key))
        return self._run("nest", args.to_arbor(other), args.side(key), field, options)

    def join(self, other, key, other_key=None, how="inner", suffix="_right"):
        """The trees joined with those of another arbor that have the same key: "inner", "left",
        "semi" or "anti". A key is a path, an expression or a list of these."""
        options = calls.settings_of(_raw.JoinOptions, None, {"kind": how, "suffix": suffix})
        _join_keys(options, None if other_key is None else args.side(other_key))
        return self._run("join", args.to_arbor(other), args.side(key), options)

    def column(self, values, cancellable=None):
        """The values of a path, or of an expression, for all trees: an Arbor.Column."""
        if isinstance(values, _raw.Expr):
            return _arbor_get_column_of(self, values, cancellable)
        return _arbor_get_column(self, values, cancellable)

    def column_async(self, values, cancellable=None, callback=None, *user_data):
        """column () without blocking: a coroutine for asyncio; with a callback, GIO's way."""
        start = self.get_column_of_async if isinstance(values, _raw.Expr) else self.get_column_async
        return start(values, cancellable, callback, *user_data)

    def get_column(self, path, cancellable=None):
        """The values of a path for all trees: an Arbor.Column."""
        return _arbor_get_column(self, path, cancellable)

    def get_column_of(self, expr, cancellable=None):
        """The values of an expression, or its text, for all trees: an Arbor.Column."""
        return _arbor_get_column_of(self, args.predicate(expr), cancellable)

    def cursor(self, *paths):
        """An Arbor.Cursor, which reads these paths of tree after tree."""
        return Cursor.new(self, args.path_texts(paths))

    def append(self, other):
        return self._run("append", args.to_arbor(other))

    def __add__(self, other):
        return self.append(other) if isinstance(other, _raw.Arbor) else NotImplemented

    def compute(self, progress=None, cancellable=None):
        """Computes all of it now; progress (trees so far, 0 or their number)."""
        return calls.with_progress(functools.partial(_arbor_compute, self), progress, cancellable)

    def lazy(self):
        """A query, whose operations are collected and run as a whole."""
        return _raw.Query.new(self)

    @staticmethod
    def concat(arbors):
        return _arbor_concat(args.to_arbors(arbors, "arbors"))

    def __arrow_c_stream__(self, requested_schema=None):
        """All trees as an Arrow stream, for whoever takes one: polars.DataFrame (arbor),
        pyarrow.table (arbor), duckdb, pandas."""
        return arrow.export_stream(self, requested_schema)

    def __arrow_c_schema__(self):
        """The columns that the stream has."""
        return arrow.export_schema(self)

    @staticmethod
    def from_arrow(values, cancellable=None):
        """An arbor in memory of a table, a column or a stream of another library: of whatever has
        __arrow_c_stream__ or __arrow_c_array__."""
        return arrow.load(values, cancellable)

    def to_python(self):
        """All trees, as a list of Python values."""
        return [decode(line) for line in self.to_jsonl().split("\n") if line]

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        """An arbor of its own, in memory, which closing a store does not end."""
        return self.materialize()

    def __reduce__(self):
        return load.read_jsonl, (self.to_jsonl(),)

    __getattr__ = errors.lacking("a field is one of its trees, arbor[0][%r], and a path Arbor.path(%r)")
    _repr_html_ = html.of_arbor
    __repr__ = args.describe


for _name in ("get", "matching_indices", "find", "find_one", "find_one_or_error", "count_matches", "any_of",
              "all_of", "pick", "concat", "group_by", "aggregate", "value_counts", "histogram",
              "describe", "query", "index_by", "compute", "get_column", "get_column_of",
              "save_file", "save_gfile", "get_n_trees"):
    globals()["_arbor_" + _name] = errors.raising(getattr(_raw.Arbor, _name))
_nest_keys = errors.raising(_raw.NestOptions.set_other_keys, is_long=False)
_join_keys = errors.raising(_raw.JoinOptions.set_other_keys, is_long=False)
_arbor_get_ready = errors.raising(_raw.Arbor.get, is_long=False)
_arbor_count_ready = errors.raising(_raw.Arbor.get_n_trees, is_long=False)

# What a query has, too.
OPERATIONS = ("filter", "select", "add_fields", "drop_fields", "rename_fields", "explode", "append",
              "sort_by", "top_k", "unique_by", "sample", "shuffle", "nest", "join")
_arbor_operations = {name: errors.raising(getattr(_raw.Arbor, name)) for name in OPERATIONS}
