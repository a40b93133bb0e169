# What inspect.signature tells of the library's own functions: the parameters that Python passes, and
# which of them may be left out.

from inspect import Parameter, Signature

from gi._gi import Direction


def _ask(info, *names):
    """What the first method says that there is: newer PyGObjects call some by other names."""
    for name in names:
        method = getattr(info, name, None)
        if method is not None:
            answer = method()
            return answer[-1] if isinstance(answer, tuple) else answer
    return None


def type_of(argument):
    """The type of an argument."""
    return _ask(argument, "get_type_info", "get_type")


def _length_of(kind):
    return _ask(kind, "get_array_length_index", "get_array_length")


def of(function):
    """The signature of a function of the introspected library."""
    arguments = function.get_arguments()
    hidden = {_length_of(function.get_return_type())}
    for argument in arguments:
        hidden.add(_ask(argument, "get_destroy_index", "get_destroy"))
        hidden.add(_length_of(type_of(argument)))
    shown = [argument for i, argument in enumerate(arguments)
             if i not in hidden and argument.get_direction() != Direction.OUT]
    parameters = []
    can_be_left_out = True
    for argument in reversed(shown):
        can_be_left_out = can_be_left_out and argument.may_be_null()
        parameters.insert(0, Parameter(argument.get_name(), Parameter.POSITIONAL_OR_KEYWORD,
                                       default=None if can_be_left_out else Parameter.empty))
    if function.is_method():
        parameters.insert(0, Parameter("self", Parameter.POSITIONAL_OR_KEYWORD))
    return Signature(parameters)
