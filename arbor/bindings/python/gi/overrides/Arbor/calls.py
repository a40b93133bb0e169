# How a call is made: options, progress, cancelling, coroutines.

import asyncio
import concurrent.futures
import contextlib
import inspect

from gi.module import get_introspection_module
from gi.repository import Gio, GLib, GObject

from . import worker

_raw = get_introspection_module("Arbor")


def check_boolean(name, value):
    if not isinstance(value, bool):
        raise TypeError("%s is True or False, not %r" % (name, value))
    return value


def settings_of(cls, options, settings):
    """Options as an object, from an object or from keyword arguments."""
    if not settings:
        return options
    if options is not None:
        raise TypeError("options are given either as an object or as keyword arguments")
    known = {spec.name.replace("-", "_"): spec.value_type for spec in cls.list_properties()}
    for name, value in settings.items():
        if name not in known:
            raise TypeError("unknown option %r: there are %s" % (name, ", ".join(sorted(known))))
        # PyGObject takes anything for a boolean, and cuts off what is behind a number's point.
        if known[name] == GObject.TYPE_BOOLEAN:
            check_boolean(name, value)
        elif isinstance(value, float):
            raise TypeError("option %r takes no float, found %r" % (name, value))
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


async def in_thread(function, *arguments, cancellable=None, progress=None, **keywords):
    """Runs a call in a thread; progress functions are called in the loop's. When the task is cancelled
    so is the call, and its end is awaited: nothing goes on behind the caller's back."""
    loop = asyncio.get_running_loop()
    if progress is not None:
        keywords["progress"] = _in_loop(loop, progress)
    with following(cancellable) as own:
        def make():
            own.push_current()
            try:
                return function(*arguments, cancellable=own, **keywords)
            finally:
                own.pop_current()
        future = loop.run_in_executor(None, make)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            own.cancel()
            await asyncio.wait([future])
            future.exception()
            raise
        finally:
            worker.tell_changed(arguments)


def close_and_wait(store, cancellable=None):
    """Closes a store and waits until nobody is in it any more: GIO's close_async in a context of its own."""
    context = GLib.MainContext()
    context.push_thread_default()
    try:
        ended = []
        _raw.Store.close_async(store, cancellable, lambda _, result: ended.append(result))
        while not ended:
            context.iteration(True)
    finally:
        context.pop_thread_default()
    return store.close_finish(ended[0])


def _add_parameters(signature):
    """That of the method with what an asynchronous one takes, too."""
    given = list(signature.parameters.values())
    last = [parameter for parameter in given if parameter.kind is parameter.VAR_KEYWORD]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return signature.replace(parameters=[
        *given[:len(given) - len(last)],
        inspect.Parameter("cancellable", kind, default=None),
        inspect.Parameter("callback", kind, default=None),
        inspect.Parameter("user_data", inspect.Parameter.VAR_POSITIONAL), *last])


def awaitable(start, call, prepare):
    """The asynchronous twin of a method: with a callback GIO's way, without one a coroutine. It takes what
    the method takes, then a cancellable and the callback. `start` is GIO's function, `prepare` makes
    its arguments of the method's."""
    n = sum(parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            for parameter in inspect.signature(prepare).parameters.values())

    def method(*arguments, cancellable=None, callback=None, **keywords):
        rest = arguments[n:]
        cancellable, callback = (*rest, *(cancellable, callback)[len(rest):])[:2]
        if callback is None:
            return in_thread(call, *arguments[:n], cancellable=cancellable, **keywords)
        return start(*prepare(*arguments[:n], **keywords), cancellable, callback, *rest[2:])
    method.__name__ = start.get_name()
    method.__signature__ = _add_parameters(inspect.signature(prepare))
    method.__doc__ = ("%s () without blocking: a coroutine for asyncio; with a callback, GIO's way."
                      % method.__name__[:-len("_async")])
    return method
