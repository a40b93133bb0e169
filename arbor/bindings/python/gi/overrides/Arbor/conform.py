# What all functions of the library have in common that have no override of their own: Python values where
# they take trees, arbors or expressions, by what their introspection data says; and no other truth values than True and False, where PyGObject makes one of anything.

import functools

from gi.module import get_introspection_module

from . import arguments as args
from . import signatures

_raw = get_introspection_module("Arbor")


def _type_of(argument):
    """Its name, with [] behind that of an array's elements."""
    kind = signatures.type_of(argument)
    if kind.get_tag_as_string() == "array":
        return _name_of(kind.get_param_type(0)) + "[]"
    return _name_of(kind)


def _name_of(kind):
    interface = kind.get_interface() if kind.get_tag_as_string() == "interface" else None
    return kind.get_tag_as_string() if interface is None else interface.get_name()


def _all(convert, what):
    return lambda values: [convert(value) for value in args.check_many(what, values)]


def _check_boolean(name):
    def check(value):
        if not isinstance(value, bool):
            raise args.expected("a boolean for %s" % name, value)
        return value
    return check


def _converter(owner, argument):
    if _type_of(argument) == "gboolean":
        return _check_boolean(argument.get_name())
    expression = args.lit if owner == "Expr" else args.predicate
    if _type_of(argument) == "Expr[]" and owner != "Expr" and argument.get_name().endswith("keys"):
        return args.side
    name = argument.get_name()
    return {"Tree": args.to_tree, "Arbor": args.to_arbor, "Expr": expression,
            "Expr[]": _all(expression, "expressions for " + name),
            "Arbor[]": lambda values: args.to_arbors(values, name)}.get(_type_of(argument))


def _wrap(plain, converters):
    @functools.wraps(plain)
    def call(*arguments, **keywords):
        arguments = list(arguments)
        for i, (name, convert, may_be_none) in converters.items():
            if i < len(arguments):
                if not may_be_none or arguments[i] is not None:
                    arguments[i] = convert(arguments[i])
            elif name in keywords and not (may_be_none and keywords[name] is None):
                keywords[name] = convert(keywords[name])
        return plain(*arguments, **keywords)
    return call


def extend(cls):
    """Wraps what the class has from the library as it is."""
    for name, member in list(vars(cls).items()):
        plain = getattr(member, "__func__", member)
        function = getattr(plain, "library_function", None)
        if function is None:
            continue
        first = 1 if function.is_method() else 0
        shown = [parameter for parameter in plain.__signature__.parameters if parameter != "self"]
        by_name = {argument.get_name(): argument for argument in function.get_arguments()}
        converters = {i + first: (each, _converter(cls.__name__, by_name[each]), by_name[each].may_be_null())
                      for i, each in enumerate(shown)}
        converters = {i: found for i, found in converters.items() if found[1] is not None}
        if converters:
            made = _wrap(plain, converters)
            setattr(cls, name, staticmethod(made) if isinstance(member, staticmethod) else made)
