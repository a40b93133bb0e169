# Queries: operations that are collected first and run as a whole.

from gi.module import get_introspection_module

from . import arguments as args
from . import arrow
from . import errors
from . import html
from .arbor import OPERATIONS, Arbor

_raw = get_introspection_module("Arbor")

_query_operations = {name: errors.raising(getattr(_raw.Query, name)) for name in OPERATIONS}
_query_group_by = errors.raising(_raw.Query.group_by)


@errors.override
class Query(_raw.Query):
    """Operations on an arbor, collected first and run as a whole by execute. They are those of
    Arbor; each gives a new query."""

    def _run(self, operation, *arguments):
        return _query_operations[operation](self, *arguments)

    for _name in OPERATIONS:
        locals()[_name] = vars(Arbor)[_name]

    __add__ = Arbor.__add__

    def group_by(self, *keys, **fields):
        """A tree for each group: keys are paths, or dicts of names and expressions; what is computed
        over the trees of a group are expressions or texts by keyword."""
        return _query_group_by(self, *args.fields(keys, {}), *args.fields((), fields))

    def __arrow_c_stream__(self, requested_schema=None):
        """All trees of the result as an Arrow stream."""
        return arrow.export_stream(self.execute(), requested_schema)

    def __arrow_c_schema__(self):
        """The columns that the stream has."""
        return arrow.export_schema(self.execute())

    def to_python(self):
        """All trees of the result, as a list of Python values."""
        return self.execute().to_python()

    _repr_html_ = html.of_query
    __repr__ = args.describe
