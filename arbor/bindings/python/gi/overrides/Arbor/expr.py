# Expressions: operators, methods that take Python values, choices.

from gi.module import get_introspection_module

from . import arguments as args
from . import calls
from . import errors
from .builders import BUILDERS

_raw = get_introspection_module("Arbor")


def call(function, *arguments):
    """An expression that calls a function by its name."""
    return Expr.new_call(function, [args.lit(argument) for argument in arguments])


_parse_with = errors.raising(_raw.Expr.parse_with)


def expr(text, *values):
    """An expression of its text, in which each ? is the place of a value: Arbor.expr("age > ?", 5).
    A value is data, or an expression; it is never read as text."""
    if not isinstance(text, str):
        raise args.expected("the text of an expression", text)
    return _parse_with(text, [args.lit(value) for value in values])


def _binary(name):
    function = errors.raising(getattr(_raw.Expr, name))

    def method(self, other):
        return function(self, args.lit(other))
    method.__name__ = name
    return method


# What they are given is evaluated for each element.
_WALKERS = frozenset(("map", "filter", "min_by", "max_by"))


def _method(name, n_needed, n, brief):
    function = errors.raising(getattr(_raw.Expr, name))

    def method(self, *arguments):
        if not n_needed <= len(arguments) <= n:
            raise TypeError("%s takes %d to %d arguments, found %d"
                            % (name, n_needed, n, len(arguments)))
        if name in _WALKERS and any(isinstance(argument, str) for argument in arguments):
            raise TypeError("%s computes an expression for each element, such as "
                            "Arbor.element() > 1; a text would be the text itself" % name)
        arguments = [args.lit(argument) for argument in arguments]
        return function(self, *arguments, *[None] * (n - len(arguments)))
    method.__name__ = name
    method.__doc__ = brief
    method.__signature__ = function.__signature__
    return method


def _operator(name):
    method = _binary(name)

    def apply(self, other):
        try:
            other = args.lit(other)
        except TypeError:
            return NotImplemented
        return method(self, other)
    return apply


def _reflected(name):
    method = _binary(name)

    def apply(self, other):
        try:
            other = args.lit(other)
        except TypeError:
            return NotImplemented
        return method(other, self)
    return apply


@errors.override
class Expr(_raw.Expr):
    """An expression, immutable. Operators make larger ones; the other side may be a Python
    value."""

    __eq__, __ne__ = _operator("eq"), _operator("ne")
    __lt__, __le__ = _operator("lt"), _operator("le")
    __gt__, __ge__ = _operator("gt"), _operator("ge")
    __and__, __rand__ = _operator("both"), _reflected("both")
    __or__, __ror__ = _operator("either"), _reflected("either")
    __add__, __radd__ = _operator("add"), _reflected("add")
    __sub__, __rsub__ = _operator("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _operator("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _operator("divide"), _reflected("divide")
    __floordiv__, __rfloordiv__ = _operator("div"), _reflected("div")
    __mod__, __rmod__ = _operator("mod"), _reflected("mod")
    __pow__, __rpow__ = _operator("pow"), _reflected("pow")

    def __abs__(self):
        return self.abs()

    def sort(self, key=None, descending=False):
        """The elements of an array in the order of their keys."""
        if isinstance(key, str):
            raise TypeError("sort computes an expression for each element, such as "
                            "Arbor.element(\"name\"); a text would be the text itself")
        calls.check_boolean("descending", descending)
        if key is None and not descending:
            return _expr_sort(self, None, None)
        return _expr_sort(self, element() if key is None else args.lit(key),
                          args.lit(True) if descending else None)

    def coalesce(self, *others):
        """The first of them that is neither null nor missing."""
        return call("coalesce", self, *others)

    def match_case(self, *pairs):
        """The value behind what equals it; a last one alone is for everything else."""
        return call("case", self, *pairs)

    def __invert__(self):
        return self.negate()

    def __neg__(self):
        return self.minus()

    def __hash__(self):
        return self.hash()

    def __bool__(self):
        raise TypeError("an expression is not true or false by itself: write & | ~ for and, or, "
                        "not, with each side in parentheses, and (a < b) & (b < c) for a < b < c; "
                        "whether two expressions are the same is a.equal(b)")

    def is_in(self, *candidates):
        """Whether the value equals one of a list."""
        if len(candidates) == 1 and isinstance(candidates[0], (list, tuple, set, frozenset, range)):
            candidates = candidates[0]
        return _expr_is_in(self, [args.lit(candidate) for candidate in candidates])

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        return Expr.parse, (self.to_string(),)

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        return "<ArborExpr %s>" % self.to_string()


_expr_is_in = errors.raising(_raw.Expr.is_in)


# sort is above.
for _name, (_needed, _n, _brief) in BUILDERS.items():
    if _name != "sort":
        setattr(Expr, _name, _method(_name, _needed, _n, _brief))
_expr_sort = errors.raising(_raw.Expr.sort)


def element(path=None):
    """`@`, the element of an array in map, filter, sort and the like, or a path from it."""
    return errors.raising(_raw.element)(path)


def _condition(value):
    """A text is code, as in filter."""
    return args.predicate(value) if isinstance(value, str) else args.lit(value)


class _When:
    """A choice that is being written: when (c).then (a).when (d).then (b).otherwise (e)."""

    def __init__(self, arguments):
        self._arguments = arguments

    def when(self, condition):
        return _When(self._arguments + [_condition(condition)])

    def then(self, value):
        return _When(self._arguments + [args.lit(value)])

    def otherwise(self, value):
        return call("when", *self._arguments, value)


def when(condition):
    """Begins a choice: Arbor.when(c).then(a).otherwise(b)."""
    return _When([_condition(condition)])
