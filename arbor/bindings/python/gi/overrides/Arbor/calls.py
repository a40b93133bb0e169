# How a call is made: options, progress, cancelling, coroutines.

import asyncio
import concurrent.futures
import contextlib
import os

from gi.module import get_introspection_module
from gi.repository import Gio, GLib, GObject

from . import mistakes
from . import signatures
from . import worker

_raw = get_introspection_module("Arbor")


def check_boolean(name, value):
    if not isinstance(value, bool):
        raise TypeError("expected a boolean for %s, found %s" % (name, mistakes.describe(value)))
    return value


def _list_names(enum):
    if issubclass(enum, GObject.GFlags):
        nicks = [member.first_value_nick for _, member in sorted(enum.__flags_values__.items())]
    else:
        nicks = [member.value_nick for _, member in sorted(enum.__enum_values__.items())]
    return [nick.replace("-", "_") for nick in nicks]


def name_of(value):
    """A member of an enumeration by its name, as it is given; anything else as it is."""
    nick = getattr(value, "value_nick", None) or getattr(value, "first_value_nick", None)
    return value if nick is None else nick.replace("-", "_")


def choice(enum, value, name):
    """A member of an enumeration, or of flags, or its name in lower case."""
    if isinstance(value, str):
        member = getattr(enum, value.upper().replace("-", "_"), None)
        if member is None:
            raise ValueError("%r is none of the values of Arbor.%s: there are %s"
                             % (value, enum.__name__, ", ".join(_list_names(enum))))
        return member
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("expected Arbor.%s for %s, found %s" % (enum.__name__, name, mistakes.describe(value)))
    return enum(value) if issubclass(enum, GObject.GFlags) else value


def find_choices(function, signature):
    """The arguments of a function that are such members: their position, name and enumeration."""
    shown = list(signature.parameters)
    for argument in function.get_arguments():
        kind = signatures.type_of(argument)
        if mistakes.is_choice(kind):
            name = argument.get_name()
            yield shown.index(name), name, getattr(_raw, kind.get_interface().get_name())


def choose(choices, arguments, keywords):
    """The arguments with members in place of names."""
    arguments = list(arguments)
    for i, name, enum in choices:
        if i < len(arguments):
            arguments[i] = choice(enum, arguments[i], name)
        elif name in keywords:
            keywords[name] = choice(enum, keywords[name], name)
    return arguments, keywords


def _setting(name, value, kind):
    """A value for a property of a type, where PyGObject takes anything for a boolean or a text, and cuts
    off what is behind a number's point."""
    if kind == GObject.TYPE_BOOLEAN:
        return check_boolean(name, value)
    if kind.is_a(GObject.TYPE_ENUM) or kind.is_a(GObject.TYPE_FLAGS):
        return choice(kind.pytype or getattr(_raw, kind.name[len("Arbor"):]), value, name)
    noun = mistakes.find_noun(kind.name, value)
    if noun is not None and not (value is None and kind == GObject.TYPE_STRING):
        raise TypeError("expected %s for %s, found %s" % (noun, name, mistakes.describe(value)))
    return value


def settings_of(cls, options, settings):
    """Options as an object, from an object or from keyword arguments."""
    if not settings:
        if options is not None and not isinstance(options, cls):
            raise TypeError("expected an Arbor.%s for options, found %s"
                            % (cls.__name__, mistakes.describe(options)))
        return options
    if options is not None:
        raise TypeError("options are given either as an object or as keyword arguments")
    known = {spec.name.replace("-", "_"): spec.value_type for spec in cls.list_properties()}
    for name, value in settings.items():
        if name not in known:
            raise TypeError("unknown option %r: there are %s" % (name, ", ".join(sorted(known))))
        settings[name] = _setting(name, value, known[name])
    if isinstance(settings.get("types"), dict):
        settings["types"] = ["%s=%s" % each for each in settings["types"].items()]
    return cls(**settings)


@contextlib.contextmanager
def following(cancellable):
    """A cancellable of our own that a caller's one, or None, cancels too."""
    own = Gio.Cancellable()
    if cancellable is None:
        yield own
        return
    # Gio.Cancellable has a connect of its own, for C.
    handler = GObject.Object.connect(cancellable, "cancelled", lambda _: own.cancel())
    try:
        if cancellable.is_cancelled():
            own.cancel()
        yield own
    finally:
        GObject.Object.disconnect(cancellable, handler)


def with_progress(function, progress, cancellable):
    """Calls function (progress, its data, cancellable). An exception in the callback ends the call and is
    raised here; PyGObject would print it and go on."""
    if progress is None:
        return function(None, None, cancellable)
    if not callable(progress):
        raise TypeError("expected a function for progress, found %s" % mistakes.describe(progress))
    raised = []
    with following(cancellable) as own:
        def guarded(done, total, _):
            if not raised:
                try:
                    worker.in_caller(progress, done, total)
                except BaseException as error:
                    raised.append(error)
                    own.cancel()
        try:
            result = function(guarded, None, own)
        except GLib.Error:
            if not raised:
                raise
    if raised:
        raise raised[0]
    return result


def _in_loop(loop, function):
    """A function that is called in a loop's thread; its exception is raised where it was called."""
    def call(*arguments):
        ended = concurrent.futures.Future()

        def make():
            try:
                ended.set_result(function(*arguments))
            except BaseException as error:
                ended.set_exception(error)
        loop.call_soon_threadsafe(make)
        return ended.result()
    return call


# Threads of our own: those of asyncio are few, and the whole program shares them.
_threads = concurrent.futures.ThreadPoolExecutor(64, "arbor")


def _make_threads():
    global _threads
    _threads = concurrent.futures.ThreadPoolExecutor(64, "arbor")


# Threads do not come along into a child.
os.register_at_fork(after_in_child=_make_threads)


async def in_thread(function, *arguments, cancellable=None, progress=None, takes_cancellable=True,
                    **keywords):
    """Runs a call in a thread; progress functions are called in the loop's. When the task is cancelled
    so is the call, and its end is awaited: nothing goes on behind the caller's back."""
    loop = asyncio.get_running_loop()
    if progress is not None:
        keywords["progress"] = _in_loop(loop, progress)
    with following(cancellable) as own:
        if takes_cancellable:
            keywords["cancellable"] = own

        def make():
            own.push_current()
            try:
                # Closed is told before.
                if not getattr(arguments[0] if arguments else None, "is_closed", bool)():
                    own.set_error_if_cancelled()
                return function(*arguments, **keywords)
            finally:
                own.pop_current()
        future = loop.run_in_executor(_threads, make)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            own.cancel()
            await asyncio.wait([future])
            future.exception()
            raise
        finally:
            worker.tell_changed(arguments)
