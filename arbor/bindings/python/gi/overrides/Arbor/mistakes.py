# When PyGObject refuses an argument: a TypeError in the words that every language has. It looks only after
# the refusal, so it costs nothing before.

import numbers
from inspect import Parameter

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
    "GLib.Bytes": (GLib.Bytes, "a GLib.Bytes"),
    "GLib.Variant": (GLib.Variant, "a GLib.Variant"),
    "Gio.Cancellable": (Gio.Cancellable, "a Gio.Cancellable"),
    "Gio.InputStream": (Gio.InputStream, "a Gio.InputStream"),
    "Gio.OutputStream": (Gio.OutputStream, "a Gio.OutputStream"),
}


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


def _find_type(argument, value):
    kind = signatures.type_of(argument)
    noun = _NOUNS.get(name_type(kind))
    if value is None:
        return None if argument.may_be_null() or noun is None else noun[1]
    if noun is None or isinstance(value, noun[0]):
        return None
    return noun[1]


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
        wanted = _find_type(by_name[name], value) if name in by_name else None
        if wanted is not None:
            return TypeError("expected %s for %s, found %s" % (wanted, name, describe(value)))
    return None
