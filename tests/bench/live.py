"""What a live model costs in a window of GTK, beside GTK's own models: figures, not a test.

Usage: xvfb-run -a meson devenv -C BUILD /usr/bin/python3 $PWD/tests/bench/live.py [ROWS]

Printed are milliseconds of wall-clock time, and mebibytes of resident memory:

 - GTK's own part: from setting a model of 1,000 rows that are all there, in a Gio.ListStore, to the frame
   that shows the first ones, which GTK makes some 200 of; what ours takes beyond that is ours
 - first rows told: from setting the model to the model that has its first rows
 - first rows: to the frame that shows them
 - all rows: until the model has all of them
 - longest turn: the longest single turn of the main loop meanwhile, and the processor's time of the main
   thread in it, which others that work on the machine move less
 - sort, filter, search: from setting the property to the model that shows it
 - all others, every second: from before a commit that makes all rows, or every second one, others
 - a commit: a tree deleted and one appended, from before the write to the model that shows both, and the
   part of it that is the write
 - GtkSortListModel: the same rows in a Gio.ListStore of objects, sorted by GTK with a function in Python
   (comparing calls it for each pair), and with an expression by property, which only GtkBuilder makes here
"""

import gc
import os
import random
import resource
import shutil
import sys
import tempfile
import time

import gi

gi.require_version("Arbor", "1.0")
gi.require_version("Gtk", "4.0")
from gi.repository import Arbor, Gio, GLib, GObject, Gtk  # noqa: E402

SORTER = """<interface><object class="GtkStringSorter" id="sorter"><property name="expression">
  <lookup type="%s" name="text"/></property></object></interface>"""


def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2 ** 20


def report(what, seconds, more=""):
    print("%-34s %9.1f ms  %s" % (what, seconds * 1000, more), flush=True)


def turn_until(condition):
    """Iterates the main context; the longest turn: its time, and the processor's."""
    longest = (0, 0)
    context = GLib.MainContext.default()
    while not condition():
        while not context.pending():
            time.sleep(0.0005)
            if condition():
                return longest
        start, spent = time.perf_counter(), time.thread_time()
        context.iteration(False)
        longest = max(longest, (time.perf_counter() - start, time.thread_time() - spent))
    return longest


def say_turn(longest):
    return "longest turn %.1f ms (%.1f ms of the processor)" % tuple(each * 1000 for each in longest)


def settled(model):
    return lambda: model.get_pending() == 0


class Window:
    def __init__(self):
        self.is_shown = False
        self.n_bound = 0
        self.view = Gtk.ColumnView()
        for title in ("n", "text"):
            factory = Gtk.SignalListItemFactory()
            factory.connect("setup", lambda factory, item: item.set_child(Gtk.Label()))
            factory.connect("bind", self.bind, title)
            self.view.append_column(Gtk.ColumnViewColumn(title=title, factory=factory))
        self.window = Gtk.Window(default_width=600, default_height=400,
                                 child=Gtk.ScrolledWindow(child=self.view))
        self.window.present()
        turn_until(self.window.get_mapped)
        self.window.get_frame_clock().connect("after-paint", self.painted)

    def bind(self, factory, item, title):
        item.get_child().set_text(str(getattr(item.get_item().props, title)))
        self.n_bound += 1

    def painted(self, clock):
        self.is_shown = self.n_bound > 0

    def show(self, model):
        self.n_bound, self.is_shown = 0, False
        self.view.set_model(Gtk.NoSelection(model=model))


def measure(what, change, condition):
    start = time.perf_counter()
    change()
    longest = turn_until(condition)
    report(what, time.perf_counter() - start, say_turn(longest))


class Item(GObject.Object):
    __gtype_name__ = "BenchItem"
    n = GObject.Property(type=int)
    text = GObject.Property(type=str)


def bench_first(window, what, model):
    """From setting the model to the frame; when the model had its first rows."""
    told = []
    start = time.perf_counter()
    model.connect("items-changed", lambda *_: told.append(time.perf_counter() - start))
    window.show(model)
    longest = turn_until(lambda: window.is_shown)
    report(what, time.perf_counter() - start, say_turn(longest))
    return longest, told


