"""Random methods with random arguments, through introspection: whatever comes is an answer or an error.

Usage: fuzz_introspection.py GIR

The library itself is called, without the Python override. Objects are those that earlier calls gave,
live, closed and disposed ones, of the right class and, where PyGObject lets them through, of another;
numbers come from the edges, texts are expressions, paths, names, JSON and nonsense, callbacks throw,
cancellables are cancelled before or, by another thread, meanwhile, stores are closed at any time, and the
results of one asynchronous call are given to the finish function of another.

A child process makes the calls and keeps a journal; when it dies, its last calls are shown. Critical
messages of GLib are allowed: they are what C is told of NULL. ARBOR_RANDOM_CALLS (3000) and
ARBOR_RANDOM_SEED say how many and which; a build with sanitizers sees more:

  ARBOR_RANDOM_CALLS=2000000 meson test -C build-sanitized -t 100 fuzz-introspection
"""

import faulthandler
import os
import random
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ElementTree

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"

TEXTS = [
    "", "a", "b", "n", "name", "o.x", "a[*]", "a[*].k", "$", "$.a[*]", "$..x", "$.a[?@.k > 1]", "n > 3",
    "n + 1", "upper(name)", "sum(n)", "count()", "collect(name)", "n == 'x'", "name match '^t'",
    "(((", "n >", "o.", "[*]", "nothing", "t", "u", "text", "-", "{}", "[]", '{"a":1}', "1e400", "null",
    '{"n":5,"name":"new","a":[1,{"k":2}]}', "é😀", "a" * 300, "%s%n", "2026-11-30", "out.json",
    "out.csv", "out.jsonl.gz", "in.jsonl", "no/such/file", "s.arbor", "t.arbor", ",", ";", "\t", "1.0", "0",
]
NUMBERS = [0, 1, 2, 3, 5, 10, 100, 1000, -1, -2, 2**15, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 + 1,
           2**63 - 1, -2**63, 2**64 - 1]
RANGES = {
    "gint8": (-2**7, 2**7 - 1), "guint8": (0, 2**8 - 1), "gint": (-2**31, 2**31 - 1),
    "gint32": (-2**31, 2**31 - 1), "guint": (0, 2**32 - 1), "guint32": (0, 2**32 - 1),
    "gint64": (-2**63, 2**63 - 1), "guint64": (0, 2**64 - 1), "gsize": (0, 2**64 - 1),
    "gssize": (-2**63, 2**63 - 1), "glong": (-2**63, 2**63 - 1), "gulong": (0, 2**64 - 1),
}
LINES = "".join('{"n":%d,"name":"text %d","o":{"x":%d,"y":null},"a":[%d,{"k":%d}],"d":%d.5}\n'
                % (i, i % 7, i, i, i % 3, i) for i in range(50))
N_OBJECTS = 40  # of each class, at the most
JOURNAL = 12    # last calls to show


