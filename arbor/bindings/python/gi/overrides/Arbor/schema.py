# Schemas and records of figures: plain values.

from gi.module import get_introspection_module

from . import errors
from . import html

_raw = get_introspection_module("Arbor")


@errors.override
class Schema(_raw.Schema):
    """The shape of an arbor's trees: a sequence of fields, each a dict of its path, how many values of
    each kind there are, and whether it is missing somewhere."""

    def __len__(self):
        return self.get_n_fields()

    def __bool__(self):
        return True

    def __getitem__(self, index):
        """The field at an index, as a dict."""
        if not -len(self) <= index < len(self):
            raise errors.OutOfRangeError("Index %d is out of range: there are %d fields"
                                         % (index, len(self)))
        field = index % len(self)
        counts = ((kind.value_nick, self.get_count(field, kind)) for kind in _KINDS)
        return {"path": self.dup_path(field), "kinds": {name: n for name, n in counts if n > 0},
                "optional": self.is_optional(field)}

    def __iter__(self):
        return (self[field] for field in range(len(self)))

    def to_python(self):
        """All fields, as a list of dicts."""
        return list(self)

    _repr_html_ = html.of_schema

    def __repr__(self):
        return "<ArborSchema (%d fields of %d trees)>" % (len(self), self.get_n_trees())


_KINDS = [kind for value, kind in sorted(_raw.Kind.__enum_values__.items()) if value > 0]


def _figures(self):
    """All figures, as a dict."""
    return {name[len("get_"):]: getattr(self, name)() for name in _getters(type(self))}


def _describe(self):
    figures = ("%s %s" % (name.replace("_", " "), value) for name, value in self.to_python().items() if value)
    return "<Arbor%s: %s>" % (type(self).__name__, ", ".join(figures))


def _getters(cls):
    return [name for name in vars(cls) if name.startswith("get_")]


for _cls in (_raw.Stats, _raw.LoadReport):
    _cls.to_python = _figures
    _cls._repr_html_ = html.of_record
    _cls.__repr__ = _describe
