# What inspect.signature tells of the library's own functions: the parameters that Python passes, and
# which of them may be left out.

from inspect import Parameter, Signature

from gi._gi import Direction


def of(function):
    """The signature of a function of the introspected library."""
    arguments = function.get_arguments()
    hidden = {function.get_return_type().get_array_length()}
    for argument in arguments:
        hidden.add(argument.get_destroy())
        hidden.add(argument.get_type().get_array_length())
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
