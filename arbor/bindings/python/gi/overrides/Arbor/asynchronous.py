# Asynchronous twins of all functions that have one in the library: they take what the method takes, then a
# cancellable and a callback. With a callback they go GIO's way, in the main context of the caller; without
# one they are coroutines for asyncio, which needs no main context: the method runs in a thread.
#
# What a method makes of its arguments is found by calling it: the function of the library that it would
# call, when it is being taken, does not run but hands back what it was given.

import functools
import inspect
import re
import threading

import gi.repository
from gi.module import get_introspection_module
from gi.repository import Gio, GLib

from . import calls
from . import signatures

_raw = get_introspection_module("Arbor")
_PROGRESS = ["progress", "progress_data"]
_TAIL = [*_PROGRESS, "cancellable", "callback", "user_data"]

# What is being taken, by thread; errors.raising asks.
taking = {}


class _Taken(BaseException):
    def __init__(self, arguments):
        super().__init__()
        self.arguments = arguments


def hand_back(function, arguments):
    """Called instead of a function of the library while something is being taken."""
    if taking.get(threading.get_ident()) is function:
        raise _Taken(arguments)


def _take(function, method, arguments, keywords):
    """The arguments that a method calls the library's function with."""
    thread = threading.get_ident()
    taking[thread] = function
    try:
        method(*arguments, **keywords)
    except _Taken as taken:
        return list(taken.arguments)
    finally:
        del taking[thread]
    raise AssertionError("%s has not called the library" % function.get_name())


def _names_of(function):
    """The parameters that PyGObject shows."""
    listed = re.match(r"\w+\((.*?)\)", function.__doc__)[1]
    return [one.partition(":")[0].partition("=")[0] for one in listed.split(", ") if one]


def _parameters_of(method, function):
    """Of a method: how many it takes by position, None for any number, and the names of all."""
    if method is function or hasattr(method, "__wrapped__"):
        names = _names_of(function)
        return sum(name not in _TAIL for name in names), names
    parameters = inspect.signature(method).parameters
    kinds = [one.kind for name, one in parameters.items() if name not in _TAIL]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return None, list(parameters)
    return sum(kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for kind in kinds), list(parameters)


def drive(start, finish, arguments):
    """Makes an asynchronous call and waits for its end, in a main context of its own."""
    context = GLib.MainContext()
    ended = []
    context.push_thread_default()
    try:
        start(*arguments, lambda source, result: ended.append(result))
        while not ended:
            context.iteration(True)
    finally:
        context.pop_thread_default()
    return finish(ended[0])


