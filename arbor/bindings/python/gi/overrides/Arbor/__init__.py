# What Python adds to the introspected library: containers, operators, native values, exceptions,
# coroutines. Everything goes through the functions that check and report (get_n_trees, get,
# next_value), never through Gio's own convenience for list models, which cannot report errors.
# docs/bindings.md tells users what is here.

from gi.module import get_introspection_module

from . import conform
from . import docs
from . import errors
from . import load
from . import objects
from . import shown  # noqa: F401
from .arbor import Arbor
from .arguments import from_python, lit, path
from .builder import Builder
from .column import Column
from .cursor import Cursor
from .errors import ArborError
from .expr import Expr, call, element, expr, when
from .groups import Groups
from .index import Index
from .iter import DictIter, Iter
from .list_model import ListModel, Row
from .matches import Matches
from .query import Query
from .schema import Schema
from .store import Store
from .transaction import Transaction
from .tree import Tree

_raw = get_introspection_module("Arbor")

__all__ = ["ArborError", "Builder", "Tree", "Iter", "DictIter", "Matches", "Arbor", "Query",
           "Groups", "Index", "Column", "Cursor", "Schema", "Store", "Transaction", "ListModel",
           "Row", "Expr", "lit", "call", "expr", "path", "element", "when",
           "from_python"]
for _name in load.NAMES:
    globals()[_name] = getattr(load, _name)
    __all__.append(_name)
for _cls in (*errors.CLASSES.values(), *errors.others(__all__)):
    globals()[_cls.__name__] = _cls
    __all__.append(_cls.__name__)


for _name in __all__:
    if hasattr(globals()[_name], "__gtype__"):
        conform.extend(globals()[_name])
docs.fill(lambda name: globals().get(name) or getattr(_raw, name))
