"""Bad input of every kind has a defined answer, and none is a crash: a walk over all functions of the library.

Usage: test-bad-input.py GIR LIBRARY

As C calls them, each argument that may not be is in turn NULL, and of another class: that is a critical
message, and nothing is done. Then, through the introspection data, objects are disposed of before each of their
methods is called, methods are called in another thread, and with a current cancellable that was cancelled before:
an answer or an error, no critical message, and the same answer as anywhere else. What callbacks throw, what is
closed meanwhile and values of wrong types are the bindings' (test_twins.py, test_complete.py).

The calls are made by a child, which keeps note of what it calls: when it dies, that is told.
"""

import ctypes
import os
import re
import shutil
import sys
import threading
import traceback
import xml.etree.ElementTree as ElementTree

from gi.repository import Gio, GLib, GObject

from calls import (CORE, LINES, Arbor, call, expr, folder, full_store, in_memory, make_objects, methods_of, open_store,
                   problem, problems)

C = '{http://www.gtk.org/introspection/c/1.0}'
SCALARS = {
    'gboolean': ctypes.c_int, 'gint': ctypes.c_int, 'guint': ctypes.c_uint, 'guint32': ctypes.c_uint,
    'gint64': ctypes.c_int64, 'guint64': ctypes.c_uint64, 'gsize': ctypes.c_size_t, 'gssize': ctypes.c_ssize_t,
    'gdouble': ctypes.c_double, 'GType': ctypes.c_size_t, 'GLib.Quark': ctypes.c_uint32,
}
CALLBACK = ctypes.CFUNCTYPE(None)
LOG = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
criticals = []


@LOG
def on_log(domain, level, message, data):
    criticals.append((message or b'').decode())


def address(value):
    """Of what a Python object stands for."""
    if isinstance(value, GObject.Object):
        return hash(value)
    shown = (re.search(r' at (0x[0-9a-f]+)\)>$', cls.__repr__(value)) for cls in type(value).__mro__)
    found = next(filter(None, shown), None)
    return int(found[1], 16) if found is not None else hash(value)



class Argument:
    """One argument as C takes it."""

    def __init__(self, element, kinds):
        array = element.find(CORE + 'array')
        inner = element if array is None else array
        kind = inner.find(CORE + 'type')
        self.name = element.get('name')
        self.type = kind.get('name') if kind is not None else 'none'
        self.is_array = array is not None
        self.c_type = (element.find(CORE + 'type') if array is None else array).get(C + 'type') or ''
        self.is_length = False
        self.is_out = element.get('direction') == 'out'
        self.is_instance = element.tag == CORE + 'instance-parameter'
        self.is_nullable = element.get('nullable') == '1' or element.get('allow-none') == '1'
        self.is_callback = kinds.get(self.type) == 'callback' or self.type.endswith(('Callback', 'Func', 'Notify'))
        self.is_class = kinds.get(self.type) in ('class', 'interface') or self.type.startswith(
            ('Gio.', 'GObject.Object')) and not self.is_callback
        self.is_pointer = self.c_type.endswith('*') or self.is_callback or self.is_array or self.type in (
            'utf8', 'filename', 'gpointer')
        # A pointer into C's own, whose length says that it is empty.
        self.is_closure = self.type == 'gpointer'

    def must_be(self):
        return self.is_pointer and not self.is_out and not self.is_nullable and not self.is_closure


class Function:
    def __init__(self, element, library, kinds):
        listed = element.find(CORE + 'parameters')
        listed = [] if listed is None else list(listed)
        self.name = element.get(C + 'identifier')
        self.function = getattr(library, self.name)
        self.throws = element.get('throws') == '1'
        self.arguments = [Argument(each, kinds) for each in listed]
        parameters = [each for each in self.arguments if not each.is_instance]
        for each in listed:
            array = each.find(CORE + 'array')
            if array is not None and array.get('length') is not None:
                parameters[int(array.get('length'))].is_length = True
        result = element.find(CORE + 'return-value').find(CORE + 'type')
        name = 'array' if result is None else result.get('name')
        self.gives_pointer = name != 'none' and name not in SCALARS and (
            result is None or result.get(C + 'type', '').endswith('*'))
        self.function.restype = None if name == 'none' else ctypes.c_void_p if self.gives_pointer else (
            SCALARS.get(name, ctypes.c_int))

    def call(self, values):
        """What is returned, and the critical messages meanwhile."""
        criticals.clear()
        error = ctypes.c_void_p()
        values = [*values, ctypes.byref(error)] if self.throws else values
        result = self.function(*values)
        return result, list(criticals), error.value


class Mapped(GObject.Object, Arbor.Mappable):
    """Of a class that says itself how it is read and written."""