class Fuzzer:
    def __init__(self, gir, seed, journal):
        import gi
        from gi.repository import Gio, GLib, GObject

        gi.require_version("Arbor", "1.0")
        sys.modules["gi.overrides.Arbor"] = None
        self.Arbor = gi.module.get_introspection_module("Arbor")
        self.Gio, self.GLib, self.GObject = Gio, GLib, GObject
        self.random = random.Random(seed)
        self.journal = journal
        self.objects, self.results = {}, []
        self.calls = self.errors = self.refused = self.n_begun = 0
        self.kinds, self.functions = {}, []
        self.read(ElementTree.parse(gir).getroot().find(CORE + "namespace"))

    # What there is

    def read(self, namespace):
        for child in namespace:
            tag, name = child.tag.removeprefix(CORE), child.get("name")
            if tag in ("class", "record", "enumeration", "bitfield", "callback"):
                self.kinds[name] = tag
            if tag == "function":
                self.add(None, child)
            if tag in ("class", "record"):
                for method in child:
                    if method.tag.removeprefix(CORE) in ("method", "function", "constructor"):
                        self.add(name, method)

    def add(self, owner, node):
        if node.get("introspectable") == "0" or node.get("moved-to"):
            return
        holder = getattr(self.Arbor, owner, None) if owner else self.Arbor
        name = node.get("shadows") or node.get("name")
        if holder is None or not hasattr(holder, name):
            return
        parameters = node.find(CORE + "parameters")
        parameters = [] if parameters is None else parameters.findall(CORE + "parameter")
        lengths = {array.get("length") for parameter in parameters
                   for array in [parameter.find(CORE + "array")] if array is not None}
        hidden = {int(parameter.get(key)) for parameter in parameters for key in ("closure", "destroy")
                  if parameter.get(key) is not None}
        kept = [parameter for index, parameter in enumerate(parameters)
                if parameter.get("direction") != "out" and str(index) not in lengths
                and index not in hidden]
        self.functions.append((owner, name, node.tag == CORE + "method", kept))

    # Arguments

    def make(self, parameter):
        choose = self.random
        if parameter.get("nullable") == "1" and choose.random() < 0.4 or choose.random() < 0.01:
            return None
        array = parameter.find(CORE + "array")
        if array is not None:
            inner = array.find(CORE + "type").get("name")
            if inner == "guint8":
                return choose.randbytes(choose.randrange(50))
            return [self.make_type(inner) for _ in range(choose.choice([0, 1, 1, 2, 2, 3, 20]))]
        kind = parameter.find(CORE + "type")
        return None if kind is None else self.make_type(kind.get("name"))

    def make_type(self, name):
        choose, Gio, GLib = self.random, self.Gio, self.GLib
        if name in ("utf8", "filename"):
            return choose.choice(TEXTS)
        if name in RANGES:
            low, high = RANGES[name]
            return min(max(choose.choice(NUMBERS), low), high)
        if name in ("gdouble", "gfloat"):
            return choose.choice([0.0, 1.5, -1.0, float("nan"), float("inf"), 1e308])
        if name == "gboolean":
            return choose.random() < 0.5
        if name == "GLib.Bytes":
            return GLib.Bytes.new(choose.choice([LINES, LINES, *TEXTS]).encode())
        if name == "GLib.Variant":
            return choose.choice([GLib.Variant("i", 5), GLib.Variant("s", "x"), GLib.Variant("mi", None),
                                  GLib.Variant("a{sv}", {"a": GLib.Variant("d", 1.5)}),
                                  GLib.Variant("v", GLib.Variant("ax", [1, 2]))])
        if name == "Gio.Cancellable":
            cancellable = Gio.Cancellable()
            how = choose.random()
            if how < 0.3:
                cancellable.cancel()
            elif how < 0.4:
                threading.Timer(choose.random() / 100, cancellable.cancel).start()
            return cancellable
        if name == "Gio.InputStream":
            return Gio.MemoryInputStream.new_from_bytes(self.make_type("GLib.Bytes"))
        if name == "Gio.OutputStream":
            return Gio.MemoryOutputStream.new_resizable()
        if name == "Gio.File":
            if choose.random() < 0.1:
                return Gio.File.new_for_uri(choose.choice(["resource:///a.csv", "nothing://a/b.jsonl"]))
            return Gio.File.new_for_path(choose.choice(TEXTS))
        if name == "Gio.AsyncResult":
            return choose.choice(self.results) if self.results else Gio.Task()
        if name == "Gio.AsyncReadyCallback":
            return self.keep_result
        if name in ("GObject.Object", "Gio.ListModel"):
            return self.pick(choose.choice(sorted(self.objects)))
        if self.kinds.get(name) == "callback" or name.endswith(("Func", "Callback")):
            return choose.choice([lambda *rest: None, self.throw])
        if self.kinds.get(name) in ("enumeration", "bitfield"):
            return choose.choice([0, 0, 1, 1, 2, 3, 77])
        return self.pick(name)

    def keep_result(self, source, result, *rest):
        self.results.append(result)
        del self.results[:-20]

    def throw(self, *rest):
        raise ValueError("thrown by a callback")

    def pick(self, name):
        """Now and then one of another class, which PyGObject refuses."""
        if self.random.random() < 0.02:
            name = self.random.choice(sorted(self.objects))
        if not self.objects.get(name):
            return None
        return self.random.choice(self.objects[name])

    # Calls

    def begin(self):
        """Whatever ended, there are live objects to go on with."""
        self.n_begun += 1
        for name in ("s.arbor", f"s{self.n_begun}.arbor"):
            try:
                self.keep(self.Arbor.Store.open(name, None, None))
                break
            except self.GLib.Error:  # something else was written there
                pass
        self.keep(self.Arbor.read_jsonl(self.GLib.Bytes.new(LINES.encode())))
        for text in self.random.sample(TEXTS, 8):
            try:
                self.keep(self.Arbor.Expr.parse(text))
            except self.GLib.Error:
                pass
        for name in ("StoreOptions", "LoadOptions", "IndexOptions", "JoinOptions", "NestOptions",
                     "SortOptions", "Builder", "CloseToken"):
            if hasattr(self.Arbor, name):
                self.keep(getattr(self.Arbor, name)())

    def keep(self, value):
        if isinstance(value, (tuple, list)):
            for item in value[:5]:
                self.keep(item)
        elif isinstance(value, (self.GObject.Object, self.GObject.GBoxed)):
            objects = self.objects.setdefault(type(value).__name__, [])
            objects.append(value)
            if len(objects) > N_OBJECTS:
                del objects[self.random.randrange(N_OBJECTS)]

    def call(self):
        owner, name, is_method, parameters = self.random.choice(self.functions)
        arguments = [self.make(parameter) for parameter in parameters]
        holder = getattr(self.Arbor, owner) if owner else self.Arbor
        if is_method:
            arguments.insert(0, self.pick(owner))
            if arguments[0] is None:
                return
        self.journal(f"{owner or 'Arbor'}.{name} {arguments!r:.900}")
        self.calls += 1
        try:
            self.keep(getattr(holder, name)(*arguments))
        except self.GLib.Error:
            self.errors += 1
        except (TypeError, ValueError, OverflowError, UnicodeError, NotImplementedError):
            self.refused += 1

    def disturb(self):
        how = self.random.random()
        if how < 0.02:
            self.begin()
        elif how < 0.03 and self.objects.get("Store"):
            store = self.pick("Store")
            if isinstance(store, self.Arbor.Store):
                threading.Thread(target=store.close).start()
        elif how < 0.032:
            name = self.random.choice(sorted(self.objects))
            value = self.pick(name)
            if isinstance(value, self.GObject.Object):
                self.journal(f"run_dispose {value!r}")
                value.run_dispose()
        elif how < 0.2:
            context = self.GLib.MainContext.default()
            for _ in range(5):
                context.iteration(False)

    def run(self, n):
        with open("in.jsonl", "w", encoding="utf-8") as file:
            file.write(LINES)
        self.begin()
        for _ in range(n):
            self.call()
            self.disturb()
        print(f"{self.calls} calls, {self.errors} errors, {self.refused} refused by PyGObject, of "
              f"{len(self.functions)} functions")
        # The test is worth something.
        assert self.errors + self.refused < self.calls * 3 // 4, "nearly everything is refused"


