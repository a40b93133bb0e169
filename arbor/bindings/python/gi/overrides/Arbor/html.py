# Tables for notebooks. Like repr, none of them fails: what cannot be read says why. Everything that comes
# from data is escaped.

from html import escape

from gi.repository import GLib

from .json_text import decode

# Rows of a table, columns, and letters of a cell, at most.
_N_ROWS = 10
_N_COLUMNS = 20
_N_LETTERS = 80


def _cell(text):
    return escape(text if len(text) <= _N_LETTERS else text[:_N_LETTERS - 1] + "\u2026")


def table(names, rows, caption):
    """A table of texts; None is an empty cell."""
    head = "".join("<th>%s</th>" % _cell(name) for name in names)
    body = "".join("<tr>%s</tr>" % "".join(
        "<td>%s</td>" % ("" if cell is None else _cell(cell)) for cell in row) for row in rows)
    return ("<table><caption>%s</caption><thead><tr>%s</tr></thead><tbody>%s</tbody></table>"
            % (escape(caption), head, body))


def _safe(make):
    def _repr_html_(self):
        try:
            return make(self)
        except GLib.Error:
            return "<pre>%s</pre>" % escape(repr(self))
    _repr_html_.__doc__ = "A table for notebooks: the first rows."
    return _repr_html_


def _text(value):
    return value if isinstance(value, str) else None if value is None else str(value)


def _fields(trees):
    """Names of columns and rows of cells: a column for each field, or one of the trees themselves."""
    values = [tree.to_python() for tree in trees]
    if not all(isinstance(value, dict) for value in values):
        return ["value"], [[_text(value)] for value in values]
    names = list(dict.fromkeys(name for value in values for name in value))[:_N_COLUMNS]
    return names, [[_text(value.get(name)) for name in names] for value in values]


@_safe
def of_arbor(self):
    names, rows = _fields(self.head(_N_ROWS))
    return table(names, rows, self.to_string())


@_safe
def of_query(self):
    names, rows = _fields(self.head(_N_ROWS).execute())
    return table(names, rows, self.to_string())


@_safe
def of_groups(self):
    n = min(self.get_n_groups(), _N_ROWS)
    names, rows = _fields([self.get_key(i) for i in range(n)])
    for i, row in enumerate(rows):
        row.append(str(self.get_members(i).get_n_trees()))
    return table(names + ["trees"], rows, self.to_string())


@_safe
def of_column(self):
    rows = [[_text(self[i])] for i in range(min(self.get_n_rows(), _N_ROWS))]
    return table([self.dup_path()], rows, self.to_string())


@_safe
def of_schema(self):
    rows = [[field["path"], ", ".join("%s: %d" % each for each in field["kinds"].items()),
             "yes" if field["optional"] else "no"] for field in self]
    return table(["path", "values of each kind", "optional"], rows, repr(self))


@_safe
def of_record(self):
    rows = [[name, _text(value)] for name, value in self.to_python().items()]
    return table(["figure", "value"], rows, type(self).__name__)