class Walk:
    """Of all functions as C calls them."""

    def __init__(self, namespace, library, journal):
        self.kinds = {each.get('name'): each.tag.removeprefix(CORE) for each in namespace}
        self.journal = journal
        self.kept = []
        self.n = 0
        store, other = full_store('c.arbor'), open_store('c.arbor')
        self.objects = all_objects(make_objects(store, other))
        self.functions = [
            Function(each, library, self.kinds) for each in namespace.iter()
            if each.tag in (CORE + 'method', CORE + 'function', CORE + 'constructor')
            and each.get(C + 'identifier') and each.get('moved-to') is None
            and each.find(f'.//{CORE}varargs') is None
            and 'va_list' not in {one.get(C + 'type') for one in each.iter(CORE + 'type')}]

    def pointer(self, value):
        self.kept.append(value)
        return ctypes.c_void_p(address(value))

    def good(self, argument):
        """A value that is one, as far as the checks of arguments look."""
        if argument.is_out:
            self.kept.append(ctypes.create_string_buffer(64))
            return ctypes.cast(self.kept[-1], ctypes.c_void_p)
        if argument.is_length:
            return ctypes.c_size_t(1)
        if not argument.is_pointer:
            return SCALARS.get(argument.type, ctypes.c_int)(1 if argument.type == 'gsize' else 0)
        if argument.is_nullable or argument.is_closure:
            return None
        if argument.is_array:
            array = (ctypes.c_void_p * 2)()
            self.kept.append(array)
            if argument.type == 'utf8':
                self.kept.append(ctypes.create_string_buffer(b'a'))
                array[0] = ctypes.addressof(self.kept[-1])
            elif argument.is_class:
                array[0] = self.pointer(self.instance(argument.type)).value
            return ctypes.cast(array, ctypes.c_void_p)
        if argument.is_callback:
            self.kept.append(CALLBACK(lambda: None))
            return self.kept[-1]
        if argument.type in ('utf8', 'filename'):
            return ctypes.c_char_p(b'a')
        return self.pointer(self.instance(argument.type))

    def instance(self, name):
        if name == 'GLib.Bytes':
            return GLib.Bytes.new(LINES)
        if name == 'GLib.Variant':
            return GLib.Variant('i', 5)
        if name == 'Gio.File':
            return Gio.File.new_for_path(folder + '/nothing')
        if name == 'Gio.InputStream':
            return Gio.MemoryInputStream()
        if name == 'Gio.OutputStream':
            return Gio.MemoryOutputStream.new_resizable()
        if name == 'Gio.AsyncResult':
            return Gio.Task()
        if name == 'Gio.ListModel':
            return Gio.ListStore.new(GObject.Object)
        if name == 'GObject.Object':
            return GObject.Object()
        if name == 'GObject.ParamSpec':
            return Arbor.StoreOptions.find_property('create')
        if name == 'GObject.Value':
            return GObject.Value(int, 5)
        if name not in self.objects:
            problem(f'no object of {name}: teach this test to make one')
            return GObject.Object()
        return self.objects[name][0]

    def wrongs(self, argument):
        yield 'NULL', None
        if argument.is_class and not argument.is_array and argument.type != 'GObject.Object':
            other = Gio.SimpleAction.new('a', None) if argument.type.startswith('Gio') else Gio.Cancellable()
            yield 'of another class', self.pointer(other)

    def run(self):
        for function in self.functions:
            for i, argument in enumerate(function.arguments):
                if not argument.must_be():
                    continue
                for how, wrong in self.wrongs(argument):
                    values = [self.good(each) for each in function.arguments]
                    values[i] = wrong
                    what = f'{function.name} whose {argument.name} is {how}'
                    self.journal(what)
                    self.n += 1
                    result, said, error = function.call(values)
                    if not said:
                        problem(f'{what}: no critical message')
                    elif function.gives_pointer and result is not None:
                        problem(f'{what}: returned {result}')
                    elif error is not None:
                        problem(f'{what}: sets an error, too')


def all_objects(objects):
    """Objects of each class, also of those that carry no token."""
    people = in_memory()
    found = {name: list(states.values()) for name, states in objects.items()}
    builder = Arbor.Builder()
    report = objects['Store']['store'].verify(None)
    for value in (expr(), Arbor.CloseToken(), builder, people.infer_schema(), people.get_column('a', None),
                  report, objects['Store']['store'].get_stats(), *(getattr(Arbor, name)() for name in (
                      'IndexOptions', 'JoinOptions', 'LoadOptions', 'NestOptions', 'SortOptions', 'StoreOptions'))):
        found.setdefault(type(value).__name__, []).append(value)
    found['CloseObserver'] = [Arbor.CloseObserver.new(found['CloseToken'][0])]
    found['ObjectModel'] = [Arbor.ObjectModel.new(Gio.ListStore.new(Arbor.Row), Arbor.StoreOptions.__gtype__)]
    damaged = os.path.join(folder, 'damaged')
    with open(os.path.join(folder, 'c.arbor'), 'rb') as whole, open(damaged, 'wb') as file:
        file.write(whole.read()[:24000])
    found['Finding'] = [Arbor.verify_file(damaged, None, None).dup_finding(0)]
    found['Mappable'] = [Mapped()]
    found['LoadReport'] = [Arbor.load_bytes(GLib.Bytes.new(LINES), None)[1]]
    return found