def run_child(gir, seed, n, folder):
    os.chdir(folder)
    faulthandler.enable()
    with open("journal", "w", encoding="utf-8", errors="replace", buffering=1) as file:
        Fuzzer(gir, seed, lambda line: file.write(line.replace("\n", " ") + "\n")).run(n)
        # Threads, timers and pending calls end before the interpreter does.
        sys.stdout.flush()
        os._exit(0)


def main():
    gir = os.path.abspath(sys.argv[1])
    seed = int(os.environ.get("ARBOR_RANDOM_SEED", "20261130"))
    n = int(os.environ.get("ARBOR_RANDOM_CALLS", "3000"))
    if len(sys.argv) > 2:
        return run_child(gir, seed, n, sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="arbor-fuzz-") as folder:
        # What PyGObject prints of exceptions in callbacks, and GLib of NULL, is not of interest.
        with open(os.path.join(folder, "errors"), "w+", encoding="utf-8", errors="replace") as errors:
            child = subprocess.run([sys.executable, __file__, gir, folder], check=False, stderr=errors,
                                   env={**os.environ, "G_DEBUG": ""})
            if child.returncode == 0:
                return 0
            errors.seek(0)
            sys.stderr.write(errors.read()[-6000:])
        with open(os.path.join(folder, "journal"), encoding="utf-8") as journal:
            sys.stderr.write("".join(journal.readlines()[-JOURNAL:]))
        sys.stderr.write(f"seed {seed}: died with {child.returncode}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