def bench_ready():
    """In a window that has never shown rows, for which fonts are loaded, and in one more."""
    items = Gio.ListStore(item_type=Item)
    items.splice(0, 0, [Item(n=i, text="row %d" % i) for i in range(1000)])
    for what in ("GTK's own part, the first time", "GTK's own part"):
        window = Window()
        bench_first(window, what, items)
        window.window.destroy()


def bench_ours(store):
    window = Window()
    model = Arbor.ListModel(store, "rows")
    start = time.perf_counter()
    model.set_columns(["n", "text"])
    report("set_columns", time.perf_counter() - start)
    model = Arbor.ListModel(store, "rows", columns=["n", "text"])
    before = rss()
    start = time.perf_counter()
    first, told = bench_first(window, "first rows", model)
    report("first rows told", told[0])
    longest = turn_until(settled(model))
    report("all rows", time.perf_counter() - start, "%s, %d bound, %.0f MiB more"
           % (say_turn(max(first, longest)), window.n_bound, rss() - before))
    measure("sort by a text", lambda: model.set_sort("text"), settled(model))
    measure("reversed", lambda: model.set_reversed(True), settled(model))
    measure("filter (one of ten)", lambda: model.set_filter("n mod 10 == 3"), settled(model))
    model.set_filter(None)
    turn_until(settled(model))
    measure("search in all values", lambda: model.set_search("99 ROW"), settled(model))
    model.set_search(None)
    turn_until(settled(model))
    start = time.perf_counter()
    store.delete_where("rows", "n == 77")
    store.append("rows", [{"n": 77, "text": "row 77"}])
    write = time.perf_counter() - start
    longest = turn_until(settled(model))
    report("a commit", time.perf_counter() - start,
           "of which the writes %.1f ms, %s" % (write * 1000, say_turn(longest)))
    measure("all others", lambda: store.update_where("rows", "true", {"m": "1"}), settled(model))
    measure("every second", lambda: store.update_where("rows", "n mod 2 == 0", {"m": "2"}), settled(model))
    model.set_sort(None)
    model = Arbor.ListModel(store, "rows", columns=["n", "text"], sort="text")
    start = time.perf_counter()
    window.show(model)
    turn_until(lambda: window.is_shown)
    report("first rows of a sorted one", time.perf_counter() - start)
    turn_until(settled(model))
    report("all rows of a sorted one", time.perf_counter() - start)
    start = time.perf_counter()
    for row in model:
        pass
    report("an object for every row", time.perf_counter() - start, "which nobody should ask for")
    window.window.destroy()


def bench_gtk(n):
    items = Gio.ListStore(item_type=Item)
    order = list(range(n))
    random.Random(1).shuffle(order)
    start = time.perf_counter()
    items.splice(0, 0, [Item(text="row %d" % i) for i in order])
    report("%d objects" % n, time.perf_counter() - start)
    sorter = Gtk.Builder.new_from_string(SORTER % "BenchItem", -1).get_object("sorter")
    start = time.perf_counter()
    Gtk.SortListModel(model=items, sorter=sorter).get_item(0)
    report("GtkSortListModel by expression", time.perf_counter() - start)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    folder = tempfile.mkdtemp(prefix="arbor-live-")
    try:
        store = Arbor.Store.open(os.path.join(folder, "live.arbor"))
        order = list(range(n))
        random.Random(1).shuffle(order)
        store.put("rows", Arbor.read_jsonl("".join('{"n":%d,"text":"row %d"}\n' % (i, i)
                                                   for i in order)))
        del order
        # What is there is not looked at again by Python's collector, which takes frames of its own.
        gc.collect()
        gc.freeze()
        bench_ready()
        print("Arbor.ListModel, %d rows" % n)
        bench_ours(store)
        store.close()
        print("GTK")
        bench_gtk(n // 5)
    finally:
        shutil.rmtree(folder)


main()
