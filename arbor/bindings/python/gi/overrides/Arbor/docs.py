# One line for each public member that is made and not written: methods that come from a loop or a
# helper, and what the introspected library brings along. A test fails for whatever has none. Records
# (LoadReport, Stats) take no docstring from outside: PyGObject says itself what they are.

_CLASSES = {
    "BackupFlags": "How a store is copied.",
    "ColumnLayout": "How the values of a column lie in memory.",
    "Decimals": "How decimals of JSON text are read.",
    "KeyFlags": "What is declared of keys.",
    "CompactFlags": "How a store is compacted.",
    "Duplicates": "What an index does with several trees of one key.",
    "Durability": "When a commit of a store counts as written.",
    "Error": "The codes of ArborError: each has an exception of its own.",
    "FindingKind": "What a finding of a report is about.",
    "Format": "What text to read or to write.",
    "JoinKind": "Which trees a join gives.",
    "Kind": "The kinds of values.",
    "NestKind": "Whether nest attaches one match or a list of all.",
    "SortFlags": "How a key sorts.",
    "TransactionState": "How far a transaction is, and how it ended.",
    "Staleness": "What becomes of a stored arbor that was replaced: stale, or pinned.",
}

_METHODS = {
    "Arbor": {
        "__getitem__": "The tree at an index, from the end for negative ones; of a slice, a view.",
        "filter": "A view of the trees for which the predicate is true.",
        "matching_indices": "Where the trees are for which the predicate is true.",
        "find_one": "The first tree for which the predicate is true, or None.",
        "find_one_or_error": "The first tree for which the predicate is true, or NotFoundError.",
        "count_matches": "How many trees the predicate is true for.",
        "any_of": "Whether the predicate is true for some tree.",
        "all_of": "Whether the predicate is true for all trees.",
        "drop_fields": "New trees without these fields.",
        "append": "The trees of this arbor, then those of another.",
        "concat": "The trees of several arbors, one after the other.",
        "select": "New trees of computed fields.",
        "add_fields": "New trees with further fields.",
    },
    "ArborError": {"copy": "The same error once more."},
    "Column": {"__getitem__": "The value at an index; None for null and missing."},
    "DictIter": {
        "close": "Ends the iteration.",
        "is_closed": "Whether the iteration, or the store, is closed.",
    },
    "Groups": {"__getitem__": "The group at an index, as an arbor of its trees."},
    "Index": {
        "__getitem__": "The tree of a key, or KeyError.",
        "get": "The tree of a key, or a default.",
    },
    "Matches": {"__getitem__": "The match at an index, a tree."},
    "Query": {
        "filter": "Keeps the trees for which the predicate is true.",
        "drop_fields": "Leaves these fields out.",
        "append": "Adds the trees of another arbor.",
    },
    "Tree": {
        "__getitem__": "The native value of a key or an index, or a tree for what holds others.",
        "values": "The values of an object.",
        "items": "Pairs of key and value.",
        "set_value": "A tree with the value at a path set.",
    },
}


def fill(find):
    """Gives a docstring to what has none; find tells the class of a name."""
    for name, text in _CLASSES.items():
        if not find(name).__doc__:
            find(name).__doc__ = text
    for name, methods in _METHODS.items():
        members = vars(find(name))
        for method, text in methods.items():
            member = members.get(method)
            function = getattr(member, "__func__", member)
            if function is not None and not function.__doc__:
                function.__doc__ = text
