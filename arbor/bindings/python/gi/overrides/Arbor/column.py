# Columns: the values of a path, without an object for each.

import operator

from gi.module import get_introspection_module

from . import arguments as args
from . import arrow
from . import errors
from . import html
from .json_text import decode

_raw = get_introspection_module("Arbor")

# How the values of a column come out as one buffer: the getter, and its items as struct has them.
_FORMATS = {"?": _raw.Column.dup_booleans, "q": _raw.Column.dup_int64s,
            "Q": _raw.Column.dup_uint64s, "d": _raw.Column.dup_doubles,
            "i": _raw.Column.dup_codes}
_FORMATS = {name: errors.raising(function) for name, function in _FORMATS.items()}
_LAYOUTS = {_raw.ColumnLayout.NONE: "q", _raw.ColumnLayout.BOOL: "?",
            _raw.ColumnLayout.INT64: "q", _raw.ColumnLayout.UINT64: "Q",
            _raw.ColumnLayout.DOUBLE: "d", _raw.ColumnLayout.STRING: "i"}


# Those whose values are all of one type of numpy's.
_INTEGERS = (_raw.ColumnLayout.INT64, _raw.ColumnLayout.UINT64)
_NUMPY = {_raw.ColumnLayout.BOOL: "?", _raw.ColumnLayout.INT64: "i8",
          _raw.ColumnLayout.UINT64: "u8", _raw.ColumnLayout.DOUBLE: "f8"}
_NULL = 1
_MOST_EXACT = 2 ** 53


def numpy():
    """numpy, which nothing else needs."""
    import numpy as module
    return module


def _fit_doubles(integers):
    return len(integers) == 0 or (int(integers.max()) <= _MOST_EXACT
                                  and int(integers.min()) >= -_MOST_EXACT)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@errors.override
class Column(_raw.Column):
    """The values of one path over an arbor, copied: a sequence of Python values, where None stands
    for null and for nothing; and a buffer, without an object for each."""

    def __arrow_c_array__(self, requested_schema=None):
        """The values as an Arrow array: its type is that of the values, whatever is requested."""
        return arrow.export_column(self)

    def __arrow_c_schema__(self):
        """The type of the array."""
        return arrow.export_column(self)[0]

    def to_memoryview(self, format=None):
        """The values as one buffer, of items "q" (int64), "Q" (uint64), "d" (double), "?" (bool) or,
        of strings, "i" (codes, for dictionary ()); by default what the values are. Where there is no
        value there is 0, NaN, False or -1, which dup_kinds () tells from a value; to_numpy () and
        to_list () do so themselves."""
        if format is None:
            format = _LAYOUTS.get(self.get_layout())
            if format is None:
                raise errors.WrongTypeError("The column '%s' has values of several kinds: give a "
                                            "format, or use to_list ()" % self.dup_path())
        if format not in _FORMATS:
            raise ValueError("%r is none of the formats %s" % (format, ", ".join(_FORMATS)))
        return memoryview(_FORMATS[format](self).get_data() or b"").cast(format)

    def dictionary(self):
        """The different strings, which the codes of to_memoryview count."""
        text = self.dup_dictionary_bytes().get_data() or b""
        ends = memoryview(self.dup_dictionary_offsets().get_data()).cast("q").tolist()
        return [text[start:end].decode() for start, end in zip(ends, ends[1:])]

    def to_list(self):
        """All values as Python has them."""
        layout = self.get_layout()
        if layout == _raw.ColumnLayout.STRING:
            # Code -1 is the last one.
            return list(map((self.dictionary() + [None]).__getitem__, self.to_memoryview()))
        if layout in (_raw.ColumnLayout.NONE, _raw.ColumnLayout.MIXED) or (
                layout == _raw.ColumnLayout.DOUBLE and self.get_count(_raw.Kind.INT64) > 0):
            return decode(self.to_json())
        values = self.to_memoryview().tolist()
        if self.get_count(_raw.Kind.NULL) + self.get_count(_raw.Kind.MISSING) == 0:
            return values
        return [value if kind > 1 else None
                for value, kind in zip(values, self.dup_kinds().get_data())]

    to_python = to_list

    def _is_missing(self):
        """A numpy array: where there is no value."""
        return numpy().frombuffer(self.dup_kinds().get_data() or b"", numpy().uint8) <= _NULL

    def _to_objects(self):
        objects = numpy().empty(len(self), object)
        values = self.to_list()
        for i, value in enumerate(values):
            objects[i] = value
        return objects

    def to_numpy(self, missing=None):
        """A numpy array of the values: int64, uint64, float64 or bool where all of them are, else of
        Python objects (strings, lists, values of several kinds, integers of any length). Where there
        is no value: NaN in numbers, None in objects; integers become float64 then, or objects when
        that would round them. missing="mask" gives a masked array instead, of the values' own type;
        missing="nan" float64 in any case, with NaN for whatever is no number."""
        if missing not in (None, "mask", "nan"):
            raise TypeError("missing is None, \"mask\" or \"nan\", not %r" % (missing,))
        layout = self.get_layout()
        none = self._is_missing()
        if layout in _NUMPY and (missing == "mask" or not none.any()):
            values = numpy().frombuffer(self.to_memoryview(), _NUMPY[layout])
        elif layout == _raw.ColumnLayout.DOUBLE:
            values = numpy().frombuffer(self.to_memoryview(), "f8")
        elif layout in _INTEGERS:
            values = numpy().frombuffer(self.to_memoryview(), _NUMPY[layout])
            if missing == "nan" or _fit_doubles(values):
                values = numpy().where(none, numpy().nan, values)
            else:
                values = self._to_objects()
        elif missing == "nan":
            values = numpy().array([value if _is_number(value) else numpy().nan
                                    for value in self.to_list()], "f8")
        else:
            values = self._to_objects()
        if missing == "mask":
            return numpy().ma.MaskedArray(values, none)
        return values.astype("f8") if missing == "nan" else values

    def __array__(self, dtype=None, copy=None):
        values = self.to_numpy()
        if dtype is not None:
            return values.astype(dtype)
        return values.copy() if copy else values

    def statistics(self):
        """Figures of the values, as a dict."""
        return self.get_statistics().to_python()

    def __len__(self):
        return self.get_n_rows()

    def __bool__(self):
        return True

    def __iter__(self):
        return iter(self.to_list())

    def __getitem__(self, row):
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        position = operator.index(row)
        position += len(self) if position < 0 else 0
        if not 0 <= position < len(self):
            raise errors.OutOfRangeError("Row %d is out of range: the column has %d rows"
                                  % (row, len(self)))
        text = self.dup_json(position)
        return None if text is None else decode(text)

    _repr_html_ = html.of_column
    __repr__ = args.describe
