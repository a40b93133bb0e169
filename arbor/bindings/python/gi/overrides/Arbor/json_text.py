# Python values from JSON text and back, exactly: integers of any length are int, numbers that no
# float holds are decimal.Decimal, keys keep their order. Each direction has a fast way through the
# json module, and a slow one, without recursion, for what that module refuses: values nested
# deeper than the interpreter's stack, integers of thousands of digits, decimals, trees.

import dataclasses
import datetime
import enum
import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from json.decoder import scanstring

from gi.repository import GLib

# The library refuses deeper text.
DEEPEST = 1024

_TOKEN = re.compile(r'"(?:[^"\\]+|\\.)*"|[\[\]{},:]|[^\[\]{},:"\s]+', re.DOTALL)
_CONSTANTS = {"true": True, "false": False, "null": None}


def _exact(text):
    try:
        return Decimal(text)
    except InvalidOperation:
        raise OverflowError("The number %s is beyond decimal.Decimal; dup_number_text has its text"
                            % text) from None


def _real(text):
    """A number with fraction or exponent: a float where the library holds a double."""
    value = float(text)
    if value and value - value == 0:
        return value
    is_zero = not value and not text.lower().partition("e")[0].strip("-0.")
    return value if is_zero else _exact(text)


def _integer(text):
    """Python bounds how many digits int() reads, not how many an int may have."""
    return int(text) if len(text) < 600 else int(Decimal(text))


def _decode_slowly(text):
    """Without recursion. The text is the library's own, so it is valid."""
    root = []
    stack = [root]
    key = None
    for match in _TOKEN.finditer(text):
        token = match.group()
        first = token[0]
        if first in ",:":
            continue
        if first in "]}":
            stack.pop()
            continue
        if first == "[":
            value = []
        elif first == "{":
            value = {}
        elif first == '"':
            value = scanstring(token, 1, False)[0]
        elif token in _CONSTANTS:
            value = _CONSTANTS[token]
        elif token.lstrip("-").isdigit():
            value = _integer(token)
        else:
            value = _real(token)
        top = stack[-1]
        if type(top) is list:
            top.append(value)
        elif key is None:
            key = value
            continue
        else:
            top[key] = value
            key = None
        if first in "[{":
            stack.append(value)
    return root[0]


_decode_fast = json.JSONDecoder(parse_float=_real, strict=False).decode


def decode(text):
    """The value that JSON text of the library's own making stands for."""
    try:
        return _decode_fast(text)
    except (RecursionError, ValueError):
        pass
    return _decode_slowly(text)


class _Text(str):
    """Text to be written as it is."""


_END_OBJECT = _Text("}")
_END_ARRAY = _Text("]")
_string = json.JSONEncoder(ensure_ascii=False).encode


def plain(value):
    """What stands in JSON for a value that JSON has nothing for: for dates and times the text of ISO
    8601, for dataclasses and other mappings a dict, for members of an Enum their value, for scalars and arrays of numpy what Python has for
    them, for a GLib.DateTime its text, for a GLib.Variant what it holds. Everything else comes back as it
    is."""
    if isinstance(value, datetime.datetime):
        text = value.isoformat()
        return text[:-6] + "Z" if text.endswith("+00:00") else text
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, Mapping):
        return dict(value)
    if type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, GLib.DateTime):
        return value.format_iso8601()
    if isinstance(value, GLib.Variant):
        return value.unpack()
    return value


def _plain_or_error(value):
    converted = plain(value)
    if converted is value:
        raise TypeError
    return converted


KNOWN = ("None, bool, int, float, decimal.Decimal, str, date, datetime, time, list, tuple, dict, a "
         "dataclass, a member of an Enum, a scalar or array of numpy, or Arbor.Tree")


_NAMES = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _number(value):
    if isinstance(value, int):
        return int.__repr__(value) if value.bit_length() < 2000 else str(Decimal(int(value)))
    if isinstance(value, Decimal):
        if value.is_finite():
            return str(value)
    elif value - value == 0:
        return float.__repr__(value)
    raise ValueError("JSON has no %s" % _NAMES.get(repr(value).lower(), value))


def _scalar(value):
    """The text of anything but an object or array."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if hasattr(value, "__arbor_json__"):
        return value.__arbor_json__()
    raise TypeError("%s is no JSON value: expected %s" % (type(value).__name__, KNOWN))


def _key(key):
    if isinstance(key, str):
        return _string(key)
    if key is None or isinstance(key, (int, float)):
        return '"%s"' % _scalar(key)
    raise TypeError("%s cannot be a key of a JSON object" % type(key).__name__)


def _encode_slowly(value):
    out = []
    work = [value]
    depth = 0
    while work:
        value = work.pop()
        if type(value) is _Text:
            out.append(value)
            if value is _END_OBJECT or value is _END_ARRAY:
                depth -= 1
            continue
        if not isinstance(value, (dict, list, tuple, str, int, float)):
            value = plain(value)
        if not isinstance(value, (dict, list, tuple)):
            out.append(_scalar(value))
            continue
        depth += 1
        if depth > DEEPEST:
            # In the library's words: whether this or its parser meets such a value first depends
            # on how deep the interpreter's own encoder goes.
            raise ValueError("more than {:,} levels of arrays and objects, or a value that "
                             "contains itself".format(DEEPEST))
        if isinstance(value, dict):
            out.append("{")
            work.append(_END_OBJECT)
            members = list(value.items())
            for i in range(len(members) - 1, -1, -1):
                key, member = members[i]
                work.append(member)
                work.append(_Text("%s%s:" % ("," if i else "", _key(key))))
        else:
            out.append("[")
            work.append(_END_ARRAY)
            for i in range(len(value) - 1, -1, -1):
                work.append(value[i])
                if i:
                    work.append(_Text(","))
    return "".join(out)


_encode_fast = json.JSONEncoder(ensure_ascii=False, allow_nan=False,
                                separators=(",", ":"), default=_plain_or_error).encode


def encode(value):
    """JSON text of a value; TypeError and ValueError for what JSON cannot hold."""
    try:
        return _encode_fast(value)
    except (TypeError, ValueError, RecursionError):
        pass
    return _encode_slowly(value)
