"""Figures of a store, the signal `committed`, and watching other processes."""

import os
import subprocess
import sys
import threading
import unittest

from support import PEOPLE, StoreTestCase
from gi.repository import Arbor, GLib

FIGURES = ("file_bytes", "map_bytes", "page_size", "n_free_pages", "n_held_pages", "n_readers",
           "max_readers", "oldest_reader_age", "n_snapshots", "n_pinned", "n_dead_batches",
           "n_staged_batches", "n_mended_batches", "n_patch_batches", "n_dead_trees",
           "n_batches_written", "n_batches_skipped", "n_last_batches_written",
           "n_last_batches_skipped")

# Another process that writes.
WRITER = """
import sys
import gi
gi.require_version("Arbor", "1.0")
from gi.repository import Arbor
with Arbor.Store.open(sys.argv[1]) as store:
    store[sys.argv[2]] = [int(sys.argv[3])]
"""


def write_elsewhere(path, name, number):
    subprocess.run([sys.executable, "-c", WRITER, path, name, str(number)], check=True)


def figures(stats):
    return {name: getattr(stats, "get_" + name)() for name in FIGURES}


class Stats(StoreTestCase):
    def figures(self):
        return figures(self.store.get_stats())

    def written(self):
        found = self.figures()
        return [found[name] for name in FIGURES[-4:]]

    def test_file(self):
        found = self.figures()
        self.assertEqual(found["file_bytes"], os.path.getsize(self.path))
        self.assertEqual(found["file_bytes"] % found["page_size"], 0)
        self.assertGreaterEqual(found["map_bytes"], found["file_bytes"])
        self.assertLess(found["n_free_pages"], found["file_bytes"] // found["page_size"])
        self.assertEqual(found["n_dead_batches"], 0)
        self.assertEqual(found["n_staged_batches"], 0)
        self.assertEqual([found[name] for name in FIGURES[12:15]], [0, 0, 0])
        options = Arbor.StoreOptions(max_readers=37)
        with Arbor.Store.open(self.folder + "/new.arbor", options) as store:
            self.assertEqual(store.get_stats().get_max_readers(), 37)
            before = store.get_stats().get_file_bytes()
            store["a"] = ["x" * 100000]
            self.assertGreaterEqual(store.get_stats().get_file_bytes(), before + 100000)

    def test_written(self):
        self.assertEqual(self.written(), [1, 0, 1, 0])
        self.store["people"] = PEOPLE
        self.assertEqual(self.written(), [1, 1, 0, 1])
        self.store["other"] = [1]
        self.assertEqual(self.written(), [2, 1, 1, 0])
        del self.store["other"]
        self.assertEqual(self.written(), [2, 1, 0, 0])
        with Arbor.Store.open(self.path) as other:
            self.assertEqual(figures(other.get_stats())["n_batches_written"], 0)
            other["a"] = [1]
        self.assertEqual(self.written()[0], 2)

    def test_readers(self):
        before = self.figures()
        self.assertEqual((before["n_snapshots"], before["n_pinned"]), (1, 0))
        self.assertGreaterEqual(before["n_readers"], 1)
        iterator = iter(self.people)
        tree = next(iterator)
        for i in range(5):
            self.store["people"] = [i] * 1000
        found = self.figures()
        self.assertEqual((found["n_snapshots"], found["n_pinned"]), (2, 1))
        self.assertEqual(found["n_readers"], before["n_readers"] + 1)
        self.assertGreaterEqual(found["oldest_reader_age"], 5)
        self.assertGreater(found["n_held_pages"], 0)
        self.assertGreaterEqual(found["n_free_pages"], found["n_held_pages"])
        self.assertEqual(tree.to_python(), PEOPLE[0])
        del tree
        iterator.close()
        found = self.figures()
        self.assertEqual((found["n_snapshots"], found["n_pinned"]), (1, 0))
        self.assertEqual(found["n_readers"], before["n_readers"])
        self.assertEqual(found["oldest_reader_age"], 0)

    def test_staged(self):
        path = self.folder + "/large.jsonl"
        with open(path, "w", encoding="ascii") as file:
            for i in range(400):
                file.write('"%s"\n' % (("%06d" % i) * 10000))
        seen = []
        self.store.import_file(
            "large", path,
            progress=lambda *_: seen.append(self.store.get_stats().get_n_staged_batches()))
        self.assertGreater(max(seen), 0)
        self.assertEqual(self.store.get_stats().get_n_staged_batches(), 0)
        self.assertEqual(len(self.store["large"]), 400)

    def test_plain_value(self):
        stats = self.store.get_stats()
        before = figures(stats)
        copy = stats.copy()
        self.store["a"] = [1]
        self.store.close()
        self.assertEqual(figures(stats), before)
        del stats
        self.assertEqual(figures(copy), before)
        self.assert_closed(self.store.get_stats)


class Watch(StoreTestCase):
    """Waits in a main loop; the time-out is for what never comes."""

    def setUp(self):
        super().setUp()
        self.loop = GLib.MainLoop()
        self.events = []
        self.listen(self.store, "store")

    def listen(self, store, label):
        def on_committed(_):
            self.events.append((label, "committed"))
            self.loop.quit()

        def on_changed(_, name):
            self.events.append((label, name))
            self.loop.quit()
        store.connect("committed", on_committed)
        store.connect("changed", on_changed)

    def wait_for(self, *events):
        timer = GLib.timeout_add_seconds(120, self.loop.quit)
        while not all(event in self.events for event in events):
            self.loop.run()
            if GLib.MainContext.default().find_source_by_id(timer) is None:
                self.fail("waited in vain for %r, got %r" % (events, self.events))
        GLib.source_remove(timer)

    def open_witness(self):
        """Another store, to know that there was something to notice."""
        witness = Arbor.Store.open(self.path)
        self.addCleanup(witness.close)
        witness.props.watch = True
        self.listen(witness, "witness")
        return witness

    def test_other_process(self):
        self.assertFalse(self.store.props.watch)
        self.assertFalse(self.store.props.auto_refresh)
        self.store.props.watch = True
        self.assertTrue(self.store.props.watch)
        write_elsewhere(self.path, "new", 1)
        self.wait_for(("store", "committed"))
        self.assertNotIn("new", self.store)
        self.assertEqual(self.store.refresh(), ["new"])
        self.assertEqual(self.store["new"].to_python(), [1])
        self.events.clear()
        write_elsewhere(self.path, "new", 2)
        self.wait_for(("store", "committed"))
        self.assertEqual(self.store["new"].to_python(), [1])

    def test_auto_refresh(self):
        self.store.props.auto_refresh = True
        self.store.props.watch = True
        people = self.people
        write_elsewhere(self.path, "new", 1)
        self.wait_for(("store", "committed"), ("store", "new"))
        self.assertEqual(self.events, [("store", "committed"), ("store", "new")])
        self.assertEqual(self.store["new"].to_python(), [1])
        self.assertEqual(people.to_python(), PEOPLE)
        write_elsewhere(self.path, "people", 2)
        self.wait_for(("store", "people"))
        self.assertRaises(Arbor.StaleError, people.to_python)
        self.assertEqual(self.store["people"].to_python(), [2])

    def test_own_commits(self):
        self.open_witness()
        self.store.props.watch = True
        for i in range(3):
            self.store["own"] = [i]
        self.store.transact(lambda t: t.append("own", [7]))
        self.wait_for(("witness", "committed"))
        write_elsewhere(self.path, "new", 1)
        self.wait_for(("store", "committed"))
        self.assertEqual(self.events.count(("store", "committed")), 1)

    def notice_twice(self, witness):
        for i in range(2):
            self.events.clear()
            witness.refresh()
            write_elsewhere(self.path, "new", i)
            self.wait_for(("witness", "committed"))
        return [event for event in self.events if event[0] == "store"]

    def test_off(self):
        witness = self.open_witness()
        self.store.props.auto_refresh = True
        self.assertEqual(self.notice_twice(witness), [])
        self.assertNotIn("new", self.store)
        self.store.props.watch = True
        self.store.props.watch = False
        self.assertFalse(self.store.props.watch)
        self.assertEqual(self.notice_twice(witness), [])
        self.assertNotIn("new", self.store)

    def test_closed(self):
        witness = self.open_witness()
        self.store.props.watch = True
        self.store.close()
        self.assertFalse(self.store.props.watch)
        self.assertEqual(self.notice_twice(witness), [])
        self.store.props.watch = True
        self.assertFalse(self.store.props.watch)

    def test_close_in_handler(self):
        self.store.props.auto_refresh = True
        self.store.props.watch = True
        self.store.connect("committed", lambda store: store.close())
        write_elsewhere(self.path, "new", 1)
        self.wait_for(("store", "committed"))
        self.assertTrue(self.store.is_closed())
        self.assertEqual(self.events, [("store", "committed")])
        self.assertFalse(self.store.props.watch)

    def test_notify(self):
        seen = []
        for name in ("watch", "auto-refresh"):
            self.store.connect("notify::" + name, lambda store, pspec: seen.append(pspec.name))
        for value in (True, True, False, False):
            self.store.props.watch = value
        for value in (True, True, False):
            self.store.props.auto_refresh = value
        self.assertEqual(seen, ["watch", "watch", "auto-refresh", "auto-refresh"])
        unopened = Arbor.Store()
        unopened.props.watch = True
        self.assertFalse(unopened.props.watch)

    def test_dropped(self):
        """A store that is watched is not kept alive by it."""
        gone = []
        store = Arbor.Store.open(self.path)
        store.props.watch = True
        store.weak_ref(lambda: gone.append(True))
        del store
        self.assertEqual(gone, [True])

    def test_in_its_context(self):
        """Comes in the main context in which it was switched on."""
        context = GLib.MainContext.new()
        threads = []
        ready = threading.Event()

        def serve():
            context.push_thread_default()
            self.store.props.watch = True
            ready.set()
            while not threads:
                context.iteration(True)
            context.pop_thread_default()
        self.store.connect("committed", lambda _: threads.append(threading.get_ident()))
        thread = threading.Thread(target=serve)
        thread.start()
        ready.wait()
        write_elsewhere(self.path, "new", 1)
        thread.join()
        self.assertEqual(threads, [thread.ident])

    def test_fork(self):
        """In a child of a fork it reads as off, and nothing hangs."""
        self.store.props.watch = True
        child = os.fork()
        if child == 0:
            good = not self.store.props.watch
            self.store.props.watch = True
            good = good and not self.store.props.watch
            try:
                self.store.refresh()
                good = False
            except Arbor.WrongProcessError:
                pass
            os._exit(0 if good else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertTrue(self.store.props.watch)


if __name__ == "__main__":
    unittest.main()
