"""What a user sees of a main loop at 60 frames a second beside asynchronous calls: the latest frame beside an
import, a sort, groups, an export and 24 imports at once, and how long an unrelated file takes to read
meanwhile. Figures, not a test.

Usage: frames.py [--trees N] [--folder FOLDER]

    meson devenv -C build-release /usr/bin/python3 "$PWD/tests/bench/frames.py"

Wanted: no frame later than 50 ms, and the file at most 2 times what it takes alone.
"""

import argparse
import os
import shutil
import tempfile
import time

import gi

gi.require_version("Arbor", "1.0")

from gi.repository import Arbor, Gio, GLib  # noqa: E402

FRAME = 1 / 60


class Frames:
    """A timer of the main loop, and by how much it was late at most."""

    def __init__(self):
        self.latest = 0
        self.n = 0
        self.is_on = True
        self.due = time.monotonic() + FRAME

    def tick(self):
        now = time.monotonic()
        self.latest = max(self.latest, now - self.due)
        self.n += 1
        self.due = now + FRAME
        if self.is_on:
            GLib.timeout_add(int(FRAME * 1000), self.tick)
        return GLib.SOURCE_REMOVE


def read_files(path, times, is_on):
    """Reads a file over and over through GIO."""
    def begin():
        if not is_on[0]:
            return GLib.SOURCE_REMOVE
        start = time.monotonic()

        def ended(file, result):
            file.load_contents_finish(result)
            times.append(time.monotonic() - start)
            GLib.timeout_add(20, begin)
        Gio.File.new_for_path(path).load_contents_async(None, ended)
        return GLib.SOURCE_REMOVE
    begin()


def median(times):
    return sorted(times)[len(times) // 2] if times else float("nan")


def measure(name, calls, path, alone):
    """Makes calls, each a function that takes a callback, and waits for all."""
    frames, times, ended, is_on = Frames(), [], [], [True]
    frames.tick()
    read_files(path, times, is_on)
    start = time.monotonic()
    for call in calls:
        call(lambda source, result: ended.append(result))
    begun = time.monotonic() - start
    context = GLib.MainContext.default()
    while len(ended) < len(calls) or (not calls and time.monotonic() - start < 2):
        context.iteration(True)
    print("%-12s %6.2f s  begun in %5.1f ms  latest frame %5.1f ms of %4d  file %6.2f ms, %4.1f times alone"
          % (name, time.monotonic() - start, begun * 1e3, frames.latest * 1e3, frames.n,
             median(times) * 1e3, median(times) / alone if alone else 1), flush=True)
    frames.is_on = is_on[0] = False
    return median(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, default=2000000)
    parser.add_argument("--folder")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="arbor-frames-", dir=options.folder)
    try:
        lines = folder + "/lines.jsonl"
        with open(lines, "w") as file:
            for i in range(options.trees):
                file.write('{"id":%d,"group":"g%d","value":%d.25,"name":"a name of some letters %d",'
                           '"tags":["x","y"],"at":"2026-01-02T03:04:05Z"}\n'
                           % (i, i % 1000, i * 7919 % options.trees, i))
        other = folder + "/other"
        with open(other, "wb") as file:
            file.write(os.urandom(1 << 16))
        small = folder + "/small.jsonl"
        with open(lines) as source, open(small, "w") as file:
            for _, line in zip(range(max(options.trees // 24, 1)), source):
                file.write(line)
        print("%d trees, %d MB" % (options.trees, os.path.getsize(lines) >> 20))
        alone = measure("nothing", [], other, 0)
        store = Arbor.Store.open(folder + "/frames.arbor")
        measure("import", [lambda done: store.import_file_async("rows", lines, callback=done)], other, alone)
        rows = store["rows"]
        measure("sort", [lambda done: rows.sort_by("value").compute_async(callback=done)], other, alone)
        means = rows.group_by("group").aggregate(mean="mean(value)", names="n_unique(name)")
        measure("group", [lambda done: means.compute_async(callback=done)], other, alone)
        measure("export", [lambda done: rows.save_file_async(folder + "/out.jsonl", callback=done)], other,
                alone)
        measure("24 imports", [lambda done, i=i: store.import_file_async("n%d" % i, small, callback=done)
                               for i in range(24)], other, alone)
        store.close()
    finally:
        shutil.rmtree(folder)


main()
