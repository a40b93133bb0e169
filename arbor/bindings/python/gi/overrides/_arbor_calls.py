# How a call is made: options, progress, cancelling, coroutines.

import asyncio
import contextlib
import functools

from gi.repository import Gio, GLib, GObject

from . import _arbor_worker as worker


def settings_of(cls, options, settings):
    """Options as an object, from an object or from keyword arguments."""
    if not settings:
        return options
    if options is not None:
        raise TypeError("options are given either as an object or as keyword arguments")
    known = {spec.name.replace("-", "_") for spec in cls.list_properties()}
    for name in settings:
        if name not in known:
            raise TypeError("unknown option %r: there are %s" % (name, ", ".join(sorted(known))))
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


async def in_thread(function, *arguments, cancellable=None):
    """Runs a call that takes a cancellable last in a thread. When the task is cancelled so is the
    call, and its end is awaited: nothing goes on behind the caller's back."""
    with following(cancellable) as own:
        future = asyncio.get_running_loop().run_in_executor(
            None, functools.partial(function, *arguments, own))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            own.cancel()
            await asyncio.wait([future])
            future.exception()
            raise
