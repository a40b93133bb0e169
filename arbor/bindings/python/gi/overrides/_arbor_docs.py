# One line for each public member that is made and not written: methods that come from a loop or a
# helper, and what the introspected library brings along. A test fails for whatever has none. Records
# (LoadReport, Stats) take no docstring from outside: PyGObject says itself what they are.

_CLASSES = {
    "ColumnLayout": "How the values of a column lie in memory.",
    "Decimals": "How decimals of JSON text are read.",
    "Duplicates": "What an index does with several trees of one key.",
    "Durability": "When a commit of a store counts as written.",
    "Error": "The codes of ArborError: each has an exception of its own.",
    "Format": "What text to read or to write.",
    "JoinKind": "Which trees a join gives.",
    "Kind": "The kinds of values.",
    "NestKind": "Whether nest attaches one match or a list of all.",
    "SortFlags": "How a key sorts.",
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
    "Expr": {
        # builders: begin
        "either": "Logical or, with null for unknown.",
        "both": "Logical and, with null for unknown.",
        "eq": "Whether both are equal; false for values of different kinds.",
        "ne": "Whether both differ.",
        "lt": "Whether it is less.",
        "le": "Whether it is less or equal.",
        "gt": "Whether it is greater.",
        "ge": "Whether it is greater or equal.",
        "is_between": "Whether it is in a range, ends included.",
        "if_null": "The value, or another one where it is null or missing.",
        "null_if": "Null where it equals another value.",
        "when": "One value where the condition is true, another elsewhere.",
        "add": "The sum.",
        "subtract": "The difference.",
        "multiply": "The product.",
        "divide": "The quotient, always a double; null for division by zero.",
        "div": "The quotient, rounded down.",
        "mod": "The remainder, with the sign of the divisor.",
        "pow": "The power.",
        "round": "Rounded to so many digits, half to even.",
        "log": "The logarithm: natural, or to a base.",
        "clip": "The number, or the end of the range that it is beyond.",
        "quantile": "The quantile of the values.",
        "strip": "Without white space, or these characters, at both ends.",
        "lstrip": "Without white space, or these characters, at the beginning.",
        "rstrip": "Without white space, or these characters, at the end.",
        "contains": "Whether a string holds another, or an array an equal element.",
        "starts_with": "Whether a string begins with another.",
        "ends_with": "Whether a string ends with another.",
        "substring": "Some characters of a string.",
        "replace": "With each occurrence of a string replaced.",
        "split": "The parts of a string between separators.",
        "join": "Strings as one, with a separator between them.",
        "strip_prefix": "Without a prefix, if it has it.",
        "strip_suffix": "Without a suffix, if it has it.",
        "match": "Whether a regular expression matches somewhere.",
        "extract": "What a group of a regular expression matched.",
        "replace_regex": "With each match of a regular expression replaced.",
        "item": "The element at an index, from the end for negative ones.",
        "slice": "Some elements of an array.",
        "unique": "The different elements, each once.",
        "concat": "Strings or arrays, one after the other.",
        "map": "An expression of each element.",
        "filter": "The elements for which a condition on the element is true.",
        "min_by": "The element for which an expression is least.",
        "max_by": "The element for which an expression is greatest.",
        "field": "The value of a key of an object.",
        "has_key": "Whether an object has a key.",
        "with_field": "The object with a key set.",
        "without": "The object without some keys.",
        "rename": "The object with a key renamed.",
        "date_truncate": "The date at which the unit began.",
        "date_add": "A date later by so many units.",
        "date_diff": "How many units lie between two dates.",
        "parse_date": "The date that a string says in a format.",
        "date_from_epoch": "The date so many units after 1970.",
        "to_epoch": "How many units after 1970 a date is.",
        "cast": "The value as another kind, null where it is none.",
        # builders: end
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