class _Twin:
    """What is known of a function and its asynchronous form."""

    def __init__(self, start, function, method, find_finish):
        self.start = start
        self.function = function
        self.method = method
        self.find_finish = find_finish
        names = _names_of(start)
        self.n_given = sum(name not in _TAIL for name in names)
        self.tells = "progress" in names
        self.n_positional, self.known = _parameters_of(method, function)

    def given(self, arguments, keywords):
        """What the library's asynchronous function is given."""
        if self.function is None or self.function is self.method:
            return list(arguments)
        taken = _take(self.function, self.method, arguments, keywords)[:self.n_given]
        return taken + [None] * (self.n_given - len(taken))

    def split(self, arguments, progress, cancellable, callback):
        """What follows the arguments of the method by position."""
        n = len(arguments) if self.n_positional is None else self.n_positional
        arguments, rest = arguments[:n], list(arguments[n:])
        if self.tells and rest and callable(rest[0]):
            progress = rest.pop(0)
        elif self.tells and len(rest) > 1 and rest[0] is None and isinstance(rest[1], Gio.Cancellable):
            rest.pop(0)
        cancellable, callback = (*rest, *(cancellable, callback)[len(rest):])[:2]
        return arguments, progress, cancellable, callback, rest[2:]

    def begin(self, *arguments, **keywords):
        if any(isinstance(one, Gio.File) and one.get_path() is None for one in arguments):
            return self.of_file()(*arguments, **keywords)
        return self.begin_here(*arguments, **keywords)

    def of_file(self):
        """The form that takes a Gio.File, for one that has no path: the function that takes a path would
        call another one than that which is taken."""
        name = self.start.get_name()
        if name.endswith("_gfile_async"):
            return self.begin_here
        owner = self.start.get_container()
        module = gi.repository.Arbor
        return getattr(module if owner is None else getattr(module, owner.get_name()),
                       re.sub("(_file)?_async$", "_gfile_async", name))

    def begin_here(self, *arguments, progress=None, cancellable=None, callback=None, **keywords):
        arguments, progress, cancellable, callback, data = self.split(arguments, progress, cancellable,
                                                                      callback)
        if callback is None:
            return self.work(arguments, keywords, progress, cancellable)
        # Where a function has two callbacks, PyGObject wants the first one's data as a tuple.
        told = [progress, ()] if self.tells else []
        return self.start(*self.given(arguments, keywords), *told, cancellable, callback, *data)

    def work(self, arguments, keywords, progress, cancellable):
        """A coroutine."""
        if progress is not None and not self.tells:
            raise TypeError("%s tells no progress" % self.start.get_name())
        if progress is not None and "progress" not in self.known:
            return calls.in_thread(self.tell, arguments, keywords, cancellable=cancellable,
                                   progress=progress)
        if progress is not None:
            keywords["progress"] = progress
        return calls.in_thread(self.method, *arguments, cancellable=cancellable,
                               takes_cancellable="cancellable" in self.known, **keywords)

    def tell(self, arguments, keywords, cancellable, progress):
        """For a method that tells nothing: its asynchronous form does."""
        given = self.given(arguments, keywords)
        return calls.with_progress(
            lambda told, _, own: drive(self.start, self.find_finish(*arguments[:1]),
                                       [*given, lambda *done: told(*done, None), (), own]),
            progress, cancellable)


def _signature_of(made):
    """That of the method with what an asynchronous one takes, too."""
    if made.method is made.function:
        given = list(signatures.of(made.function).parameters.values())
    else:
        given = list(inspect.signature(made.method).parameters.values())
    given = [parameter for parameter in given if parameter.name not in _TAIL]
    last = [parameter for parameter in given if parameter.kind is parameter.VAR_KEYWORD]
    named = inspect.Parameter.KEYWORD_ONLY
    progress = [inspect.Parameter("progress", named, default=None)] * made.tells
    if made.n_positional is None:
        added = [inspect.Parameter(name, named, default=None) for name in ("cancellable", "callback")]
    else:
        plain = inspect.Parameter.POSITIONAL_OR_KEYWORD
        added = [inspect.Parameter(name, plain, default=None) for name in ("cancellable", "callback")]
        added.append(inspect.Parameter("user_data", inspect.Parameter.VAR_POSITIONAL))
    keywords = [one for one in given if one.kind is named]
    given = [one for one in given if one not in keywords and one not in last]
    return inspect.Signature([*given, *added, *keywords, *progress, *last])


def twin(start, function, method, find_finish=None):
    """The asynchronous form of a method. `start` is GIO's function, `function` the synchronous one of
    the library, None where the method gives it all that it is given; `find_finish (owner)` gives the
    one that ends a call."""
    made = _Twin(start, function, method, find_finish)

    def begin(*arguments, **keywords):
        return made.begin(*arguments, **keywords)
    begin.__signature__ = _signature_of(made)
    begin.__name__ = start.get_name()
    begin.__doc__ = ("%s () without blocking: a coroutine for asyncio; with a callback, GIO's way."
                     % begin.__name__[:-len("_async")])
    return begin


def extend(cls):
    """Gives a class the asynchronous forms that it does not define itself."""
    raw = cls.__bases__[-1]
    for name in list(vars(raw)):
        if name.endswith("_async") and name not in vars(cls):
            stem = name[:-len("_async")]
            function = getattr(raw, stem)
            made = twin(getattr(raw, name), function, getattr(cls, stem),
                        functools.partial(_finish_of, cls, stem))
            setattr(cls, name, made if function.is_method() else staticmethod(made))
    return cls


def _finish_of(cls, stem, owner=None):
    return getattr(cls if owner is None else owner, stem + "_finish")


def of_function(name, method, finish):
    """That of a function of no class."""
    return twin(getattr(_raw, name + "_async"), getattr(_raw, name), method, lambda *_: finish)
