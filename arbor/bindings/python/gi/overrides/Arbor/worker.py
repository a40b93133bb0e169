# Long calls and Ctrl-C. Python runs signal handlers in its main thread, and only between two of its own
# instructions: a long call there would have to end first. So the main thread has long calls made by a
# worker and waits; what the call calls back comes to the main thread all the same. An exception
# there, KeyboardInterrupt above all, cancels the call, waits for its end, and goes on. What a write
# changed is told there, too, before it returns: to the store the worker is another thread. What it
# cancels is the current cancellable of its thread, which the library asks in all that takes time.
#
# An exception may come between any two instructions here. So what is to be done lies in attributes,
# which are looked at before each wait; the queues only wake up.

import os
import signal
import threading
import time
from queue import Empty, SimpleQueue

from gi.module import get_introspection_module
from gi.repository import Gio, GObject

_raw = get_introspection_module("Arbor")
# Seconds after which a second interrupt leaves a call that does not end, such as a read that blocks.
_PATIENCE = 2

# Functions that take a cancellable are long, but those that have to do with the caller's main context.
_IN_PLACE = {"Store.open", "Store.open_gfile"}
# Those that take none and may compute.
_COMPUTING = {
    "Arbor": """all_of any_of find find_int64 find_one find_one_or_error get get_n_batches get_n_bytes get_n_trees
                group_by histogram infer_schema take to_csv to_json to_jsonl value_counts""",
    "Cursor": "next seek",
    "Groups": "aggregate find get_key get_members get_n_groups",
    "Iter": "next_many next_value",
    "Query": "execute execute_as_written",
    "Tree": "diff merge_patch patch query",
    "": "load_bytes read_csv read_json read_jsonl",
}
_COMPUTING = {name if owner == "" else "%s.%s" % (owner, name)
              for owner, names in _COMPUTING.items() for name in names.split()}

# Workers at rest.
_idle = []
_of_thread = threading.local()
_SYNCHRONOUS = {signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV}


def is_long(function):
    """Whether a function of the library may take long."""
    owner = function.get_container()
    name = function.get_name()
    if owner is not None:
        name = "%s.%s" % (owner.get_name(), name)
    if name in _IN_PLACE:
        return False
    return name in _COMPUTING or any(argument.get_name() == "cancellable"
                                     for argument in function.get_arguments())


class _Call:
    """A call that a worker makes for the main thread."""

    def __init__(self, function, arguments, keywords):
        self.work = (function, arguments, keywords)
        self.cancellable = Gio.Cancellable()
        self.is_done = False
        self.result = None
        self.error = None
        self.interrupt = None
        self.request = None
        self.refusal = None
        self.wake = SimpleQueue()
        self.reply = SimpleQueue()

    # In the worker.

    def make(self):
        function, arguments, keywords = self.work
        self.work = None
        followed = []
        try:
            arguments = [self._follow(argument, followed) for argument in arguments]
            keywords = {name: self._follow(value, followed) for name, value in keywords.items()}
            self.cancellable.push_current()
            try:
                self.result = function(*arguments, **keywords)
            finally:
                self.cancellable.pop_current()
        except BaseException as error:
            self.error = error
        for cancellable, handler in followed:
            GObject.Object.disconnect(cancellable, handler)

    def _follow(self, argument, followed):
        """Instead of the caller's cancellable our own, which it cancels, too."""
        if not isinstance(argument, Gio.Cancellable):
            return argument
        own = self.cancellable
        handler = GObject.Object.connect(argument, "cancelled", lambda _: own.cancel())
        followed.append((argument, handler))
        if argument.is_cancelled():
            own.cancel()
        return own

    def ask(self, function, arguments):
        self.refusal = None
        self.request = (function, arguments)
        self.wake.put(None)
        while self.request is not None:
            try:
                self.reply.get(timeout=0.1)
            except Empty:
                pass
        if self.refusal is not None:
            raise self.refusal

    # In the main thread.

    def wait(self):
        is_begun = False
        since = None
        while not self.is_done:
            try:
                if not is_begun:
                    is_begun = True
                    _give(self)
                while not self.is_done:
                    if self.request is not None:
                        self._answer()
                    else:
                        self.wake.get()
            except BaseException as error:
                self.cancellable.cancel()
                if self.interrupt is None:
                    self.interrupt = error
                    since = time.monotonic()
                elif time.monotonic() - since > _PATIENCE:
                    break

    def _answer(self):
        function, arguments = self.request
        try:
            if self.interrupt is not None:
                raise self.interrupt
            function(*arguments)
        except BaseException as error:
            self.refusal = error
        self.request = None
        self.reply.put(None)


def _work(calls):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - _SYNCHRONOUS)
    while True:
        call = calls.get()
        _of_thread.call = call
        call.make()
        _of_thread.call = None
        _idle.append(calls)
        call.is_done = True
        call.wake.put(None)
        del call


def _give(call):
    try:
        calls = _idle.pop()
    except IndexError:
        calls = SimpleQueue()
        threading.Thread(target=_work, args=(calls,), name="arbor", daemon=True).start()
    calls.put(call)


def run(function, *arguments, **keywords):
    """Calls a function; in the main thread so that signals are handled meanwhile."""
    if threading.get_ident() != threading.main_thread().ident:
        return function(*arguments, **keywords)
    call = _Call(function, arguments, keywords)
    call.wait()
    tell_changed(arguments)
    if call.interrupt is not None:
        raise call.interrupt
    if call.error is not None:
        raise call.error
    return call.result


def tell_changed(arguments):
    """Emits what a write by another thread left to its caller, which is this one. The store is the
    first argument, or its transaction."""
    store = arguments[0] if arguments else None
    if isinstance(store, _raw.Transaction):
        store = store.dup_store()
    if isinstance(store, _raw.Store):
        store.tell_changed()


def in_caller(function, *arguments):
    """What a long call calls back: where the call was made."""
    call = getattr(_of_thread, "call", None)
    if call is None:
        function(*arguments)
    else:
        call.ask(function, arguments)


# Threads do not come along into a child.
os.register_at_fork(after_in_child=_idle.clear)
