# When an argument is none: a TypeError in the words that every language has. It looks after PyGObject's refusal,
# so it costs nothing before; and before the call at what PyGObject would take for something else, which is
# known by the classes of the arguments alone (find_doubtful).

import numbers
from collections.abc import Iterable
from inspect import Parameter

from gi._gi import EnumInfo
from gi.repository import Gio, GLib

from . import signatures

_NOUNS = {
    "utf8": (str, "a string"),
    "filename": (str, "a string"),
    "gboolean": (bool, "a boolean"),
    "gdouble": (numbers.Real, "a number"),
    "double": (numbers.Real, "a number"),
    **{name: (numbers.Integral, "an integer")
       for name in ("gint64", "int64", "guint64", "uint64", "gint32", "int32", "guint32", "uint32", "gsize",
                    "gssize")},
    "Arbor": ((), "an Arbor.Arbor or a list of values"),
    "GLib.Bytes": (GLib.Bytes, "a GLib.Bytes"),
    "GLib.Variant": (GLib.Variant, "a GLib.Variant"),
    "Gio.File": (Gio.File, "a Gio.File"),
    "Gio.Cancellable": (Gio.Cancellable, "a Gio.Cancellable"),
    "Gio.InputStream": (Gio.InputStream, "a Gio.InputStream"),
    "Gio.OutputStream": (Gio.OutputStream, "a Gio.OutputStream"),
}


# By the names of types of properties.
_FUNDAMENTAL = {"gchararray": "utf8", **{name: "gint64" for name in ("gint", "guint", "guint64", "gint64")}}
_NUMBERS = (numbers.Real, numbers.Integral)
_MANY = {"a string": "strings", "an integer": "integers", "a number": "numbers"}
_RANGES = {"gint32": (-2 ** 31, 2 ** 31 - 1), "guint32": (0, 2 ** 32 - 1), "gint64": (-2 ** 63, 2 ** 63 - 1),
           "guint64": (0, 2 ** 64 - 1), "gsize": (0, 2 ** 64 - 1)}


def describe(value):
    """What a value is, in a message."""
    return "None" if value is None else type(value).__name__


def name_type(kind):
    """The name of a type of the introspection data, with the namespace of those of others."""
    tag = kind.get_tag_as_string()
    if tag != "interface":
        return tag
    interface = kind.get_interface()
    prefix = "" if interface.get_namespace() == "Arbor" else interface.get_namespace() + "."
    return prefix + interface.get_name()


def _fits(value, wanted):
    """Whether a value is of a class. True is no number, though Python counts it as one."""
    return isinstance(value, wanted) and not (wanted in _NUMBERS and isinstance(value, bool))


def find_noun(name, value):
    """What was expected in place of a value, by the name of the type; None: nothing else, or unknown."""
    noun = _NOUNS.get(_FUNDAMENTAL.get(name, name))
    return None if noun is None or _fits(value, noun[0]) else noun[1]


def find_in_array(name, values):
    """The same for an array of a type: what was expected, and in place of what."""
    noun = _NOUNS.get(name)
    many = _MANY.get(noun[1] if noun is not None else None)
    if many is None:
        return None
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        return "a list of " + many, values
    return next(((many, one) for one in values if not _fits(one, noun[0])), None)


def find_range(function, signature, arguments, keywords):
    """The OverflowError that says which number does not fit."""
    bound = signature.bind(*arguments, **keywords)
    for argument in function.get_arguments():
        kind = signatures.type_of(argument)
        name = argument.get_name()
        value = bound.arguments.get(name)
        if kind.get_tag_as_string() == "array":
            kind, values = kind.get_param_type(0), value
        else:
            values = [value]
        least, most = _RANGES.get(kind.get_tag_as_string(), (None, None))
        for one in values if least is not None and isinstance(values, Iterable) else ():
            if isinstance(one, int) and not least <= one <= most:
                return OverflowError("expected an integer from %d to %d for %s, found %d"
                                     % (least, most, name, one))
    return None


def is_choice(kind):
    """Whether a type is an enumeration of the library, or flags."""
    interface = kind.get_interface() if kind.get_tag_as_string() == "interface" else None
    return isinstance(interface, EnumInfo) and interface.get_namespace() == "Arbor"


def _find_type(argument, value):
    """What was expected in place of an argument, and in place of what."""
    kind = signatures.type_of(argument)
    if value is None and argument.may_be_null():
        return None
    if kind.get_tag_as_string() == "array":
        return find_in_array(name_type(kind.get_param_type(0)), value)
    if is_choice(kind):
        return None if _fits(value, numbers.Integral) else ("Arbor." + name_type(kind), value)
    noun = find_noun(name_type(kind), value)
    return None if noun is None or name_type(kind) == "Arbor" and value is not None else (noun, value)


def find_doubtful(function):
    """Classes of arguments that PyGObject would take for something else: the point of a number, or of a
    truth, is cut off, a text is many."""
    kinds = [signatures.type_of(argument) for argument in function.get_arguments()]
    names = {name_type(kind) for kind in kinds}
    elements = {name_type(kind.get_param_type(0)) for kind in kinds if kind.get_tag_as_string() == "array"}
    integers = {name for name, (wanted, _) in _NOUNS.items() if wanted is numbers.Integral}
    doubtful = set()
    if not names & {"gdouble", "double"} or names & integers:
        doubtful.add(float)
    if "gboolean" not in names or names & {"gdouble", "double", *integers}:
        doubtful.add(bool)
    if elements & {"utf8", *integers}:
        doubtful |= {str, bytes, list, tuple}
    return frozenset(doubtful)


def _say_number(function, signature, arguments, keywords):
    """That there are too many, or which one is missing."""
    names = list(signature.parameters)
    if len(arguments) > len(names):
        hidden = 1 if function.is_method() else 0
        return ("%s takes %d arguments at most, found %d"
                % (function.get_name(), len(names) - hidden, len(arguments) - hidden))
    for name in keywords:
        if name not in names:
            return "%s has no argument %s: there are %s" % (function.get_name(), name, ", ".join(names))
    for name in names[len(arguments):]:
        if name not in keywords and signature.parameters[name].default is Parameter.empty:
            return "the argument %s is missing" % name
    return None


def find(function, signature, arguments, keywords):
    """The TypeError that says what is wrong with the arguments, or None: nothing is known."""
    try:
        bound = signature.bind(*arguments, **keywords)
    except TypeError as error:
        return TypeError(_say_number(function, signature, arguments, keywords) or str(error))
    by_name = {argument.get_name(): argument for argument in function.get_arguments()}
    for name, value in bound.arguments.items():
        wrong = _find_type(by_name[name], value) if name in by_name else None
        if wrong is not None:
            return TypeError("expected %s for %s, found %s" % (wrong[0], name, describe(wrong[1])))
    return None
