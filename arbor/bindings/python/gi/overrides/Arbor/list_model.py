# Live models: a name of a store as a list model that follows it, and its rows.

from gi.module import get_introspection_module
from gi.repository import GObject

from . import arguments as args
from . import errors

_raw = get_introspection_module("Arbor")


@errors.override
class Row(_raw.Row):
    """An item of a ListModel. `row[key]`, `in`, `len` and iteration are those of its tree;
    `row.props.name` is what ListModel.set_columns made a column of."""

    def get(self, path, default=args.ABSENT):
        """The value at a path, as Tree.get has it."""
        return self.get_tree().get(path, default)

    def __getitem__(self, key):
        """The value of a key of the tree, or at an index."""
        return self.get_tree()[key]

    def __contains__(self, key):
        return key in self.get_tree()

    def __iter__(self):
        return iter(self.get_tree())

    def __len__(self):
        return len(self.get_tree())

    def __bool__(self):
        return True

    def keys(self):
        """The keys of the tree, in their order."""
        return self.get_tree().keys()

    def to_python(self):
        """The whole tree, as Tree.to_python has it."""
        return self.get_tree().to_python()

    def to_object(self, cls):
        """A new object of a class, as Tree.to_object makes it."""
        return self.get_tree().to_object(cls)

    def __repr__(self):
        try:
            return "<ArborRow %s>" % self.get_tree().to_json()
        except errors.ArborError as error:
            return "<ArborRow (%s)>" % error


class _Props:
    """The properties of a model. A condition may be a text, as for set_filter."""
    __slots__ = ("_model", "_props")

    def __init__(self, model, props):
        object.__setattr__(self, "_model", model)
        object.__setattr__(self, "_props", props)

    def __getattr__(self, name):
        return getattr(self._props, name)

    def __setattr__(self, name, value):
        if name == "filter":
            self._model.set_filter(value)
        else:
            setattr(self._props, name, value)

    def __dir__(self):
        return dir(self._props)

    def __iter__(self):
        return iter(self._props)


class _PropsOfModel:
    def __get__(self, model, cls):
        if model is None:
            return super(ListModel, cls).props
        return _Props(model, super(ListModel, model).props)


@errors.override
class ListModel(_raw.ListModel):
    """The trees of a name of a store, filtered and sorted, as a Gio.ListModel that follows the store.
    `Arbor.ListModel(store, "people", filter="age > 3", sort="name.last", columns=["age"])`."""

    def __init__(self, store=None, name=None, *, filter=None, columns=None, **properties):
        known = {spec.name.replace("-", "_") for spec in _raw.ListModel.list_properties()
                 if spec.flags & GObject.ParamFlags.WRITABLE} | {"columns"}
        for each in properties:
            if each not in known:
                raise TypeError("unknown option %r: there are %s" % (each, ", ".join(sorted(known))))
        if filter is not None:
            properties["filter"] = args.predicate(filter)
        super().__init__(store=store, name=name, **properties)
        if columns is not None:
            self.set_columns(columns)

    props = _PropsOfModel()

    @classmethod
    def new(cls, store, name):
        """A model of the trees of a name, as the constructor makes it."""
        return cls(store, name)

    def set_filter(self, filter):
        """Shows the trees for which a condition, an expression or a text, is true; None shows all."""
        _set_filter(self, None if filter is None else args.predicate(filter))

    def set_property(self, name, value):
        """Sets a property; a filter may be a text, as for set_filter."""
        if name == "filter":
            self.set_filter(value)
        else:
            super().set_property(name, value)

    def sort_by(self, *keys, descending=False, nulls_first=False):
        """Sorts as Arbor.sort_by does."""
        exprs = args.keys(keys)
        return _sort_by(self, exprs, args.sort_options(exprs, descending, nulls_first))

    def set_columns(self, *columns, **fields):
        """Gives rows a property for each column: paths, dicts of names and expressions, and expressions
        or texts by keyword."""
        if len(columns) == 1 and isinstance(columns[0], (list, tuple)):
            columns = columns[0]
        return _set_columns(self, *args.fields(columns, fields))

    def __len__(self):
        return self.get_n_items()

    def __bool__(self):
        return True

    def __iter__(self):
        for i in range(self.get_n_items()):
            row = self.get_item(i)
            if row is None:
                return
            yield row

    __repr__ = args.describe


_set_filter = errors.raising(_raw.ListModel.set_filter)
_sort_by = errors.raising(_raw.ListModel.sort_by)
_set_columns = errors.raising(_raw.ListModel.set_columns)