# Those of one thread, that of their main context: what they do elsewhere nobody says.
OF_ONE_THREAD = {'ListModel', 'ObjectModel'}


class States:
    """The same calls by introspection, of objects in another state or from elsewhere: answers or errors, and no
    critical message."""

    def __init__(self, namespace, journal):
        self.journal = journal
        self.n = 0
        self.methods = {}
        for element in namespace.findall(CORE + 'class'):
            methods = methods_of(element)
            methods = [each for each in methods if not each.is_async and not each.name.endswith('_finish')]
            # What ends an object comes last.
            self.methods[element.get('name')] = sorted(methods, key=lambda one: 'close' in one.name)

    def each(self, name):
        """Fresh objects, their methods, and good arguments."""
        store, other = full_store(name), open_store(name)
        for owner, states in make_objects(store, other).items():
            for how, value in states.items():
                for method in self.methods[owner]:
                    yield f'{method.full_name} ({how})', owner, value, method

    def call(self, how, what, function, *arguments):
        self.journal(f'{what} {how}')
        criticals.clear()
        self.n += 1
        error = call(function, arguments)
        if criticals:
            problem(f'{what} {how}: {criticals[0]}')
        return error

    def outcomes(self, name, how, wrap):
        """What comes of each call: None, or what the error says."""
        found = {}
        for what, owner, value, method in self.each(name):
            if how == 'in another thread' and owner in OF_ONE_THREAD:
                continue
            error = self.call(how, what, wrap(getattr(value, method.name)), *next(method.argument_lists()))
            found[what] = error if error is None else (error.domain, error.code, error.message.replace(name, 'x'))
        return found

    def disposed(self):
        ended = set()
        for what, _, value, method in self.each('disposed.arbor'):
            if value not in ended:
                ended.add(value)
                value.run_dispose()
            self.call('when it was disposed of', what, getattr(value, method.name),
                      *next(method.argument_lists()))

    def elsewhere(self):
        """In another thread and with a current cancellable that is cancelled: as here, or cancelled."""
        here = self.outcomes('here.arbor', 'here', lambda function: function)
        there = self.outcomes('there.arbor', 'in another thread', in_thread)
        for what, outcome in there.items():
            if outcome != here[what]:
                problem(f'{what} in another thread: {outcome}, here {here[what]}')
        cancelled, n = self.outcomes('cancelled.arbor', 'cancelled', when_cancelled), 0
        for what, outcome in cancelled.items():
            is_cancelled = outcome is not None and outcome[:2] == ('g-io-error-quark', Gio.IOErrorEnum.CANCELLED)
            n += is_cancelled
            # What comes later rests on what was not done.
            if not is_cancelled and outcome is not None and outcome != here[what] and (
                    outcome[0] != 'arbor-error-quark'):
                problem(f'{what} cancelled: {outcome}, here {here[what]}')
        if n < 50:
            problem(f'only {n} calls were cancelled')


def in_thread(function):
    def run(*arguments):
        raised = []
        thread = threading.Thread(target=lambda: raised.append(call(function, arguments)))
        thread.start()
        thread.join()
        if raised[0] is not None:
            raise raised[0]
    return run


def when_cancelled(function):
    def run(*arguments):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        cancellable.push_current()
        try:
            function(*arguments)
        finally:
            cancellable.pop_current()
    return run


def main(gir, library, journal):
    namespace = ElementTree.parse(gir).getroot().find(CORE + 'namespace')
    glib = ctypes.CDLL('libglib-2.0.so.0')
    glib.g_log_set_always_fatal(4)
    glib.g_log_set_default_handler(on_log, None)
    walk = Walk(namespace, ctypes.CDLL(library), journal)
    walk.run()
    states = States(namespace, journal)
    states.disposed()
    states.elsewhere()
    print(f'{states.n} calls of objects that were disposed of, elsewhere and cancelled')
    print(f'{walk.n} calls of {len(walk.functions)} functions as C makes them')


def run_child(path):
    with open(path, 'w', encoding='utf-8') as file:
        def journal(line):
            file.seek(0)
            file.truncate()
            file.write(line)
            file.flush()
        main(sys.argv[1], sys.argv[2], journal)
    sys.stdout.flush()
    # Nothing that was called with bad input is finalised by an interpreter that ends.
    os._exit(1 if problems else 0)


def run():
    path = os.path.join(folder, 'journal')
    child = os.fork()
    if child == 0:
        try:
            run_child(path)
        finally:
            traceback.print_exc()
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status < 0:
        with open(path, encoding='utf-8') as file:
            print(f'died of signal {-status} in {file.read()}')
    shutil.rmtree(folder)
    return 1 if status != 0 else 0


sys.exit(run())
